"""What is due without anybody's command: lost leases, deadlines, runs that show no progress, old questions.

Every node looks; what one has settled the next finds settled.
"""

from handlers import endings
from handlers.dispatch import Context
from persistence import allocation
from persistence.runs import StoredRun
from protocol.runs import AttemptOutcome, ErrorClass, RunCause, RunError, RunState

MOST = 200
"""Things that are settled between two looks."""


async def settle(ctx: Context, project_id: str, run_ids: list[str]) -> None:
    """Do what is due at runs of a project."""
    await ctx.lock(project_id)
    async for run in endings.going_on(ctx, run_ids):
        await _settle(ctx, run)


async def _settle(ctx: Context, run: StoredRun) -> None:
    info = run.info
    if info.canceling:
        if _over(ctx, run):
            error = RunError(cause=ErrorClass.CANCELED, message="It was stopped, and gave no last report.")
            await endings.conclude(ctx, run, RunState.CANCELED, error=error, note=error.message)
    elif info.deadline is not None and info.deadline <= ctx.now:
        error = RunError(cause=ErrorClass.DEADLINE_EXCEEDED, message="Its deadline has passed.")
        await endings.conclude(ctx, run, RunState.FAILED, error=error, note=error.message)
    elif run.lease_until is not None and run.lease_until <= ctx.now:
        await _lose(ctx, run)
    elif not info.stale and info.state is RunState.WORKING and info.waiting_for is None:
        await _check_progress(ctx, run)


def _over(ctx: Context, run: StoredRun) -> bool:
    return any(each is not None and each <= ctx.now for each in (run.final_by, run.lease_until))


async def _lose(ctx: Context, run: StoredRun) -> None:
    """The process that has the run has given no sign for too long."""
    if run.waits:
        await endings.park(ctx, run, "Its process has gone; it goes on when it has its answer.")
        return
    if run.info.state is RunState.SUBMITTED:
        assert run.info.instance_id is not None
        await allocation.missed(ctx.tx, run.info.instance_id, ctx.now)
        error = RunError(cause=ErrorClass.UNRESPONSIVE, message="The agent gave no first sign.")
    else:
        error = RunError(cause=ErrorClass.LOST, message="The agent's process gave no more signs.")
    await endings.requeue(ctx, run, AttemptOutcome.FAILED, error=error, note=error.message)


async def _check_progress(ctx: Context, run: StoredRun) -> None:
    last = run.info.progress_at or run.info.started_at
    if last is not None and (ctx.now - last).total_seconds() >= run.stale_after:
        stale = endings.changed(ctx, run, stale=True)
        note = f"It has shown no progress for {run.stale_after // 60 or 1} min."
        endings.save(ctx, stale, RunCause.STALE, note)
