"""One Socket.IO connection: from the handshake over `ready` until it drops. Coming back is not its business.

The library's own reconnection is off, since only the client knows when credentials must be renewed first.
Messages are handed over in the order in which the server sent them: the library runs each message in a
task of its own, so the receiver must be, and is, a plain function.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
import msgspec
import socketio
import socketio.packet

from ymera_client.errors import DeadlineExceeded, Internal, TooLarge, Unavailable, YmeraError, from_body
from ymera_client.generated import PROTOCOL_VERSION, Closing, Command, Limits, Ready

R = TypeVar("R")

CONNECT_TIMEOUT = 15.0
"""Seconds from opening the socket to `ready`."""
CLOSE_TIMEOUT = 2
"""Seconds to wait for the server to agree to a close."""
ANSWER_TIMEOUT = 30.0
"""Seconds to wait for the answer to a command."""
ENVELOPE = 200
"""Bytes that a message needs beside its payload, at most."""
MAX_MESSAGE = 256 * 1024 * 1024
"""Bytes of one message from the server, at most: a large project's snapshot is tens of megabytes."""

Receive = Callable[[str, Any], None]

# What the library says at lower levels holds whole payloads, tokens among them.
_library_log = logging.getLogger("ymera_client.socketio")
_library_log.setLevel(logging.ERROR)


class _Json:
    """JSON for the library's packets; its own way to set this would change every client in the process."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return msgspec.json.encode(value).decode()

    loads = staticmethod(msgspec.json.decode)


class _Packet(socketio.packet.Packet):  # type: ignore[misc]
    json = _Json


class Pace:
    """Keeps what is sent below the rate at which the server refuses: a refused command loses its place."""

    def __init__(self, limits: Limits) -> None:
        self._interval = 1.0 / (0.9 * limits.command_rate)
        # Half of what the server takes, since a network can bring late what was sent at intervals.
        self._slack = 0.5 * limits.command_burst * self._interval
        self._due = 0.0

    def wait(self, now: float) -> float:
        """Seconds from `now` (monotonic) after which one more command may go; it counts as sent."""
        self._due = max(self._due, now) + self._interval
        return max(0.0, self._due - self._slack - now)


class Connection:
    """A live connection. `ready` says who it belongs to; `dropped` is done when it is gone."""

    def __init__(self, http: aiohttp.ClientSession, token: str, receive: Receive) -> None:
        loop = asyncio.get_running_loop()
        self.token = token
        self.ready: Ready
        self._pace: Pace
        self.farewell: Closing | None = None
        """Why the server is about to end the connection, if it said so."""
        self.dropped: asyncio.Future[None] = loop.create_future()
        self._greeting: asyncio.Future[Any] = loop.create_future()
        self._unanswered: set[asyncio.Future[Any]] = set()
        self._receive = receive
        self._refusal: YmeraError | None = None
        self._socket = socketio.AsyncClient(
            reconnection=False,
            handle_sigint=False,
            serializer=_Packet,
            logger=_library_log,
            engineio_logger=_library_log,
            http_session=http,
            request_timeout=CLOSE_TIMEOUT,
            websocket_extra_options={"max_msg_size": MAX_MESSAGE},
        )
        self._socket.on("connect_error", self._on_refusal)
        self._socket.on("*", self._on_message)

    async def open(self, url: str) -> None:
        """Shake hands. The typed error of a refusal; Unavailable if the server cannot be reached."""
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                # Not waiting here: the library would not notice if the connection broke in the handshake.
                await self._socket.connect(
                    url,
                    auth={"token": self.token, "protocol": PROTOCOL_VERSION},
                    transports=["websocket"],
                    wait=False,
                )
                self._socket.eio.read_loop_task.add_done_callback(self._on_drop)
                await asyncio.wait({self._greeting, self.dropped}, return_when=asyncio.FIRST_COMPLETED)
        except (socketio.exceptions.ConnectionError, aiohttp.ClientError, OSError, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise Unavailable(f"{url} cannot be reached: {reason}.") from error
        if not self._greeting.done():
            raise self._refusal or Unavailable(f"{url} closed the connection before it was ready.")
        self.ready = _convert(self._greeting.result(), Ready)
        self._pace = Pace(self.ready.limits)

    async def close(self) -> None:
        """End the connection; what was unanswered fails with Unavailable."""
        self._fail_unanswered()
        try:
            async with asyncio.timeout(2 * CLOSE_TIMEOUT):
                await self._socket.disconnect()
                if self._socket.eio.ws is not None:
                    await self._socket.eio.ws.close()
        except TimeoutError:
            _library_log.error("The connection could not be closed in time.")
        finally:
            # The library's finalizer would close the HTTP session, which others still use.
            self._socket.eio.http = None

    async def send(self, name: str, payload: dict[str, Any]) -> asyncio.Future[Any]:
        """Send a command, as soon as the server's limits allow.

        The future gives the acknowledgement as it came; pass it to `answer`. TooLarge if the server would
        not take the command: it would end the connection, again and again.
        """
        limit = self.ready.limits.max_message_bytes - ENVELOPE
        if (size := len(msgspec.json.encode(payload))) > limit:
            raise TooLarge(f"{name} takes {size} bytes; the server takes {limit}.", data={"limit": limit})
        if (seconds := self._pace.wait(time.monotonic())) > 0:
            await asyncio.sleep(seconds)
        if self.dropped.done():
            raise Unavailable("The connection is gone.")
        acknowledgement: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._unanswered.add(acknowledgement)
        acknowledgement.add_done_callback(self._unanswered.discard)

        def acknowledged(*values: Any) -> None:
            if not acknowledgement.done():
                acknowledgement.set_result(values[0] if values else None)

        try:
            await self._socket.emit(name, payload, callback=acknowledged)
        except socketio.exceptions.SocketIOError as error:
            acknowledgement.cancel()
            # The namespace is left a moment before the transport ends; either way it carries nothing more.
            self._drop()
            raise Unavailable("The connection is gone.") from error
        return acknowledgement

    async def answer(self, acknowledgement: asyncio.Future[Any]) -> Any:
        """The plain result of a command that was sent; the typed error if it was refused or unanswered."""
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                reply = await acknowledgement
        except TimeoutError:
            raise DeadlineExceeded(f"The server gave no answer within {ANSWER_TIMEOUT:.0f} s.") from None
        if isinstance(reply, dict) and reply.get("ok") is True:
            return reply.get("result")
        raise from_body(reply.get("error") if isinstance(reply, dict) else None)

    async def request(self, command: Command[R]) -> R:
        """Send a command and give its reply, or raise the typed error."""
        plain = msgspec.to_builtins(command)
        return reply_of(command, await self.answer(await self.send(command.WIRE_NAME, plain)))

    def _on_message(self, name: str, data: Any = None, *_: Any) -> None:
        if name == "ready":
            if not self._greeting.done():
                self._greeting.set_result(data)
            return
        try:
            if name == "closing":
                self.farewell = _convert(data, Closing)
            self._receive(name, data)
        except Exception as error:  # noqa: BLE001 - the library would only log it; the owner has to know
            if not self.dropped.done():
                self.dropped.set_exception(error)

    def _on_refusal(self, body: Any = None) -> None:
        if isinstance(body, dict) and isinstance(body.get("data"), dict):
            self._refusal = from_body(body["data"])
        self._drop()

    def _on_drop(self, reading: asyncio.Task[None]) -> None:
        if not reading.cancelled() and (error := reading.exception()) is not None:
            _library_log.error("The connection broke: %s", type(error).__name__)
        self._drop()
        self._fail_unanswered()

    def _drop(self) -> None:
        if not self.dropped.done():
            self.dropped.set_result(None)

    def _fail_unanswered(self) -> None:
        for acknowledgement in list(self._unanswered):
            if not acknowledgement.done():
                acknowledgement.set_exception(Unavailable("The connection was lost before the answer came."))
                # Whoever gave up waiting does not collect it, and that is no fault.
                acknowledgement.exception()


@asynccontextmanager
async def connected(
    url: str, token: str, http: aiohttp.ClientSession, receive: Receive
) -> AsyncIterator[Connection]:
    """A ready connection for the length of a block. `receive` gets each message: its name and plain data."""
    connection = Connection(http, token, receive)
    try:
        await connection.open(url)
        yield connection
    finally:
        await connection.close()


def address(url: str) -> str:
    """The address of a server without what may follow it; ValueError if it is none."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
        raise ValueError(f"url: {url!r} is not a server's address such as https://ymera.example.org")
    return f"{parts.scheme}://{parts.netloc}"


def reply_of(command: Command[R], result: Any) -> R:
    """A command's plain result as its reply type; Internal if it is something else."""
    reply: R = _convert(result, command.REPLY)
    return reply


def _convert(value: Any, shape: Any) -> Any:
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise Internal(f"The server's answer cannot be read: {error}.", retryable=False) from error
