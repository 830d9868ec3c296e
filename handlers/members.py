"""Members: who may know of whom, names, roles, and removal.

Invariants: an active owner remains; whoever is removed is out of every room, task, sign-in and token in the
same transaction. Addresses go only to admins and to whom they belong, and never into an event.
"""

from datetime import datetime

from msgspec import UNSET
from msgspec.structs import replace

from handlers import changes, endings
from handlers.dispatch import Context, handles
from persistence import agents, instances, members, pages, rooms, sessions, tasks, tokens, workspace
from protocol.agents import AgentUpdated
from protocol.errors import ApiError, ErrorCode, not_found, stale
from protocol.fields import Page
from protocol.members import (
    Member,
    MemberGet,
    MemberKind,
    MemberList,
    MemberRemove,
    MemberRemoved,
    MemberSetRole,
    MemberSort,
    MemberUpdate,
    MemberUpdated,
)
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import (
    MembershipRemoved,
    MembershipUpdated,
    ParticipantAdded,
    ParticipantRemoved,
)
from protocol.sessions import SessionRevoked


@handles(MemberGet, WorkspaceRole.GUEST)
async def get_member(ctx: Context, command: MemberGet) -> Member:
    """One member, removed ones included."""
    return await _shown(ctx, await _known(ctx, command.member_id))


@handles(MemberList, WorkspaceRole.GUEST)
async def list_members(ctx: Context, command: MemberList) -> Page[Member]:
    """A page of the members; for guests, of those they share a room with."""
    after = pages.read_cursor(command.cursor, datetime if command.sort is MemberSort.JOINED else str)
    rows = await members.page(
        ctx.tx,
        command,
        after,
        sharing_with=ctx.actor.id if ctx.actor.role is WorkspaceRole.GUEST else None,
        email=ctx.actor.role >= WorkspaceRole.ADMIN,
    )
    shown = [await _shown(ctx, row) if row.id == ctx.actor.id else row for row in rows]
    return pages.page(shown, command.limit, lambda row: (getattr(row, command.sort), row.id))


@handles(MemberUpdate, WorkspaceRole.GUEST)
async def update_member(ctx: Context, command: MemberUpdate) -> Member:
    """Rename oneself or, as an admin, anyone."""
    known = await _known(ctx, command.member_id)
    if known.kind is MemberKind.AGENT:
        raise ApiError(ErrorCode.FORBIDDEN, "Whoever answers for an agent renames it, with agent.update.")
    if known.id != ctx.actor.id and ctx.actor.role < WorkspaceRole.ADMIN:
        raise ApiError(ErrorCode.FORBIDDEN, "Only admins rename others.")
    workspace_id, member = await hold(ctx, known.id)
    if member.version != command.version:
        raise stale("member", await _shown(ctx, member))
    if command.name is not UNSET:
        member = await rename(ctx, workspace_id, member, command.name)
    return await _shown(ctx, member)


@handles(MemberSetRole, WorkspaceRole.ADMIN)
async def set_member_role(ctx: Context, command: MemberSetRole) -> Member:
    """Give a member another role, up to one's own."""
    workspace_id = (await workspace.current(ctx.tx)).id
    # Changes of roles wait for each other here, so that no two of them take the last owner away.
    await ctx.lock(workspace_id)
    member = await members.get(ctx.tx, command.member_id)
    if member is None or not member.active:
        raise not_found("member")
    if member.kind is MemberKind.AGENT:
        raise ApiError(
            ErrorCode.FORBIDDEN, "An agent is let into projects one by one, with project.set_member."
        )
    _check_rank(ctx, member, command.role)
    if member.role is not command.role:
        await _check_owner_remains(ctx, member)
        member = await members.update(ctx.tx, member.id, name=member.name, role=command.role)
        ctx.record(MemberUpdated(member=member), room=workspace_id, entity=member.id)
    return await _shown(ctx, member)


@handles(MemberRemove, WorkspaceRole.ADMIN)
async def remove_member(ctx: Context, command: MemberRemove) -> Member:
    """Shut a member out for good; what it wrote stays, under its name."""
    workspace_id, member = await hold(ctx, command.member_id)
    _check_rank(ctx, member, member.role)
    await _check_owner_remains(ctx, member)
    return await _shown(ctx, await shut_out(ctx, workspace_id, member))


async def hold(ctx: Context, member_id: str) -> tuple[str, Member]:
    """The workspace's id and an active member; both and all rooms that it is in, is assigned to tasks in or,
    as an agent, has runs in are locked until commit.
    """
    workspace_id = (await workspace.current(ctx.tx)).id
    elsewhere = await tasks.assigned_in(ctx.tx, member_id) + await agents.at_work_in(ctx.tx, member_id)
    await ctx.lock(workspace_id, *await rooms.entered(ctx.tx, member_id), *elsewhere)
    # Rooms before the member, as everybody who writes in a room does.
    member = await members.lock(ctx.tx, member_id)
    if member is None:
        raise not_found("member")
    await ctx.lock(member_id, *await rooms.entered(ctx.tx, member_id))
    return workspace_id, member


async def rename(ctx: Context, workspace_id: str, member: Member, name: str) -> Member:
    """Give a member that is held another name, and tell everybody who sees it."""
    if name == member.name:
        return member
    renamed = await members.update(ctx.tx, member.id, name=name, role=member.role)
    ctx.record(MemberUpdated(member=renamed), room=workspace_id, entity=renamed.id)
    for room_id in await rooms.entered(ctx.tx, member.id):
        # The name stands among each room's participants too.
        participant = await rooms.get_participant(ctx.tx, room_id, member.id)
        assert participant is not None
        ctx.record(ParticipantAdded(participant=participant), room=room_id)
    return renamed


async def shut_out(ctx: Context, workspace_id: str, member: Member) -> Member:
    """Take a member that is held out of everything, for good."""
    await end_tokens(ctx, member.id)
    for session_id in await sessions.revoke_all(ctx.tx, member.id):
        ctx.record(SessionRevoked(session_id=session_id), room=member.id)
    for room_id in await rooms.entered(ctx.tx, member.id):
        await _leave(ctx, room_id, member.id)
    for project_id in await tasks.assigned_in(ctx.tx, member.id):
        await changes.unassign(ctx, project_id, member.id)
    removed = await members.deactivate(ctx.tx, member.id)
    ctx.record(MemberRemoved(member_id=removed.id, member=removed), room=workspace_id, entity=removed.id)
    if member.kind is MemberKind.AGENT:
        await _retire(ctx, workspace_id, member.id)
    else:
        await _hand_over_agents(ctx, workspace_id, member.id)
    return removed


async def end_tokens(ctx: Context, member_id: str) -> None:
    """End all programs' tokens of a member, with the connections that use them."""
    for token_id in await tokens.revoke_all(ctx.tx, member_id):
        ctx.record(SessionRevoked(session_id=token_id), room=member_id)


async def _retire(ctx: Context, workspace_id: str, agent_id: str) -> None:
    """End what an agent has at work, and its processes."""
    for project_id in await agents.at_work_in(ctx.tx, agent_id):
        await endings.withdraw(ctx, project_id, agent_id)
    await instances.forget_all(ctx.tx, agent_id)
    agent = await agents.lock(ctx.tx, agent_id)
    if agent is not None:
        retired = await agents.save(ctx.tx, replace(agent, retired=True), ctx.now)
        ctx.record(AgentUpdated(agent=retired), room=workspace_id, entity=agent_id)


async def _hand_over_agents(ctx: Context, workspace_id: str, member_id: str) -> None:
    """Have who removes a person answer for its agents, which go on; or an owner, where it goes by itself."""
    heir = ctx.actor.id if ctx.actor.id != member_id else await members.first_owner(ctx.tx)
    assert heir is not None
    for agent in await agents.owned_by(ctx.tx, member_id):
        given = await agents.save(ctx.tx, replace(agent, owner_id=heir), ctx.now)
        ctx.record(AgentUpdated(agent=given), room=workspace_id, entity=agent.id)


async def _leave(ctx: Context, room_id: str, member_id: str) -> None:
    await rooms.remove_member(ctx.tx, room_id, member_id)
    ctx.record(ParticipantRemoved(member_id=member_id), room=room_id)
    ctx.record(MembershipRemoved(room_id=room_id), room=member_id)
    heir = await rooms.heir(ctx.tx, room_id)
    if heir is None:
        return
    # Nobody outside a private channel could appoint its next manager.
    participant = await rooms.put_member(ctx.tx, room_id, heir, RoomRole.MANAGER, ctx.now)
    ctx.record(ParticipantAdded(participant=participant), room=room_id)
    (membership,) = await rooms.memberships(ctx.tx, heir, room_id)
    ctx.record(MembershipUpdated(membership=membership), room=heir)


async def _known(ctx: Context, member_id: str) -> Member:
    """A member whom the actor may know of; ApiError `not_found`."""
    member = await members.get(ctx.tx, member_id)
    if member is None:
        raise not_found("member")
    if ctx.actor.role is not WorkspaceRole.GUEST or await members.share_room(ctx.tx, ctx.actor.id, member_id):
        return member
    # An agent knows who answers for it.
    if member_id not in await members.known(ctx.tx, ctx.actor, {member_id}):
        raise not_found("member")
    return member


async def _shown(ctx: Context, member: Member) -> Member:
    """A member as the actor sees it: with the address, if that may be."""
    if member.id != ctx.actor.id and ctx.actor.role < WorkspaceRole.ADMIN:
        return member
    with_email = await members.get(ctx.tx, member.id, email=True)
    assert with_email is not None
    return replace(member, email=with_email.email)


def _check_rank(ctx: Context, member: Member, role: WorkspaceRole) -> None:
    if max(member.role, role) > ctx.actor.role:
        raise ApiError(
            ErrorCode.FORBIDDEN, f"This takes the role of an {max(member.role, role)}; yours is lower."
        )


async def _check_owner_remains(ctx: Context, member: Member) -> None:
    """ApiError `conflict` if this active member is the last owner."""
    if member.role is WorkspaceRole.OWNER and await members.count_owners(ctx.tx) == 1:
        raise ApiError(ErrorCode.CONFLICT, "This is the last owner; make another member owner first.")
