"""tus 1.0 as a client speaks it: one function for each request, no state and no second attempts.

What an upload becomes is said in metadata, as the wire has them. A location is taken as a path on the server
that was asked, wherever it points: the token goes nowhere else.
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

import msgspec

from ymera_client.errors import Internal
from ymera_client.generated import UploadTarget
from ymera_client.wire import Answer, Moved, Wire

UPLOADS = "/api/files/uploads"
VERSION = {"Tus-Resumable": "1.0.0"}
FILE = "YMERA-File"
"""Header with the id of the file, or of the object of a sealed room, that an upload has become."""

Metadata: TypeAlias = dict[str, str]
"""What an upload becomes, by the names that the wire has for it."""


class Standing(NamedTuple):
    """How far an upload is."""

    location: str
    offset: int
    file_id: str | None
    """Of what it has become, once it is complete."""


async def create(wire: Wire, metadata: Metadata | None, length: int | None) -> Standing:
    """Begin an upload of so many bytes, or of as many as will come; without metadata, one to be joined."""
    headers = {"Upload-Concat": "partial"} if metadata is None else {"Upload-Metadata": _said(metadata)}
    if length is None:
        headers["Upload-Defer-Length"] = "1"
    else:
        headers["Upload-Length"] = str(length)
    return await _created(wire, headers)


async def join(wire: Wire, metadata: Metadata, locations: Sequence[str]) -> Standing:
    """Make one of partial uploads that are complete, in this order."""
    return await _created(
        wire, {"Upload-Metadata": _said(metadata), "Upload-Concat": "final;" + " ".join(locations)}
    )


async def standing(wire: Wire, location: str) -> Standing:
    """How far an upload is. NotFound if it has run out, was ended, or is not yours."""
    async with wire.request("HEAD", location, headers=VERSION) as answer:
        return Standing(location, _offset(answer), answer.headers.get(FILE))


async def append(
    wire: Wire,
    location: str,
    offset: int,
    body: memoryview,
    *,
    sha256: bytes,
    length: int | None = None,
    moved: Moved | None = None,
) -> Standing:
    """Add bytes at this offset; `length` says of an upload that began without one how long it is.

    Conflict if it is not at this offset, ChecksumMismatch if other bytes arrived.
    """
    headers = {
        **VERSION,
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": str(offset),
        "Upload-Checksum": f"sha256 {b64encode(sha256).decode()}",
    }
    if length is not None:
        headers["Upload-Length"] = str(length)
    async with wire.request("PATCH", location, headers=headers, body=body, moved=moved) as answer:
        return Standing(location, _offset(answer), answer.headers.get(FILE))


async def terminate(wire: Wire, location: str) -> None:
    """End an upload; what has come of it is thrown away."""
    async with wire.request("DELETE", location, headers=VERSION):
        return


def metadata(target: UploadTarget) -> Metadata:
    """What an upload to a plain room becomes."""
    said = msgspec.to_builtins(target)
    said["filename"] = said.pop("name")
    return {name: value for name, value in said.items() if value}


def _said(metadata: Metadata) -> str:
    return ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in metadata.items())


async def _created(wire: Wire, headers: dict[str, str]) -> Standing:
    async with wire.request("POST", UPLOADS, headers=VERSION | headers) as answer:
        path = urlsplit(answer.headers.get("Location", "")).path
        if not path.startswith("/"):
            raise Internal("The server did not say where an upload goes.", retryable=False)
        return Standing(path, 0, answer.headers.get(FILE))


def _offset(answer: Answer) -> int:
    offset = answer.headers.get("Upload-Offset", "")
    if not offset.isdecimal():
        raise Internal("The server did not say how far an upload is.", retryable=False)
    return int(offset)
