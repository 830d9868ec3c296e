"""The Socket.IO edge: who may connect, and each command's way from its packet to its ack.

Commands of one connection are carried out in the order in which they came, one after another, outside
the transport's read loop, so that a slow one holds up neither pings nor other connections.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
import structlog
from aiohttp import web

from handlers.dispatch import Caller, Dispatcher, overlaps, unreachable
from persistence.database import UNREACHABLE
from persistence.ids import new_id
from protocol import VERSION
from protocol.agents import AgentConnect
from protocol.errors import ApiError, ErrorCode
from protocol.members import MemberKind
from protocol.registry import COMMANDS, Command, CommandSpec
from protocol.rooms import RoomJoin, RoomKind
from protocol.sessions import Limits, Ready, SessionRefresh
from protocol.wire import command_spec, decode_command, encode
from protocol.workspace import Workspace
from server import logs, metrics, signals
from server.admission import Admission
from server.bucket import Bucket
from server.connection import Connection, Waiting
from server.credentials import Identified
from server.faults import Faults
from server.hub import Hub
from server.middleware import client_address
from server.processes import Processes
from server.settings import Settings
from server.sockets import Refused, Socket, SocketServer
from server.tasks import Tasks
from server.throttle import Throttle

logger = structlog.get_logger(__name__)

MAX_CONNECTING = 64
"""Clients whose credentials are looked at at once; the others wait their turn."""
CONNECT_SECONDS = 10.0
"""How long a transport may stay open before it has shown credentials."""
FULL_SECONDS = 0.05
"""How often it is looked whether a client has read its answers, so that its next command may run."""
FLUSH_SECONDS = 0.1
"""What the last words to a connection get to be written in before it is closed."""


class _Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """What the edge needs of the reply to a join, without decoding a whole room's state again."""

    kind: RoomKind
    head: int


Way = Callable[[Connection, Waiting, CommandSpec, Caller], Awaitable[None]]
"""Carries out a command that concerns its connection too, and answers it."""
Authenticate = Callable[[str, str], Awaitable[Identified]]
"""From a token and a correlation id; ApiError `unauthenticated` or `token_expired`."""


class Edge:
    """All client connections of this node: what is behind the main namespace."""

    def __init__(
        self,
        settings: Settings,
        hub: Hub,
        dispatcher: Dispatcher,
        *,
        authenticate: Authenticate,
        refresh: signals.Refresh,
        workspace: Callable[[], Awaitable[Workspace]],
        generation: str,
        throttle: Throttle,
    ) -> None:
        self._settings = settings
        self._hub = hub
        self._dispatcher = dispatcher
        self._authenticate = authenticate
        self._signals = signals.Signals(hub, refresh)
        self._workspace = workspace
        self._generation = generation
        self._ready: dict[str, Ready] = {}
        self._known_workspace: tuple[int | None, Workspace] | None = None
        self._admission = Admission(settings, throttle, lambda: len(self._sockets.engine.sessions))
        self._letting_in = asyncio.Semaphore(MAX_CONNECTING)
        self._sockets = SocketServer(
            {"/": self},
            connect_seconds=CONNECT_SECONDS,
            max_message_bytes=settings.max_message_bytes,
            welcomes=settings.welcomes,
            address=partial(client_address, trusted=settings.trusted_proxies),
            admit=self._admission.session,
            deflate=settings.compression,
        )
        self._ways: dict[type[Command[Any]], Way] = {RoomJoin: self._join, AgentConnect: self._attach}
        self._faults = Faults(dispatcher.pool)
        self._processes = Processes(dispatcher.pool)
        self._commands = Tasks()
        self._tasks = Tasks()
        self._draining = False

    def add_routes(self, app: web.Application) -> None:
        self._sockets.add_routes(app)

    def start(self) -> None:
        self._sockets.start()
        self._admission.start()
        self._faults.start()

    async def drain(self, grace: float) -> None:
        """Take no more connections and commands, tell clients to go elsewhere, finish what runs."""
        self._draining = True
        self._admission.open = False
        for connection in self._hub.all():
            connection.send("closing", {"reason": "draining", "reconnect": True})
        await self._commands.finish(grace)
        await asyncio.sleep(FLUSH_SECONDS)
        await self._sockets.close()
        await self._admission.close()
        await self._commands.close()
        await self._tasks.close()
        await self._processes.close()
        await self._faults.close()

    async def connecting(self, socket: Socket, auth: Any) -> None:
        """Let in whoever shows a token."""
        correlation_id = new_id()
        try:
            async with self._letting_in, asyncio.timeout(CONNECT_SECONDS):
                self._ready[socket.id] = await self._admit(socket, auth, correlation_id)
            return
        except ApiError as error:
            refusal = error
        except UNREACHABLE as error:
            refusal = unreachable(error)
        except Exception:
            logger.exception("connect_failed", correlation_id=correlation_id)
            refusal = ApiError(ErrorCode.INTERNAL, "The server failed; try again.")
        self._forget(socket.id)
        metrics.connections_refused.labels(refusal.code).inc()
        raise Refused(refusal.message, msgspec.to_builtins(refusal.body(correlation_id)))

    def connected(self, socket: Socket) -> None:
        """Tell the client what it needs to know first."""
        ready = self._ready.pop(socket.id)
        if (connection := self._hub.get(socket.id)) is not None:
            connection.send("ready", ready)

    def disconnected(self, socket: Socket) -> None:
        """Forget whoever left."""
        self._ready.pop(socket.id, None)
        self._forget(socket.id)

    def directness_changed(self, socket: Socket) -> None:
        """Rooms write to it directly, or no longer."""
        if (connection := self._hub.get(socket.id)) is not None:
            connection.directness_changed()

    def received(self, socket: Socket, name: str, arguments: list[Any], ack: int | None) -> None:
        """Carry out a command, at once if it waits for nothing and nothing waits before it."""
        connection = self._hub.get(socket.id)
        if connection is None:
            return
        payload = arguments[0] if len(arguments) == 1 else arguments or None
        received = time.perf_counter()
        try:
            if self._draining:
                raise ApiError(ErrorCode.UNAVAILABLE, "This node is shutting down; reconnect and send again.")
            connection.admit(name)
            self._admission.command(connection.member_id)
            act = self._signals.immediate.get(name)
            if act is not None and not connection.working:
                connection.answer(ack, act(connection, decode_command(COMMANDS[name], payload)))
                metrics.count_command(name, "ok", time.perf_counter() - received)
                return
        except Exception as error:  # noqa: BLE001 -- logged and told
            correlation_id = new_id()
            refusal = error if isinstance(error, ApiError) else _failure(correlation_id)
            metrics.count_command(name, refusal.code, time.perf_counter() - received)
            self._refuse(connection, name, ack, refusal, correlation_id)
            return
        connection.waiting.append(Waiting(name, payload, ack, received))
        if not connection.working:
            connection.working = True
            self._commands.spawn(self._work(connection), "commands")

    async def _admit(self, socket: Socket, auth: Any, correlation_id: str) -> Ready:
        if self._draining:
            raise ApiError(ErrorCode.UNAVAILABLE, "This node is shutting down; try another.")
        token = _token(auth)
        workspace_head = self._hub.workspace_head
        identified = await self._authenticate(token, correlation_id)
        await self._admission.connection(identified.me.id)
        connection = Connection(
            socket,
            identified.caller,
            identified.me.role,
            identified.expires_at,
            Bucket(self._settings.command_rate, self._settings.command_burst),
            self._hub.fanout.tick,
            agent=identified.me.kind is MemberKind.AGENT,
            close=self._close,
        )
        await self._hub.add(connection)
        heard = self._hub.fanout.head(connection.member_id)
        if heard != identified.inbox_head or self._hub.workspace_head != workspace_head:
            # Something was said before this node heard the inbox for this connection: perhaps that it ends.
            identified = await self._authenticate(token, correlation_id)
            connection.role = identified.me.role
        return Ready(
            me=identified.me,
            workspace=await self._current_workspace(),
            inbox=identified.me.id,
            session_expires_in=None
            if identified.program
            else max(0, int(identified.expires_at - time.time())),
            limits=Limits(
                max_message_bytes=self._settings.max_message_bytes,
                command_rate=self._settings.command_rate,
                command_burst=self._settings.command_burst,
            ),
            generation=self._generation,
        )

    async def _current_workspace(self) -> Workspace:
        """The workspace, read again after each event in its room."""
        head = self._hub.workspace_head
        if self._known_workspace is None or self._known_workspace[0] != head:
            self._known_workspace = head, await self._workspace()
        return self._known_workspace[1]

    async def _work(self, connection: Connection) -> None:
        """Carry out what waits on a connection, until nothing does."""
        try:
            while connection.waiting and self._hub.get(connection.sid) is connection:
                if connection.full:
                    await asyncio.sleep(FULL_SECONDS)
                    continue
                several = _together(connection.waiting)
                if len(several) == 1:
                    await self._carry_out(connection, several[0])
                else:
                    await asyncio.gather(*(self._carry_out(connection, each) for each in several))
        finally:
            connection.working = False

    async def _carry_out(self, connection: Connection, waiting: Waiting) -> None:
        correlation_id = new_id()
        # The task's own, and set anew for its next command.
        logs.COMMAND.set(
            {"correlation_id": correlation_id, "command": waiting.name[:64], "member": connection.member_id}
        )
        refusal: ApiError | None = None
        try:
            await self._answer(connection, waiting, correlation_id)
        except ApiError as error:
            refusal = error
        except UNREACHABLE as error:
            refusal = unreachable(error)
        except Exception:  # noqa: BLE001 -- logged and told
            refusal = _failure(correlation_id)
        if refusal is not None:
            self._refuse(connection, waiting.name, waiting.ack, refusal, correlation_id)
        outcome = refusal.code if refusal is not None else "ok"
        seconds = time.perf_counter() - waiting.received
        metrics.count_command(waiting.name, outcome, seconds)
        logger.debug("command", outcome=outcome, seconds=round(seconds, 4))

    async def _answer(self, connection: Connection, waiting: Waiting, correlation_id: str) -> None:
        spec = command_spec(waiting.name)
        if spec.signal:
            command = decode_command(spec, waiting.payload)
            if isinstance(command, SessionRefresh):
                result = encode(await self._signals.refresh(connection, command))
            else:
                result = self._signals.immediate[spec.name](connection, command)
            connection.answer(waiting.ack, result)
            return
        caller = replace(connection.caller, correlation_id=correlation_id)
        if (way := self._ways.get(spec.type)) is not None:
            await way(connection, waiting, spec, caller)
            return
        result = await self._dispatcher.run(caller, spec, waiting.payload)
        connection.answer(waiting.ack, bytes(result))

    def _refuse(
        self, connection: Connection, name: str, ack: int | None, refusal: ApiError, correlation_id: str
    ) -> None:
        if connection.agent:
            self._faults.count(connection.member_id, name, refusal)
        connection.refuse(ack, refusal.body(correlation_id))

    async def _join(
        self, connection: Connection, waiting: Waiting, spec: CommandSpec, caller: Caller
    ) -> None:
        """Listen first, then read, then answer, then deliver what came meanwhile."""
        room = decode_command(spec, waiting.payload).room  # type: ignore[attr-defined]
        self._hub.leave(connection, room)
        try:
            await self._hub.hold(connection, room)
            result = await self._dispatcher.run(caller, spec, waiting.payload)
        except BaseException:
            self._hub.leave(connection, room)
            raise
        joined = msgspec.json.decode(result, type=_Arrival)
        connection.answer(waiting.ack, bytes(result))
        self._hub.release(connection, room, joined.head, present=joined.kind is not RoomKind.INBOX)

    async def _attach(
        self, connection: Connection, waiting: Waiting, spec: CommandSpec, caller: Caller
    ) -> None:
        """Know which process has come by the connection, before it is told that it is known."""
        instance_id = decode_command(spec, waiting.payload).instance_id  # type: ignore[attr-defined]
        result = await self._dispatcher.run(caller, spec, waiting.payload)
        await self._processes.attach(connection, instance_id)
        if self._hub.get(connection.sid) is not connection:
            # It has closed meanwhile, and that may have been written down first.
            self._processes.detach(connection)
        connection.answer(waiting.ack, bytes(result))

    def _forget(self, sid: str) -> None:
        """Be done with a connection."""
        connection = self._hub.remove(sid)
        if connection is not None:
            self._processes.detach(connection)

    def _close(self, connection: Connection, reason: str, reconnect: bool) -> None:  # noqa: FBT001
        connection.send("closing", {"reason": reason, "reconnect": reconnect})
        metrics.connections_closed.labels(reason).inc()
        self._tasks.spawn(self._hang_up_soon(connection, reason), "hang up")
        # From here on nothing more is delivered to it or taken from it.
        self._forget(connection.sid)

    async def _hang_up_soon(self, connection: Connection, reason: str) -> None:
        await asyncio.sleep(FLUSH_SECONDS)
        connection.client.close(reason)


def _failure(correlation_id: str) -> ApiError:
    """What a client is told of a fault of ours, which is being handled; the log is told the rest."""
    metrics.errors.labels("command").inc()
    logger.exception("command_failed", correlation_id=correlation_id)  # noqa: LOG004 -- called in handlers
    return ApiError(ErrorCode.INTERNAL, "The server failed; nothing was changed.")


def _together(waiting: deque[Waiting]) -> list[Waiting]:
    """The command whose turn it is, with those after it that may be begun before it has ended."""
    several = [waiting.popleft()]
    if _overlaps(several[0]):
        while waiting and _overlaps(waiting[0]):
            several.append(waiting.popleft())
    return several


def _overlaps(waiting: Waiting) -> bool:
    spec = COMMANDS.get(waiting.name)
    return spec is not None and overlaps(spec)


def _token(auth: Any) -> str:
    """The token that a client names in `auth` when it connects."""
    if not isinstance(auth, dict) or not isinstance(auth.get("token"), str):
        raise ApiError(
            ErrorCode.UNAUTHENTICATED,
            "Connect with auth {token, protocol}: an access token or a program's token.",
        )
    if auth.get("protocol", VERSION) != VERSION:
        raise ApiError(
            ErrorCode.UNSUPPORTED_PROTOCOL,
            f"This server speaks protocol {VERSION}.",
            supported=[VERSION],
        )
    token: str = auth["token"]
    return token
