"""Secrets of epochs: boxes, wraps and walks, and what does not fit the log."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from scripts.generator.vectors.cases import HEX, Case, Json, call, invalid, valid
from scripts.generator.vectors.cast import Chance
from ymera_client.crypto import epochs
from ymera_client.crypto.epochs import Epoch, Recipient
from ymera_client.crypto.errors import Fault
from ymera_client.crypto.primitives import box_public, encrypt_framed, seal
from ymera_client.crypto.wire import u32

ROOM, DEVICE = b"\x03" * 32, b"\x04" * 16
X_SECRET = b"\x05" * 32


@call
def key_commit(secret: str, room_ref: str, number: int) -> bytes:
    return epochs.key_commit(HEX(secret), HEX(room_ref), number)


@call
def recips_hash(recipients: list[Mapping[str, str]]) -> bytes:
    return epochs.recips_hash(map(_recipient, recipients))


@call
def boxes_hash(boxes: list[str]) -> bytes:
    return epochs.boxes_hash(map(HEX, boxes))


@call
def seal_box(
    secret: str, epoch: Mapping[str, Any], device_id: str, x_pk: str, version: int, seed: str
) -> bytes:
    about = epoch_of(epoch)
    return epochs.seal_box(
        HEX(secret),
        room_ref=about.room_ref,
        number=about.number,
        device_id=HEX(device_id),
        x_pk=HEX(x_pk),
        version=version,
        seed=HEX(seed),
    )


@call
def open_box(epoch: Mapping[str, Any], box: str, device_id: str, x_secret: str) -> bytes:
    return epochs.open_box(epoch_of(epoch), HEX(box), device_id=HEX(device_id), x_secret=HEX(x_secret))


@call
def box_version(box: str) -> int:
    """Which of the device's keys opens it."""
    return epochs.box_version(HEX(box))


@call
def wrap(secret: str, previous: str, epoch: Mapping[str, Any], nonce: str) -> bytes:
    about = epoch_of(epoch)
    nonces = {"nonce": HEX(nonce)}
    return epochs.wrap(HEX(secret), HEX(previous), room_ref=about.room_ref, number=about.number, **nonces)


@call
def walk(records: list[Mapping[str, Any]], secret: str, number: int, known: list[int]) -> Json:
    """`broken` is the fault that ended the walk, or null; the secrets found until there count."""
    return epochs.walk([epoch_of(each) for each in records], HEX(secret), number, known)


@call
def accept(epoch: Mapping[str, Any], secret: str) -> bytes:
    """A secret from anywhere: a grant, a backup, another device."""
    return epochs.accept_secret(epoch_of(epoch), HEX(secret))


def epoch_of(value: Mapping[str, Any]) -> Epoch:
    """An epoch of a case."""
    return Epoch(
        number=value["number"],
        room_ref=HEX(value["room_ref"]),
        key_commit=HEX(value["key_commit"]),
        prev_wrap=HEX(value["prev_wrap"]),
        recipients=tuple(map(_recipient, value["recipients"])),
        boxes_hash=HEX(value["boxes_hash"]),
    )


def _recipient(value: Mapping[str, str]) -> Recipient:
    return Recipient(HEX(value["fp"]), HEX(value["device_id"]))


def make_epoch(number: int, secret: bytes, prev_wrap: bytes = b"", room_ref: bytes = ROOM) -> Epoch:
    """An epoch as its commit has it, with nobody in it."""
    committed = epochs.key_commit(secret, room_ref, number)
    return Epoch(number, room_ref, committed, prev_wrap, (), bytes(32))


def cases() -> Iterator[Case]:
    """All cases of this file."""
    yield valid(
        "key-commit", "of the specification", "key_commit", secret=b"\x01" * 32, room_ref=ROOM, number=7
    )
    recipients = [Recipient(bytes([2 - each] * 32), bytes([each] * 16)) for each in range(3)]
    for count in (0, 1, 3):
        yield valid(
            f"recips-hash-{count}",
            "as given; that they are sorted is for the log's rules",
            "recips_hash",
            recipients=recipients[:count],
        )
        yield valid(f"boxes-hash-{count}", "with lengths", "boxes_hash", boxes=[b"ab", b"", b"c"][:count])
    yield from _boxes()
    yield from _walks()


def _boxes() -> Iterator[Case]:
    secret, seed = b"\x01" * 32, b"\x08" * 32
    epoch = make_epoch(7, secret)
    x_pk = box_public(X_SECRET)
    about: dict[str, Any] = {"device_id": DEVICE, "x_pk": x_pk, "version": 2, "seed": seed}
    yield valid("seal-box", "for one device", "seal_box", secret=secret, epoch=epoch, **about)

    def boxed(inner: bytes = secret, /, **changed: Any) -> bytes:
        place = {"room_ref": ROOM, "number": 7, **about} | changed
        return epochs.seal_box(inner, **place)

    good = boxed()
    inner = b"cx1/key\0" + ROOM + u32(7) + DEVICE + secret
    mine = {"epoch": epoch, "device_id": DEVICE, "x_secret": X_SECRET}
    yield valid("open-box", "the reverse", "open_box", box=good, **mine)
    yield valid("box-version", "of the key that opens it", "box_version", box=good)
    comment = "too short to say"
    yield invalid("box-version-none", comment, Fault.BOX, "box_version", box=good[:3])
    wrong = {
        "empty": (Fault.BOX, b""),
        "tiny": (Fault.BOX, good[:51]),
        "short": (Fault.BOX, good[:-1]),
        "long": (Fault.BOX, good + b"\0"),
        "flipped": (Fault.BOX, good[:-1] + bytes([good[-1] ^ 1])),
        "other-key": (Fault.BOX, boxed(x_pk=box_public(b"\x06" * 32))),
        "other-room": (Fault.BOX_CONTENT, boxed(room_ref=b"\x09" * 32)),
        "other-epoch": (Fault.BOX_CONTENT, boxed(number=8)),
        "other-device": (Fault.BOX_CONTENT, boxed(device_id=b"\x09" * 16)),
        "other-label": (Fault.BOX_CONTENT, u32(2) + seal(x_pk, seed, inner)),
        "other-secret": (Fault.KEY_COMMIT, boxed(b"\x02" * 32)),
    }
    for name, (fault, box) in wrong.items():
        comment = "no box for this device, epoch and room, or not with the secret that all got"
        yield invalid(f"box-{name}", comment, fault, "open_box", box=box, **mine)
    yield valid("accept", "a secret that fits", "accept", epoch=epoch, secret=secret)
    comment = "a grant or backup with another secret"
    yield invalid("accept-other", comment, Fault.KEY_COMMIT, "accept", epoch=epoch, secret=b"\x02" * 32)
    comment = "a secret of another length"
    yield invalid("accept-short", comment, Fault.KEY_COMMIT, "accept", epoch=epoch, secret=secret[:31])
    yield invalid("accept-long", comment, Fault.KEY_COMMIT, "accept", epoch=epoch, secret=secret * 3)


def _walks() -> Iterator[Case]:
    chance = Chance("walk")
    secrets = [chance.draw(32) for _ in range(6)]
    nonce = chance.draw(24)

    def wrapped(number: int) -> bytes:
        return epochs.wrap(
            secrets[number - 1], secrets[number - 2], room_ref=ROOM, number=number, nonce=nonce
        )

    wraps = [b"", wrapped(2), b"", *(wrapped(number) for number in (4, 5, 6))]
    log = [make_epoch(number, secrets[number - 1], each) for number, each in enumerate(wraps, 1)]
    yield valid(
        "wrap", "of one epoch", "wrap", secret=secrets[1], previous=secrets[0], epoch=log[1], nonce=nonce
    )
    given = {"records": log, "secret": secrets[5], "number": 6, "known": []}
    yield valid("walk", "back to where somebody joined", "walk", **given)
    yield valid("walk-known", "back to what is known", "walk", **{**given, "known": [4]})
    earlier = {"secret": secrets[1], "number": 2}
    yield valid("walk-to-first", "there is nothing before the first", "walk", **{**given, **earlier})
    flipped = wrapped(5)[:-1] + bytes([wrapped(5)[-1] ^ 1])
    other = make_epoch(
        5, secrets[4], epochs.wrap(secrets[4], b"\x07" * 32, room_ref=ROOM, number=5, nonce=nonce)
    )
    foreign = encrypt_framed(secrets[4], nonce, secrets[3], ROOM + u32(5))
    spoilt = {
        "flipped": replace(log[4], prev_wrap=flipped),
        "other-secret": other,
        "moved": replace(log[4], prev_wrap=wrapped(4)),
        "other-key": replace(log[4], prev_wrap=foreign),
    }
    for name, epoch in spoilt.items():
        comment = "a bad wrap ends the walk, and the secrets behind it must be granted"
        records = [*log[:4], epoch, log[5]]
        yield valid(f"walk-{name}", comment, "walk", **{**given, "records": records})
    comment = "a walk from a secret that is none"
    yield invalid("walk-from-other", comment, Fault.KEY_COMMIT, "walk", **{**given, "secret": secrets[0]})
    for number in (0, 7):
        comment = "an epoch that the log does not have"
        wrong = {**given, "number": number}
        yield invalid(f"walk-from-{number}", comment, Fault.EPOCH_UNKNOWN, "walk", **wrong)
