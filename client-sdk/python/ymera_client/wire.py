"""Requests that carry an access token and may take long: the bytes of files, up and down.

A request whose token was refused is made again once with a newer one. Nothing here waits for ever: what does
not move for `STALL` seconds counts as lost, and is `Unavailable` as any lost connection is.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TypeAlias

import aiohttp

from ymera_client.errors import Unavailable
from ymera_client.rest import Rest, refusal

CONNECT = 15.0
"""Seconds until a connection has to stand."""
STALL = 60.0
"""Seconds in which at least something has to move."""
PIECE = 256 * 1024
"""Bytes that are handed to the connection at once."""
BLOCK = 1024 * 1024
"""Bytes that are handed on at once of what comes."""
MAX_REFUSAL = 64 * 1024
"""Bytes of a refusal that are read."""
CONNECTIONS = 16
"""To one server, at once."""

Token: TypeAlias = Callable[[Rest, str | None], Awaitable[str]]
"""Gives an access token; a newer one than the one that is named, if any is."""
Moved: TypeAlias = Callable[[int], None]
"""Told how many bytes of a body have gone out. It must not fail."""


class Answer:
    """The answer to a request, as its headers have come."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self._response = response

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Its body, piece by piece. Unavailable if it breaks off."""
        gathered = bytearray()
        with _reachable():
            async for piece in self._response.content.iter_any():
                gathered += piece
                if len(gathered) >= BLOCK:
                    yield bytes(gathered)
                    gathered.clear()
        if gathered:
            yield bytes(gathered)


class Wire:
    """The way to one server with an account's token; `close` ends it."""

    def __init__(self, url: str, token: Token) -> None:
        self.url = url
        self._token = token
        self._http: aiohttp.ClientSession | None = None
        self._closed = asyncio.Event()

    @asynccontextmanager
    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        body: bytes | memoryview = b"",
        moved: Moved | None = None,
    ) -> AsyncIterator[Answer]:
        """An answer that is no refusal, for the length of a block.

        `moved` is told how much of the body is out. The typed error of a refusal; Unavailable if there is no
        answer.
        """
        rest = Rest(self.url, self._session())
        token = await self._token(rest, None)
        for last in (False, True):
            response = await self._send(method, path, token, headers, params, body, moved)
            async with response:
                if response.status == 401 and not last:
                    token = await self._token(rest, token)
                    continue
                if response.status >= 400:
                    with _reachable():
                        content = await response.content.read(MAX_REFUSAL)
                    raise refusal(response.status, content)
                yield Answer(response)
                return

    async def pause(self, seconds: float) -> None:
        """Wait. Unavailable as soon as there is no point, since the way is closed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closed.wait()
        self._session()

    async def close(self) -> None:
        """End it: whatever is under way fails with Unavailable."""
        self._closed.set()
        if self._http is not None:
            await self._http.close()

    def _session(self) -> aiohttp.ClientSession:
        if self._closed.is_set():
            raise Unavailable("The client was closed.", retryable=False)
        if self._http is None:
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT, sock_read=STALL),
            )
        return self._http

    async def _send(
        self,
        method: str,
        path: str,
        token: str,
        headers: Mapping[str, str] | None,
        params: Mapping[str, str] | None,
        body: bytes | memoryview,
        moved: Moved | None,
    ) -> aiohttp.ClientResponse:
        # Bytes are counted as they are in the store, so nothing on the way may compress them.
        own = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
        if method not in {"GET", "HEAD", "DELETE"}:
            own["Content-Length"] = str(len(body))
        with _reachable():
            async with asyncio.timeout(CONNECT + STALL) as limit:

                async def out() -> AsyncIterator[bytes | memoryview]:
                    for start in range(0, len(body), PIECE):
                        piece = body[start : start + PIECE]
                        yield piece
                        # Here the piece before is out.
                        _extend(limit)
                        if moved is not None:
                            moved(start + len(piece))

                return await self._session().request(
                    method,
                    self.url + path,
                    headers={**own, **(headers or {})},
                    params=params,
                    data=out() if body else None,
                )


def _extend(limit: asyncio.Timeout) -> None:
    """Something has moved; an answer may take as long again."""
    # It may have run out just now.
    with suppress(RuntimeError):
        limit.reschedule(asyncio.get_running_loop().time() + STALL)


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Unavailable(f"The connection was lost: {str(error) or type(error).__name__}.") from error
