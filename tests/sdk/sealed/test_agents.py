"""Agents in sealed rooms: given work by members, claimed by one of their processes, seen by everybody."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.nodes import PATIENCE, RunningNode
from tests.sdk.sealed.people import Person
from ymera_client import (
    Agent,
    AgentRegister,
    EndedRun,
    Form,
    KeyStore,
    LiveRoom,
    Question,
    Run,
    RunAnswer,
    RunCancel,
    RunCreate,
    RunDetails,
    RunGet,
    RunHistory,
    RunInfo,
    RunState,
    Task,
    TaskCreate,
    TaskStatus,
)
from ymera_client.agent.process import Process
from ymera_client.sealed.view import RoleName

pytestmark = pytest.mark.usefixtures("short_waits")
Make = Callable[[str], Awaitable[Person]]


def program(url: str, token: str, keys: KeyStore, lease_seconds: int = 60) -> Agent:
    """An agent that can do a little."""
    agent = Agent(url, token=token, keys=keys, lease_seconds=lease_seconds)

    @agent.capability(concurrency=2)
    async def shorten(run: Run, *, title: str, words: int = 1) -> str:
        await run.progress(0.5, "half")
        await run.output("so ")
        await run.output("far")
        run.log.info("halfway", words=words)
        await run.attach("notes.txt", "all of it")
        run.summary = "short"
        return " ".join(title.split()[:words])

    @agent.capability()
    async def inquire(run: Run, *, what: str) -> str:
        return f"{what}: {await run.ask(what, choices=['yes', 'no'])}"

    @agent.capability()
    async def wait(run: Run) -> None:
        await run.progress(note="waiting")
        await asyncio.Event().wait()

    return agent


@dataclass
class Workshop:
    """A sealed project of Alice's, and an agent that is hers."""

    server: RunningNode
    alice: Person
    folder: Path
    agent_id: str
    token: str
    room: LiveRoom

    @asynccontextmanager
    async def process(self, name: str = "one", **options: Any) -> AsyncIterator[Process]:
        """A process of the agent, with keys of its own, once it can be in sealed rooms."""
        agent = program(self.server.url, self.token, self.store(name), **options)
        async with agent.running(grace=0) as process:
            await asyncio.wait_for(asyncio.wrap_future(process.settled), PATIENCE)
            yield process

    def store(self, name: str) -> KeyStore:
        return KeyStore(self.folder / f"{name}.db", key_file=self.folder / f"{name}.key")

    async def admit(self, role: RoleName = "member") -> None:
        """Let the agent, whose identity is known to be Alice's, into the room."""
        await self.alice.client.sealed.endorse_agent(self.agent_id)
        await self.alice.client.sealed.add(self.room.id, {self.agent_id: role})

    async def order(self, capability: str, *, task_id: str | None = None, **given: Any) -> str:
        run = await self.alice.client.call(
            RunCreate(
                project_id=self.room.id,
                agent_id=self.agent_id,
                capability=capability,
                task_id=task_id,
                input=given,
            )
        )
        return run.id

    async def reaches(self, run_id: str, where: Callable[[RunInfo], Any]) -> RunInfo:
        """A live run, once this holds of it."""

        def look(room: LiveRoom) -> Any:
            run = room.get(RunInfo, run_id)
            return run if run is not None and where(run) else None

        found: RunInfo = await self.room.wait_for(look, PATIENCE)
        return found

    async def ended(self, run_id: str) -> RunDetails:
        await self.room.wait_for(lambda room: room.get(EndedRun, run_id), PATIENCE)
        return await self.alice.client.call(RunGet(run_id=run_id))


@pytest.fixture
async def workshop(server: RunningNode, person: Make, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with AsyncExitStack() as stack:
        alice = await person("Alice")
        made = await alice.client.call(AgentRegister(name="Worker"))
        room_id = await alice.client.sealed.create_room(form=Form.PROJECT, name="Apollo")
        room = await stack.enter_async_context(alice.client.room(room_id))
        yield Workshop(server, alice, tmp_path, made.agent.id, made.token, room)


async def test_a_run_is_done_and_seen(workshop: Workshop) -> None:
    task = await workshop.alice.client.call(TaskCreate(project_id=workshop.room.id, title="Land on the moon"))
    async with workshop.process():
        await workshop.admit()
        run_id = await workshop.order("shorten", task_id=task.id, words=3)
        done = await workshop.ended(run_id)
    assert done.run.state is RunState.COMPLETED
    assert (done.result, done.run.summary) == ("Land on the", "short")
    assert (done.run.progress, done.run.note) == (0.5, "half")
    assert [(each.fence, each.outcome) for each in done.attempts] == [(1, "completed")]
    assert [each.name for each in done.artifacts] == ["notes.txt"]
    history = [event async for event in workshop.alice.client.page(RunHistory(run_id=run_id))]
    assert "".join(each.data["text"] for each in history if each.type == "run.outputted") == "so far"
    assert [each.data["message"] for each in history if each.type == "run.logged"] == ["halfway"]
    found = await workshop.room.wait_for(lambda room: room.get(Task, task.id), PATIENCE)
    assert found.status is TaskStatus.DONE
    [member] = [each for each in workshop.alice.client.sealed.room(workshop.room.id).members if each.agent]
    assert member.owner == workshop.alice.id
