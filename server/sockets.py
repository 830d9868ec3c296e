"""Socket.IO 5 over Engine.IO sessions: namespaces, and who is connected to them.

Anything malformed ends the session that it came from, and nothing else. A namespace is told of its sockets in
order: `connecting`, `connected`, events, `disconnected`.
"""

import asyncio
from typing import Any, Protocol

import orjson
import structlog
from aiohttp import web

from persistence.ids import new_id
from server import packets
from server.engine.packet import Packet
from server.engine.server import Engine
from server.engine.session import Session
from server.packets import Decoded
from server.tasks import Tasks

logger = structlog.get_logger(__name__)

PATH = "/socket.io/"
MAX_NAMESPACES = 10
"""Namespaces that one session may be connected to."""
MAX_HEAD = 2 + packets.MAX_ACK_DIGITS + 1
"""Characters of an event in the main namespace before its data."""
MAX_ASKED = 20
"""How often a session may ask to connect."""
CONNECT_SECONDS = 10.0
"""How long a session may stay without a socket."""
SWEEP_SECONDS = 0.25


class Refused(Exception):  # noqa: N818 -- it is what a client is told
    """A namespace does not let a client in; `data` says why, beside the message."""

    def __init__(self, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.data = data


class Socket:
    """A client in a namespace."""

    __slots__ = ("behind", "client", "connected", "id", "left", "namespace")

    def __init__(self, client: "Client", namespace: str, behind: "Namespace") -> None:
        self.id = new_id()
        self.client = client
        self.namespace = namespace
        self.behind = behind
        self.connected = False
        """Whether it has been let in."""
        self.left = False
        """Whether it has disconnected while it was being let in."""

    def send(self, packet: Packet) -> None:
        """Send a packet of the main namespace."""
        self.client.send(packet)

    def emit(self, name: str, *arguments: Any) -> None:
        """Send an event."""
        self.client.send_all(packets.packets(packets.EVENT, self.namespace, None, [name, *arguments]))

    def acknowledge(self, ack_id: int, *values: Any) -> None:
        """Answer an event that asked for it."""
        self.client.send_all(packets.packets(packets.ACK, self.namespace, ack_id, list(values)))


class Namespace(Protocol):
    """What is behind a namespace."""

    async def connecting(self, socket: Socket, auth: Any) -> None:
        """A client asks to connect; raise Refused to refuse."""

    def connected(self, socket: Socket) -> None:
        """The client has been told that it is connected."""

    def received(self, socket: Socket, name: str, arguments: list[Any], ack: int | None) -> None:
        """An event came. Must not block; ValueError ends the session."""

    def disconnected(self, socket: Socket) -> None:
        """A socket is gone that `connecting` was called for."""

    def directness_changed(self, socket: Socket) -> None:
        """The `write` of a connected socket's client was set or taken away."""


class Client(Session):
    """A session whose messages are Socket.IO packets."""

    __slots__ = ("_asked", "_attachments", "_partial", "sockets", "transport")

    def __init__(self, transport: "SocketServer", *session: Any) -> None:
        super().__init__(*session)
        self.transport = transport
        self.sockets: dict[str, Socket] = {}
        """By namespace, those included that are being let in."""
        self._asked = 0
        """How often it has asked to connect: each time costs a look at its credentials."""
        self._partial: Decoded | None = None
        self._attachments: list[bytes] = []

    def take_text(self, packet: bytes) -> None:
        # By far the most: an event in the main namespace. Everything else goes the long way.
        if packet.startswith(b"42") and (start := packet.find(b"[", 2, MAX_HEAD)) > 0:
            socket, number = self.sockets.get("/"), packet[2:start]
            if socket is not None and self._partial is None and (not number or number.isdigit()):
                try:
                    data = orjson.loads(packet[start:])
                except orjson.JSONDecodeError:
                    pass
                else:
                    self._event(socket, data, int(number) if number else None)
                    return
        super().take_text(packet)

    def received(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self._attach(message)
            return
        if self._partial is not None:
            raise ValueError("attachments are missing")
        decoded = packets.decode(message)
        if decoded.attachments > self.transport.attachments:
            raise ValueError(f"at most {self.transport.attachments} attachments may belong to a packet")
        if decoded.attachments:
            self._partial = decoded
        else:
            self._handle(decoded)

    def ended(self, _: str) -> None:
        sockets, self.sockets = self.sockets, {}
        self.transport.idle.pop(self, None)
        for socket in sockets.values():
            if socket.connected:
                socket.behind.disconnected(socket)

    def directness_changed(self) -> None:
        for socket in self.sockets.values():
            if socket.connected:
                socket.behind.directness_changed(socket)

    def connect(self, socket: Socket) -> None:
        """A namespace lets it in."""
        socket.connected = True
        self._rest(idle=False)
        self.send_all(packets.packets(packets.CONNECT, socket.namespace, None, {"sid": socket.id}))

    def part(self, namespace: str) -> None:
        """It is no longer in a namespace, or does not get in."""
        self.sockets.pop(namespace, None)
        self._rest(idle=not self.sockets and not self.closed)

    def refuse(self, namespace: str, message: str, data: Any = None) -> None:
        """A namespace does not let it in."""
        self.part(namespace)
        body = {"message": message} if data is None else {"message": message, "data": data}
        self.send_all(packets.packets(packets.REFUSED, namespace, None, body))

    def _attach(self, message: bytes) -> None:
        if self._partial is None:
            raise ValueError("a binary message that belongs to no packet")
        self._attachments.append(message)
        if len(self._attachments) == self._partial.attachments:
            try:
                data = packets.restore(self._partial.data, self._attachments)
            except RecursionError:
                raise ValueError("nested too deeply") from None
            decoded = self._partial._replace(data=data)
            self._partial, self._attachments = None, []
            self._handle(decoded)

    def _handle(self, packet: Decoded) -> None:
        kind, namespace, ack, data, _ = packet
        if kind in {packets.EVENT, packets.BINARY_EVENT}:
            self._event(self.sockets.get(namespace), data, ack)
        elif kind == packets.CONNECT:
            self._ask(namespace, data)
        elif kind == packets.DISCONNECT:
            self._disconnect(namespace)
        else:
            raise ValueError("a packet that no client sends, or an answer to nothing")

    def _event(self, socket: Socket | None, data: Any, ack: int | None) -> None:
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            raise ValueError("an event without a name")
        if socket is None or not socket.connected:
            raise ValueError("an event where the client is not connected")
        socket.behind.received(socket, data[0], data[1:], ack)

    def _ask(self, namespace: str, auth: Any) -> None:
        if auth is not None and not isinstance(auth, dict):
            raise ValueError("credentials that are no object")
        if namespace in self.sockets:
            raise ValueError("connected twice")
        self._asked += 1
        if self._asked > MAX_ASKED:
            raise ValueError("connects over and over")
        if namespace not in self.transport.namespaces:
            self.refuse(namespace, "Invalid namespace")
            return
        if len(self.sockets) >= MAX_NAMESPACES:
            raise ValueError("connected to too many namespaces")
        behind = self.transport.namespaces[namespace]
        socket = self.sockets[namespace] = Socket(self, namespace, behind)
        self.transport.let_in(socket, auth)

    def _disconnect(self, namespace: str) -> None:
        socket = self.sockets.get(namespace)
        if socket is None:
            return
        if not socket.connected:
            # It stays until that is decided, so that no client is let in many times at once.
            socket.left = True
            return
        self.part(namespace)
        socket.behind.disconnected(socket)

    def _rest(self, *, idle: bool) -> None:
        if not idle:
            self.transport.idle.pop(self, None)
        elif self not in self.transport.idle:
            self.transport.idle[self] = asyncio.get_running_loop().time()


class SocketServer:
    """A Socket.IO server: its engine, given by `options`, and what is behind each namespace.

    `attachments` is how many binary messages may belong to one packet; with 0 all are text.
    """

    def __init__(
        self,
        namespaces: dict[str, Namespace],
        *,
        attachments: int = 0,
        connect_seconds: float = CONNECT_SECONDS,
        **options: Any,
    ) -> None:
        self.namespaces = namespaces
        self.attachments = attachments
        self.idle: dict[Client, float] = {}
        """Clients that are connected to nothing, longest first, and since when."""
        self.engine: Engine[Client] = Engine(self._client, **options)
        self._connect_seconds = connect_seconds
        self._tasks = Tasks()

    def start(self) -> None:
        self.engine.start()
        self._tasks.spawn(self._sweep(), "unconnected sessions")

    async def close(self) -> None:
        await self.engine.close()
        await self._tasks.close()

    def add_routes(self, app: web.Application) -> None:
        """Serve at the usual path."""
        app.router.add_route("*", PATH, self.engine.handle)

    def let_in(self, socket: Socket, auth: Any) -> None:
        """Ask the namespace whether it lets a client in."""
        self._tasks.spawn(self._let_in(socket, auth), "connect")

    def _client(self, *session: Any) -> Client:
        client = Client(self, *session)
        self.idle[client] = client.opened_at
        return client

    async def _let_in(self, socket: Socket, auth: Any) -> None:
        client, namespace = socket.client, socket.behind
        try:
            await namespace.connecting(socket, auth)
        except Refused as refused:
            if not client.closed:
                client.refuse(socket.namespace, str(refused), refused.data)
            return
        if client.closed or socket.left:
            client.part(socket.namespace)
            namespace.disconnected(socket)
            return
        client.connect(socket)
        # A client that reads nothing may have had too much with that.
        if not client.closed:
            namespace.connected(socket)

    async def _sweep(self) -> None:
        """End sessions that show no credentials."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            old = loop.time() - self._connect_seconds
            for client in [client for client, since in self.idle.items() if since <= old]:
                # One that is being let in is waited for.
                if not client.sockets:
                    client.close("not_connected")
