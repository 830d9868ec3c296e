"""Who gets which run: the decision, and the one transaction that makes it so.

Every node decides, one at a time; there is no leader. A run is given away at most once, since it is locked
and found ready as that happens. Nothing is recorded in a room: an offer is news to its process alone, and the
run shows up as started once that accepts.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import chain

from persistence import allocation, budgets, offers
from persistence.allocation import Access, Candidate, Demand, Limit, Opening, Pick, Skill, Slot
from persistence.budgets import Purse, Reservation
from persistence.database import Connection
from protocol.runs import RunOffer

MOST = 256
"""Runs that are given away in one transaction."""


async def allocate(connection: Connection) -> list[RunOffer]:
    """Give ready runs to processes that have room for them, and return what those are to be told."""
    # Most looks find nothing ready: they take one statement and nobody's turn.
    demand = await allocation.demand(connection)
    if not demand:
        return []
    async with connection.transaction():
        return await _give(connection, demand)


async def _give(tx: Connection, demand: Set[Demand]) -> list[RunOffer]:
    now = await allocation.turn(tx)
    slots = await allocation.slots(tx)
    if not slots:
        return []
    skills = await allocation.skills(tx, {slot.agent_id for slot in slots})
    limits = await allocation.limits(tx, {each.project_id for each in demand})
    access = await allocation.access(
        tx, [each.project_id for each in limits], {each.agent_id for each in skills}
    )
    if not access:
        return []
    wallet = Wallet(
        await budgets.bearing(
            tx, now, {each.project_id for each in access}, {each.agent_id for each in access}
        )
    )
    openings = _openings(demand, slots, skills, access, limits, wallet)
    candidates = await allocation.candidates(tx, now, openings, 2 * MOST)
    picks = match(candidates, slots, skills, access, limits, wallet)
    if not picks:
        return []
    given = await allocation.offer(tx, now, picks)
    if reserved := [each for each in wallet.reserved if each.run_id in given]:
        await budgets.reserve(tx, reserved)
    return await offers.of_runs(tx, given)


class Wallet:
    """The budgets that bear on a decision, and what it takes of them."""

    def __init__(self, purses: Sequence[Purse]) -> None:
        self._purses: Mapping[str | None, list[Purse]] = defaultdict(list)
        for purse in purses:
            self._purses[purse.project_id or purse.agent_id].append(purse)
        self.reserved: list[Reservation] = []

    def left(self, project_id: str, agent_id: str) -> int | None:
        """What the budgets of the project and the agent still bear; None where there are none."""
        return min((purse.free for purse in self._of(project_id, agent_id)), default=None)

    def bears(self, run: Candidate, agent_id: str) -> bool:
        """Whether all budgets of the project and the agent have what the run needs, and anything at all."""
        left = self.left(run.project_id, agent_id)
        return left is None or left >= max(1, run.reserve)

    def take(self, run: Candidate, agent_id: str) -> None:
        """Reserve what the run needs."""
        for purse in self._of(run.project_id, agent_id):
            purse.reserved += run.reserve
            self.reserved.append(Reservation(run.id, purse, run.reserve))

    def _of(self, project_id: str, agent_id: str) -> Iterator[Purse]:
        return chain(self._purses.get(project_id, ()), self._purses.get(agent_id, ()))


def match(
    candidates: Sequence[Candidate],
    slots: Sequence[Slot],
    skills: Sequence[Skill],
    access: Sequence[Access],
    limits: Sequence[Limit],
    wallet: Wallet,
) -> list[Pick]:
    """Which candidate goes to which process.

    Projects take turns, the one with the fewest runs going on first; in each the most urgent run comes first,
    then the oldest. Agents take turns too, each with that process of it that has the most room. `MOST` are
    given away at most.
    """
    running = {limit.project_id: limit.running for limit in limits}
    most = {limit.project_id: limit.concurrency for limit in limits}
    waiting = _by_project(candidates)
    choice = _Choice(slots, skills, access)
    picks: list[Pick] = []
    while waiting and len(picks) < MOST:
        project_id = min(waiting, key=lambda project: (running[project], project))
        runs, cap = waiting[project_id], most[project_id]
        pick = None
        while pick is None and runs and (cap is None or running[project_id] < cap):
            pick = choice.pick(runs.pop(), wallet)
        if pick is None:
            del waiting[project_id]
        else:
            picks.append(pick)
            running[project_id] += 1
    return picks


class _Choice:
    """What is left of room while a decision is made."""

    def __init__(self, slots: Sequence[Slot], skills: Sequence[Skill], access: Sequence[Access]) -> None:
        self._slots: Mapping[str, list[Slot]] = defaultdict(list)
        for slot in slots:
            self._slots[slot.agent_id].append(slot)
        self._skills = {(skill.agent_id, skill.capability): skill for skill in skills}
        self._able: Mapping[tuple[str, str], deque[Access]] = defaultdict(deque)
        for each, capability in _able(skills, access):
            self._able[each.project_id, capability].append(each)

    def pick(self, run: Candidate, wallet: Wallet) -> Pick | None:
        """Where a run goes, with what it takes there taken; None if nobody may or can do it now."""
        able = self._able[run.project_id, run.capability]
        for _ in range(len(able)):
            each = able.popleft()
            skill = self._skills[each.agent_id, run.capability]
            slot = max(self._slots[each.agent_id], key=lambda slot: slot.free)
            if skill.free <= 0 or slot.free <= 0:
                continue
            able.append(each)
            if _may(run, each) and wallet.bears(run, each.agent_id):
                slot.free -= 1
                skill.free -= 1
                wallet.take(run, each.agent_id)
                return Pick(run, slot)
        return None


def _may(run: Candidate, access: Access) -> bool:
    return (
        run.wanted_agent_id in {None, access.agent_id}
        and access.task_id in {None, run.task_id}
        and access.agent_id not in run.refused
    )


def _by_project(candidates: Sequence[Candidate]) -> dict[str, list[Candidate]]:
    """Each project's candidates, the next one last."""
    ordered = sorted(candidates, key=lambda run: (run.urgency, run.created_at, run.id), reverse=True)
    waiting: dict[str, list[Candidate]] = {}
    for run in ordered:
        waiting.setdefault(run.project_id, []).append(run)
    return waiting


def _openings(
    demand: Set[Demand],
    slots: Sequence[Slot],
    skills: Sequence[Skill],
    access: Sequence[Access],
    limits: Sequence[Limit],
    wallet: Wallet,
) -> list[Opening]:
    """What ready runs are looked for."""
    running = {limit.project_id: limit.running for limit in limits}
    free = Counter[str]()
    for slot in slots:
        free[slot.agent_id] += slot.free
    room = {(each.agent_id, each.capability): min(each.free, free[each.agent_id]) for each in skills}
    agents: dict[tuple[str, str, str | None, str | None], list[str]] = defaultdict(list)
    for each, capability in _able(skills, access):
        for wanted in (None, each.agent_id):
            if Demand(each.project_id, capability, wanted) in demand:
                agents[each.project_id, capability, wanted, each.task_id].append(each.agent_id)
    return [
        Opening(
            project_id,
            capability,
            wanted,
            task_id,
            agent_ids=able,
            money=_most([wallet.left(project_id, agent_id) for agent_id in able]),
            room=sum(room[agent_id, capability] for agent_id in able),
            running=running[project_id],
        )
        for (project_id, capability, wanted, task_id), able in agents.items()
    ]


def _most(amounts: Sequence[int | None]) -> int | None:
    """The largest; None is without end."""
    return max((each for each in amounts if each is not None), default=None) if None not in amounts else None


def _able(skills: Sequence[Skill], access: Sequence[Access]) -> Iterator[tuple[Access, str]]:
    """In which projects agents may use which capabilities."""
    by_agent: dict[str, list[str]] = defaultdict(list)
    for skill in skills:
        by_agent[skill.agent_id].append(skill.capability)
    for each in access:
        for capability in by_agent[each.agent_id]:
            yield each, capability
