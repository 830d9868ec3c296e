"""Whatever members do at once, each room's log says all of it, and nobody else learns of it.

Random commands run in small batches, each batch at once. After each, the state of every room is read
as a client that starts afresh would get it; in the end the logs are folded and compared with these.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.snapshots import snapshot
from persistence import log
from protocol.errors import ApiError, ErrorCode
from protocol.members import Member
from protocol.roles import WorkspaceRole
from protocol.rooms import RoomKind
from protocol.wire import builtins
from tests.fold import Entity, State, fold, unfolded
from tests.servers import database
from tests.world import PEOPLE, World, populated

REFUSALS = {
    ErrorCode.INVALID,
    ErrorCode.FORBIDDEN,
    ErrorCode.NOT_FOUND,
    ErrorCode.CONFLICT,
    ErrorCode.ILLEGAL_TRANSITION,
    ErrorCode.CYCLE,
    ErrorCode.UNAUTHENTICATED,
}

Step = tuple[str, int, int, int]
"""What to do, who does it, and two numbers that choose with whom and where."""


@dataclass
class Play:
    """What the commands so far have made, to choose from for the next ones."""

    world: World
    rooms: list[str] = field(default_factory=list)
    projects: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def person(self, number: int) -> Member:
        names = list(PEOPLE)
        person: Member = getattr(self.world, names[number % len(names)])
        return person

    def people(self) -> list[Member]:
        """Those who were not removed."""
        return [person for person in map(self.person, range(len(PEOPLE))) if person.id not in self.removed]

    def room(self, number: int) -> str:
        return pick(self.rooms + self.projects, number)

    async def act(self, step: Step) -> None:
        """Carry out a step; to be refused is fine."""
        action, actor, a, b = step
        if action == "read inbox":
            actor = a  # That of another is never found.
        command, payload = ACTIONS[action](self, a, b)
        try:
            made = await self.world.run(self.person(actor), command, **payload)
        except ApiError as error:
            if error.code not in REFUSALS:
                raise
            return
        if command in MAKES:
            getattr(self, MAKES[command]).append(made["id"])


def pick(ids: list[str], number: int) -> str:
    return ids[number % len(ids)] if ids else "00000000-0000-7000-8000-000000000000"


MAKES = {
    "room.create": "rooms",
    "project.create": "projects",
    "task.create": "tasks",
    "task.comment": "messages",
    "message.send": "messages",
    "member.remove": "removed",
}
ROLES = ("editor", "viewer", "manager")

ACTIONS: dict[str, Callable[[Play, int, int], tuple[str, dict[str, Any]]]] = {
    "channel": lambda play, a, b: (
        "room.create",
        {"name": f"channel {a}", "private": b % 2 == 0, "members": [play.person(b).id]},
    ),
    "direct": lambda play, a, b: (
        "room.create",
        {"kind": "direct", "members": [play.person(a).id, play.person(b).id]},
    ),
    "rename": lambda play, a, b: (
        "room.update",
        {"room": pick(play.rooms, a), "version": 1 + b % 2, "name": f"channel {b}"},
    ),
    "archive": lambda play, a, b: (
        "room.update",
        {"room": pick(play.rooms, a), "version": 1 + b % 3, "archived": b % 2 == 0},
    ),
    "join": lambda play, a, b: ("room.join", {"room": play.room(a), "after_seq": b}),
    "leave": lambda play, a, _: ("room.leave", {"room": pick(play.rooms, a)}),
    "add": lambda play, a, b: (
        "room.add_member",
        {"room": pick(play.rooms, a), "member_id": play.person(b).id, "role": ROLES[b % 3]},
    ),
    "remove": lambda play, a, b: (
        "room.remove_member",
        {"room": pick(play.rooms, a), "member_id": play.person(b).id},
    ),
    "read": lambda play, a, b: ("room.mark_read", {"room": play.room(a), "seq": b}),
    "read inbox": lambda play, a, b: ("room.mark_read", {"room": play.person(a).id, "seq": b}),
    "send": lambda play, a, b: (
        "message.send",
        {"room": play.room(a), "text": f"@[x]({play.person(b).id}) hello"},
    ),
    "answer": lambda play, a, b: (
        "message.send",
        {"room": play.room(a), "text": "yes", "thread_id": pick(play.messages, b)},
    ),
    "edit": lambda play, a, b: (
        "message.edit",
        {"message_id": pick(play.messages, a), "text": f"no @[x]({play.person(b).id})"},
    ),
    "delete": lambda play, a, _: ("message.delete", {"message_id": pick(play.messages, a)}),
    "react": lambda play, a, b: (
        "message.react",
        {"message_id": pick(play.messages, a), "emoji": "👍👎"[b % 2], "on": b % 3 > 0},
    ),
    "call": lambda play, a, b: (
        "member.update",
        {"member_id": play.person(a).id, "version": 1 + b % 2, "name": f"Name {b}"},
    ),
    "fire": lambda play, a, _: ("member.remove", {"member_id": play.person(3 + a % 2).id}),
    "project": lambda _, a, __: ("project.create", {"name": f"project {a}"}),
    "let in": lambda play, a, b: (
        "project.set_member",
        {"project_id": pick(play.projects, a), "member_id": play.person(b).id, "role": ROLES[b % 3]},
    ),
    "let go": lambda play, a, b: (
        "project.remove_member",
        {"project_id": pick(play.projects, a), "member_id": play.person(b).id},
    ),
    "retitle": lambda play, a, b: (
        "project.update",
        {"project_id": pick(play.projects, a), "version": 1 + b % 2, "name": f"project {b}"},
    ),
    "task": lambda play, a, b: (
        "task.create",
        {
            "project_id": pick(play.projects, a),
            "title": f"task {b}",
            "assignees": [play.person(b).id] if b % 2 else [],
        },
    ),
    "comment": lambda play, a, b: ("task.comment", {"task_id": pick(play.tasks, a), "text": f"{b}"}),
    "wait": lambda play, a, b: (
        "task.depend",
        {"task_id": pick(play.tasks, a), "on": pick(play.tasks, b)},
    ),
    "move": lambda play, a, b: (
        "task.move",
        {"task_id": pick(play.tasks, a), "before": pick(play.tasks, b)},
    ),
    "finish": lambda play, a, b: (
        "task.transition",
        {"task_id": pick(play.tasks, a), "status": ("done", "todo", "in_progress")[b % 3]},
    ),
    "drop": lambda play, a, _: ("task.delete", {"task_id": pick(play.tasks, a)}),
}

ALICE, BOB, ADMIN = 2, 3, 1
PRELUDE: list[Step] = [
    ("channel", ALICE, 0, BOB),
    ("channel", ALICE, 1, ADMIN + 5),
    ("direct", ALICE, BOB, BOB),
    ("project", ALICE, 0, 0),
    ("let in", ALICE, 0, BOB),
    ("task", ALICE, 0, 0),
    ("task", ALICE, 0, BOB),
    ("comment", BOB, 0, 0),
    *(("send", ALICE, room, BOB) for room in range(4)),
]
"""Something of each kind, for the random steps to work on: a public and a private channel first."""

numbers = st.integers(0, 7)
steps = st.tuples(st.sampled_from(list(ACTIONS)), numbers, numbers, numbers)
batches = st.lists(st.lists(steps, min_size=1, max_size=4), min_size=8, max_size=15)


@dataclass
class Seen:
    """A room as it was found: its log in the end, and its state at some heads on the way."""

    id: str
    kind: RoomKind
    private: bool
    states: dict[int, State]
    events: list[Entity] = field(default_factory=list)

    def insiders(self, *, ever: bool) -> set[str]:
        """Who may enter now, or could at some time by the events so far."""
        if self.kind is RoomKind.INBOX:
            return {self.id}
        present = set(self.states[max(self.states)].get("participants", {}))
        if ever:
            added = [event["data"] for event in self.events if event["type"] == "participant.added"]
            present |= {data["participant"]["id"] for data in added}
        return present

    def admits(self, member: Member, *, ever: bool = False) -> bool:
        """The rules of access once more, in other words."""
        lowest = {
            RoomKind.WORKSPACE: WorkspaceRole.MEMBER,
            RoomKind.PROJECT: WorkspaceRole.ADMIN,
            RoomKind.CHANNEL: None if self.private else WorkspaceRole.MEMBER,
        }.get(self.kind)
        return member.id in self.insiders(ever=ever) or (lowest is not None and member.role >= lowest)


@settings(max_examples=12, deadline=None)
@given(batches)
async def test_logs_fold_to_what_snapshots_show(
    postgres: str, migrated: str, batches: list[list[Step]]
) -> None:
    async with database(postgres, template=migrated) as dsn, populated(dsn) as world:
        seen: dict[str, Seen] = {}
        play = Play(world)
        born = await log.heads(world.pool, [world.workspace_id, *(person.id for person in play.people())])
        for step in PRELUDE:
            await play.act(step)
        await look(world, seen)
        for batch in batches:
            await asyncio.gather(*(play.act(step) for step in batch))
            await look(world, seen)
        for room in seen.values():
            room.events = [builtins(event) for event in await log.read(world.pool, room.id, 0)]
        for room in seen.values():
            check_log(world, room, born.get(room.id, 0))
            await check_joins(play, room)
            await check_strangers(play, room)
        for person in play.people():
            await check_secrecy(world, person, seen)


async def look(world: World, seen: dict[str, Seen]) -> None:
    """Read the state of each room."""
    async with world.pool.acquire() as tx, tx.transaction(isolation="repeatable_read"):
        for row in await tx.fetch("SELECT id, kind, private, head_seq FROM rooms"):
            kind = RoomKind(row["kind"])
            room = seen.setdefault(row["id"], Seen(row["id"], kind, row["private"], {0: {}}))
            state = unfolded(await snapshot(tx, room.id, kind))
            assert room.states.setdefault(row["head_seq"], state) == state, "changed without an event"


def check_log(world: World, room: Seen, born: int) -> None:
    """The log has no gap, leads from each state to the next, and was published from `born` on."""
    assert [event["seq"] for event in room.events] == list(range(1, len(room.events) + 1))
    published = sorted((e for e in world.published if e.room == room.id), key=lambda event: event.seq)
    assert [builtins(event) for event in published] == room.events[born:]
    for earlier, later in pairwise(sorted(room.states)):
        state = fold(room.states[earlier], room.events[earlier:later])
        assert state == room.states[later], room.events[earlier:later]


async def check_joins(play: Play, room: Seen) -> None:
    """From every seq a join leads to the state that a fresh join shows."""
    world = play.world
    visitor = next((p for p in play.people() if p.id in room.insiders(ever=False)), None)
    if visitor is None:
        return
    fresh = await world.run(visitor, "room.join", room=room.id)
    assert fresh["head"] == len(room.events) == max(room.states)
    assert unfolded(fresh["reset"]) == room.states[fresh["head"]]
    for seq in range(fresh["head"] + 1):
        resumed = await world.run(visitor, "room.join", room=room.id, after_seq=seq)
        assert resumed["events"] == room.events[seq:]


async def check_strangers(play: Play, room: Seen) -> None:
    """Who may not enter is told that there is no such room."""
    world = play.world
    for person in play.people():
        if not room.admits(person):
            await world.refused(ErrorCode.NOT_FOUND, person, "room.join", room=room.id)
            await world.refused(ErrorCode.NOT_FOUND, person, "room.events", room=room.id, after_seq=0)
            await world.refused(ErrorCode.NOT_FOUND, person, "room.history", room=room.id)


async def check_secrecy(world: World, person: Member, seen: dict[str, Seen]) -> None:
    """A member reads nowhere of a room that it could never enter, and finds none that it cannot."""
    reads = json.dumps(seen[person.id].events)
    if seen[world.workspace_id].admits(person):
        reads += json.dumps(seen[world.workspace_id].events)
    finds = json.dumps(
        [await world.run(person, "room.list", limit=200, archived=archived) for archived in (False, True)]
    )
    for room in seen.values():
        if room.kind is RoomKind.INBOX:
            continue  # It has the id of its member, who is known.
        assert room.id not in reads or room.admits(person, ever=True)
        assert room.id not in finds or room.admits(person)
