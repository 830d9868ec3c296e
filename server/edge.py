"""The Socket.IO edge: who may connect, and each command's way from its packet to its ack.

Commands of one connection are carried out in the order in which they came, one after another, outside
the transport's read loop, so that a slow one holds up neither pings nor other connections.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import msgspec
import structlog
from socketio.exceptions import ConnectionRefusedError as Refused

from handlers.dispatch import Caller, Dispatcher, unreachable
from persistence.database import UNREACHABLE
from persistence.ids import new_id
from protocol import VERSION
from protocol.errors import ApiError, ErrorCode
from protocol.registry import CommandSpec
from protocol.rooms import RoomJoin, RoomKind
from protocol.sessions import Limits, Ready
from protocol.wire import Failure, Success, command_spec, decode_command
from protocol.workspace import Workspace
from server import metrics, signals
from server.connection import Bucket, Connection, Waiting
from server.credentials import Identified
from server.hub import Hub
from server.settings import Settings
from server.tasks import Tasks
from server.transport import Transport

logger = structlog.get_logger(__name__)

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


Authenticate = Callable[[str, str], Awaitable[Identified]]
"""From a token and a correlation id; ApiError `unauthenticated` or `token_expired`."""


class Edge(Transport):
    """All client connections of this node."""

    def __init__(
        self,
        settings: Settings,
        hub: Hub,
        dispatcher: Dispatcher,
        authenticate: Authenticate,
        refresh: signals.Refresh,
        workspace: Callable[[], Awaitable[Workspace]],
        generation: str,
    ) -> None:
        super().__init__(
            max_message_bytes=settings.max_message_bytes,
            welcomes=settings.welcomes,
        )
        self._settings = settings
        self._hub = hub
        self._dispatcher = dispatcher
        self._authenticate = authenticate
        self._signals = signals.Signals(hub, refresh)
        self._workspace = workspace
        self._generation = generation
        self._ready: dict[str, Ready] = {}
        self._commands = Tasks()
        self._tasks = Tasks()
        self._draining = False

    def start(self) -> None:
        self._tasks.spawn(self._sweep(), "edge sweep")

    async def drain(self, grace: float) -> None:
        """Take no more connections and commands, tell clients to go elsewhere, finish what runs."""
        self._draining = True
        for connection in self._hub.all():
            connection.send("closing", {"reason": "draining", "reconnect": True})
        await self._commands.finish(grace)
        await asyncio.sleep(FLUSH_SECONDS)
        for connection in self._hub.all():
            await self.hang_up(connection.sid)
        await self._commands.close()
        await self._tasks.close()
        await self.shutdown()

    async def opening(self, sid: str, transport: Any, auth: Any) -> None:
        correlation_id = new_id()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                self._ready[sid] = await self._admit(sid, transport, auth, correlation_id)
            return
        except ApiError as error:
            refusal = error
        except UNREACHABLE as error:
            refusal = unreachable(error)
        except Exception:
            logger.exception("connect_failed", correlation_id=correlation_id)
            refusal = ApiError(ErrorCode.INTERNAL, "The server failed; try again.")
        self._hub.remove(sid)
        metrics.connections_refused.labels(refusal.code).inc()
        raise Refused(refusal.message, msgspec.to_builtins(refusal.body(correlation_id)))

    def opened(self, sid: str) -> None:
        connection = self._hub.get(sid)
        if connection is not None:
            connection.send("ready", self._ready.pop(sid))

    def closed(self, sid: str) -> None:
        self._ready.pop(sid, None)
        self._hub.remove(sid)

    def received(self, sid: str, name: str, arguments: list[Any], ack: int | None) -> None:
        connection = self._hub.get(sid)
        if connection is None:
            return
        payload = arguments[0] if len(arguments) == 1 else arguments or None
        try:
            if self._draining:
                raise ApiError(ErrorCode.UNAVAILABLE, "This node is shutting down; reconnect and send again.")
            connection.admit(Waiting(name, payload, ack, time.perf_counter()))
        except ApiError as error:
            metrics.count_command(name, error.code, 0)
            connection.answer(ack, Failure(error=error.body(new_id())))
            return
        if not connection.working:
            connection.working = True
            self._commands.spawn(self._work(connection), "commands")

    async def _admit(self, sid: str, transport: Any, auth: Any, correlation_id: str) -> Ready:
        if self._draining:
            raise ApiError(ErrorCode.UNAVAILABLE, "This node is shutting down; try another.")
        token = _token(auth)
        identified = await self._authenticate(token, correlation_id)
        connection = Connection(
            sid,
            transport,
            identified.caller,
            identified.me.role,
            identified.expires_at,
            Bucket(self._settings.command_rate, self._settings.command_burst),
            close=self._close,
            evict=self._hub.leave,
        )
        await self._hub.add(connection)
        # Asked again now that its inbox is heard: nobody was told of what ended in between.
        identified = await self._authenticate(token, correlation_id)
        return Ready(
            me=identified.me,
            workspace=await self._workspace(),
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

    async def _work(self, connection: Connection) -> None:
        """Carry out what waits on a connection, until nothing does."""
        try:
            while connection.waiting and self._hub.get(connection.sid) is connection:
                if connection.full:
                    await asyncio.sleep(FULL_SECONDS)
                else:
                    await self._carry_out(connection, connection.waiting.popleft())
        finally:
            connection.working = False

    async def _carry_out(self, connection: Connection, waiting: Waiting) -> None:
        correlation_id = new_id()
        with structlog.contextvars.bound_contextvars(
            correlation_id=correlation_id, command=waiting.name[:64], member=connection.member_id
        ):
            refusal: ApiError | None = None
            try:
                await self._answer(connection, waiting, correlation_id)
            except ApiError as error:
                refusal = error
            except UNREACHABLE as error:
                refusal = unreachable(error)
            except Exception:
                metrics.errors.labels("command").inc()
                logger.exception("command_failed")
                refusal = ApiError(ErrorCode.INTERNAL, "The server failed; nothing was changed.")
            if refusal is not None:
                connection.answer(waiting.ack, Failure(error=refusal.body(correlation_id)))
            outcome = refusal.code if refusal is not None else "ok"
            seconds = time.perf_counter() - waiting.received
            metrics.count_command(waiting.name, outcome, seconds)
            logger.debug("command", outcome=outcome, seconds=round(seconds, 4))

    async def _answer(self, connection: Connection, waiting: Waiting, correlation_id: str) -> None:
        spec = command_spec(waiting.name)
        if spec.signal:
            reply = await self._signals.run(connection, decode_command(spec, waiting.payload))
            connection.answer(waiting.ack, Success(result=reply))
            return
        caller = replace(connection.caller, correlation_id=correlation_id)
        if spec.type is RoomJoin:
            await self._join(connection, waiting, spec, caller)
            return
        result = await self._dispatcher.run(caller, spec, waiting.payload)
        connection.answer(waiting.ack, Success(result=result))

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
        connection.answer(waiting.ack, Success(result=result))
        self._hub.release(connection, room, joined.head, present=joined.kind is not RoomKind.INBOX)

    def _close(self, connection: Connection, reason: str, reconnect: bool) -> None:  # noqa: FBT001
        connection.send("closing", {"reason": reason, "reconnect": reconnect})
        metrics.connections_closed.labels(reason).inc()
        self._tasks.spawn(self._hang_up_soon(connection), "hang up")
        # From here on nothing more is delivered to it or taken from it.
        self._hub.remove(connection.sid)

    async def _hang_up_soon(self, connection: Connection) -> None:
        await asyncio.sleep(FLUSH_SECONDS)
        await self.hang_up(connection.sid)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(1)
            await self.hang_up_unconnected(CONNECT_SECONDS)


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
