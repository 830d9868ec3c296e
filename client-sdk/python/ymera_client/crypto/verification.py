"""Checking that nobody stands between: eight digits compared live, or sixty digits at any time.

Each side of the eight digits has committed to its keys before it sees the other's, so whoever stands between
has one guess in a hundred million for each try.
"""

import hashlib
from dataclasses import dataclass
from enum import IntEnum

from ymera_client.crypto.errors import Fault, require
from ymera_client.crypto.primitives import KEY, agree, derive, digest, equal
from ymera_client.crypto.wire import u8

DIGITS = 8
GROUPS = 12


class Purpose(IntEnum):
    """What the digits are compared for."""

    LINK = 1
    """`id_a` is the hash of the new device's keys, `id_b` the fp of its user."""
    VERIFY = 2
    """Both ids are fps."""


@dataclass(frozen=True, slots=True)
class Party:
    """One side: its id, the public half of a key made for this try, and 32 random bytes."""

    id: bytes
    e_pk: bytes
    nonce: bytes

    def __post_init__(self) -> None:
        sizes = {len(self.id), len(self.e_pk), len(self.nonce)}
        require(sizes == {KEY}, Fault.VALUE, f"an id, a key and a nonce have {KEY} bytes each")


def commitment(party: Party) -> bytes:
    """What the first side, A, sends first."""
    return digest(b"cx1/sascommit", party.e_pk, party.nonce)


def check_commitment(committed: bytes, party: Party) -> None:
    """What B checks when A reveals: that it is what A had committed to."""
    require(equal(commitment(party), committed), Fault.SAS_COMMIT, "the other side has changed its key")


def shared_secret(own_secret: bytes, other_pk: bytes, own_pk: bytes) -> bytes:
    """What both sides agree on, for the digits and for a package."""
    require(not equal(own_pk, other_pk), Fault.SAS_REFLECTED, "the other side sent this side's key back")
    return agree(own_secret, other_pk)


def digits(shared: bytes, link_id: bytes, purpose: Purpose, a: Party, b: Party) -> str:
    """What both sides show."""
    data = (link_id, u8(purpose), a.id, b.id, a.e_pk, b.e_pk, a.nonce, b.nonce)
    number = int.from_bytes(derive(shared, b"cx1/sas", *data), "big") % 10**DIGITS
    return f"{number:0{DIGITS}d}"


def safety_number(one_fp: bytes, other_fp: bytes) -> str:
    """Twelve groups of five digits, the same on both sides."""
    low, high = sorted((one_fp, other_fp))
    data = hashlib.blake2b(b"cx1/safety\0" + low + high, digest_size=64).digest()
    groups = (int.from_bytes(data[5 * each : 5 * each + 5], "big") % 100_000 for each in range(GROUPS))
    return " ".join(f"{each:05d}" for each in groups)
