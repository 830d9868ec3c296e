"""The form of a room's commits: what their bytes say, before anybody asks whether they may say so."""

from collections.abc import Callable

from msgspec import Struct

from handlers.cx1.errors import require
from handlers.cx1.links import DEVICE_ID_SIZE
from handlers.cx1.primitives import HASH_SIZE, SIGNATURE_SIZE, digest
from handlers.cx1.reader import Reader

VERSION = 1
SUITE = 1
MAX_COMMIT = 128 * 1024
"""Bytes."""
WRAP_SIZE = 72
MAX_EPHEMERAL_AGE = 86_400
"""Seconds after which an ephemeral room has a new epoch at the latest."""

READER, MEMBER, ADMIN, OWNER = range(4)
FROM_JOIN, SHARED = 0, 1
ADMINS_ADD, MEMBERS_ADD = 0, 1
KEEP, EPHEMERAL = 0, 1


class Pin(Struct, frozen=True, array_like=True):
    """How far a room knows somebody's chain: the number and the hash of a link."""

    seq: int
    head: bytes


class Policy(Struct, frozen=True):
    """Who reads what was before them, who adds others, whether keys are deleted, and the bounds of epochs."""

    history: int
    who_add: int
    retention: int
    rotate_msgs: int
    rotate_secs: int


class Add(Struct, frozen=True):
    """Somebody comes in, known as far as the pin."""

    fp: bytes
    role: int
    pin: Pin


class Remove(Struct, frozen=True):
    """Somebody is put out."""

    fp: bytes


class SetRole(Struct, frozen=True):
    """Somebody has another role."""

    fp: bytes
    role: int


class Leave(Struct, frozen=True):
    """The author goes."""


class DevUp(Struct, frozen=True):
    """Somebody's chain is known further on than it was."""

    fp: bytes
    pin: Pin


class Rotate(Struct, frozen=True):
    """A new epoch is made, and nothing else."""


Op = Policy | Add | Remove | SetRole | Leave | DevUp | Rotate


class Section(Struct, frozen=True):
    """A new epoch, as the commit that makes it describes it."""

    share: int
    key_commit: bytes
    prev_wrap: bytes
    recips_hash: bytes
    boxes_hash: bytes


class Commit(Struct, frozen=True):
    """One commit. `body` is what `signature` is of; `hash` is what the log and the transcript know it by."""

    room_ref: bytes
    cseq: int
    prev: bytes
    epoch: int
    """The one in force after it."""
    seen_seq: int
    """Up to 2^64 - 1: a transcript can only be there if it is below the seq that the commit is to have."""
    seen_hash: bytes
    ms: int
    """What the author's clock said, on which no rule depends."""
    author_fp: bytes
    author_dev: bytes
    ops: tuple[Op, ...]
    section: Section | None
    body: bytes
    signature: bytes
    hash: bytes

    @property
    def mentioned(self) -> frozenset[bytes]:
        """The fps of its author and of all whose chains judging it takes."""
        pinned = {op.fp for op in self.ops if isinstance(op, Add | DevUp)}
        return frozenset({self.author_fp, *pinned})


def parse(raw: bytes) -> Commit:
    """Read one commit, or raise `Refused` with a fault of form."""
    require(len(raw) <= MAX_COMMIT, "too_large", f"A commit has at most {MAX_COMMIT} bytes.")
    reader = Reader(raw)
    reader.version(VERSION, SUITE)
    commit = Commit(
        room_ref=reader.take(HASH_SIZE),
        cseq=reader.number(4),
        prev=reader.take(HASH_SIZE),
        epoch=reader.number(4),
        seen_seq=reader.number(8),
        seen_hash=reader.take(HASH_SIZE),
        ms=reader.number(8),
        author_fp=reader.take(HASH_SIZE),
        author_dev=reader.take(DEVICE_ID_SIZE),
        ops=tuple(_op(reader) for _ in range(reader.number(2))),
        section=_section(reader) if reader.one_of((0, 1), "way to have an epoch") else None,
        body=reader.read_so_far(),
        signature=reader.take(SIGNATURE_SIZE),
        hash=digest("cx1/commith", raw),
    )
    reader.end()
    return commit


def _op(reader: Reader) -> Op:
    read = _OPS[reader.one_of(_OPS, "op")]
    payload = Reader(reader.framed())
    op = read(payload)
    payload.end()
    return op


def _section(reader: Reader) -> Section:
    share, key_commit = reader.one_of((0, 1), "way to share"), reader.take(HASH_SIZE)
    prev_wrap = reader.framed()
    require(len(prev_wrap) in (0, WRAP_SIZE), "value", f"A wrap has {WRAP_SIZE} bytes, or there is none.")
    return Section(share, key_commit, prev_wrap, reader.take(HASH_SIZE), reader.take(HASH_SIZE))


def _policy(reader: Reader) -> Policy:
    policy = Policy(
        history=reader.one_of((FROM_JOIN, SHARED), "rule for history"),
        who_add=reader.one_of((ADMINS_ADD, MEMBERS_ADD), "rule for adding"),
        retention=reader.one_of((KEEP, EPHEMERAL), "rule for retention"),
        rotate_msgs=reader.number(4),
        rotate_secs=reader.number(4),
    )
    require(policy.rotate_msgs > 0, "value", "An epoch has at least one message.")
    require(policy.rotate_secs > 0, "value", "An epoch lasts at least one second.")
    timely = policy.retention != EPHEMERAL or policy.rotate_secs <= MAX_EPHEMERAL_AGE
    require(timely, "value", f"In an ephemeral room an epoch lasts at most {MAX_EPHEMERAL_AGE} seconds.")
    return policy


def _role(reader: Reader) -> int:
    return reader.one_of((READER, MEMBER, ADMIN, OWNER), "role")


def _pin(reader: Reader) -> Pin:
    return Pin(reader.number(4), reader.take(HASH_SIZE))


_OPS: dict[int, Callable[[Reader], Op]] = {
    1: _policy,
    2: lambda reader: Add(reader.take(HASH_SIZE), _role(reader), _pin(reader)),
    3: lambda reader: Remove(reader.take(HASH_SIZE)),
    4: lambda reader: SetRole(reader.take(HASH_SIZE), _role(reader)),
    5: lambda _reader: Leave(),
    6: lambda reader: DevUp(reader.take(HASH_SIZE), _pin(reader)),
    7: lambda _reader: Rotate(),
}
