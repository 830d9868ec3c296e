"""Envelopes of every kind, their keys, and contents that cannot be read."""

from collections.abc import Iterator, Mapping
from typing import Any

from scripts.generator.vectors.cases import HEX, Case, Json, call, invalid, secret_of, valid
from scripts.generator.vectors.cast import BEGIN_MS
from scripts.generator.vectors.epochs import DEVICE, ROOM, epoch_of, make_epoch
from ymera_client.crypto import content, envelopes, ratchet
from ymera_client.crypto.commits import Seen
from ymera_client.crypto.content import Content, ContentType, Snapshot
from ymera_client.crypto.envelopes import NOTHING, EnvelopeKind, Header
from ymera_client.crypto.errors import Fault
from ymera_client.crypto.primitives import ZERO, pad
from ymera_client.crypto.wire import u32, u64

HEADER = Header(
    kind=EnvelopeKind.EVENT,
    room_ref=ROOM,
    epoch=7,
    device_id=DEVICE,
    ctr=0,
    prev=ZERO,
    seen=Seen(9, b"\x0a" * 32),
    client_id=b"\x0b" * 16,
    entity_id=NOTHING,
    base_version=0,
    sent_ms=BEGIN_MS,
)
DOCUMENT = b"\x0c" * 16
SEED = b"\x0d" * 32


@call
def strand(epoch: Mapping[str, Any], secret: str, device_id: str, ctr: int) -> Json:
    found = ratchet.first_strand(epoch_of(epoch), HEX(secret), HEX(device_id)).turn(ctr)
    return {"chain": found.key, "message": found.message_key()}


@call
def ephemeral_key(epoch: Mapping[str, Any], secret: str, device_id: str) -> bytes:
    return ratchet.ephemeral_key(epoch_of(epoch), HEX(secret), HEX(device_id))


@call
def write_envelope(seed: str, key: str, header: str, kind: int, data: str, nonce: str) -> Json:
    """`kind` is that of the content; `stub` is what is kept after deletion."""
    padded = content.padded(Content(ContentType(kind), HEX(data)))
    head = envelopes.parse_header(HEX(header))
    raw = envelopes.write_envelope(secret_of(seed), HEX(key), head, padded, HEX(nonce))
    parsed = envelopes.parse_envelope(raw)
    hashes = {"ct_hash": parsed.ct_hash, "event_hash": parsed.event_hash}
    return {"raw": raw, **hashes, "stub": parsed.encode()}


@call
def parse_envelope(raw: str) -> Header:
    return envelopes.parse_envelope(HEX(raw)).header


@call
def parse_stub(raw: str) -> Header:
    return envelopes.parse_stub(HEX(raw)).header


@call
def read_content(kind: int, plaintext: str) -> Content:
    return content.read_content(EnvelopeKind(kind), HEX(plaintext))


@call
def open_content(raw: str, key: str) -> Content:
    return content.open_content(envelopes.parse_envelope(HEX(raw)), HEX(key))


@call
def read_snapshot(data: str) -> Snapshot:
    return content.read_snapshot(HEX(data))


@call
def version_after(raw: str, current: int) -> int:
    """The server's compare-and-swap, which clients follow."""
    return envelopes.check_version(envelopes.parse_envelope(HEX(raw)).header.base_version, current)


def cases() -> Iterator[Case]:
    """All cases of this file."""
    secret = b"\x01" * 32
    epoch = make_epoch(7, secret)
    about = {"epoch": epoch, "secret": secret, "device_id": DEVICE}
    for ctr in (0, 1, 2, 1000):
        yield valid(f"strand-{ctr}", "a sender's chain and message key", "strand", ctr=ctr, **about)
    yield valid("ephemeral-key", "of kind 4", "ephemeral_key", **about)
    yield from _kinds()
    yield from _headers()
    yield from _contents()
    yield from _json()
    yield from _versions()


SNAPSHOT = Snapshot(12, b"vector", b"state").encode()
KINDS = {
    "event": (HEADER, ContentType.JSON, b'{"text":"hello"}'),
    "event-on-entity": (
        HEADER._replace(entity_id=DOCUMENT, base_version=3),
        ContentType.JSON,
        b'{"title":"Land"}',
    ),
    "update": (
        HEADER._replace(kind=EnvelopeKind.UPDATE, entity_id=DOCUMENT, ctr=1, prev=b"\x0e" * 32),
        ContentType.CRDT,
        b"\x01\x02\x03",
    ),
    "snapshot": (
        HEADER._replace(kind=EnvelopeKind.SNAPSHOT, entity_id=DOCUMENT, ctr=2),
        ContentType.CRDT,
        SNAPSHOT,
    ),
    "ephemeral": (HEADER._replace(kind=EnvelopeKind.EPHEMERAL), ContentType.JSON, b'{"typing":true}'),
    "longest-block": (HEADER, ContentType.JSON, b'{"text":"' + b"a" * 51 + b'"}'),
    "two-blocks": (HEADER, ContentType.JSON, b'{"text":"' + b"a" * 52 + b'"}'),
}


def written(
    header: Header = HEADER, data: bytes = b'{"text":"hello"}', kind: ContentType = ContentType.JSON
) -> bytes:
    """An envelope under fixed keys."""
    padded = content.padded(Content(kind, data))
    return envelopes.write_envelope(secret_of(SEED.hex()), b"\x01" * 32, header, padded, b"\x06" * 24)


def _kinds() -> Iterator[Case]:
    for name, (header, kind, data) in KINDS.items():
        yield valid(
            f"write-{name}",
            "the bytes of an envelope, its hashes, and what stays when it is deleted",
            "write_envelope",
            seed=SEED,
            key=b"\x01" * 32,
            header=header.encode(),
            kind=kind,
            data=data,
            nonce=b"\x06" * 24,
        )
        raw = written(header, data, kind)
        yield valid(f"parse-{name}", "the header", "parse_envelope", raw=raw)
        yield valid(f"open-{name}", "the content", "open_content", raw=raw, key=b"\x01" * 32)
    stub = envelopes.parse_envelope(written()).encode()
    yield valid("stub", "of a deleted envelope", "parse_stub", raw=stub)
    yield invalid("stub-longer", "with more behind", Fault.TRAILING, "parse_stub", raw=stub + b"\0")
    yield invalid("stub-cut", "with less", Fault.TRUNCATED, "parse_stub", raw=stub[:-1])
    raw = written()
    comment = "another key"
    yield invalid("open-other-key", comment, Fault.AEAD, "open_content", raw=raw, key=b"\x02" * 32)
    empty = raw[:204] + u32(0) + bytes(64)
    comment = "a ciphertext shorter than its tag"
    yield invalid("open-nothing", comment, Fault.AEAD, "open_content", raw=empty, key=b"\x01" * 32)


def _headers() -> Iterator[Case]:
    raw = written()
    wrong: dict[str, tuple[Fault, bytes]] = {
        "empty": (Fault.TRUNCATED, b""),
        "cut": (Fault.TRUNCATED, raw[:-1]),
        "longer": (Fault.TRAILING, raw + b"\0"),
        "version": (Fault.VERSION, b"\x02" + raw[1:]),
        "suite": (Fault.VERSION, b"\x01\x02" + raw[2:]),
        "kind-0": (Fault.VALUE, b"\x01\x01\x00" + raw[3:]),
        "kind-5": (Fault.VALUE, b"\x01\x01\x05" + raw[3:]),
        "reserved": (Fault.VALUE, b"\x01\x01\x01\x01" + raw[4:]),
        "too-large": (Fault.TOO_LARGE, raw[:204] + u32(envelopes.MAX_CIPHERTEXT + 1) + raw[208:]),
        "epoch-0": (Fault.VALUE, written(HEADER._replace(epoch=0))),
        "nameless-update": (Fault.VALUE, written(HEADER._replace(kind=EnvelopeKind.UPDATE))),
        "nameless-snapshot": (Fault.VALUE, written(HEADER._replace(kind=EnvelopeKind.SNAPSHOT))),
        "version-of-nothing": (Fault.VALUE, written(HEADER._replace(base_version=1))),
        "version-of-document": (
            Fault.VALUE,
            written(HEADER._replace(kind=EnvelopeKind.UPDATE, entity_id=DOCUMENT, base_version=1)),
        ),
        "ephemeral-ctr": (Fault.VALUE, written(HEADER._replace(kind=EnvelopeKind.EPHEMERAL, ctr=1))),
        "ephemeral-prev": (
            Fault.VALUE,
            written(HEADER._replace(kind=EnvelopeKind.EPHEMERAL, prev=b"\x01" * 32)),
        ),
    }
    for name, (fault, given) in wrong.items():
        yield invalid(f"header-{name}", "not the form of an envelope", fault, "parse_envelope", raw=given)


def _contents() -> Iterator[Case]:
    event, snapshot = EnvelopeKind.EVENT, EnvelopeKind.SNAPSHOT
    wrong: dict[str, tuple[EnvelopeKind, bytes, Fault]] = {
        "unpadded": (event, b'\x01{"a":1}', Fault.PADDING),
        "nothing": (event, pad(b""), Fault.CONTENT),
        "type-0": (event, pad(b"\x00{}"), Fault.CONTENT),
        "type-3": (event, pad(b"\x03{}"), Fault.CONTENT),
        "crdt-in-event": (event, pad(b"\x02abc"), Fault.CONTENT),
        "json-in-update": (EnvelopeKind.UPDATE, pad(b"\x01{}"), Fault.CONTENT),
        "json-in-snapshot": (snapshot, pad(b"\x01{}"), Fault.CONTENT),
        "snapshot-cut": (snapshot, pad(b"\x02" + SNAPSHOT[:-1]), Fault.CONTENT),
        "snapshot-longer": (snapshot, pad(b"\x02" + SNAPSHOT + b"a"), Fault.CONTENT),
        "snapshot-lies": (snapshot, pad(b"\x02" + u64(1) + u32(2**32 - 1)), Fault.CONTENT),
    }
    for name, (kind, plaintext, fault) in wrong.items():
        comment = "whatever the sender has put in, the room goes on"
        yield invalid(f"content-{name}", comment, fault, "read_content", kind=kind, plaintext=plaintext)
    yield valid("snapshot", "its parts", "read_snapshot", data=SNAPSHOT)
    ephemeral = {"kind": EnvelopeKind.EPHEMERAL, "plaintext": pad(b"\x02abc")}
    yield valid("content-ephemeral-crdt", "such as where a cursor is", "read_content", **ephemeral)


def _json() -> Iterator[Case]:
    good = {
        "empty": "{}",
        "spaced": ' \t\r\n{ "a" : [ ] } ',
        "escapes": '{"\\u0041\\n":"\\ud83d\\ude80"}',
        "lone-surrogate": '{"a":"\\ud800"}',
        "depth-64": '{"a":' + "[" * 63 + "]" * 63 + "}",
        "depth-64-and-wide": '{"a":[' + "[]," * 99 + "[" * 61 + "]" * 61 + "]}",
        "brackets-in-text": '{"a":"' + "[" * 70 + '"}',
        "doubled-name": '{"a":1,"a":2}',
        "numbers": '{"a":[0,-0,1e3,1.5e-9,9007199254740993]}',
        "large": '{"a":1' + "0" * 308 + "}",
    }
    for name, text in good.items():
        plaintext = pad(b"\x01" + text.encode())
        given = {"kind": EnvelopeKind.EVENT, "plaintext": plaintext}
        yield valid(f"json-{name}", "one JSON object", "read_content", **given)
    wrong = {
        "nothing": b"",
        "array": b"[]",
        "number": b"1",
        "null": b"null",
        "cut": b'{"a":',
        "more": b"{}{}",
        "not-utf-8": b'{"a":"\xff"}',
        "surrogate-in-utf-8": b'{"a":"\xed\xa0\x80"}',
        "byte-order-mark": b"\xef\xbb\xbf{}",
        "nan": b'{"a":NaN}',
        "infinity": b'{"a":-Infinity}',
        "infinite-float": b'{"a":1e400}',
        "infinite-integer": b'{"a":' + b"9" * 400 + b"}",
        "endless-integer": b'{"a":' + b"9" * 5000 + b"}",
        "leading-zero": b'{"a":01}',
        "trailing-comma": b'{"a":1,}',
        "comment": b"{/**/}",
        "single-quotes": b"{'a':1}",
        "raw-newline": b'{"a":"\n"}',
        "depth-65": b'{"a":' + b"[" * 64 + b"]" * 64 + b"}",
        "depth-hidden": b'{"a":' + b"[" * 64 + b"]" * 64 + b',"a":1}',
        "depth-2000": b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}",
    }
    for name, data in wrong.items():
        given = {"kind": EnvelopeKind.EVENT, "plaintext": pad(b"\x01" + data)}
        comment = "what not all readers of JSON read alike"
        yield invalid(f"json-{name}", comment, Fault.CONTENT, "read_content", **given)


def _versions() -> Iterator[Case]:
    raw = written(HEADER._replace(entity_id=DOCUMENT, base_version=3))
    yield valid("version", "of the entity after the event", "version_after", raw=raw, current=3)
    for current in (2, 4):
        comment = "made from another version than the newest"
        ident = f"version-{current}"
        yield invalid(ident, comment, Fault.BASE_VERSION, "version_after", raw=raw, current=current)
