"""Calls: an agent's run that has another agent do something, and claims: an agent that helps itself."""

from datetime import datetime

from msgspec.structs import replace

from handlers import access, endings, money, orders, reports
from handlers.dispatch import Context, handles
from handlers.queue import STARTS
from persistence import allocation, budgets, offers
from persistence import runs as rows
from persistence.allocation import Candidate, Pick, Slot
from persistence.budgets import Reservation
from persistence.runs import StoredRun
from protocol.errors import ApiError, ErrorCode, invalid, limit_exceeded, not_found
from protocol.fields import MAX_CALL_DEPTH, MAX_CALLS, MAX_SAME_CALLS
from protocol.roles import RoomRole
from protocol.runs import RunCall, RunCause, RunClaim, RunInfo, RunOffer, RunState
from protocol.tasks import OPEN


@handles(RunCall, RoomRole.EDITOR)
async def call(ctx: Context, command: RunCall) -> RunInfo:
    """Have another agent do something; asked again with the same key, it is the same run."""
    caller = await reports.attempt(ctx, command)
    child = await rows.called(ctx.tx, caller.info.id, command.key)
    if child is None:
        await _check_depth(ctx, caller, command.capability)
        order = orders.Order(
            project_id=command.project_id,
            capability=command.capability,
            agent_id=command.agent_id,
            input=command.input,
            requested_by=ctx.actor.id,
            parent=caller,
            call_key=command.key,
            deadline=_earlier(command.deadline, caller.info.deadline),
            budget=command.budget,
        )
        child = await orders.place(ctx, order)
    if command.wait and child.ended_at is None and caller.info.waiting_for != child.id:
        waiting = endings.changed(ctx, caller, waiting_for=child.id)
        endings.save(ctx, waiting, RunCause.WAITING, f"It waits for «{child.title}».")
    else:
        rows.save(ctx.tx, caller)
    return child


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((each for each in (one, other) if each is not None), default=None)


async def _check_depth(ctx: Context, caller: StoredRun, capability: str) -> None:
    if caller.info.depth + 1 > MAX_CALL_DEPTH:
        raise limit_exceeded("calls under calls", MAX_CALL_DEPTH)
    if (await rows.chain(ctx.tx, caller.info.id)).count(capability) >= MAX_SAME_CALLS:
        raise ApiError(
            ErrorCode.LIMIT_EXCEEDED,
            f"{capability!r} stands {MAX_SAME_CALLS} times above this call already: agents call each other "
            "in a circle.",
            limit=MAX_SAME_CALLS,
            what="times that a capability stands above itself",
        )
    if await rows.count_tree(ctx.tx, caller.root_id) > MAX_CALLS:
        raise limit_exceeded("calls under one run", MAX_CALLS)


@handles(RunClaim, RoomRole.EDITOR)
async def claim(ctx: Context, command: RunClaim) -> RunOffer:
    """Take a task or a waiting run and begin."""
    if (command.task_id is None) == (command.run_id is None):
        raise invalid("task_id: name a task or a run.", "task_id")
    project = await access.open_project(ctx, command.project_id, about=command.task_id)
    if project.state not in STARTS:
        raise ApiError(ErrorCode.CONFLICT, f"The project is {project.state}; no run starts in it.")
    slot = await _own_process(ctx, command.instance_id)
    run = await (_of_task if command.run_id is None else _of_run)(ctx, command)
    # Nobody gives runs away meanwhile, so what is free stays so until commit.
    await allocation.turn(ctx.tx)
    await _check_free(ctx, run, slot)
    candidate = Candidate(
        id=run.info.id,
        project_id=run.info.project_id,
        task_id=run.info.task_id,
        capability=run.info.capability,
        wanted_agent_id=run.info.wanted_agent_id,
        urgency=0,
        created_at=run.info.created_at,
        attempt=run.info.attempt,
        estimate=run.estimate,
        budget=run.info.budget,
        spent=run.info.costs.money,
        refused=[],
    )
    await _reserve(ctx, candidate)
    await allocation.offer(ctx.tx, ctx.now, [Pick(candidate, slot)])
    taken = await rows.lock(ctx.tx, run.info.id)
    assert taken is not None
    await reports.begin(ctx, replace(taken, lease_until=reports.lease(ctx)))
    (offer,) = await offers.of_runs(ctx.tx, [run.info.id])
    return offer


async def _own_process(ctx: Context, instance_id: str) -> Slot:
    process = await allocation.process(ctx.tx, instance_id)
    if process is None or process.agent_id != ctx.actor.id:
        raise not_found("process of this agent; send agent.connect first")
    return process


async def _of_task(ctx: Context, command: RunClaim) -> StoredRun:
    task = await access.task(ctx, command.task_id or "")
    if task.project_id != command.project_id:
        raise not_found("task")
    if task.status not in OPEN or task.blocked:
        state = "waits for others" if task.blocked else f"is {task.status}"
        raise ApiError(ErrorCode.CONFLICT, f"The task {state}; take another.", current=task)
    if task.assignees and ctx.actor.id not in task.assignees:
        raise ApiError(ErrorCode.CONFLICT, "The task is assigned to others.", current=task)
    live = await rows.live_of_tasks(ctx.tx, [task.id])
    if live:
        if live[0].info.state is RunState.SUBMITTED and live[0].info.instance_id is None:
            return await _of_run(ctx, replace(command, task_id=None, run_id=live[0].info.id))
        raise ApiError(ErrorCode.CONFLICT, "Somebody works on the task.", current=live[0].info)
    own = await allocation.declarations(
        ctx.tx, command.project_id, task.id, capability=command.capability, agent_id=ctx.actor.id
    )
    if not own:
        raise invalid("capability: this agent has no such capability in the project.", "capability")
    order = orders.Order(
        project_id=command.project_id,
        capability=own[0].capability.name,
        # Handed back, it is for whoever has the capability, unless the task is this agent's.
        agent_id=ctx.actor.id if task.assignees else None,
        input={},
        requested_by=ctx.actor.id,
        task=task,
    )
    made = await orders.place(ctx, order)
    run = await rows.lock(ctx.tx, made.id)
    assert run is not None
    return run


async def _of_run(ctx: Context, command: RunClaim) -> StoredRun:
    run = await rows.lock(ctx.tx, command.run_id or "")
    if run is None or run.info.project_id != command.project_id:
        raise not_found("run")
    if run.info.state is not RunState.SUBMITTED or run.info.instance_id is not None or run.blocked:
        raise ApiError(ErrorCode.CONFLICT, "The run is not to be had now.", current=run.info)
    if run.info.wanted_agent_id not in {None, ctx.actor.id}:
        raise ApiError(ErrorCode.CONFLICT, "The run is meant for another agent.", current=run.info)
    if run.info.not_before is not None and run.info.not_before > ctx.now:
        raise ApiError(ErrorCode.CONFLICT, "The run's time has not come.", current=run.info)
    earlier = [] if run.info.task_id is None else await rows.live_of_tasks(ctx.tx, [run.info.task_id])
    if earlier and earlier[0].info.id != run.info.id:
        raise ApiError(
            ErrorCode.CONFLICT, "An earlier run for the same task goes on.", current=earlier[0].info
        )
    return run


async def _check_free(ctx: Context, run: StoredRun, slot: Slot) -> None:
    skills = await allocation.skills(ctx.tx, [slot.agent_id])
    if not any(skill.capability == run.info.capability for skill in skills):
        raise ApiError(
            ErrorCode.CONFLICT,
            f"The agent has as many runs of {run.info.capability!r} as it takes, or does not have it.",
            current=run.info,
        )
    limits = await allocation.limits(ctx.tx, [run.info.project_id])
    if not limits:
        raise ApiError(ErrorCode.CONFLICT, "The project's queue is paused.", current=run.info)
    if limits[0].concurrency is not None and limits[0].running >= limits[0].concurrency:
        raise ApiError(
            ErrorCode.CONFLICT, "The project has as many runs going on as it may.", current=run.info
        )


async def _reserve(ctx: Context, run: Candidate) -> None:
    purses = await budgets.bearing(ctx.tx, ctx.now, [run.project_id], [ctx.actor.id])
    for purse in purses:
        if purse.free < max(1, run.reserve):
            raise ApiError(
                ErrorCode.BUDGET_EXHAUSTED,
                f"{money.named(purse)[:1].upper()}{money.named(purse)[1:]} is used up.",
                budget=money.named(purse),
            )
    if purses:
        await budgets.reserve(ctx.tx, [Reservation(run.id, purse, run.reserve) for purse in purses])
