"""Agents: who answers for them, what they can do, how they are and how they have done.

Invariants: an agent is a member, and each has a person who answers for it; its token is its alone. What it is
doing is reckoned when somebody asks, and stands in no row.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from msgspec import UNSET
from msgspec.structs import replace

from handlers import access, accounts, schemas
from handlers import members as membership
from handlers.dispatch import Context, handles
from persistence import agents, faults, insights, instances, members, tokens, workspace
from persistence.agents import Listed
from persistence.instances import Process, Work
from protocol.agents import (
    AgentCreated,
    AgentDetails,
    AgentGet,
    AgentInfo,
    AgentInsight,
    AgentInsightGet,
    AgentList,
    AgentRegister,
    AgentRegistered,
    AgentRetire,
    AgentRotateToken,
    Agents,
    AgentState,
    AgentStatus,
    AgentToken,
    AgentUpdate,
    AgentUpdated,
    AgentView,
    Capability,
)
from protocol.errors import ApiError, ErrorCode, invalid, limit_exceeded, not_found, stale
from protocol.fields import MAX_AGENTS
from protocol.members import Member, MemberKind
from protocol.registry import Scope
from protocol.roles import WorkspaceRole

TOKEN_DAYS = 36_500
"""An agent's token is good until it is rotated or the agent retires."""


@handles(AgentRegister, WorkspaceRole.MEMBER)
async def register_agent(ctx: Context, command: AgentRegister) -> AgentCreated:
    """Make an agent, a member with access to nothing, and its token."""
    owner_id = command.owner_id or ctx.actor.id
    if owner_id != ctx.actor.id and ctx.actor.role < WorkspaceRole.ADMIN:
        raise ApiError(ErrorCode.FORBIDDEN, "Only admins register agents of others.")
    await check_capabilities(command.capabilities)
    here = (await workspace.current(ctx.tx)).id
    await ctx.lock(here)
    await _check_owner(ctx, owner_id)
    if await agents.count(ctx.tx) >= MAX_AGENTS:
        raise limit_exceeded("agents", MAX_AGENTS)
    member, pending = await accounts.create(
        ctx.tx, here, name=command.name, role=WorkspaceRole.GUEST, now=ctx.now, kind=MemberKind.AGENT
    )
    for room, event, entity in pending:
        ctx.record(event, room=room, entity=entity)
    await agents.insert(
        ctx.tx,
        member.id,
        owner_id=owner_id,
        description=command.description,
        picture=command.picture,
        now=ctx.now,
    )
    await agents.set_capabilities(ctx.tx, member.id, command.capabilities)
    agent = await _there(ctx, member.id)
    ctx.record(AgentRegistered(agent=agent), room=here, entity=agent.id)
    return AgentCreated(agent=agent, member=member, token=await _issue(ctx, agent.id))


@handles(AgentUpdate, WorkspaceRole.GUEST)
async def update_agent(ctx: Context, command: AgentUpdate) -> AgentInfo:
    """Rename or describe an agent, or have another person answer for it."""
    here, member, agent = await _hold(ctx, command.agent_id)
    if agent.version != command.version:
        raise stale("agent", agent)
    if command.owner_id is not UNSET and command.owner_id != agent.owner_id:
        await _check_owner(ctx, command.owner_id)
    given = {name: getattr(command, name) for name in ("description", "picture", "owner_id")}
    wanted = replace(agent, **{name: value for name, value in given.items() if value is not UNSET})
    name = member.name if command.name is UNSET else command.name
    if wanted == agent and name == member.name:
        return agent
    await membership.rename(ctx, here, member, name)
    return await save(ctx, here, wanted)


@handles(AgentRotateToken, WorkspaceRole.GUEST)
async def rotate_agent_token(ctx: Context, command: AgentRotateToken) -> AgentToken:
    """Give an agent another token; whatever uses the one before is shut out at once."""
    *_, agent = await _hold(ctx, command.agent_id)
    await membership.end_tokens(ctx, agent.id)
    return AgentToken(token=await _issue(ctx, agent.id))


@handles(AgentRetire, WorkspaceRole.GUEST)
async def retire_agent(ctx: Context, command: AgentRetire) -> AgentInfo:
    """End an agent for good, as removing it from the workspace does."""
    agent = await _answerable(ctx, command.agent_id)
    if not agent.retired:
        await membership.shut_out(ctx, *await membership.hold(ctx, agent.id))
    return await _there(ctx, agent.id)


@handles(AgentGet, WorkspaceRole.GUEST)
async def get_agent(ctx: Context, command: AgentGet) -> AgentDetails:
    """All about an agent that one may know of."""
    (view,) = await _views(ctx, [await _known(ctx, command.agent_id)])
    return AgentDetails(
        id=view.id,
        agent=view.agent,
        member=view.member,
        status=view.status,
        capabilities=await agents.capabilities(ctx.tx, view.id),
        grants=await agents.grants(ctx.tx, view.id, _viewer(ctx)),
        # They may speak of other projects.
        faults=[] if ctx.actor.role is WorkspaceRole.GUEST else await faults.of_agent(ctx.tx, view.id),
    )


@handles(AgentList, WorkspaceRole.GUEST)
async def list_agents(ctx: Context, command: AgentList) -> Agents:
    """The agents that one may know of, by name."""
    if command.project_id is not None:
        await access.project(ctx, command.project_id)
    found = await agents.listed(
        ctx.tx,
        sharing_with=_sharing_with(ctx),
        project_id=command.project_id,
        capability=command.capability,
        retired=command.retired,
    )
    return Agents(items=await _views(ctx, found))


@handles(AgentInsightGet, WorkspaceRole.GUEST)
async def show_insight(ctx: Context, command: AgentInsightGet) -> AgentInsight:
    """How an agent has done in the projects that one is in; the first of the days is whole."""
    agent = (await _known(ctx, command.agent_id)).agent
    first = ctx.now.astimezone(UTC).date() - timedelta(days=command.days - 1)
    since = datetime.combine(first, time(), UTC)
    return AgentInsight(
        days=await insights.days(ctx.tx, agent.id, _viewer(ctx), since),
        collaborations=await insights.collaborations(ctx.tx, agent.id, _viewer(ctx), since),
    )


async def check_capabilities(declared: Sequence[Capability]) -> None:
    """ApiError `invalid` unless names are distinct and schemas can be used; an input must be an object."""
    names: set[str] = set()
    for index, capability in enumerate(declared):
        path = f"capabilities[{index}]"
        if capability.name in names:
            raise invalid(f"{path}.name: there are two capabilities {capability.name!r}.", f"{path}.name")
        names.add(capability.name)
        for side in ("input", "output"):
            schemas.check(getattr(capability, side), f"{path}.{side}")
            # Others have their turn before the next is compiled.
            await asyncio.sleep(0)
        if capability.input.get("type") != "object":
            raise invalid(
                f'{path}.input: must be a schema of an object: {{"type": "object", …}}.', f"{path}.input"
            )


async def save(ctx: Context, workspace_id: str, agent: AgentInfo) -> AgentInfo:
    """Write an agent as a new version of it, and tell everybody."""
    saved = await agents.save(ctx.tx, agent, ctx.now)
    ctx.record(AgentUpdated(agent=saved), room=workspace_id, entity=saved.id)
    return saved


async def _issue(ctx: Context, agent_id: str) -> str:
    """A new token of an agent: its secret, which is kept nowhere."""
    later = ctx.now + timedelta(days=TOKEN_DAYS)
    _, secret = await tokens.issue(
        ctx.tx, agent_id, name="agent", scope=Scope.WRITE, now=ctx.now, expires_at=later
    )
    return secret


async def _there(ctx: Context, agent_id: str) -> AgentInfo:
    agent = await agents.get(ctx.tx, agent_id)
    assert agent is not None
    return agent


async def _known(ctx: Context, agent_id: str) -> Listed:
    """An agent that the actor may know of; ApiError `not_found`."""
    found = await agents.listed(ctx.tx, agent_id=agent_id, sharing_with=_sharing_with(ctx))
    if not found:
        raise not_found("agent")
    return found[0]


async def _answerable(ctx: Context, agent_id: str) -> AgentInfo:
    """An agent that the actor answers for, or as an admin may decide about."""
    agent = (await _known(ctx, agent_id)).agent
    if agent.owner_id != ctx.actor.id and ctx.actor.role < WorkspaceRole.ADMIN:
        raise ApiError(ErrorCode.FORBIDDEN, "Only its owner and admins do this with an agent.")
    return agent


async def _hold(ctx: Context, agent_id: str) -> tuple[str, Member, AgentInfo]:
    """The workspace's id, and an agent that the actor answers for and that goes on; locked until commit."""
    if (await _answerable(ctx, agent_id)).retired:
        raise ApiError(ErrorCode.CONFLICT, "The agent is retired, for good; register another.")
    here, member = await membership.hold(ctx, agent_id)
    return here, member, await _there(ctx, agent_id)


async def _check_owner(ctx: Context, owner_id: str) -> None:
    owner = await members.get(ctx.tx, owner_id)
    if owner is None or not owner.active or owner.kind is not MemberKind.PERSON:
        raise invalid("owner_id: must be a person of the workspace, who answers for the agent.", "owner_id")
    if owner.role < WorkspaceRole.MEMBER:
        raise invalid("owner_id: guests cannot answer for agents; name a member.", "owner_id")


def _sharing_with(ctx: Context) -> str | None:
    """Guests know those they share a room with."""
    return ctx.actor.id if ctx.actor.role is WorkspaceRole.GUEST else None


def _viewer(ctx: Context) -> str | None:
    """Whose projects count; None for one who sees all."""
    return None if ctx.actor.role >= WorkspaceRole.ADMIN else ctx.actor.id


async def _views(ctx: Context, found: Sequence[Listed]) -> list[AgentView]:
    ids = [each.agent.id for each in found]
    who = await members.some_of(ctx.tx, ids)
    work = await instances.work_of(ctx.tx, ids)
    processes: dict[str, list[Process]] = {}
    for process in await instances.of_agents(ctx.tx, ids):
        processes.setdefault(process.agent_id, []).append(process)
    return [
        AgentView(
            id=each.agent.id,
            agent=each.agent,
            member=who[each.agent.id],
            status=_status(each, processes.get(each.agent.id, []), work.get(each.agent.id)),
        )
        for each in found
    ]


def _status(agent: Listed, processes: Sequence[Process], work: Work | None) -> AgentStatus:
    running, waiting = (work.running, work.waiting) if work else (0, 0)
    return AgentStatus(
        state=_state(agent, [each for each in processes if each.connected], running),
        running=running,
        waiting=waiting,
        instances=[each.shown() for each in processes],
    )


def _state(agent: Listed, there: Sequence[Process], running: int) -> AgentState:
    if agent.agent.retired:
        return AgentState.RETIRED
    if not there:
        return AgentState.OFFLINE if agent.seen else AgentState.REGISTERED
    if all(process.draining for process in there):
        return AgentState.DRAINING
    return AgentState.BUSY if running else AgentState.ONLINE
