"""Sealed rooms: making one, changing who belongs to it, and saying something in it.

The server holds every commit and envelope against the rules that need no key, under the lock of the room, so
that all members find one order. Who may enter follows from the commits alone.
"""

from collections.abc import Mapping

from handlers import access
from handlers.cx1 import commits, envelopes, identity, membership
from handlers.cx1.commits import ADMIN, READER, Commit
from handlers.cx1.envelopes import SNAPSHOT, UPDATE, Envelope
from handlers.cx1.errors import Refused
from handlers.cx1.membership import Room
from handlers.dispatch import Context, handles
from handlers.judging import judged
from handlers.sealed_state import at, enter, entity_of, existing, keep, ledger, role_of
from persistence import identities, rooms, sealed, sealed_keys
from persistence.sealed import Head
from protocol.errors import ApiError, ErrorCode, limit_exceeded
from protocol.fields import MAX_ROOM_MEMBERS, MAX_SEALED_ROOMS
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import MembershipRemoved, MembershipUpdated, RoomKind
from protocol.sealed import (
    CommitPosted,
    EnvelopePosted,
    Item,
    ItemKind,
    Items,
    Posted,
    SealedCommit,
    SealedCreate,
    SealedGet,
    SealedItems,
    SealedPost,
    SealedRoom,
    SealedWhisper,
    SealedWhispered,
)
from protocol.wire import from_base64, to_base64


@handles(SealedCreate, WorkspaceRole.MEMBER)
async def create_sealed(ctx: Context, command: SealedCreate) -> SealedRoom:
    """Make a sealed room, with the two commits that begin it."""
    if await sealed.count_made(ctx.tx, ctx.actor.id) >= MAX_SEALED_ROOMS:
        raise limit_exceeded("sealed rooms made by one member", MAX_SEALED_ROOMS)
    raw = from_base64(command.genesis)
    with judged():
        genesis = commits.parse(raw)
        room = membership.found(genesis, await _chains(ctx, genesis))
    await _check_founder(ctx, genesis)
    await rooms.insert(ctx.tx, command.id, RoomKind.SEALED, now=ctx.now, created_by=ctx.actor.id)
    await ctx.lock(command.id)
    await sealed.insert(
        ctx.tx, command.id, room.ref, command.form, commit_hash=room.head, state=membership.dump(room)
    )
    await _stand(ctx, command.id, room.ref, raw, room, {})
    head = await existing(ctx, command.id)
    await _commit(ctx, command.id, head, room, command.commit, command.boxes)
    return _shown(command.id, await existing(ctx, command.id))


async def _check_founder(ctx: Context, genesis: Commit) -> None:
    """ApiError unless it is the actor's own identity that owns the room."""
    row = (await identities.by_fp(ctx.tx, [genesis.author_fp]))[genesis.author_fp]
    if row.member_id != ctx.actor.id:
        raise ApiError(
            ErrorCode.NOT_MEMBER, "The room's owner is another member; sign it with your own device."
        )


@handles(SealedGet, RoomRole.VIEWER)
async def get_sealed(ctx: Context, command: SealedGet) -> SealedRoom:
    """What the server knows of a sealed room."""
    head, _ = await enter(ctx, command.room)
    return _shown(command.room, head)


@handles(SealedItems, RoomRole.VIEWER)
async def list_items(ctx: Context, command: SealedItems) -> Items:
    """A stretch of a sealed room's timeline."""
    entrance, _ = await access.room(ctx, command.room, kinds=access.SEALED)
    found = await sealed.items(ctx.tx, command.room, command.after_seq, command.limit)
    before = await sealed.transcript(ctx.tx, command.room, command.after_seq)
    head = await existing(ctx, command.room)
    return Items(
        room=command.room,
        head=max(entrance.head_seq, found[-1].seq if found else 0),
        transcript=to_base64(before or head.room_ref),
        items=[
            Item(seq=each.seq, kind=each.kind, body=to_base64(each.body), at=each.at, actor=each.actor_id)
            for each in found
        ],
    )


@handles(SealedCommit, RoomRole.VIEWER)
async def commit_sealed(ctx: Context, command: SealedCommit) -> Posted:
    """Change who belongs to a room, by compare-and-swap on its last commit."""
    head, room = await enter(ctx, command.room)
    seq = await _commit(ctx, command.room, head, room, command.commit, command.boxes)
    return Posted(room=command.room, seq=seq)


async def _commit(ctx: Context, room_id: str, head: Head, room: Room, encoded: str, boxes: list[str]) -> int:
    """Let a commit stand next, with its boxes and what follows for who may enter; its seq."""
    raw, parts, seq = from_base64(encoded), [from_base64(box) for box in boxes], ctx.next_seq(room_id)
    with judged():
        commit = commits.parse(raw)
        chains = await _chains(ctx, commit)
        seen = await sealed.transcript(ctx.tx, room_id, min(commit.seen_seq, seq))
        after = membership.apply(room, commit, chains, seq, seen)
        membership.check_boxes(after, commit, parts)
    if len(after.members) + len(after.former) > MAX_ROOM_MEMBERS:
        raise limit_exceeded("members that a sealed room has, or has had", MAX_ROOM_MEMBERS)
    await _stand(ctx, room_id, head.transcript, raw, after, await _roles(ctx, room))
    if parts:
        devices = [device_id for _, device_id in after.recipients]
        await sealed_keys.put_boxes(ctx.tx, room_id, after.epoch, devices, parts)
    return seq


async def _chains(ctx: Context, commit: Commit) -> dict[bytes, identity.Identity]:
    """The chains that judging a commit takes."""
    rows = await identities.by_fp(ctx.tx, commit.mentioned)
    return {fp: identity.load(row.state) for fp, row in rows.items()}


async def _stand(
    ctx: Context, room_id: str, transcript: bytes, raw: bytes, after: Room, before: Mapping[str, RoomRole]
) -> None:
    """Keep a commit, and let those enter whom it lets in, and no others. `before` is who could until now."""
    seq, keys = ctx.next_seq(room_id), await _roles(ctx, after)
    removed = sorted(before.keys() - keys.keys())
    await sealed.add_commit(
        ctx.tx,
        room_id,
        seq,
        raw,
        transcript=envelopes.transcript(transcript, seq, after.head),
        actor_id=ctx.actor.id,
        now=ctx.now,
        cseq=after.cseq,
        epoch=after.epoch,
        commit_hash=after.head,
        state=membership.dump(keep(after)),
    )
    ctx.record(CommitPosted(commit=to_base64(raw), removed=removed), room=room_id)
    for member_id in removed:
        await rooms.remove_member(ctx.tx, room_id, member_id)
        ctx.record(MembershipRemoved(room_id=room_id), room=member_id)
    for member_id in sorted(member_id for member_id, role in keys.items() if before.get(member_id) != role):
        await rooms.put_member(ctx.tx, room_id, member_id, keys[member_id], ctx.now)
        for shown in await rooms.memberships(ctx.tx, member_id, room_id):
            ctx.record(MembershipUpdated(membership=shown), room=member_id)


async def _roles(ctx: Context, room: Room) -> dict[str, RoomRole]:
    """By member the role in which they may enter: the highest, if somebody is there by two identities."""
    found = await identities.by_fp(ctx.tx, room.members)
    roles: dict[str, int] = {}
    for fp, member in room.members.items():
        member_id = found[fp].member_id
        roles[member_id] = max(member.role, roles.get(member_id, READER))
    return {member_id: _room_role(role) for member_id, role in roles.items()}


def _room_role(role: int) -> RoomRole:
    if role >= ADMIN:
        return RoomRole.MANAGER
    return RoomRole.VIEWER if role == READER else RoomRole.EDITOR


@handles(SealedPost, RoomRole.VIEWER, group=lambda command: command.room)
async def post_sealed(ctx: Context, command: SealedPost) -> Posted:
    """Say something; the same bytes again are answered with where they stand already."""
    await access.room(ctx, command.room, kinds=access.SEALED)
    raw = from_base64(command.envelope)
    with judged():
        envelope = envelopes.parse(raw)
        seq = await _post(ctx, command, envelope, raw)
    return Posted(room=command.room, seq=seq)


async def _post(ctx: Context, command: SealedPost, envelope: Envelope, raw: bytes) -> int:
    room_id, seq = command.room, ctx.next_seq(command.room)
    standing = await ledger(ctx, room_id)
    if (earlier := standing.said.get(envelope.client_id)) is not None:
        return await _said(ctx, room_id, earlier, envelope)
    room, entity = await at(ctx, room_id, standing.commit_hash), entity_of(envelope)
    cursor, seen = standing.cursors[envelope.device_id], standing.transcripts.get(envelope.seen_seq)
    after = envelopes.admit(room, cursor, envelope, seq=seq, transcript_seen=seen)
    version = envelopes.version_after(envelope, standing.versions[entity]) if envelope.versioned else 0
    standing.take(seq, envelope, after, version)
    sealed.add_envelope(
        ctx.tx,
        room_id,
        seq,
        raw,
        transcript=standing.transcript,
        actor_id=ctx.actor.id,
        now=ctx.now,
        client_id=envelope.client_id,
        device_id=envelope.device_id,
        cursor=(after.epoch, after.ctr, after.prev),
        entity=(entity, version) if envelope.versioned else None,
        document_id=envelope.entity_id if envelope.kind in {UPDATE, SNAPSHOT} else None,
        snapshot=envelope.kind == SNAPSHOT,
    )
    ctx.record(EnvelopePosted(envelope=command.envelope, erases=command.erases), room=room_id)
    await _erase(ctx, room, room_id, command.erases)
    if envelope.kind == SNAPSHOT:
        for each in await sealed.superseded(ctx.tx, room_id, envelope.entity_id):
            await _reduce(ctx, room_id, each)
    return seq


async def _said(ctx: Context, room_id: str, seq: int, envelope: Envelope) -> int:
    """Where the same was said already; `Refused` if it was something else."""
    item = await sealed.item(ctx.tx, room_id, seq)
    # What was erased since is still known by its header, the hash of its content and its signature.
    if item is None or envelope.stub != _stub(item):
        raise envelopes.client_id_taken()
    return seq


def _stub(item: sealed.Item) -> bytes:
    return item.body if item.kind is ItemKind.STUB else envelopes.parse(item.body).stub


async def _erase(ctx: Context, room: Room, room_id: str, seqs: list[int]) -> None:
    """Keep only the stubs of envelopes: of own ones, or as an admin of anybody's."""
    if not seqs:
        return
    found = await sealed.envelopes(ctx.tx, room_id, seqs)
    if any(each.actor_id != ctx.actor.id for each in found) and (await role_of(ctx, room) or READER) < ADMIN:
        raise Refused("op_role", "Only admins erase what others have said.")
    for each in found:
        await _reduce(ctx, room_id, each)


async def _reduce(ctx: Context, room_id: str, item: sealed.Item) -> None:
    stub = _stub(item)
    await sealed.erase(ctx.tx, room_id, item.seq, stub)
    await ctx.rewrite(EnvelopePosted(envelope=to_base64(stub)), room=room_id, seq=item.seq)


@handles(SealedWhisper, RoomRole.VIEWER)
async def whisper(ctx: Context, command: SealedWhisper) -> None:
    """Pass on what nobody keeps. What is late or early is dropped, as it would be by those who get it."""
    _, room = await enter(ctx, command.room)
    with judged():
        envelope = envelopes.parse(from_base64(command.envelope))
        try:
            envelopes.admit_ephemeral(room, envelope, int(ctx.now.timestamp() * 1000), -1)
        except Refused as refusal:
            if refusal.code is None:
                return
            raise
    ctx.tell(SealedWhispered(room=command.room, envelope=command.envelope))


def _shown(room_id: str, head: Head) -> SealedRoom:
    return SealedRoom(
        id=room_id,
        room_ref=to_base64(head.room_ref),
        form=head.form,
        cseq=head.cseq,
        epoch=head.epoch,
        created_by=head.created_by,
        created_at=head.created_at,
    )
