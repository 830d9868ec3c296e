"""The scheduler: gives ready runs away, settles what is due, and tells agents' processes what concerns them.

Every node has one and none leads: whatever one decides is decided in PostgreSQL, under locks, and what a node
that dies leaves undone the next look of any other does. It is woken by the events that its node commits, so
that work starts at once, and looks by itself every second. What it tells may be lost: heartbeats repeat it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any

import structlog

from handlers import allocation, firing, grants, questions, upkeep
from handlers.dispatch import Context, Dispatcher
from persistence import attempts, offers, runs, triggers
from persistence import grants as grant_rows
from persistence import questions as question_rows
from persistence.database import DATABASE_FAILURES, Pool
from protocol.questions import Question
from protocol.rooms import LoggedEvent
from protocol.runs import ErrorClass, RunControl, RunControlKind, RunOffer, RunOffers
from protocol.wire import convert, encode
from server import metrics
from server.tasks import Tasks

logger = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
OFFERS_TOGETHER = 16
"""Offers that one message brings: 4 MiB of inputs at the very most."""
AT_ONCE = 8
"""Projects in which due things are settled at once, so that one whose room is locked holds up no other."""
MAX_NEWS = 10_000
"""Events whose news for processes waits to be told; what is more is left to heartbeats."""
WAKING = frozenset({"run.created", "run.ended", "task.blocked", "queue.updated", "participant.added"})
"""Events after which a run may be ready, or a process have room; `run.updated` and `task.updated` are others
that may say so."""
FREEING = frozenset({"requeued", "restarted", "waiting", "resumed"})
"""Causes of `run.updated` of which the same is true."""
NEWS = frozenset({"run.updated", "run.ended", "question.closed"})
"""Events that may concern a process."""

Tell = Callable[[str, str, str, bytes], None]
"""Sends a message to a process of an agent: the agent's id, the process's, the message's name, JSON."""


class Scheduler:
    """One node's share of the work of giving out work."""

    def __init__(self, pool: Pool, dispatcher: Dispatcher, tell: Tell) -> None:
        self._pool = pool
        self._dispatcher = dispatcher
        self._tell = tell
        self._tasks = Tasks()
        self._ready = asyncio.Event()
        self._news: asyncio.Queue[LoggedEvent] = asyncio.Queue(MAX_NEWS)

    def start(self) -> None:
        """Begin to look."""
        self._tasks.spawn(self._allocate(), "scheduler allocation")
        self._tasks.spawn(self._keep_up(), "scheduler upkeep")
        self._tasks.spawn(self._tell_news(), "scheduler news")

    async def close(self) -> None:
        """Stop, and wait until that is done."""
        await self._tasks.close()

    def wake(self) -> None:
        """Look for ready runs soon."""
        self._ready.set()

    def on_events(self, events: Iterable[LoggedEvent]) -> None:
        """Notice what this node has committed."""
        for event in events:
            if _waking(event):
                self._ready.set()
            if event.type in {"run.updated", "run.ended"}:
                ended = event.type == "run.ended"
                cause = event.data["run"]["state"] if ended else event.data["cause"]
                metrics.runs_changed.labels(cause).inc()
            if event.type in NEWS and not self._news.full():
                self._news.put_nowait(event)

    async def _allocate(self) -> None:
        while True:
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._ready.wait()
            except TimeoutError:
                pass
            self._ready.clear()
            await self._safely("allocation", self._allocate_once)

    async def _allocate_once(self) -> None:
        async with self._pool.acquire() as connection:
            offers = await allocation.allocate(connection)
        if offers:
            metrics.runs_offered.inc(len(offers))
            self._offer(offers)
        if len(offers) >= allocation.MOST:
            # There may be more than go into one transaction.
            self._ready.set()

    def _offer(self, offers: list[RunOffer]) -> None:
        by_process: dict[tuple[str, str], list[RunOffer]] = {}
        for offer in offers:
            if offer.run.agent_id is not None and offer.run.instance_id is not None:
                by_process.setdefault((offer.run.agent_id, offer.run.instance_id), []).append(offer)
        for (agent_id, instance_id), theirs in by_process.items():
            for start in range(0, len(theirs), OFFERS_TOGETHER):
                some = theirs[start : start + OFFERS_TOGETHER]
                message = encode(RunOffers(instance_id=instance_id, offers=some))
                self._tell(agent_id, instance_id, "run.offers", message)

    async def _keep_up(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._safely("upkeep", self._keep_up_once)

    async def _keep_up_once(self) -> None:
        overdue = await runs.overdue(self._pool, upkeep.MOST)
        unanswered = await question_rows.overdue(self._pool, upkeep.MOST)
        await self._attend_all(
            *(partial(upkeep.settle, project_id=each, run_ids=ids) for each, ids in overdue.items()),
            *(
                partial(questions.expire, project_id=each, question_ids=ids)
                for each, ids in unanswered.items()
            ),
            *(partial(grants.expire, project_id=each) for each in await grant_rows.projects_over(self._pool)),
            *(partial(firing.due, project_id=each) for each in await triggers.projects_with_due(self._pool)),
            *(
                partial(firing.events, project_id=each)
                for each in await triggers.projects_with_event_triggers(self._pool)
            ),
        )

    async def _attend_all(self, *works: Callable[[Context], Awaitable[Any]]) -> None:
        """Do what is due, in some projects at once; what fails keeps nothing else from being done."""
        room = asyncio.Semaphore(AT_ONCE)

        async def attend(work: Callable[[Context], Awaitable[Any]]) -> None:
            async with room:
                await self._safely("upkeep", partial(self._dispatcher.attend, work))

        await asyncio.gather(*(attend(work) for work in works))

    async def _tell_news(self) -> None:
        while True:
            event = await self._news.get()
            await self._safely("news", partial(self._tell_of, event))

    async def _tell_of(self, event: LoggedEvent) -> None:
        if event.type == "run.updated":
            if event.data["cause"] == "canceling":
                self._control(_holder(event.data["run"]), event.data["run"]["id"], RunControlKind.CANCEL)
        elif event.type == "question.closed":
            question = convert(event.data["question"], Question)
            found = await attempts.holder(self._pool, question.run_id)
            self._control(found, question.run_id, RunControlKind.ANSWER, question=question)
        elif event.type == "run.ended":
            await self._tell_of_end(event)

    async def _tell_of_end(self, event: LoggedEvent) -> None:
        run = event.data["run"]
        if run["parent_id"] is not None and (reply := await offers.reply(self._pool, run["id"])) is not None:
            caller = await attempts.holder(self._pool, run["parent_id"])
            self._control(caller, run["parent_id"], RunControlKind.REPLY, reply=reply)
        if run["attempt"] and event.actor != run["agent_id"] and not _overspent(run):
            last = await attempts.last_holder(self._pool, run["id"])
            self._control(last, run["id"], RunControlKind.LOST)

    def _control(
        self, holder: attempts.Holder | None, run_id: str, kind: RunControlKind, **more: Any
    ) -> None:
        if holder is None:
            return
        control = RunControl(
            instance_id=holder.instance_id, run_id=run_id, fence=holder.fence, kind=kind, **more
        )
        self._tell(holder.agent_id, holder.instance_id, "run.control", encode(control))

    async def _safely(self, what: str, act: Callable[[], Awaitable[Any]]) -> None:
        """Do something; if it fails it is done again at the next look."""
        try:
            await act()
        except DATABASE_FAILURES:
            logger.warning("scheduler_failed", what=what, exc_info=True)
        except Exception:
            metrics.errors.labels("scheduler").inc()
            logger.exception("scheduler_failed", what=what)


def _waking(event: LoggedEvent) -> bool:
    """Whether a run may be ready after an event, or a process have room."""
    if event.type == "run.updated":
        return event.data["cause"] in FREEING
    if event.type == "task.updated":
        return any(step["field"] == "blocked" for step in event.data["changes"])
    return event.type in WAKING


def _overspent(run: Mapping[str, Any]) -> bool:
    """Whether its own report has ended it, whose answer says why: no news that says less may come first."""
    return run["error"] is not None and run["error"]["cause"] == ErrorClass.BUDGET_EXHAUSTED


def _holder(run: dict[str, Any]) -> attempts.Holder | None:
    if run["instance_id"] is None:
        return None
    return attempts.Holder(run["agent_id"], run["instance_id"], run["attempt"])
