"""The workspace: everyone reads it, admins change it."""

import asyncio

import pytest

from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode
from tests.world import World


@pytest.mark.parametrize("who", ["owner", "alice", "guest"])
async def test_everyone_reads_it_with_their_own_address(world: World, who: str) -> None:
    me = getattr(world, who)
    view = await world.run(me, "workspace.get")
    assert view["id"] == view["workspace"]["id"] == world.workspace_id
    assert view["workspace"]["name"] == "Test"
    assert (view["me"]["id"], view["me"]["email"]) == (me.id, f"{who}@example.org")
    assert world.published == []


async def test_admins_rename_and_describe_it(world: World) -> None:
    renamed = await world.run(world.admin, "workspace.update", version=1, name="Ymera")
    assert (renamed["version"], renamed["name"], renamed["description"]) == (2, "Ymera", "")
    described = await world.run(world.owner, "workspace.update", version=2, description="All of us")
    assert (described["version"], described["name"], described["description"]) == (3, "Ymera", "All of us")
    assert [event.data for event in world.published] == [{"workspace": renamed}, {"workspace": described}]
    assert world.types(world.workspace_id) == ["workspace.updated"] * 2


async def test_what_is_the_same_already_is_no_change(world: World) -> None:
    same = await world.run(world.admin, "workspace.update", version=1, name="Test")
    assert same["version"] == 1
    assert world.published == []


async def test_others_may_not(world: World) -> None:
    for member in (world.alice, world.guest):
        await world.refused(ErrorCode.FORBIDDEN, member, "workspace.update", version=1, name="Mine")
    assert (await world.run(world.alice, "workspace.get"))["workspace"]["version"] == 1


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "x" * 101])
async def test_names_are_bounded(world: World, name: str) -> None:
    error = await world.refused(ErrorCode.INVALID, world.admin, "workspace.update", version=1, name=name)
    assert error.data["path"] == "name"


async def test_of_two_who_change_one_version_one_is_told_of_the_other(world: World) -> None:
    outcomes = await asyncio.gather(
        world.run(world.admin, "workspace.update", version=1, name="One"),
        world.run(world.owner, "workspace.update", version=1, name="Two"),
        return_exceptions=True,
    )
    (refusal,) = [each for each in outcomes if isinstance(each, ApiError)]
    assert refusal.code is ErrorCode.CONFLICT
    assert refusal.data["current"].version == 2
    assert len(world.published) == 1


async def test_sent_again_it_is_answered_alike(world: World) -> None:
    command_id = new_id()
    replies = [
        await world.run(world.admin, "workspace.update", version=1, name="Ymera", command_id=command_id)
        for _ in range(2)
    ]
    assert replies[0] == replies[1]
    assert len(world.published) == 1
