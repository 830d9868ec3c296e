"""The two SDKs with each other: as members of a room, and as devices of one member."""

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from persistence.ids import new_id
from tests.nodes import NodeStarter, until
from tests.sdk.sealed.devices import Device
from tests.sdk.sealed.test_attacks_recovery import World
from tests.sdk.sealed.victims import Refusal
from tests.servers import database

pytestmark = pytest.mark.asyncio(loop_scope="module")
PAIRS = [("python", "typescript"), ("typescript", "python")]
COMMANDS = 60
REFUSED = 20
"""Commands of the script that the rules may refuse, as those that would close a circle."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    postgres: str, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    folder: Path = tmp_path_factory.mktemp("keys")
    async with (
        database(postgres, template=migrated) as dsn,
        NodeStarter(dsn, tmp_path_factory.mktemp("node")) as start,
    ):
        made = World(await start(), folder)
        yield made
        await made.devices.close()


@pytest.mark.parametrize(("old", "new"), PAIRS)
@pytest.mark.parametrize("how", ["qr", "digits"])
async def test_a_device_comes_in_by_one_of_the_other_sdk(world: World, old: str, new: str, how: str) -> None:
    ada, token, first, _ = await world.begun(old)
    room = await first.create("conversation", "shared", [])
    await first.say(room, "One.")
    second = await world.devices.make(new, token)
    flow, shown = await second.pair(how)
    if how == "qr":
        await first.pair("scanned", shown.qr)
    else:
        await first.pairing(flow, "asked")
        await first.confirm(flow)
        digits = [(await each.pairing(flow, "compare")).digits for each in (first, second)]
        assert len(set(digits)) == 1
        await second.confirm(flow)
        await first.confirm(flow)
    assert (await second.pairing(flow, "done")).step == "done"
    await second.became("ready")
    assert await second.texts(room, 1) == ["One."]
    await second.say(room, "Two.")
    assert await first.texts(room, 2) == ["One.", "Two."]
    assert list(await first.members(room, 1)) == [ada.id]


@pytest.mark.parametrize(("old", "new"), PAIRS)
@pytest.mark.parametrize("who", ["old", "new"])
async def test_who_sees_other_digits_ends_the_pairing_of_both(
    world: World, old: str, new: str, who: str
) -> None:
    _, token, first, _ = await world.begun(old)
    second = await world.devices.make(new, token)
    flow, _ = await second.pair("digits")
    await first.pairing(flow, "asked")
    await first.confirm(flow)
    for device in (first, second):
        assert (await device.pairing(flow, "compare")).step == "compare"
    said, told = (first, second) if who == "old" else (second, first)
    if who == "new":
        # The old device says yes at once, and what comes next is its own step.
        await first.confirm(flow)
    await said.differ(flow)
    assert "The other side says that the digits differ." in (await told.pairing(flow, "failed")).why
    assert "You have said that the digits differ." in (await said.pairing(flow, "failed")).why
    assert len(await first.own_devices()) == 1
    assert await second.state() == "elsewhere"


@pytest.mark.parametrize(("old", "new"), PAIRS)
async def test_what_one_sdk_has_backed_up_the_other_recovers(world: World, old: str, new: str) -> None:
    ada, token, first, code = await world.begun(old)
    room = await first.create("conversation", "shared", [])
    await first.say(room, "One.")
    pool = world.operator.pool

    async def backed_up() -> bool:
        return bool(await pool.fetchval("SELECT count(*) FROM backup_entries WHERE member_id = $1", ada.id))

    await until(backed_up)
    (lost,) = [each for each, _, _ in await first.own_devices()]
    await first.close()
    second = await world.devices.make(new, token)
    await second.recover(code.lower().replace("-", " "))
    # Nobody is there to grant anything.
    assert await second.texts(room, 1) == ["One."]
    await second.revoke(lost)
    await second.say(room, "Two.")


async def test_what_one_sdk_whispers_the_other_hears_and_nobody_keeps(world: World) -> None:
    bo, _, other, _ = await world.begun("typescript", "Bo")
    ada, _, first, _ = await world.begun("python")
    room = await first.create("conversation", "shared", [bo.id])
    assert await other.texts(room, 0) == []
    # At once: each is later than the one before, by its own word too.
    for word in ("one", "two", "three"):
        await first.whisper(room, word=word)
        await other.whisper(room, word=word, back=True)
    from_ada = [{"from": ada.id, "word": word} for word in ("one", "two", "three")]
    from_bo = [{"from": bo.id, "word": word, "back": True} for word in ("one", "two", "three")]
    for device in (first, other):
        heard = await device.whispers(6)
        assert [each for each in heard if each["from"] == ada.id] == from_ada
        assert [each for each in heard if each["from"] == bo.id] == from_bo
    stored = "SELECT count(*) FROM sealed_items WHERE room_id = $1"
    # The room's two commits, and its name.
    assert await world.operator.pool.fetchval(stored, room) == 3


class Script:
    """Random commands of a project, by members in turn; who is refused, is refused."""

    def __init__(self, room: str, people: list[str], seed: str) -> None:
        self.chance = random.Random(seed)
        self.room = room
        self.people = people
        self.tasks: list[str] = []
        self.messages: list[str] = []
        self.refused: list[str] = []

    async def step(self, device: Device) -> None:
        """One command."""
        name, payload = self._command()
        if name == "task.update":
            payload["version"] = (await device.call("task.get", task_id=payload["task_id"]))["version"]
        try:
            await device.call(name, **payload)
        except Refusal as refusal:
            self.refused.append(f"{name}: {refusal}")

    def _command(self) -> tuple[str, dict[str, Any]]:
        choose = self.chance.choice
        kind = self.chance.randrange(8) if self.tasks and self.messages else self.chance.randrange(2)
        if kind == 0:
            self.tasks.append(new_id())
            return "task.create", {
                "project_id": self.room,
                "id": self.tasks[-1],
                "title": f"T{len(self.tasks)}",
            }
        if kind == 1:
            self.messages.append(new_id())
            return "message.send", {
                "room": self.room,
                "id": self.messages[-1],
                "text": f"M{len(self.messages)}",
            }
        task, other, message = choose(self.tasks), choose(self.tasks), choose(self.messages)
        commands: list[tuple[str, dict[str, Any]]] = [
            ("task.update", {"task_id": task, "title": f"New {self.chance.random()}"}),
            ("task.assign", {"task_id": task, "assignees": [choose(self.people)]}),
            ("task.depend", {"task_id": task, "on": other}),
            ("message.edit", {"message_id": message, "text": "edited"}),
            ("message.react", {"message_id": message, "emoji": "👍", "on": True}),
            (
                "task.transition",
                {"task_id": task, "status": choose(["in_progress", "done"])},
            ),
        ]
        return commands[kind - 2]


async def test_both_come_to_the_same_state(world: World) -> None:
    bo, _, other, _ = await world.begun("typescript", "Bo")
    ada, _, first, _ = await world.begun("python")
    room = await first.create("project", "shared", [bo.id])
    await other.members(room, 2)
    script = Script(room, [ada.id, bo.id], "60 commands")
    for number in range(COMMANDS):
        await script.step((first, other)[number % 2])
    assert len(script.refused) <= REFUSED, script.refused
    seq = await world.operator.pool.fetchval("SELECT head_seq FROM rooms WHERE id = $1", room)
    one, two = await first.content(room, seq), await other.content(room, seq)
    shared = sorted(set(one) & set(two))
    assert {"messages", "tasks", "participants"} <= set(shared)
    for name in shared:
        assert one[name] == two[name], name
