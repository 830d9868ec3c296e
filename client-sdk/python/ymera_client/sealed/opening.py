"""A file on its way in: decrypted as it comes, and given to nobody before all of it was seen and verified.

What a download that broke off has left is plaintext in a file of mode 0600. Encrypting it again brings the
stream to where it was; if it was not what it should be, the next chunk says so, and all is fetched anew.
"""

import asyncio
import os
from collections.abc import AsyncIterable
from pathlib import Path
from typing import BinaryIO

from ymera_client.crypto.files import CHUNK, OVERHEAD, FileKey, Opener, Sealer, Sums, chunk_count
from ymera_client.transfer.downloads import remove_empty

SEALED_CHUNK = CHUNK + OVERHEAD


class Opening:
    """Decrypts what comes in pieces of any size."""

    def __init__(self, key: FileKey, expected: Sums) -> None:
        self._opener = Opener(key, expected)
        self._coming = bytearray()

    def pull(self, piece: bytes) -> bytes:
        """What could be decrypted now. Cx1Error if it is not as it was sent."""
        self._coming += piece
        whole = len(self._coming) // SEALED_CHUNK * SEALED_CHUNK
        chunks = [bytes(self._coming[at : at + SEALED_CHUNK]) for at in range(0, whole, SEALED_CHUNK)]
        del self._coming[:whole]
        return b"".join(map(self._opener.pull, chunks))

    def finish(self) -> bytes:
        """The rest. Cx1Error unless all was there and as it was sent; only then any of it counts."""
        rest = self._opener.pull(bytes(self._coming)) if self._coming else b""
        self._opener.finish()
        return rest


async def opened(coming: AsyncIterable[bytes], opening: Opening, file: BinaryIO) -> None:
    """Write what comes into a file, decrypted. Cx1Error, at the latest at its end, if others came."""
    async for piece in coming:
        await asyncio.to_thread(_write, file, opening, piece)
    file.write(opening.finish())
    file.flush()


def _write(file: BinaryIO, opening: Opening, piece: bytes) -> None:
    file.write(opening.pull(piece))


class SealedLanding:
    """The private file beside its destination into which a file is decrypted, until it is whole."""

    def __init__(self, destination: Path, key: FileKey, expected: Sums) -> None:
        mark = key.file_id.hex()[:16]
        self._destination = destination
        self._path = destination.with_name(f".{destination.name[:150]}.{mark}.part")
        self._key = key
        self._expected = expected
        self._opening = Opening(key, expected)
        self.file: BinaryIO

    @property
    def opening(self) -> Opening:
        """What decrypts into it."""
        return self._opening

    def open(self) -> None:
        """Take it, whatever is in it."""
        self.file = open(self._path, "r+b", opener=_private)  # noqa: SIM115 - `close` closes it

    def replay(self) -> int:
        """Go through what is there, and say how many bytes of the ciphertext are done with."""
        # The last chunk is marked as such, and is fetched again.
        found = os.fstat(self.file.fileno()).st_size // CHUNK
        done = min(found, chunk_count(self._expected.size) - 1)
        sealer = Sealer(self._key)
        for _ in range(done):
            self._opening.pull(sealer.push(self.file.read(CHUNK), final=False))
        self.file.truncate(done * CHUNK)
        return done * SEALED_CHUNK

    def restart(self) -> None:
        """Throw away what there is."""
        self._opening = Opening(self._key, self._expected)
        self.file.seek(0)
        self.file.truncate()

    def finish(self) -> None:
        """Put it where it belongs, once it was verified."""
        os.fsync(self.file.fileno())
        self._path.replace(self._destination)

    def discard(self) -> None:
        """Throw it away."""
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of it; what is there stays for the next time, if it is anything."""
        self.file.close()
        remove_empty(self._path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
