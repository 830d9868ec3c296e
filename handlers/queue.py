"""The queue of a project: which runs wait and why, and how they are started."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from handlers import access
from handlers.dispatch import Context, handles
from persistence import budgets, pages, queue, runs
from persistence.budgets import Purse
from persistence.queue import Helper
from protocol.projects import Project, ProjectState
from protocol.queue import ProjectQueue, QueueGet, QueueSet, QueueUpdated, QueueView, WaitingRun, WaitReason
from protocol.roles import RoomRole
from protocol.runs import RunInfo

STARTS = frozenset({ProjectState.DRAFT, ProjectState.ACTIVE})
"""The states of projects in which runs start."""

Found = tuple[WaitReason, str, datetime | None]


@handles(QueueGet, RoomRole.VIEWER)
async def get_queue(ctx: Context, command: QueueGet) -> QueueView:
    """Which runs of a project wait, and why."""
    project = await access.project(ctx, command.project_id)
    after = pages.read_cursor(command.cursor, int)
    rows = await queue.waiting(ctx.tx, project.id, after, command.limit + 1)
    situation = await Situation.read(ctx, project)
    shown = [situation.explain(row) for row in rows]
    places = {each.run.id: row["urgency"] for each, row in zip(shown, rows, strict=True)}
    return QueueView(
        queue=situation.queue,
        running=situation.running,
        waiting=pages.page(shown, command.limit, lambda each: (places[each.run.id], each.run.id)),
    )


@handles(QueueSet, RoomRole.MANAGER)
async def set_queue(ctx: Context, command: QueueSet) -> ProjectQueue:
    """Pause a queue, let it go on, or limit it."""
    project = await access.open_project(ctx, command.project_id)
    before = await _queue(ctx, project.id)
    after = replace(
        before,
        paused=before.paused if command.paused is UNSET else command.paused,
        concurrency=before.concurrency if command.concurrency is UNSET else command.concurrency,
        updated_at=ctx.now,
    )
    await queue.put(ctx.tx, after)
    ctx.record(QueueUpdated(queue=after), room=project.id, entity=project.id)
    return after


async def _queue(ctx: Context, project_id: str) -> ProjectQueue:
    found = await queue.get(ctx.tx, project_id)
    return found or ProjectQueue(id=project_id, paused=False, concurrency=None, updated_at=ctx.now)


class Situation:
    """All that decides whether runs of a project start now."""

    def __init__(
        self,
        now: datetime,
        project: Project,
        project_queue: ProjectQueue,
        running: int,
        helpers: Sequence[Helper],
        purses: Sequence[Purse],
    ) -> None:
        self._now = now
        self._project = project
        self.queue = project_queue
        self.running = running
        self._helpers = helpers
        self._purses = purses

    @classmethod
    async def read(cls, ctx: Context, project: Project) -> "Situation":
        """As it is now."""
        limits = await queue.running(ctx.tx, project.id)
        helpers = await queue.helpers(ctx.tx, project.id)
        agents = {helper.agent_id for helper in helpers}
        purses = await budgets.shown(ctx.tx, ctx.now, project.id, agents)
        return cls(ctx.now, project, await _queue(ctx, project.id), limits, helpers, purses)

    def explain(self, row: Any) -> WaitingRun:
        """A run that waits, from its row, and why."""
        run = runs.info(row)
        reason, note, until = self._held_back(run, row) or self._unhelped(run, row)
        return WaitingRun(run=run, reason=reason, note=note, until=until)

    def _held_back(self, run: RunInfo, row: Any) -> Found | None:
        """What about the run or its project keeps it from starting."""
        if run.instance_id is not None:
            return (
                WaitReason.OFFERED,
                "An agent has been offered it and has yet to answer.",
                row["lease_until"],
            )
        if row["blocked"]:
            blockers = row["blockers"]
            named = ", ".join(f"«{title}»" for title in blockers[:3]) + (" …" if len(blockers) > 3 else "")
            return WaitReason.BLOCKED, f"Its task waits for {named or 'others'}."[:500], None
        if row["behind"]:
            return WaitReason.BEHIND, "An earlier run for the same task goes on.", None
        if run.not_before is not None and run.not_before > self._now:
            why = (
                "It pauses after an attempt that failed."
                if run.error is not None
                else "Its time has not come."
            )
            return WaitReason.NOT_BEFORE, why, run.not_before
        if self._project.state not in STARTS:
            return WaitReason.PAUSED, f"The project is {self._project.state}.", None
        if self.queue.paused:
            return WaitReason.PAUSED, "The project's queue is paused.", None
        limit = self.queue.concurrency
        if limit is not None and self.running >= limit:
            return WaitReason.PROJECT_LIMIT, f"{limit} runs of the project go on, as many as may.", None
        return None

    def _unhelped(self, run: RunInfo, row: Any) -> Found:
        """What about the agents keeps it from starting: the one that comes nearest says why."""
        able = [
            helper
            for helper in self._helpers
            if helper.capability == run.capability
            and run.wanted_agent_id in {None, helper.agent_id}
            and helper.task_id in {None, run.task_id}
            and helper.agent_id not in row["refused"]
        ]
        steps: list[tuple[WaitReason, str, Any]] = [
            (
                WaitReason.NO_AGENT,
                f"No agent of the project has {run.capability!r}, or takes this run.",
                True,
            ),
            (WaitReason.OFFLINE, "{names} is not connected, or draining.", lambda each: each.connected),
            (WaitReason.UNRESPONSIVE, "{names} lets offers pass.", lambda each: each.answers),
            (WaitReason.AT_CAPACITY, "{names} has as many runs as it takes.", lambda each: each.has_room),
            (WaitReason.RATE, "{names} starts no more runs this minute.", lambda each: each.in_rate),
            (WaitReason.BUDGET, "A budget of the project or of {names} is used up.", self._affords(row, run)),
        ]
        for reason, note, test in steps:
            left = able if test is True else [helper for helper in able if test(helper)]
            if not left:
                names = " / ".join(sorted({helper.name for helper in able})[:3]) or "Nobody"
                until = self._now + timedelta(minutes=1) if reason is WaitReason.RATE else None
                return reason, note.format(names=names)[:500], until
            able = left
        return WaitReason.NEXT, "It is about to be offered.", None

    def _affords(self, row: Any, run: RunInfo) -> Any:
        needed = row["estimate"] if run.budget is None else run.budget - run.costs.money
        return lambda helper: all(
            purse.free >= max(1, needed)
            for purse in self._purses
            if purse.project_id == run.project_id or purse.agent_id == helper.agent_id
        )
