"""Signed links: addresses from which a browser, which sends no bearer token, gets a file for a while.

Invariants: nobody without the key can make or change one. A link gives nothing that its maker could not have
at the moment at which it is used; it only stands in for their sign-in.
"""

import base64
import binascii
import hmac
import time
import uuid
from datetime import datetime

import msgspec

PREFIX = "/api/files/links/"
MAX_TOKEN = 400
"""Characters; a token has some 150."""
_MAC = 32


class FileLink(msgspec.Struct, frozen=True, array_like=True):
    """What a link leads to, and until when."""

    member_id: uuid.UUID
    file_id: uuid.UUID
    number: int
    preview: str | None
    inline: bool
    expires_at: int
    """Seconds since 1970."""


class FileLinks:
    """Makes and opens links; `key` has 32 bytes and is for them alone.

    They begin with `base_url`. If that is empty, they are paths on whichever address leads to the server.
    """

    def __init__(self, key: bytes, base_url: str) -> None:
        self._key = key
        self._base_url = base_url

    def make(
        self,
        *,
        member_id: str,
        file_id: str,
        number: int,
        preview: str | None,
        inline: bool,
        expires_at: datetime,
    ) -> str:
        """The address of a version of a file, or of one of its previews, for this member."""
        link = FileLink(
            uuid.UUID(member_id), uuid.UUID(file_id), number, preview, inline, int(expires_at.timestamp())
        )
        payload = msgspec.msgpack.encode(link)
        token = base64.urlsafe_b64encode(payload + self._mac(payload)).rstrip(b"=").decode()
        return f"{self._base_url}{PREFIX}{token}"

    def open(self, token: str) -> FileLink | None:
        """What a link leads to; None if it was not made here or is over."""
        if len(token) > MAX_TOKEN:
            return None
        try:
            signed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            return None
        payload, mac = signed[:-_MAC], signed[-_MAC:]
        if not hmac.compare_digest(mac, self._mac(payload)):
            return None
        link = msgspec.msgpack.decode(payload, type=FileLink)
        return link if link.expires_at > time.time() else None

    def _mac(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, "sha256")
