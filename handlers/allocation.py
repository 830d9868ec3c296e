"""Who gets which run: the decision, and the one transaction that makes it so.

Every node decides, one at a time; there is no leader. A run is given away at most once, since it is locked
and ready while that happens. Nothing is recorded in a room: an offer is news to its process alone, and the
run shows up as started once that accepts.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from persistence import budgets, queue
from persistence.budgets import Purse, Reservation
from persistence.database import Connection, clock
from persistence.queue import Access, Candidate, Limit, Pick, Skill, Slot
from protocol.runs import RunOffer

MOST = 256
"""Runs that are given away in one transaction."""


async def allocate(tx: Connection) -> list[RunOffer]:
    """Give ready runs to processes that have room for them, and return what those are to be told."""
    ready = await queue.projects_ready(tx)
    if not ready:
        return []
    await queue.turn(tx)
    slots = await queue.slots(tx)
    skills = await queue.skills(tx, {slot.agent_id for slot in slots}) if slots else []
    limits = await queue.limits(tx, ready) if skills else []
    access = await queue.access(tx, [each.project_id for each in limits], {each.agent_id for each in skills})
    openings = _openings(skills, access)
    if not openings:
        return []
    now = await clock(tx)
    most = min(MOST, sum(slot.free for slot in slots))
    candidates = await queue.candidates(tx, now, openings, most)
    purses = await budgets.bearing(
        tx, now, {run.project_id for run in candidates}, {slot.agent_id for slot in slots}
    )
    wallet = Wallet(purses)
    picks = match(candidates, slots, skills, access, limits, wallet)
    if not picks:
        return []
    await queue.offer(tx, now, picks)
    if wallet.reserved:
        await budgets.reserve(tx, wallet.reserved)
    return await queue.offers(tx, [pick.run.id for pick in picks])


class Wallet:
    """The budgets that bear on a decision, and what it takes of them."""

    def __init__(self, purses: Sequence[Purse]) -> None:
        self._purses = purses
        self.reserved: list[Reservation] = []

    def bears(self, run: Candidate, agent_id: str) -> bool:
        """Whether all budgets of the project and the agent have what the run needs, and anything at all."""
        return all(purse.free >= max(1, run.reserve) for purse in self._of(run, agent_id))

    def take(self, run: Candidate, agent_id: str) -> None:
        """Reserve what the run needs."""
        for purse in self._of(run, agent_id):
            purse.reserved += run.reserve
            self.reserved.append(Reservation(run.id, purse, run.reserve))

    def _of(self, run: Candidate, agent_id: str) -> Iterable[Purse]:
        return (
            purse
            for purse in self._purses
            if run.project_id == purse.project_id or agent_id == purse.agent_id
        )


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
    then the oldest. Agents take turns too, each with that process of it that has the most room.
    """
    running = {limit.project_id: limit.running for limit in limits}
    most = {limit.project_id: limit.concurrency for limit in limits}
    waiting = _by_project(candidates)
    choice = _Choice(slots, skills, access)
    picks: list[Pick] = []
    while waiting:
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


def _openings(skills: Sequence[Skill], access: Sequence[Access]) -> list[tuple[str, str, str | None]]:
    """For which project, capability and wanted agent ready runs are looked for."""
    found: dict[tuple[str, str, str | None], None] = {}
    for each, capability in _able(skills, access):
        found[each.project_id, capability, None] = None
        found[each.project_id, capability, each.agent_id] = None
    return list(found)


def _able(skills: Sequence[Skill], access: Sequence[Access]) -> Iterator[tuple[Access, str]]:
    """In which projects agents may use which capabilities."""
    by_agent: dict[str, list[str]] = defaultdict(list)
    for skill in skills:
        by_agent[skill.agent_id].append(skill.capability)
    for each in access:
        for capability in by_agent[each.agent_id]:
            yield each, capability
