"""Agents at work in a world, without a server: they say what a process of theirs would say."""

from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import asyncpg

from handlers import allocation, questions, upkeep
from handlers.dispatch import Dispatcher
from persistence import members, runs
from persistence import questions as question_rows
from persistence.ids import new_id
from protocol.members import Member
from protocol.runs import RunOffer
from tests.world import World


@dataclass
class Worker:
    """An agent with one process."""

    world: World
    member: Member
    instance_id: str
    token: str

    async def say(self, command: str, offer: RunOffer, **fields: Any) -> Any:
        """Report on a run that this agent was offered."""
        return await self.world.run(
            self.member,
            command,
            project_id=offer.run.project_id,
            run_id=offer.run.id,
            fence=offer.fence,
            **fields,
        )

    async def connect(self, **fields: Any) -> Any:
        """Say that the process is there."""
        said: dict[str, Any] = {"instance_id": self.instance_id, "capacity": 10} | fields
        reply = await self.world.run(self.member, "agent.connect", **said)
        # What the edge does once the reply is out.
        await self.world.pool.execute(
            "UPDATE instances SET connection = 'test' WHERE id = $1", self.instance_id
        )
        return reply

    async def beat(self, *offers: RunOffer) -> Any:
        """Give a sign, naming these runs."""
        held = [{"run_id": offer.run.id, "fence": offer.fence} for offer in offers]
        return await self.world.run(self.member, "agent.heartbeat", instance_id=self.instance_id, runs=held)


@dataclass
class Workforce:
    """A project with agents in it; Alice manages it."""

    world: World
    project_id: str
    workers: list[Worker] = field(default_factory=list)

    async def hire(
        self, name: str, *capabilities: dict[str, Any], role: str = "editor", **connect: Any
    ) -> Worker:
        """A new agent of Alice's in the project, with a process that is there."""
        made = await self.world.run(
            self.world.alice, "agent.register", name=name, capabilities=list(capabilities)
        )
        member = await members.get(self.world.pool, made["agent"]["id"])
        assert member is not None
        await self.world.run(
            self.world.alice,
            "project.set_member",
            project_id=self.project_id,
            member_id=member.id,
            role=role,
        )
        worker = Worker(self.world, member, new_id(), made["token"])
        await worker.connect(**connect)
        self.workers.append(worker)
        return worker

    async def give(self, capability: str, **fields: Any) -> Any:
        """A run that Alice asks for."""
        return await self.world.run(
            self.world.alice, "run.create", project_id=self.project_id, capability=capability, **fields
        )

    async def task(self, title: str, **fields: Any) -> Any:
        """A task of Alice's."""
        return await self.world.run(
            self.world.alice, "task.create", project_id=self.project_id, title=title, **fields
        )

    async def allocate(self) -> list[RunOffer]:
        """What the scheduler gives away now."""
        # Those who spend may lock two budgets the other way round; then a node looks once more, too.
        with suppress(asyncpg.DeadlockDetectedError):
            return await self._allocate()
        return await self._allocate()

    async def _allocate(self) -> list[RunOffer]:
        async with self.world.pool.acquire() as tx, tx.transaction():
            return await allocation.allocate(tx)

    async def offered(self) -> RunOffer:
        """The one run that the scheduler gives away now."""
        (offer,) = await self.allocate()
        return offer

    async def started(self, worker: Worker) -> RunOffer:
        """The one run that is given away now, accepted."""
        offer = await self.offered()
        await worker.say("run.accept", offer)
        return offer

    async def later(self, seconds: float) -> None:
        """Let time pass for runs, questions and processes."""
        shift = f"interval '{seconds} seconds'"
        pool = self.world.pool
        for table, columns in {
            "runs": ("lease_until", "not_before", "deadline", "final_by", "progress_at", "started_at"),
            "questions": ("expires_at",),
            "attempts": ("offered_at",),
            "instances": ("missed_at",),
        }.items():
            moved = ", ".join(f"{column} = {column} - {shift}" for column in columns)
            await pool.execute(f"UPDATE {table} SET {moved}")

    async def keep_up(self) -> None:
        """What the scheduler settles at its next look."""
        dispatcher = Dispatcher(self.world.pool, self.world.publish)
        for project_id, run_ids in (await runs.overdue(self.world.pool, upkeep.MOST)).items():
            await dispatcher.attend(partial(upkeep.settle, project_id=project_id, run_ids=run_ids))

    async def expire_questions(self) -> None:
        """What the scheduler settles of old questions."""
        dispatcher = Dispatcher(self.world.pool, self.world.publish)
        for project_id, ids in (await question_rows.overdue(self.world.pool, upkeep.MOST)).items():
            await dispatcher.attend(partial(questions.expire, project_id=project_id, question_ids=ids))

    async def run(self, run_id: str) -> Any:
        """A run as it stands."""
        return (await self.world.run(self.world.alice, "run.get", run_id=run_id))["run"]


async def staffed(world: World) -> Workforce:
    """A new project of Alice's, with nobody in it yet."""
    project = await world.run(world.alice, "project.create", name="Works")
    return Workforce(world, project["id"])
