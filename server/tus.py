"""What the headers of tus 1.0 say: lengths, offsets, metadata, checksums and parts.

Everything here is read from strangers: each reader says what is wrong, and nothing it returns is unbounded.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from persistence.uploads import Target
from protocol.errors import ApiError, ErrorCode, invalid
from protocol.fields import ID_PATTERN
from protocol.files import MAX_PARTS
from protocol.uploads import (
    CHECKSUM_MISMATCH,
    CHECKSUMS,
    TUS_EXTENSIONS,
    TUS_VERSION,
    ObjectTarget,
    UploadTarget,
)
from protocol.wire import convert
from server.destinations import Wish

UPLOADS = "/api/files/uploads"
RESUMABLE = "Tus-Resumable"
OFFSET, LENGTH, DEFER = "Upload-Offset", "Upload-Length", "Upload-Defer-Length"
METADATA, CONCAT, CHECKSUM, EXPIRES = "Upload-Metadata", "Upload-Concat", "Upload-Checksum", "Upload-Expires"
OVERRIDE = "X-HTTP-Method-Override"
BYTES = "application/offset+octet-stream"
"""The type of a body that is appended."""
ASKED = (RESUMABLE, OFFSET, LENGTH, DEFER, METADATA, CONCAT, CHECKSUM, OVERRIDE)
"""Headers that clients send."""
ANSWERED = (
    *(RESUMABLE, "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm"),
    *(OFFSET, LENGTH, DEFER, METADATA, CONCAT, EXPIRES, "Location"),
)
"""Headers that clients read."""
MAX_COUNT = 2**53 - 1


class TusError(ApiError):
    """A refusal with the status that tus gives it."""

    def __init__(self, status: int, code: ErrorCode, message: str, **data: Any) -> None:
        super().__init__(code, message, **data)
        self.status = status


def locked() -> TusError:
    """Another request has its turn."""
    return TusError(423, ErrorCode.UNAVAILABLE, "Another request is at this upload; try again in a moment.")


def mismatch(what: str) -> TusError:
    """The bytes are not those that were announced."""
    return TusError(
        CHECKSUM_MISMATCH, ErrorCode.INVALID, f"{what}; the bytes were thrown away. Send them again."
    )


def idle(seconds: float) -> TusError:
    """Nothing came for too long."""
    return TusError(408, ErrorCode.DEADLINE_EXCEEDED, f"Nothing came for {seconds:.0f} s; resume the upload.")


def too_large(limit: int) -> ApiError:
    """More bytes than there may be."""
    return ApiError(ErrorCode.TOO_LARGE, f"There may be at most {limit:,} bytes here.", limit=limit)


def abilities(largest: int) -> dict[str, str]:
    """What this server can do, as headers."""
    return {
        "Tus-Version": TUS_VERSION,
        "Tus-Extension": ",".join(TUS_EXTENSIONS),
        "Tus-Max-Size": str(largest),
        "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
    }


def check_version(headers: Mapping[str, str]) -> None:
    """TusError 412 unless the client speaks the version that this server does."""
    if headers.get(RESUMABLE) != TUS_VERSION:
        message = f"This server speaks tus {TUS_VERSION}; send «{RESUMABLE}: {TUS_VERSION}»."
        raise TusError(412, ErrorCode.INVALID, message, supported=[TUS_VERSION])


def count(headers: Mapping[str, str], name: str) -> int | None:
    """A number of bytes; None where the header is missing."""
    text = headers.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,16}", text) or int(text) > MAX_COUNT:
        raise invalid(f"{name}: must be a whole number from 0 to {MAX_COUNT}.", name)
    return int(text)


def length(headers: Mapping[str, str]) -> int | None:
    """How long a new upload will be; None where the client says that it does not know."""
    known, deferred = count(headers, LENGTH), headers.get(DEFER)
    if deferred not in {None, "1"}:
        raise invalid(f"{DEFER}: must be 1 or missing.", DEFER)
    if (known is None) == (deferred is None):
        raise invalid(f"{LENGTH}: send it, or «{DEFER}: 1», and not both.", LENGTH)
    return known


def metadata(text: str) -> dict[str, str]:
    """The pairs of `Upload-Metadata`; a name alone has an empty value."""
    pairs: dict[str, str] = {}
    for entry in filter(None, (entry.strip() for entry in text.split(","))):
        name, _, value = entry.partition(" ")
        try:
            decoded = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise invalid(f"{METADATA}: the value of {name[:80]!r} is no text in base64.", METADATA) from None
        if name in pairs:
            raise invalid(f"{METADATA}: {name[:80]!r} stands in it twice.", METADATA)
        pairs[name] = decoded
    return pairs


def wish(pairs: Mapping[str, str]) -> Wish:
    """What an upload shall become, from its metadata or a query; ApiError `invalid` names what is wrong."""
    sealed = [field.encode_name for field in msgspec.structs.fields(ObjectTarget)]
    plain = next((name for name in pairs if name not in sealed), None)
    if "object_id" in pairs:
        return Wish(convert({name: pairs[name] for name in sealed if name in pairs}, ObjectTarget), plain)
    return Wish(_file(pairs), plain)


def _file(pairs: Mapping[str, str]) -> UploadTarget:
    """The file that an upload becomes.

    Uppy's `name` and `relativePath` are understood: `a/b/c.txt` lies in the folder `a/b`, below `folder`.
    """
    fields = [field.encode_name for field in msgspec.structs.fields(UploadTarget)]
    known = {name: pairs[name] for name in fields if pairs.get(name)}
    if name := known.get("filename") or pairs.get("name"):
        known["filename"] = name
    inner, slash, _ = pairs.get("relativePath", "").strip("/").rpartition("/")
    if slash:
        known["folder"] = "/".join(filter(None, [known.get("folder"), inner]))
    return convert(known, UploadTarget)


def described(target: Target) -> str:
    """A target as `Upload-Metadata`."""
    pairs = msgspec.to_builtins(target)
    return ",".join(f"{name} {_base64(value)}" for name, value in pairs.items() if value)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of a request must hash to."""

    algorithm: str
    digest: bytes

    def begin(self) -> "hashlib._Hash":
        """A hash to feed the bytes."""
        return hashlib.new(self.algorithm, usedforsecurity=False)


def checksum(headers: Mapping[str, str]) -> Checksum | None:
    """The checksum of a request's bytes, if it has one."""
    text = headers.get(CHECKSUM)
    if text is None:
        return None
    algorithm, _, value = text.partition(" ")
    if algorithm not in CHECKSUMS:
        raise invalid(f"{CHECKSUM}: this server knows {', '.join(CHECKSUMS)}.", CHECKSUM)
    try:
        return Checksum(algorithm, base64.b64decode(value, validate=True))
    except binascii.Error:
        raise invalid(f"{CHECKSUM}: must be an algorithm and base64 after a space.", CHECKSUM) from None


def parts(headers: Mapping[str, str]) -> list[str] | None:
    """The ids of the uploads that a final one joins, in order; None for any other."""
    kind, _, listed = headers.get(CONCAT, "").partition(";")
    if kind in {"", "partial"} and not listed:
        return None
    urls = listed.split()
    if kind != "final" or not urls:
        raise invalid(f"{CONCAT}: must be «partial», or «final;» and the addresses of the parts.", CONCAT)
    if len(urls) > MAX_PARTS:
        raise invalid(f"{CONCAT}: at most {MAX_PARTS} parts can be joined.", CONCAT)
    ids = [urlsplit(url).path.rpartition("/")[2] for url in urls]
    if any(ID_PATTERN.fullmatch(part) is None for part in ids) or len(set(ids)) < len(ids):
        raise invalid(f"{CONCAT}: must name uploads of this server, each once.", CONCAT)
    return ids


def http_date(moment: datetime) -> str:
    """A moment as HTTP writes it."""
    return format_datetime(moment, usegmt=True)
