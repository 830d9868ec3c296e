"""Whatever agents, people, nodes and time do to runs: each ends once, none is lost, no budget is exceeded.

Agents' processes report, fail, go silent, come back and say things twice, also when it is too late; people
cancel, answer, assign, delete and revoke; two nodes give runs away at once; time passes. After each step the
database is asked whether all that must hold does. In the end agents are faithful, and everything ends.

YMERA_PROPERTY_EXAMPLES sets how many histories are tried (`make soak` tries many).
"""

import asyncio
import os
import traceback
from collections import Counter, defaultdict
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack
from random import Random
from typing import Any, TypeVar

import msgspec
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from handlers import snapshots
from persistence import log
from persistence.ids import new_id
from protocol.rooms import RoomKind
from protocol.runs import ENDED, RunState
from protocol.tasks import OPEN
from protocol.wire import builtins
from tests.fold import State, fold, unfolded
from tests.properties.deeds import happen, pass_time
from tests.properties.works import CAPABILITIES, Desk, Works, attempt
from tests.servers import database
from tests.world import World, populated

SOAKS = "YMERA_PROPERTY_EXAMPLES" in os.environ
"""Then a history that fails is made shorter, which takes minutes."""
EXAMPLES = int(os.environ.get("YMERA_PROPERTY_EXAMPLES", "10"))
STEPS = 25
ROUNDS = 40
"""In which everything has ended once agents are faithful: calls, hand-overs and blockers take several."""
ASKING = {RunState.INPUT_REQUIRED, RunState.AUTH_REQUIRED}
SAID = {"run.progressed", "run.outputted", "run.logged", "question.asked", "approval.used"}
"""Events of what agents say while a run goes on."""
SHIFTED = {"not_before", "deadline", "progress_at", "started_at", "expires_at"}
"""Fields that `Workforce.later` moves, of which no event tells."""
LASTING = ("state", "version", "attempt", "agent_id", "costs", "error", "summary", "result", "ended_at")

Row = Mapping[str, Any]
T = TypeVar("T")


class Inspection:
    """What the database holds about the runs of a works, and whether it may."""

    def __init__(self, works: Works) -> None:
        self._works = works
        self._ids = [each.project_id for each in works.projects]

    async def read(self) -> None:
        """Look."""
        self.runs = await self._fetch(
            """
            SELECT r.*, t.status AS task_status, EXISTS (
                    SELECT FROM task_dependencies d JOIN tasks o ON o.id = d.depends_on
                    WHERE d.task_id = t.id AND o.status NOT IN ('done', 'canceled')
                ) AS task_blocked,
                ARRAY(SELECT q.id FROM questions q WHERE q.run_id = r.id AND q.state = 'open') AS open
            FROM runs r LEFT JOIN tasks t ON t.id = r.task_id WHERE r.project_id = ANY($1::uuid[])
            """
        )
        self.attempts: dict[str, list[Row]] = defaultdict(list)
        for row in await self._fetch(
            """
            SELECT a.* FROM attempts a JOIN runs r ON r.id = a.run_id
            WHERE r.project_id = ANY($1::uuid[]) ORDER BY a.fence
            """
        ):
            self.attempts[row["run_id"]].append(row)
        self.budgets = await self._fetch(
            """
            SELECT b.project_id, b.agent_id, b.period, b.most,
                (SELECT coalesce(sum(s.spent), 0)::bigint FROM spendings s WHERE s.budget_id = b.id) AS spent,
                (SELECT coalesce(sum(s.reserved), 0)::bigint FROM spendings s WHERE s.budget_id = b.id)
                    AS reserved,
                (SELECT coalesce(sum(v.remaining), 0)::bigint
                    FROM reservations v JOIN runs r ON r.id = v.run_id
                    WHERE v.budget_id = b.id AND r.instance_id IS NOT NULL) AS held
            FROM budgets b WHERE b.project_id = ANY($1::uuid[]) OR b.agent_id IN (
                SELECT member_id FROM room_members WHERE room_id = ANY($1::uuid[])
            )
            """
        )
        self.logs: dict[str, list[dict[str, Any]]] = {}
        self.states: dict[str, State] = {}
        for project in self._ids:
            async with self._works.world.pool.acquire() as tx:
                found = await snapshots.snapshot(tx, project, RoomKind.PROJECT)
                self.states[project] = unfolded(found)
                self.logs[project] = [builtins(event) for event in await log.read(tx, project, 0, 100_000)]

    async def _fetch(self, sql: str) -> list[Row]:
        found: list[Row] = await self._works.world.pool.fetch(sql, self._ids)
        return found

    def check(self, final: dict[str, tuple[Any, ...]], fences: dict[str, int]) -> None:
        """All that must hold. `final` and `fences` are what was seen of runs before."""
        ends = Counter(
            event["data"]["run_id"]
            for events in self.logs.values()
            for event in events
            if event["type"] == "run.ended"
        )
        by_id = {run["id"]: run for run in self.runs}
        assert all(fence >= fences.get(run_id, 0) for run_id, fence in self._works.heard)
        self._works.heard.clear()
        for run in self.runs:
            assert (run["state"] in ENDED) == (run["ended_at"] is not None)
            assert ends[run["id"]] == (run["ended_at"] is not None)
            self._check_attempts(run, fences)
            self._check_reports(run)
            if run["ended_at"] is None:
                self._check_goes_on(run, by_id)
            else:
                shown = tuple(run[field] for field in LASTING)
                assert final.setdefault(run["id"], shown) == shown
                assert run["open"] == []
        self._check_budgets()
        self._check_logs()
        self._check_states()

    def _check_attempts(self, run: Row, fences: dict[str, int]) -> None:
        """One process at most has it, by the attempt of the highest number there ever was."""
        attempts = self.attempts[run["id"]]
        assert [each["fence"] for each in attempts] == list(range(1, run["attempt"] + 1))
        assert run["attempt"] >= fences.get(run["id"], 0)
        fences[run["id"]] = run["attempt"]
        at_it = [(each["fence"], each["instance_id"]) for each in attempts if each["ended_at"] is None]
        held = run["instance_id"] is not None
        assert at_it == [(run["attempt"], run["instance_id"])] * held
        assert (run["lease_until"] is not None) == held

    def _check_reports(self, run: Row) -> None:
        """One report at most ended it, and all costs that were accepted were charged once."""
        results = self._works.completed.get(run["id"], [])
        assert len(results) <= 1
        if run["state"] == RunState.COMPLETED:
            assert [run["result"] and msgspec.json.decode(run["result"])] == results
        assert not results or run["ended_at"] is not None
        charged = msgspec.json.decode(run["costs"])["money"]
        assert charged == sum(money for run_id, _, money in self._works.paid if run_id == run["id"])
        assert run["budget"] is None or charged <= run["budget"]

    def _check_goes_on(self, run: Row, by_id: Mapping[str, Row]) -> None:
        """Something will have it go on: a lease that ends, an answer, another run, a task or the queue."""
        stopping, held = run["canceling"], run["instance_id"] is not None
        assert not stopping or (held and run["final_by"] is not None)
        if run["state"] in ASKING:
            assert run["open"] or stopping
        else:
            assert run["open"] == []
        if run["waiting_for"] is not None:
            assert stopping or by_id[run["waiting_for"]]["ended_at"] is None
        elif run["state"] == RunState.WORKING:
            assert held
        if run["task_id"] is not None:
            assert stopping or run["task_status"] in OPEN
            assert stopping or run["blocked"] == run["task_blocked"]

    def _check_budgets(self) -> None:
        projects = {run["id"]: run["project_id"] for run in self.runs}
        for budget in self.budgets:
            owner, used = budget["project_id"] or budget["agent_id"], budget["spent"] + budget["reserved"]
            assert budget["reserved"] == budget["held"]
            assert budget["spent"] == sum(
                money for run, agent, money in self._works.paid if owner in (projects[run], agent)
            )
            ceiling = self._works.ceilings[owner, budget["period"]]
            assert used <= ceiling
            self._works.ceilings[owner, budget["period"]] = max(budget["most"], min(ceiling, used))

    def _check_logs(self) -> None:
        """What a run says comes from its newest attempt, and nothing once it was stopped or has ended."""
        over: set[str] = set()
        fences: dict[str, int] = {}
        for event in (event for events in self.logs.values() for event in events):
            data, type_ = event["data"], event["type"]
            if type_ in SAID:
                run = data.get("run_id") or data.get("question", {}).get("run_id") or data["run"]["id"]
                assert run not in over
                assert data.get("fence", fences.get(run, 0)) >= fences.get(run, 0)
                fences[run] = data.get("fence", fences.get(run, 0))
            elif type_ == "run.ended":
                over.add(data["run_id"])
            elif type_ == "run.updated" and data["run"]["canceling"]:
                over.add(data["run"]["id"])

    def _check_states(self) -> None:
        """What whoever comes anew is shown is what the events tell."""
        for project, events in self.logs.items():
            told = fold({}, events)
            for collection in ("runs", "ended_runs", "questions"):
                assert steady(told, collection) == steady(self.states[project], collection)


def steady(state: State, collection: str) -> dict[str, Any]:
    return {
        key: {name: value for name, value in entity.items() if name not in SHIFTED}
        for key, entity in state.get(collection, {}).items()
    }


async def finish(works: Works) -> None:
    """Let people and agents be faithful until all runs have ended."""
    await make_room(works)
    live: list[Row] = []
    for _ in range(ROUNDS):
        await works.projects[0].later(4_000)
        await works.keep_up()
        inspection = Inspection(works)
        await inspection.read()
        live = [run for run in inspection.runs if run["ended_at"] is None]
        if not live:
            return
        for question in (each for run in live for each in run["open"]):
            await attempt(works.ask("run.answer", question_id=question, answer="yes"))
            await attempt(works.ask("run.answer", question_id=question, answer=True))
        busy = {run["task_id"] for run in live}
        for task in {task for task, _ in works.tasks} - busy:
            await attempt(works.ask("task.transition", task_id=task, status="canceled"))
        await work_off(works)
    raise AssertionError(f"{len(live)} runs never end: {[dict(run) for run in live]}")


async def make_room(works: Works) -> None:
    """Leave nothing that would keep runs from being done but what they wait for."""
    for owner, period in list(works.ceilings):
        whose = "project_id" if owner in {each.project_id for each in works.projects} else "agent_id"
        await works.limit(1_000_000, period, **{whose: owner})
    last = await works.projects[0].hire("Last", *CAPABILITIES, capacity=50)
    for project in works.projects:
        await works.ask("queue.set", project_id=project.project_id, paused=False, concurrency=None)
        for worker in (last, *(desk.worker for desk in works.desks)):
            await works.grant(project, worker.member)
    await works.world.pool.execute("UPDATE instances SET connection = NULL")
    works.desks = [Desk(worker) for worker in (last, *(desk.worker for desk in works.desks))]
    for desk in works.desks:
        desk.worker.instance_id = new_id()
        await desk.worker.connect(capacity=50)


async def work_off(works: Works) -> None:
    """Do all that is offered."""
    for desk, offer in await works.offer():
        await attempt(works.say(desk, offer, "run.accept"))
        await attempt(works.say(desk, offer, "run.complete", result=None))


seeds = st.integers(0, 2**32).map(Random)


class History(RuleBasedStateMachine):
    """Random histories of a works."""

    def __init__(self, runner: asyncio.Runner, world: World) -> None:
        super().__init__()
        self._runner = runner
        self._world = world
        self._final: dict[str, tuple[Any, ...]] = {}
        self._fences: dict[str, int] = {}

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something, and show how it failed, if it does: the next time may go well.

        What happens at once may happen in another order, and Hypothesis then tells of nothing else.
        """
        try:
            return self._runner.run(work)
        except Exception:
            traceback.print_exc()
            raise

    @initialize()
    def begin(self) -> None:
        self.works = self._run(Works.open(self._world))

    @rule(chance=seeds, much=st.integers(4, 12))
    def one_thing_after_another_happens(self, chance: Random, much: int) -> None:
        self._run(self._work(chance, much, 1))

    @rule(chance=seeds, much=st.integers(2, 6), at_once=st.integers(2, 5))
    def things_happen_at_once(self, chance: Random, much: int, at_once: int) -> None:
        self._run(self._work(chance, much, at_once))

    @rule(chance=seeds)
    def time_passes(self, chance: Random) -> None:
        self._run(pass_time(self.works, chance))

    async def _work(self, chance: Random, much: int, at_once: int) -> None:
        for _ in range(much):
            await happen(self.works, chance, at_once)

    @invariant()
    def all_is_well(self) -> None:
        if hasattr(self, "works"):
            self._run(self._inspect())

    async def _inspect(self) -> None:
        inspection = Inspection(self.works)
        await inspection.read()
        inspection.check(self._final, self._fences)

    def teardown(self) -> None:
        if hasattr(self, "works"):
            self._run(finish(self.works))
            self.all_is_well()


def test_each_run_ends_once_and_none_is_lost(postgres: str, migrated: str) -> None:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def open_world() -> World:
            dsn = await stack.enter_async_context(database(postgres, template=migrated))
            return await stack.enter_async_context(populated(dsn))

        world = runner.run(open_world())
        try:

            class Here(History):
                def __init__(self) -> None:
                    super().__init__(runner, world)

            run_state_machine_as_test(
                Here,
                settings=settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=STEPS,
                    phases=[Phase.reuse, Phase.generate, *([Phase.shrink] if SOAKS else [])],
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(stack.aclose())
