"""What agents say about their runs, from the first sign to the last report.

Each report is checked against the attempt that holds the lease: what comes from another one is refused with
`fenced` and changes nothing, whoever sends it and however late.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from handlers import access, changes, endings, money, orders, runs, schemas
from handlers.changes import Edit
from handlers.dispatch import Context, handles
from persistence import artifacts, attempts, tasks
from persistence import runs as rows
from persistence.ids import new_id
from persistence.runs import StoredRun
from protocol.errors import ApiError, ErrorCode, invalid, limit_exceeded, not_found
from protocol.fields import (
    LEASE_SECONDS,
    MAX_ARTIFACTS,
    MAX_DETAIL_BYTES,
    MAX_JSON_BYTES,
    MAX_LOG_LINES,
    MAX_OUTPUT,
)
from protocol.roles import RoomRole
from protocol.runs import (
    Artifact,
    AttemptOutcome,
    ErrorClass,
    HandedOver,
    Report,
    RunAccept,
    RunAlive,
    RunAttach,
    RunAttached,
    RunCause,
    RunComplete,
    RunError,
    RunFail,
    RunHandOff,
    RunInfo,
    RunLog,
    RunLogged,
    RunOutput,
    RunOutputted,
    RunProgress,
    RunProgressed,
    RunProgressReported,
    RunReject,
    RunRelease,
    RunStanding,
    RunState,
)
from protocol.tasks import TaskStatus

NOT_BEGUN = frozenset({TaskStatus.BACKLOG, TaskStatus.TODO})


def _project(command: Report[Any]) -> str:
    return command.project_id


async def attempt(
    ctx: Context, command: Report[Any], *, last: bool = False, offered: bool = False
) -> StoredRun:
    """The run that a report is about, locked until commit, if its attempt is the actor's and goes on.

    `last` reports are accepted of a run that is being canceled too; `offered`: of one that was not accepted.
    ApiError `not_found` for others' runs, `fenced` for an attempt that is over.
    """
    await access.room(ctx, command.project_id, kinds=runs.PROJECT, noun="run", about=access.OWN_RUN)
    run = await rows.lock(ctx.tx, command.run_id, _reported(ctx, command.project_id))
    if run is None or run.info.project_id != command.project_id:
        raise not_found("run")
    info = run.info
    mine = info.agent_id == ctx.actor.id
    if not mine and not await attempts.made(ctx.tx, info.id, command.fence, ctx.actor.id):
        raise not_found("run")
    if not mine or info.instance_id is None or info.attempt != command.fence:
        state = f"has {info.state}" if info.ended_at is not None else f"is at attempt {info.attempt}"
        raise ApiError(
            ErrorCode.FENCED,
            f"This attempt is over: the run {state}. Stop working on it.",
            fence=info.attempt,
        )
    if info.canceling and not last:
        raise ApiError(
            ErrorCode.RUN_CANCELED, "The run was stopped; report once more, with run.complete or run.fail."
        )
    if info.state is RunState.SUBMITTED and not offered:
        raise ApiError(
            ErrorCode.ILLEGAL_TRANSITION, "Accept the run first, with run.accept.", allowed=["run.accept"]
        )
    return replace(run, lease_until=lease(ctx))


def _reported(ctx: Context, project_id: str) -> list[str]:
    """The runs of a project that the transaction's commands report on; each is named once."""
    mine, others = [], []
    for command in ctx.shared.commands:
        if isinstance(command, Report) and command.project_id == project_id:
            mine.append(command.run_id)
        else:
            others.append(command)
    ctx.shared.commands = others
    return mine


def lease(ctx: Context) -> datetime:
    """Until when a process has a run from now on without another sign."""
    return ctx.now + timedelta(seconds=LEASE_SECONDS)


def standing(run: StoredRun) -> RunStanding:
    """How an attempt stands."""
    return RunStanding(state=run.info.state, canceling=run.info.canceling, costs=run.info.costs)


async def begin(ctx: Context, run: StoredRun) -> StoredRun:
    """Let an offered attempt be at work; the run's task is then in progress."""
    working = endings.changed(
        ctx,
        run,
        state=RunState.WORKING,
        started_at=run.info.started_at or ctx.now,
        progress=None,
        note="",
        progress_at=ctx.now,
    )
    attempts.start(ctx.tx, working, ctx.now)
    endings.tell(ctx, working, RunCause.STARTED)
    if run.info.task_id is not None and run.info.parent_id is None:
        task = await tasks.get(ctx.tx, run.info.task_id)
        if task is not None and task.status in NOT_BEGUN:
            begun = replace(task, status=TaskStatus.IN_PROGRESS)
            await changes.apply(ctx, task.project_id, [Edit(task, begun)])
    return working


@handles(RunAccept, RoomRole.EDITOR, group=_project)
async def accept_run(ctx: Context, command: RunAccept) -> RunStanding:
    """Take an offered run and begin."""
    run = await attempt(ctx, command, offered=True)
    if run.info.state is not RunState.SUBMITTED:
        return standing(run)
    return standing(await begin(ctx, run))


@handles(RunReject, RoomRole.EDITOR)
async def reject_run(ctx: Context, command: RunReject) -> RunStanding:
    """Don't take an offered run: another agent gets it, if another may."""
    run = await attempt(ctx, command, offered=True)
    if run.info.state is not RunState.SUBMITTED:
        raise ApiError(
            ErrorCode.ILLEGAL_TRANSITION, "The run is accepted; use run.release or run.fail.", allowed=[]
        )
    if run.info.wanted_agent_id == ctx.actor.id:
        error = RunError(cause=ErrorClass.FATAL, message=command.reason or "The agent does not take it.")
        await endings.conclude(ctx, run, RunState.REJECTED, note=command.reason, error=error)
        return RunStanding(state=RunState.REJECTED, canceling=False, costs=run.info.costs)
    note = f"{ctx.actor.name} does not take it: {command.reason}"
    info = await endings.requeue(ctx, run, AttemptOutcome.REJECTED, note=note, counts=False)
    return RunStanding(state=info.state, canceling=False, costs=info.costs)


@handles(RunRelease, RoomRole.EDITOR)
async def release_run(ctx: Context, command: RunRelease) -> RunStanding:
    """Hand a run back, for another process to do."""
    run = await attempt(ctx, command, last=True, offered=True)
    info = await let_go(ctx, run, command.reason or "Its process handed it back.")
    return RunStanding(state=info.state, canceling=False, costs=info.costs)


async def let_go(ctx: Context, run: StoredRun, note: str) -> RunInfo:
    """Take a run from a process that goes, without holding that against it."""
    if run.info.canceling:
        error = RunError(cause=ErrorClass.CANCELED, message=note)
        return await endings.conclude(ctx, run, RunState.CANCELED, note=note, error=error)
    if run.waits:
        await endings.park(ctx, run, note)
        return run.info
    return await endings.requeue(ctx, run, AttemptOutcome.RELEASED, note=note, counts=False)


@handles(RunProgress, RoomRole.EDITOR, group=_project)
async def report_progress(ctx: Context, command: RunProgress) -> RunStanding:
    """How far a run is, and what it used up."""
    run = _counted(await attempt(ctx, command))
    costs = await money.charge(ctx, run, command.costs)
    told = endings.changed(
        ctx,
        run,
        progress=run.info.progress if command.progress is None else command.progress,
        note=run.info.note if command.note is None else command.note,
        costs=costs,
        stale=False,
        progress_at=ctx.now,
    )
    rows.save(ctx.tx, told)
    fields = {field: getattr(told.info, field) for field in RunProgressed.__struct_fields__}
    event = RunProgressReported(run=RunProgressed(**fields))
    ctx.record(event, room=command.project_id, entity=run.info.id)
    return standing(told)


@handles(RunOutput, RoomRole.EDITOR, group=_project)
async def add_output(ctx: Context, command: RunOutput) -> RunStanding:
    """More of a run's output, kept up to the limit, of which watchers are told once."""
    run = await attempt(ctx, command)
    if command.offset != run.output_end:
        raise ApiError(ErrorCode.CONFLICT, f"The output goes on at {run.output_end}.", current=run.output_end)
    room = MAX_OUTPUT - run.output_end
    if room <= 0:
        raise limit_exceeded("characters of output; attach what is larger", MAX_OUTPUT)
    kept = command.text[:room]
    info = replace(run.info, stale=False, progress_at=ctx.now)
    event = RunOutputted(
        run_id=info.id,
        run=RunAlive(id=info.id, stale=info.stale, progress_at=info.progress_at),
        fence=command.fence,
        offset=command.offset,
        text=kept,
        truncated=len(command.text) >= room,
    )
    ctx.record(event, room=command.project_id, entity=info.id)
    written = replace(run, info=info, output_end=run.output_end + len(kept))
    rows.save(ctx.tx, written)
    return standing(written)


@handles(RunLog, RoomRole.EDITOR, group=_project)
async def log_line(ctx: Context, command: RunLog) -> RunStanding:
    """A line in a run's log."""
    run = _counted(await attempt(ctx, command))
    if command.data is not None:
        schemas.bounded_json(command.data, "data", MAX_DETAIL_BYTES)
    event = RunLogged(
        run_id=run.info.id,
        fence=command.fence,
        level=command.level,
        message=command.message,
        data=command.data,
    )
    ctx.record(event, room=command.project_id, entity=run.info.id)
    rows.save(ctx.tx, run)
    return standing(run)


@handles(RunAttach, RoomRole.EDITOR)
async def attach(ctx: Context, command: RunAttach) -> Artifact:
    """Something that a run made."""
    run = await attempt(ctx, command)
    size = len(command.text.encode())
    if size > MAX_JSON_BYTES:
        raise invalid(f"text: has {size:,} bytes; an artifact has at most {MAX_JSON_BYTES:,}.", "text")
    if len(await artifacts.of_run(ctx.tx, run.info.id)) >= MAX_ARTIFACTS:
        raise limit_exceeded("artifacts of a run", MAX_ARTIFACTS)
    artifact = Artifact(
        id=new_id(),
        run_id=run.info.id,
        name=command.name,
        media_type=command.media_type,
        bytes=size,
        created_at=ctx.now,
    )
    artifacts.add(ctx.tx, artifact, command.text)
    rows.save(ctx.tx, run)
    ctx.record(RunAttached(artifact=artifact), room=command.project_id, entity=run.info.id)
    return artifact


@handles(RunComplete, RoomRole.EDITOR, group=_project)
async def complete_run(ctx: Context, command: RunComplete) -> RunInfo:
    """The run is done, and so is its task, unless that is to be reviewed or more is done for it."""
    run = await attempt(ctx, command, last=True)
    schemas.bounded_json(command.result, "result")
    costs = await money.charge(ctx, run, command.costs)
    run = replace(run, info=replace(run.info, costs=costs))
    if run.info.canceling:
        error = RunError(cause=ErrorClass.CANCELED, message="It was stopped.")
        return await endings.conclude(ctx, run, RunState.CANCELED, error=error, result=command.result)
    if run.output is not None and run.output != "{}":
        schemas.validate(msgspec.json.decode(run.output), command.result, "result")
    done = await endings.conclude(
        ctx, run, RunState.COMPLETED, result=command.result, summary=command.summary
    )
    await _finish_task(ctx, done)
    return done


@handles(RunFail, RoomRole.EDITOR)
async def fail_run(ctx: Context, command: RunFail) -> RunInfo:
    """The attempt came to nothing; the run has another, or has failed."""
    run = await attempt(ctx, command, last=True, offered=True)
    costs = await money.charge(ctx, run, command.costs)
    run = replace(run, info=replace(run.info, costs=costs))
    error = RunError(cause=command.cause, message=command.message)
    if run.info.canceling:
        return await endings.conclude(ctx, run, RunState.CANCELED, error=error)
    return await endings.requeue(ctx, run, AttemptOutcome.FAILED, error=error, note=command.message)


@handles(RunHandOff, RoomRole.EDITOR)
async def hand_off(ctx: Context, command: RunHandOff) -> RunInfo:
    """End a run as completed and have another agent go on with its task."""
    run = await attempt(ctx, command)
    schemas.bounded_json(command.result, "result")
    task = None if run.info.task_id is None else await tasks.get(ctx.tx, run.info.task_id)
    await endings.conclude(
        ctx, run, RunState.COMPLETED, result=command.result, note=f"Handed over to {command.capability}."
    )
    handed = HandedOver(run_id=run.info.id, agent_id=ctx.actor.id, note=command.note, result=command.result)
    order = orders.Order(
        project_id=command.project_id,
        capability=command.capability,
        agent_id=command.agent_id,
        input=command.input,
        requested_by=run.info.requested_by,
        task=task,
        previous_id=run.info.id,
        handed=handed,
        priority=run.info.priority,
        deadline=run.info.deadline,
        review=run.info.review,
    )
    return await orders.place(ctx, order)


def _counted(run: StoredRun) -> StoredRun:
    if run.reports >= MAX_LOG_LINES:
        raise limit_exceeded("log lines and progress reports of a run", MAX_LOG_LINES)
    return replace(run, reports=run.reports + 1)


async def _finish_task(ctx: Context, run: RunInfo) -> None:
    """Move a completed run's task on, unless people have, or another run for it waits."""
    if run.task_id is None or run.parent_id is not None:
        return
    task = await tasks.get(ctx.tx, run.task_id)
    if task is None or task.status not in NOT_BEGUN | {TaskStatus.IN_PROGRESS}:
        return
    if await rows.live_of_tasks(ctx.tx, [task.id]):
        return
    status = TaskStatus.IN_REVIEW if run.review else TaskStatus.DONE
    await changes.apply(ctx, task.project_id, [Edit(task, replace(task, status=status))])
