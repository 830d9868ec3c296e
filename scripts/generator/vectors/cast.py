"""People, devices and rooms for the vectors and the tests, all of them made from a seed."""

from dataclasses import dataclass, field, replace
from typing import Any

from ymera_client.crypto import authoring, identity, links, transcript
from ymera_client.crypto.authoring import Author, Fresh
from ymera_client.crypto.commits import Add, DevUp, Op, Policy, Retention, Role, Rotate
from ymera_client.crypto.content import Content, ContentType
from ymera_client.crypto.envelopes import parse_envelope
from ymera_client.crypto.epochs import open_box
from ymera_client.crypto.identity import History, Signer
from ymera_client.crypto.links import RECOVERY, Kind, Pin
from ymera_client.crypto.membership import Room
from ymera_client.crypto.primitives import ZERO, box_public, digest, signing_pair
from ymera_client.crypto.ratchet import KeyRing
from ymera_client.crypto.sending import Message, seal
from ymera_client.crypto.transcript import Outcome
from ymera_client.crypto.wire import u32

BEGIN_MS = 1_767_225_600_000
"""The first of January 2026."""


class Chance:
    """Bytes that look random and are always the same."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._drawn = 0

    def draw(self, size: int) -> bytes:
        """The next bytes."""
        found = b""
        while len(found) < size:
            found += digest(b"vectors", self._seed, u32(self._drawn))
            self._drawn += 1
        return found[:size]


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """What one device holds: the seed of its signing key, and its keys for boxes by their versions."""

    seed: bytes
    x_secrets: tuple[bytes, ...]

    @property
    def secret(self) -> bytes:
        return signing_pair(self.seed)[1]

    @property
    def ed_pk(self) -> bytes:
        return signing_pair(self.seed)[0]

    @property
    def x_pk(self) -> bytes:
        return box_public(self.x_secrets[-1])


class Person:
    """A human or an agent with devices, and the chain that says so."""

    def __init__(self, name: str, owner: "Person | None" = None) -> None:
        self.name = name
        self.chance = Chance(name)
        self.recovery_seed = self.chance.draw(32)
        self.salt = self.chance.draw(16)
        self.devices: dict[str, DeviceKeys] = {"first": self._keys()}
        first = self.devices["first"]
        kind = Kind.HUMAN if owner is None else Kind.AGENT
        payload = links.Genesis(
            kind=kind,
            recovery_pk=signing_pair(self.recovery_seed)[0],
            salt=self.salt,
            ed_pk=first.ed_pk,
            x_pk=first.x_pk,
            owner_fp=owner.fp if owner else ZERO,
        )
        self.links = [links.write_genesis(first.secret, payload, BEGIN_MS)]
        self.history: History = identity.verify_chain(self.links)

    @property
    def fp(self) -> bytes:
        return self.history.fp

    @property
    def pin(self) -> Pin:
        return self.history.newest.pin

    def id_of(self, device: str = "first") -> bytes:
        return identity.device_id(self.fp, self.devices[device].ed_pk)

    def author(self, device: str = "first") -> Author:
        return Author(self.fp, self.id_of(device), self.devices[device].secret)

    def signer(self, device: str | None = "first") -> Signer:
        """A device of theirs, or their recovery key."""
        if device is None:
            return Signer(RECOVERY, signing_pair(self.recovery_seed)[1])
        return Signer(self.id_of(device), self.devices[device].secret)

    def add_device(self, name: str, by: str | None = "first") -> None:
        keys = self.devices[name] = self._keys()
        self.append(identity.new_device(self.history, keys.secret, keys.ed_pk, keys.x_pk), by)

    def revoke(self, name: str, by: str | None = "first") -> None:
        self.append(links.DeviceRevoke(self.id_of(name)), by)

    def rekey(self, name: str = "first") -> None:
        old = self.devices[name]
        keys = self.devices[name] = replace(old, x_secrets=(*old.x_secrets, self.chance.draw(32)))
        self.append(links.DeviceRekey(self.id_of(name), len(old.x_secrets), keys.x_pk), name)

    def rotate_recovery(self) -> None:
        signer = self.signer(None)
        self.recovery_seed, self.salt = self.chance.draw(32), self.chance.draw(16)
        payload = links.RecoveryRotate(signing_pair(self.recovery_seed)[0], self.salt)
        self.links.append(identity.append(self.history, payload, signer, self._ms()))
        self.history = identity.verify_chain(self.links)

    def append(self, payload: links.Payload, by: str | None = "first") -> None:
        self.links.append(identity.append(self.history, payload, self.signer(by), self._ms()))
        self.history = self.history.extend(self.links[-1:])

    def _keys(self) -> DeviceKeys:
        return DeviceKeys(self.chance.draw(32), (self.chance.draw(32),))

    def _ms(self) -> int:
        return BEGIN_MS + 1000 * len(self.links)


@dataclass(frozen=True, slots=True)
class Item:
    """What stands at a seq of a room: a `commit` or an `envelope`."""

    what: str
    raw: bytes
    boxes: tuple[bytes, ...] = ()


@dataclass
class Memory:
    """A store's past, in memory."""

    hashes: dict[int, bytes] = field(default_factory=dict)
    client_ids: set[bytes] = field(default_factory=set)

    def transcript(self, seq: int) -> bytes | None:
        return self.hashes.get(seq)

    def has_client_id(self, client_id: bytes) -> bool:
        return client_id in self.client_ids


class Stage:
    """A room whose every item is made by a member, with the state that everybody must come to."""

    def __init__(self, owner: Person, policy: Policy | None = None) -> None:
        self.chance = Chance(f"room of {owner.name}")
        self.people: dict[bytes, Person] = {owner.fp: owner}
        self.items: list[Item] = []
        self.secrets: dict[int, bytes] = {}
        self.memory = Memory()
        raw = authoring.write_first(owner.author(), owner.pin, policy or Policy(), BEGIN_MS, self.directory)
        self.timeline = transcript.begin(raw, self.directory)
        self._record(Item("commit", raw))

    @property
    def directory(self) -> dict[bytes, History]:
        return {fp: person.history for fp, person in self.people.items()}

    @property
    def room(self) -> Room:
        return self.timeline.room

    @property
    def ring(self) -> KeyRing:
        """All secrets that were ever made here."""
        ring = KeyRing.empty()
        for epoch in self.room.epochs:
            ring = ring.hold(epoch, self.secrets[epoch.number], ephemeral=False)
        return ring

    def write(
        self, author: Person, *ops: Op, device: str = "first", rotate: bool | None = None
    ) -> authoring.Written:
        """A commit that has not been applied; with an epoch where the ops need one, or as told."""
        if rotate is None:
            rotate = authoring.needs_epoch(self.room, author.fp, ops, self.directory)
        fresh = Fresh(self.chance.draw(32), self.chance.draw(24), self.chance.draw(32)) if rotate else None
        if fresh is not None:
            self.secrets[self.room.epoch + 1] = fresh.secret
        return authoring.write_next(
            self.room,
            author.author(device),
            ops,
            self.directory,
            seen=self.timeline.seen,
            ms=self._ms(),
            fresh=fresh,
            previous=self.secrets.get(self.room.epoch),
        )

    def commit(
        self, author: Person, *ops: Op, device: str = "first", rotate: bool | None = None
    ) -> authoring.Written:
        """A commit, applied."""
        written = self.write(author, *ops, device=device, rotate=rotate)
        self.take(written)
        return written

    def take(self, written: authoring.Written) -> None:
        """Apply a commit that was only written."""
        seq = self.timeline.seq + 1
        self.timeline = transcript.apply_commit(self.timeline, seq, written.raw, self.directory, self.memory)
        self._record(Item("commit", written.raw, written.boxes))

    def add(self, author: Person, *newcomers: Person, role: Role = Role.MEMBER) -> authoring.Written:
        self.people |= {each.fp: each for each in newcomers}
        return self.commit(author, *(Add(each.fp, role, each.pin) for each in newcomers))

    def devup(self, author: Person, whom: Person, device: str = "first") -> authoring.Written:
        return self.commit(author, DevUp(whom.fp, whom.pin), device=device)

    def rotate(self, author: Person) -> authoring.Written:
        return self.commit(author, Rotate())

    def message(self, text: str, **fields: Any) -> Message:
        content = Content(ContentType.JSON, f'{{"text":"{text}"}}'.encode())
        message = Message(content=content, client_id=self.chance.draw(16), sent_ms=self._ms())
        return replace(message, **fields)

    def seal(self, author: Person, text: str, device: str = "first", **fields: Any) -> bytes:
        """An envelope that has not been applied."""
        return seal(
            self.timeline,
            self.ring,
            author.author(device),
            self.message(text, **fields),
            nonce=self.chance.draw(24),
        )[0]

    def say(self, author: Person, text: str, device: str = "first", **fields: Any) -> bytes:
        """An envelope, applied."""
        raw = self.seal(author, text, device, **fields)
        self.apply(raw)
        return raw

    def apply(self, raw: bytes) -> Outcome:
        """Receive an envelope as somebody who has every key."""
        outcome, self.timeline, _ = transcript.receive(
            self.timeline, self.ring, self.timeline.seq + 1, raw, self.memory
        )
        self.memory.client_ids.add(parse_envelope(raw).header.client_id)
        self._record(Item("envelope", raw))
        return outcome

    def box_for(self, person: Person, device: str = "first", number: int | None = None) -> bytes:
        """The box that a recipient of an epoch got, by default of the newest."""
        epoch = self.room.epochs[(number or self.room.epoch) - 1]
        made = [each for each in self.items if each.boxes]
        index = [each.device_id for each in epoch.recipients].index(person.id_of(device))
        return made[epoch.number - 1].boxes[index]

    def unlock(self, ring: KeyRing, person: Person, device: str = "first") -> KeyRing:
        """A device's ring after it has opened its box of the newest epoch."""
        epoch = self.room.epochs[-1]
        box = self.box_for(person, device)
        secrets = person.devices[device].x_secrets
        secret = open_box(
            epoch, box, device_id=person.id_of(device), x_secret=secrets[int.from_bytes(box[:4], "big")]
        )
        ephemeral = self.room.policy.retention is Retention.EPHEMERAL
        return ring.unlock(self.room.epochs, epoch.number, secret, ephemeral=ephemeral)[0]

    def _record(self, item: Item) -> None:
        self.items.append(item)
        self.memory.hashes[self.timeline.seq] = self.timeline.hash

    def _ms(self) -> int:
        return BEGIN_MS + 60_000 + 1000 * len(self.items)
