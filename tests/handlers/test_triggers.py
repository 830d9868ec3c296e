"""Triggers: who may make and change them, and what they must say."""

from datetime import UTC, datetime
from typing import Any

import pytest

from persistence import triggers
from persistence.ids import new_id
from protocol.errors import ErrorCode
from protocol.fields import MAX_TRIGGERS
from tests.workforce import Workforce, staffed
from tests.world import SEAL, World

REPORT: dict[str, Any] = {"name": "report", "concurrency": 10}
SCHEDULE = {"kind": "schedule", "cron": "30 8 * * MON-FRI", "zone": "Europe/Berlin"}
EVENT = {"kind": "event", "filter": {"type": "task.created"}}
WEBHOOK = {"kind": "webhook"}


@pytest.fixture
async def force(world: World) -> Workforce:
    return await staffed(world)


async def make(force: Workforce, **fields: Any) -> Any:
    """What making a trigger as Alice replies."""
    given = {"project_id": force.project_id, "name": "Report", "capability": "report", **fields}
    return await force.world.run(force.world.alice, "trigger.create", **given)


async def faulty(force: Workforce, path: str, **fields: Any) -> str:
    """The words with which a trigger is refused, for the field at `path`."""
    given = {"project_id": force.project_id, "name": "Report", "capability": "report", **fields}
    error = await force.world.refused(ErrorCode.INVALID, force.world.alice, "trigger.create", **given)
    assert error.data["path"] == path, error.message
    return error.message


async def update(force: Workforce, trigger: Any, **fields: Any) -> Any:
    return await force.world.run(
        force.world.alice,
        "trigger.update",
        **{"trigger_id": trigger["id"], "version": trigger["version"]} | fields,
    )


async def test_a_schedule_says_when_it_is_due_next(force: Workforce) -> None:
    made = await make(force, **SCHEDULE, input={"days": 1})
    assert (made["url"], made["secret"]) == (None, None)
    trigger = made["trigger"]
    due = datetime.fromisoformat(trigger["next_at"])
    assert due > datetime.now(UTC)
    assert (due.hour in {6, 7}, due.minute, due.weekday() < 5) == (True, 30, True)
    assert (trigger["input"], trigger["enabled"], trigger["fired"], trigger["error"]) == (
        {"days": 1},
        True,
        0,
        "",
    )
    assert trigger["created_by"] == force.world.alice.id
    assert force.world.types(force.project_id)[-1] == "trigger.created"


async def test_a_webhook_has_an_address_and_a_secret_that_is_stored_sealed(force: Workforce) -> None:
    made = await make(force, **WEBHOOK)
    assert made["url"] == f"https://ymera.example.org/api/hooks/{made['trigger']['id']}"
    assert made["secret"].startswith("whsec_")
    assert len(made["secret"]) == 50
    sealed = await triggers.sealed_secret(force.world.pool, made["trigger"]["id"])
    assert sealed is not None
    assert made["secret"].encode() not in sealed
    assert SEAL.open(sealed) == made["secret"].encode()
    published = str([event.data for event in force.world.published])
    assert made["secret"] not in published


async def test_a_secret_is_replaced(force: Workforce) -> None:
    made = await make(force, **WEBHOOK)
    trigger_id = made["trigger"]["id"]
    again = await force.world.run(force.world.alice, "trigger.rotate_secret", trigger_id=trigger_id)
    assert (again["url"], again["trigger"]["version"]) == (made["url"], 2)
    assert again["secret"] != made["secret"]
    sealed = await triggers.sealed_secret(force.world.pool, trigger_id)
    assert sealed is not None
    assert SEAL.open(sealed) == again["secret"].encode()
    schedule = (await make(force, **SCHEDULE))["trigger"]
    await force.world.refused(
        ErrorCode.INVALID, force.world.alice, "trigger.rotate_secret", trigger_id=schedule["id"]
    )


async def test_a_secret_is_shown_only_once(force: Workforce) -> None:
    command_id = new_id()
    await make(force, **WEBHOOK, command_id=command_id)
    given = {"project_id": force.project_id, "name": "Report", "capability": "report", **WEBHOOK}
    await force.world.refused(
        ErrorCode.CONFLICT, force.world.alice, "trigger.create", **given, command_id=command_id
    )


async def test_only_managers_change_triggers_and_viewers_see_them(force: Workforce) -> None:
    world = force.world
    trigger = (await make(force, **EVENT))["trigger"]
    set_member: dict[str, Any] = {"project_id": force.project_id, "member_id": world.bob.id}
    changes: list[tuple[str, dict[str, Any]]] = [
        ("trigger.create", {"project_id": force.project_id, "name": "X", "capability": "report", **WEBHOOK}),
        ("trigger.update", {"trigger_id": trigger["id"], "version": 1, "name": "X"}),
        ("trigger.rotate_secret", {"trigger_id": trigger["id"]}),
        ("trigger.delete", {"trigger_id": trigger["id"]}),
    ]
    for name, fields in [*changes, ("trigger.list", {"project_id": force.project_id})]:
        await world.refused(ErrorCode.NOT_FOUND, world.bob, name, **fields)
    await world.run(world.alice, "project.set_member", **set_member, role="viewer")
    assert (await world.run(world.bob, "trigger.list", project_id=force.project_id))["items"] == [trigger]
    await world.run(world.alice, "project.set_member", **set_member, role="editor")
    for name, fields in changes:
        await world.refused(ErrorCode.FORBIDDEN, world.bob, name, **fields)
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "trigger.delete", trigger_id=new_id())


async def test_triggers_are_listed_by_name(force: Workforce) -> None:
    for name in ("Beta", "Alpha", "Gamma"):
        await make(force, **SCHEDULE, name=name)
    listing: dict[str, Any] = {"project_id": force.project_id, "limit": 2}
    first = await force.world.run(force.world.alice, "trigger.list", **listing)
    second = await force.world.run(force.world.alice, "trigger.list", **listing, cursor=first["next"])
    assert [[each["name"] for each in page["items"]] for page in (first, second)] == [
        ["Alpha", "Beta"],
        ["Gamma"],
    ]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("path", "fields", "words"),
    [
        ("cron", {"kind": "schedule"}, "is missing"),
        ("cron", SCHEDULE | {"cron": "61 * * * *"}, "minute"),
        ("zone", SCHEDULE | {"zone": "Europe/Berln"}, "Europe/Berlin"),
        ("filter", SCHEDULE | {"filter": {"type": "task.created"}}, "leave it out"),
        ("filter", {"kind": "event"}, "is missing"),
        ("cron", EVENT | {"cron": "* * * * *"}, "leave it out"),
        ("zone", EVENT | {"zone": "Europe/Berlin"}, "leave it out"),
        ("catch_up", WEBHOOK | {"catch_up": "all"}, "leave it out"),
        ("filter.type", EVENT | {"filter": {"type": "task.make"}}, "no event"),
        ("filter.type", EVENT | {"filter": {"type": "task.create"}}, "task.created may be meant"),
        ("filter.type", EVENT | {"filter": {"type": "run.ended"}}, "no event"),
        ("filter.type", EVENT | {"filter": {"type": "trigger.updated"}}, "no event"),
        ("filter.where", EVENT | {"filter": {"type": "task.created", "where": {"a": "x" * 5_000}}}, "4,096"),
        ("input", WEBHOOK | {"input": {"text": "x" * 20_000}}, "16,384"),
        ("agent_id", WEBHOOK | {"agent_id": new_id()}, "no agent"),
    ],
)
async def test_what_makes_no_trigger_is_refused(
    force: Workforce, path: str, fields: dict[str, Any], words: str
) -> None:
    assert words in await faulty(force, path, **fields)
    assert await triggers.count(force.world.pool, force.project_id) == 0


async def test_its_agent_must_be_one_of_the_project(force: Workforce) -> None:
    await faulty(force, "agent_id", **WEBHOOK, agent_id=force.world.alice.id)
    worker = await force.hire("Reporter", REPORT)
    made = await make(force, **WEBHOOK, agent_id=worker.member.id)
    assert made["trigger"]["agent_id"] == worker.member.id


async def test_what_is_changed_is_checked_anew(force: Workforce) -> None:
    trigger = (await make(force, **SCHEDULE))["trigger"]
    changed = await update(force, trigger, cron="0 0 1 1 *", zone="UTC", catch_up="all", name="Yearly")
    assert (changed["version"], changed["name"], changed["catch_up"]) == (2, "Yearly", "all")
    assert datetime.fromisoformat(changed["next_at"]).strftime("%m-%d %H:%M") == "01-01 00:00"
    assert force.world.types(force.project_id)[-1] == "trigger.updated"
    alice, current = force.world.alice, {"trigger_id": trigger["id"], "version": 2}
    await force.world.refused(ErrorCode.INVALID, alice, "trigger.update", **current, cron="x")
    await force.world.refused(ErrorCode.INVALID, alice, "trigger.update", **current, filter=EVENT["filter"])
    await force.world.refused(
        ErrorCode.CONFLICT, alice, "trigger.update", trigger_id=trigger["id"], version=1, name="Late"
    )


async def test_a_change_of_nothing_is_none(force: Workforce) -> None:
    trigger = (await make(force, **SCHEDULE))["trigger"]
    before = force.world.types(force.project_id)
    assert await update(force, trigger, name=trigger["name"], cron=trigger["cron"]) == trigger
    assert force.world.types(force.project_id) == before


async def test_a_stopped_schedule_is_due_only_once_it_goes_on(force: Workforce) -> None:
    trigger = (await make(force, **SCHEDULE))["trigger"]
    stopped = await update(force, trigger, enabled=False)
    assert (stopped["enabled"], stopped["next_at"]) == (False, None)
    going = await update(force, stopped, enabled=True)
    assert going["next_at"] == trigger["next_at"]


async def test_a_trigger_is_deleted(force: Workforce) -> None:
    trigger = (await make(force, **WEBHOOK))["trigger"]
    gone = await force.world.run(force.world.alice, "trigger.delete", trigger_id=trigger["id"])
    assert gone == trigger
    assert force.world.types(force.project_id)[-1] == "trigger.deleted"
    assert await triggers.all_of(force.world.pool, force.project_id) == []


async def test_an_archived_project_keeps_its_triggers_as_they_are(force: Workforce) -> None:
    trigger = (await make(force, **SCHEDULE))["trigger"]
    project = await force.world.run(force.world.alice, "project.get", project_id=force.project_id)
    await force.world.run(
        force.world.alice,
        "project.transition",
        project_id=force.project_id,
        version=project["version"],
        state="archived",
    )
    await force.world.refused(
        ErrorCode.CONFLICT, force.world.alice, "trigger.delete", trigger_id=trigger["id"]
    )


async def test_a_project_has_so_many_triggers(force: Workforce, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.triggers.MAX_TRIGGERS", 1)
    await make(force, **WEBHOOK)
    given = {"project_id": force.project_id, "name": "Report", "capability": "report", **WEBHOOK}
    error = await force.world.refused(ErrorCode.LIMIT_EXCEEDED, force.world.alice, "trigger.create", **given)
    assert (error.data["limit"], MAX_TRIGGERS) == (1, 200)


async def test_a_taken_id_is_refused(force: Workforce) -> None:
    trigger = (await make(force, **WEBHOOK))["trigger"]
    given = {"project_id": force.project_id, "name": "Report", "capability": "report", **WEBHOOK}
    await force.world.refused(
        ErrorCode.CONFLICT, force.world.alice, "trigger.create", **given, id=trigger["id"]
    )
