"""Whatever waits and whoever is there: the decision who gets which run breaks no limit and loses no run.

Each decision is replayed, pick by pick, against a plain account of what is left of every limit.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.allocation import Wallet, match
from persistence.allocation import Access, Candidate, Limit, Pick, Skill, Slot
from persistence.budgets import Purse

PROJECTS = ["p0", "p1"]
AGENTS = ["a0", "a1"]
CAPABILITIES = ["write", "read"]
TASKS = ["t0", "t1"]
START = datetime(2026, 1, 1, tzinfo=UTC)

few = st.integers(0, 3)
money = st.integers(0, 20)
seldom = st.sampled_from([False] * 5 + [True])
candidates = st.lists(
    st.builds(
        lambda **fields: fields,
        project_id=st.sampled_from(PROJECTS),
        task_id=st.none() | st.sampled_from(TASKS),
        capability=st.sampled_from(CAPABILITIES),
        wanted_agent_id=st.sampled_from([None, None, None, *AGENTS]),
        urgency=st.integers(1, 3),
        created_at=few.map(lambda minutes: START + timedelta(minutes=minutes)),
        attempt=few,
        estimate=money,
        budget=st.none() | money,
        spent=few,
        refused=st.sampled_from([[], [], [], AGENTS[:1], AGENTS]),
    ),
    min_size=4,
    max_size=12,
).map(lambda each: [Candidate(id=f"r{number}", **fields) for number, fields in enumerate(each)])
limits = st.tuples(*[st.tuples(few, st.none() | st.integers(2, 6)) for _ in PROJECTS]).map(
    lambda each: [
        Limit(project_id=project, running=running, concurrency=most)
        for project, (running, most) in zip(PROJECTS, each, strict=True)
    ]
)
slots = st.lists(st.tuples(st.sampled_from(AGENTS), st.integers(1, 4)), min_size=2, max_size=5).map(
    lambda each: [
        Slot(instance_id=f"i{number}", agent_id=agent, host="", free=free)
        for number, (agent, free) in enumerate(each)
    ]
)
purses = st.lists(
    st.builds(
        lambda owner, period, free, spent, reserved: Purse(
            budget_id=f"{owner}-{period}",
            project_id=owner if owner in PROJECTS else None,
            agent_id=owner if owner in AGENTS else None,
            period=period,
            month=date(2026, 1, 1),
            most=free + spent + reserved,
            spent=spent,
            reserved=reserved,
        ),
        st.sampled_from(PROJECTS + AGENTS),
        st.sampled_from(["month", "total"]),
        st.integers(0, 60),
        few,
        few,
    ),
    max_size=2,
    unique_by=lambda purse: purse.budget_id,
)


@dataclass
class Scene:
    """All that a decision is made from."""

    candidates: list[Candidate]
    slots: list[Slot]
    skills: list[Skill]
    access: list[Access]
    limits: list[Limit]
    purses: list[Purse]

    def copy(self) -> "Scene":
        """The same, with nothing in common."""
        return msgspec.convert(msgspec.to_builtins(self), Scene)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    there = draw(slots)
    agents = sorted({slot.agent_id for slot in there})
    skills = [
        Skill(agent_id=agent, capability=capability, free=draw(st.integers(1, 4)))
        for agent in agents
        for capability in CAPABILITIES
        if not draw(seldom)
    ]
    access = [
        Access(project_id=project, agent_id=agent, task_id=TASKS[0] if draw(seldom) else None)
        for project in PROJECTS
        for agent in AGENTS
        if not draw(seldom)
    ]
    return Scene(draw(candidates), there, skills, access, draw(limits), draw(purses))


class Account:
    """What is left of every limit."""

    def __init__(self, scene: Scene) -> None:
        self.waiting = {run.id: run for run in scene.candidates}
        self.slots = {slot.instance_id: slot.free for slot in scene.slots}
        self.skills = {(skill.agent_id, skill.capability): skill.free for skill in scene.skills}
        self.running = Counter({limit.project_id: limit.running for limit in scene.limits})
        self.most = {limit.project_id: limit.concurrency for limit in scene.limits}
        self.money = {purse.budget_id: purse.free for purse in scene.purses}
        self._scene = scene

    def places(self) -> Iterator[tuple[Candidate, Slot]]:
        """Each run that could be placed now, with each process that may have it."""
        for run in self.waiting.values():
            for slot in self._scene.slots:
                if self._fits(run, slot):
                    yield run, slot

    def take(self, run: Candidate, slot: Slot) -> None:
        """Place a run."""
        del self.waiting[run.id]
        self.slots[slot.instance_id] -= 1
        self.skills[slot.agent_id, run.capability] -= 1
        self.running[run.project_id] += 1
        for purse in self._bearing(run, slot.agent_id):
            self.money[purse.budget_id] -= run.reserve

    def _fits(self, run: Candidate, slot: Slot) -> bool:
        agent, most = slot.agent_id, self.most[run.project_id]
        return (
            self.slots[slot.instance_id] > 0
            and self.skills.get((agent, run.capability), 0) > 0
            and (most is None or self.running[run.project_id] < most)
            and self._may(run, agent)
            and all(self.money[purse.budget_id] >= max(1, run.reserve) for purse in self._bearing(run, agent))
        )

    def _may(self, run: Candidate, agent: str) -> bool:
        return (
            run.wanted_agent_id in (None, agent)
            and agent not in run.refused
            and any(
                (each.project_id, each.agent_id) == (run.project_id, agent)
                and each.task_id in (None, run.task_id)
                for each in self._scene.access
            )
        )

    def _bearing(self, run: Candidate, agent: str) -> list[Purse]:
        return [
            purse
            for purse in self._scene.purses
            if run.project_id == purse.project_id or agent == purse.agent_id
        ]


def decided(scene: Scene) -> tuple[list[Pick], Wallet]:
    """The decision, which leaves the scene as it is."""
    own = scene.copy()
    wallet = Wallet(own.purses)
    return match(own.candidates, own.slots, own.skills, own.access, own.limits, wallet), wallet


@settings(max_examples=300, deadline=None)
@given(scenes())
def test_each_pick_is_allowed_and_fair_and_none_is_left_out(scene: Scene) -> None:
    account = Account(scene)
    for run, slot in decided(scene)[0]:
        possible = list(account.places())
        assert (run.id, slot.instance_id) in {(each.id, place.instance_id) for each, place in possible}
        able = {each.project_id for each, _ in possible}
        assert account.running[run.project_id] == min(account.running[project] for project in able)
        first = min(rank(each) for each, _ in possible if each.project_id == run.project_id)
        assert rank(run) == first
        account.take(*next(each for each in possible if (each[0].id, each[1].instance_id) == key(run, slot)))
    assert list(account.places()) == []


def key(run: Candidate, slot: Slot) -> tuple[str, str]:
    return run.id, slot.instance_id


def rank(run: Candidate) -> Any:
    """The most urgent first, then the oldest."""
    return run.urgency, run.created_at, run.id


@settings(max_examples=150, deadline=None)
@given(scenes())
def test_what_is_picked_is_reserved_of_every_budget_that_bears_on_it(scene: Scene) -> None:
    picks, wallet = decided(scene)
    reserved: Counter[tuple[str, str]] = Counter()
    for reservation in wallet.reserved:
        reserved[reservation.run_id, reservation.purse.budget_id] += reservation.amount
    expected = {
        (run.id, purse.budget_id): run.reserve
        for run, slot in picks
        for purse in scene.purses
        if run.project_id == purse.project_id or slot.agent_id == purse.agent_id
    }
    assert dict(reserved) == expected
    for purse in scene.purses:
        taken = sum(amount for (_, budget), amount in expected.items() if budget == purse.budget_id)
        assert purse.spent + purse.reserved + taken <= purse.most
