"""The commits of a room's membership log, as bytes and as values.

A commit is signed and hashed as the bytes that came. Whether a room allows it is for `membership`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from ymera_client.crypto.errors import Fault, require
from ymera_client.crypto.links import DEVICE_ID, Pin
from ymera_client.crypto.primitives import FP, HASH, NONCE, SIGNATURE, TAG, ZERO, digest, sign
from ymera_client.crypto.wire import Reader, u8, u16, u32, u64, v16

VERSION = SUITE = 1
MAX_COMMIT = 128 * 1024
"""Bytes; a thousand members can be added at once."""
WRAP = NONCE + 32 + TAG
DAY_SECS = 86400


class Role(IntEnum):
    """What a member may do, in rising order."""

    READER = 0
    MEMBER = 1
    ADMIN = 2
    OWNER = 3


class Access(IntEnum):
    """What a newcomer can read of the time before."""

    FROM_JOIN = 0
    SHARED = 1


class Adders(IntEnum):
    """Who may add."""

    ADMINS = 0
    MEMBERS = 1


class Retention(IntEnum):
    """Whether devices keep the secrets of epochs."""

    KEEP = 0
    EPHEMERAL = 1


@dataclass(frozen=True, slots=True)
class Policy:
    """The room's rules; a new epoch is due after so many messages or seconds."""

    OP: ClassVar = 1

    history: Access = Access.FROM_JOIN
    who_add: Adders = Adders.ADMINS
    retention: Retention = Retention.KEEP
    rotate_msgs: int = 10_000
    rotate_secs: int = 7 * DAY_SECS

    @classmethod
    def read(cls, reader: Reader) -> "Policy":
        history = Access(reader.choice(len(Access), "history"))
        who_add = Adders(reader.choice(len(Adders), "who_add"))
        retention = Retention(reader.choice(len(Retention), "retention"))
        msgs, secs = reader.u32(), reader.u32()
        require(msgs and secs, Fault.VALUE, "a rotation after nothing is none")
        require(
            retention is Retention.KEEP or secs <= DAY_SECS,
            Fault.VALUE,
            "an ephemeral room rotates at least once a day",
        )
        return cls(history, who_add, retention, msgs, secs)

    def encode(self) -> bytes:
        rules = u8(self.history) + u8(self.who_add) + u8(self.retention)
        return rules + u32(self.rotate_msgs) + u32(self.rotate_secs)


@dataclass(frozen=True, slots=True)
class Add:
    """A new member, with the place in its chain at which its devices are taken."""

    OP: ClassVar = 2

    fp: bytes
    role: Role
    pin: Pin

    @classmethod
    def read(cls, reader: Reader) -> "Add":
        return cls(reader.fixed(FP), Role(reader.choice(len(Role), "the role")), Pin.read(reader))

    def encode(self) -> bytes:
        return self.fp + u8(self.role) + self.pin.encode()


@dataclass(frozen=True, slots=True)
class Remove:
    """The end of another's membership."""

    OP: ClassVar = 3

    fp: bytes

    @classmethod
    def read(cls, reader: Reader) -> "Remove":
        return cls(reader.fixed(FP))

    def encode(self) -> bytes:
        return self.fp


@dataclass(frozen=True, slots=True)
class SetRole:
    """Another role for a member."""

    OP: ClassVar = 4

    fp: bytes
    role: Role

    @classmethod
    def read(cls, reader: Reader) -> "SetRole":
        return cls(reader.fixed(FP), Role(reader.choice(len(Role), "the role")))

    def encode(self) -> bytes:
        return self.fp + u8(self.role)


@dataclass(frozen=True, slots=True)
class Leave:
    """The end of the author's membership; somebody else must rotate before anything is said."""

    OP: ClassVar = 5

    @classmethod
    def read(cls, reader: Reader) -> "Leave":  # noqa: ARG003 - all ops are read alike
        return cls()

    def encode(self) -> bytes:
        return b""


@dataclass(frozen=True, slots=True)
class DevUp:
    """A later place in a member's chain."""

    OP: ClassVar = 6

    fp: bytes
    pin: Pin

    @classmethod
    def read(cls, reader: Reader) -> "DevUp":
        return cls(reader.fixed(FP), Pin.read(reader))

    def encode(self) -> bytes:
        return self.fp + self.pin.encode()


@dataclass(frozen=True, slots=True)
class Rotate:
    """A new epoch for its own sake."""

    OP: ClassVar = 7

    @classmethod
    def read(cls, reader: Reader) -> "Rotate":  # noqa: ARG003 - all ops are read alike
        return cls()

    def encode(self) -> bytes:
        return b""


Op = Policy | Add | Remove | SetRole | Leave | DevUp | Rotate
READERS: dict[int, Callable[[Reader], Op]] = {
    Policy.OP: Policy.read,
    Add.OP: Add.read,
    Remove.OP: Remove.read,
    SetRole.OP: SetRole.read,
    Leave.OP: Leave.read,
    DevUp.OP: DevUp.read,
    Rotate.OP: Rotate.read,
}


@dataclass(frozen=True, slots=True)
class Section:
    """What a commit that makes an epoch says about it."""

    shared: bool
    key_commit: bytes
    prev_wrap: bytes
    recips_hash: bytes
    boxes_hash: bytes

    @classmethod
    def read(cls, reader: Reader) -> "Section":
        shared = bool(reader.choice(2, "share"))
        key_commit, prev_wrap = reader.fixed(HASH), reader.v16()
        require(len(prev_wrap) in {0, WRAP}, Fault.VALUE, f"prev_wrap has 0 or {WRAP} bytes")
        return cls(shared, key_commit, prev_wrap, reader.fixed(HASH), reader.fixed(HASH))

    def encode(self) -> bytes:
        hashes = self.recips_hash + self.boxes_hash
        return u8(self.shared) + self.key_commit + v16(self.prev_wrap) + hashes


@dataclass(frozen=True, slots=True)
class Seen:
    """How far its sender had applied the room's timeline, and the hash there."""

    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Commit:
    """One parsed commit; nothing about it has been verified."""

    room_ref: bytes
    cseq: int
    prev: bytes
    epoch: int
    """In force after it."""
    seen: Seen
    ms: int
    """When, in milliseconds since 1970, as its author says."""
    author_fp: bytes
    author_dev: bytes
    ops: tuple[Op, ...]
    section: Section | None
    body: bytes
    signature: bytes

    @property
    def hash(self) -> bytes:
        """What the next commit names as `prev`, and its item in the transcript."""
        return digest(b"cx1/commith", self.body, self.signature)


def room_ref(genesis: Commit) -> bytes:
    """The room's name: the hash of its first commit."""
    return digest(b"cx1/room", genesis.body)


def read_op(reader: Reader) -> Op:
    """Read one op: its number, then its payload behind a length."""
    number = reader.u8()
    require(number in READERS, Fault.VALUE, f"there is no op {number}")
    inner = Reader(reader.v16())
    op = READERS[number](inner)
    inner.end()
    return op


def parse_commit(raw: bytes) -> Commit:
    """Read a commit, or refuse bytes that are none."""
    require(len(raw) <= MAX_COMMIT, Fault.TOO_LARGE, f"a commit has at most {MAX_COMMIT} bytes")
    reader = Reader(raw)
    require((reader.u8(), reader.u8()) == (VERSION, SUITE), Fault.VERSION, "this is no commit of cx1")
    room, cseq, prev, epoch = reader.fixed(HASH), reader.u32(), reader.fixed(HASH), reader.u32()
    seen, ms = Seen(reader.u64(), reader.fixed(HASH)), reader.u64()
    author_fp, author_dev = reader.fixed(FP), reader.fixed(DEVICE_ID)
    ops = tuple(read_op(reader) for _ in range(reader.u16()))
    section = Section.read(reader) if reader.choice(2, "has_epoch") else None
    body = raw[: reader.at]
    signature = reader.fixed(SIGNATURE)
    reader.end()
    return Commit(room, cseq, prev, epoch, seen, ms, author_fp, author_dev, ops, section, body, signature)


def write_commit(
    secret: bytes,
    ops: Sequence[Op],
    section: Section | None,
    *,
    room: bytes,
    cseq: int,
    prev: bytes,
    epoch: int,
    seen: Seen,
    ms: int,
    author_fp: bytes,
    author_dev: bytes,
) -> bytes:
    """Sign a commit; nothing is checked here, `authoring` makes only valid ones."""
    parts = [
        *(u8(VERSION), u8(SUITE), room, u32(cseq), prev, u32(epoch), u64(seen.seq), seen.hash, u64(ms)),
        *(author_fp, author_dev, u16(len(ops))),
        *(u8(op.OP) + v16(op.encode()) for op in ops),
        *((u8(1), section.encode()) if section else (u8(0),)),
    ]
    body = b"".join(parts)
    return body + sign(secret, b"cx1/commit", body)


def write_genesis(secret: bytes, policy: Policy, owner: Add, *, ms: int, author_dev: bytes) -> bytes:
    """Sign the first commit of a room, which its author owns."""
    return write_commit(
        secret,
        [policy, owner],
        None,
        room=ZERO,
        cseq=0,
        prev=ZERO,
        epoch=0,
        seen=Seen(0, ZERO),
        ms=ms,
        author_fp=owner.fp,
        author_dev=author_dev,
    )
