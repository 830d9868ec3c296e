"""How MCP clients reach the server: standard input and output, or streamable HTTP behind a bearer token."""

import contextlib
import hmac
import logging
import socket
from collections.abc import Iterator, Sequence
from typing import Protocol

import uvicorn
from mcp.server.auth.provider import AccessToken
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings

from ymera_client.mcp.desk import Desk
from ymera_client.mcp.server import server

log = logging.getLogger(__name__)

PATH = "/mcp"
MAX_BODY = 2 * 1024 * 1024
"""Bytes of a request: an attachment of 256 KiB, escaped as JSON, fits."""
MAX_SESSIONS = 100
GRACE = 2
"""Seconds that requests under way may hold up the end."""


class Transport(Protocol):
    """A way to the server."""

    interruptible: bool
    """Whether `serve` returns soon after `stop`."""

    async def serve(self, desk: Desk) -> None:
        """Serve the desk's tools until the client has gone, or `stop`."""

    def stop(self) -> None:
        """Take no more requests."""


class Stdio:
    """One client, over standard input and output; it has gone when the input ends."""

    interruptible = False

    async def serve(self, desk: Desk) -> None:
        await server(desk).run_stdio_async()

    def stop(self) -> None:
        """A read of standard input cannot be broken off."""


class Http:
    """Any number of clients that know the token. OSError if the address cannot be had.

    `hosts`: names under which clients may address it beside the address itself and the loopback names.
    Whoever sends an `Origin`, as pages in browsers do, is refused.
    """

    interruptible = True

    def __init__(self, host: str, port: int, token: str, hosts: Sequence[str] = ()) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family)
        self._host = f"[{host}]" if ":" in host else host
        self._port = self._socket.getsockname()[1]
        self._guard = Guard(token)
        self._hosts = [self._host, "127.0.0.1", "localhost", "[::1]", *hosts]
        self._server: uvicorn.Server | None = None

    async def serve(self, desk: Desk) -> None:
        served: MCPServer[object] = server(desk, self._guard)
        app = served.streamable_http_app(
            streamable_http_path=PATH,
            max_request_body_size=MAX_BODY,
            max_sessions=MAX_SESSIONS,
            transport_security=TransportSecuritySettings(
                allowed_hosts=[each for host in self._hosts for each in (host, f"{host}:*")]
            ),
        )
        self._server = _Server(
            uvicorn.Config(
                app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=GRACE
            )
        )
        log.info("Serving MCP at http://%s:%d%s", self._host, self._port, PATH)
        await self._server.serve(sockets=[self._socket])

    def stop(self) -> None:
        if self._server is not None:
            self._server.should_exit = True


class Guard:
    """Lets in whoever knows the one token."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    async def verify_token(self, token: str) -> AccessToken | None:
        """What the token allows, or None."""
        if hmac.compare_digest(token.encode(), self._token):
            return AccessToken(token=token, client_id="mcp", scopes=[])
        return None


class _Server(uvicorn.Server):
    """Leaves signals to the program, which hands back its runs before it ends."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
