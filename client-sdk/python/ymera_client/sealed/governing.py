"""Changing who belongs to a sealed room: commits, made on the newest state, and anew where others were
faster.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from nacl.utils import random

from ymera_client.crypto.authoring import Fresh, due, needs_epoch, ungranted, write_next
from ymera_client.crypto.commits import Access, Add, DevUp, Leave, Op
from ymera_client.crypto.membership import Room
from ymera_client.crypto.primitives import KEY, NONCE
from ymera_client.crypto.wire import to_text
from ymera_client.errors import BadTranscript, CommitConflict, EpochStale, NotMember, RotationRequired
from ymera_client.generated import ItemKind, SealedCommit
from ymera_client.sealed.clock import now_ms
from ymera_client.sealed.ledger import RawItem

if TYPE_CHECKING:
    from ymera_client.sealed.room import SealedRoom

TRIES = 8
"""How often a commit is made anew where another was faster."""
FASTER = (CommitConflict, EpochStale, RotationRequired, BadTranscript)


class Governing:
    """Makes the commits of a room. Runs only in the room's own turn."""

    def __init__(self, room: "SealedRoom") -> None:
        self._room = room

    async def commit(self, wish: Callable[[Room], Sequence[Op]]) -> None:
        """Have what `wish` makes of the room's newest state committed; nothing, if it makes nothing of it."""
        for attempt in range(TRIES):
            await self._room.catch_up()
            ops = tuple(wish(self._room.settled.timeline.room))
            if not ops:
                return
            if not any(isinstance(op, Leave) for op in ops):
                ops = (*self._device_ops(ops), *ops)
            try:
                await self._post(ops)
            except FASTER:
                if attempt == TRIES - 1:
                    raise
                self._room.fall_behind()
            else:
                return

    async def prepare(self) -> None:
        """Commit what has to be before anything is said: devices that have come or gone, a new epoch."""
        await self.commit(self._due)

    async def tend(self) -> None:
        """Have the room know the own devices as they are; the others' follow before something is said."""
        keychain, standing = self._room.ground.keychain, self._room.standing
        own = keychain.author.fp
        if standing is not None and keychain.active and own in standing.timeline.room.members:
            await self.commit(
                lambda room: [op for op in self._devices(room) if op.fp == own] if own in room.members else []
            )

    async def _post(self, ops: Sequence[Op]) -> None:
        room, standing = self._room, self._room.settled
        ground, timeline = room.ground, standing.timeline
        author, histories = ground.keychain.author, ground.directory.histories
        if author.fp not in timeline.room.members:
            raise NotMember("You are not in this room.", data={"fault": "commit_author"})
        fresh = None
        if needs_epoch(timeline.room, author.fp, ops, histories):
            fresh = Fresh(random(KEY), random(NONCE), random(KEY))
        written = write_next(
            timeline.room,
            author,
            ops,
            histories,
            seen=timeline.seen,
            ms=now_ms(),
            fresh=fresh,
            previous=standing.keys.secrets().get(timeline.room.epoch),
        )
        posted = await ground.courier(
            SealedCommit(
                room=room.id, commit=to_text(written.raw), boxes=[to_text(box) for box in written.boxes]
            )
        )
        await self._own(posted.seq, written.raw, None if fresh is None else fresh.secret)
        for target in ungranted(room.settled.timeline.room) if fresh is None else ():
            await room.secrets.grant(target)
        policy = room.settled.timeline.room.policy
        if policy.history is Access.FROM_JOIN and any(isinstance(op, Add) for op in ops):
            await room.outgoing.hand_over()

    async def _own(self, seq: int, raw: bytes, secret: bytes | None) -> None:
        """Apply one's own commit where the server has put it."""
        room = self._room
        if seq != room.progress.applied + 1 or await room.take([RawItem(seq, ItemKind.COMMIT, raw)]):
            room.fall_behind()
            await room.catch_up()
        elif secret is not None:
            await room.secrets.hold({room.settled.timeline.room.epoch: secret})

    def _due(self, room: Room) -> Sequence[Op]:
        standing = self._room.settled
        age = max(0, now_ms() - standing.epoch_ms) // 1000
        histories = self._room.ground.directory.histories
        return due(room, histories, envelopes=standing.said, age_secs=age)

    def _devices(self, room: Room) -> list[DevUp]:
        histories = self._room.ground.directory.histories
        return [op for op in due(room, histories, envelopes=0, age_secs=0) if isinstance(op, DevUp)]

    def _device_ops(self, ops: Sequence[Op]) -> list[DevUp]:
        """What others' devices need beside these ops."""
        named = {op.fp for op in ops if isinstance(op, DevUp)}
        room = self._room.settled.timeline.room
        return [op for op in self._devices(room) if op.fp not in named]
