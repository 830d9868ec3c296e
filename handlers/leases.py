"""Leases: which process has which run, and what a process may have missed.

A lease lasts from sign to sign. Heartbeats come often and from everybody, so they lock no room and record
nothing.
"""

from collections.abc import Sequence

from handlers import endings, reports
from handlers.dispatch import Context
from persistence import attempts, offers
from protocol.agents import AgentBeat, HeldRun

MOST = 64
"""Runs that one reply brings; a process with more learns of the others with its next sign."""


async def renew(ctx: Context, agent_id: str, instance_id: str, held: Sequence[HeldRun]) -> AgentBeat:
    """Keep the leases on the runs that a process names, and tell it what it may have missed."""
    kept = await attempts.renew(
        ctx.tx, agent_id, instance_id, [(each.run_id, each.fence) for each in held], reports.lease(ctx)
    )
    named = {each.run_id for each in held}
    theirs = {each.id: each for each in kept}
    return AgentBeat(
        lost=[each.run_id for each in held if each.run_id not in theirs],
        canceling=[each.id for each in kept if each.canceling and each.id in named],
        answered=[each.id for each in kept if each.answered and each.id in named],
        runs=await offers.of_runs(ctx.tx, [each.id for each in kept if each.id not in named][:MOST]),
    )


async def hand_back(ctx: Context, instance_id: str) -> None:
    """Take all runs from a process that goes."""
    for project_id, run_ids in (await attempts.held_by(ctx.tx, instance_id)).items():
        await ctx.lock(project_id)
        async for run in endings.going_on(ctx, run_ids):
            if run.info.instance_id == instance_id:
                await reports.let_go(ctx, run, "Its process has gone.")
