"""The few cryptographic functions that cx1 is made of, all of libsodium, each under a label of its own.

Labels end in a zero byte, so that no two uses of a key or a hash can be taken for one another. What every
message goes through calls libsodium as PyNaCl does, without its wrappers: for a short message they take
longer than the cipher. C takes the sizes of keys and nonces for granted, so they are looked at here.
"""

import hmac
from hashlib import blake2b

from nacl import bindings as sodium
from nacl._sodium import ffi, lib  # type: ignore[import-not-found]
from nacl.exceptions import CryptoError
from nacl.exceptions import RuntimeError as SodiumError

from ymera_client.crypto.errors import Cx1Error, Fault, require

HASH = KEY = FP = 32
SIGNATURE = 64
NONCE = 24
TAG = 16
SEAL = 48
"""Bytes that a sealed box is longer than what is in it."""
PAD = 64
ZERO = bytes(32)
BYTES = ffi.typeof("unsigned char[]")
NULL = ffi.NULL


def digest(label: bytes, *parts: bytes) -> bytes:
    """H: BLAKE2b-256 of the label and the parts."""
    return blake2b(b"".join((label, b"\0", *parts)), digest_size=HASH).digest()


def derive(key: bytes, label: bytes, *parts: bytes) -> bytes:
    """KDF: BLAKE2b-256 keyed with `key`."""
    return blake2b(b"".join((label, b"\0", *parts)), digest_size=HASH, key=key).digest()


def equal(one: bytes, other: bytes) -> bool:
    """Compare in a time that does not depend on the bytes."""
    return hmac.compare_digest(one, other)


def signing_pair(seed: bytes) -> tuple[bytes, bytes]:
    """The Ed25519 public and secret key of a 32-byte seed."""
    return sodium.crypto_sign_seed_keypair(seed)


def box_public(secret: bytes) -> bytes:
    """The X25519 public key of a secret one."""
    return sodium.crypto_scalarmult_base(secret)


def sign(secret: bytes, label: bytes, *parts: bytes) -> bytes:
    """SIG: Ed25519, detached."""
    return sodium.crypto_sign(b"".join((label, b"\0", *parts)), secret)[:SIGNATURE]


def verify(public: bytes, signature: bytes, label: bytes, *parts: bytes) -> bool:
    """Whether a signature holds; as libsodium, False for low-order points and non-canonical encodings."""
    if len(public) != KEY or len(signature) != SIGNATURE:
        return False
    signed = b"".join((signature, label, b"\0", *parts))
    return bool(lib.crypto_sign_open(NULL, NULL, signed, len(signed), public) == 0)


def agree(secret: bytes, public: bytes) -> bytes:
    """X25519; refuses a point of low order, which would give every secret key the same result."""
    require(len(public) == KEY, Fault.VALUE, f"an X25519 key has {KEY} bytes")
    try:
        return sodium.crypto_scalarmult(secret, public)
    except SodiumError:
        raise Cx1Error(Fault.LOW_ORDER, "the X25519 key is a point of low order") from None


def require_usable(public: bytes) -> None:
    """Refuse an X25519 public key of low order."""
    agree(b"\x01" * KEY, public)


def encrypt(key: bytes, nonce: bytes, plaintext: bytes, ad: bytes) -> bytes:
    """XChaCha20-Poly1305; the nonce must be 24 fresh random bytes."""
    _check_sizes(key, nonce)
    size, length = len(plaintext), len(plaintext) + TAG
    out = ffi.new(BYTES, length)
    lib.crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, plaintext, size, ad, len(ad), NULL, nonce, key)
    return bytes(ffi.buffer(out, length))


def decrypt(key: bytes, nonce: bytes, ciphertext: bytes, ad: bytes, fault: Fault) -> bytes:
    """Undo `encrypt`, or refuse with `fault`."""
    size = len(ciphertext)
    require(size >= TAG, fault, "the ciphertext is shorter than its tag")
    _check_sizes(key, nonce)
    out = ffi.new(BYTES, size - TAG)
    if lib.crypto_aead_xchacha20poly1305_ietf_decrypt(
        out, NULL, NULL, ciphertext, size, ad, len(ad), nonce, key
    ):
        raise Cx1Error(fault, "the ciphertext does not authenticate under this key")
    return bytes(ffi.buffer(out, size - TAG))


def _check_sizes(key: bytes, nonce: bytes) -> None:
    if len(key) != KEY or len(nonce) != NONCE:
        raise ValueError(f"a key has {KEY} bytes and a nonce {NONCE}, not {len(key)} and {len(nonce)}")


def encrypt_framed(key: bytes, nonce: bytes, plaintext: bytes, ad: bytes) -> bytes:
    """The nonce with the ciphertext behind it."""
    return nonce + encrypt(key, nonce, plaintext, ad)


def decrypt_framed(key: bytes, framed: bytes, ad: bytes, fault: Fault) -> bytes:
    """Undo `encrypt_framed`, or refuse with `fault`."""
    return decrypt(key, framed[:NONCE], framed[NONCE:], ad, fault)


def seal(public: bytes, seed: bytes, plaintext: bytes) -> bytes:
    """`crypto_box_seal`, with the ephemeral secret key (32 fresh random bytes) as an argument."""
    ephemeral = box_public(seed)
    nonce = blake2b(ephemeral + public, digest_size=NONCE).digest()
    return ephemeral + sodium.crypto_box_easy(plaintext, nonce, public, seed)


def unseal(secret: bytes, sealed: bytes, fault: Fault) -> bytes:
    """Undo `seal`, or refuse with `fault`."""
    try:
        return sodium.crypto_box_seal_open(sealed, box_public(secret), secret)
    except CryptoError:
        raise Cx1Error(fault, "the box does not open with this key") from None


def pad(data: bytes) -> bytes:
    """Lengthen to a multiple of 64 bytes, by at least one (ISO/IEC 7816-4): a byte 0x80, then zeros."""
    return data + b"\x80" + bytes(-(len(data) + 1) % PAD)


def unpad(padded: bytes) -> bytes:
    """Undo `pad`, or refuse."""
    require(padded and len(padded) % PAD == 0, Fault.PADDING, "the length is no multiple of 64")
    data = padded.rstrip(b"\0")
    marked = data.endswith(b"\x80") and len(padded) - len(data) < PAD
    require(marked, Fault.PADDING, "the padding is not ISO/IEC 7816-4")
    return data[:-1]
