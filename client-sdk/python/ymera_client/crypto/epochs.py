"""Epochs: who can read them, and the secret of each in boxes, wraps, grants and backups.

A secret, whatever its source, counts only if it fits the `key_commit` that the signed log has for its epoch.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ymera_client.crypto.errors import Cx1Error, Fault, require
from ymera_client.crypto.links import DEVICE_ID
from ymera_client.crypto.primitives import (
    HASH,
    KEY,
    SEAL,
    decrypt_framed,
    derive,
    digest,
    encrypt_framed,
    equal,
    seal,
    unseal,
)
from ymera_client.crypto.wire import Reader, u32, v16

MAX_RECIPIENTS = 1000
BOX_LABEL = b"cx1/box\0"
BOX = 4 + len(BOX_LABEL) + HASH + 4 + DEVICE_ID + KEY + SEAL
"""144 bytes."""


@dataclass(frozen=True, slots=True, order=True)
class Recipient:
    """A device that an epoch is for; in their order their boxes stand."""

    fp: bytes
    device_id: bytes


@dataclass(frozen=True, slots=True)
class Epoch:
    """What the log says of an epoch."""

    number: int
    room_ref: bytes
    key_commit: bytes
    prev_wrap: bytes
    recipients: tuple[Recipient, ...]
    boxes_hash: bytes

    @property
    def context(self) -> bytes:
        """What every secret of this epoch is bound to."""
        return self.room_ref + u32(self.number)


def recips_hash(recipients: Iterable[Recipient]) -> bytes:
    """The hash that every verifier recomputes from the members' chains."""
    return digest(b"cx1/recips", *(each.fp + each.device_id for each in recipients))


def boxes_hash(boxes: Iterable[bytes]) -> bytes:
    """The hash of all boxes, in the order of the recipients."""
    return digest(b"cx1/boxes", *map(v16, boxes))


def key_commit(secret: bytes, room_ref: bytes, number: int) -> bytes:
    """What the author of an epoch publishes, so that nobody can be given another secret."""
    return derive(secret, b"cx1/keycommit", room_ref, u32(number))


def accept_secret(epoch: Epoch, secret: bytes) -> bytes:
    """Return the secret if it is this epoch's."""
    require(len(secret) == KEY, Fault.KEY_COMMIT, f"a secret has {KEY} bytes")
    require(
        equal(key_commit(secret, epoch.room_ref, epoch.number), epoch.key_commit),
        Fault.KEY_COMMIT,
        "this is not the secret that the log commits to",
    )
    return secret


def seal_box(
    secret: bytes, *, room_ref: bytes, number: int, device_id: bytes, x_pk: bytes, version: int, seed: bytes
) -> bytes:
    """Return the secret for one device; `version` is that of its `x_pk`, `seed` is 32 fresh random bytes."""
    plaintext = b"".join((BOX_LABEL, room_ref, u32(number), device_id, secret))
    return u32(version) + seal(x_pk, seed, plaintext)


def box_version(box: bytes) -> int:
    """Which of the device's keys opens a box."""
    require(len(box) == BOX, Fault.BOX, f"a box has {BOX} bytes")
    return Reader(box).u32()


def open_box(epoch: Epoch, box: bytes, *, device_id: bytes, x_secret: bytes) -> bytes:
    """Return the secret of an epoch from a box or a grant for this device."""
    plaintext = unseal(x_secret, box[4:], Fault.BOX)
    about, secret = plaintext[:-KEY], plaintext[-KEY:]
    require(
        equal(about, BOX_LABEL + epoch.context + device_id),
        Fault.BOX_CONTENT,
        "the box is of another room, epoch or device",
    )
    return accept_secret(epoch, secret)


def check_boxes(epoch: Epoch, boxes: Sequence[bytes]) -> None:
    """Hold the boxes that came with a commit against it; needs no keys."""
    require(len(boxes) == len(epoch.recipients), Fault.BOX_COUNT, "there is one box for each recipient")
    check_box_sizes(boxes)
    require(
        equal(boxes_hash(boxes), epoch.boxes_hash),
        Fault.BOXES,
        "these are not the boxes that the commit names",
    )


def check_box_sizes(boxes: Iterable[bytes]) -> None:
    """Refuse a box or grant of another length than all have."""
    require(all(len(each) == BOX for each in boxes), Fault.BOX_SIZE, f"a box has {BOX} bytes")


def wrap(secret: bytes, previous: bytes, *, room_ref: bytes, number: int, nonce: bytes) -> bytes:
    """Return the previous epoch's secret for those who have this one's."""
    context = room_ref + u32(number)
    return encrypt_framed(derive(secret, b"cx1/prev", context), nonce, previous, context)


def unwrap(epoch: Epoch, secret: bytes, previous: Epoch) -> bytes:
    """Return the secret of the epoch before this one."""
    key = derive(secret, b"cx1/prev", epoch.context)
    return accept_secret(previous, decrypt_framed(key, epoch.prev_wrap, epoch.context, Fault.WRAP))


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk back has found, and what stopped it if a wrap was bad."""

    secrets: Mapping[int, bytes]
    broken: Cx1Error | None


def walk(epochs: Sequence[Epoch], secret: bytes, number: int, known: Container[int]) -> Walk:
    """Follow the wraps back from an epoch to one whose secret is known or that has no wrap.

    `epochs` are the room's, in order from epoch 1. The secrets found include the one given.
    """
    epoch = find(epochs, number)
    found = {number: accept_secret(epoch, secret)}
    while epoch.prev_wrap and number > 1 and number - 1 not in known:
        previous = find(epochs, number - 1)
        try:
            found[number - 1] = unwrap(epoch, found[number], previous)
        except Cx1Error as refusal:
            return Walk(found, refusal)
        epoch, number = previous, number - 1
    return Walk(found, None)


def find(epochs: Sequence[Epoch], number: int) -> Epoch:
    """Return an epoch of the log, which are all there from 1 on."""
    if not 1 <= number <= len(epochs):
        raise Cx1Error(Fault.EPOCH_UNKNOWN, f"the log has no epoch {number}")
    return epochs[number - 1]


def reach(epochs: Sequence[Epoch], number: int) -> int:
    """The earliest epoch that whoever has this one's secret can walk back to."""
    while number > 1 and find(epochs, number).prev_wrap:
        number -= 1
    return number
