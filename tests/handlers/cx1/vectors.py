"""The vectors of cx1 as the server sees them: each is given to its validator, and what that says is compared.

What takes keys, or what only clients do, is listed by name, so that a new case is noticed.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nacl.bindings import crypto_sign_seed_keypair

from handlers.cx1 import commits, envelopes, identity, links, membership, primitives
from handlers.cx1.envelopes import FRESH, Cursor, Envelope
from handlers.cx1.errors import Refused
from handlers.cx1.identity import Identity
from handlers.cx1.membership import Room

FOLDER = Path(__file__).parents[3] / "client-sdk" / "vectors" / "cx1"
HEX = bytes.fromhex
Json = Any
Chains = Mapping[str, list[str]]
Given = Mapping[str, Any]

CLIENTS_FILES = {
    "files": "the server stores what it cannot read",
    "linking": "between devices and people, past the server",
    "recovery": "codes and backups are opened by clients",
}
CLIENTS_CALLS = {
    **dict.fromkeys(("strand", "ephemeral_key", "key_commit", "derive"), "derives keys"),
    **dict.fromkeys(("open_content", "read_content", "read_snapshot", "encrypt", "pad", "unpad"), "content"),
    **dict.fromkeys(("seal_box", "open_box", "box_version", "accept", "wrap", "walk", "seal"), "secrets"),
    **dict.fromkeys(("agree", "sign"), "uses a secret key"),
    "agent_of": "what a page shows beside a name",
    "due": "what a sender must do first",
    "anchored": "the server has every room from its beginning",
    "page": "the server has every page",
    "parse_stub": "the server makes stubs, and reads none",
    "from_text": "the form of JSON, which the protocol reads",
}
CLIENTS_CASES = {
    "chain-substituted": "the server looks chains up by the fp that they make",
    "verify-short-key": "every key that the server reads has its 32 bytes",
    **dict.fromkeys(("run-deleted", "sender-stub"), "the server makes stubs, and reads none"),
    **dict.fromkeys(("order-seq-gap", "order-seq-again", "commit-seq-gap"), "the server gives the seqs"),
}
CLIENTS_FAULTS = {"aead", "key_missing"}
"""Faults that only who has the keys can see: the server takes these."""


class Stopped(Exception):  # noqa: N818 - it is what a case is about
    """An item of a list was refused."""

    def __init__(self, at: int, refused: Refused) -> None:
        super().__init__(at)
        self.at = at
        self.refused = refused


@contextmanager
def step(index: int) -> Iterator[None]:
    """Have a refusal say at which item of a list it happened."""
    try:
        yield
    except Refused as refused:
        raise Stopped(index, refused) from refused


@dataclass(frozen=True)
class Vector:
    """One case, with the chains of its file."""

    file: str
    case: Mapping[str, Any]
    chains: Chains

    @property
    def name(self) -> str:
        return f"{self.file}-{self.case['id']}"

    @property
    def refused(self) -> bool:
        """Whether the server must refuse it."""
        return "error" in self.case and self.case["error"]["fault"] not in CLIENTS_FAULTS

    def play(self) -> Json:
        """What the server makes of it."""
        try:
            return {"result": CALLS[self.case["run"]](self)}
        except Stopped as stopped:
            return {"error": {**described(stopped.refused), "at": stopped.at}}
        except Refused as refused:
            return {"error": described(refused)}

    def expected(self) -> Json:
        """What it must."""
        if not self.refused:
            return {"result": True}
        return {"error": {key: self.case["error"][key] for key in self.case["error"] if key != "blame"}}

    def gives(self, found: Any) -> bool:
        """Whether what the server has made is what the case says."""
        return bool(plain(found) == self.case["result"])

    def agrees(self, **found: Any) -> bool:
        """Whether what the server knows of a state is what the case says of it."""
        result = self.case["result"]
        return all(plain(value) == result[key] for key, value in found.items())


def described(refused: Refused) -> Json:
    """A refusal as the vectors have it."""
    return {"fault": refused.fault, "code": refused.code}


def load() -> list[Vector]:
    """All that the server can see something of."""
    found = []
    for path in sorted(FOLDER.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        found += [Vector(path.stem, case, content["chains"]) for case in content["cases"]]
    return found


def plain(value: Any) -> Json:
    """A value as JSON."""
    if isinstance(value, Mapping):
        return {plain(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted(map(plain, value))
    return value.hex() if isinstance(value, bytes) else value


def identities(vector: Vector) -> dict[bytes, Identity]:
    """The chains of those that a case names, by fp."""
    named = [_replayed(tuple(vector.chains[name])) for name in vector.case["input"]["chains"]]
    return {each.fp: each for each in named}


@cache
def _replayed(chain: tuple[str, ...]) -> Identity:
    return identity.replay([HEX(link) for link in chain])


class Log:
    """A room as the server keeps it: its state, its transcript, and where each device stands."""

    def __init__(self, raw: bytes, known: Mapping[bytes, Identity]) -> None:
        commit = commits.parse(raw)
        self.known = known
        self.room: Room = membership.found(commit, known)
        self.seq = 1
        self.hashes = {1: envelopes.transcript(self.room.ref, 1, commit.hash)}
        self.cursors: dict[bytes, Cursor] = {}
        self.client_ids: set[bytes] = set()

    def commit(self, raw: bytes) -> None:
        """Take a commit."""
        commit = commits.parse(raw)
        seen = self.hashes.get(commit.seen_seq)
        self.room = membership.apply(self.room, commit, self.known, self.seq + 1, seen)
        self._advance(commit.hash)

    def envelope(self, raw: bytes) -> None:
        """Take an envelope."""
        envelope = envelopes.parse(raw)
        device, seen = envelope.device_id, self.hashes.get(envelope.seen_seq)
        cursor = self.cursors.get(device, FRESH)
        try:
            after = envelopes.admit(self.room, cursor, envelope, seq=self.seq + 1, transcript_seen=seen)
        except Refused as refused:
            self._check_client_id(envelope, before=refused)
            raise
        self._check_client_id(envelope)
        self.cursors[device] = after
        self.client_ids.add(envelope.client_id)
        self._advance(envelope.event_hash)

    def _check_client_id(self, envelope: Envelope, before: Refused | None = None) -> None:
        """Refuse a client_id that was used, unless what was found wrong comes before that; it is step 8."""
        first = before is None or before.fault.startswith("seen_")
        if first and envelope.client_id in self.client_ids:
            raise envelopes.client_id_taken() from before

    def _advance(self, item: bytes) -> None:
        self.seq += 1
        self.hashes[self.seq] = envelopes.transcript(self.hashes[self.seq - 1], self.seq, item)


def replay(vector: Vector) -> Log:
    """The room of a case that has a log of commits."""
    first, *others = vector.case["input"]["log"]
    with step(0):
        log = Log(HEX(first), identities(vector))
    for index, raw in enumerate(others, 1):
        with step(index):
            log.commit(HEX(raw))
    return log


def _digest(vector: Vector) -> bool:
    given = vector.case["input"]
    return vector.gives(primitives.digest(given["label"], *map(HEX, given["parts"])))


def _verify(vector: Vector) -> bool:
    given = vector.case["input"]
    signed = HEX(given["public"]), HEX(given["signature"]), given["label"], *map(HEX, given["parts"])
    return vector.gives(primitives.verify(*signed))


def _device_id(vector: Vector) -> bool:
    given = vector.case["input"]
    return vector.gives(identity.device_id(HEX(given["fp"]), HEX(given["ed_pk"])))


def _possession(vector: Vector) -> bool:
    given = vector.case["input"]
    public, _ = crypto_sign_seed_keypair(HEX(given["seed"]))
    place = HEX(given["fp"]), given["seq"].to_bytes(4, "big"), HEX(given["prev"])
    keys = HEX(given["ed_pk"]), HEX(given["x_pk"])
    return primitives.verify(public, HEX(vector.case["result"]), "cx1/pop", *place, *keys)


def _write_link(vector: Vector) -> bool:
    given = vector.case["input"]
    link = links.parse(HEX(vector.case["result"]))
    place = {key: plain(getattr(link, key)) for key in ("fp", "seq", "prev")}
    return (place, link.ms, link.signer.hex()) == (given["place"], given["ms"], given["signer"])


def _chain(vector: Vector) -> bool:
    given = vector.case["input"]
    found = identity.replay([HEX(link) for link in given["links"]])
    found = identity.load(identity.dump(found))
    if "pin" in given:
        found.active_at(given["pin"]["seq"], HEX(given["pin"]["head"]))
    devices = {
        each.id: {
            "id": each.id,
            "ed_pk": each.ed_pk,
            "x_pk": each.x_pk,
            "version": each.kv,
            "active": each.active,
        }
        for each in found.devices.values()
    }
    kept = {key: getattr(found, key) for key in ("fp", "kind", "owner_fp", "recovery_pk")}
    return vector.agrees(**kept, devices=devices, pin={"seq": found.seq, "head": found.head})


def _write_commit(vector: Vector) -> bool:
    given = vector.case["input"]
    commit = commits.parse(HEX(vector.case["result"]))
    place = {
        "room": commit.room_ref,
        "cseq": commit.cseq,
        "prev": commit.prev,
        "epoch": commit.epoch,
        "seen": {"seq": commit.seen_seq, "hash": commit.seen_hash},
        "ms": commit.ms,
    }
    author = {"fp": commit.author_fp, "device_id": commit.author_dev}
    return (plain(place), plain(author)) == (given["place"], given["author"])


def _room(vector: Vector) -> bool:
    room = membership.load(membership.dump(replay(vector).room))
    rules = room.policy
    policy = bytes([rules.history, rules.who_add, rules.retention])
    policy += rules.rotate_msgs.to_bytes(4, "big") + rules.rotate_secs.to_bytes(4, "big")
    members = {
        fp: {"role": each.role, "pin": {"seq": each.pin.seq, "head": each.pin.head}, "since": each.since}
        for fp, each in room.members.items()
    }
    active = {key: {"fp": each.fp, "ed_pk": each.ed_pk} for key, each in room.active.items()}
    kept = {key: getattr(room, key) for key in ("ref", "cseq", "head", "epoch", "leave_pending")}
    return vector.agrees(**kept, policy=policy, members=members, active=active)


def _boxes(vector: Vector) -> bool:
    room = replay(vector).room
    given = vector.case["input"]
    membership.check_boxes(room, commits.parse(HEX(given["log"][-1])), [HEX(box) for box in given["boxes"]])
    return True


def _grant(vector: Vector) -> bool:
    given, room = vector.case["input"], replay(vector).room
    to = HEX(given["to"]["fp"]), HEX(given["to"]["device_id"])
    membership.check_grant(room, given["number"], *to, HEX(given["box"]))
    return True


def _recips_hash(vector: Vector) -> bool:
    recipients = vector.case["input"]["recipients"]
    found = membership.recips_hash((HEX(each["fp"]), HEX(each["device_id"])) for each in recipients)
    return vector.gives(found)


def _boxes_hash(vector: Vector) -> bool:
    found = membership.boxes_hash(map(HEX, vector.case["input"]["boxes"]))
    return vector.gives(found)


def _write_envelope(vector: Vector) -> bool:
    result = vector.case["result"]
    found = envelopes.parse(HEX(result["raw"]))
    return vector.agrees(ct_hash=found.ct_hash, event_hash=found.event_hash, stub=found.stub)


def _parse_envelope(vector: Vector) -> bool:
    found = envelopes.parse(HEX(vector.case["input"]["raw"]))
    names = [
        "kind",
        "room_ref",
        "epoch",
        "device_id",
        "ctr",
        "prev",
        "client_id",
        "entity_id",
        "base_version",
        "sent_ms",
    ]
    seen = {"seq": found.seen_seq, "hash": found.seen_hash}
    return vector.agrees(**{key: getattr(found, key) for key in names}, seen=seen)


def _version_after(vector: Vector) -> bool:
    given = vector.case["input"]
    found = envelopes.version_after(envelopes.parse(HEX(given["raw"])), given["current"])
    return vector.gives(found)


def _timeline(vector: Vector) -> bool:
    first, *others = vector.case["input"]["items"]
    with step(0):
        log = Log(HEX(first["raw"]), identities(vector))
    for index, item in enumerate(others, 1):
        with step(index):
            take = log.commit if item["what"] == "commit" else log.envelope
            take(HEX(item["raw"]))
    return vector.agrees(seq=log.seq, hash=log.hashes[log.seq], epoch=log.room.epoch)


def _ephemeral(vector: Vector) -> bool:
    room = replay(vector).room
    last: dict[bytes, int] = {}
    for index, item in enumerate(vector.case["input"]["items"]):
        with step(index):
            envelope = envelopes.parse(HEX(item["raw"]))
            before = last.get(envelope.device_id, -1)
            envelopes.admit_ephemeral(room, envelope, item["now_ms"], before)
            last[envelope.device_id] = envelope.sent_ms
    return True


CALLS: dict[str, Callable[[Vector], bool]] = {
    "digest": _digest,
    "verify": _verify,
    "device_id": _device_id,
    "possession": _possession,
    "write_link": _write_link,
    "chain": _chain,
    "write_commit": _write_commit,
    "room": _room,
    "boxes": _boxes,
    "grant": _grant,
    "recips_hash": _recips_hash,
    "boxes_hash": _boxes_hash,
    "write_envelope": _write_envelope,
    "parse_envelope": _parse_envelope,
    "version_after": _version_after,
    "timeline": _timeline,
    "ephemeral": _ephemeral,
}
ALL = load()
VECTORS = [
    vector
    for vector in ALL
    if vector.file not in CLIENTS_FILES
    and vector.case["run"] not in CLIENTS_CALLS
    and vector.case["id"] not in CLIENTS_CASES
]
"""Those that the server can see something of."""
