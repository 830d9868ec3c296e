"""Reading and writing bytes: big-endian integers, fixed fields and `v16`; nothing optional or left over.

A read gives a value or `Cx1Error`, whatever the bytes.
"""

import base64
from binascii import a2b_base64

from ymera_client.crypto.errors import Cx1Error, Fault, require

ALPHABET = bytes.maketrans(b"-_+/=", b"+/   ")
"""From base64url to base64; what only the latter has becomes what neither has."""
LAST = {1: "AQgw", 2: "AEIMQUYcgkosw048"}
"""What a text can end with that has one or two bytes more than a multiple of three."""


class Reader:
    """Takes fields off the front of a byte string."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def at(self) -> int:
        """How many bytes have been read."""
        return self._at

    @property
    def left(self) -> int:
        """How many bytes have not been read."""
        return len(self._data) - self._at

    def fixed(self, size: int) -> bytes:
        """Read that many bytes."""
        start = self._at
        end = start + size
        if end > len(self._data):
            raise Cx1Error(Fault.TRUNCATED, f"{size} bytes expected at offset {start}, {self.left} left")
        self._at = end
        return self._data[start:end]

    def u8(self) -> int:
        return self.fixed(1)[0]

    def u16(self) -> int:
        return int.from_bytes(self.fixed(2), "big")

    def u32(self) -> int:
        return int.from_bytes(self.fixed(4), "big")

    def u64(self) -> int:
        return int.from_bytes(self.fixed(8), "big")

    def v16(self) -> bytes:
        """Read bytes behind their u16 length."""
        return self.fixed(self.u16())

    def choice(self, allowed: int, what: str) -> int:
        """Read a u8 below `allowed`."""
        value = self.u8()
        require(
            value < allowed, Fault.VALUE, f"{what} is {value}, and only 0 to {allowed - 1} have a meaning"
        )
        return value

    def end(self) -> None:
        """Refuse bytes that are left over."""
        require(self.left == 0, Fault.TRAILING, f"{self.left} bytes follow the last field")


def u8(value: int) -> bytes:
    """Return a 8-bit integer, big-endian."""
    return value.to_bytes(1, "big")


def u16(value: int) -> bytes:
    """Return a 16-bit integer, big-endian."""
    return value.to_bytes(2, "big")


def u32(value: int) -> bytes:
    """Return a 32-bit integer, big-endian."""
    return value.to_bytes(4, "big")


def u64(value: int) -> bytes:
    """Return a 64-bit integer, big-endian."""
    return value.to_bytes(8, "big")


def v16(data: bytes) -> bytes:
    """Return the bytes behind their u16 length."""
    return u16(len(data)) + data


def to_text(data: bytes) -> str:
    """Return bytes as they stand in JSON: base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_text(text: str) -> bytes:
    """Read base64url without padding, in its one canonical form only."""
    try:
        padded = text.encode("ascii").translate(ALPHABET) + b"=" * (-len(text) % 4)
        data = a2b_base64(padded, strict_mode=True)
    except ValueError:
        raise Cx1Error(Fault.ENCODING, "a character or the length does not belong to base64url") from None
    over = len(data) % 3
    require(not over or text[-1] in LAST[over], Fault.ENCODING, "bits beyond the last byte are set")
    return data
