"""The state that a sealed room's commits have led to, which each node keeps for the rooms that it works with.

A state is named by the hash of the last commit, so one that is kept can never be of another room or moment.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from handlers import access
from handlers.cx1 import envelopes, membership
from handlers.cx1.envelopes import NO_ENTITY, Cursor, Envelope
from handlers.cx1.errors import Refused
from handlers.cx1.membership import Room
from handlers.dispatch import Context
from persistence import identities, sealed
from persistence.sealed import Asked, Head
from protocol.errors import not_found
from protocol.sealed import SealedPost
from protocol.wire import from_base64

KEPT = 500
"""Rooms whose states are kept in memory."""


@dataclass(slots=True)
class Ledger:
    """What the envelopes of a transaction are held against in a locked room; each that is taken is noted."""

    commit_hash: bytes
    transcript: bytes
    transcripts: dict[int, bytes | None]
    """At the seqs that the envelopes name; None where nothing stands."""
    said: dict[bytes, int]
    """Seqs by client_id, of what stands already."""
    versions: dict[bytes, int]
    cursors: dict[bytes, Cursor]

    def take(self, seq: int, envelope: Envelope, cursor: Cursor, version: int) -> None:
        """Note the envelope at `seq`, and how its device and what it is about stand after it."""
        self.transcript = envelopes.transcript(self.transcript, seq, envelope.event_hash)
        self.transcripts[seq] = self.transcript
        self.said[envelope.client_id] = seq
        self.cursors[envelope.device_id] = cursor
        if envelope.versioned:
            self.versions[envelope.entity_id] = version


_kept: OrderedDict[bytes, Room] = OrderedDict()


async def enter(ctx: Context, room_id: str, noun: str = "room") -> tuple[Head, Room]:
    """A sealed room that one is in, with its state; `noun` is what is not found where one is not."""
    await access.room(ctx, room_id, kinds=access.SEALED, noun=noun)
    head = await existing(ctx, room_id)
    return head, await at(ctx, room_id, head.commit_hash)


async def existing(ctx: Context, room_id: str) -> Head:
    """Where a room stands that there is."""
    head = await sealed.get(ctx.tx, room_id)
    if head is None:
        raise not_found("room")
    return head


async def at(ctx: Context, room_id: str, commit_hash: bytes) -> Room:
    """The state of a room whose last commit has this hash."""
    found = _kept.get(commit_hash)
    if found is None:
        found = membership.load(await sealed.state(ctx.tx, room_id))
    return keep(found)


async def ledger(ctx: Context, room_id: str) -> Ledger:
    """What the envelope at hand is held against, in a room that is locked.

    What all commands of the transaction will ask is asked at once.
    """
    return await ctx.shared.once(("ledger", room_id), partial(_ledger, ctx, room_id))


async def _ledger(ctx: Context, room_id: str) -> Ledger:
    next_seq = ctx.next_seq(room_id)
    asked = [
        Asked(each.device_id, each.client_id, min(each.seen_seq, next_seq), entity_of(each))
        for each in _coming(ctx, room_id)
    ]
    found = await sealed.standings(ctx.tx, room_id, asked)
    both = list(zip(asked, found, strict=True))
    return Ledger(
        commit_hash=found[0].commit_hash,
        transcript=found[0].transcript,
        transcripts={each.seen_seq: standing.seen for each, standing in both},
        said={each.client_id: standing.earlier for each, standing in both if standing.earlier is not None},
        versions={each.entity_id: standing.version for each, standing in both},
        cursors={
            each.device_id: Cursor(standing.epoch, standing.ctr, standing.prev) for each, standing in both
        },
    )


def _coming(ctx: Context, room_id: str) -> Iterator[Envelope]:
    """The envelopes that the transaction's commands have for a room; what is none is refused in its turn."""
    for command in ctx.shared.commands:
        if isinstance(command, SealedPost) and command.room == room_id:
            with suppress(Refused):
                yield envelopes.parse(from_base64(command.envelope))


def entity_of(envelope: Envelope) -> bytes:
    """The entity whose version an envelope changes, or `NO_ENTITY`."""
    return envelope.entity_id if envelope.versioned else NO_ENTITY


def keep(room: Room) -> Room:
    """Keep a state in memory, for as long as others are not asked for more often."""
    _kept[room.head] = room
    _kept.move_to_end(room.head)
    if len(_kept) > KEPT:
        _kept.popitem(last=False)
    return room


async def role_of(ctx: Context, room: Room) -> int | None:
    """The role that the actor has by the room's commits; None if it is in it by no identity."""
    found = await identities.by_fp(ctx.tx, room.members)
    roles = [room.members[fp].role for fp, row in found.items() if row.member_id == ctx.actor.id]
    return max(roles, default=None)
