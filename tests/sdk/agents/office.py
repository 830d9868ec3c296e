"""A project in which agents work, seen with the eyes of the person who gives them work."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.nodes import RunningNode
from tests.sdk.test_storage import PACKAGES
from ymera_client import (
    AgentInfo,
    AgentRegister,
    Client,
    EndedRun,
    LiveRoom,
    LoggedEvent,
    ProjectSetMember,
    Question,
    RunAnswer,
    RunCreate,
    RunDetails,
    RunGet,
    RunHistory,
    RunInfo,
    RunState,
)

PATIENCE = 60.0
EXAMPLES = PACKAGES / "examples"


@dataclass
class Office:
    """The project's room, as Alice follows it."""

    server: RunningNode
    alice: Client
    room: LiveRoom

    async def hire(self, name: str = "Worker") -> str:
        """The token of a new agent that may edit the project."""
        made = await self.alice.call(AgentRegister(name=name))
        await self.alice.call(ProjectSetMember(project_id=self.room.id, member_id=made.agent.id))
        return made.token

    async def staffed(self, capability: str) -> None:
        """Wait until an agent has said that it can do this."""

        def look(home: LiveRoom) -> bool:
            return any(can.name == capability for agent in home.all(AgentInfo) for can in agent.capabilities)

        assert self.alice.home
        await self.alice.home.wait_for(look, PATIENCE)

    async def order(self, capability: str, *, task_id: str | None = None, **given: Any) -> str:
        """The id of a new run."""
        run = await self.alice.call(
            RunCreate(project_id=self.room.id, capability=capability, task_id=task_id, input=given)
        )
        return run.id

    async def ended(self, run_id: str) -> RunDetails:
        """A run once it has ended."""
        await self.room.wait_for(lambda room: room.get(EndedRun, run_id), PATIENCE)
        return await self.alice.call(RunGet(run_id=run_id))

    async def finds(self, where: Callable[[EndedRun], Any]) -> RunDetails:
        """The first run to have ended for which this holds."""

        def look(room: LiveRoom) -> Any:
            return next((run.id for run in room.all(EndedRun) if where(run)), None)

        return await self.ended(await self.room.wait_for(look, PATIENCE))

    async def reaches(self, run_id: str, where: Callable[[RunInfo], Any]) -> RunInfo:
        """A live run, once this holds of it."""

        def look(room: LiveRoom) -> Any:
            run = room.get(RunInfo, run_id)
            return run if run is not None and where(run) else None

        found: RunInfo = await self.room.wait_for(look, PATIENCE)
        return found

    async def working(self, run_id: str) -> RunInfo:
        """A run once it is at work."""
        return await self.reaches(run_id, lambda run: run.state is RunState.WORKING)

    async def asked(self, run_id: str, prompt: str = "") -> Question:
        """What a run asks, once it does."""

        def look(room: LiveRoom) -> Any:
            questions = (each for each in room.all(Question) if each.run_id == run_id)
            return next((each for each in questions if prompt in each.prompt), None)

        found: Question = await self.room.wait_for(look, PATIENCE)
        return found

    async def answer(self, run_id: str, answer: Any, prompt: str = "") -> Question:
        """Answer what a run asks, once it does."""
        return await self.alice.call(
            RunAnswer(question_id=(await self.asked(run_id, prompt)).id, answer=answer)
        )

    async def history(self, run_id: str, kind: str) -> list[LoggedEvent]:
        """The events of a run of one type."""
        return [event async for event in self.alice.page(RunHistory(run_id=run_id)) if event.type == kind]

    async def output(self, run_id: str) -> str:
        """All that a run has put out, checked to be without a hole."""
        text = ""
        for event in await self.history(run_id, "run.outputted"):
            assert event.data["offset"] == len(text)
            text += event.data["text"]
        return text

    @asynccontextmanager
    async def program(
        self, token: str, *command: str, cwd: Path | None = None, **environ: str
    ) -> AsyncIterator["Program"]:
        """A Python program with the agent's address and token, ready when the block begins."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("YMERA_")}
        own = {"PYTHONPATH": str(PACKAGES), "YMERA_URL": self.server.url, "YMERA_TOKEN": token}
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            "-Werror",
            *command,
            env=inherited | own | environ,
            cwd=cwd,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            program = Program(running)
            await program.says("At work")
            yield program
        finally:
            if running.returncode is None:
                running.kill()
            await running.communicate()


class Program:
    """A process, and what it has said on standard error."""

    def __init__(self, running: asyncio.subprocess.Process) -> None:
        self.running = running
        self.said: list[str] = []

    async def says(self, pattern: str) -> re.Match[str]:
        """The next line of its log that matches."""
        assert self.running.stderr
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while line := await self.running.stderr.readline():
                    self.said.append(line.decode())
                    if found := re.search(pattern, line.decode()):
                        return found
        raise AssertionError(f"The program did not say {pattern!r} but {''.join(self.said)}")

    async def end(self) -> int:
        """Its exit status, once it has ended."""
        assert self.running.stderr
        async with asyncio.timeout(PATIENCE):
            self.said.append((await self.running.stderr.read()).decode())
            return await self.running.wait()
