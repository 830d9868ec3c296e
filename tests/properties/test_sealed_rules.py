"""The rules of sealed rooms are those of the server: the same commands come to the same, in words and all.

Random people say random things in a project. Each command is given to the server, and, completed by its
author, to the rules. What the server records in the room's log, or refuses, must be what the rules say. In
the end the server's snapshot of the room must be what the rules' facts fold to.
"""

import json
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from handlers.snapshots import snapshot
from protocol.errors import ApiError
from protocol.members import Member
from protocol.projects import ProjectState
from protocol.rooms import RoomKind
from protocol.tasks import TaskStatus
from protocol.wire import builtins
from scripts.generator.rules.playing import Whole
from tests.world import World, populated
from ymera_client.errors import YmeraError
from ymera_client.sealed.rules import About, Means, entity, interpret, prepare

Json = dict[str, Any]
TIMES = {"created_at", "updated_at", "edited_at", "completed_at"}
ROLES: dict[str, Any] = {"alice": "owner", "bob": "member", "guest": "reader"}


@pytest.fixture
async def world(dsn: str) -> AsyncIterator[World]:
    async with populated(dsn) as made:
        yield made


@dataclass
class Pair:
    """A project on the server, and its like in a sealed room."""

    world: World
    project: str
    whole: Whole
    tasks: list[str]
    messages: list[str]
    seq: int = 100
    names: list[str] = field(
        default_factory=lambda: ["alice", "bob", "alice", "bob", "alice", "bob", "guest"]
    )

    def task(self, number: int) -> str:
        return self.tasks[number % len(self.tasks)]

    def message(self, number: int) -> str:
        return self.messages[number % len(self.messages)]

    def person(self, number: int) -> str:
        people = [self.world.alice.id, self.world.bob.id, self.world.guest.id]
        return [*people, self.project][number % 4]

    def version(self, collection: str, key: str, number: int) -> int | None:
        """That of the thing, mostly; else an old one, or none."""
        current: int | None = (self.whole.get(collection, key) or {}).get("version")
        return [current, None, 1][number % 3]


async def pair(world: World) -> Pair:
    project = await world.run(world.alice, "project.create", name="Apollo")
    for who, role in ((world.bob, "editor"), (world.guest, "viewer")):
        await world.run(
            world.alice, "project.set_member", project_id=project["id"], member_id=who.id, role=role
        )
    async with world.pool.acquire() as tx:
        state = await snapshot(tx, project["id"], RoomKind.PROJECT)
    return Pair(
        world,
        project["id"],
        Whole({name: state[name] for name in ("projects", "participants")}),
        [str(uuid.uuid4()) for _ in range(7)],
        [str(uuid.uuid4()) for _ in range(5)],
    )


def text(pair: Pair, number: int) -> str:
    return ["hello", "🚀" * 3, f"@[Bob]({pair.world.bob.id}) @[?]({pair.project})", " \t", "ß\n", "x"][
        number % 6
    ]


def on(pair: Pair, a: int, b: int) -> Any:
    return pair.task(a) if b % 2 else [pair.task(a), pair.task(b), pair.task(a + 1)]


def item(pair: Pair, a: int, b: int, c: int) -> Json:
    more: Json = {"title": text(pair, b)} if b % 3 else {}
    more |= {"parent": str(c % 5)} if c % 4 == 0 else {}
    more |= {"depends_on": [str(b % 5)]} if b % 4 == 0 else {}
    more |= {"status": list(TaskStatus)[c % 6]} if a % 2 else {}
    return {"external_id": str(a % 5), "labels": ["x", "X", "ẞ", "ß"][: c % 5], **more}


def changed(pair: Pair, number: int) -> Json:
    changes: list[Json] = [
        {"title": text(pair, number)},
        {"parent_id": pair.task(number)},
        {"status": list(TaskStatus)[number % 6], "estimate": 3},
        {"labels": ["a", "A", "b"][: number % 4], "due": None},
    ]
    return changes[number % 4]


WISHES: dict[str, Callable[[Pair, int, int, int], Json]] = {
    "message.send": lambda p, a, b, c: {
        "room": p.project,
        "id": p.message(a),
        "text": text(p, b),
        "thread_id": p.message(c) if c % 2 else None,
    },
    "message.edit": lambda p, a, b, c: {
        "message_id": p.message(a),
        "text": text(p, b),
        "version": p.version("messages", p.message(a), c),
    },
    "message.delete": lambda p, a, *_: {"message_id": p.message(a)},
    "message.react": lambda p, a, b, c: {"message_id": p.message(a), "emoji": "👍❤"[b % 2], "on": c % 3 > 0},
    "task.create": lambda p, a, b, c: {
        "project_id": p.project,
        "id": p.task(a),
        "title": text(p, b),
        "labels": ["x", "X", "ß", "SS"][: c % 5],
        "status": list(TaskStatus)[b % 6],
        "parent_id": p.task(c) if c % 3 == 0 else None,
        "assignees": [p.person(b)] * (c % 2),
        "external_id": str(b % 5) if c % 4 == 0 else None,
        "before": p.task(b) if b % 3 == 0 else None,
        "after": p.task(c) if b % 4 == 0 else None,
        "estimate": [None, 1.0, 2.5][c % 3],
        "due": [None, "2026-02-28"][b % 2],
    },
    "task.update": lambda p, a, b, c: {
        "task_id": p.task(a),
        "version": p.version("tasks", p.task(a), c) or 1,
        **changed(p, b),
    },
    "task.move": lambda p, a, b, c: {
        "task_id": p.task(a),
        "before": p.task(b) if c % 2 else None,
        "after": p.task(c) if b % 2 else None,
        "status": list(TaskStatus)[b % 6] if c % 5 == 0 else None,
        "version": p.version("tasks", p.task(a), b + c),
    },
    "task.transition": lambda p, a, b, c: {
        "task_id": p.task(a),
        "status": list(TaskStatus)[b % 6],
        "version": p.version("tasks", p.task(a), c),
    },
    "task.assign": lambda p, a, b, c: {
        "task_id": p.task(a),
        "assignees": [p.person(b), p.person(c)][: c % 3],
    },
    "task.depend": lambda p, a, b, c: {"task_id": p.task(a), "on": on(p, b, c)},
    "task.undepend": lambda p, a, b, c: {"task_id": p.task(a), "on": on(p, b, c)},
    "task.comment": lambda p, a, b, c: {"task_id": p.task(a), "id": p.message(c), "text": text(p, b)},
    "task.delete": lambda p, a, b, _: {"task_id": p.task(a), "version": p.version("tasks", p.task(a), b)},
    "task.import": lambda p, a, b, c: {
        "project_id": p.project,
        "tasks": [item(p, a + n, b + n, c) for n in range(1 + c % 4)],
    },
    "project.update": lambda p, _, b, c: {
        "project_id": p.project,
        "name": text(p, b),
        "version": p.version("projects", p.project, c) or 1,
    },
    "project.transition": lambda p, _, b, __: {
        "project_id": p.project,
        "state": ["active", "on_hold", "active", *ProjectState][b % 8],
    },
}
RARE = {"project.update", "project.transition", "task.delete"}
kinds = st.sampled_from([kind for kind in WISHES for _ in range(1 if kind in RARE else 3)])
number = st.integers(0, 30)
wishes = st.tuples(kinds, st.integers(0, 6), number, number, number)


@settings(
    max_examples=20,
    deadline=None,
    # A shorter script is not worth the minutes that it takes to find.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(wishes, min_size=40, max_size=60))
async def test_the_rules_are_the_servers(world: World, said: list[tuple[str, int, int, int, int]]) -> None:
    made = await pair(world)
    for place in range(5):
        await compare(made, "alice", "task.create", WISHES["task.create"](made, place, 1, 1))
        await compare(made, "bob", "message.send", WISHES["message.send"](made, place, 1, 0))
    for kind, who, *numbers in said:
        await compare(made, made.names[who], kind, WISHES[kind](made, *numbers))
    async with world.pool.acquire() as tx:
        state = await snapshot(tx, made.project, RoomKind.PROJECT)
    for collection in ("messages", "tasks", "projects"):
        ours = {each["id"]: alike(each) for each in made.whole.all(collection)}
        assert ours == {each["id"]: alike(each) for each in state[collection]}


async def compare(pair: Pair, who: str, kind: str, payload: Json) -> None:
    """Do it on both sides, and demand that it comes to the same."""
    member: Member = getattr(pair.world, who)
    pair.world.published.clear()
    theirs = await answered(pair, member, kind, payload)
    ours = said(pair, member, ROLES[who], kind, payload)
    if who == "guest":
        assert ours["code"] in {"forbidden", "invalid"}
        assert theirs["code"] in {"forbidden", "invalid", "not_found"}
    else:
        assert ours == theirs, (kind, payload)


async def answered(pair: Pair, member: Member, kind: str, payload: Json) -> Json:
    """What the server makes of it."""
    try:
        await pair.world.run(member, kind, **payload)
    except ApiError as error:
        return refused(str(error.code), error.message, builtins(error.data))
    events = [event for event in pair.world.published if event.room == pair.project]
    return {"events": in_order([{"type": event.type, "data": builtins(event.data)} for event in events])}


def said(pair: Pair, member: Member, role: Any, kind: str, payload: Json) -> Json:
    """What the rules make of it."""
    pair.seq += 1
    about = About(member.id, role, pair.seq, "2026-01-01T00:00:00.000Z", pair.project, "project")
    ids = iter([*imported(pair, payload), *(str(uuid.uuid4()) for _ in range(10))])
    try:
        made = prepare(pair.whole, {"type": kind, "data": payload}, about, Means(lambda: next(ids)))
        # As everybody else gets it, and with no count of envelopes that this server never saw.
        known = About(member.id, role, pair.seq, about.at, pair.project, "project", entity(made))
        facts = interpret(pair.whole, json.loads(json.dumps(made)), known)
    except YmeraError as error:
        return refused(error.code, error.message, error.data)
    pair.whole.fold(facts)
    return {"events": in_order([{"type": fact.type, "data": fact.data} for fact in facts])}


def imported(pair: Pair, payload: Json) -> list[str]:
    """The ids that the server has given to the tasks of an import, where it made some."""
    made = {
        event.data["task"]["external_id"]: event.data["task"]["id"]
        for event in pair.world.published
        if event.type == "task.created"
    }
    items = payload.get("tasks", [])
    return [made.get(item["external_id"], str(uuid.uuid4())) for item in items]


def refused(code: str, message: str, data: Json) -> Json:
    """A refusal. Of several circles each may name another one."""
    if code == "cycle":
        return {"code": code}
    return {"code": code, "message": message, "data": alike(data)}


def in_order(events: list[Json]) -> list[Json]:
    """Events as they are alike; what comes of one command for several tasks is told in any order."""
    return sorted(map(alike, events), key=json.dumps)


def alike(value: Any) -> Any:
    """Plain values without when and where in the log, which are each side's own."""
    if isinstance(value, list):
        return [alike(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get("field") == "completed_at":
        value = {name: bool(each) for name, each in value.items()}
    kept = sorted((name, each) for name, each in value.items() if name != "seq")
    return {name: bool(each) if name in TIMES else alike(each) for name, each in kept}
