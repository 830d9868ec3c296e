"""Where python-socketio's and python-engineio's own interfaces end and ours begin.

Everything private of theirs that this program relies on is used here; tests/server/test_transport.py
fails when a new version moves it: `_async` (the aiohttp driver), the `_handle_…` methods, a socket's
`queue`. What it mends: bodies of polling requests that arrive in several segments, malformed packets that
were ignored or ended in a traceback, binary packets and answers held without bound, clients that leave while
they are let in.
"""

import asyncio
import io
from collections.abc import Callable
from typing import Any

import socketio
import structlog
from aiohttp import web
from engineio.async_drivers import aiohttp as driver
from engineio.payload import Payload

from server.packets import Json, Packet

logger = structlog.get_logger(__name__)

MAX_POLLING_PACKETS = 256
"""Packets in the body of one polling request."""
MAX_UNREAD = 1_024
"""Packets that may wait for a client that goes on sending; more than its connection ever queues."""
PING_SECONDS = 25
PONG_SECONDS = 20
_ENGINE_TYPES = "123456"
"""Engine.IO packets a client may send over a WebSocket: close, ping, pong, message, upgrade, noop."""
_POSTED_TYPES = "134"
"""Those it may send in the body of a request: close, pong, message."""


class _Body(io.BytesIO):
    """A request's body, read whole."""

    async def read(self, size: int | None = -1) -> bytes:  # type: ignore[override]
        return super().read(size)


def _well_formed(body: bytes) -> bool:
    """Whether this is what a client may send in the body of one request."""
    try:
        packets = body.decode().split("\x1e")
    except UnicodeDecodeError:
        return False
    return len(packets) <= MAX_POLLING_PACKETS and all(
        packet and packet[0] in _POSTED_TYPES for packet in packets
    )


class _WebSocket(driver.WebSocket):  # type: ignore[misc]
    """A WebSocket that ends at the first frame that is no Engine.IO packet, and when none comes."""

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        self._upgraded = False

    async def wait(self) -> str | bytes:
        async with asyncio.timeout(PING_SECONDS + PONG_SECONDS):
            frame: str | bytes = await super().wait()
        # Each upgrade is answered, so that many of them would fill the queue.
        again = frame[:1] == "5" and self._upgraded
        if isinstance(frame, bytes) or not frame or frame[0] not in _ENGINE_TYPES or again:
            logger.info("malformed_frame", length=len(frame))
            raise OSError("not an Engine.IO packet")
        self._upgraded = self._upgraded or frame[0] == "5"
        return frame


class Transport(socketio.AsyncServer):  # type: ignore[misc]
    """A Socket.IO server without its own rooms, tasks and acks.

    Subclasses say what happens on `opened`, `received` and `closed`. `welcomes(origin, host)`: whether pages
    of this origin may connect to the server which they address as `host`.
    """

    def __init__(self, *, max_message_bytes: int, welcomes: Callable[[str, str], bool]) -> None:
        Payload.max_decode_packets = MAX_POLLING_PACKETS
        super().__init__(
            async_mode="aiohttp",
            client_manager=socketio.AsyncManager(),
            json=Json,
            async_handlers=False,
            cors_allowed_origins=lambda origin, environ: welcomes(origin, environ.get("HTTP_HOST", "")),
            cors_credentials=False,
            http_compression=False,
            max_http_buffer_size=max_message_bytes,
            ping_interval=PING_SECONDS,
            ping_timeout=PONG_SECONDS,
            logger=_Quiet(),
            engineio_logger=_Quiet(),
        )
        self.eio._async = {  # noqa: SLF001 -- the one place for it
            **driver._async,  # noqa: SLF001
            "translate_request": self._translate_request,
            "websocket": _WebSocket,
        }
        self.on("connect", self._connect)
        self.on("disconnect", self._disconnect)

    async def opening(self, sid: str, transport: Any, auth: Any) -> None:
        """A client asks to connect; raise socketio.exceptions.ConnectionRefusedError to refuse."""
        raise NotImplementedError

    def opened(self, sid: str) -> None:
        """The client has been told that it is connected."""
        raise NotImplementedError

    def received(self, sid: str, name: str, arguments: list[Any], ack: int | None) -> None:
        """An event came; must not block, or the connection's pings are not answered."""
        raise NotImplementedError

    def closed(self, sid: str) -> None:
        """The connection is gone."""
        raise NotImplementedError

    async def hang_up(self, sid: str) -> None:
        """Close a connection and its transport."""
        eio_sid = self.manager.eio_sid_from_sid(sid, "/")
        if eio_sid is not None:
            await self._end(eio_sid)

    async def hang_up_unconnected(self, older_than: float) -> None:
        """Close transports that opened over `older_than` seconds ago and never connected."""
        now = asyncio.get_running_loop().time()
        for eio_sid, socket in list(self.eio.sockets.items()):
            since = socket.session.setdefault("since", now)
            if now - since > older_than and not self.manager.sid_from_eio_sid(eio_sid, "/"):
                await self._end(eio_sid)

    async def _end(self, eio_sid: str) -> None:
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None:
            await socket.close(wait=False, reason=self.reason.SERVER_DISCONNECT)

    async def _translate_request(self, request: web.Request) -> dict[str, Any]:
        environ: dict[str, Any] = driver.translate_request(request)
        # `Request.read` ends at the application's client_max_size with 413.
        body = await request.read() if request.method == "POST" else b""
        if request.method == "POST" and not _well_formed(body):
            logger.info("malformed_body", length=len(body))
            await self._end(request.query.get("sid", ""))
            raise web.HTTPBadRequest(reason="The body holds no Engine.IO packets, or too many")
        environ["wsgi.input"] = _Body(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["REMOTE_ADDR"] = request.remote or ""
        return environ

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        await super()._handle_eio_disconnect(eio_sid, reason)
        # The end of the queue, after the last packet: it ends a waiting poll, and closes a WebSocket
        # whose client would go on.
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None:
            asyncio.get_running_loop().call_soon(socket.queue.put_nowait, None)

    async def _connect(self, sid: str, _: dict[str, Any], auth: Any) -> None:
        eio_sid = self.manager.eio_sid_from_sid(sid, "/")
        socket = self.eio.sockets[eio_sid]
        await self.opening(sid, socket, auth)

    def _disconnect(self, sid: str, _: str) -> None:
        self.closed(sid)

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        if self.manager.sid_from_eio_sid(eio_sid, namespace or "/") is not None:
            raise ValueError("connected twice")
        await super()._handle_connect(eio_sid, namespace, data)
        # There is none in other namespaces: those were refused.
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace or "/")
        if sid is None or not self.manager.is_connected(sid, "/"):
            return
        socket = self.eio.sockets.get(eio_sid)
        if socket is None or socket.closing:
            # It left while it was let in, and what ended then was not yet a connection.
            await self._handle_disconnect(eio_sid, "/")
        else:
            self.opened(sid)

    async def _handle_event(self, eio_sid: str, namespace: str | None, ack: int | None, data: Any) -> None:
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace or "/")
        if sid is None or not self.manager.is_connected(sid, "/"):
            raise ValueError("an event before the connection was accepted")
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            raise ValueError("an event without a name")
        self.received(sid, data[0], data[1:], ack)

    async def _handle_ack(self, *_: Any) -> None:
        raise ValueError("an acknowledgement that nobody asked for")

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        """Anything malformed ends the connection it came from, and nothing else."""
        try:
            if not isinstance(data, str) or data[:1] in {"5", "6"}:
                raise ValueError("binary packets are not used in this protocol")
            socket = self.eio.sockets.get(eio_sid)
            if socket is not None and socket.queue.qsize() > MAX_UNREAD:
                raise ValueError("its client sends but does not read")
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            logger.info("malformed_packet", error=str(error)[:200])
            await self._end(eio_sid)


class _Quiet:
    """A logger for the libraries: their warnings concern clients, and may quote their packets."""

    def info(self, *_: Any) -> None:
        """Nothing: there is a line for each packet."""

    warning = info

    def error(self, message: str, *_: Any) -> None:
        """A fault of the libraries, without its arguments."""
        logger.error("socketio_error", message=message)

    def exception(self, message: str, *_: Any) -> None:
        """A fault of the libraries with its traceback, without its arguments."""
        logger.exception("socketio_error", message=message)  # noqa: LOG004 -- called in handlers


__all__ = ["Packet", "Transport"]
