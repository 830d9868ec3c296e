"""Orders: what becomes a run, whoever gives it, and what happens to a second one for a task."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace

from handlers import endings, schemas
from handlers.dispatch import Context
from persistence import allocation, attempts, runs
from persistence.allocation import Declaration
from persistence.ids import new_id
from persistence.runs import StoredRun
from protocol.agents import SecondRun
from protocol.errors import ApiError, ErrorCode, invalid, limit_exceeded
from protocol.fields import MAX_LIVE_RUNS
from protocol.runs import AttemptOutcome, Costs, HandedOver, RunCause, RunCreated, RunInfo, RunState
from protocol.tasks import OPEN, Priority, Task

FROM_TASK = ("title", "description", "priority", "labels", "due")
"""What a run's input is filled in with from its task, where the schema has such a property."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is to be, before it is known who can do it."""

    project_id: str
    capability: str | None
    agent_id: str | None
    input: dict[str, Any]
    requested_by: str
    id: str | None = None
    task: Task | None = None
    trigger_id: str | None = None
    parent: StoredRun | None = None
    call_key: str | None = None
    previous_id: str | None = None
    handed: HandedOver | None = None
    priority: Priority | None = None
    not_before: Any = None
    deadline: Any = None
    attempts: int | None = None
    budget: int | None = None
    review: bool = False

    @property
    def task_id(self) -> str | None:
        """Of the task, if it is for one."""
        return None if self.task is None else self.task.id


async def submit(
    ctx: Context,
    project_id: str,
    *,
    capability: str,
    agent_id: str | None,
    input: dict[str, Any],  # noqa: A002 -- the protocol's word
    requested_by: str,
    trigger_id: str | None = None,
) -> RunInfo:
    """A new run that no task has; the project's room is locked. ApiError if nobody there could do it."""
    order = Order(
        project_id=project_id,
        capability=capability,
        agent_id=agent_id,
        input=input,
        requested_by=requested_by,
        trigger_id=trigger_id,
    )
    return await place(ctx, order)


async def place(ctx: Context, order: Order) -> RunInfo:
    """A new run; the project's room is locked. ApiError if nobody there could do it."""
    schemas.bounded_json(order.input, "input")
    declared = await _declared(ctx, order)
    if order.task is not None and (taken := await _second(ctx, order, order.task, declared)) is not None:
        return taken
    live = await ctx.shared.once(("live", order.project_id), partial(_live, ctx, order.project_id))
    if live.total() >= MAX_LIVE_RUNS:
        raise limit_exceeded("runs that have not ended", MAX_LIVE_RUNS)
    live["made"] += 1
    run = _new(ctx, order, declared)
    filled = _filled(declared.capability.input, order.input, order.task)
    runs.insert(ctx.tx, run, msgspec.json.encode(filled), order.handed)
    ctx.record(RunCreated(run=run.info), room=order.project_id, entity=run.info.id)
    return run.info


async def _live(ctx: Context, project_id: str) -> Counter[str]:
    """How many runs of a project go on: those that there were, and those that the transaction makes."""
    return Counter(before=await runs.count_live(ctx.tx, project_id))


async def engage(ctx: Context, task: Task, before: Sequence[str]) -> None:
    """Let agents begin that a task was assigned to, and stop those that no longer have it.

    An agent begins whose capability is satisfied by what the task itself says; another one waits to be told
    more, with `run.create`.
    """
    gone = [member for member in before if member not in task.assignees]
    if gone:
        for run in await runs.live_of_tasks(ctx.tx, [task.id]):
            if run.info.wanted_agent_id in gone:
                await endings.stop(ctx, run, "The task was given to others.")
    added = [member for member in task.assignees if member not in before]
    if not added or task.status not in OPEN:
        return
    engaged = {run.info.wanted_agent_id for run in await runs.live_of_tasks(ctx.tx, [task.id])}
    for declared in await allocation.declarations(ctx.tx, task.project_id, task.id):
        agent_id = declared.agent_id
        if agent_id not in added or agent_id in engaged or not _satisfied(declared, {}, task):
            continue
        engaged.add(agent_id)
        order = Order(
            project_id=task.project_id,
            capability=declared.capability.name,
            agent_id=agent_id,
            input={},
            requested_by=ctx.actor.id,
            task=task,
        )
        try:
            await place(ctx, order)
        except ApiError as error:
            # A capability that takes no second run for a task is no reason not to assign it.
            if error.code is not ErrorCode.CONFLICT:
                raise


async def _declared(ctx: Context, order: Order) -> Declaration:
    """The first declaration, of the agents that may do it, that the input satisfies."""
    found = await ctx.shared.once(
        ("declarations", order.project_id, order.task_id, order.capability, order.agent_id),
        lambda: allocation.declarations(
            ctx.tx, order.project_id, order.task_id, capability=order.capability, agent_id=order.agent_id
        ),
    )
    if not found:
        raise await _nobody(ctx, order)
    refusal: ApiError | None = None
    for declared in found:
        try:
            filled = _filled(declared.capability.input, order.input, order.task)
            schemas.validate(declared.capability.input, filled, "input")
        except ApiError as error:
            refusal = refusal or error
            # Others have their turn before the next is tried: each may take some tenths of a second.
            await asyncio.sleep(0)
        else:
            return declared
    assert refusal is not None
    raise refusal


async def _nobody(ctx: Context, order: Order) -> ApiError:
    others = await allocation.declarations(ctx.tx, order.project_id, order.task_id, agent_id=order.agent_id)
    if order.agent_id is not None and not others:
        return invalid(
            "agent_id: this is no agent that may work in the project and can do anything.", "agent_id"
        )
    names = sorted({each.capability.name for each in others})
    known = f"there are {', '.join(names[:20])}" if names else "its agents have none"
    return invalid(f"capability: no agent of the project has {order.capability!r}; {known}.", "capability")


def _satisfied(declared: Declaration, given: dict[str, Any], task: Task | None) -> bool:
    try:
        schemas.validate(declared.capability.input, _filled(declared.capability.input, given, task), "input")
    except ApiError:
        return False
    return True


def _filled(schema: dict[str, Any], given: dict[str, Any], task: Task | None) -> dict[str, Any]:
    """The input, with what it lacks of its task's fields where the schema has such a property."""
    if task is None:
        return given
    properties = schema.get("properties")
    wanted = properties if isinstance(properties, dict) else {}
    own = {
        name: msgspec.to_builtins(getattr(task, name))
        for name in FROM_TASK
        if name in wanted and name not in given
    }
    return {name: value for name, value in own.items() if value is not None} | given


async def _second(ctx: Context, order: Order, task: Task, declared: Declaration) -> RunInfo | None:
    """What happens to a second run for a task; the one that begins anew, where one does."""
    live = await runs.live_of_tasks(ctx.tx, [task.id])
    if not live:
        return None
    first = live[0]
    second = await _policy(ctx, first)
    if second is SecondRun.REJECT:
        raise ApiError(
            ErrorCode.CONFLICT, "A run for this task goes on; stop it or wait for it.", current=first.info
        )
    if second is SecondRun.INTERRUPT:
        await endings.stop(ctx, first, "Another instruction takes its place.")
    same = (
        first.info.capability == declared.capability.name
        and order.agent_id in {None, first.info.agent_id}
        and not first.info.canceling
    )
    if second is SecondRun.RESTART and same:
        return await _restart(ctx, first, _filled(declared.capability.input, order.input, task))
    return None


async def _policy(ctx: Context, run: StoredRun) -> SecondRun:
    agent_id = run.info.agent_id or run.info.wanted_agent_id
    found = await allocation.declarations(
        ctx.tx, run.info.project_id, run.info.task_id, capability=run.info.capability, agent_id=agent_id
    )
    return found[0].capability.second if found else SecondRun.ENQUEUE


async def _restart(ctx: Context, run: StoredRun, given: dict[str, Any]) -> RunInfo:
    """End a run's attempt at once and begin anew with another input."""
    await endings.withdraw_questions(ctx, run.info)
    await endings.stop_calls(ctx, run, "The run that called for it begins anew.")
    anew = endings.changed(
        ctx, run, state=RunState.SUBMITTED, instance_id=None, waiting_for=None, stale=False, progress=None
    )
    anew = replace(anew, lease_until=None, spared=run.spared + 1)
    attempts.end(ctx.tx, anew, AttemptOutcome.RESTARTED, None, ctx.now)
    endings.tell(ctx, anew, RunCause.RESTARTED, f"{ctx.actor.name} gave it another instruction.")
    runs.begin_anew(ctx.tx, run.info.id, msgspec.json.encode(given))
    return anew.info


def _new(ctx: Context, order: Order, declared: Declaration) -> StoredRun:
    capability, task, parent = declared.capability, order.task, order.parent
    run_id = order.id or new_id()
    priority = order.priority or (
        task.priority if task else parent.info.priority if parent else Priority.NONE
    )
    info = RunInfo(
        id=run_id,
        version=1,
        project_id=order.project_id,
        task_id=order.task_id,
        title=task.title if task else capability.name,
        capability=capability.name,
        wanted_agent_id=order.agent_id,
        agent_id=None,
        instance_id=None,
        requested_by=order.requested_by,
        parent_id=parent.info.id if parent else None,
        previous_id=order.previous_id,
        trigger_id=order.trigger_id,
        depth=parent.info.depth + 1 if parent else 0,
        state=RunState.SUBMITTED,
        waiting_for=None,
        canceling=False,
        stale=False,
        attempt=0,
        attempts=order.attempts or capability.attempts,
        priority=priority,
        not_before=order.not_before,
        deadline=order.deadline,
        review=order.review,
        budget=order.budget,
        costs=Costs(),
        progress=None,
        note="",
        error=None,
        summary="",
        created_at=ctx.now,
        started_at=None,
        progress_at=None,
        ended_at=None,
        updated_at=ctx.now,
    )
    return StoredRun(
        info=info,
        root_id=parent.root_id if parent else run_id,
        call_key=order.call_key,
        estimate=capability.estimate,
        blocked=task.blocked if task else False,
        stale_after=capability.stale_after,
    )
