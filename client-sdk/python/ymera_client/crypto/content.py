"""What an envelope encrypts: a type and data, padded; and when such data can be read at all.

The rules for JSON are those that every implementation can hold to alike: strict UTF-8 without a mark, one
object, no number that is not a finite double, at most 64 levels.
"""

import json
import re
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate
from typing import Any, NoReturn

from ymera_client.crypto.envelopes import Envelope, EnvelopeKind
from ymera_client.crypto.errors import Cx1Error, Fault, require
from ymera_client.crypto.primitives import decrypt, pad, unpad
from ymera_client.crypto.wire import Reader, u8, u32, u64

MAX_DEPTH = 64
TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{\]}]')
"""A text or a bracket in JSON."""
STEPS = {"{": 1, "[": 1, "]": -1, "}": -1}
SPACE = " \t\n\r"
"""What may stand around a JSON text."""


class ContentType(IntEnum):
    """How the data is to be read."""

    JSON = 1
    CRDT = 2


NUMBERED = {int(each): each for each in ContentType}
TYPES = {
    EnvelopeKind.EVENT: {ContentType.JSON},
    EnvelopeKind.UPDATE: {ContentType.CRDT},
    EnvelopeKind.SNAPSHOT: {ContentType.CRDT},
    EnvelopeKind.EPHEMERAL: {ContentType.JSON, ContentType.CRDT},
}


@dataclass(frozen=True, slots=True)
class Content:
    """What was sent. JSON data has been found readable; `json_object` reads it."""

    type: ContentType
    data: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole of a document, up to and with the event at `covers_seq`."""

    covers_seq: int
    state_vector: bytes
    state: bytes

    def encode(self) -> bytes:
        vector = u32(len(self.state_vector)) + self.state_vector
        return u64(self.covers_seq) + vector + u32(len(self.state)) + self.state


def padded(content: Content) -> bytes:
    """The bytes to encrypt."""
    return pad(u8(content.type) + content.data)


def open_content(envelope: Envelope, key: bytes) -> Content:
    """Decrypt and read. Whatever fails is the sender's fault, who alone could have made it."""
    plaintext = decrypt(key, envelope.nonce, envelope.ciphertext, envelope.head, Fault.AEAD)
    return read_content(envelope.header.kind, plaintext)


def read_content(kind: EnvelopeKind, plaintext: bytes) -> Content:
    """Read what was decrypted."""
    data = unpad(plaintext)
    require(data, Fault.CONTENT, "there is no content")
    require(data[0] in TYPES[kind], Fault.CONTENT, "an envelope of this kind has no such content")
    content = Content(NUMBERED[data[0]], data[1:])
    if content.type is ContentType.JSON:
        json_object(content.data)
    if kind is EnvelopeKind.SNAPSHOT:
        read_snapshot(content.data)
    return content


def json_object(data: bytes) -> dict[str, Any]:
    """Read one JSON object, as strictly as every implementation does."""
    try:
        text = data.decode().strip(SPACE)
        value, end = STRICT.raw_decode(text)
        if end < len(text):
            raise ValueError(text)
    except (ValueError, RecursionError):
        raise Cx1Error(Fault.CONTENT, "the content is no JSON") from None
    require(isinstance(value, dict), Fault.CONTENT, "the content is no JSON object")
    require(_depth_within(text, MAX_DEPTH), Fault.CONTENT, f"the content is nested over {MAX_DEPTH} levels")
    found: dict[str, Any] = value
    return found


def read_snapshot(data: bytes) -> Snapshot:
    """Read the content of a snapshot."""
    reader = Reader(data)
    try:
        snapshot = Snapshot(reader.u64(), reader.fixed(reader.u32()), reader.fixed(reader.u32()))
        reader.end()
    except Cx1Error as refusal:
        raise Cx1Error(Fault.CONTENT, f"the snapshot is malformed: {refusal.detail}") from None
    return snapshot


def _depth_within(text: str, levels: int) -> bool:
    """Whether a JSON text is nested no deeper.

    The text is looked at and not the value, which no longer shows what stood under a name that came again.
    """
    if text.count("{") + text.count("[") <= levels:
        return True
    return max(accumulate(STEPS.get(token, 0) for token in TOKEN.findall(text))) <= levels


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _integer(text: str) -> int:
    _float(text)
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        raise ValueError(text)
    return number


STRICT = json.JSONDecoder(parse_constant=_no_number, parse_int=_integer, parse_float=_float)
"""Takes no number that is not a finite double."""
