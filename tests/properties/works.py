"""Projects in which agents work, for random histories: who is there, and what was said and accepted."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode
from protocol.members import Member
from protocol.runs import RunOffer
from tests.workforce import Worker, Workforce, staffed
from tests.world import World

REFUSALS = {
    *(ErrorCode.NOT_FOUND, ErrorCode.INVALID, ErrorCode.CONFLICT, ErrorCode.ILLEGAL_TRANSITION),
    *(ErrorCode.FENCED, ErrorCode.RUN_CANCELED, ErrorCode.BUDGET_EXHAUSTED, ErrorCode.FORBIDDEN),
    *(ErrorCode.CYCLE, ErrorCode.LIMIT_EXCEEDED),
}
CAPABILITIES: list[dict[str, Any]] = [
    {"name": "write", "concurrency": 4, "estimate": 5},
    {"name": "read", "concurrency": 3, "second": "interrupt", "attempts": 2},
    {"name": "plan", "concurrency": 3, "second": "restart", "estimate": 1},
]
LIMITS = [0, 10, 20, 40, 1_000]
LAST = {"run.complete", "run.fail", "run.hand_off", "run.release", "run.reject"}
KEPT = 8
"""How many of its last offers a process may still speak of."""

Payload = dict[str, Any]
T = TypeVar("T")


class NothingThereError(Exception):
    """There is nothing yet that this could be done to."""


@dataclass
class Desk:
    """A process of an agent, as it knows itself; one that has died hears nothing and may come back."""

    worker: Worker
    alive: bool = True
    offers: list[RunOffer] = field(default_factory=list)
    """All that it was offered of late, done with or not."""
    over: set[tuple[str, int]] = field(default_factory=set)
    """Attempts that it knows to be over."""

    @property
    def going(self) -> list[RunOffer]:
        """What it takes itself to be at work on."""
        return [offer for offer in self.offers if (offer.run.id, offer.fence) not in self.over]

    def hear(self, offer: RunOffer) -> None:
        """Be told of a run."""
        self.offers = [*self.offers, offer][-KEPT:]

    def newest(self) -> list[RunOffer]:
        """The last it has heard of each run."""
        return list({offer.run.id: offer for offer in self.offers}.values())


@dataclass
class Works:
    """Two projects, two agents with three processes, and what was said and accepted."""

    world: World
    projects: list[Workforce]
    desks: list[Desk]
    tasks: list[tuple[str, str]] = field(default_factory=list)
    """With the project of each."""
    runs: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    said: list[tuple[Member, str, Payload]] = field(default_factory=list)
    """Every report that was ever sent."""
    accepted: set[str] = field(default_factory=set)
    """The command ids of those that were accepted."""
    paid: list[tuple[str, str, int]] = field(default_factory=list)
    """Costs that were accepted: of which run, from which agent, how much."""
    heard: list[tuple[str, int]] = field(default_factory=list)
    """Of which run and attempt each report was, of those accepted since the last inspection."""
    completed: dict[str, list[Any]] = field(default_factory=dict)
    """The results in accepted reports that a run is done, by run."""
    ceilings: dict[tuple[str, str], int] = field(default_factory=dict)
    """What may be spent and reserved of a budget, by whose it is and its period."""

    @classmethod
    async def open(cls, world: World) -> "Works":
        """New projects with new agents."""
        projects = [await staffed(world), await staffed(world)]
        workers = [await projects[0].hire(name, *CAPABILITIES, capacity=3) for name in ("One", "Two")]
        second = Worker(world, workers[0].member, new_id(), workers[0].token)
        await second.connect(capacity=2)
        works = cls(world, projects, [Desk(worker) for worker in (*workers, second)])
        for worker in workers:
            await works.grant(projects[1], worker.member)
        await works.limit(40, "total", project_id=projects[0].project_id)
        await works.limit(40, "month", agent_id=workers[0].member.id)
        return works

    async def ask(self, command: str, **payload: Any) -> Any:
        """The reply to Alice."""
        return await self.world.run(self.world.alice, command, **payload)

    async def grant(self, project: Workforce, member: Member, task_id: str | None = None) -> None:
        """Let an agent work in a project."""
        await self.ask(
            "project.set_member", project_id=project.project_id, member_id=member.id, task_id=task_id
        )

    async def limit(self, most: int, period: str, **whose: str) -> None:
        """Set a budget. What is reserved already may still be spent."""
        reply = await self.ask("budget.set", limit=most, period=period, **whose)
        (budget,) = [each for each in reply["items"] if each["period"] == period]
        (owner,) = whose.values()
        self.ceilings[owner, period] = max(most, budget["spent"] + budget["reserved"])

    async def say(self, desk: Desk, offer: RunOffer, command: str, **fields: Any) -> Any:
        """Report on a run."""
        about = {"project_id": offer.run.project_id, "run_id": offer.run.id, "fence": offer.fence}
        try:
            reply = await self.send(desk.worker.member, command, about | fields | {"command_id": new_id()})
        except ApiError as error:
            if error.code is ErrorCode.FENCED:
                desk.over.add((offer.run.id, offer.fence))
            raise
        if command in LAST:
            desk.over.add((offer.run.id, offer.fence))
        return reply

    async def send(self, member: Member, command: str, payload: Payload) -> Any:
        """Send a report, perhaps again, and remember what was said and whether it was accepted."""
        self.said.append((member, command, payload))
        reply = await self.world.run(member, command, **payload)
        run_id, command_id = payload["run_id"], payload["command_id"]
        if command_id in self.accepted:
            return reply
        self.accepted.add(command_id)
        self.heard.append((run_id, payload["fence"]))
        if costs := payload.get("costs"):
            self.paid.append((run_id, member.id, costs["money"]))
        if command in {"run.complete", "run.hand_off"}:
            self.completed.setdefault(run_id, []).append(payload["result"])
        if command in {"run.call", "run.hand_off"}:
            self.runs.append(reply["id"])
        if command == "run.ask":
            self.questions.append(reply["id"])
        return reply

    async def offer(self) -> list[tuple[Desk, RunOffer]]:
        """What two nodes give away at once, and who is there to hear it."""
        both = await asyncio.gather(self.projects[0].allocate(), self.projects[0].allocate())
        offers = [offer for each in both for offer in each]
        assert len({offer.run.id for offer in offers}) == len(offers)
        heard = [
            (desk, offer)
            for offer in offers
            for desk in self.desks
            if desk.alive and desk.worker.instance_id == offer.run.instance_id
        ]
        for desk, offer in heard:
            desk.hear(offer)
        return heard

    async def keep_up(self) -> None:
        """What two nodes settle at once."""
        works = self.projects[0]
        await asyncio.gather(
            works.keep_up(), works.expire_questions(), works.keep_up(), works.expire_questions()
        )


async def attempt(deed: Awaitable[Any]) -> None:
    """Do something, which may be refused for a good reason."""
    try:
        await deed
    except NothingThereError:
        pass
    except ApiError as error:
        if error.code not in REFUSALS:
            raise
