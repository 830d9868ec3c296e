"""What became of a run that an assistant wants to report on and no longer can, in words for it."""

from contextlib import suppress
from typing import TYPE_CHECKING

from ymera_client.errors import Fenced, NotFound, RunCanceled, YmeraError
from ymera_client.generated import RunGet, RunHistory, RunInfo, RunRelease, RunState

if TYPE_CHECKING:
    from ymera_client.mcp.desk import Desk
    from ymera_client.mcp.holdings import Holding

MAX_EVENTS = 2_000
"""Events of a run that are looked through for who stopped it and why."""
ADVICE = "Stop working on it now and undo nothing unless asked; it is handed back, and no report is accepted."


async def of(desk: "Desk", run_id: str) -> YmeraError:
    """Why a run that is not held cannot be reported on."""
    try:
        run = (await desk.request(RunGet(run_id=run_id))).run
    except NotFound as error:
        return error
    if run.canceling or run.state is RunState.CANCELED:
        return await _stop(desk, run)
    return Fenced(f"Run {run_id} («{run.title}») is not yours: {_state(run)}")


async def stopped(desk: "Desk", held: "Holding") -> RunCanceled:
    """Let go of a run that somebody has stopped, and say so."""
    told = await _stop(desk, held.offer.run)
    with suppress(Fenced):
        await desk.request(RunRelease(**held.about, reason="Its assistant was told that it is stopped."))
    desk.holdings.drop(held.id)
    return told


async def _stop(desk: "Desk", run: RunInfo) -> RunCanceled:
    said = [f"Run {run.id} («{run.title}») was stopped.", await _why(desk, run), ADVICE]
    return RunCanceled(" ".join(filter(None, said)))


def _state(run: RunInfo) -> str:
    match run.state:
        case RunState.SUBMITTED:
            return (
                f'its lease was lost and it waits to be taken: claim_task(run_id="{run.id}") goes on with it.'
            )
        case RunState.INPUT_REQUIRED | RunState.AUTH_REQUIRED if run.instance_id is None:
            return "it waits for an answer; once that has come, claim_task with this run_id goes on with it."
        case RunState.COMPLETED | RunState.FAILED | RunState.REJECTED:
            return f"it has {run.state}" + (f": {run.error.message}" if run.error else ".")
        case _:
            return "another process works on it."


async def _why(desk: "Desk", run: RunInfo) -> str:
    """The reason that was given for stopping it."""
    history = desk.pages(RunHistory(run_id=run.id, limit=200), MAX_EVENTS)
    async for event in history:
        if event.type == "run.updated" and event.data.get("cause") == "canceling":
            return str(event.data.get("note", ""))
    return run.error.message if run.error else ""
