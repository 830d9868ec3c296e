"""Sealing what is to be said, at the sender's place in the timeline.

Sealing reads states and changes none: the bytes are stored with the cursor that is returned, in one
transaction, and sent again unchanged until the server has answered.
"""

from dataclasses import dataclass

from ymera_client.crypto.authoring import Author
from ymera_client.crypto.content import Content, padded
from ymera_client.crypto.envelopes import ID, NOTHING, EnvelopeKind, Header, parse_envelope, write_envelope
from ymera_client.crypto.errors import Cx1Error, Fault
from ymera_client.crypto.ratchet import KeyRing
from ymera_client.crypto.transcript import Cursor, Timeline, check_speaker


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be said. `client_id` is 16 fresh random bytes."""

    content: Content
    client_id: bytes
    sent_ms: int
    kind: EnvelopeKind = EnvelopeKind.EVENT
    entity_id: bytes = NOTHING
    base_version: int = 0

    def __post_init__(self) -> None:
        if len(self.client_id) != ID or len(self.entity_id) != ID:
            raise ValueError(f"a client_id and an entity_id have {ID} bytes")


def seal(
    timeline: Timeline,
    keys: KeyRing,
    author: Author,
    message: Message,
    *,
    nonce: bytes,
    cursor: Cursor | None = None,
) -> tuple[bytes, Cursor]:
    """The envelope, and the device's cursor after it.

    `cursor` is that after an envelope which was sealed and has not come back yet; else the timeline's counts.
    """
    room = timeline.room
    standing = cursor or timeline.cursor(author.device_id)
    if standing is None:
        raise Cx1Error(Fault.ANCHOR, "the device's last envelope lies before the anchor; give its cursor")
    header = Header(
        kind=message.kind,
        room_ref=room.ref,
        epoch=room.epoch,
        device_id=author.device_id,
        ctr=standing.expected(room.epoch),
        prev=standing.prev,
        seen=timeline.seen,
        client_id=message.client_id,
        entity_id=message.entity_id,
        base_version=message.base_version,
        sent_ms=message.sent_ms,
    )
    check_speaker(room, header)
    key, _ = keys.take(header.epoch, header.device_id, header.ctr)
    raw = write_envelope(author.secret, key, header, padded(message.content), nonce)
    return raw, Cursor(header.epoch, header.ctr + 1, parse_envelope(raw).event_hash)
