"""Invitations to sealed rooms: whoever has the link says so, and a member's device checks it and adds them.

The server sees neither the link's secret nor whether a proof is right. It keeps who has answered, and for how
long and how often that is possible.
"""

from datetime import timedelta

from handlers import access
from handlers.cx1.commits import ADMIN, MEMBER, MEMBERS_ADD
from handlers.cx1.membership import Room
from handlers.dispatch import Context, handles
from handlers.sealed_state import enter, role_of
from persistence import identities, sealed_invites
from persistence.ids import new_id
from persistence.sealed_invites import Invite, Request
from protocol.errors import ApiError, ErrorCode, invalid, limit_exceeded, not_found
from protocol.fields import MAX_SEALED_INVITES
from protocol.roles import RoomRole, WorkspaceRole
from protocol.sealed import (
    JoinRequest,
    SealedInvite,
    SealedInviteAnswer,
    SealedInviteAnswered,
    SealedInviteClose,
    SealedInviteCreate,
    SealedInviteDismiss,
    SealedInviteGet,
    SealedInviteRequests,
)
from protocol.wire import from_base64, to_base64

MAX_REQUESTS = 200


@handles(SealedInviteCreate, RoomRole.VIEWER)
async def create_invite(ctx: Context, command: SealedInviteCreate) -> SealedInvite:
    """Let somebody be added by a link."""
    head, room = await enter(ctx, command.room)
    await _check_may_add(ctx, room)
    if await sealed_invites.count(ctx.tx, command.room) >= MAX_SEALED_INVITES:
        raise limit_exceeded("open invitations to a room", MAX_SEALED_INVITES)
    invite = Invite(
        id=command.id,
        room_id=command.room,
        room_ref=head.room_ref,
        form=head.form,
        created_by=ctx.actor.id,
        created_at=ctx.now,
        expires_at=ctx.now + timedelta(hours=command.hours),
        uses=command.uses,
    )
    await sealed_invites.insert(ctx.tx, invite)
    return _shown(invite)


@handles(SealedInviteGet, WorkspaceRole.GUEST)
async def get_invite(ctx: Context, command: SealedInviteGet) -> SealedInvite:
    """An invitation, to whoever knows its id."""
    return _shown(await _open(ctx, command.id))


@handles(SealedInviteAnswer, WorkspaceRole.GUEST)
async def answer_invite(ctx: Context, command: SealedInviteAnswer) -> JoinRequest:
    """Ask to be added, as the identity that the proof is made for."""
    invite = await _open(ctx, command.invite_id)
    fp = from_base64(command.fp)
    if fp not in {row.fp for row in await identities.of_members(ctx.tx, [ctx.actor.id])}:
        raise invalid("fp: this is not your identity; publish it first.", "fp")
    request = Request(
        id=new_id(),
        invite_id=invite.id,
        member_id=ctx.actor.id,
        fp=fp,
        proof=from_base64(command.proof),
        at=ctx.now,
    )
    kept = await sealed_invites.answer(ctx.tx, request)
    if kept is None:
        raise not_found("invitation")
    shown = _asked(kept)
    ctx.tell(SealedInviteAnswered(room=invite.room_id, request=shown))
    return shown


@handles(SealedInviteRequests, RoomRole.VIEWER)
async def list_requests(ctx: Context, command: SealedInviteRequests) -> list[JoinRequest]:
    """Who waits to be added to a room."""
    await access.room(ctx, command.room, kinds=access.SEALED)
    return [_asked(each) for each in await sealed_invites.requests(ctx.tx, command.room, MAX_REQUESTS)]


@handles(SealedInviteClose, RoomRole.VIEWER)
async def close_invite(ctx: Context, command: SealedInviteClose) -> None:
    """Withdraw an invitation."""
    invite = await sealed_invites.get(ctx.tx, command.id, ended=True)
    if invite is None:
        raise not_found("invitation")
    _, room = await enter(ctx, invite.room_id, noun="invitation")
    if invite.created_by != ctx.actor.id and (await role_of(ctx, room) or 0) < ADMIN:
        raise ApiError(ErrorCode.ROLE, "Only its maker and the room's admins withdraw an invitation.")
    await sealed_invites.close(ctx.tx, command.id)


@handles(SealedInviteDismiss, RoomRole.VIEWER)
async def dismiss_request(ctx: Context, command: SealedInviteDismiss) -> None:
    """Take a request off the list."""
    room_id = await sealed_invites.room_of(ctx.tx, command.id)
    if room_id is None:
        raise not_found("request")
    _, room = await enter(ctx, room_id, noun="request")
    await _check_may_add(ctx, room)
    await sealed_invites.dismiss(ctx.tx, command.id)


async def _open(ctx: Context, invite_id: str) -> Invite:
    invite = await sealed_invites.get(ctx.tx, invite_id)
    if invite is None:
        raise not_found("invitation")
    return invite


async def _check_may_add(ctx: Context, room: Room) -> None:
    needed = MEMBER if room.policy.who_add == MEMBERS_ADD else ADMIN
    if (await role_of(ctx, room) or 0) < needed:
        raise ApiError(ErrorCode.ROLE, "The room's policy lets only admins add members.")


def _shown(invite: Invite) -> SealedInvite:
    return SealedInvite(
        id=invite.id,
        room=invite.room_id,
        room_ref=to_base64(invite.room_ref),
        form=invite.form,
        created_by=invite.created_by,
        created_at=invite.created_at,
        expires_at=invite.expires_at,
        uses=invite.uses,
    )


def _asked(request: Request) -> JoinRequest:
    return JoinRequest(
        id=request.id,
        invite_id=request.invite_id,
        member_id=request.member_id,
        fp=to_base64(request.fp),
        proof=to_base64(request.proof),
        at=request.at,
    )
