"""The client: one account's live view of a workspace, and the way to change it.

`Client` ties the parts together and owns everything that runs: a single task, from `connect` to `close`,
below which all others live.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, Self, TypeVar, get_args, overload

import msgspec

from ymera_client.courier import LinkCourier
from ymera_client.delivery import Delivery
from ymera_client.errors import E2eeRoom, Internal, TokenExpired, Unavailable, YmeraError
from ymera_client.files import Files
from ymera_client.generated import (
    COMMANDS,
    Closing,
    Command,
    LoggedEvent,
    Member,
    MemberUpdated,
    Page,
    Presence,
    PresenceSet,
    PresenceStatus,
    Typing,
    Workspace,
    WorkspaceRole,
    WorkspaceUpdated,
)
from ymera_client.link import Link, Work
from ymera_client.listeners import Listeners, Stop
from ymera_client.outbox import Entry, new_id
from ymera_client.overlay import Optimistic, check
from ymera_client.room import LiveRoom
from ymera_client.rooms import Rooms
from ymera_client.sealed.files import SealedFiles
from ymera_client.sealed.local import is_private, refused
from ymera_client.sealed.records import Intent
from ymera_client.sealed.room import SealedRoom
from ymera_client.sealed.sealed import Sealed
from ymera_client.sealed.store import KeyStore
from ymera_client.sealed.view import Whisper
from ymera_client.session import PasswordSession, ProgramToken, Session
from ymera_client.status import Phase, Status
from ymera_client.storage import MemoryOutbox, Store
from ymera_client.transport import Connection, address, reply_of
from ymera_client.wire import Wire

log = logging.getLogger(__name__)
R = TypeVar("R")
T = TypeVar("T")

READS = 16
"""Reading commands under way at once; more wait their turn."""

Kind = Literal["status", "event", "presence", "typing", "closing", "rejected", "whispered"]


class Client:
    """A connection to a YMERA server that keeps itself up, as one account.

    `url` is the server's address. Sign in with `token` (a program's token) or with `email` and
    `password`. Commands wait in `outbox` until they are carried out: in memory, or in a file that
    survives the process (`SqliteOutbox`). `keys` keeps this device's keys, without which encrypted rooms
    cannot be read. `on_status` is told how the connection stands. `connect` gives up after
    `connect_timeout` seconds; with 0 it returns at once and goes on trying.

    Use it as `async with Client(...) as client`. It connects once; for another account make another one.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        email: str | None = None,
        password: str | None = None,
        outbox: Store | None = None,
        keys: KeyStore | None = None,
        on_status: Callable[[Status], None] | None = None,
        connect_timeout: float = 30.0,
    ) -> None:
        self._url = address(url)
        self._connect_timeout = connect_timeout
        self._listeners = {kind: Listeners() for kind in get_args(Kind)}
        self._link = Link(
            self._url,
            _session(token, email, password),
            on_ready=self._on_ready,
            on_message=self._on_message,
            on_lost=self._on_lost,
        )
        self.sealed = Sealed(
            self._url,
            keys,
            LinkCourier(self._link),
            followed=lambda: self._rooms,
            rejected=self._on_refused_intent,
            whispered=self._listeners["whispered"].tell,
        )
        """Encrypted rooms: the own identity, devices and members."""
        self._rooms = Rooms(
            self._link,
            arrived=self._on_events,
            moved=self._moved,
            sealed=self.sealed.rooms.found,
            source=self.sealed.rooms.get,
        )
        store = outbox or MemoryOutbox()
        self._delivery = Delivery(
            store,
            settled=self._rooms.settle,
            rejected=self._listeners["rejected"].tell,
            changed=self._moved,
            withheld=self._withheld,
        )
        self._wire = Wire(self._url, self._link.bearer)
        sealed_files = SealedFiles(self.sealed.rooms, self._wire, None if keys is None else keys.cabinet)
        self.files = Files(self._wire, LinkCourier(self._link), store, sealed_files)
        """Uploads and downloads."""
        self._reads = asyncio.Semaphore(READS)
        self._running: asyncio.Task[None] | None = None
        self._first: asyncio.Future[None]
        self._last_error: YmeraError | None = None
        self._me: Member | None = None
        self._workspace: Workspace | None = None
        self._inbox: LiveRoom | None = None
        self._home: LiveRoom | None = None
        self._presence: PresenceStatus | None = None
        self._caught_up = False
        self._ended: Phase | None = None
        self._status = Status(Phase.CONNECTING, 0, datetime.now(UTC))
        if on_status is not None:
            self.on("status", on_status)

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def connect(self) -> None:
        """Start, and wait until the server has accepted the connection.

        Unauthenticated if it refuses the credentials; Unavailable if it is not reached in time.
        """
        if self._running is not None or self._ended is not None:
            raise RuntimeError("A client connects once. Make another one.")
        try:
            await self._delivery.load()
            await self.sealed.open()
            self._first = asyncio.get_running_loop().create_future()
            self._running = asyncio.create_task(self._link.run(), name="ymera-client")
            self._running.add_done_callback(self._on_end)
            if self._connect_timeout > 0:
                await self._first_connection()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End everything. Whoever still awaits a command gets Unavailable; a lasting outbox keeps it."""
        self._end(Phase.CLOSED, Unavailable("The client was closed.", retryable=False))
        try:
            while self._running is not None and not self._running.done():
                # Again and again: waiting with a limit, as the library does, can swallow a cancellation.
                self._running.cancel()
                await asyncio.wait({self._running}, timeout=1.0)
        finally:
            await self.sealed.close(self._link.ended or Unavailable("The client was closed."))
            await self._wire.close()
            await self._delivery.close()
        if self._running is not None and not self._running.cancelled():
            fault = self._running.exception()
            if fault is not None and not isinstance(fault, YmeraError):
                raise fault

    @property
    def status(self) -> Status:
        """How the connection stands."""
        return self._status

    @property
    def me(self) -> Member:
        """The account. Unavailable before the first connection."""
        return _there(self._me)

    @property
    def workspace(self) -> Workspace:
        """The workspace. Unavailable before the first connection."""
        return _there(self._workspace)

    @property
    def inbox(self) -> LiveRoom:
        """Your inbox's room: notifications and memberships. Unavailable before the first connection."""
        return _there(self._inbox)

    @property
    def home(self) -> LiveRoom | None:
        """The workspace's room: members and public channels. None for guests, who may not enter it."""
        return self._home

    async def call(
        self, command: Command[R], *, optimistic: Iterable[Optimistic] = (), wait: bool = False
    ) -> R:
        """Have a command carried out and give its reply: `await client.call(TaskCreate(...))` is a Task.

        A writing command is queued and sent as often as it takes, in the order of the calls, over lost
        connections; cancelling the call does not take it back. `optimistic` changes are shown in their
        rooms at once, and taken back if the command is refused. A reading command raises Unavailable
        when there is no connection, unless `wait` is true. Otherwise the typed error of the refusal.
        """
        plain = msgspec.to_builtins(command)
        return reply_of(
            command, await self._carry_out(command.WIRE_NAME, plain, tuple(optimistic), wait=wait)
        )

    async def call_raw(
        self,
        name: str,
        payload: Mapping[str, Any] | None = None,
        *,
        optimistic: Iterable[Optimistic] = (),
        wait: bool = False,
    ) -> Any:
        """As `call`, with the command's wire name and plain JSON values, for the plain result.

        A command that this package does not know is taken for a writing one.
        """
        return await self._carry_out(name, dict(payload or {}), tuple(optimistic), wait=wait)

    async def page(self, command: Command[Page[T]], *, wait: bool = False) -> AsyncGenerator[T, None]:
        """All items of a list, page by page: `async for task in client.page(TaskList(...))`."""
        while True:
            part = await self.call(command, wait=wait)
            for item in part.items:
                yield item
            if part.next is None:
                return
            command = msgspec.structs.replace(command, cursor=part.next)

    def room(self, room_id: str) -> LiveRoom:
        """A handle on a room that is followed from now on: `async with client.room(id) as room`."""
        return self._rooms.open(room_id)

    async def set_presence(self, status: PresenceStatus) -> None:
        """Be shown like this, now and on every later connection of this client."""
        self._presence = status
        if self._link.connection is not None:
            with suppress(Unavailable):
                await self.call(PresenceSet(status=status))

    @overload
    def on(self, kind: Literal["status"], listener: Callable[[Status], None]) -> Stop: ...
    @overload
    def on(self, kind: Literal["event"], listener: Callable[[LoggedEvent], None]) -> Stop: ...
    @overload
    def on(self, kind: Literal["presence"], listener: Callable[[Presence], None]) -> Stop: ...
    @overload
    def on(self, kind: Literal["typing"], listener: Callable[[Typing], None]) -> Stop: ...
    @overload
    def on(self, kind: Literal["closing"], listener: Callable[[Closing], None]) -> Stop: ...
    @overload
    def on(self, kind: Literal["rejected"], listener: Callable[[Entry, YmeraError], None]) -> Stop: ...
    @overload
    def on(self, kind: Literal["whispered"], listener: Callable[[Whisper], None]) -> Stop: ...
    def on(self, kind: Kind, listener: Callable[..., None]) -> Stop:
        """Call `listener` whenever it happens, until the result is called. It must be quick; it cannot await.

        `event`: an event of any followed room was applied. `rejected`: a queued command was refused and
        nobody awaits it, as after a restart. `closing`: the server says why it ends the connection.
        `whispered`: a member says something in passing in an encrypted room (`sealed.whisper`).
        """
        return self._listeners[kind].add(listener)

    async def _on_ready(self, connection: Connection) -> list[Work]:
        """The link is up: learn who we are, and put the rooms and the outbox to work."""
        ready = connection.ready
        await self._delivery.claim(ready.me.id)
        self._me, self._workspace = ready.me, ready.workspace
        inbox = await self._moved_to(self._inbox, ready.inbox)
        if inbox is not self._inbox:
            self._inbox = inbox
            inbox.subscribe(self._see_inbox)
        if ready.me.role is not WorkspaceRole.GUEST:
            self._home = await self._moved_to(self._home, ready.workspace.id)
        self._caught_up = False
        if not self._first.done():
            self._first.set_result(None)

        async def pump(live: Connection) -> None:
            await _there(self._inbox).ready()
            await self._delivery.pump(live, lambda: self._link.renew(live))

        async def attend(live: Connection) -> None:  # noqa: ARG001 - the work of a connection gets it
            await self.sealed.attend(ready.me)

        return [self._greet, pump, attend, *self._rooms.attach(ready.me.id)]

    def _on_message(self, name: str, data: Any) -> None:
        """The server sent something by itself."""
        try:
            if name == "closing":
                self._listeners["closing"].tell(msgspec.convert(data, Closing))
            elif self.sealed.hear(name, data):
                return
            elif (seen := self._rooms.route(name, data)) is not None:
                self._listeners[name].tell(seen)
        except msgspec.ValidationError as error:
            log.warning("A message %r of the server cannot be read: %s", name[:40], error)

    def _on_lost(self, error: YmeraError) -> None:
        """There is no connection."""
        self._last_error = error
        self._rooms.detach()
        self._delivery.expire()
        self._moved()

    async def _greet(self, connection: Connection) -> None:
        self._moved()
        if self._presence is not None:
            with suppress(YmeraError):
                await connection.request(PresenceSet(status=self._presence))

    async def _moved_to(self, held: LiveRoom | None, room_id: str) -> LiveRoom:
        if held is not None and held.id == room_id and held.open:
            return held
        if held is not None:
            await held.close()
        return self._rooms.open(room_id)

    def _see_inbox(self) -> None:
        """The inbox says which rooms are encrypted."""
        inbox = self._inbox
        if inbox is not None and inbox.open and inbox.known:
            self.sealed.see(inbox.state["memberships"])

    async def _first_connection(self) -> None:
        assert self._running is not None
        both = {self._running, self._first}
        await asyncio.wait(both, timeout=self._connect_timeout, return_when=asyncio.FIRST_COMPLETED)
        if self._running.done():
            self._running.result()
        if not self._first.done():
            reason = self._last_error or f"{self._url} does not answer."
            raise Unavailable(f"Not connected within {self._connect_timeout:g} s: {reason}")

    async def _carry_out(
        self, name: str, payload: dict[str, Any], changes: tuple[Optimistic, ...], *, wait: bool
    ) -> Any:
        if is_private(name):
            if self._inbox is not None and self.sealed.undecided:
                await self._inbox.ready()
            await self.sealed.rooms.decide(payload)
        if (room := self.sealed.rooms.room_for(name, payload)) is not None:
            return await self._seal(room, name, payload, changes)
        known = COMMANDS.get(name)
        if known is None or known.WRITES:
            return await self._write(name, payload, changes)
        return await self._read(name, payload, changes, wait=wait)

    async def _seal(
        self, room: SealedRoom, name: str, payload: dict[str, Any], changes: tuple[Optimistic, ...]
    ) -> Any:
        for change in changes:
            check(change)
        command_id = str(payload.get("command_id") or new_id())
        self._rooms.lay_over(command_id, changes)
        try:
            result = await self.sealed.carry_out(room, name, payload)
        except YmeraError as error:
            self._rooms.settle(command_id, error)
            raise
        self._rooms.settle(command_id, None)
        return result

    def _withheld(self, entry: Entry) -> YmeraError | None:
        """Why a queued command must not be sent: by now its room is known to be encrypted."""
        try:
            room = self.sealed.rooms.room_for(entry.name, entry.payload)
        except E2eeRoom as error:
            return error
        return None if room is None else refused(room.id, entry.name)

    def _on_refused_intent(self, intent: Intent, error: YmeraError) -> None:
        entry = Entry(
            command_id=intent.command_id, name=intent.name, payload=intent.data, queued_at=intent.queued_at
        )
        self._listeners["rejected"].tell(entry, error)

    async def _write(self, name: str, payload: dict[str, Any], changes: tuple[Optimistic, ...]) -> Any:
        for change in changes:
            check(change)
        command_id = str(payload.get("command_id") or new_id())
        payload["command_id"] = command_id
        entry = Entry(command_id=command_id, name=name, payload=payload, queued_at=time.time())
        return await self._delivery.submit(entry, lambda: self._rooms.lay_over(command_id, changes))

    async def _read(
        self, name: str, payload: dict[str, Any], changes: tuple[Optimistic, ...], *, wait: bool
    ) -> Any:
        if changes:
            raise ValueError(f"{name} only reads; it has no optimistic changes")
        renewed = False
        async with self._reads:
            while True:
                connection = await self._link.live(wait=wait)
                try:
                    return await connection.answer(await connection.send(name, payload))
                except TokenExpired:
                    if renewed:
                        raise
                    await self._link.renew(connection)
                    renewed = True
                except Unavailable:
                    if not (wait and connection.dropped.done()):
                        raise

    def _on_events(self, events: Sequence[LoggedEvent]) -> None:
        for event in events:
            self._listeners["event"].tell(event)
            # Who we are may have changed in the workspace's room.
            if event.type == MemberUpdated.TYPE and event.data["member"]["id"] == self.me.id:
                self._me = msgspec.convert(event.data["member"], Member)
            elif event.type == WorkspaceUpdated.TYPE:
                self._workspace = msgspec.convert(event.data["workspace"], Workspace)

    def _on_end(self, running: asyncio.Task[None]) -> None:
        """The task ended: by `close`, because the server does not want us, or through a fault of ours."""
        fault = None if running.cancelled() else running.exception()
        if isinstance(fault, YmeraError):
            self._end(Phase.SIGNED_OUT, fault)
        elif fault is not None:
            log.error("The client failed.", exc_info=fault)
            self._end(Phase.CLOSED, Internal(f"The client failed: {fault!r}", retryable=False))

    def _end(self, phase: Phase, error: YmeraError) -> None:
        if self._ended is None:
            self._ended = phase
            self._link.end(error)
            self._delivery.abandon(error)
            self._rooms.fail(error)
            self._moved()

    def _moved(self) -> None:
        """Something happened that may have changed the status."""
        connected = self._link.connection is not None
        self._caught_up = connected and (
            self._caught_up or (self._rooms.caught_up and self._delivery.caught_up)
        )
        phase = self._ended or self._phase(connected=connected)
        old = self._status
        if (phase, self._delivery.queued) != (old.phase, old.queued):
            since = old.since if phase is old.phase else datetime.now(UTC)
            self._status = Status(phase, self._delivery.queued, since)
            self._listeners["status"].tell(self._status)

    def _phase(self, *, connected: bool) -> Phase:
        if connected:
            return Phase.LIVE if self._caught_up else Phase.CATCHING_UP
        return Phase.CONNECTING if self._last_error is None else Phase.OFFLINE


def _there(value: T | None) -> T:
    if value is None:
        raise Unavailable("The client has not been connected yet.")
    return value


def _session(token: str | None, email: str | None, password: str | None) -> Session:
    if token and not email and not password:
        return ProgramToken(token)
    if email and password and not token:
        return PasswordSession(email, password)
    raise ValueError("Give either `token`, or `email` and `password`.")
