"""The Engine.IO server: handshakes, the requests of polling sessions, heartbeats."""

import asyncio
import heapq
import itertools
import secrets
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec
import structlog
from aiohttp import hdrs, web

from server.engine import websocket
from server.engine.packet import PING, Packet, parse_body
from server.engine.session import Link, Session
from server.engine.takeover import take_over
from server.tasks import Tasks

logger = structlog.get_logger(__name__)

PING_SECONDS = 25.0
PONG_SECONDS = 20.0
STEP_SECONDS = 10.0
"""How long a WebSocket may take to become its session's transport."""
FAREWELL_SECONDS = 10.0
"""How long the last words to a client on polling are kept for its next requests."""
TICK_SECONDS = 0.02

S = TypeVar("S", bound=Session)

Admit = Callable[[], int]
"""Seconds after which one more client may come; 0 lets it in."""


class Refusal(Exception):  # noqa: N818 -- it is what a client is answered
    """A request that the protocol does not allow, in the words and codes of the reference server."""

    def __init__(self, code: int, message: str, status: int = 400, *, retry_after: int = 0) -> None:
        super().__init__(message)
        self.code, self.status, self.retry_after = code, status, retry_after


UNKNOWN_TRANSPORT = (0, "Transport unknown")
UNKNOWN_SESSION = (1, "Session ID unknown")
BAD_METHOD = (2, "Bad handshake method")
BAD_REQUEST = (3, "Bad request")
FORBIDDEN = (4, "Forbidden", 403)
UNSUPPORTED_VERSION = (5, "Unsupported protocol version")


class Engine(Generic[S]):
    """All sessions of this process. `make(engine, id, address, now)` makes those of a new client.

    `welcomes(origin, host)` is whether pages of this origin may connect to the server which they address
    as `host`; `address(request)` is where a request comes from.
    """

    def __init__(
        self,
        make: Callable[["Engine[S]", str, str, float], S],
        *,
        max_message_bytes: int,
        welcomes: Callable[[str, str], bool],
        address: Callable[[web.Request], str],
        admit: Admit | None = None,
        deflate: bool = False,
        ping_seconds: float = PING_SECONDS,
        pong_seconds: float = PONG_SECONDS,
    ) -> None:
        self._make = make
        self._max_bytes = max_message_bytes
        self._welcomes = welcomes
        self._address = address
        self._admit = admit
        self._deflate = deflate
        self._ping_seconds, self._pong_seconds = ping_seconds, pong_seconds
        self.sessions: dict[str, S] = {}
        self._farewells: dict[str, S] = {}
        self._due: list[tuple[float, int, S]] = []
        """When each session is to be looked at: for its next ping, or for the pong that is due."""
        self._count = itertools.count()
        self._tasks = Tasks()

    def start(self) -> None:
        self._tasks.spawn(self._beat(), "engine heartbeats")

    async def close(self) -> None:
        """End all sessions."""
        for session in list(self.sessions.values()):
            session.close("shutting_down", code=websocket.GOING_AWAY)
        await self._tasks.close()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request of any method at the engine's path."""
        origin = request.headers.get(hdrs.ORIGIN)
        try:
            if origin is not None and not self._welcomes(origin, request.host):
                raise Refusal(*FORBIDDEN)
            response = await self._route(request)
        except Refusal as refusal:
            body = msgspec.json.encode({"code": refusal.code, "message": str(refusal)})
            response = web.Response(body=body, status=refusal.status, content_type="application/json")
            if refusal.retry_after:
                response.headers[hdrs.RETRY_AFTER] = str(refusal.retry_after)
        if origin is not None and not response.prepared:
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
            response.headers.add(hdrs.VARY, hdrs.ORIGIN)
        return response

    def forget(self, session: Session) -> None:
        """A session has ended."""
        self.sessions.pop(session.id, None)

    def keep_farewell(self, session: Session) -> None:
        """Keep what waits for a session on polling, which is about to end, for its next requests."""
        self._farewells[session.id] = self.sessions[session.id]
        asyncio.get_running_loop().call_later(FAREWELL_SECONDS, self._farewells.pop, session.id, None)

    def report_malformed(self, session: Session, error: Exception) -> None:
        """Log what ended a session; the packet itself may hold what nobody should read."""
        logger.info("malformed_packet", address=session.address, error=str(error)[:200])

    async def _route(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        if request.method == hdrs.METH_OPTIONS:
            return _preflight()
        if (transport := query.get("transport")) not in {"polling", "websocket"}:
            raise Refusal(*UNKNOWN_TRANSPORT)
        session = self._find(query["sid"]) if "sid" in query else None
        if session is None and request.method != hdrs.METH_GET:
            raise Refusal(*BAD_METHOD)
        if query.get("EIO") != "4":
            raise Refusal(*UNSUPPORTED_VERSION)
        if transport == "websocket":
            return self._websocket(request, session)
        if session is None:
            return await self._open(request)
        if request.method == hdrs.METH_GET:
            return await self._poll(session)
        if request.method == hdrs.METH_POST:
            return await self._post(session, request)
        raise Refusal(*BAD_METHOD)

    def _find(self, session_id: str) -> S:
        session = self.sessions.get(session_id) or self._farewells.get(session_id)
        if session is None:
            raise Refusal(*UNKNOWN_SESSION)
        if session.pong_by is not None and asyncio.get_running_loop().time() >= session.pong_by:
            self._expire(session)
            raise Refusal(*UNKNOWN_SESSION)
        return session

    def _new(self, request: web.Request, upgrades: list[str]) -> S:
        address = self._address(request)
        if self._admit is not None and (wait := self._admit()) > 0:
            raise Refusal(BAD_REQUEST[0], f"Too many clients; try again in {wait} s", 503, retry_after=wait)
        now = asyncio.get_running_loop().time()
        session = self._make(self, secrets.token_urlsafe(15), address, now)
        opening = {
            "sid": session.id,
            "upgrades": upgrades,
            "pingInterval": int(self._ping_seconds * 1000),
            "pingTimeout": int(self._pong_seconds * 1000),
            "maxPayload": self._max_bytes,
        }
        session.queue((Packet(b"0" + msgspec.json.encode(opening)),))
        session.ping_at = now + self._ping_seconds
        self.sessions[session.id] = session
        heapq.heappush(self._due, (session.ping_at, next(self._count), session))
        return session

    async def _open(self, request: web.Request) -> web.Response:
        session = self._new(request, ["websocket"])
        return _text(await session.poll())

    async def _poll(self, session: S) -> web.Response:
        if not session.polling:
            raise Refusal(*BAD_REQUEST)
        if session.polled:
            session.close("overlapping_polls")
            raise Refusal(*BAD_REQUEST)
        body = await session.poll()
        if not session.outbox:
            self._farewells.pop(session.id, None)
        return _text(body)

    async def _post(self, session: S, request: web.Request) -> web.Response:
        if not session.polling or session.closed:
            raise Refusal(*BAD_REQUEST)
        if session.posting:
            session.close("overlapping_requests")
            raise Refusal(*BAD_REQUEST)
        session.posting = True
        try:
            # Read whole, in however many segments it comes; over the application's limit it ends with 413.
            body = await request.read()
            for packet in parse_body(body):
                session.take(packet)
        except (ValueError, web.RequestPayloadError, web.HTTPRequestEntityTooLarge) as error:
            self.report_malformed(session, error)
            session.lost("malformed_packet")
            if isinstance(error, web.HTTPRequestEntityTooLarge):
                raise
            raise Refusal(*BAD_REQUEST) from None
        finally:
            session.posting = False
        return _text("ok")

    def _websocket(self, request: web.Request, session: S | None) -> web.StreamResponse:
        key = websocket.accept(request.headers.get(hdrs.SEC_WEBSOCKET_KEY, ""))
        if key is None or not _upgrades(request):
            raise Refusal(*BAD_REQUEST)
        headers: dict[str, str] = {hdrs.SEC_WEBSOCKET_ACCEPT: key}
        extension = None
        if self._deflate:
            offered = ",".join(request.headers.getall(hdrs.SEC_WEBSOCKET_EXTENSIONS, []))
            extension = websocket.negotiate(offered)
        if extension is not None:
            headers[hdrs.SEC_WEBSOCKET_EXTENSIONS] = extension
        stepping = session is not None
        refused = session is not None and (not session.polling or session.probe is not None or session.closed)
        if session is None:
            session = self._new(request, [])
        link = Link(session, self._max_bytes, deflates=extension is not None, stepping=stepping)
        if refused:
            # Known only here, but a browser is told nothing of a refused handshake.
            link.session = _Nobody(self, "", session.address, 0)
        try:
            response = take_over(request, link, headers)
        except ConnectionResetError:
            if not stepping:
                session.lost("connection_lost")
            raise Refusal(*BAD_REQUEST) from None
        if refused:
            link.close(websocket.PROTOCOL_ERROR, "the session has a WebSocket already")
        elif stepping:
            asyncio.get_running_loop().call_later(STEP_SECONDS, self._give_up, link)
        return response

    def _give_up(self, link: Link) -> None:
        if link.stepping:
            link.close(websocket.PROTOCOL_ERROR, "the upgrade was not finished")

    async def _beat(self) -> None:
        """Ping each session in its turn, and end those whose pong is overdue."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            while self._due and self._due[0][0] <= now:
                due, _, session = heapq.heappop(self._due)
                if not session.closed:
                    heapq.heappush(self._due, (self._look(session, due), next(self._count), session))
            wait = self._due[0][0] - loop.time() if self._due else self._ping_seconds
            await asyncio.sleep(max(TICK_SECONDS, min(wait, self._ping_seconds)))

    def _look(self, session: S, due: float) -> float:
        """Do what is due for a session and return when it is due again."""
        if session.pong_by is not None:
            if due >= session.pong_by:
                self._expire(session)
            return session.pong_by
        if due >= session.ping_at:
            session.send(PING)
            # Where this process stood still, that is not taken from what the client has to answer in.
            since = max(due, asyncio.get_running_loop().time() - self._pong_seconds / 4)
            session.ping_at, session.pong_by = since + self._ping_seconds, since + self._pong_seconds
        return min(session.ping_at, session.pong_by or session.ping_at)

    def _expire(self, session: S) -> None:
        if session.polling:
            session.lost("ping_timeout")
        else:
            session.close("ping_timeout")


class _Nobody(Session):
    """Whom a WebSocket belongs to that was refused."""

    __slots__ = ()

    def received(self, message: str | bytes) -> None:
        """Nothing it says counts."""

    def ended(self, reason: str) -> None:
        """It never began."""

    def directness_changed(self) -> None:
        """It is sent nothing."""


def _upgrades(request: web.Request) -> bool:
    """Whether all that follows the request's head is WebSocket."""
    connection = ",".join(request.headers.getall(hdrs.CONNECTION, [])).lower()
    return (
        request.method == hdrs.METH_GET
        and not request.body_exists
        and "upgrade" in {option.strip() for option in connection.split(",")}
        and request.headers.get(hdrs.UPGRADE, "").lower() == "websocket"
        and request.headers.get(hdrs.SEC_WEBSOCKET_VERSION) == "13"
    )


def _text(body: str) -> web.Response:
    return web.Response(text=body, headers={hdrs.CACHE_CONTROL: "no-store"})


def _preflight() -> web.Response:
    return web.Response(
        status=204,
        headers={
            hdrs.ACCESS_CONTROL_ALLOW_METHODS: "GET, POST",
            hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "Content-Type",
        },
    )
