"""Money: charging runs, and the limits that hold them.

Invariant: what is recorded as spent never exceeds a limit. A report that would is refused, and its run fails:
nothing goes on in silence.
"""

from functools import partial

import msgspec

from handlers import access, endings
from handlers.dispatch import Consequence, Context, handles
from persistence import agents, budgets, runs
from persistence.budgets import Purse
from persistence.runs import StoredRun
from protocol.budgets import Budget, BudgetList, Budgets, BudgetSet
from protocol.errors import ApiError, ErrorCode, invalid, not_found
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import RoomKind
from protocol.runs import Costs, ErrorClass, RunError, RunState

PROJECT = frozenset({RoomKind.PROJECT})


async def charge(ctx: Context, run: StoredRun, used: Costs | None) -> Costs:
    """A run's costs with what it has used up since, taken from the budgets that bear on it.

    Consequence `budget_exhausted` if one does not bear it: the run then fails.
    """
    if used is None:
        return run.info.costs
    costs = _sum(run.info.costs, used)
    if used.money:
        await _take(ctx, run, used.money)
    return costs


def _sum(costs: Costs, used: Costs) -> Costs:
    """Both together; ApiError `invalid` if that is more than a run's costs can be."""
    total = Costs(
        tokens=costs.tokens + used.tokens,
        money=costs.money + used.money,
        seconds=costs.seconds + used.seconds,
    )
    try:
        return msgspec.convert(msgspec.to_builtins(total), Costs)
    except msgspec.ValidationError:
        message = "costs: together with what the run reported before, this is more than can be counted."
        raise invalid(message, "costs") from None


async def _take(ctx: Context, run: StoredRun, money: int) -> None:
    info = run.info
    if info.budget is not None and info.costs.money + money > info.budget:
        raise _exhausted(run, money, "the run's own budget", info.budget - info.costs.money)
    assert info.agent_id is not None
    purses = await budgets.of_run(ctx.tx, ctx.now, info.id, info.project_id, info.agent_id)
    for purse in purses:
        if (rest := max(0, purse.free) + purse.remaining) < money:
            raise _exhausted(run, money, named(purse), rest)
    if purses:
        await budgets.spend(ctx.tx, info.id, purses, money)


def named(purse: Purse) -> str:
    """A budget in words."""
    whose = "the project's" if purse.project_id is not None else "the agent's"
    return f"{whose} budget" + (" of the month" if purse.period == "month" else "")


def _exhausted(run: StoredRun, money: int, budget: str, rest: int) -> Consequence:
    message = f"{money:,} are more than the {max(0, rest):,} that are left of {budget}. The run has failed."
    return Consequence(
        ErrorCode.BUDGET_EXHAUSTED,
        message,
        partial(_fail, run_id=run.info.id, project_id=run.info.project_id, message=message),
        budget=budget,
        left=max(0, rest),
    )


async def _fail(ctx: Context, *, run_id: str, project_id: str, message: str) -> None:
    await ctx.lock(project_id)
    run = await runs.lock(ctx.tx, run_id)
    if run is not None and run.info.ended_at is None:
        error = RunError(cause=ErrorClass.BUDGET_EXHAUSTED, message=message)
        await endings.conclude(ctx, run, RunState.FAILED, note=message, error=error)


@handles(BudgetList, WorkspaceRole.GUEST)
async def list_budgets(ctx: Context, command: BudgetList) -> Budgets:
    """The budgets of a project, for whoever is in it, or of an agent, for its owner and admins."""
    _one(command.project_id, command.agent_id)
    if command.project_id is not None:
        await access.project(ctx, command.project_id)
    else:
        await _accountable(ctx, command.agent_id or "")
    return Budgets(items=await _listed(ctx, command.project_id, command.agent_id))


@handles(BudgetSet, WorkspaceRole.GUEST)
async def set_budget(ctx: Context, command: BudgetSet) -> Budgets:
    """Set or lift a limit."""
    _one(command.project_id, command.agent_id)
    if command.project_id is not None:
        _, role = await access.room(ctx, command.project_id, kinds=PROJECT, noun="project")
        if role < RoomRole.MANAGER:
            raise ApiError(ErrorCode.FORBIDDEN, f"This takes the role «manager» here; yours is «{role}».")
    else:
        await _accountable(ctx, command.agent_id or "")
    await budgets.put(
        ctx.tx,
        project_id=command.project_id,
        agent_id=command.agent_id,
        period=command.period,
        most=command.limit,
        now=ctx.now,
    )
    return Budgets(items=await _listed(ctx, command.project_id, command.agent_id))


def _one(project_id: str | None, agent_id: str | None) -> None:
    if (project_id is None) == (agent_id is None):
        raise invalid("project_id: name a project or an agent.", "project_id")


async def _listed(ctx: Context, project_id: str | None, agent_id: str | None) -> list[Budget]:
    return await budgets.listed(ctx.tx, ctx.now, project_id=project_id, agent_id=agent_id)


async def _accountable(ctx: Context, agent_id: str) -> None:
    """ApiError unless the actor answers for the agent, or is an admin."""
    agent = await agents.get(ctx.tx, agent_id)
    if agent is None or ctx.actor.role is WorkspaceRole.GUEST:
        raise not_found("agent")
    if agent.owner_id != ctx.actor.id and ctx.actor.role < WorkspaceRole.ADMIN:
        raise ApiError(ErrorCode.FORBIDDEN, "Only its owner and admins see and set an agent's budgets.")
