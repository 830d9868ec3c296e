"""Hashes and signatures of cx1, by libsodium and BLAKE2b of the standard library.

Every hash and signature is made under a label, so that none can be taken for one of another purpose.
"""

from hashlib import blake2b
from hmac import compare_digest

from nacl.bindings import crypto_scalarmult, crypto_sign_open
from nacl.exceptions import BadSignatureError
from nacl.exceptions import RuntimeError as SodiumError

HASH_SIZE = 32
KEY_SIZE = 32
SIGNATURE_SIZE = 64
NO_HASH = bytes(HASH_SIZE)

equal = compare_digest
"""Whether two byte strings are the same, in a time that does not tell where they differ."""

_ANY_SCALAR = b"\x08" + bytes(30) + b"\x40"


def digest(label: str, *parts: bytes) -> bytes:
    """The 32 bytes of H(label, parts…); the parts are joined, not framed."""
    return blake2b(b"\x00".join((label.encode(), b"".join(parts))), digest_size=HASH_SIZE).digest()


def verify(public: bytes, signature: bytes, label: str, *parts: bytes) -> bool:
    """Whether an Ed25519 key has signed the parts under the label, by libsodium's strict rules."""
    try:
        crypto_sign_open(b"".join((signature, label.encode(), b"\x00", *parts)), public)
    except BadSignatureError:
        return False
    return True


def has_low_order(x_public: bytes) -> bool:
    """Whether an X25519 key makes the same secret with every other: libsodium refuses to multiply those."""
    try:
        crypto_scalarmult(_ANY_SCALAR, x_public)
    except SodiumError:
        return True
    return False
