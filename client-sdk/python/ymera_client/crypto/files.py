"""Files: each under a key of its own, in chunks that can be neither cut, swapped nor moved between files.

A file of n bytes is max(1, ceil(n / 65536)) chunks, of which only the last is marked final; each is 17 bytes
longer than what is in it. Nothing that was decrypted counts before both hashes have been verified.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from nacl import bindings as sodium
from nacl.exceptions import RuntimeError as SodiumError

from ymera_client.crypto.errors import Cx1Error, Fault, require
from ymera_client.crypto.primitives import HASH, KEY, equal
from ymera_client.crypto.wire import u32

CHUNK = 64 * 1024
OVERHEAD = 17
STREAM_HEADER = 24
FINAL = sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
MESSAGE = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE


@dataclass(frozen=True, slots=True)
class FileKey:
    """What a file is encrypted under: 32 and 24 fresh random bytes, and where it belongs."""

    key: bytes
    header: bytes
    room_ref: bytes
    file_id: bytes

    def ad(self, index: int) -> bytes:
        """What a chunk is bound to."""
        return self.room_ref + self.file_id + u32(index)


@dataclass(frozen=True, slots=True)
class Sums:
    """What a file must be, encrypted and in the clear; `size` in bytes is that in the clear."""

    size: int
    ct_hash: bytes
    pt_hash: bytes


def encrypted_size(size: int) -> int:
    """How many bytes a file of `size` bytes has encrypted."""
    return size + OVERHEAD * chunk_count(size)


def chunk_count(size: int) -> int:
    """How many chunks a file of `size` bytes has."""
    return max(1, -(-size // CHUNK))


class Stream:
    """The chunks of a file as they are encrypted, whatever their sizes."""

    def __init__(self, key: FileKey) -> None:
        self._key = key
        self._state = _state(key)
        self._index = 0

    def push(self, chunk: bytes, *, final: bool) -> bytes:
        """Encrypt the next chunk."""
        ad = self._key.ad(self._index)
        self._index += 1
        tag = FINAL if final else MESSAGE
        return sodium.crypto_secretstream_xchacha20poly1305_push(self._state, chunk, ad, tag)


class Sealer:
    """Encrypts a file chunk by chunk; after the last, `sums` says what it was and has become."""

    def __init__(self, key: FileKey) -> None:
        self._stream = Stream(key)
        self._tally = _Tally()

    def push(self, chunk: bytes, *, final: bool) -> bytes:
        """Encrypt the next chunk: of 65,536 bytes, but for the last."""
        if len(chunk) > CHUNK or (len(chunk) < CHUNK and not final):
            raise ValueError(f"every chunk but the last has {CHUNK} bytes")
        sealed = self._stream.push(chunk, final=final)
        self._tally.add(sealed, chunk)
        return sealed

    @property
    def sums(self) -> Sums:
        """Of all that was pushed."""
        return self._tally.sums()


class Opener:
    """Decrypts a file chunk by chunk. Release nothing of it before `finish` has returned."""

    def __init__(self, key: FileKey, expected: Sums) -> None:
        self._key = key
        self._state = _state(key)
        self._index = 0
        self._expected = expected
        self._tally = _Tally()
        self._ended = False

    def pull(self, chunk: bytes) -> bytes:
        """Decrypt the next chunk as it stands in the ciphertext: 65,553 bytes, but for the last."""
        require(not self._ended, Fault.FILE_TRAILING, "bytes follow the last chunk")
        require(len(chunk) >= OVERHEAD, Fault.FILE_CHUNK, "the chunk is shorter than its tag")
        require(len(chunk) <= CHUNK + OVERHEAD, Fault.FILE_CHUNK, "the chunk is longer than one can be")
        try:
            plain, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(
                self._state, chunk, self._key.ad(self._index)
            )
        except SodiumError:
            raise Cx1Error(Fault.FILE_CHUNK, f"chunk {self._index} does not authenticate here") from None
        self._ended = tag == FINAL
        require(self._ended or len(plain) == CHUNK, Fault.FILE_CHUNK, "only the last chunk may be short")
        require(plain or self._index == 0, Fault.FILE_CHUNK, "only an empty file has an empty chunk")
        self._index += 1
        self._tally.add(chunk, plain)
        return plain

    def finish(self) -> None:
        """Refuse the file unless it is whole and what the message says."""
        require(self._ended, Fault.FILE_TRUNCATED, "the file ends before its last chunk")
        sums = self._tally.sums()
        require(sums.size == self._expected.size, Fault.FILE_SIZE, "the file has another size than was said")
        require(
            equal(sums.ct_hash, self._expected.ct_hash), Fault.FILE_CIPHERTEXT, "this is another ciphertext"
        )
        require(
            equal(sums.pt_hash, self._expected.pt_hash), Fault.FILE_PLAINTEXT, "this is another plaintext"
        )


def seal_file(key: FileKey, data: bytes) -> tuple[bytes, Sums]:
    """Encrypt a file that is in memory."""
    sealer = Sealer(key)
    last = chunk_count(len(data)) - 1
    sealed = [sealer.push(chunk, final=index == last) for index, chunk in enumerate(cut(data, CHUNK))]
    return b"".join(sealed), sealer.sums


def open_file(key: FileKey, ciphertext: bytes, expected: Sums) -> bytes:
    """Decrypt a file that is in memory, or refuse it."""
    opener = Opener(key, expected)
    plain = [opener.pull(chunk) for chunk in cut(ciphertext, CHUNK + OVERHEAD) if chunk]
    opener.finish()
    return b"".join(plain)


def cut(data: bytes, size: int) -> Iterator[bytes]:
    """The pieces of a byte string; an empty one has one, empty."""
    return (data[start : start + size] for start in range(0, len(data) or 1, size))


class _Tally:
    """Counts and hashes what goes by, encrypted and in the clear."""

    def __init__(self) -> None:
        self._size = 0
        self._sealed = hashlib.blake2b(b"cx1/filect\0", digest_size=HASH)
        self._plain = hashlib.blake2b(b"cx1/filept\0", digest_size=HASH)

    def add(self, sealed: bytes, plain: bytes) -> None:
        self._size += len(plain)
        self._sealed.update(sealed)
        self._plain.update(plain)

    def sums(self) -> Sums:
        return Sums(self._size, self._sealed.digest(), self._plain.digest())


def _state(key: FileKey) -> sodium.crypto_secretstream_xchacha20poly1305_state:
    """The state of a stream with a given header: reading and writing begin in the same one."""
    if len(key.key) != KEY or len(key.header) != STREAM_HEADER:
        raise Cx1Error(Fault.FILE_CHUNK, f"a file's key has {KEY} bytes and its header {STREAM_HEADER}")
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, key.header, key.key)
    return state
