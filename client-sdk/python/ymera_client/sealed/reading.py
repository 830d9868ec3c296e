"""What a sealed room's log amounts to: commands run by the rules, and their facts folded as in an open room.

Everybody who has read the same makes the same of it: nothing here depends on a clock, or on when it is read.
What changes nothing has a mark that says why.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from ymera_client.crypto.commits import Role
from ymera_client.crypto.content import json_object
from ymera_client.crypto.envelopes import NOTHING, EnvelopeKind
from ymera_client.crypto.links import Kind
from ymera_client.errors import YmeraError
from ymera_client.fold import Plain, State
from ymera_client.generated import (
    COLLECTIONS,
    Form,
    LoggedEvent,
    ParticipantAdded,
    ParticipantRemoved,
    ProjectCreated,
    RoomCreated,
)
from ymera_client.sealed import rules
from ymera_client.sealed.changes import MAX_CHANGES, Turn, changes_of
from ymera_client.sealed.directory import Directory
from ymera_client.sealed.marks import mark_of, void
from ymera_client.sealed.naming import Naming, stranger_id
from ymera_client.sealed.records import Entry, Sort
from ymera_client.sealed.rules import About, Fact
from ymera_client.sealed.rules.about import LAST_MS
from ymera_client.sealed.view import Mark, RoleName, RoomChange

MAX_MARKS = 500
ROLES: dict[Role, RoleName] = {
    Role.READER: "reader",
    Role.MEMBER: "member",
    Role.ADMIN: "admin",
    Role.OWNER: "owner",
}
ROLE_NAMES = tuple(ROLES[role] for role in Role)
GIVEN = {"room.update": Form.CONVERSATION, "project.update": Form.PROJECT}
"""What a room is by its first name, by the commands that give it."""
NAMED = {RoomCreated.TYPE: Form.CONVERSATION, ProjectCreated.TYPE: Form.PROJECT}
"""And by the events in which it has it."""
OPEN_ROLES = {Role.READER: "viewer", Role.MEMBER: "editor", Role.ADMIN: "manager", Role.OWNER: "manager"}
"""The roles of a sealed room as open rooms call them."""


class Contents:
    """Everything that a room holds, also what its state no longer shows."""

    def __init__(self) -> None:
        besides = {step.collection for steps in rules.FOLDS.values() for step in steps}
        self._collections: dict[str, dict[str, Plain]] = {name: {} for name in {*COLLECTIONS, *besides}}

    def get(self, collection: str, key: str) -> Plain | None:
        return self._collections[collection].get(key)

    def all(self, collection: str) -> Collection[Plain]:
        return self._collections[collection].values()

    def fold(self, event_type: str, data: Plain) -> None:
        """Take in what an event says."""
        for step in rules.FOLDS.get(event_type, ()):
            value = data.get(step.field)
            entities = self._collections[step.collection]
            if value is None:
                continue
            if step.step == "drop":
                entities.pop(value, None)
            elif step.step == "put":
                entities[value["id"]] = value
            elif value["id"] in entities:
                entities[value["id"]] = {**entities[value["id"]], **value}


class Read(Struct, frozen=True):
    """What came of what stands at a seq: what it changes, as the events of an open room, or why nothing."""

    client_id: bytes
    entity: str | None
    """The id of what it is about, as its header says."""
    events: list[LoggedEvent]
    refusal: YmeraError | None


class Reading:
    """A room's log, read up to a seq. `form` is the server's word, until the log says it."""

    def __init__(self, room: str, form: Form, own_fp: bytes, directory: Directory) -> None:
        self._room = room
        self.form = form
        """What the room is: what its first name makes of it, and the server's word before that."""
        self._named = False
        self._own_fp = own_fp
        self._directory = directory
        self.naming = Naming(directory)
        """Who is who, as far as the log was read."""
        self._read = 0
        self.waiting: dict[int, int] = {}
        """What waits for the secret of its epoch, by seq."""
        self._marks: dict[int, Mark] = {}
        self.changes: tuple[RoomChange, ...] = ()
        """What commits have changed; the newest 200, oldest first."""
        self._epoch = 0
        """The epoch in force where it was read."""
        self._erase: list[int] = []
        self._about: dict[bytes, array[int]] = {}
        """Where envelopes about an entity stand."""
        self._told: dict[str, list[LoggedEvent]] = {}
        """What was said of each run, and of each task."""
        self._adder: bytes | None = None
        """Who has added this identity, in a room of whose past it has no part."""
        self.contents = Contents()
        self.state = State()

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What is not shown like the rest; the newest 500, oldest first."""
        return tuple(self._marks[seq] for seq in sorted(self._marks)[-MAX_MARKS:])

    def has_read(self, seq: int) -> bool:
        """Whether the log was read past this seq."""
        return seq <= self._read

    def has_shown(self, seq: int) -> bool:
        """Whether what stands there has been told."""
        return seq <= self._read and seq not in self.waiting

    def to_erase(self) -> list[int]:
        """The seqs whose content is to be forgotten, since the last time that was asked."""
        seqs, self._erase = self._erase, []
        return seqs

    def seqs_of(self, entity: bytes) -> list[int]:
        """Where envelopes about an entity stand."""
        return list(self._about.get(entity, ()))

    def events_of(self, key: str) -> list[LoggedEvent]:
        """What was said of a run or a task, oldest first."""
        return list(self._told.get(key, ()))

    def take(self, entry: Entry) -> Read:
        """Read what stands at the next seq."""
        self._read = entry.seq
        self.waiting.pop(entry.seq, None)
        about = self.about(entry.fp, entry.role, entry.seq, entry.ms, entry.entity, entry.base_version)
        actor, entity = about.sender, about.entity
        found = self._committed(entry) if entry.sort is Sort.COMMIT else self._said(entry, about)
        refusal = found if isinstance(found, YmeraError) else None
        if refusal is not None:
            self._mark(void(entry, refusal, self.naming))
        facts = [] if isinstance(found, YmeraError) else found
        if entity is not None:
            self._about.setdefault(entry.entity, array("Q")).append(entry.seq)
        at = datetime.fromtimestamp(min(entry.ms, LAST_MS) / 1000, UTC)
        events: list[LoggedEvent] = []
        for fact in facts:
            event = LoggedEvent(
                room=self._room, seq=entry.seq, type=fact.type, at=at, actor=actor, data=dict(fact.data)
            )
            self.contents.fold(event.type, event.data)
            if not self._named and event.type in NAMED:
                self.form, self._named = NAMED[event.type], True
            if (key := _told_of(event)) is not None:
                self._told.setdefault(key, []).append(event)
            events.append(event)
        self.state.follow(entry.seq, events)
        return Read(entry.client_id, entity, events, refusal)

    def about(
        self, fp: bytes, role: int, seq: int, ms: int, entity: bytes = NOTHING, base_version: int = 0
    ) -> About:
        """What the rules are told of a command besides its content."""
        return About(
            sender=self.naming.id_of(fp),
            role=ROLE_NAMES[role],
            seq=seq,
            at=rules.timestamp(ms),
            room=self._room,
            form=self.form.value,
            entity=_id_of(entity),
            base_version=base_version,
            newcomer=self._adder is not None and fp == self._adder,
        )

    def _said(self, entry: Entry, about: About) -> Iterable[Fact] | YmeraError:
        if entry.sort is not Sort.OPENED:
            if entry.sort is Sort.WAITING:
                self.waiting[entry.seq] = entry.epoch
            self._mark(mark_of(entry, self.naming))
            return rules.erased(self.contents, about) if entry.sort is Sort.ERASED else []
        if entry.kind != EnvelopeKind.EVENT:
            return []
        command = json_object(entry.content)
        erased = rules.erases(self.contents, command)
        given = None if self._named else GIVEN.get(str(command.get("type")))
        if given is not None:
            about = about._replace(form=given.value)
        try:
            facts = rules.interpret(self.contents, command, about)
        except YmeraError as refusal:
            return refusal
        for key in erased:
            self._erase.extend(self.seqs_of(UUID(key).bytes))
        return facts

    def _committed(self, entry: Entry) -> Iterator[Fact]:
        by, turns = self.naming.id_of(entry.fp), list[Turn]()
        yield from self._membership(entry, turns)
        renewed = 0 < self._epoch < entry.epoch
        self._epoch = entry.epoch
        changes = changes_of(entry, by, turns, self.naming.id_of, renewed=renewed)
        self.changes = (*self.changes, *changes)[-MAX_CHANGES:]

    def _membership(self, entry: Entry, turns: list[Turn]) -> Iterator[Fact]:
        """What a commit changes, noted in `turns`. Each fact is made after those before it were folded."""
        if not entry.shared and any(each.fp == self._own_fp and each.joined for each in entry.changes):
            self._adder = None if entry.fp == self._own_fp else entry.fp
        for change in entry.changes:
            role = None if change.role is None else Role(change.role)
            if role is not None:
                self.naming.enter(change.fp, role)
            called = self.naming.id_of(change.fp)
            turns.append(Turn(change.fp, called, None if role is None else ROLES[role], change.joined))
            if role is None:
                yield from self._gone(entry, change.fp)
            else:
                yield self._participant(change.fp, entry.ms)

    def _gone(self, entry: Entry, fp: bytes) -> Iterator[Fact]:
        """Somebody is out; who was a stranger because of them is known from now on."""
        yield from self._removed(entry, self.naming.id_of(fp))
        if (next_one := self.naming.leave(fp)) is not None:
            yield from self._removed(entry, stranger_id(next_one))
            yield self._participant(next_one, entry.ms)

    def _removed(self, entry: Entry, member_id: str) -> Iterator[Fact]:
        yield Fact(ParticipantRemoved.TYPE, {"member_id": member_id})
        about = self.about(entry.fp, entry.role, entry.seq, entry.ms)
        yield from rules.unassigned(self.contents, about, member_id)

    def _participant(self, fp: bytes, ms: int) -> Fact:
        member_id = self.naming.id_of(fp)
        before = self.contents.get("participants", member_id)
        history = self._directory.histories.get(fp)
        agent = history is not None and history.newest.kind is Kind.AGENT
        participant = {
            "id": member_id,
            "name": self.naming.name_of(fp),
            "kind": "agent" if agent else "person",
            "role": OPEN_ROLES[self.naming.role_of(fp)],
            "joined_at": rules.timestamp(ms) if before is None else before["joined_at"],
            "until": None,
            "task_id": None,
        }
        return Fact(ParticipantAdded.TYPE, {"participant": participant})

    def _mark(self, mark: Mark) -> None:
        self._marks[mark.seq] = mark
        if len(self._marks) > MAX_MARKS:
            del self._marks[min(self._marks)]


def _id_of(entity: bytes) -> str | None:
    """The id of what an envelope is about; None if that is nothing, or it is no envelope."""
    if entity in (b"", NOTHING):
        return None
    digits = entity.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _told_of(event: LoggedEvent) -> str | None:
    """The run or the task that an event is about."""
    if event.type.startswith("task."):
        return str(event.data["task"]["id"] if "task" in event.data else event.data["task_id"])
    if event.type.startswith("run."):
        told = event.data.get("run") or event.data["artifact"]
        return str(told.get("run_id") or told["id"])
    if event.type.startswith(("question.", "approval.")):
        return str(event.data["question"]["run_id"])
    return None
