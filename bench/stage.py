"""An encrypted room with so many devices, and what is said in it, made by the Python core.

It is written to a file that every core begins from, so that all of them are given the same bytes.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from persistence.ids import new_id
from protocol.wire import to_base64
from scripts.generator.vectors.cast import BEGIN_MS, Person, Stage
from ymera_client.crypto.commits import Rotate
from ymera_client.crypto.content import Content, ContentType
from ymera_client.crypto.envelopes import parse_envelope
from ymera_client.crypto.identity import verify_chain
from ymera_client.crypto.sending import Message, seal
from ymera_client.crypto.transcript import Cursor, receive

CONTENT = 200
"""Bytes of what is said."""
ELSEWHERE = "0193d2e6-0000-7000-8000-000000000002"
"""The id of a room that no server has."""
SPEAKERS = 10
"""Devices that take turns in saying it."""


def message(room: str = ELSEWHERE) -> Message:
    """A message of 200 bytes, as clients say it."""
    number = new_id()
    told = {"type": "message.send", "data": {"room": room, "id": number, "text": ""}}
    told["data"] = {"room": room, "id": number, "text": "x" * (CONTENT - len(_encoded(told)))}
    content = Content(ContentType.JSON, _encoded(told))
    return Message(content, os.urandom(16), BEGIN_MS, entity_id=UUID(number).bytes)


class Guest(Person):
    """Somebody of whom only the chain is known."""

    def __init__(self, links: list[bytes]) -> None:
        self.links = links
        self.history = verify_chain(links)


@dataclass(slots=True)
class Hall:
    """A room of people with a device each; the first is its owner."""

    people: Sequence[Person]
    stage: Stage

    @classmethod
    def of(cls, devices: int) -> "Hall":
        """A room with so many devices, after three commits."""
        people = [Person(f"member{number}") for number in range(devices)]
        stage = Stage(people[0])
        stage.rotate(people[0])
        if devices > 1:
            stage.add(people[0], *people[1:])
        return cls(people, stage)

    def said(self, count: int) -> Iterator[bytes]:
        """Envelopes in a row, each by another device that has seen all before it."""
        stage, keys = self.stage, self.stage.ring
        for number in range(count):
            author = self.people[number % min(SPEAKERS, len(self.people))].author()
            raw, _ = seal(stage.timeline, keys, author, message(), nonce=os.urandom(24))
            seq = stage.timeline.seq + 1
            _, stage.timeline, keys = receive(stage.timeline, keys, seq, raw, stage.memory)
            stage.memory.hashes[seq] = stage.timeline.hash
            stage.memory.client_ids.add(parse_envelope(raw).header.client_id)
            yield raw

    def ahead(
        self, room: str, person: Person, cursor: Cursor | None, count: int
    ) -> tuple[list[bytes], Cursor | None]:
        """Envelopes that somebody says without waiting for anybody, and the cursor after them."""
        timeline, keys, sealed = self.stage.timeline, self.stage.ring, []
        for _ in range(count):
            nonce = os.urandom(24)
            raw, cursor = seal(timeline, keys, person.author(), message(room), nonce=nonce, cursor=cursor)
            _, keys = keys.take(cursor.epoch, person.id_of(), cursor.ctr - 1)
            sealed.append(raw)
        return sealed, cursor

    def write(self, path: Path, messages: int) -> None:
        """Write the room, and what may come next: so many envelopes, or a commit that makes a new epoch."""
        stage, first = self.stage, self.people[0]
        commits, secret = [to_base64(item.raw) for item in stage.items], stage.secrets[stage.room.epoch]
        rotation = stage.write(first, Rotate())
        told = {
            "chains": [[to_base64(link) for link in person.links] for person in self.people],
            "commits": commits,
            "secret": to_base64(secret),
            "author": {
                "fp": to_base64(first.fp),
                "device": to_base64(first.id_of()),
                "seed": to_base64(first.devices["first"].seed),
            },
            "content": to_base64(message().content.data),
            "envelopes": [to_base64(raw) for raw in self.said(messages)],
            "rotation": to_base64(rotation.raw),
        }
        path.write_text(json.dumps(told))


def _encoded(told: object) -> bytes:
    return json.dumps(told, separators=(",", ":")).encode()
