"""A file on its way out: what is read from it is encrypted, so that an upload can go on anywhere.

Invariant: under one key and header there is one plaintext. Encrypting it again from the beginning gives the
same bytes, which is how an upload is taken up in the middle. Memory stays flat.
"""

import asyncio

from ymera_client.crypto.files import CHUNK, FileKey, Sealer, Sums, cut, encrypted_size
from ymera_client.transfer.sources import Source

BLOCK = 16 * CHUNK
"""Bytes that are read and encrypted at once."""


class Sealing:
    """A source whose bytes are those of another, encrypted. It closes nothing."""

    def __init__(self, plain: Source, key: FileKey) -> None:
        self.name: str | None = None
        self._plain = plain
        self._key = key
        self._size = None if plain.size is None else encrypted_size(plain.size)
        self._pass: _Pass | None = _Pass(plain, key)

    @property
    def size(self) -> int | None:
        return self._size

    async def digest(self) -> None:
        """Nobody needs it: what was encrypted has hashes of its own."""

    async def identity(self) -> str | None:
        return await self._plain.identity()

    async def read(self, offset: int, count: int) -> bytes:
        # Whoever is cancelled in the midst leaves a pass with which nobody goes on.
        current, self._pass = self._pass, None
        if current is None or current.position > offset:
            current = _Pass(self._plain, self._key)
        await current.take(offset - current.position)
        found = await current.take(count)
        if current.ended:
            self._size = current.end
        self._pass = current
        return found

    async def sums(self) -> Sums:
        """Of the whole, of which all that was not read yet is read. NotFound if a stream was cut off."""
        current = self._pass or _Pass(self._plain, self._key)
        while not current.ended:
            await current.take(BLOCK)
        return current.sums

    async def close(self) -> None:
        """Nothing to let go of."""


class _Pass:
    """One reading from the beginning."""

    def __init__(self, plain: Source, key: FileKey) -> None:
        self.position = 0
        """In the ciphertext, of what is taken next."""
        self.ended = False
        self._plain = plain
        self._sealer = Sealer(key)
        self._read = 0
        self._ahead: bytes | None = None
        self._ready = bytearray()

    @property
    def end(self) -> int:
        """Where what was encrypted so far ends."""
        return self.position + len(self._ready)

    @property
    def sums(self) -> Sums:
        return self._sealer.sums

    async def take(self, count: int) -> bytes:
        """The next bytes; fewer at the end."""
        taken = bytearray()
        while len(taken) < count and (self._ready or not self.ended):
            if not self._ready:
                await self._encrypt()
            part = self._ready[: count - len(taken)]
            del self._ready[: len(part)]
            self.position += len(part)
            taken += part
        return bytes(taken)

    async def _encrypt(self) -> None:
        block = await self._next() if self._ahead is None else self._ahead
        # Which block is the last shows only once there is no other: the last chunk is marked.
        self._ahead = await self._next() if len(block) == BLOCK else b""
        self.ended = not self._ahead
        self._ready += await asyncio.to_thread(self._sealed, block, final=self.ended)

    async def _next(self) -> bytes:
        block = await self._plain.read(self._read, BLOCK)
        self._read += len(block)
        return block

    def _sealed(self, block: bytes, *, final: bool) -> bytes:
        chunks = list(cut(block, CHUNK))
        last = len(chunks) - 1
        return b"".join(
            self._sealer.push(chunk, final=final and place == last) for place, chunk in enumerate(chunks)
        )
