"""Firing: what happens when a trigger's time has come, its event has happened or its webhook is called.

Invariants: each firing makes one run or says at the trigger why it made none, and is never repeated: its
claim, its run and the place up to which its trigger has got are one transaction. The room of the project is
locked before its triggers are read, so nodes that come at once fire one after the other, and none waits for
another in a circle.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from handlers import orders, templates
from handlers.dispatch import Context
from handlers.schedules import Schedule
from handlers.triggers import manages
from persistence import triggers
from persistence.triggers import Armed
from protocol.errors import ApiError
from protocol.rest import Fired
from protocol.rooms import LoggedEvent
from protocol.triggers import CatchUp, Trigger, TriggerUpdated

MAX_EVENTS = 500
"""Events of a project that are looked at in one go."""
MAX_RUNS = 100
"""Runs that are made in one go, and times that are caught up on."""
PER_MINUTE = 60
"""How often events may fire one trigger in a minute."""
MAX_FAILED = 20
"""Firings in a row without a run after which a trigger is stopped."""
PUNCTUAL = timedelta(minutes=1)
"""By how much a time may have passed that is no matter of catching up."""
MAX_ERROR = 500

FIRINGS: Counter[tuple[str, ...]] = Counter()
"""Firings on this node since it started, by the trigger's kind and what came of them: `run`, `refused` where
none could be made, `repeated` for what had fired before, `skipped` for events that came too fast."""


async def due(ctx: Context, project_id: str) -> int:
    """Fire the schedules of a project that are due; for how many times they did.

    What is beyond 100 at once is left for the next call.
    """
    await ctx.lock(project_id)
    fired = 0
    for armed in await triggers.due(ctx.tx, project_id, ctx.now):
        fired += await _keep_time(ctx, armed)
        if fired >= MAX_RUNS:
            break
    return fired


async def events(ctx: Context, project_id: str) -> int:
    """Fire the event triggers of a project for what has happened since they last looked.

    Says at how many events they have looked now, 500 at most; there may be more unless it is 0.
    """
    await ctx.lock(project_id)
    head = ctx.shared.heads.get(project_id, 0)
    watching = await triggers.watching(ctx.tx, project_id, head)
    if not watching:
        return 0
    types = {armed.trigger.filter.type for armed in watching if armed.trigger.filter is not None}
    found = await triggers.happened(ctx.tx, project_id, watching[0].seq, types, MAX_EVENTS)
    # What the log no longer has cannot be waited for.
    end = found[-1].seq if len(found) == MAX_EVENTS else head
    seqs: dict[str, int] = {}
    room = MAX_RUNS
    for armed in watching:
        wanted = [event for event in found if event.seq > armed.seq and matches(armed.trigger, event)]
        chosen = wanted[:room]
        room -= len(chosen)
        if chosen:
            await _watch(ctx, armed, chosen)
        seqs[armed.trigger.id] = max(end, armed.seq) if chosen == wanted else _last(chosen, armed)
    await triggers.seen(ctx.tx, seqs)
    return len(found)


async def deliver(ctx: Context, trigger_id: str, key: str, body: dict[str, Any]) -> Fired | None:
    """Fire a webhook for a request that was found genuine; None if the trigger does not fire (any more).

    `key` is the request's own; it is carried out once.
    """
    project_id = await triggers.project_of(ctx.tx, trigger_id)
    if project_id is None:
        return None
    await ctx.lock(project_id)
    before = await triggers.webhook(ctx.tx, trigger_id)
    if before is None:
        return None
    armed = await _answerable(ctx, before)
    if armed.trigger.enabled:
        armed = await _fire(ctx, armed, key, body)
        repeated = armed is before
        run_id = await triggers.run_of(ctx.tx, trigger_id, key)
        fired = Fired(run_id=run_id, repeated=repeated, error="" if repeated else armed.trigger.error)
    else:
        fired = None
    await _settle(ctx, before, armed)
    return fired


def matches(trigger: Trigger, event: LoggedEvent) -> bool:
    """Whether an event is one that a trigger waits for."""
    wanted = trigger.filter
    return (
        wanted is not None
        and event.type == wanted.type
        and all(_meets(templates.at(event.data, path), value) for path, value in wanted.where.items())
    )


def _meets(found: Any, wanted: Any) -> bool:
    values = found if isinstance(found, list) else [found]
    options = wanted if isinstance(wanted, list) else [wanted]
    return _equal(found, wanted) or any(_equal(value, option) for value in values for option in options)


def _equal(found: Any, wanted: Any) -> bool:
    # In JSON, true is not 1.
    return isinstance(found, bool) == isinstance(wanted, bool) and bool(found == wanted)


def _last(chosen: Sequence[LoggedEvent], armed: Armed) -> int:
    return chosen[-1].seq if chosen else armed.seq


async def _keep_time(ctx: Context, before: Armed) -> int:
    """Fire a schedule for what is due of it; how many times that were."""
    armed = await _answerable(ctx, before)
    try:
        times, next_at = _times(before.trigger, ctx.now)
    except ApiError as error:
        # Time zones come and go.
        armed, times, next_at = _stopped(armed, error.message), [], None
    for time in times:
        if armed.trigger.enabled:
            armed = await _fire(ctx, armed, time.isoformat(), {})
    if armed.trigger.enabled:
        armed = replace(armed, trigger=replace(armed.trigger, next_at=next_at))
    await _settle(ctx, before, armed)
    return len(times)


def _times(trigger: Trigger, now: datetime) -> tuple[list[datetime], datetime | None]:
    """The times for which a schedule fires now, and its next."""
    assert trigger.cron is not None
    assert trigger.next_at is not None
    schedule = Schedule(trigger.cron, trigger.zone)
    times = schedule.between(trigger.next_at, now, MAX_RUNS if trigger.catch_up is CatchUp.ALL else 1)
    if trigger.catch_up is CatchUp.SKIP:
        times = [time for time in times if now - time <= PUNCTUAL]
    return times, schedule.after(now)


async def _watch(ctx: Context, before: Armed, wanted: Sequence[LoggedEvent]) -> None:
    """Fire a trigger for events that it waits for, as far as it may fire so often."""
    armed = await _answerable(ctx, before)
    fired = await triggers.recent(ctx.tx, armed.trigger.id, ctx.now - timedelta(minutes=1))
    free = max(0, PER_MINUTE - fired)
    for event in wanted[:free]:
        if armed.trigger.enabled:
            armed = await _fire(ctx, armed, str(event.seq), event.data)
    skipped = len(wanted[free:])
    if skipped and armed.trigger.enabled:
        FIRINGS[armed.trigger.kind, "skipped"] += skipped
        error = f"{skipped} events were skipped: events may fire a trigger {PER_MINUTE} times a minute."
        armed = replace(armed, trigger=replace(armed.trigger, error=error))
    await _settle(ctx, before, armed)


async def _answerable(ctx: Context, armed: Armed) -> Armed:
    """The trigger, stopped if nobody answers for its runs any more."""
    if await manages(ctx, armed.trigger.project_id, armed.trigger.created_by):
        return armed
    return _stopped(armed, "Whoever answers for it is no manager now; a manager who lets it go on will.")


async def _fire(ctx: Context, armed: Armed, key: str, values: dict[str, Any]) -> Armed:
    """The trigger after it has fired for `key`, or the same if it had before."""
    trigger = armed.trigger
    if not await triggers.claim(ctx.tx, trigger.id, key, ctx.now):
        FIRINGS[trigger.kind, "repeated"] += 1
        return armed
    error = await _run(ctx, trigger, key, values)
    FIRINGS[trigger.kind, "refused" if error else "run"] += 1
    fired = replace(trigger, fired_at=ctx.now, fired=trigger.fired + 1, error=error[:MAX_ERROR])
    after = replace(armed, trigger=fired, failed=armed.failed + 1 if error else 0)
    if after.failed >= MAX_FAILED:
        return _stopped(
            after, f"Stopped after {MAX_FAILED} firings in a row without a run. The last: {error}"
        )
    return after


async def _run(ctx: Context, trigger: Trigger, key: str, values: dict[str, Any]) -> str:
    """Make the run of a firing; why there is none, or nothing."""
    try:
        run = await orders.submit(
            ctx,
            trigger.project_id,
            capability=trigger.capability,
            agent_id=trigger.agent_id,
            input=templates.fill(trigger.input, values),
            requested_by=trigger.created_by,
            trigger_id=trigger.id,
        )
    except ApiError as refusal:
        return refusal.message
    triggers.link(ctx.tx, trigger.id, key, run.id)
    return ""


def _stopped(armed: Armed, error: str) -> Armed:
    return replace(
        armed, trigger=replace(armed.trigger, enabled=False, next_at=None, error=error[:MAX_ERROR])
    )


async def _settle(ctx: Context, before: Armed, after: Armed) -> None:
    """Keep what firing has changed of a trigger, and tell of it."""
    if after != before:
        saved = await triggers.save(ctx.tx, after, ctx.now)
        ctx.record(TriggerUpdated(trigger=saved), room=saved.project_id)
