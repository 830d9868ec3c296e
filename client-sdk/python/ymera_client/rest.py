"""The few JSON requests that signing in takes, and what refusals of HTTP requests mean.

Files' bytes go by `ymera_client.wire`; everything else goes over the connection.
"""

import asyncio
from typing import Any

import aiohttp
import msgspec

from ymera_client.errors import (
    ChecksumMismatch,
    Conflict,
    Forbidden,
    Internal,
    Invalid,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
    YmeraError,
    from_body,
)

TIMEOUT = 15.0
"""Seconds for a request and its answer."""
CHECKSUM_MISMATCH = 460
"""The status by which tus says that other bytes have arrived, whatever its body says."""
BY_STATUS: dict[int, type[YmeraError]] = {
    400: Invalid,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    413: TooLarge,
    422: Conflict,
    CHECKSUM_MISMATCH: ChecksumMismatch,
}
"""What a refusal without a body means, as those of HEAD are."""


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


def refusal(status: int, content: bytes) -> YmeraError:
    """The typed error of an answer with such a status; what it says itself counts first."""
    answer = _json(content)
    if isinstance(answer, dict) and "error" in answer:
        said = from_body(answer["error"])
        return ChecksumMismatch(said.message, data=said.data) if status == CHECKSUM_MISMATCH else said
    # A proxy in between has words of its own for what is too large.
    if (not content or status == 413) and (kind := BY_STATUS.get(status)) is not None:
        return kind(f"The server refused with HTTP status {status}.")
    if status >= 500 or status in {423, 429}:
        return Unavailable(f"The server answered with HTTP status {status}.")
    return Internal(
        f"The server answered with HTTP status {status}; is this a YMERA server?", retryable=False
    )


def _decode(status: int, content: bytes) -> Any:
    if status >= 400:
        raise refusal(status, content)
    return _json(content)


def _json(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content) if content else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
