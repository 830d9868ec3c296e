"""Members: who sees whom, who may rename, promote and remove, and that the removed are out of everything."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from handlers import snapshots
from persistence import sessions, tokens
from persistence.database import clock
from persistence.ids import new_id, secret_hash
from protocol.errors import ApiError, ErrorCode
from protocol.members import Member
from protocol.registry import Scope
from protocol.rooms import RoomKind
from tests.fold import fold, unfolded
from tests.world import World


@pytest.fixture
async def channel(world: World) -> str:
    """A public channel of alice, bob and the guest."""
    made = await world.run(world.alice, "room.create", name="talk", members=[world.bob.id, world.guest.id])
    world.published.clear()
    return str(made["id"])


async def sign_in(world: World, member: Member) -> tuple[str, str]:
    """A sign-in and a program's token of a member, by id."""
    session_id, token_id = new_id(), new_id()
    async with world.pool.acquire() as tx:
        now = await clock(tx)
        later = now + timedelta(days=1)
        await sessions.insert(
            tx,
            session_id,
            member.id,
            secret_hash(session_id),
            address="::1",
            user_agent="",
            now=now,
            expires_at=later,
        )
        await tokens.insert(
            tx,
            token_id,
            member.id,
            name="script",
            scope=Scope.READ,
            digest=secret_hash(token_id),
            hint="ymt_",
            now=now,
            expires_at=later,
        )
    return session_id, token_id


async def ids(world: World, who: Member, **wanted: Any) -> list[str]:
    return [each["id"] for each in (await world.run(who, "member.list", **wanted))["items"]]


async def test_members_are_listed_by_name_in_pages(world: World) -> None:
    first = await world.run(world.alice, "member.list", limit=3)
    assert [each["name"] for each in first["items"]] == ["Admin", "Alice", "Bob"]
    rest = await world.run(world.alice, "member.list", limit=3, cursor=first["next"])
    assert [each["name"] for each in rest["items"]] == ["Guest", "Owner"]
    assert rest["next"] is None


async def test_the_list_can_be_sorted_and_filtered(world: World) -> None:
    joined = [world.owner.id, world.admin.id, world.alice.id, world.bob.id, world.guest.id]
    assert await ids(world, world.bob, sort="created_at") == joined
    backwards = await world.run(world.bob, "member.list", sort="created_at", descending=True, limit=2)
    assert [each["id"] for each in backwards["items"]] == joined[:-3:-1]
    following = await ids(
        world, world.bob, sort="created_at", descending=True, cursor=backwards["next"], limit=1
    )
    assert following == [world.alice.id]
    assert await ids(world, world.bob, query="LI") == [world.alice.id]
    assert await ids(world, world.bob, query="%") == []
    assert await ids(world, world.bob, role="member") == [world.alice.id, world.bob.id]
    assert await ids(world, world.bob, kind="agent") == []


async def test_a_cursor_of_another_list_is_refused(world: World) -> None:
    first = await world.run(world.alice, "member.list", limit=1)
    error = await world.refused(
        ErrorCode.INVALID, world.alice, "member.list", sort="created_at", cursor=first["next"]
    )
    assert error.data["path"] == "cursor"


async def test_addresses_are_for_admins_and_whom_they_belong_to(world: World) -> None:
    seen = await world.run(world.alice, "member.list")
    assert {each["id"]: each["email"] for each in seen["items"] if each["email"]} == {
        world.alice.id: "alice@example.org"
    }
    assert all(each["email"] for each in (await world.run(world.admin, "member.list"))["items"])
    assert (await world.run(world.alice, "member.get", member_id=world.bob.id))["email"] is None
    for who in (world.bob, world.admin):
        found = await world.run(who, "member.get", member_id=world.bob.id)
        assert found["email"] == "bob@example.org"


async def test_guests_know_those_they_share_a_room_with(world: World) -> None:
    assert await ids(world, world.guest) == [world.guest.id]
    await world.refused(ErrorCode.NOT_FOUND, world.guest, "member.get", member_id=world.alice.id)
    assert (await world.run(world.guest, "member.get", member_id=world.guest.id))["name"] == "Guest"


async def test_a_room_makes_guests_known_to_its_members(world: World, channel: str) -> None:
    assert await ids(world, world.guest) == [world.alice.id, world.bob.id, world.guest.id]
    assert (await world.run(world.guest, "member.get", member_id=world.alice.id))["name"] == "Alice"
    await world.refused(ErrorCode.NOT_FOUND, world.guest, "member.get", member_id=world.owner.id)


async def test_nobody_is_found_by_an_invented_id(world: World, fresh_id: str) -> None:
    for command in ("member.get", "member.remove"):
        await world.refused(ErrorCode.NOT_FOUND, world.owner, command, member_id=fresh_id)
    await world.refused(ErrorCode.NOT_FOUND, world.owner, "member.update", member_id=fresh_id, version=1)
    await world.refused(ErrorCode.NOT_FOUND, world.owner, "member.set_role", member_id=fresh_id, role="guest")


@pytest.mark.parametrize("who", ["alice", "admin"])
async def test_a_new_name_shows_in_the_workspace_and_in_every_room(
    world: World, channel: str, who: str
) -> None:
    before = {room: await state(world, room) for room in (channel, world.workspace_id)}
    renamed = await world.run(
        getattr(world, who), "member.update", member_id=world.alice.id, version=1, name="Alicia"
    )
    assert (renamed["name"], renamed["version"]) == ("Alicia", 2)
    assert renamed["email"] == "alice@example.org"
    assert world.types(world.workspace_id) == ["member.updated"]
    assert world.types(channel) == ["participant.added"]
    assert all(event.data["member"]["email"] is None for event in of(world, "member.updated"))
    await folds_to_snapshots(world, before)


async def test_a_name_that_stays_is_no_change(world: World) -> None:
    renaming: dict[str, Any] = {"member_id": world.alice.id, "version": 1}
    for payload in (renaming, renaming | {"name": "Alice"}):
        same: dict[str, Any] = await world.run(world.alice, "member.update", **payload)
        assert same["version"] == 1
    assert world.published == []


async def test_a_name_changed_meanwhile_is_not_overwritten(world: World) -> None:
    outcomes = await asyncio.gather(
        world.run(world.alice, "member.update", member_id=world.alice.id, version=1, name="Ally"),
        world.run(world.admin, "member.update", member_id=world.alice.id, version=1, name="Alicia"),
        return_exceptions=True,
    )
    (refusal,) = [each for each in outcomes if isinstance(each, ApiError)]
    assert refusal.code is ErrorCode.CONFLICT
    assert refusal.data["current"].version == 2


async def test_others_are_renamed_by_admins_only(world: World) -> None:
    await world.refused(
        ErrorCode.FORBIDDEN, world.bob, "member.update", member_id=world.alice.id, version=1, name="X"
    )
    await world.refused(
        ErrorCode.NOT_FOUND, world.guest, "member.update", member_id=world.alice.id, version=1, name="X"
    )


async def test_whoever_is_renamed_while_being_added_has_the_new_name(world: World) -> None:
    made = await world.run(world.alice, "room.create", name="talk")
    before = {made["id"]: await state(world, made["id"])}
    world.published.clear()
    await asyncio.gather(
        world.run(world.alice, "room.add_member", room=made["id"], member_id=world.bob.id),
        world.run(world.bob, "member.update", member_id=world.bob.id, version=1, name="Robert"),
    )
    await folds_to_snapshots(world, before)


async def test_roles_go_up_to_ones_own(world: World) -> None:
    promoted = await world.run(world.admin, "member.set_role", member_id=world.alice.id, role="admin")
    assert (promoted["role"], promoted["version"]) == ("admin", 2)
    assert world.types(world.workspace_id) == ["member.updated"]
    await world.refused(
        ErrorCode.FORBIDDEN, world.admin, "member.set_role", member_id=world.bob.id, role="owner"
    )
    await world.refused(
        ErrorCode.FORBIDDEN, world.admin, "member.set_role", member_id=world.owner.id, role="guest"
    )
    await world.refused(
        ErrorCode.FORBIDDEN, world.bob, "member.set_role", member_id=world.guest.id, role="guest"
    )


async def test_a_role_that_stays_is_no_change(world: World) -> None:
    same = await world.run(world.admin, "member.set_role", member_id=world.alice.id, role="member")
    assert same["version"] == 1
    assert world.published == []


async def test_the_last_owner_stays(world: World) -> None:
    for command, more in (("member.set_role", {"role": "admin"}), ("member.remove", {})):
        await world.refused(ErrorCode.CONFLICT, world.owner, command, member_id=world.owner.id, **more)
    await world.run(world.owner, "member.set_role", member_id=world.alice.id, role="owner")
    demoted = await world.run(world.owner, "member.set_role", member_id=world.owner.id, role="admin")
    assert demoted["role"] == "admin"


async def test_two_owners_cannot_demote_each_other(world: World) -> None:
    await world.run(world.owner, "member.set_role", member_id=world.alice.id, role="owner")
    outcomes = await asyncio.gather(
        world.run(world.owner, "member.set_role", member_id=world.alice.id, role="guest"),
        world.run(world.alice, "member.remove", member_id=world.owner.id),
        return_exceptions=True,
    )
    assert sum(isinstance(each, ApiError) for each in outcomes) == 1
    assert len(await ids(world, world.admin, role="owner")) == 1


async def test_the_removed_are_out_of_everything(world: World, channel: str) -> None:
    project = await world.run(world.alice, "project.create", name="Apollo")
    session_id, token_id = await sign_in(world, world.alice)
    rooms = (channel, project["id"], world.workspace_id, world.alice.id)
    before = {room: await state(world, room) for room in rooms}
    world.published.clear()

    removed = await world.run(world.admin, "member.remove", member_id=world.alice.id)

    assert (removed["active"], removed["name"], removed["version"]) == (False, "Alice", 2)
    ended = {event.data["session_id"] for event in of(world, "session.revoked")}
    assert ended == {session_id, token_id}
    assert {event.data["room_id"] for event in of(world, "membership.removed")} == {channel, project["id"]}
    assert world.types(world.workspace_id) == ["member.removed"]
    assert "participant.removed" in world.types(channel)
    await folds_to_snapshots(world, before)

    assert await sessions.holder(world.pool, session_id, b"") is None
    assert await tokens.present(world.pool, secret_hash(token_id)) is None
    await world.refused(ErrorCode.UNAUTHENTICATED, world.alice, "workspace.get")
    assert world.alice.id not in await ids(world, world.bob)
    known = await world.run(world.bob, "member.get", member_id=world.alice.id)
    assert (known["name"], known["active"]) == ("Alice", False)
    await world.refused(ErrorCode.NOT_FOUND, world.admin, "member.remove", member_id=world.alice.id)
    await world.refused(
        ErrorCode.NOT_FOUND, world.bob, "room.add_member", room=channel, member_id=world.alice.id
    )


async def test_a_channel_left_without_manager_gets_the_one_there_longest(world: World) -> None:
    made = await world.run(world.alice, "room.create", name="aside", private=True)
    for member in (world.guest, world.bob):
        await world.run(world.alice, "room.add_member", room=made["id"], member_id=member.id)
    before = {made["id"]: await state(world, made["id"])}
    world.published.clear()
    await world.run(world.admin, "member.remove", member_id=world.alice.id)
    await folds_to_snapshots(world, before)
    (promoted,) = [event.data["participant"] for event in of(world, "participant.added")]
    assert (promoted["id"], promoted["role"]) == (world.guest.id, "manager")
    assert world.types(world.guest.id) == ["membership.updated"]


async def test_removal_goes_up_to_ones_own_role(world: World) -> None:
    for who, whom in ((world.alice, world.bob), (world.guest, world.bob), (world.admin, world.owner)):
        await world.refused(ErrorCode.FORBIDDEN, who, "member.remove", member_id=whom.id)
    assert world.published == []


async def test_whoever_is_removed_while_being_added_is_not_in_the_room(world: World) -> None:
    made = await world.run(world.alice, "room.create", name="talk")
    before = {made["id"]: await state(world, made["id"])}
    world.published.clear()
    await asyncio.gather(
        world.run(world.alice, "room.add_member", room=made["id"], member_id=world.bob.id),
        world.run(world.admin, "member.remove", member_id=world.bob.id),
        return_exceptions=True,
    )
    after = await state(world, made["id"])
    assert world.bob.id not in after["participants"]
    await folds_to_snapshots(world, before)


async def test_an_address_is_free_again_after_removal(world: World) -> None:
    await world.run(world.admin, "member.remove", member_id=world.bob.id)
    async with world.pool.acquire() as tx:
        taken = await tx.fetchval("SELECT count(*) FROM members WHERE email = 'bob@example.org' AND active")
    assert taken == 0


def of(world: World, event_type: str) -> list[Any]:
    return [event for event in world.published if event.type == event_type]


async def state(world: World, room: str) -> dict[str, dict[str, Any]]:
    """A fresh snapshot of a room, as a client would keep it."""
    async with world.pool.acquire() as tx:
        kind = await tx.fetchval("SELECT kind FROM rooms WHERE id = $1", room)
        return unfolded(await snapshots.snapshot(tx, room, RoomKind(kind)))


async def folds_to_snapshots(world: World, before: dict[str, dict[str, dict[str, Any]]]) -> None:
    """What was published leads from each state before to what a fresh snapshot shows."""
    for room, start in before.items():
        events = [msgspec.to_builtins(event) for event in world.published if event.room == room]
        assert fold(start, events) == await state(world, room)
