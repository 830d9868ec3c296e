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
from persistence.budgets import Purse
from persistence.queue import Access, Candidate, Limit, Pick, Skill, Slot

PROJECTS = ["p0", "p1", "p2"]
AGENTS = ["a0", "a1", "a2"]
CAPABILITIES = ["write", "read"]
TASKS = ["t0", "t1"]
START = datetime(2026, 1, 1, tzinfo=UTC)

few = st.integers(0, 3)
money = st.integers(0, 20)
limits = st.lists(
    st.builds(
        Limit,
        project_id=st.sampled_from(PROJECTS),
        running=few,
        concurrency=st.none() | st.integers(1, 5),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda limit: limit.project_id,
)
slots = st.lists(
    st.builds(
        Slot, instance_id=st.uuids().map(str), agent_id=st.sampled_from(AGENTS), host=st.just(""), free=few
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda slot: slot.instance_id,
)
access = st.lists(
    st.builds(
        Access,
        project_id=st.sampled_from(PROJECTS),
        agent_id=st.sampled_from(AGENTS),
        task_id=st.none() | st.sampled_from(TASKS),
    ),
    max_size=8,
    unique_by=lambda each: (each.project_id, each.agent_id),
)
purses = st.lists(
    st.builds(
        lambda project, agent, period, most, spent, reserved: Purse(
            budget_id=f"{project}-{agent}-{period}",
            project_id=project,
            agent_id=None if project else agent,
            period=period,
            month=date(2026, 1, 1),
            most=most + spent + reserved,
            spent=spent,
            reserved=reserved,
        ),
        st.none() | st.sampled_from(PROJECTS),
        st.sampled_from(AGENTS),
        st.sampled_from(["month", "total"]),
        money,
        money,
        money,
    ),
    max_size=4,
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
    there, known = draw(slots), draw(limits)
    agents = sorted({slot.agent_id for slot in there})
    skills = st.builds(
        Skill,
        agent_id=st.sampled_from(agents),
        capability=st.sampled_from(CAPABILITIES),
        free=st.integers(1, 4),
    )
    candidates = st.builds(
        Candidate,
        id=st.uuids().map(str),
        project_id=st.sampled_from([limit.project_id for limit in known]),
        task_id=st.none() | st.sampled_from(TASKS),
        capability=st.sampled_from(CAPABILITIES),
        wanted_agent_id=st.none() | st.sampled_from(AGENTS),
        urgency=st.integers(1, 5),
        created_at=few.map(lambda minutes: START + timedelta(minutes=minutes)),
        attempt=few,
        estimate=money,
        budget=st.none() | money,
        spent=money,
        refused=st.lists(st.sampled_from(AGENTS), max_size=2),
    )
    return Scene(
        candidates=draw(st.lists(candidates, max_size=12, unique_by=lambda run: run.id)),
        slots=there,
        skills=draw(st.lists(skills, max_size=6, unique_by=lambda skill: (skill.agent_id, skill.capability))),
        access=draw(access),
        limits=known,
        purses=draw(purses),
    )


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


@settings(max_examples=150, deadline=None)
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
