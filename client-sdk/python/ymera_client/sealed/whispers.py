"""What is said in passing in a sealed room: that somebody still works, for one. Nobody keeps it.

Invariant: whatever is wrong with a whisper, it is dropped, and nothing else happens. None is heard twice,
none that is over two minutes off, and none but those of devices of members that may post.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from nacl.utils import random

from ymera_client.crypto.content import Content, ContentType, json_object
from ymera_client.crypto.envelopes import ID
from ymera_client.crypto.ephemera import receive_ephemeral, write_ephemeral
from ymera_client.crypto.errors import Cx1Error
from ymera_client.crypto.primitives import NONCE
from ymera_client.crypto.transcript import check_speaker
from ymera_client.crypto.wire import from_text, to_text
from ymera_client.generated import SealedWhisper
from ymera_client.sealed import halting
from ymera_client.sealed.clock import now_ms
from ymera_client.sealed.faults import refusals_raised
from ymera_client.sealed.view import Whisper

if TYPE_CHECKING:
    from ymera_client.sealed.room import SealedRoom


class Whispers:
    """Those of one room."""

    def __init__(self, room: "SealedRoom") -> None:
        self._room = room
        self._last: dict[bytes, int] = {}
        """When each device has sent its newest, by its own clock."""
        self._sent = 0

    async def say(self, content: Mapping[str, Any]) -> None:
        """Say something to the members who listen now."""
        await self._room.ready()
        halting.check(self._room.id, self._room.halted)
        standing, author = self._room.settled, self._room.ground.keychain.author
        # Two in one millisecond would be one and a replay.
        self._sent = max(now_ms(), self._sent + 1)
        with refusals_raised():
            raw = write_ephemeral(
                standing.timeline.room,
                standing.keys,
                Content(ContentType.JSON, msgspec.json.encode(content)),
                device_id=author.device_id,
                secret=author.secret,
                client_id=random(ID),
                sent_ms=self._sent,
                nonce=random(NONCE),
                seen=standing.timeline.seen,
            )
        await self._room.ground.courier(SealedWhisper(room=self._room.id, envelope=to_text(raw)))

    def hear(self, envelope: str) -> Whisper | None:
        """What was said, if it counts."""
        standing = self._room.standing
        if standing is None:
            return None
        room = standing.timeline.room
        try:
            raw = from_text(envelope)
            heard, content, self._last = receive_ephemeral(room, standing.keys, raw, self._last, now_ms())
            if content.type is not ContentType.JSON:
                return None
            said = json_object(content.data)
            speaker = check_speaker(room, heard.header)
        except Cx1Error:
            return None
        # Devices that are gone cannot be heard any more.
        self._last = {device: ms for device, ms in self._last.items() if device in room.active}
        member_id = self._room.reading.naming.id_of(speaker.fp)
        return Whisper(self._room.id, member_id, to_text(speaker.fp), said)
