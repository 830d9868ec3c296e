"""Files: their sizes, and ciphertexts that were cut, mixed or moved.

The bytes of a file of the vectors are `(7 i + 3) mod 256`, so that these need not hold them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from scripts.generator.vectors.cases import HEX, Case, Json, call, invalid, plain, valid
from scripts.generator.vectors.cast import Chance
from ymera_client.crypto import files
from ymera_client.crypto.errors import Fault
from ymera_client.crypto.files import CHUNK, OVERHEAD, FileKey, Sums

SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK)


@call
def seal_file(key: Mapping[str, str], size: int) -> Json:
    sealed, sums = files.seal_file(_key(key), pattern(size))
    ends = {"first": sealed[:32], "last": sealed[-32:], "encrypted_size": files.encrypted_size(size)}
    return {**plain(sums), **ends}


@call
def open_file(
    key: Mapping[str, str], sums: Mapping[str, Any], size: int, edits: list[list[Any]], sealed_with: Json
) -> bool:
    """Seal a file of `size` bytes with `sealed_with`, edit the ciphertext, and open it with `key`."""
    sealed, _ = files.seal_file(_key(sealed_with), pattern(size))
    for edit in edits:
        sealed = EDITS[edit[0]](sealed, *edit[1:])
    return files.open_file(_key(key), sealed, _sums(sums)) == pattern(size)


@call
def open_chunks(key: Mapping[str, str], sums: Mapping[str, Any], chunks: list[list[Any]]) -> int:
    """Chunks sealed by somebody who keeps to no rule: `[size, final]` each."""
    stream = _key(key)
    sealer = files.Stream(stream)
    opener = files.Opener(stream, _sums(sums))
    size = sum(len(opener.pull(sealer.push(pattern(length), final=final))) for length, final in chunks)
    opener.finish()
    return size


def pattern(size: int) -> bytes:
    """The bytes of a file of the vectors."""
    block = bytes((7 * index + 3) % 256 for index in range(256))
    return (block * (size // 256 + 1))[:size]


def _swap(sealed: bytes, one: int, other: int) -> bytes:
    pieces = list(files.cut(sealed, CHUNK + OVERHEAD))
    pieces[one], pieces[other] = pieces[other], pieces[one]
    return b"".join(pieces)


def _flip(sealed: bytes, at: int) -> bytes:
    return sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]


EDITS: dict[str, Callable[..., bytes]] = {
    "keep": lambda sealed, size: sealed[:size],
    "append": lambda sealed, more: sealed + HEX(more),
    "flip": _flip,
    "swap": _swap,
}


def _key(key: Mapping[str, str]) -> FileKey:
    return FileKey(**{name: HEX(value) for name, value in key.items()})


def _sums(sums: Mapping[str, Any]) -> Sums:
    return Sums(sums["size"], HEX(sums["ct_hash"]), HEX(sums["pt_hash"]))


def cases() -> Iterator[Case]:
    """All cases of this file."""
    chance = Chance("file")
    key = FileKey(chance.draw(32), chance.draw(24), b"\x03" * 32, b"\x0f" * 16)
    for size in SIZES:
        _, sums = files.seal_file(key, pattern(size))
        opened = {"key": key, "sums": sums, "size": size, "edits": [], "sealed_with": key}
        yield valid(f"seal-{size}", "the sums and ends of a ciphertext", "seal_file", key=key, size=size)
        yield valid(f"open-{size}", "the reverse", "open_file", **opened)
    yield from _edited(key)
    yield from _moved(key, chance)
    yield from _chunks(key)


def _edited(key: FileKey) -> Iterator[Case]:
    size, piece = 2 * CHUNK + 5, CHUNK + OVERHEAD
    _, sums = files.seal_file(key, pattern(size))
    whole = files.encrypted_size(size)
    wrong: dict[str, tuple[Fault, list[list[Any]]]] = {
        "cut-at-chunk": (Fault.FILE_TRUNCATED, [["keep", 2 * piece]]),
        "cut-to-nothing": (Fault.FILE_TRUNCATED, [["keep", 0]]),
        "cut-in-chunk": (Fault.FILE_CHUNK, [["keep", whole - 1]]),
        "cut-in-tag": (Fault.FILE_CHUNK, [["keep", 2 * piece + 16]]),
        "more-in-chunk": (Fault.FILE_CHUNK, [["append", b"\0"]]),
        "flipped": (Fault.FILE_CHUNK, [["flip", piece + 9]]),
        "flipped-tag": (Fault.FILE_CHUNK, [["flip", 0]]),
        "swapped": (Fault.FILE_CHUNK, [["swap", 0, 1]]),
    }
    for name, (fault, edits) in wrong.items():
        opened = {"key": key, "sums": sums, "size": size, "edits": edits, "sealed_with": key}
        yield invalid(f"edit-{name}", "a ciphertext that was cut or mixed", fault, "open_file", **opened)
    _, sums = files.seal_file(key, pattern(CHUNK))
    more = {"key": key, "sums": sums, "size": CHUNK, "edits": [["append", b"\0"]], "sealed_with": key}
    yield invalid("edit-more", "bytes behind the last chunk", Fault.FILE_TRAILING, "open_file", **more)


def _moved(key: FileKey, chance: Chance) -> Iterator[Case]:
    size = CHUNK + 1
    _, sums = files.seal_file(key, pattern(size))
    good = {"key": key, "sums": sums, "size": size, "edits": [], "sealed_with": key}
    others = {
        "room": replace(key, room_ref=b"\x04" * 32),
        "file": replace(key, file_id=b"\x10" * 16),
        "key": replace(key, key=chance.draw(32)),
        "header": replace(key, header=chance.draw(24)),
    }
    for name, other in others.items():
        comment = "the ciphertext of another file, or put in another place"
        given = {**good, "sealed_with": other}
        yield invalid(f"moved-{name}", comment, Fault.FILE_CHUNK, "open_file", **given)
    false = {
        "size": (Fault.FILE_SIZE, replace(sums, size=size + 1)),
        "ciphertext": (Fault.FILE_CIPHERTEXT, replace(sums, ct_hash=bytes(32))),
        "plaintext": (Fault.FILE_PLAINTEXT, replace(sums, pt_hash=bytes(32))),
    }
    for name, (fault, said) in false.items():
        comment = "not what the message says; a ciphertext made for two keys has but one plaintext's hash"
        yield invalid(f"sums-{name}", comment, fault, "open_file", **{**good, "sums": said})
    for name, short in (
        ("key", replace(key, key=b"\x01" * 31)),
        ("header", replace(key, header=b"\x01" * 23)),
    ):
        comment = "a key of another length"
        yield invalid(f"short-{name}", comment, Fault.FILE_CHUNK, "open_file", **{**good, "key": short})


def _chunks(key: FileKey) -> Iterator[Case]:
    wrong: dict[str, tuple[Fault, list[list[Any]]]] = {
        "short-before-last": (Fault.FILE_CHUNK, [[5, False], [5, True]]),
        "long": (Fault.FILE_CHUNK, [[CHUNK + 1, True]]),
        "empty-last": (Fault.FILE_CHUNK, [[CHUNK, False], [0, True]]),
        "after-last": (Fault.FILE_TRAILING, [[5, True], [5, True]]),
        "no-last": (Fault.FILE_TRUNCATED, [[CHUNK, False]]),
    }
    for name, (fault, chunks) in wrong.items():
        comment = "a second way to write the same file"
        sums = Sums(sum(length for length, _ in chunks), bytes(32), bytes(32))
        given = {"key": key, "sums": sums, "chunks": chunks}
        yield invalid(f"chunks-{name}", comment, fault, "open_chunks", **given)
