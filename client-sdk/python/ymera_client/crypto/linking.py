"""Bringing a second device in: by a QR code, or by a key that both have agreed on by eight digits.

The new device shows a hash of its keys, so the old one adds those and no others; the package with the secrets
can be read only with what was shown, within five minutes, once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ymera_client.crypto.errors import Cx1Error, Fault, require
from ymera_client.crypto.identity import History, device_id
from ymera_client.crypto.primitives import (
    FP,
    HASH,
    KEY,
    decrypt_framed,
    derive,
    digest,
    encrypt_framed,
    equal,
)
from ymera_client.crypto.wire import Reader, from_text, to_text, u32

LINK_ID = 16
LIFETIME_MS = 5 * 60_000


@dataclass(frozen=True, slots=True)
class Offer:
    """What the new device shows: an id, a secret of 32 random bytes, and the hash of its keys."""

    link_id: bytes
    secret: bytes
    keys_hash: bytes

    def text(self) -> str:
        """What the QR code holds."""
        return to_text(self.link_id + self.secret + self.keys_hash)

    @property
    def key(self) -> bytes:
        """Of the package."""
        return package_key(self.secret, self.link_id)


@dataclass(frozen=True, slots=True)
class Secret:
    """The secret of one epoch of one room."""

    room_ref: bytes
    epoch: int
    secret: bytes


@dataclass(frozen=True, slots=True)
class Package:
    """What the old device hands to the new one; `master` is the backup's key, zero if there is no backup."""

    fp: bytes
    head: bytes
    """Of the chain, with the new device in it."""
    master: bytes
    secrets: tuple[Secret, ...]


def keys_hash(ed_pk: bytes, x_pk: bytes) -> bytes:
    """What commits the new device to its keys."""
    return digest(b"cx1/linkcommit", ed_pk, x_pk)


def scan(text: str) -> Offer:
    """Read a QR code."""
    reader = Reader(from_text(text))
    offer = Offer(reader.fixed(LINK_ID), reader.fixed(KEY), reader.fixed(HASH))
    reader.end()
    return offer


def check_offer(offer: Offer, ed_pk: bytes, x_pk: bytes, *, shown_ms: int, now_ms: int) -> None:
    """Refuse keys that are not those that the new device showed, or that it showed too long ago."""
    require(0 <= now_ms - shown_ms <= LIFETIME_MS, Fault.LINK_EXPIRED, "an offer to link lasts five minutes")
    require(len(ed_pk) == len(x_pk) == KEY, Fault.LINK_KEYS, f"a key has {KEY} bytes")
    require(
        equal(keys_hash(ed_pk, x_pk), offer.keys_hash),
        Fault.LINK_KEYS,
        "the keys are not those of the device that showed the code",
    )


def package_key(shared: bytes, link_id: bytes) -> bytes:
    """The key of the package, from the QR code's secret or from what was agreed on by digits."""
    return derive(shared, b"cx1/link", link_id)


def seal_package(key: bytes, link_id: bytes, package: Package, nonce: bytes) -> bytes:
    """Encrypt a package."""
    secrets = (each.room_ref + u32(each.epoch) + each.secret for each in package.secrets)
    plaintext = b"".join((package.fp, package.head, package.master, *secrets))
    return encrypt_framed(key, nonce, plaintext, link_id)


def open_package(key: bytes, link_id: bytes, sealed: bytes) -> Package:
    """Decrypt a package. Its secrets count only as far as the rooms' logs commit to them."""
    reader = Reader(decrypt_framed(key, sealed, link_id, Fault.LINK_PACKAGE))
    fp, head, master = reader.fixed(FP), reader.fixed(HASH), reader.fixed(KEY)
    secrets = []
    while reader.left:
        secrets.append(Secret(reader.fixed(HASH), reader.u32(), reader.fixed(KEY)))
    return Package(fp, head, master, tuple(secrets))


def check_linked(package: Package, history: History, ed_pk: bytes) -> None:
    """Refuse a chain that is not the one of the package, or that the new device is not active in."""
    require(equal(history.fp, package.fp), Fault.LINK_CHAIN, "the chain is of another identity")
    heads: Sequence[bytes] = [state.pin.head for state in history.states]
    require(package.head in heads, Fault.LINK_CHAIN, "the chain does not hold what the old device had seen")
    own = history.newest.devices.get(device_id(history.fp, ed_pk))
    if own is None or not own.active:
        raise Cx1Error(Fault.LINK_CHAIN, "this device is not active in the chain")
