"""The Python core at one task, with a room from a file, and libsodium alone at the same.

It prints one JSON line.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nacl import bindings as sodium

from ymera_client.crypto.authoring import Author, Fresh, write_next
from ymera_client.crypto.commits import Rotate
from ymera_client.crypto.content import Content, ContentType
from ymera_client.crypto.envelopes import parse_envelope
from ymera_client.crypto.identity import verify_chain
from ymera_client.crypto.primitives import signing_pair
from ymera_client.crypto.ratchet import KeyRing
from ymera_client.crypto.sending import Message, seal
from ymera_client.crypto.transcript import (
    Cursor,
    Opened,
    Outcome,
    apply_commit,
    begin,
    receive,
    receive_all,
)
from ymera_client.crypto.wire import from_text

PAGE = 1_000
"""Envelopes that the server gives at once."""
MOMENT = 1_767_225_600_000


@dataclass
class Memory:
    """What stood in the room."""

    hashes: dict[int, bytes] = field(default_factory=dict)
    client_ids: set[bytes] = field(default_factory=set)

    def transcript(self, seq: int) -> bytes | None:
        """The hash at a seq."""
        return self.hashes.get(seq)

    def has_client_id(self, client_id: bytes) -> bool:
        """Whether it was used."""
        return client_id in self.client_ids


def _kept(_seq: int, outcome: Outcome) -> bytes:
    """What a device keeps of an envelope that it could read."""
    assert isinstance(outcome, Opened)
    return outcome.content.data


class Core:
    """A device that has applied the room's commits, and what is to be done with it."""

    def __init__(self, told: dict[str, Any]) -> None:
        chains = [verify_chain([from_text(link) for link in links]) for links in told["chains"]]
        self.directory = {chain.fp: chain for chain in chains}
        genesis, *others = (from_text(raw) for raw in told["commits"])
        self.memory = Memory()
        self.timeline = begin(genesis, self.directory)
        self.memory.hashes[1] = self.timeline.hash
        for seq, raw in enumerate(others, 2):
            self.timeline = apply_commit(self.timeline, seq, raw, self.directory, self.memory)
            self.memory.hashes[seq] = self.timeline.hash
        self.secret = from_text(told["secret"])
        self.keys = KeyRing.empty().hold(self.timeline.room.epochs[-1], self.secret, ephemeral=False)
        whose = told["author"]
        self.signing = signing_pair(from_text(whose["seed"]))
        self.author = Author(from_text(whose["fp"]), from_text(whose["device"]), self.signing[1])
        self.content = Content(ContentType.JSON, from_text(told["content"]))
        self.envelopes = [from_text(raw) for raw in told["envelopes"]]
        self.rotation = from_text(told["rotation"])

    def seal(self) -> int:
        """Say something as often as something was said."""
        keys, cursor = self.keys, Cursor(0, 0, bytes(32))
        for _ in self.envelopes:
            message = Message(self.content, os.urandom(16), MOMENT)
            nonce = os.urandom(24)
            _, cursor = seal(self.timeline, keys, self.author, message, nonce=nonce, cursor=cursor)
            _, keys = keys.take(cursor.epoch, self.author.device_id, cursor.ctr - 1)
        return len(self.envelopes)

    def open(self) -> int:
        """Take what was said as it comes, one by one."""
        for raw in self.envelopes:
            seq = self.timeline.seq + 1
            _, self.timeline, self.keys = receive(self.timeline, self.keys, seq, raw, self.memory)
            self.memory.hashes[seq] = self.timeline.hash
            self.memory.client_ids.add(parse_envelope(raw).header.client_id)
        return len(self.envelopes)

    def catch_up(self) -> int:
        """Take all that was said, in pages."""
        for at in range(0, len(self.envelopes), PAGE):
            page, first = self.envelopes[at : at + PAGE], self.timeline.seq + 1
            batch = receive_all(self.timeline, self.keys, page, self.memory, _kept)
            assert batch.refusal is None
            self.timeline, self.keys = batch.timeline, batch.keys
            self.memory.hashes |= dict(enumerate(batch.hashes, first))
        return len(self.envelopes)

    def rotate(self) -> int:
        """Write a commit that makes a new epoch, with a box for each device."""
        write_next(
            self.timeline.room,
            self.author,
            [Rotate()],
            self.directory,
            seen=self.timeline.seen,
            ms=MOMENT,
            fresh=Fresh(os.urandom(32), os.urandom(24), os.urandom(32)),
            previous=self.secret,
        )
        return 1

    def take_rotation(self) -> int:
        """Apply such a commit of somebody else's."""
        seq = self.timeline.seq + 1
        apply_commit(self.timeline, seq, self.rotation, self.directory, self.memory)
        return 1

    def encrypt(self) -> int:
        """Encrypt and sign as many bytes by libsodium alone."""
        key, said = os.urandom(32), self.content.data
        for _ in self.envelopes:
            nonce = os.urandom(24)
            ciphertext = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(said, nonce, nonce, key)
            sodium.crypto_sign(ciphertext, self.signing[1])
        return len(self.envelopes)

    def decrypt(self) -> int:
        """Verify and decrypt as many bytes by libsodium alone."""
        key, nonce = os.urandom(32), os.urandom(24)
        ciphertext = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(self.content.data, nonce, nonce, key)
        signed = sodium.crypto_sign(ciphertext, self.signing[1])
        for _ in self.envelopes:
            found = sodium.crypto_sign_open(signed, self.signing[0])
            sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(found, nonce, nonce, key)
        return len(self.envelopes)


def main() -> None:
    """Do what the second argument names, with the room that the first one names."""
    core = Core(json.loads(Path(sys.argv[1]).read_text()))
    task: Callable[[], int] = getattr(core, sys.argv[2])
    gc.collect()
    begun, used = time.perf_counter(), time.process_time()
    count = task()
    seconds, used = time.perf_counter() - begun, time.process_time() - used
    print(json.dumps({"count": count, "seconds": seconds, "cpu_seconds": used}))


if __name__ == "__main__":
    main()
