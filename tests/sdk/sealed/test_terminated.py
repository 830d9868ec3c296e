"""A real process that is killed while it talks: each word arrives once, in order, under a ctr of its own."""

import asyncio
import os
import random
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from protocol.wire import from_base64
from tests.nodes import PATIENCE, RunningNode
from tests.sdk.sealed.people import Person, joins
from tests.sdk.test_storage import PACKAGES
from ymera_client import Form
from ymera_client.crypto.envelopes import parse_envelope
from ymera_client.crypto.wire import to_text

pytestmark = pytest.mark.usefixtures("short_waits")
Make = Callable[[str], Awaitable[Person]]
SENDER = Path(__file__).with_name("sender.py")
MESSAGES = 200
KILLS = 5


async def run(person: Person, room_id: str, chance: random.Random | None) -> int:
    """Run the program, until it is done or killed at some moment; how far it said that it was."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-Werror", str(SENDER), person.url, person.token),
        *(str(person.folder / "first.db"), str(person.folder / "first.key"), room_id, str(MESSAGES)),
        env={**os.environ, "PYTHONPATH": str(PACKAGES)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    far = 0
    lines = MESSAGES if chance is None else chance.randrange(1, 4)
    async with asyncio.timeout(4 * PATIENCE):
        while lines and (line := await process.stdout.readline()):
            far, lines = int(line), lines - 1
        if chance is not None and process.returncode is None:
            # Somewhere between two words that are through.
            await asyncio.sleep(chance.uniform(0, 0.1))
            with suppress(ProcessLookupError):
                process.kill()
        _, errors = await process.communicate()
    assert errors == b"", errors.decode()
    return far


async def test_killed_at_any_moment_it_says_all_once_and_in_order(server: RunningNode, person: Make) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    room_id = await ada.client.sealed.create_room(
        form=Form.CONVERSATION, name="Numbers", members={bo.id: "member"}
    )
    await joins(bo.client, room_id)
    device = ada.client.sealed.status.me
    assert device is not None
    await ada.client.close()
    chance = random.Random()
    far = [await run(ada, room_id, chance) for _ in range(KILLS)]
    assert far == sorted(far)
    assert far[-1] < MESSAGES
    assert await run(ada, room_id, None) == MESSAGES
    async with server.client(bo.token) as stock:
        shown = await stock.do("sealed.items", room=room_id, after_seq=0)
    sent = [
        parse_envelope(from_base64(item["body"])).header
        for item in shown["items"]
        if item["kind"] == "envelope"
    ]
    said = [header for header in sent if to_text(header.device_id) == device.device_id]
    assert [header.ctr for header in said if header.epoch == said[-1].epoch] == list(range(len(said)))
    assert len({header.client_id for header in said}) == len(said)
    room = await bo.client.sealed.wait_for(
        lambda sealed: (
            (found := sealed.rooms.get(room_id))
            and found.progress.applied >= shown["head"]
            and found.caught_up
            and found
        ),
        PATIENCE,
    )
    messages = sorted(room.contents.all("messages"), key=lambda each: each["seq"])
    assert [each["text"] for each in messages] == [str(n) for n in range(1, MESSAGES + 1)]
