"""Hashes, keys, signatures, boxes, padding and base64url."""

from collections.abc import Iterator

from scripts.generator.vectors.cases import HEX, Case, Json, call, hexes, invalid, valid
from ymera_client.crypto import primitives, wire
from ymera_client.crypto.errors import Fault

GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
LOW_ORDER = {
    "zero": bytes(32),
    "one": b"\x01" + bytes(31),
    "order 8": HEX("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    "minus one": HEX("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
}
IDENTITY = b"\x01" + bytes(31)
"""The neutral point of Ed25519, encoded."""


@call
def digest(label: str, parts: list[str]) -> bytes:
    return primitives.digest(label.encode(), *hexes(parts))


@call
def derive(key: str, label: str, parts: list[str]) -> bytes:
    return primitives.derive(HEX(key), label.encode(), *hexes(parts))


@call
def sign(seed: str, label: str, parts: list[str]) -> Json:
    public, secret = primitives.signing_pair(HEX(seed))
    return {"public": public, "signature": primitives.sign(secret, label.encode(), *hexes(parts))}


@call
def verify(public: str, signature: str, label: str, parts: list[str]) -> bool:
    return primitives.verify(HEX(public), HEX(signature), label.encode(), *hexes(parts))


@call
def agree(secret: str, public: str) -> bytes:
    return primitives.agree(HEX(secret), HEX(public))


@call
def encrypt(key: str, nonce: str, plaintext: str, ad: str) -> bytes:
    return primitives.encrypt(HEX(key), HEX(nonce), HEX(plaintext), HEX(ad))


@call
def seal(public: str, seed: str, plaintext: str) -> bytes:
    return primitives.seal(HEX(public), HEX(seed), HEX(plaintext))


@call
def pad(data: str) -> bytes:
    return primitives.pad(HEX(data))


@call
def unpad(padded: str) -> bytes:
    return primitives.unpad(HEX(padded))


@call
def from_text(text: str) -> bytes:
    return wire.from_text(text)


def malleable(signature: bytes) -> bytes:
    """The same signature with a scalar that is not reduced, which no verifier may take."""
    scalar = int.from_bytes(signature[32:], "little") + GROUP_ORDER
    return signature[:32] + scalar.to_bytes(32, "little")


def cases() -> Iterator[Case]:
    """All cases of this file."""
    key, nonce = b"\x01" * 32, b"\x06" * 24
    yield valid("digest", "H of a label and a part", "digest", label="cx1/ct", parts=[b"abc"])
    yield valid("digest-parts", "parts are joined, not framed", "digest", label="cx1/ct", parts=[b"a", b"bc"])
    yield valid("derive", "KDF without parts", "derive", key=key, label="cx1/next", parts=[])
    yield valid("encrypt", "AEAD", "encrypt", key=key, nonce=nonce, plaintext=b"abc", ad=b"about")
    yield valid("agree", "X25519", "agree", secret=key, public=primitives.box_public(b"\x02" * 32))
    yield valid(
        "seal",
        "crypto_box_seal, its ephemeral secret key given",
        "seal",
        public=primitives.box_public(b"\x02" * 32),
        seed=key,
        plaintext=b"abc",
    )
    for name, point in LOW_ORDER.items():
        comment = "a low-order key would make the secret known to all"
        yield invalid(
            f"agree-low-order-{name.replace(' ', '-')}",
            comment,
            Fault.LOW_ORDER,
            "agree",
            secret=key,
            public=point,
        )
    for size in (0, 31, 33):
        comment = "a key of another length"
        short = {"secret": key, "public": bytes([9] * size)}
        yield invalid(f"agree-{size}-bytes", comment, Fault.VALUE, "agree", **short)
    yield from _signatures()
    yield from _paddings()
    yield from _texts()


def _signatures() -> Iterator[Case]:
    about = {"label": "cx1/env", "parts": [b"abc"]}
    public, secret = primitives.signing_pair(b"\x01" * 32)
    good = primitives.sign(secret, b"cx1/env", b"abc")
    yield valid("sign", "SIG", "sign", seed=b"\x01" * 32, **about)
    yield valid("verify", "a good signature", "verify", public=public, signature=good, **about)
    yield valid(
        "verify-other-label",
        "a signature under one label is none under another",
        "verify",
        public=public,
        signature=good,
        label="cx1/commit",
        parts=[b"abc"],
    )
    for name, changed in (("key", {"public": public[:31]}), ("signature", {"signature": good[:63]})):
        given = {"public": public, "signature": good, **about, **changed}
        yield valid(f"verify-short-{name}", "a byte is missing", "verify", **given)
    yield valid(
        "verify-malleable",
        "a scalar that is not reduced gives a second signature for the same bytes",
        "verify",
        public=public,
        signature=malleable(good),
        **about,
    )
    yield valid(
        "verify-low-order-key",
        "under the neutral key, R = neutral and S = 0 would hold for everything",
        "verify",
        public=IDENTITY,
        signature=IDENTITY + bytes(32),
        **about,
    )


def _paddings() -> Iterator[Case]:
    for size in (0, 1, 63, 64):
        yield valid(f"pad-{size}", "at least one byte is added", "pad", data=bytes(range(size)))
        yield valid(f"unpad-{size}", "the reverse", "unpad", padded=primitives.pad(bytes(range(size))))
    wrong = {
        "empty": b"",
        "short": b"\x80",
        "uneven": primitives.pad(b"a") + b"\0",
        "no-mark": bytes(64),
        "other-mark": b"a" * 63 + b"\x81",
        "junk-behind-mark": b"\x80" + bytes(62) + b"\x01",
        "mark-in-earlier-block": b"\x80" + bytes(127),
    }
    for name, padded in wrong.items():
        yield invalid(f"unpad-{name}", "not ISO/IEC 7816-4", Fault.PADDING, "unpad", padded=padded)


def _texts() -> Iterator[Case]:
    yield valid("text", "base64url without padding", "from_text", text="-_8")
    yield valid("text-empty", "no bytes", "from_text", text="")
    wrong = {
        "padded": "-_8=",
        "other-alphabet": "+/8",
        "space": "-_ 8",
        "newline": "-_8\n",
        "impossible-length": "A",
        "loose-bits": "-_9",
    }
    for name, text in wrong.items():
        yield invalid(
            f"text-{name}", "more than one text for the same bytes", Fault.ENCODING, "from_text", text=text
        )
