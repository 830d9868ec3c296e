"""One sealed room on this device: follows its log, verifies it, and is the one place where it changes.

All that changes a room runs in one task, in turn, so nothing is ever sealed or committed on a state that is
half applied. What an honest server would not have shown is fetched once more; if it stays, the room halts,
and nothing is applied or sent until somebody says `retry`.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing, suppress
from typing import Any, Protocol, TypeVar
from uuid import UUID

from ymera_client.backoff import full_jitter
from ymera_client.crypto.commits import parse_commit
from ymera_client.crypto.errors import Cx1Error
from ymera_client.errors import Evicted, NotFound, Unavailable, YmeraError
from ymera_client.fold import State
from ymera_client.generated import (
    Form,
    ItemKind,
    LoggedEvent,
    SealedGet,
)
from ymera_client.outbox import retry_after
from ymera_client.sealed import halting, invites
from ymera_client.sealed.arrivals import item_of, items_of
from ymera_client.sealed.cabinet import Transaction
from ymera_client.sealed.clock import now_ms
from ymera_client.sealed.faults import raised
from ymera_client.sealed.governing import Governing
from ymera_client.sealed.ground import Ground
from ymera_client.sealed.jobs import Jobs
from ymera_client.sealed.ledger import (
    Applied,
    RawItem,
    Refused,
    Standing,
    apply_items,
    erase,
    forget_chains,
    load,
    until_forgetting,
)
from ymera_client.sealed.outgoing import Outgoing
from ymera_client.sealed.pages import Pages
from ymera_client.sealed.reading import OPEN_ROLES, Contents, Read, Reading
from ymera_client.sealed.records import Entry, Intent, unpack
from ymera_client.sealed.secrets import Secrets
from ymera_client.sealed.view import Halt, Progress
from ymera_client.sealed.whispers import Whispers

log = logging.getLogger(__name__)
T = TypeVar("T")

MAX_LIVE = 1_000
"""Items kept that came by themselves; what is beyond is fetched."""

MAX_READ = 200
"""Entries that are read at once; whatever else the program does goes on in between."""


class Audience(Protocol):
    """Who is told of what the room shows."""

    def show(self, room: "SealedRoom", events: Sequence[LoggedEvent]) -> None:
        """These events were applied, or something else that can be seen has changed."""

    def told(self, room: "SealedRoom", surprise: str) -> None:
        """Something that a person has to know."""

    def rejected(self, room: "SealedRoom", intent: Intent, error: YmeraError) -> None:
        """Something was refused that nobody waits for."""


class SealedRoom:
    """A room's log, applied as far as it is known, with what it amounts to."""

    def __init__(self, room_id: str, ground: Ground, audience: Audience) -> None:
        self.id = room_id
        self.ground = ground
        self.form = Form.CONVERSATION
        self.standing: Standing | None = None
        self.reading = Reading(room_id, self.form, b"", ground.directory)
        self.secrets = Secrets(self)
        self.whispers = Whispers(self)
        self.governing = Governing(self)
        self.outgoing = Outgoing(self)
        self.halted: Halt | None = None
        self.known = False
        """Whether what the room holds was read, so that its state means something."""
        self.lost: YmeraError | None = None
        self._audience = audience
        self._head = 0
        self._behind = True
        self._live: deque[RawItem] = deque()
        self._jobs = Jobs()
        self._unread: list[Entry] = []
        self._wake = asyncio.Event()
        self._open = asyncio.Event()
        self._ready = asyncio.Event()
        self._answers = True
        """Whether invitations may have been answered."""

    def _blank(self) -> Reading:
        own = self.ground.keychain.author.fp
        return Reading(self.id, self.form, own, self.ground.directory)

    @property
    def state(self) -> State:
        """What the room's log amounts to."""
        return self.reading.state

    @property
    def contents(self) -> Contents:
        """All that the room holds."""
        return self.reading.contents

    @property
    def open_role(self) -> str:
        """The own role, as open rooms call it."""
        return OPEN_ROLES[self.settled.timeline.room.members[self.ground.keychain.author.fp].role]

    def had(self, key: str) -> bool:
        """Whether anything of this id is in the room, or was."""
        with suppress(ValueError):
            return bool(self.reading.seqs_of(UUID(key).bytes))
        return False

    def events_of(self, key: str) -> Sequence[LoggedEvent]:
        """What the log says of a run, oldest first."""
        return self.reading.events_of(key)

    @property
    def taken_up(self) -> bool:
        """Whether what the store has of the room is here."""
        return self._open.is_set()

    @property
    def caught_up(self) -> bool:
        """Whether all that the server is known to have was applied and read."""
        return self.known and not (self._behind or self._live or self._unread)

    @property
    def progress(self) -> Progress:
        """How far the log was applied."""
        applied = 0 if self.standing is None else self.standing.timeline.seq
        return Progress(applied, max(applied, self._head))

    @property
    def settled(self) -> Standing:
        """The standing of a room that was founded. Unavailable before anything of it was applied."""
        if self.standing is None:
            raise Unavailable(f"Nothing of room {self.id} has arrived yet.")
        return self.standing

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def expect_answers(self) -> None:
        """An invitation may have been answered."""
        self._answers = True
        self.wake()

    def fall_behind(self) -> None:
        """Something may have been missed: ask the server."""
        self._behind = self._answers = True
        self.wake()

    def receive(self, events: Iterable[LoggedEvent]) -> None:
        """What the server has sent by itself."""
        for event in events:
            self._head = max(self._head, event.seq)
            item = item_of(event)
            if item is None or len(self._live) >= MAX_LIVE:
                self._behind = True
            else:
                self._live.append(item)
        self.wake()

    async def do(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do something in turn. Who gives up waiting does not stop it once it has begun."""
        await self.opened()
        halting.check(self.id, self.halted)
        done = self._jobs.add(work)
        self.wake()
        result: T = await done
        return result

    async def say(self, name: str, data: dict[str, Any], command_id: str = "") -> Read:
        """Have a command said in the room, and wait for what comes of it."""
        await self.opened()
        halting.check(self.id, self.halted)
        return await self.outgoing.say(name, data, command_id)

    async def opened(self) -> None:
        """Wait until what the store has of the room was taken up."""
        await self._open.wait()
        if self.lost is not None:
            raise self.lost.with_traceback(None)

    async def ready(self) -> None:
        """Wait until what the room holds was read, and means something."""
        await self._ready.wait()
        if self.lost is not None:
            raise self.lost.with_traceback(None)
        if self.halted is not None and not self.known:
            halting.check(self.id, self.halted)

    async def open(self) -> None:
        """Take up what the store has of the room."""

        def read(transaction: Transaction) -> tuple[Standing | None, Halt | None, bytes | None]:
            halt = halting.kept_halt(transaction, self.id)
            return load(transaction, self.id), halt, transaction.get("form", room=self.id)

        self.standing, self.halted, form = await self.ground.cabinet.transact(read)
        self.form = self.form if form is None else Form(form.decode())
        await self.outgoing.open()
        if self.standing is not None:
            await self.reread()
        self._open.set()

    async def run(self) -> None:
        """Keep the room in step until cancelled, or until it is lost."""
        failures = 0
        while self.lost is None:
            self._wake.clear()
            wait = None
            try:
                await self._turn()
                failures = 0
            except NotFound as error:
                self.lose(Evicted(f"You have no access to room {self.id} any more: {error}"))
            except YmeraError as error:
                if error.retryable:
                    wait = full_jitter(failures, at_least=retry_after(error))
                    failures += 1
                else:
                    log.warning("Room %s does not go on for now: %s", self.id, error)
                    self._fail(error)
            except Cx1Error as refusal:
                log.warning("Room %s does not go on for now: %s", self.id, refusal)
                self._fail(raised(refusal))
            self._audience.show(self, [])
            if wait is None:
                wait = until_forgetting(self.standing, now_ms())
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()

    def lose(self, error: YmeraError) -> None:
        """The room is lost, or the client: whoever waits gets `error`."""
        self.lost = self.lost or error
        self._fail(error)
        self._open.set()
        self._ready.set()
        self.wake()

    def rejected(self, intent: Intent, error: YmeraError) -> None:
        """Something that nobody waits for was refused, as after a restart."""
        self._audience.rejected(self, intent, error)

    async def catch_up(self) -> None:
        """Apply all that the server has, first what came by itself."""
        halting.check(self.id, self.halted)
        await self._take_live()
        while self._behind:
            self._behind = False
            try:
                await self._fetch()
            except BaseException:
                self._behind = True
                raise
        await self.secrets.gather()
        await self._read()

    async def take(self, items: Sequence[RawItem]) -> Refused | None:
        """Apply items that follow one another; what was refused of them, if anything."""
        await self._reach(items)
        before, own = self.standing, self.ground.keychain.author.device_id
        directory = self.ground.directory.histories

        def work(transaction: Transaction) -> Applied:
            return apply_items(transaction, self.id, before, items, directory, own, now_ms())

        applied = await self.ground.cabinet.transact(work)
        self.standing = applied.standing
        self._unread.extend(applied.entries)
        strange = [each for each in applied.own if not self.outgoing.came_back(each)]
        if strange:
            self._audience.told(
                self,
                f"The server has {len(strange)} messages of this device that it does not remember: its store "
                "was put back to an earlier state, or another process uses a copy of it. They were applied.",
            )
        return applied.refused

    async def reread(self) -> None:
        """Make the state anew from all that is stored, as when a key has come late."""
        fresh = self._blank()
        entries = await self.ground.cabinet.transact(
            lambda transaction: [unpack(body, Entry) for body in transaction.items(self.id)]
        )
        before, first = self.reading, not self.known
        reads = [fresh.take(entry) for entry in entries]
        self.reading, self._unread, self.known = fresh, [], True
        self._ready.set()
        await self._forget_erased()
        events = [event for read in reads for event in read.events]
        self._audience.show(
            self, [] if first else [each for each in events if not before.has_shown(each.seq)]
        )
        self.outgoing.answer(reads)

    async def retry(self) -> None:
        """Try a halted room once more."""
        self.halted = None
        await self.ground.cabinet.transact(lambda transaction: transaction.drop("halt", room=self.id))
        self.fall_behind()

    async def evidence(self) -> str | None:
        """What was received where the room halted, as JSON."""
        kept = await self.ground.cabinet.transact(
            lambda transaction: transaction.get("evidence", room=self.id)
        )
        return None if kept is None else kept.decode()

    async def _turn(self) -> None:
        await self.catch_up()
        await self.secrets.tend()
        await self.governing.tend()
        if self._answers:
            self._answers = False
            await invites.attend(self)
        await self._jobs.carry_out()
        await self.outgoing.flush()
        await self._read()
        await self._forget_chains()
        await self.secrets.back_up()

    async def _take_live(self) -> None:
        items: list[RawItem] = []
        at = self.progress.applied
        while self._live:
            item = self._live.popleft()
            if item.seq == at + 1:
                items.append(item)
                at += 1
            elif item.seq > at:
                self._behind = True
        if items and (await self.take(items)) is not None:
            self._behind = True

    async def _fetch(self) -> None:
        tried = False
        async with aclosing(Pages(self.ground.courier, self.id)) as pages:
            while True:
                answer = await pages.after(self.progress.applied)
                self._head = answer.head
                items = items_of(answer)
                refused = halting.misplaced(self.standing, answer) or await self.take(items)
                if refused is not None:
                    if tried:
                        await self._halt(refused)
                    tried = True
                    continue
                tried = False
                if self.progress.applied >= answer.head:
                    return
                if not items:
                    raise Unavailable(f"The server shows nothing of room {self.id} up to seq {answer.head}.")

    async def _halt(self, refused: Refused) -> None:
        self.halted = await halting.keep_halt(self.ground.cabinet, self.id, self.standing, refused)
        await self._read()
        self._ready.set()
        halting.check(self.id, self.halted)

    def _fail(self, error: YmeraError) -> None:
        """Whoever waits gets `error`; what is queued to be said stays in the store."""
        self._jobs.fail(error)
        self.outgoing.abandon(error)

    async def _read(self) -> None:
        if self.standing is None:
            return
        if not self.known:
            await self._learn_form()
            await self.reread()
            return
        if any(self.reading.has_read(entry.seq) for entry in self._unread):
            await self.reread()
        while self._unread:
            some, self._unread = self._unread[:MAX_READ], self._unread[MAX_READ:]
            reads = [self.reading.take(entry) for entry in some]
            await self._forget_erased()
            self._audience.show(self, [event for read in reads for event in read.events])
            self.outgoing.answer(reads)
            await asyncio.sleep(0)

    def reopen(self, entries: Sequence[Entry]) -> None:
        """Entries that can be read now, or no longer wait."""
        by_seq = {entry.seq: entry for entry in entries}
        unread = {entry.seq for entry in self._unread}
        self._unread = [by_seq.get(entry.seq, entry) for entry in self._unread]
        self._unread.extend(entry for entry in entries if entry.seq not in unread)

    async def _reach(self, items: Sequence[RawItem]) -> None:
        """Fetch the chains that commits name. One that is none leaves its commit refused, with the reason."""
        try:
            await self.ground.directory.reach(
                parse_commit(item.raw) for item in items if item.kind is ItemKind.COMMIT
            )
        except Cx1Error:
            return
        except YmeraError as error:
            if error.retryable:
                raise

    async def _learn_form(self) -> None:
        form = (await self.ground.courier(SealedGet(room=self.id))).form
        await self.ground.cabinet.transact(
            lambda transaction: transaction.put("form", form.value.encode(), room=self.id)
        )
        self.form = form

    async def _forget_erased(self) -> None:
        seqs = self.reading.to_erase()
        if seqs:
            await self.ground.cabinet.transact(lambda transaction: erase(transaction, self.id, seqs))

    async def _forget_chains(self) -> None:
        if (standing := self.standing) is not None and standing.ended:
            self.standing = await self.ground.cabinet.transact(
                lambda transaction: forget_chains(transaction, self.id, standing, now_ms())
            )
