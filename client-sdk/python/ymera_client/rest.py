"""The few HTTP requests that signing in takes. Everything else goes over the connection."""

import asyncio
from typing import Any

import aiohttp
import msgspec

from ymera_client.errors import Internal, Unavailable, from_body

TIMEOUT = 15.0
"""Seconds for a request and its answer."""


class Rest:
    """JSON requests to one server."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self._url = url
        self.http = http

    async def post(self, path: str, body: msgspec.Struct) -> Any:
        """The answer's JSON, None if it has no body.

        The typed error of a refusal; Unavailable if no answer comes.
        """
        headers = {"Content-Type": "application/json"}
        try:
            async with (
                asyncio.timeout(TIMEOUT),
                self.http.post(self._url + path, data=msgspec.json.encode(body), headers=headers) as response,
            ):
                content = await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unavailable(
                f"{self._url} does not answer: {str(error) or type(error).__name__}."
            ) from error
        return _decode(response.status, content)


def _decode(status: int, content: bytes) -> Any:
    try:
        answer = msgspec.json.decode(content) if content else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        answer = None
    if status < 400:
        return answer
    if isinstance(answer, dict) and "error" in answer:
        raise from_body(answer["error"])
    if status >= 500 or status == 429:
        raise Unavailable(f"The server answered with HTTP status {status}.")
    raise Internal(f"The server answered with HTTP status {status}; is this a YMERA server?", retryable=False)
