"""Invitations: who may give away what, and that each link lets in one person, once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from handlers import accounts, invitations, snapshots
from persistence.database import clock
from persistence.ids import new_id, secret_hash
from protocol.errors import ApiError, ErrorCode
from protocol.members import Member
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import RoomKind
from tests.fold import fold, unfolded
from tests.world import World


async def accept(world: World, secret: str, email: str = "new@example.org") -> Member:
    """Make an account with an invitation's secret, as registration does."""
    async with world.pool.acquire() as tx, tx.transaction():
        member, events = await accounts.join(
            tx, secret, name="New", email=email, password_hash="hash", now=await clock(tx)
        )
    world.published += events
    return member


async def refused(world: World, secret: str, email: str = "new@example.org") -> None:
    with pytest.raises(ApiError) as refusal:
        await accept(world, secret, email)
    assert refusal.value.code is ErrorCode.FORBIDDEN


async def expire(world: World, invitation_id: str) -> None:
    async with world.pool.acquire() as tx:
        await tx.execute("UPDATE invitations SET expires_at = created_at WHERE id = $1", invitation_id)


async def open_ids(world: World, who: Member, **wanted: Any) -> list[str]:
    return [each["id"] for each in (await world.run(who, "invitation.list", **wanted))["items"]]


@pytest.fixture
async def project(world: World) -> str:
    """A project that alice manages and bob edits."""
    made = await world.run(world.alice, "project.create", name="Apollo")
    await world.run(world.alice, "project.set_member", project_id=made["id"], member_id=world.bob.id)
    world.published.clear()
    return str(made["id"])


async def test_an_admins_link_makes_a_member(world: World) -> None:
    made = await world.run(world.admin, "invitation.create")
    invitation = made["invitation"]
    assert (invitation["role"], invitation["created_by"]) == ("member", world.admin.id)
    assert made["link"].endswith(f"/invite#{made['secret']}")
    lasts = datetime.fromisoformat(invitation["expires_at"]) - datetime.fromisoformat(
        invitation["created_at"]
    )
    assert lasts == timedelta(hours=72)
    member = await accept(world, made["secret"])
    assert (member.role, member.active) == (WorkspaceRole.MEMBER, True)
    assert world.types(world.workspace_id) == ["member.added"]
    used = await world.run(world.admin, "invitation.get", invitation_id=invitation["id"])
    assert (used["used_by"], used["version"]) == (member.id, 2)


async def test_the_secret_is_kept_nowhere(world: World) -> None:
    command_id = new_id()
    made = await world.run(world.admin, "invitation.create", command_id=command_id)
    async with world.pool.acquire() as tx:
        for table in ("invitations", "commands", "events"):
            rows = await tx.fetch(f"SELECT row_to_json(t)::text AS row FROM {table} t")
            assert not any(made["secret"] in row["row"] for row in rows)
    await world.refused(ErrorCode.CONFLICT, world.admin, "invitation.create", command_id=command_id)


async def test_of_many_who_use_one_link_one_gets_in(world: World) -> None:
    made = await world.run(world.admin, "invitation.create")
    outcomes = await asyncio.gather(
        *(accept(world, made["secret"], f"new{n}@example.org") for n in range(4)), return_exceptions=True
    )
    assert sum(isinstance(each, Member) for each in outcomes) == 1
    assert all(isinstance(each, Member | ApiError) for each in outcomes)


async def test_an_expired_or_withdrawn_link_lets_nobody_in(world: World) -> None:
    expired = await world.run(world.admin, "invitation.create")
    await expire(world, expired["invitation"]["id"])
    withdrawn = await world.run(world.admin, "invitation.create")
    await world.run(world.admin, "invitation.remove", invitation_id=withdrawn["invitation"]["id"])
    for secret in (expired["secret"], withdrawn["secret"], "ymi_invented"):
        await refused(world, secret)
    assert await open_ids(world, world.admin, open=True) == []
    assert await open_ids(world, world.admin) == [expired["invitation"]["id"]]
    await world.refused(
        ErrorCode.NOT_FOUND, world.admin, "invitation.get", invitation_id=withdrawn["invitation"]["id"]
    )


async def test_a_link_for_one_address_is_for_that_address(world: World) -> None:
    made = await world.run(world.admin, "invitation.create", email="new@example.org")
    await refused(world, made["secret"], "other@example.org")
    assert (await accept(world, made["secret"], "New@Example.org")).name == "New"


async def test_roles_are_given_up_to_ones_own(world: World) -> None:
    await world.refused(ErrorCode.FORBIDDEN, world.admin, "invitation.create", role="owner")
    await world.refused(ErrorCode.FORBIDDEN, world.alice, "invitation.create", role="guest")
    made = await world.run(world.owner, "invitation.create", role="owner")
    assert (await accept(world, made["secret"])).role is WorkspaceRole.OWNER


async def test_an_invitation_falls_with_its_maker(world: World) -> None:
    from_demoted = await world.run(world.owner, "invitation.create", role="admin")
    from_removed = await world.run(world.admin, "invitation.create")
    await world.run(world.owner, "member.set_role", member_id=world.alice.id, role="owner")
    await world.run(world.alice, "member.set_role", member_id=world.owner.id, role="member")
    await world.run(world.alice, "member.remove", member_id=world.admin.id)
    for made in (from_demoted, from_removed):
        await refused(world, made["secret"])


async def test_project_managers_invite_guests_into_it(world: World, project: str) -> None:
    made = await world.run(
        world.alice, "invitation.create", role="guest", project_id=project, project_role="viewer"
    )
    before = await state(world, project)
    member = await accept(world, made["secret"])
    assert member.role is WorkspaceRole.GUEST
    events = [msgspec.to_builtins(event) for event in world.published if event.room == project]
    assert [event["type"] for event in events] == ["participant.added"]
    assert events[0]["data"]["participant"]["role"] == "viewer"
    assert fold(before, events) == await state(world, project)
    # Of its own inbox, and of the project.
    assert world.types(member.id) == ["membership.updated"] * 2
    assert (await world.run(member, "project.get", project_id=project))["id"] == project


async def test_nobody_else_invites_into_a_project(world: World, project: str) -> None:
    asked = {"role": "guest", "project_id": project}
    await world.refused(ErrorCode.FORBIDDEN, world.bob, "invitation.create", **asked)
    await world.refused(ErrorCode.NOT_FOUND, world.guest, "invitation.create", **asked)
    await world.refused(
        ErrorCode.FORBIDDEN, world.alice, "invitation.create", role="member", project_id=project
    )
    await world.refused(ErrorCode.NOT_FOUND, world.admin, "invitation.create", project_id=new_id())


async def test_a_project_that_is_gone_makes_no_difference(world: World, project: str) -> None:
    made = await world.run(world.admin, "invitation.create", project_id=project)
    assert made["invitation"]["project_role"] == "editor"
    await world.run(world.alice, "project.delete", project_id=project)
    world.published.clear()
    member = await accept(world, made["secret"])
    assert member.role is WorkspaceRole.MEMBER
    assert world.types(project) == []
    await world.refused(ErrorCode.NOT_FOUND, world.admin, "invitation.create", project_id=project)


async def test_a_role_in_a_project_takes_a_project(world: World) -> None:
    error = await world.refused(
        ErrorCode.INVALID, world.admin, "invitation.create", project_role=RoomRole.VIEWER
    )
    assert error.data["path"] == "project_role"


async def test_a_members_address_is_not_invited_again(world: World) -> None:
    await world.refused(ErrorCode.CONFLICT, world.admin, "invitation.create", email="Bob@example.org")


async def test_a_taken_address_does_not_use_up_the_link(world: World) -> None:
    made = await world.run(world.admin, "invitation.create")
    with pytest.raises(asyncpg.UniqueViolationError, match="members_email_key"):
        await accept(world, made["secret"], "bob@example.org")
    assert (await accept(world, made["secret"])).active


async def test_admins_see_all_and_others_their_own(world: World, project: str) -> None:
    of_alice = await world.run(world.alice, "invitation.create", role="guest", project_id=project)
    of_admin = await world.run(world.admin, "invitation.create")
    both = [of_admin["invitation"]["id"], of_alice["invitation"]["id"]]
    assert await open_ids(world, world.owner) == both
    assert await open_ids(world, world.alice) == both[1:]
    first = await world.run(world.owner, "invitation.list", limit=1)
    assert await open_ids(world, world.owner, cursor=first["next"]) == both[1:]
    for command in ("invitation.get", "invitation.remove"):
        await world.refused(ErrorCode.NOT_FOUND, world.alice, command, invitation_id=both[0])
    await accept(world, of_admin["secret"])
    assert await open_ids(world, world.owner, open=True) == both[1:]
    assert await open_ids(world, world.owner, open=False) == both[:1]


async def test_an_unused_one_can_be_changed(world: World) -> None:
    made = await world.run(world.admin, "invitation.create")
    invitation_id = made["invitation"]["id"]
    changed = await world.run(
        world.admin, "invitation.update", invitation_id=invitation_id, version=1, role="guest"
    )
    assert (changed["role"], changed["version"]) == ("guest", 2)
    same = await world.run(
        world.admin, "invitation.update", invitation_id=invitation_id, version=2, role="guest"
    )
    assert same == changed
    error = await world.refused(
        ErrorCode.CONFLICT, world.admin, "invitation.update", invitation_id=invitation_id, version=1
    )
    assert error.data["current"].version == 2
    await world.refused(
        ErrorCode.FORBIDDEN,
        world.admin,
        "invitation.update",
        invitation_id=invitation_id,
        version=2,
        role="owner",
    )
    assert (await accept(world, made["secret"])).role is WorkspaceRole.GUEST
    for command, more in (("invitation.update", {"version": 3}), ("invitation.remove", {})):
        await world.refused(ErrorCode.CONFLICT, world.admin, command, invitation_id=invitation_id, **more)


async def test_its_end_can_be_moved_within_bounds(world: World) -> None:
    made = await world.run(world.admin, "invitation.create", expires_in_hours=1)
    invitation_id = made["invitation"]["id"]
    await expire(world, invitation_id)
    await refused(world, made["secret"])
    now = datetime.now(UTC)
    for wrong in (now - timedelta(minutes=1), now + timedelta(days=31), datetime(2030, 1, 1)):  # noqa: DTZ001
        error = await world.refused(
            ErrorCode.INVALID,
            world.admin,
            "invitation.update",
            invitation_id=invitation_id,
            version=1,
            expires_at=wrong.isoformat(),
        )
        assert error.data["path"] == "expires_at"
    later = (now + timedelta(days=2)).isoformat()
    await world.run(
        world.admin, "invitation.update", invitation_id=invitation_id, version=1, expires_at=later
    )
    assert (await accept(world, made["secret"])).active


async def test_there_is_a_bound_on_open_ones(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MAX_INVITATIONS", 1)
    await world.run(world.admin, "invitation.create")
    error = await world.refused(ErrorCode.LIMIT_EXCEEDED, world.admin, "invitation.create")
    assert error.data["limit"] == 1


async def test_the_set_up_secret_makes_the_first_account_only(world: World) -> None:
    async with world.pool.acquire() as tx, tx.transaction():
        assert await accounts.open_set_up(tx) is None
        await tx.execute("UPDATE workspace SET setup_hash = $1", secret_hash("yms_old"))
    await refused(world, "yms_old")


async def test_of_many_who_use_the_set_up_link_one_becomes_owner(world: World) -> None:
    async with world.pool.acquire() as tx, tx.transaction():
        await tx.execute("UPDATE members SET active = false")
        first = await accounts.open_set_up(tx)
        second = await accounts.open_set_up(tx)
    assert first is not None
    assert second is not None
    await refused(world, first)
    outcomes = await asyncio.gather(
        *(accept(world, second, f"new{n}@example.org") for n in range(4)), return_exceptions=True
    )
    (owner,) = [each for each in outcomes if isinstance(each, Member)]
    assert owner.role is WorkspaceRole.OWNER


async def state(world: World, room: str) -> dict[str, dict[str, Any]]:
    async with world.pool.acquire() as tx:
        return unfolded(await snapshots.snapshot(tx, room, RoomKind.PROJECT))
