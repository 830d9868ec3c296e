"""A room's timeline on the device: what stands at each seq, verified and stored in the same transaction.

Nothing is taken that `crypto.transcript` refuses. What was applied before a refusal stays applied; the item
that was refused changes nothing.
"""

from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby, takewhile

import msgspec

from ymera_client.crypto import commits, stored
from ymera_client.crypto.commits import (
    Add,
    Commit,
    DevUp,
    Leave,
    Policy,
    Remove,
    Retention,
    SetRole,
    parse_commit,
)
from ymera_client.crypto.envelopes import (
    NOTHING,
    EnvelopeKind,
    Header,
    check_version,
    client_id_of,
    parse_envelope,
)
from ymera_client.crypto.errors import Cx1Error, Fault, require
from ymera_client.crypto.membership import Room
from ymera_client.crypto.operations import Directory
from ymera_client.crypto.primitives import equal
from ymera_client.crypto.ratchet import KEEP_CHAINS_SECS, KeyRing
from ymera_client.crypto.transcript import (
    Batch,
    Deleted,
    Opened,
    Outcome,
    Timeline,
    Unreadable,
    Waiting,
    apply_commit,
    begin,
    read,
    receive_all,
)
from ymera_client.generated import ItemKind
from ymera_client.sealed.cabinet import Transaction
from ymera_client.sealed.records import Change, Entry, Place, Sort, Standpoint, pack, unpack

KEEP_CHAINS_MS = KEEP_CHAINS_SECS * 1000


class RawItem(msgspec.Struct, frozen=True, gc=False):
    """What the server says stands at a seq."""

    seq: int
    kind: ItemKind
    raw: bytes


@dataclass(frozen=True, slots=True)
class Standing:
    """A room as far as it was applied, with the keys that are held."""

    timeline: Timeline
    keys: KeyRing
    said: int
    """Envelopes in the epoch in force."""
    epoch_ms: int
    """When the epoch in force was made, as its author says."""
    ended: Mapping[int, int] = field(default_factory=dict)
    """When epochs that were made for an ephemeral room were found to have ended, by their numbers."""
    forgotten: int = 0
    """The last epoch whose chains were dropped: its secret is not to be had again."""

    @property
    def ephemeral(self) -> bool:
        """Whether secrets are deleted as soon as they have served."""
        return self.timeline.room.policy.retention is Retention.EPHEMERAL


@dataclass(frozen=True, slots=True)
class Refused:
    """What the server shows is what no honest one would."""

    item: RawItem
    refusal: Cx1Error


@dataclass(slots=True)
class Applied:
    """What came of applying items."""

    standing: Standing | None
    entries: list[Entry] = field(default_factory=list)
    own: list[bytes] = field(default_factory=list)
    """The client_ids of own envelopes among them."""
    refused: Refused | None = None


class StoredPast:
    """The past of a room, from the store. `used` are the client_ids of it that are going to be asked for."""

    def __init__(self, transaction: Transaction, room: str, used: Container[bytes] = ()) -> None:
        self.transaction = transaction
        self.room = room
        self._used = used
        self._transcripts: dict[int, bytes | None] = {}

    def transcript(self, seq: int) -> bytes | None:
        if seq not in self._transcripts:
            self._transcripts[seq] = self.transaction.transcript(self.room, seq)
        return self._transcripts[seq]

    def has_client_id(self, client_id: bytes) -> bool:
        return client_id in self._used


def mean(transaction: Transaction, room: str, ref: bytes) -> None:
    """Note, before anything of a room has arrived, which one it is to be."""
    transaction.put("meant", ref, room=room)


def load(transaction: Transaction, room: str) -> Standing | None:
    """The room as it was stored; None if nothing was applied yet."""
    found = transaction.get("place", room=room)
    membership = transaction.get("membership", room=room)
    if found is None or membership is None:
        return None
    place, state = unpack(found, Place), stored.load_room(membership)
    cursors = {
        device: unpack(value, Standpoint).cursor() for device, value in transaction.each("cursor", room)
    }
    held = transaction.get("keys", room=room)
    keys = KeyRing.empty() if held is None else stored.load_keys(held, state.epochs)
    forgotten = int.from_bytes(transaction.get("forgotten", room=room) or b"", "big")
    timeline = Timeline(state, place.seq, place.hash, cursors)
    ended = {
        int.from_bytes(key, "big"): int.from_bytes(value, "big")
        for key, value in transaction.each("ended", room)
    }
    return Standing(timeline, keys, place.said, place.epoch_ms, ended, forgotten)


def apply_items(
    transaction: Transaction,
    room: str,
    standing: Standing | None,
    items: Sequence[RawItem],
    directory: Directory,
    own_device: bytes,
    now_ms: int,
) -> Applied:
    """Apply items in their order, up to the first that is refused."""
    done = Applied(standing)
    for is_commit, run in groupby(items, key=lambda item: item.kind is ItemKind.COMMIT):
        if is_commit:
            for item in run:
                _take_commit(done, item, directory, StoredPast(transaction, room), now_ms)
        else:
            _take_envelopes(transaction, room, done, list(run), directory, own_device)
    if done.standing is not None and done.standing is not standing:
        _keep(transaction, room, standing, done.standing)
    return done


def unlock(
    transaction: Transaction, room: str, standing: Standing, secrets: Mapping[int, bytes]
) -> tuple[Standing, list[Entry]]:
    """Hold secrets of epochs and all that they open further back; what could be read by them now."""
    keys, epochs = standing.keys, standing.timeline.room.epochs
    for number in sorted(secrets, reverse=True):
        if number not in keys.epochs:
            # A wrong secret is as none: whoever has the right one may still give it.
            ephemeral = standing.ephemeral if number == len(epochs) else number in standing.ended
            with suppress(Cx1Error):
                keys, _ = keys.unlock(epochs, number, secrets[number], ephemeral=ephemeral)
    entries: list[Entry] = []
    for key, raw in transaction.each("waiting", room):
        envelope = parse_envelope(raw)
        outcome, keys = read(envelope, keys)
        if isinstance(outcome, Waiting):
            continue
        seq = int.from_bytes(key, "big")
        role, fp = raw_sender(transaction, room, seq)
        entries.append(_entry(seq, outcome, envelope.header, fp, role))
        transaction.change_item(room, seq, pack(entries[-1]))
        transaction.drop("waiting", key, room)
    after = replace(standing, keys=keys)
    _keep_keys(transaction, room, after)
    return after, entries


def raw_sender(transaction: Transaction, room: str, seq: int) -> tuple[int, bytes]:
    """The role and the identity of who has sent what stands at a seq."""
    entry = unpack(next(transaction.items(room, seq - 1)), Entry)
    return entry.role, entry.fp


def forget_chains(transaction: Transaction, room: str, standing: Standing, now_ms: int) -> Standing:
    """Drop the chains of ephemeral epochs that ended over two days ago."""
    due = [number for number, ended in standing.ended.items() if now_ms - ended > KEEP_CHAINS_MS]
    if not due:
        return standing
    keys = standing.keys
    for number in due:
        keys = keys.drop(number)
        transaction.drop("ended", number.to_bytes(4, "big"), room)
    left = {number: ended for number, ended in standing.ended.items() if number not in due}
    after = replace(standing, keys=keys, ended=left, forgotten=max(standing.forgotten, *due))
    transaction.put("forgotten", after.forgotten.to_bytes(4, "big"), room=room)
    _keep_keys(transaction, room, after)
    return after


def until_forgetting(standing: Standing | None, now_ms: int) -> float | None:
    """In how many seconds chains are to be dropped next; None if none are."""
    if standing is None or not standing.ended:
        return None
    return max(0, min(standing.ended.values()) + KEEP_CHAINS_MS + 1 - now_ms) / 1000


def erase(transaction: Transaction, room: str, seqs: Sequence[int]) -> None:
    """Forget what was said at these seqs; that something was said stays known."""
    for seq in seqs:
        for body in transaction.items(room, seq - 1):
            entry = unpack(body, Entry)
            if entry.seq == seq and entry.sort is not Sort.COMMIT:
                erased = replace_entry(entry, Sort.ERASED)
                transaction.change_item(room, seq, pack(erased))
                transaction.drop("waiting", seq.to_bytes(8, "big"), room)
            break


def replace_entry(entry: Entry, sort: Sort) -> Entry:
    """The entry without what was said."""
    return msgspec.structs.replace(entry, sort=sort, content=b"", fault="")


def _take_commit(done: Applied, item: RawItem, directory: Directory, past: StoredPast, now_ms: int) -> None:
    if done.refused is not None:
        return
    try:
        done.standing, entry = _apply_commit(done.standing, item, directory, past, now_ms)
    except Cx1Error as refusal:
        done.refused = Refused(item, refusal)
        return
    done.entries.append(entry)
    row = (entry.seq, done.standing.timeline.hash, None, pack(entry))
    past.transaction.put_items(past.room, [row])


def _take_envelopes(
    transaction: Transaction,
    room: str,
    done: Applied,
    run: Sequence[RawItem],
    directory: Directory,
    own_device: bytes,
) -> None:
    """Take envelopes that are to follow one another."""
    standing = done.standing
    if done.refused is not None:
        return
    if standing is None:
        # Only a commit can stand first; `begin` says what is wrong with anything else.
        try:
            begin(run[0].raw, directory)
        except Cx1Error as refusal:
            done.refused = Refused(run[0], refusal)
        return
    used = transaction.used_client_ids(room, [client_id_of(item.raw) for item in run])
    batch, versions, refused = _received(standing, run, StoredPast(transaction, room, used))
    entries = batch.kept
    if refused is not None:
        done.refused = Refused(run[len(entries)], refused)
    rows = zip(entries, batch.hashes, strict=True)
    transaction.put_items(room, ((each.seq, at, each.client_id, pack(each)) for each, at in rows))
    transaction.put_versions(room, versions)
    for item, entry in zip(run, entries, strict=False):
        if entry.sort is Sort.WAITING:
            transaction.put("waiting", item.raw, entry.seq.to_bytes(8, "big"), room)
        if entry.device == own_device:
            transaction.drop_intent(entry.client_id)
            done.own.append(entry.client_id)
    done.entries.extend(entries)
    said = standing.said + len(entries)
    done.standing = replace(standing, timeline=batch.timeline, keys=batch.keys, said=said)


def _received(
    standing: Standing, run: Sequence[RawItem], past: StoredPast
) -> tuple[Batch[Entry], dict[bytes, int], Cx1Error | None]:
    """What comes of envelopes, up to the first that is refused: versions of entities, and why it is."""
    timeline, keys = standing.timeline, standing.keys
    keep = partial(_entry_of, timeline.room)
    stubs = {item.seq for item in run if item.kind is ItemKind.STUB}
    ordered = takewhile(lambda pair: pair[0] == pair[1].seq, enumerate(run, timeline.seq + 1))
    raws = [item.raw for _, item in ordered]
    batch = receive_all(timeline, keys, raws, past, keep, stubs)
    refusal = batch.refusal
    if refusal is None and len(raws) < len(run):
        refusal = Cx1Error(Fault.SEQ, f"seq {timeline.seq + len(raws) + 1} comes next")
    versions, stale = _versions(batch.kept, past)
    if stale is not None:
        place, refusal = stale
        batch = receive_all(timeline, keys, raws[:place], past, keep, stubs)
    return batch, versions, refusal


def _versions(
    entries: Sequence[Entry], past: StoredPast
) -> tuple[dict[bytes, int], tuple[int, Cx1Error] | None]:
    """The versions of what entries are about, after them or the first that is stale, with its place."""
    versioned = [
        (place, entry.entity, entry.base_version)
        for place, entry in enumerate(entries)
        if entry.kind == EnvelopeKind.EVENT and entry.entity != NOTHING
    ]
    before = past.transaction.versions(past.room, {entity for _, entity, _ in versioned})
    after: dict[bytes, int] = {}
    for place, entity, base in versioned:
        try:
            after[entity] = check_version(base, after.get(entity) or before.get(entity, 0))
        except Cx1Error as stale:
            return after, (place, stale)
    return after, None


def _entry_of(room: Room, seq: int, outcome: Outcome) -> Entry:
    header = (outcome.stub if isinstance(outcome, Deleted) else outcome.envelope).header
    fp = room.active[header.device_id].fp
    return _entry(seq, outcome, header, fp, room.members[fp].role)


def _apply_commit(
    standing: Standing | None, item: RawItem, directory: Directory, past: StoredPast, now_ms: int
) -> tuple[Standing, Entry]:
    ended: Mapping[int, int] = {}
    if standing is None:
        timeline = begin(item.raw, directory)
        meant = past.transaction.get("meant", room=past.room)
        require(
            meant is None or equal(timeline.room.ref, meant),
            Fault.ROOM_OTHER,
            "this is not the room that was made here, or that the invitation was to",
        )
        standing = Standing(timeline, KeyRing.empty(), 0, 0)
    else:
        timeline = apply_commit(standing.timeline, item.seq, item.raw, directory, past)
        last = standing.timeline.room.epoch
        ended = {last: now_ms} if standing.ephemeral and last else {}
    commit = parse_commit(item.raw)
    members = timeline.room.members
    author = members.get(commit.author_fp)
    entry = Entry(
        seq=item.seq,
        sort=Sort.COMMIT,
        fp=commit.author_fp,
        role=int(commits.Role.READER if author is None else author.role),
        ms=commit.ms,
        epoch=commit.epoch,
        changes=_changes(commit),
        shared=commit.section is None or commit.section.shared,
        ruled=any(isinstance(op, Policy) for op in commit.ops),
        repinned=tuple(op.fp for op in commit.ops if isinstance(op, DevUp)),
    )
    if commit.section is None:
        return replace(standing, timeline=timeline), entry
    ended = {**standing.ended, **ended}
    return replace(standing, timeline=timeline, said=0, epoch_ms=commit.ms, ended=ended), entry


def _changes(commit: Commit) -> tuple[Change, ...]:
    changes: list[Change] = []
    for op in commit.ops:
        match op:
            case Add(fp, role):
                changes.append(Change(fp, int(role), joined=True))
            case SetRole(fp, role):
                changes.append(Change(fp, int(role)))
            case Remove(fp):
                changes.append(Change(fp, None))
            case Leave():
                changes.append(Change(commit.author_fp, None))
    return tuple(changes)


def _entry(seq: int, outcome: Outcome, header: Header, fp: bytes, role: int) -> Entry:
    sort, content, fault = Sort.WAITING, b"", ""
    match outcome:
        case Opened(_, opened):
            sort, content = Sort.OPENED, opened.data
        case Unreadable(_, found):
            sort, fault = Sort.UNREADABLE, found.label
        case Deleted():
            sort = Sort.ERASED
    return Entry(
        seq=seq,
        sort=sort,
        fp=fp,
        role=int(role),
        ms=header.sent_ms,
        kind=int(header.kind),
        device=header.device_id,
        epoch=header.epoch,
        client_id=header.client_id,
        entity=header.entity_id,
        base_version=header.base_version,
        content=content,
        fault=fault,
    )


def _keep(transaction: Transaction, room: str, before: Standing | None, after: Standing) -> None:
    timeline = after.timeline
    place = Place(timeline.seq, timeline.hash, after.said, after.epoch_ms)
    transaction.put("place", pack(place), room=room)
    had = {} if before is None else before.timeline.cursors
    for device, cursor in timeline.cursors.items():
        if had.get(device) is not cursor:
            transaction.put("cursor", pack(Standpoint.of(cursor)), device, room)
    if before is None or before.timeline.room is not timeline.room:
        transaction.put("membership", stored.dump_room(timeline.room), room=room)
    known = {} if before is None else before.ended
    for number, ended in after.ended.items():
        if number not in known:
            transaction.put("ended", ended.to_bytes(8, "big"), number.to_bytes(4, "big"), room)
    if (after.ephemeral or after.ended) and (before is None or before.keys is not after.keys):
        _keep_keys(transaction, room, after)


def _keep_keys(transaction: Transaction, room: str, standing: Standing) -> None:
    transaction.put("keys", stored.dump_keys(standing.keys), room=room)
