"""How runs end, and attempts at them: the one way, with all that follows from it.

The project's room is locked throughout, so no two decide about one run. What has ended stays ended.
"""

import random
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from handlers import notifications
from handlers.dispatch import Context
from persistence import attempts, questions, runs
from persistence.runs import StoredRun
from protocol.fields import FINAL_SECONDS
from protocol.inbox import NotificationKind
from protocol.questions import Question, QuestionClosed, QuestionState
from protocol.runs import (
    AttemptOutcome,
    EndedRun,
    ErrorClass,
    RunCause,
    RunEnded,
    RunError,
    RunInfo,
    RunState,
    RunUpdated,
)

ASKING = frozenset({RunState.INPUT_REQUIRED, RunState.AUTH_REQUIRED})
"""The states of runs that have open questions."""
AT_ONCE = frozenset({ErrorClass.LOST, ErrorClass.UNRESPONSIVE})
LATER = {ErrorClass.TRANSIENT: 2.0, ErrorClass.CRASHED: 2.0, ErrorClass.RATE_LIMITED: 30.0}
"""Seconds before the second attempt, by why the first one failed; doubled for each further one."""
LONGEST_PAUSE = 3_600.0
UNHURRIED = 3
"""How often a run is handed back before there is a pause each time, of up to a minute."""
AHEAD = 500
"""Runs that are locked in one statement where many are dealt with."""
NOTE = 500

OUTCOMES = {
    RunState.COMPLETED: AttemptOutcome.COMPLETED,
    RunState.FAILED: AttemptOutcome.FAILED,
    RunState.CANCELED: AttemptOutcome.CANCELED,
    RunState.REJECTED: AttemptOutcome.REJECTED,
}


async def conclude(
    ctx: Context,
    run: StoredRun,
    state: RunState,
    *,
    note: str = "",
    error: RunError | None = None,
    result: Any = None,
    summary: str = "",
) -> RunInfo:
    """End a run for good: its questions, its reservations and the runs that it called for end with it."""
    ended = changed(
        ctx,
        run,
        state=state,
        waiting_for=None,
        canceling=False,
        stale=False,
        instance_id=None,
        error=error or run.info.error,
        summary=summary,
        ended_at=ctx.now,
    )
    ended = replace(ended, lease_until=None, final_by=None)
    left = None if result is None else msgspec.json.encode(result)
    attempts.end(ctx.tx, ended, OUTCOMES[state], error, ctx.now, left)
    await withdraw_questions(ctx, run.info)
    shown = EndedRun(**msgspec.structs.asdict(ended.info))
    told = RunEnded(run_id=shown.id, run=shown, note=note[:NOTE])
    ctx.record(told, room=shown.project_id, entity=shown.id)
    await stop_calls(ctx, run, "The run that called for it has ended.")
    await _wake_caller(ctx, ended.info)
    if state is RunState.FAILED and run.info.parent_id is None:
        await _tell_failed(ctx, ended.info)
    return ended.info


async def requeue(
    ctx: Context,
    run: StoredRun,
    outcome: AttemptOutcome,
    *,
    error: RunError | None = None,
    note: str = "",
    counts: bool = True,
) -> RunInfo:
    """End an attempt and have another one, unless this was the last; then the run has failed.

    One that does not count was handed back, and is tried again whatever the limit.
    """
    spared = run.spared + (not counts)
    made = run.info.attempt - spared
    if counts and (made >= run.info.attempts or (error is not None and not _again(error.cause))):
        return await conclude(ctx, run, RunState.FAILED, error=error, note=note)
    await withdraw_questions(ctx, run.info)
    not_before = run.info.not_before
    if spared > UNHURRIED and not counts:
        not_before = ctx.now + timedelta(seconds=min(60.0, 2.0 ** (spared - UNHURRIED)))
    if error is not None and error.cause in LATER:
        not_before = ctx.now + timedelta(seconds=_pause(error.cause, made))
    queued = changed(
        ctx,
        run,
        state=RunState.SUBMITTED,
        instance_id=None,
        waiting_for=None,
        stale=False,
        not_before=not_before,
        error=error or run.info.error,
    )
    queued = replace(queued, lease_until=None, spared=spared)
    attempts.end(ctx.tx, queued, outcome, error, ctx.now)
    tell(ctx, queued, RunCause.REQUEUED, note)
    return queued.info


async def park(ctx: Context, run: StoredRun, note: str) -> None:
    """Let a run that waits go on waiting without a process; what it waits for has it offered anew."""
    parked = replace(changed(ctx, run, instance_id=None), lease_until=None, spared=run.spared + 1)
    attempts.end(ctx.tx, parked, AttemptOutcome.RELEASED, None, ctx.now)
    tell(ctx, parked, RunCause.WAITING, note)


async def stop(ctx: Context, run: StoredRun, reason: str) -> RunInfo:
    """Stop a run: at once, or where a process is at work on it with time for one last report."""
    if run.info.instance_id is None or run.info.state is RunState.SUBMITTED:
        error = RunError(cause=ErrorClass.CANCELED, message=reason or "Somebody stopped it.")
        return await conclude(ctx, run, RunState.CANCELED, note=reason, error=error)
    if run.info.canceling:
        return run.info
    stopping = replace(changed(ctx, run, canceling=True), final_by=ctx.now + timedelta(seconds=FINAL_SECONDS))
    save(ctx, stopping, RunCause.CANCELING, reason)
    await withdraw_questions(ctx, run.info)
    await stop_calls(ctx, run, reason)
    return stopping.info


async def stop_calls(ctx: Context, run: StoredRun, reason: str) -> None:
    """Stop what a run has called for."""
    if run.calling:
        for called in await runs.live_calls(ctx.tx, run.info.id):
            await stop(ctx, called, reason)


async def stop_for_tasks(ctx: Context, task_ids: list[str], reason: str) -> None:
    """Stop whatever is done for tasks."""
    for run in await runs.live_of_tasks(ctx.tx, task_ids):
        await stop(ctx, run, reason)


async def going_on(ctx: Context, run_ids: Sequence[str]) -> AsyncIterator[StoredRun]:
    """Those of these runs that have not ended, each locked and as it is when its turn has come.

    What was done about those before may have stopped, ended or woken it.
    """
    for number, run_id in enumerate(run_ids):
        run = await runs.lock(ctx.tx, run_id, run_ids[number : number + AHEAD])
        if run is not None and run.info.ended_at is None:
            yield run


async def withdraw(ctx: Context, project_id: str, agent_id: str) -> None:
    """Take an agent's runs of a project from it, whose access has ended."""
    await ctx.lock(project_id)
    reason = "The agent has no access to the project any more."
    async for run in going_on(ctx, await runs.live_of_agent(ctx.tx, project_id, agent_id)):
        if run.info.canceling or run.info.wanted_agent_id == agent_id:
            error = RunError(cause=ErrorClass.CANCELED, message=reason)
            await conclude(ctx, run, RunState.CANCELED, note=reason, error=error)
        elif run.waits:
            await park(ctx, run, reason)
        else:
            await requeue(ctx, run, AttemptOutcome.RELEASED, note=reason, counts=False)


async def withdraw_questions(ctx: Context, run: RunInfo) -> None:
    """Close what a run has asked and nobody has answered."""
    if run.state not in ASKING and not run.canceling:
        return
    for question in await questions.open_of(ctx.tx, run.id):
        close_question(ctx, question, QuestionState.WITHDRAWN)


def close_question(ctx: Context, question: Question, state: QuestionState, **fields: Any) -> Question:
    """Settle a question."""
    closed = replace(question, state=state, **fields)
    questions.save(ctx.tx, closed)
    told = QuestionClosed(question_id=closed.id, question=closed)
    ctx.record(told, room=closed.project_id, entity=closed.run_id)
    return closed


async def resume(ctx: Context, run: StoredRun, note: str, *, answered: bool) -> None:
    """Let a run go on: with its process, or to be offered anew where that has gone.

    Its questions are `answered`, or the run that it called for has ended. It may wait for both, and then goes
    on waiting for the other.
    """
    asking = run.info.state in ASKING and not answered
    waiting_for = run.info.waiting_for if answered else None
    waits = asking or waiting_for is not None
    state = RunState.SUBMITTED if run.info.instance_id is None and not waits else RunState.WORKING
    going = changed(
        ctx,
        run,
        state=run.info.state if asking else state,
        waiting_for=waiting_for,
        progress_at=run.info.progress_at if waits else ctx.now,
    )
    save(ctx, going, RunCause.WAITING if waits else RunCause.RESUMED, note)


def save(ctx: Context, run: StoredRun, cause: RunCause, note: str = "") -> None:
    """Write a run that goes on and tell of it."""
    runs.save(ctx.tx, run)
    tell(ctx, run, cause, note)


def tell(ctx: Context, run: StoredRun, cause: RunCause, note: str = "") -> None:
    """Tell of a run that goes on, as it was written."""
    told = RunUpdated(run=run.info, cause=cause, note=note[:NOTE])
    ctx.record(told, room=run.info.project_id, entity=run.info.id)


def changed(ctx: Context, run: StoredRun, **fields: Any) -> StoredRun:
    """A run with other fields, and as a new version of it."""
    info = replace(run.info, version=run.info.version + 1, updated_at=ctx.now, **fields)
    return replace(run, info=info)


def _again(cause: ErrorClass) -> bool:
    return cause in AT_ONCE or cause in LATER


def _pause(cause: ErrorClass, made: int) -> float:
    """Doubled each time, up to an hour, and anywhere from half of that on, so that not all come at once."""
    pause = min(LONGEST_PAUSE, LATER[cause] * 2.0 ** max(0, made - 1))
    return float(pause * random.uniform(0.5, 1.0))  # noqa: S311 -- jitter


async def _wake_caller(ctx: Context, run: RunInfo) -> None:
    """Let the run go on that called for this one and waits for it."""
    if run.parent_id is None:
        return
    caller = await runs.lock(ctx.tx, run.parent_id)
    if caller is not None and caller.info.ended_at is None and caller.info.waiting_for == run.id:
        await resume(ctx, caller, f"«{run.title}» has {run.state}.", answered=False)


async def _tell_failed(ctx: Context, run: RunInfo) -> None:
    cause = run.error.message if run.error else ""
    await notifications.notify(
        ctx,
        [run.requested_by],
        NotificationKind.RUN_FAILED,
        run.project_id,
        task_id=run.task_id,
        run_id=run.id,
        excerpt=f"{run.title}: {cause}",
        actor_id=run.agent_id or run.requested_by,
    )
