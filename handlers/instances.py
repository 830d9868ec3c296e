"""Processes of agents: they come, give signs and go.

Signs come often and from everybody: they lock no room and record nothing. So does coming back, unless
something changed that lasts. Runs are locked before their processes, as everywhere, so that nobody waits in a
circle.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from handlers import leases
from handlers.agents import check_capabilities, save
from handlers.dispatch import Context, handles
from persistence import agents, instances, workspace
from persistence.agents import Listed
from protocol.agents import (
    AgentBeat,
    AgentConnect,
    AgentConnected,
    AgentDrain,
    AgentHeartbeat,
    Capability,
)
from protocol.errors import ApiError, ErrorCode, limit_exceeded, not_found
from protocol.fields import HEARTBEAT_SECONDS, LEASE_SECONDS, MAX_INSTANCES
from protocol.roles import WorkspaceRole


@handles(AgentConnect, WorkspaceRole.GUEST)
async def connect_agent(ctx: Context, command: AgentConnect) -> AgentConnected:
    """Know a process, and keep the leases that it names. The edge adds by which connection it came."""
    known = await _oneself(ctx)
    await _declare(ctx, known, command.software, command.capabilities)
    beat = await leases.renew(ctx, known.agent.id, command.instance_id, command.runs)
    await instances.forget_gone(ctx.tx, known.agent.id)
    made = await instances.connect(
        ctx.tx,
        command.instance_id,
        known.agent.id,
        host=command.host,
        software=command.software,
        capacity=command.capacity,
        most=MAX_INSTANCES,
        now=ctx.now,
    )
    if not made:
        raise await _refused(ctx, command.instance_id)
    process = await instances.get(ctx.tx, command.instance_id)
    assert process is not None
    return AgentConnected(
        instance=replace(process.shown(), connected=True),
        runs=beat.runs,
        lost=beat.lost,
        heartbeat_seconds=HEARTBEAT_SECONDS,
        lease_seconds=LEASE_SECONDS,
    )


@handles(AgentHeartbeat, WorkspaceRole.GUEST)
async def take_heartbeat(ctx: Context, command: AgentHeartbeat) -> AgentBeat:
    """Take a sign of a process and tell it what it may have missed."""
    beat = await leases.renew(ctx, ctx.actor.id, command.instance_id, command.runs)
    known = await instances.beat(
        ctx.tx, command.instance_id, ctx.actor.id, blocked=command.blocked, now=ctx.now
    )
    if not known:
        raise _unknown()
    return beat


@handles(AgentDrain, WorkspaceRole.GUEST)
async def drain_agent(ctx: Context, command: AgentDrain) -> None:
    """Give a process no more runs; one that leaves hands back what it has and is forgotten."""
    if command.leave:
        process = await instances.get(ctx.tx, command.instance_id)
        if process is None or process.agent_id != ctx.actor.id:
            raise _unknown()
        await leases.hand_back(ctx, command.instance_id)
        await instances.forget(ctx.tx, command.instance_id)
    elif not await instances.drain(ctx.tx, command.instance_id, ctx.actor.id):
        raise _unknown()


async def _oneself(ctx: Context) -> Listed:
    found = await agents.listed(ctx.tx, agent_id=ctx.actor.id)
    if not found:
        raise ApiError(
            ErrorCode.FORBIDDEN, "Only agents send this, with their own token: see agent.register."
        )
    return found[0]


async def _declare(ctx: Context, known: Listed, software: str, declared: Sequence[Capability] | None) -> None:
    """Write down what the process says of the agent, and tell of it if that is news."""
    if not known.seen:
        await agents.note_seen(ctx.tx, known.agent.id)
    if not await _news(ctx, known.agent.id, known.agent.software, software, declared):
        return
    if declared is not None:
        await check_capabilities(declared)
    here = (await workspace.current(ctx.tx)).id
    await ctx.lock(here)
    agent = await agents.lock(ctx.tx, known.agent.id)
    assert agent is not None
    # Another process of it may have said so meanwhile.
    if await _news(ctx, agent.id, agent.software, software, declared):
        if declared is not None:
            await agents.set_capabilities(ctx.tx, agent.id, declared)
        await save(ctx, here, replace(agent, software=software or agent.software))


async def _news(
    ctx: Context, agent_id: str, before: str, software: str, declared: Sequence[Capability] | None
) -> bool:
    if software not in {"", before}:
        return True
    return declared is not None and list(declared) != await agents.capabilities(ctx.tx, agent_id)


async def _refused(ctx: Context, instance_id: str) -> ApiError:
    if await instances.get(ctx.tx, instance_id) is not None:
        return ApiError(
            ErrorCode.CONFLICT, "This instance_id is another agent's; each process chooses its own."
        )
    return limit_exceeded("processes of an agent at a time", MAX_INSTANCES)


def _unknown() -> ApiError:
    return not_found("process of this agent; send agent.connect first")
