"""Runs, as those who give work to agents see them: making, reading, stopping and repeating them."""

from handlers import access, endings, file_access, orders
from handlers.dispatch import Context, handles
from persistence import artifacts, attempts, file_versions, log, pages, questions, runs, tasks
from persistence.runs import StoredRun
from protocol.errors import ApiError, ErrorCode, invalid, not_found
from protocol.fields import Page
from protocol.roles import RoomRole
from protocol.rooms import LoggedEvent, RoomKind
from protocol.runs import (
    ENDED,
    ArtifactContent,
    RunArtifactGet,
    RunCancel,
    RunCreate,
    RunDetails,
    RunGet,
    RunHistory,
    RunInfo,
    RunList,
    RunRetry,
    RunState,
)
from protocol.tasks import OPEN

PROJECT = frozenset({RoomKind.PROJECT})


def _project(command: RunCreate) -> str:
    return command.project_id


@handles(RunCreate, RoomRole.EDITOR, group=_project)
async def create_run(ctx: Context, command: RunCreate) -> RunInfo:
    """Give work to an agent."""
    if command.agent_id is None and command.capability is None:
        raise invalid("capability: name a capability or an agent, or both.", "capability")
    task = None
    if command.task_id is None:
        await access.open_project(ctx, command.project_id)
    else:
        task = await access.task(ctx, command.task_id)
        if task.project_id != command.project_id:
            raise not_found("task")
        if task.status not in OPEN:
            raise ApiError(ErrorCode.CONFLICT, f"The task is {task.status}; reopen it first.", current=task)
    order = orders.Order(
        project_id=command.project_id,
        capability=command.capability,
        agent_id=command.agent_id,
        input=command.input,
        requested_by=ctx.actor.id,
        id=command.id,
        task=task,
        priority=command.priority,
        not_before=command.not_before,
        deadline=command.deadline,
        attempts=command.attempts,
        budget=command.budget,
        review=command.review,
    )
    return await orders.place(ctx, order)


@handles(RunGet, RoomRole.VIEWER)
async def get_run(ctx: Context, command: RunGet) -> RunDetails:
    """One run with all but its log."""
    run = await seen(ctx, command.run_id)
    given, result = await runs.content(ctx.tx, run.id)
    return RunDetails(
        id=run.id,
        run=run,
        input=given,
        result=result,
        attempts=await attempts.of_run(ctx.tx, run.id),
        questions=await questions.of_run(ctx.tx, run.id),
        artifacts=await artifacts.of_run(ctx.tx, run.id),
        calls=await runs.calls(ctx.tx, run.id),
        files=await file_versions.of_run(ctx.tx, run.id, await file_access.viewer(ctx, run.project_id)),
    )


@handles(RunList, RoomRole.VIEWER)
async def list_runs(ctx: Context, command: RunList) -> Page[RunInfo]:
    """A page of a project's runs."""
    await access.project(ctx, command.project_id)
    return await runs.page(ctx.tx, command)


@handles(RunHistory, RoomRole.VIEWER)
async def show_run_history(ctx: Context, command: RunHistory) -> Page[LoggedEvent]:
    """What the log holds about a run, oldest first."""
    run = await seen(ctx, command.run_id)
    start = pages.read_cursor(command.cursor, int)
    events = await log.since(ctx.tx, run.project_id, run.id, start[0] if start else 0, command.limit + 1)
    return pages.page(events, command.limit, lambda event: (event.seq, event.room))


@handles(RunArtifactGet, RoomRole.VIEWER)
async def get_artifact(ctx: Context, command: RunArtifactGet) -> ArtifactContent:
    """What is in an artifact."""
    found = await artifacts.get(ctx.tx, command.artifact_id)
    if found is None:
        raise not_found("artifact")
    try:
        await seen(ctx, found[0].run_id)
    except ApiError as error:
        raise not_found("artifact") if error.code is ErrorCode.NOT_FOUND else error from None
    return ArtifactContent(artifact=found[0], text=found[1])


@handles(RunCancel, RoomRole.EDITOR)
async def cancel_run(ctx: Context, command: RunCancel) -> RunInfo:
    """Stop a run."""
    run = await held(ctx, command.run_id)
    if run.info.state in ENDED:
        raise ApiError(
            ErrorCode.ILLEGAL_TRANSITION,
            f"The run has {run.info.state} already.",
            allowed=[],
            current=run.info,
        )
    return await endings.stop(ctx, run, command.reason or f"{ctx.actor.name} stopped it.")


@handles(RunRetry, RoomRole.EDITOR)
async def retry_run(ctx: Context, command: RunRetry) -> RunInfo:
    """Run again what came to nothing."""
    run = await held(ctx, command.run_id)
    if run.info.state not in ENDED or run.info.state is RunState.COMPLETED:
        raise ApiError(
            ErrorCode.ILLEGAL_TRANSITION,
            f"The run is {run.info.state}; only what failed, was canceled or rejected is run again.",
            allowed=[],
            current=run.info,
        )
    if (taken := await runs.retried_by(ctx.tx, run.info.id)) is not None:
        raise ApiError(ErrorCode.CONFLICT, "The run was run again already.", retried_by=taken)
    await access.open_project(ctx, run.info.project_id)
    given, _ = await runs.content(ctx.tx, run.info.id)
    task = None
    if run.info.task_id is not None:
        task = await tasks.get(ctx.tx, run.info.task_id)
        if task is None or task.status not in OPEN:
            raise ApiError(ErrorCode.CONFLICT, "The run's task is gone or has ended; reopen it first.")
    order = orders.Order(
        project_id=run.info.project_id,
        capability=run.info.capability,
        agent_id=run.info.wanted_agent_id,
        input=given if command.input is None else command.input,
        requested_by=ctx.actor.id,
        task=task,
        handed=await runs.handed(ctx.tx, run.info.id),
        priority=run.info.priority,
        attempts=run.info.attempts,
        budget=run.info.budget,
        review=run.info.review,
    )
    again = await orders.place(ctx, order)
    runs.set_retried(ctx.tx, run.info.id, again.id)
    return again


async def seen(ctx: Context, run_id: str) -> RunInfo:
    """A run of a project that one may look at."""
    found = await runs.get(ctx.tx, run_id)
    if found is None:
        raise not_found("run")
    await _enter(ctx, found.project_id)
    return found


async def held(ctx: Context, run_id: str) -> StoredRun:
    """A run that one may change, locked until commit with its project."""
    project_id = await runs.project_of(ctx.tx, run_id)
    if project_id is None:
        raise not_found("run")
    await _enter(ctx, project_id)
    found = await runs.lock(ctx.tx, run_id)
    if found is None:
        raise not_found("run")
    return found


async def _enter(ctx: Context, project_id: str) -> None:
    await access.room(ctx, project_id, kinds=PROJECT, noun="run")
