"""Reading of bytes, field after field: big-endian numbers, and neither a byte too few nor one too many."""

from collections.abc import Container

from handlers.cx1.errors import require


class Reader:
    """The fields of a byte string from its beginning on; each call takes the next."""

    __slots__ = ("_at", "_raw")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        taken = self._raw[self._at : self._at + count]
        require(len(taken) == count, "truncated", "The bytes end within a field.")
        self._at += count
        return taken

    def number(self, size: int) -> int:
        """A number of `size` bytes."""
        return int.from_bytes(self.take(size), "big")

    def one_of(self, allowed: Container[int], what: str) -> int:
        """A number of one byte that must be among those allowed."""
        found = self.number(1)
        require(found in allowed, "value", f"There is no such {what}.")
        return found

    def framed(self) -> bytes:
        """Bytes behind their length, which is a number of two bytes."""
        return self.take(self.number(2))

    def version(self, *expected: int) -> None:
        """Bytes that say by which version of cx1, and in which suite, the rest is written."""
        known = self.take(len(expected)) == bytes(expected)
        require(known, "version", "It is of a version or suite that this server does not know.")

    def read_so_far(self) -> bytes:
        """All bytes that were taken, which is what the signature behind them is of."""
        return self._raw[: self._at]

    def end(self) -> None:
        """Refuse anything that is left."""
        require(self._at == len(self._raw), "trailing", "There are bytes behind the last field.")
