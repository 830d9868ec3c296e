"""The sealed rooms of a device: one engine each, for as long as the member is in it and the client runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from ymera_client.crypto.wire import to_text
from ymera_client.errors import E2eeRoom, Evicted, Internal, NotFound, YmeraError
from ymera_client.generated import Identity, LoggedEvent, Want
from ymera_client.room import LiveRoom
from ymera_client.sealed.directory import Alarm
from ymera_client.sealed.ground import Ground
from ymera_client.sealed.local import holder_of, is_private, names_things, place_of
from ymera_client.sealed.records import Intent
from ymera_client.sealed.room import SealedRoom
from ymera_client.sealed.view import Whisper

log = logging.getLogger(__name__)

MAX_HEARD = 1_000
"""Identities that are said to have grown and were not asked for yet; what is beyond is found out later."""


class Followed(Protocol):
    """The client's rooms, of which the sealed ones are some."""

    def open(self, room_id: str) -> LiveRoom:
        """A handle on a room, which is followed from now on."""

    def show(self, room_id: str, events: Sequence[LoggedEvent]) -> None:
        """Events of a sealed room were made out."""

    def fail_room(self, room_id: str, error: YmeraError) -> None:
        """A room is lost."""


class SealedRooms:
    """Runs the engines of the rooms that the member is in.

    `ground` is None without keys; then it is only known which rooms are sealed, so that nothing is sent to
    them.
    """

    def __init__(
        self,
        ground: Ground | None,
        followed: Callable[[], Followed],
        *,
        changed: Callable[[], None],
        alarmed: Callable[[Alarm], None],
        rejected: Callable[[Intent, YmeraError], None],
        whispered: Callable[[Whisper], None],
        put_out: Callable[[], Awaitable[None]],
    ) -> None:
        self._ground = ground
        self._followed = followed
        self._changed = changed
        self._alarmed = alarmed
        self._rejected = rejected
        self._whispered = whispered
        self._put_out = put_out
        self._rooms: dict[str, SealedRoom] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ids: set[str] = set()
        """Rooms that are known to be sealed."""
        self._entered: set[str] = set()
        """Those that the inbox has the member in."""
        self._lost: dict[str, YmeraError] = {}
        self._left: dict[str, SealedRoom] = {}
        """Those that ended, for what they held: nothing said about it may go to the server in plain."""
        self.seen = False
        """Whether the inbox has said which rooms are sealed."""
        self._heard: dict[str, Identity] = {}
        self._hearing: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._why: E2eeRoom | None = None

    def __iter__(self) -> Iterator[SealedRoom]:
        return iter(list(self._rooms.values()))

    def get(self, room_id: str) -> SealedRoom | None:
        """The engine of a room, None if it does not run."""
        return self._rooms.get(room_id)

    def the(self, room_id: str) -> SealedRoom:
        """The engine of a room. E2eeRoom if it does not run here."""
        room = self._rooms.get(room_id)
        if room is None:
            why = self._why or self._lost.get(room_id)
            raise why or NotFound(f"Room {room_id} is no encrypted room of yours.")
        return room

    def remember(self, stored: Iterable[str]) -> None:
        """These are sealed, whether this device can read them or not."""
        self._ids.update(stored)

    def begin(self, stored: Iterable[str]) -> None:
        """This device is in its identity: run the rooms that are stored, and all that are known of."""
        self._why = None
        self._ready.set()
        for room_id in {*stored, *self._ids}:
            self._start(room_id)

    def refuse(self, why: E2eeRoom) -> None:
        """This device cannot read sealed rooms; whoever wants one gets `why`."""
        self._why = why
        self._ready.clear()
        for room in self:
            self._end(room, why)

    def see(self, memberships: Mapping[str, Mapping[str, Any]]) -> None:
        """Which rooms the member is in, by the inbox."""
        first, self.seen = not self.seen, True
        seen = {room_id for room_id, each in memberships.items() if each["kind"] == "sealed"}
        left, self._entered = self._entered - seen, seen
        self._ids |= seen
        for room_id in seen:
            if self._ready.is_set():
                self._start(room_id)
        for room_id in left:
            if (room := self._rooms.get(room_id)) is not None:
                self._end(room, Evicted(f"You are not in room {room_id} any more.", data={"room": room_id}))
        if first:
            self._changed()

    def source(self, room_id: str) -> SealedRoom | None:
        """The engine of a room that is followed, if it is known to be sealed."""
        return self._rooms.get(room_id)

    def found(self, room_id: str) -> SealedRoom:
        """A room that is followed turned out to be sealed. E2eeRoom if this device cannot read it."""
        self._ids.add(room_id)
        if self._why is not None:
            raise self._why.with_traceback(None)
        if self._ground is None:
            raise no_keys(room_id)
        return self._start(room_id)

    def room_for(self, name: str, payload: Mapping[str, Any]) -> SealedRoom | None:
        """The sealed room that a command is about; E2eeRoom if this device cannot read it, None if it is
        open.
        """
        if not is_private(name):
            return None
        place = place_of(payload)
        if place is None:
            holder = holder_of(payload, [*self._rooms.values(), *self._left.values()])
            if holder is None:
                return None
            place = holder.id
        if place in self._ids and place not in self._rooms:
            raise (self._why or self._lost.get(place) or no_keys(place)).with_traceback(None)
        return self._rooms.get(place)

    async def decide(self, payload: Mapping[str, Any]) -> None:
        """Wait until it can be said whether what a command names is in a sealed room.

        Nothing said about it may go to the server before that.
        """
        if place_of(payload) is None and names_things(payload):
            for room in self:
                with suppress(YmeraError):
                    await room.ready()

    def resume(self) -> None:
        """There is a connection again: things may have come that nobody told of."""
        for room in self:
            room.secrets.refresh()
            room.fall_behind()

    def granted(self, room_id: str, device_id: str) -> None:
        """A box for a device has come."""
        room = self._rooms.get(room_id)
        if room is not None and device_id == to_text(room.ground.keychain.author.device_id):
            room.secrets.granted()

    def wanted(self, room_id: str, want: Want) -> None:
        """A device asks for a secret."""
        if (room := self._rooms.get(room_id)) is not None:
            room.secrets.wanted(want)

    def answered(self, room_id: str) -> None:
        """Somebody has answered an invitation."""
        if (room := self._rooms.get(room_id)) is not None:
            room.expect_answers()

    def whispered(self, room_id: str, envelope: str) -> None:
        """Something was said in passing, or is said to have been."""
        room = self._rooms.get(room_id)
        if room is not None and (heard := room.whispers.hear(envelope)) is not None:
            self._whispered(heard)

    def extended(self, identity: Identity) -> None:
        """The chain of somebody who is known reaches further: fetch it, and have the rooms act on it."""
        if self._ground is None or not self._ground.directory.concerns(identity):
            return
        if len(self._heard) < MAX_HEARD:
            self._heard[identity.fp] = identity
        if self._hearing is None or self._hearing.done():
            self._hearing = asyncio.create_task(self._hear(), name="ymera-identities")

    def named(self) -> set[bytes] | None:
        """The identities that belong to a room, or did; None before all rooms were taken up."""
        followed = {**self._left, **self._rooms}
        if not self.seen or self._entered - followed.keys() or not all(room.taken_up for room in self):
            return None
        rooms = [each.standing.timeline.room for each in followed.values() if each.standing is not None]
        return {fp for room in rooms for fp in (*room.members, *room.former)}

    def wake(self) -> None:
        """Something that concerns all rooms has changed, such as an identity."""
        for room in self:
            room.wake()

    async def close(self, error: YmeraError) -> None:
        """End all engines."""
        tasks = [*self._tasks.values(), *([self._hearing] if self._hearing is not None else [])]
        for room in self:
            room.lose(error)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def show(self, room: SealedRoom, events: Sequence[LoggedEvent]) -> None:
        """An engine has made out events, or something else that can be seen has changed."""
        self._followed().show(room.id, events)
        self._changed()

    def told(self, room: SealedRoom, surprise: str) -> None:
        """An engine found something that a person has to know."""
        fp = room.ground.keychain.author.fp
        known = room.ground.directory.about(fp)
        member_id = "" if known is None else known.member_id
        self._alarmed(Alarm(member_id, to_text(fp), "device_copied", f"Room {room.id}: {surprise}"))

    def rejected(self, room: SealedRoom, intent: Intent, error: YmeraError) -> None:
        """A command was refused that nobody waits for."""
        log.warning("%s was refused in room %s (%s).", intent.name, room.id, error.code)
        self._rejected(intent, error)

    async def _hear(self) -> None:
        assert self._ground is not None
        while self._heard:
            _, identity = self._heard.popitem()
            try:
                await self._ground.directory.hear(identity)
            except YmeraError as error:
                log.warning("The identity of member %s is not taken: %s", identity.id, error)
            if self._ready.is_set() and not self._ground.keychain.active:
                await self._put_out()
            self.wake()

    def _start(self, room_id: str) -> SealedRoom:
        self._ids.add(room_id)
        room = self._rooms.get(room_id)
        if room is None:
            assert self._ground is not None
            self._lost.pop(room_id, None)
            self._left.pop(room_id, None)
            room = self._rooms[room_id] = SealedRoom(room_id, self._ground, self)
            task = asyncio.create_task(self._run(room), name=f"ymera-sealed-{room_id}")
            self._tasks[room_id] = task
            task.add_done_callback(lambda done: self._tasks.pop(room_id, None))  # noqa: ARG005 - of the API
        return room

    async def _run(self, room: SealedRoom) -> None:
        try:
            await self._ready.wait()
            await room.open()
            handle = self._followed().open(room.id)
            try:
                await room.run()
            finally:
                await handle.close()
        except YmeraError as error:
            room.lose(error)
        except Exception as error:
            log.exception("Room %s has failed.", room.id)
            # What an error holds may have been said in the room.
            room.lose(Internal(f"Room {room.id} has failed: {type(error).__name__}.", retryable=False))
        if room.lost is not None:
            self._end(room, room.lost)

    def _end(self, room: SealedRoom, error: YmeraError) -> None:
        room.lose(error)
        if self._rooms.get(room.id) is room:
            self._left[room.id] = self._rooms.pop(room.id)
            self._lost[room.id] = error
            self._followed().fail_room(room.id, error)
            self._changed()


def no_keys(room_id: str) -> E2eeRoom:
    """Without keys a sealed room is closed."""
    return E2eeRoom(
        f"Room {room_id} is encrypted. Give the client a store of keys: Client(…, keys=KeyStore(…)). "
        "Nothing was sent.",
        data={"room": room_id},
    )
