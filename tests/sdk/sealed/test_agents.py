"""Agents in sealed rooms: given work by members, claimed by one of their processes, seen by everybody."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.nodes import PATIENCE, RunningNode
from tests.sdk.network import Network
from tests.sdk.sealed.people import Person, says
from tests.sdk.test_storage import PACKAGES
from ymera_client import (
    Agent,
    AgentRegister,
    CallFailed,
    Client,
    EndedRun,
    Form,
    Invalid,
    KeyStore,
    LiveRoom,
    MessageSend,
    Question,
    Retry,
    RoomHistory,
    Run,
    RunAnswer,
    RunCancel,
    RunCreate,
    RunDetails,
    RunGet,
    RunHistory,
    RunInfo,
    RunList,
    RunState,
    Task,
    TaskAssign,
    TaskCreate,
    TaskStatus,
    YmeraError,
)
from ymera_client.agent.process import Process
from ymera_client.sealed.view import RoleName

pytestmark = pytest.mark.usefixtures("short_waits")
Make = Callable[[str], Awaitable[Person]]
NODE = Path(__file__).with_name("agent.mjs")


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
    async def inquire(run: Run) -> str:
        size = await run.ask("Which size?", choices=["small", "large"])
        approval = await run.approve("order", {"size": size}, ceiling=10)
        await approval.use({"size": size}, cost=9)
        return str(size)

    @agent.capability()
    async def recall(run: Run) -> list[str]:
        messages = [message async for message in run.page(RoomHistory(room=run.project_id))]
        return [message.text for message in messages]

    @agent.capability()
    async def keep(run: Run) -> str:
        if run.attempt == 1:
            await run.request(MessageSend(room=run.project_id, text="Kept."))
            raise Retry("once more")
        await run.request(MessageSend(room=run.project_id, text="Kept."))
        file = await run.files.upload(b"a secret", name="secret.txt")
        pieces = [piece async for piece in run.files.stream(file.id)]
        assert [each.name async for each in run.files.list()] == ["secret.txt"]
        return (b"".join(pieces) + await run.files.read(file.id)).decode()

    @agent.capability()
    async def wait(run: Run) -> None:
        await run.progress(note="waiting")
        await asyncio.Event().wait()

    add_colleagues(agent)
    return agent


def add_colleagues(agent: Agent) -> None:
    """Capabilities that have others work."""

    @agent.capability()
    async def delegate(run: Run, *, words: int = 1) -> str:
        if run.attempt == 1:
            # The second attempt meets the calls of the first.
            await run.call("shorten", title="one two", words=words)
            raise Retry("once more")
        first = await run.call("shorten", title="one two", words=words)
        try:
            await run.call("shorten", title="three", words="many")
        except CallFailed as error:
            return f"{first}, {error.reply.state}"
        return str(first)

    @agent.capability()
    async def pass_on(run: Run) -> None:
        await run.hand_off("finish", note="Look.", result={"half": "done"})

    @agent.capability()
    async def finish(run: Run) -> str:
        assert run.handed is not None
        assert run.handed.result is not None
        return f"{run.handed.note} {run.handed.result['half']}"


def store(folder: Path, name: str) -> KeyStore:
    """The keys of a process."""
    return KeyStore(folder / f"{name}.db", key_file=folder / f"{name}.key")


@asynccontextmanager
async def settled(*command: str, **options: Any) -> AsyncIterator[None]:
    """A program that says when its process belongs to the agent, and is killed at the end of the block."""
    running = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, **options)
    try:
        assert running.stdout is not None
        assert await asyncio.wait_for(running.stdout.readline(), PATIENCE) == b"settled\n"
        yield
    finally:
        running.kill()
        await running.wait()


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
    async def process(
        self, name: str = "one", url: str | None = None, lease_seconds: int = 60
    ) -> AsyncIterator[Process]:
        """A process of the agent, with keys of its own, once it can be in sealed rooms."""
        agent = program(url or self.server.url, self.token, self.store(name), lease_seconds)
        async with agent.running(grace=0) as process:
            await asyncio.wait_for(asyncio.wrap_future(process.settled), PATIENCE)
            yield process

    @asynccontextmanager
    async def program(self) -> AsyncIterator[None]:
        """The first process as a program of its own, which is killed at the end of the block."""
        command = (sys.executable, "-m", __name__, self.server.url, self.token, str(self.folder))
        environ = {**os.environ, "PYTHONPATH": str(PACKAGES)}
        async with settled(*command, cwd=Path(__file__).parents[3], env=environ):
            yield

    @asynccontextmanager
    async def node(self, lease_seconds: int = 60) -> AsyncIterator[None]:
        """A process on the TypeScript SDK, which is killed at the end of the block."""
        named = (self.server.url, self.token, str(self.folder), str(lease_seconds))
        async with settled("node", str(NODE), *named):
            yield

    def store(self, name: str) -> KeyStore:
        return store(self.folder, name)

    async def link(self, name: str) -> None:
        """Bring the device of another process into the agent's identity, as its owner."""
        async with Client(self.server.url, token=self.token, keys=self.store(name)) as client:
            await client.sealed.wait_for(lambda sealed: sealed.status.state == "elsewhere", PATIENCE)
            await client.sealed.recover(self.alice.code)

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

    async def asked(self, run_id: str, prompt: str) -> Question:
        def look(room: LiveRoom) -> Any:
            questions = (each for each in room.all(Question) if each.run_id == run_id)
            return next((each for each in questions if each.prompt == prompt), None)

        found: Question = await self.room.wait_for(look, PATIENCE)
        return found

    async def reaches(self, run_id: str, where: Callable[[RunInfo], Any]) -> RunInfo:
        """A live run, once this holds of it."""

        def look(room: LiveRoom) -> Any:
            run = room.get(RunInfo, run_id)
            return run if run is not None and where(run) else None

        found: RunInfo = await self.room.wait_for(look, PATIENCE)
        return found

    async def begun(self, task_id: str) -> RunInfo:
        """The run that goes on for a task, once there is one."""

        def look(room: LiveRoom) -> Any:
            return next((run for run in room.all(RunInfo) if run.task_id == task_id), None)

        found: RunInfo = await self.room.wait_for(look, PATIENCE)
        return found

    async def ended(self, run_id: str) -> RunDetails:
        await self.room.wait_for(lambda room: room.get(EndedRun, run_id), PATIENCE)
        return await self.alice.client.call(RunGet(run_id=run_id))


async def reaches_status(room: LiveRoom, task_id: str, status: TaskStatus) -> None:
    """Wait until a task has this status."""
    await room.wait_for(
        lambda room: (task := room.get(Task, task_id)) is not None and task.status is status, PATIENCE
    )


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
    found = workshop.room.get(Task, task.id)
    assert found is not None
    assert found.status is TaskStatus.DONE
    view = workshop.alice.client.sealed.room(workshop.room.id)
    assert view is not None
    assert [each.owner for each in view.members if each.agent] == [workshop.alice.id]


async def test_a_run_asks_people_reads_the_room_and_keeps_files(workshop: Workshop) -> None:
    alice = workshop.alice.client
    await says(alice, workshop.room.id, "Before.")
    async with workshop.process():
        await workshop.admit()
        run_id = await workshop.order("inquire")
        question = await workshop.asked(run_id, "Which size?")
        assert question.asked == [workshop.alice.id]
        waiting = await workshop.reaches(run_id, lambda run: run.state is RunState.INPUT_REQUIRED)
        assert waiting.attempt == 1
        await alice.call(RunAnswer(question_id=question.id, answer="large"))
        approval = await workshop.asked(run_id, "Allow order?")
        answered = await alice.call(RunAnswer(question_id=approval.id, answer=True))
        assert (answered.action, answered.arguments) == ("order", {"size": "large"})
        done = await workshop.ended(run_id)
        assert (done.result, done.run.attempt) == ("large", 1)
        assert [each.used_at is not None for each in done.questions] == [False, True]

        await says(alice, workshop.room.id, "After.")
        # It was let in after the first of them.
        assert (await workshop.ended(await workshop.order("recall"))).result == ["After."]

        kept = await workshop.ended(await workshop.order("keep"))
        assert (kept.result, kept.run.attempt) == ("a secreta secret", 2)
        assert [file.name for file in kept.files] == ["secret.txt"]
        texts = [message["text"] for message in workshop.room.state["messages"].values()]
        assert texts.count("Kept.") == 1


@pytest.mark.parametrize("language", ["python", "typescript"])
async def test_a_run_calls_for_others_and_hands_over(workshop: Workshop, language: str) -> None:
    alice = workshop.alice.client
    async with workshop.process() if language == "python" else workshop.node():
        await workshop.admit()
        done = await workshop.ended(await workshop.order("delegate"))
        assert (done.result, done.run.attempt) == ("one, failed", 2)
        assert [(each.capability, each.state) for each in done.calls] == [
            ("shorten", RunState.COMPLETED),
            ("shorten", RunState.FAILED),
        ]
        assert {each.requested_by for each in done.calls} == {workshop.agent_id}

        task = await alice.call(TaskCreate(project_id=workshop.room.id, title="Both of it"))
        first = await workshop.ended(await workshop.order("pass_on", task_id=task.id))
        await reaches_status(workshop.room, task.id, TaskStatus.DONE)
        runs = [run async for run in alice.page(RunList(project_id=workshop.room.id, task_id=task.id))]
        (second,) = [run for run in runs if run.previous_id == first.run.id]
        assert (await workshop.ended(second.id)).result == "Look. done"
        assert (second.requested_by, first.result) == (workshop.alice.id, {"half": "done"})


async def test_an_agent_does_what_a_task_is_assigned_to_it_for(workshop: Workshop) -> None:
    alice, room, agents = workshop.alice.client, workshop.room.id, [workshop.agent_id]
    async with workshop.process():
        await workshop.admit()
        task = await alice.call(TaskCreate(project_id=room, title="Land on the moon"))
        await alice.call(TaskAssign(task_id=task.id, assignees=agents))
        await reaches_status(workshop.room, task.id, TaskStatus.DONE)
        given = TaskCreate(project_id=room, title="Go home again", assignees=agents)
        await reaches_status(workshop.room, (await alice.call(given)).id, TaskStatus.DONE)
    runs = [run async for run in alice.page(RunList(project_id=room))]
    assert {run.title for run in runs} == {"Land on the moon", "Go home again"}
    assert {run.requested_by for run in runs} == {workshop.alice.id}
    assert {run.capability for run in runs} == {"shorten"}


async def test_work_waits_for_an_agent_that_is_away_and_ends_when_it_is_taken_back(
    workshop: Workshop,
) -> None:
    alice, room = workshop.alice.client, workshop.room.id
    async with workshop.process():
        await workshop.admit()
    task = await alice.call(TaskCreate(project_id=room, title="Rest", assignees=[workshop.agent_id]))
    run = await workshop.begun(task.id)
    assert run.state is RunState.SUBMITTED
    await alice.call(TaskAssign(task_id=task.id, assignees=[workshop.alice.id]))
    done = await workshop.ended(run.id)
    assert done.run.error is not None
    assert (done.run.state, done.run.error.message) == (RunState.CANCELED, "The task was given to others.")


async def test_two_processes_do_each_run_once(workshop: Workshop) -> None:
    async with workshop.process():
        await workshop.link("two")
        async with workshop.process("two"):
            await workshop.admit()
            ordered = [await workshop.order("shorten", title=f"one {number}") for number in range(6)]
            done = [await workshop.ended(run_id) for run_id in ordered]
    assert [each.run.state for each in done] == [RunState.COMPLETED] * 6
    assert [len(each.attempts) for each in done] == [1] * 6
    assert [len(each.artifacts) for each in done] == [1] * 6


async def test_what_a_silent_process_had_is_done_by_another(workshop: Workshop, network: Network) -> None:
    async with workshop.process("one", network.url, lease_seconds=1):
        await workshop.link("two")
        await workshop.admit()
        run_id = await workshop.order("wait")
        begun = await workshop.reaches(run_id, lambda run: run.note == "waiting")
        network.block()
        async with workshop.process("two"):
            again = await workshop.reaches(run_id, lambda run: run.attempt == 2 and run.note == "waiting")
            assert begun.instance_id != again.instance_id
            await workshop.alice.client.call(RunCancel(run_id=run_id, reason="enough"))
            done = await workshop.ended(run_id)
        network.unblock()
    assert (done.run.state, done.run.attempt) == (RunState.CANCELED, 2)
    assert [each.error and each.error.cause for each in done.attempts] == ["lost", "canceled"]


async def test_a_process_that_was_killed_goes_on_when_it_is_back(workshop: Workshop) -> None:
    async with workshop.program():
        await workshop.admit()
        run_id = await workshop.order("wait")
        await workshop.reaches(run_id, lambda run: run.note == "waiting")
    async with workshop.process():
        again = await workshop.reaches(run_id, lambda run: run.attempt == 2 and run.note == "waiting")
        assert again.error is not None
        assert again.error.cause == "lost"
    # On its way out it hands it back.
    released = await workshop.reaches(run_id, lambda run: run.state is RunState.SUBMITTED)
    assert released.instance_id is None


async def test_an_agent_that_is_removed_stops_and_hears_nothing_more(workshop: Workshop) -> None:
    alice = workshop.alice.client
    async with workshop.process():
        await workshop.admit()
        run_id = await workshop.order("wait")
        await workshop.reaches(run_id, lambda run: run.note == "waiting")
        await alice.sealed.remove(workshop.room.id, [workshop.agent_id])
        done = await workshop.ended(run_id)
        assert done.run.state is RunState.CANCELED
        await says(alice, workshop.room.id, "Between us.")
        with pytest.raises(Invalid, match="agent_id"):
            await workshop.order("shorten", title="x")
    async with Client(workshop.server.url, token=workshop.token, keys=workshop.store("one")) as agent:
        await agent.sealed.wait_for(lambda sealed: sealed.status.state == "ready", PATIENCE)
        assert agent.sealed.search("us") == []
        assert alice.sealed.search("us") != []
        with pytest.raises(YmeraError):
            await says(agent, workshop.room.id, "I am still here.")


async def test_a_reader_is_given_no_work_and_the_server_takes_none_in_plain(workshop: Workshop) -> None:
    async with workshop.process():
        await workshop.admit("reader")
        with pytest.raises(Invalid, match="agent_id"):
            await workshop.order("shorten", title="x")
    async with workshop.server.client(workshop.alice.token) as plain:
        order = {"project_id": workshop.room.id, "agent_id": workshop.agent_id, "capability": "shorten"}
        reply = await plain.send("run.create", **order, command_id=str(uuid4()))
    assert reply["error"]["code"] == "e2ee_room"


async def test_an_agent_in_typescript_does_what_a_member_in_python_gives(workshop: Workshop) -> None:
    alice = workshop.alice.client
    task = await alice.call(TaskCreate(project_id=workshop.room.id, title="Land on the moon"))
    async with workshop.node():
        await workshop.admit()
        run_id = await workshop.order("shorten", task_id=task.id, words=3)
        done = await workshop.ended(run_id)
        assert (done.result, done.run.summary, done.run.progress) == ("Land on the", "short", 0.5)
        assert [(each.fence, each.outcome) for each in done.attempts] == [(1, "completed")]
        assert [each.name for each in done.artifacts] == ["notes.txt"]
        history = [event async for event in alice.page(RunHistory(run_id=run_id))]
        assert [each.data["text"] for each in history if each.type == "run.outputted"] == ["so far"]
        assert [each.data["message"] for each in history if each.type == "run.logged"] == ["halfway"]
        found = workshop.room.get(Task, task.id)
        assert found is not None
        assert found.status is TaskStatus.DONE

        run_id = await workshop.order("inquire")
        question = await workshop.asked(run_id, "Which size?")
        await alice.call(RunAnswer(question_id=question.id, answer="large"))
        approval = await workshop.asked(run_id, "Allow order?")
        await alice.call(RunAnswer(question_id=approval.id, answer=True))
        done = await workshop.ended(run_id)
        assert (done.result, done.run.attempt) == ("large", 1)

        kept = await workshop.ended(await workshop.order("keep"))
        assert kept.result == "a secret"
        assert await alice.files.read(kept.files[0].file_id) == b"a secret"


async def test_processes_of_both_languages_take_over_from_each_other(workshop: Workshop) -> None:
    async with workshop.node(lease_seconds=2):
        await workshop.link("two")
        await workshop.admit()
        run_id = await workshop.order("wait")
        begun = await workshop.reaches(run_id, lambda run: run.note == "waiting")
    async with workshop.process("two", lease_seconds=2):
        taken = await workshop.reaches(
            run_id, lambda run: run.attempt > begun.attempt and run.note == "waiting"
        )
        assert taken.instance_id != begun.instance_id
    # On its way out it hands it back, and the first one is there again.
    async with workshop.node():
        again = await workshop.reaches(
            run_id, lambda run: run.attempt > taken.attempt and run.note == "waiting"
        )
        assert again.instance_id == begun.instance_id
        await workshop.alice.client.call(RunCancel(run_id=run_id, reason="enough"))
        done = await workshop.ended(run_id)
    assert done.run.state is RunState.CANCELED


async def main(url: str, token: str, folder: str) -> None:
    """Be the agent's first process, and say when it can be in sealed rooms."""
    async with program(url, token, store(Path(folder), "one")).running() as process:
        await asyncio.wrap_future(process.settled)
        sys.stdout.write("settled\n")
        sys.stdout.flush()
        await asyncio.wrap_future(process.ended)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
