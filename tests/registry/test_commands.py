"""What holds for every command, shown with its golden example on a real database.

A new command is tried here as soon as it is declared and has an example.
"""

from typing import Any

import pytest

from handlers.dispatch import HANDLERS, check_complete
from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode
from protocol.members import Member
from protocol.registry import COMMANDS, CommandSpec, Scope
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import LoggedEvent
from protocol.runs import Report
from protocol.wire import builtins
from tests.fold import State, fold
from tests.registry.script import CHECK, COMPUTER, HOUSTON, MARGARET
from tests.registry.stage import TARGETS, Stage

States = dict[str, tuple[int, State]]
DISPATCHED = {name: spec for name, spec in COMMANDS.items() if not spec.signal}
WRITES = [name for name, spec in DISPATCHED.items() if spec.writes]
REPORTS = [name for name, spec in DISPATCHED.items() if issubclass(spec.type, Report)]
READS = [name for name, spec in DISPATCHED.items() if not spec.writes]


def target(payload: dict[str, Any]) -> str | None:
    return next((name for name in TARGETS if name in payload), None)


def decided_by_the_thing(spec: CommandSpec) -> bool:
    """Whether anybody may send it, and the thing that it is about says who is let in."""
    needs = HANDLERS[spec.type].needs
    return isinstance(needs, RoomRole) or needs is WorkspaceRole.GUEST


async def told(
    stage: Stage, member: Member, command: str, payload: dict[str, Any], **more: Any
) -> ApiError | None:
    """The refusal of a command, if it is refused."""
    try:
        await stage.world.run(member, command, **payload, **more)
    except ApiError as error:
        return error
    return None


def test_every_command_has_a_handler() -> None:
    check_complete()


@pytest.mark.parametrize("stranger", ["bob", "guest"])
async def test_a_stranger_learns_nothing_and_changes_nothing(stage: Stage, stranger: str) -> None:
    member: Member = getattr(stage.world, stranger)
    before = await stage.rows()
    wrong = []
    for name, spec in DISPATCHED.items():
        payload = await stage.payload(name)
        field = target(payload)
        if field is None or not decided_by_the_thing(spec):
            continue
        if field in {"member_id", "agent_id"} and stranger == "bob":
            continue  # Members of the workspace know each other, guests only those in a room with them.
        refusal = await told(stage, member, name, payload)
        absent = await told(stage, member, name, payload | {field: new_id()})
        if refusal is None or absent is None or refusal.code is not ErrorCode.NOT_FOUND:
            wrong.append(f"{name}: {refusal}")
        elif (refusal.code, refusal.message, refusal.data) != (absent.code, absent.message, absent.data):
            wrong.append(f"{name}: «{refusal}» is not what is said of nothing, «{absent}»")
    assert wrong == []
    assert await stage.rows() == before
    assert stage.world.published == []


async def test_a_guest_is_refused_what_is_for_higher_roles_whether_or_not_the_thing_exists(
    stage: Stage,
) -> None:
    before = await stage.rows()
    wrong = []
    for name, spec in DISPATCHED.items():
        if decided_by_the_thing(spec):
            continue
        payload = await stage.payload(name)
        field = target(payload)
        refusals = [
            await told(stage, stage.world.guest, name, tried)
            for tried in (payload, payload | ({field: new_id()} if field else {}))
        ]
        if {refusal and refusal.code for refusal in refusals} != {ErrorCode.FORBIDDEN}:
            wrong.append(f"{name}: {refusals}")
    assert wrong == []
    assert await stage.rows() == before


@pytest.mark.parametrize(
    ("sender", "fence", "code"),
    [
        (COMPUTER, 2, ErrorCode.FENCED),
        (HOUSTON, 1, ErrorCode.NOT_FOUND),
        (MARGARET, 1, ErrorCode.NOT_FOUND),
    ],
    ids=["another attempt", "another agent", "a person"],
)
async def test_only_the_attempt_itself_is_reported_on(
    stage: Stage, sender: str, fence: int, code: ErrorCode
) -> None:
    before = await stage.rows()
    member = await stage.member(sender)
    wrong = []
    for name in REPORTS:
        payload = await stage.payload(name) | {"run_id": CHECK, "fence": fence}
        refusal = await told(stage, member, name, payload)
        if refusal is None or refusal.code is not code:
            wrong.append(f"{name}: {refusal}")
    assert wrong == []
    assert await stage.rows() == before
    assert stage.world.published == []


async def test_a_token_does_nothing_outside_its_scope(stage: Stage) -> None:
    before = await stage.rows()
    wrong = []
    for name, spec in DISPATCHED.items():
        for scope in list(Scope)[: list(Scope).index(spec.scope)]:
            refusal = await told(stage, stage.world.owner, name, await stage.payload(name), scope=scope)
            if refusal is None or refusal.code is not ErrorCode.FORBIDDEN:
                wrong.append(f"{name} with {scope}: {refusal}")
    assert wrong == []
    assert await stage.rows() == before


async def test_a_query_changes_nothing(stage: Stage) -> None:
    before = await stage.rows()
    for name in READS:
        await stage.run(name, await stage.payload(name))
    assert await stage.rows() == before
    assert stage.world.published == []


@pytest.mark.parametrize("name", WRITES)
async def test_the_events_of_a_command_fold_to_the_snapshot_and_resending_it_adds_none(
    stage: Stage, name: str
) -> None:
    payload = await stage.prepare(name)
    before = await stage.states()
    reply = await stage.run(name, payload)
    assert_told(before, await stage.states(), stage.world.published)
    if COMMANDS[name].claims:
        await assert_done_once(stage, name, payload, reply)


def assert_told(before: States, after: States, published: list[LoggedEvent]) -> None:
    """Assert that the events lead every room from the one state to the other, with no seq left out."""
    events = [builtins(event) for event in published]
    assert {event["room"] for event in events} <= set(after)
    for room, (head, state) in after.items():
        seq, known = before.get(room, (0, {}))
        here = [event for event in events if event["room"] == room]
        assert [event["seq"] for event in here] == list(range(seq + 1, head + 1))
        assert fold(known, here) == state


async def assert_done_once(stage: Stage, name: str, payload: dict[str, Any], reply: Any) -> None:
    """Assert that the command, sent again, writes no row, tells nobody and is answered alike."""
    rows, published = await stage.rows(), len(stage.world.published)
    if COMMANDS[name].secret:
        refusal = await told(stage, await stage.sender(name), name, payload)
        assert refusal is not None
        assert refusal.code is ErrorCode.CONFLICT
    else:
        assert await stage.run(name, payload) == reply
    assert await stage.rows() == rows
    assert len(stage.world.published) == published


async def test_a_command_id_stands_for_one_request(stage: Stage) -> None:
    payload = await stage.payload("task.create")
    await stage.run("task.create", payload)
    before = await stage.rows()
    wrong = []
    for name in WRITES:
        if not COMMANDS[name].claims:
            continue
        tried = await stage.payload(name) | {"command_id": payload["command_id"]}
        refusal = await told(stage, stage.world.owner, name, tried)
        if refusal is None or refusal.code is not ErrorCode.CONFLICT:
            wrong.append(f"{name}: {refusal}")
    assert wrong == []
    assert await stage.rows() == before


async def test_what_is_refused_along_the_way_leaves_no_mark_on_the_log(stage: Stage) -> None:
    before = await stage.states()
    refused = {
        name: await told(stage, await stage.sender(name), name, await stage.payload(name))
        for name in reversed(WRITES)
    }
    assert any(refused.values())
    assert_told(before, await stage.states(), stage.world.published)
