"""What agents may spend: budgets, reserved before a run starts and never exceeded."""

from enum import StrEnum

from msgspec import Struct

from protocol.fields import Day, Id, Money, Timestamp
from protocol.registry import Command, command, query


class BudgetPeriod(StrEnum):
    """What a budget is for."""

    TOTAL = "total"
    MONTH = "month"
    """Each calendar month, UTC. A run counts in the month in which it was offered first."""


class Budget(Struct, frozen=True, kw_only=True):
    """What a project's runs, or an agent's, may cost, and how much of that is used."""

    project_id: Id | None
    agent_id: Id | None
    """One of the two."""
    period: BudgetPeriod
    limit: Money
    spent: Money
    reserved: Money
    """By runs that go on."""
    month: Day | None
    """Its first day."""
    updated_at: Timestamp


class Budgets(Struct, frozen=True, kw_only=True):
    """The budgets of a project or an agent."""

    items: list[Budget]


@query("budget.list")
class BudgetList(Command[Budgets]):
    """The budgets of a project that you may see, or of an agent."""

    project_id: Id | None = None
    agent_id: Id | None = None


@command("budget.set")
class BudgetSet(Command[Budgets]):
    """Set or lift a limit. For a project its managers, for an agent its owner and admins.

    Lower than what is spent and reserved: then nothing more starts, and what goes on may still
    spend what it has reserved.
    """

    limit: Money | None
    """Null: none any more."""
    project_id: Id | None = None
    agent_id: Id | None = None
    period: BudgetPeriod = BudgetPeriod.MONTH
