"""What people, agents and nodes do in a works, each thing drawn by chance.

It may be refused, and is part of the history all the same.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

import msgspec

from persistence.ids import new_id
from protocol.runs import ErrorClass, RunOffer
from protocol.tasks import TaskStatus
from tests.properties.works import CAPABILITIES, NothingThereError, Payload, Works, attempt
from tests.workforce import Workforce

T = TypeVar("T")
Deed = Callable[[Works, Random], Awaitable[Any]]


def some(chance: Random, several: Sequence[T]) -> T:
    """One of several."""
    if not several:
        raise NothingThereError
    return chance.choice(several)


def soon(chance: Random) -> str:
    """A time that comes soon."""
    return (datetime.now(UTC) + timedelta(seconds=chance.randint(5, 120))).isoformat()


def own_tasks(works: Works, project: Workforce) -> list[str]:
    return [task for task, home in works.tasks if home == project.project_id]


async def give(works: Works, chance: Random) -> None:
    """Alice asks for a run."""
    project = chance.choice(works.projects)
    own = own_tasks(works, project)
    wishes: Payload = {
        "task_id": chance.choice(own) if own and chance.random() < 0.6 else None,
        "budget": chance.randint(1, 40) if chance.random() < 0.3 else None,
        "attempts": chance.randint(1, 4) if chance.random() < 0.4 else None,
        "agent_id": chance.choice(works.desks).worker.member.id if chance.random() < 0.2 else None,
        "deadline": soon(chance) if chance.random() < 0.1 else None,
        "not_before": soon(chance) if chance.random() < 0.1 else None,
        "review": chance.random() < 0.2,
    }
    run = await project.give(chance.choice(CAPABILITIES)["name"], **wishes)
    works.runs.append(run["id"])


async def retry(works: Works, chance: Random) -> None:
    run = await works.ask("run.retry", run_id=some(chance, works.runs))
    works.runs.append(run["id"])


async def plan(works: Works, chance: Random) -> None:
    """A new task, which may wait for another one."""
    project = chance.choice(works.projects)
    own = own_tasks(works, project)
    task = await project.task("Something")
    works.tasks.append((task["id"], project.project_id))
    if own and chance.random() < 0.5:
        await works.ask("task.depend", task_id=task["id"], on=chance.choice(own))


async def move(works: Works, chance: Random) -> None:
    task, _ = some(chance, works.tasks)
    await works.ask("task.transition", task_id=task, status=chance.choice(list(TaskStatus)))


async def assign(works: Works, chance: Random) -> None:
    agents = [chance.choice(works.desks).worker.member.id] if chance.random() < 0.7 else []
    await works.ask("task.assign", task_id=some(chance, works.tasks)[0], assignees=agents)


async def depend(works: Works, chance: Random) -> None:
    task, project = some(chance, works.tasks)
    others = [other for other, home in works.tasks if home == project]
    command = chance.choice(["task.depend", "task.undepend"])
    await works.ask(command, task_id=task, on=chance.choice(others))


async def delete(works: Works, chance: Random) -> None:
    await works.ask("task.delete", task_id=some(chance, works.tasks)[0])


async def cancel(works: Works, chance: Random) -> None:
    await works.ask("run.cancel", run_id=some(chance, works.runs[-20:]))


async def revoke(works: Works, chance: Random) -> None:
    project, desk = chance.choice(works.projects), chance.choice(works.desks)
    await works.ask("project.remove_member", project_id=project.project_id, member_id=desk.worker.member.id)


async def grant(works: Works, chance: Random) -> None:
    project = chance.choice(works.projects)
    own = own_tasks(works, project)
    task = chance.choice(own) if own and chance.random() < 0.3 else None
    await works.grant(project, chance.choice(works.desks).worker.member, task)


async def limit_spending(works: Works, chance: Random) -> None:
    owner, period = chance.choice(sorted(works.ceilings))
    whose = "project_id" if owner in {each.project_id for each in works.projects} else "agent_id"
    await works.limit(chance.choice([0, 20, 40, 80, 1_000]), period, **{whose: owner})


async def steer(works: Works, chance: Random) -> None:
    """Pause a queue, let it go on or limit it."""
    await works.ask(
        "queue.set",
        project_id=chance.choice(works.projects).project_id,
        paused=chance.random() < 0.2,
        concurrency=chance.choice([None, None, 1, 3]),
    )


async def answer(works: Works, chance: Random) -> None:
    question = await works.ask("question.get", question_id=some(chance, works.questions[-6:]))
    said = chance.random() < 0.8 if question["kind"] == "approval" else "yes"
    await works.ask("run.answer", question_id=question["id"], answer=said)


Say = Callable[[Works, Random], Payload]


def report(command: str, fields: Say = lambda *_: {}) -> Deed:
    """Report on a run that a process was offered of late, or, seldom, that another one was."""

    async def deed(works: Works, chance: Random) -> None:
        desk = some(chance, [each for each in works.desks if each.going] or works.desks)
        heard = desk if chance.random() < 0.95 else chance.choice(works.desks)
        offers = desk.going if chance.random() < 0.85 else heard.offers
        await works.say(desk, some(chance, offers), command, **fields(works, chance))

    return deed


def _cost(_: Works, chance: Random) -> Payload:
    return {"costs": {"money": chance.choice([1, 2, 5, 10, 50])}} if chance.random() < 0.5 else {}


def _use(works: Works, chance: Random) -> Payload:
    return {"question_id": some(chance, works.questions[-4:]), "action": "pay", "arguments": {"to": 0}}


def _ask(_: Works, chance: Random) -> Payload:
    until = soon(chance) if chance.random() < 0.3 else None
    asked = {"key": chance.choice("abc"), "prompt": "Well?", "expires_at": until}
    about = {"kind": "approval", "action": "pay", "arguments": {"to": 0}}
    return asked | about if chance.random() < 0.4 else asked


def _call(_: Works, chance: Random) -> Payload:
    capability = chance.choice(CAPABILITIES)["name"]
    return {"key": chance.choice("abc"), "capability": capability, "wait": chance.random() < 0.7}


def _result(works: Works, chance: Random) -> Payload:
    return {"result": chance.randint(0, 9)} | _cost(works, chance)


def _failure(works: Works, chance: Random) -> Payload:
    return {"message": "No", "cause": chance.choice(list(ErrorClass))} | _cost(works, chance)


def _hand_off(_: Works, chance: Random) -> Payload:
    return {"capability": chance.choice(CAPABILITIES)["name"], "result": chance.randint(0, 9)}


async def claim(works: Works, chance: Random) -> None:
    desk = chance.choice(works.desks)
    (task, project), run = some(chance, works.tasks), some(chance, works.runs[-10:])
    what: Payload = {"task_id": task} if chance.random() < 0.5 else {"run_id": run}
    offer = await works.world.run(
        desk.worker.member, "run.claim", project_id=project, instance_id=desk.worker.instance_id, **what
    )
    desk.hear(msgspec.convert(offer, RunOffer))
    if offer["run"]["id"] not in works.runs:
        works.runs.append(offer["run"]["id"])


async def beat(works: Works, chance: Random) -> None:
    desk = some(chance, [desk for desk in works.desks if desk.alive])
    told = await desk.worker.beat(*desk.newest())
    for offer in told["runs"]:
        desk.hear(msgspec.convert(offer, RunOffer))


async def die(works: Works, chance: Random) -> None:
    """A process ends without a word; its connection is noticed to be lost."""
    desk = chance.choice(works.desks)
    desk.alive = False
    await works.world.pool.execute(
        "UPDATE instances SET connection = NULL WHERE id = $1", desk.worker.instance_id
    )


async def come_back(works: Works, chance: Random) -> None:
    """A process connects again, with what it had, or as another one that has nothing."""
    desk = some(chance, [desk for desk in works.desks if not desk.alive])
    held = desk.newest()
    if chance.random() < 0.5:
        desk.worker.instance_id, held = new_id(), []
    desk.alive = True
    named = [{"run_id": offer.run.id, "fence": offer.fence} for offer in held]
    reply = await desk.worker.connect(capacity=3, runs=named)
    for offer in reply["runs"]:
        desk.hear(msgspec.convert(offer, RunOffer))


async def drain(works: Works, chance: Random) -> None:
    desk = chance.choice(works.desks)
    desk.alive = False
    await works.world.run(
        desk.worker.member,
        "agent.drain",
        instance_id=desk.worker.instance_id,
        leave=chance.random() < 0.5,
    )


async def repeat(works: Works, chance: Random) -> None:
    """Something comes once more that was said before: the same message, or said anew."""
    recent = works.said[-15:] if chance.random() < 0.5 else works.said
    member, command, payload = some(chance, recent)
    anew = {"command_id": new_id()} if chance.random() < 0.4 else {}
    await works.send(member, command, payload | anew)


async def offer(works: Works, chance: Random) -> None:
    """Ready runs are given away; those that hear of it may accept at once."""
    for desk, offered in await works.offer():
        if chance.random() < 0.7:
            await attempt(works.say(desk, offered, "run.accept"))


async def keep_up(works: Works, _: Random) -> None:
    await works.keep_up()


DEEDS: dict[Deed, int] = {
    give: 12,
    plan: 4,
    retry: 2,
    move: 2,
    assign: 2,
    depend: 2,
    delete: 1,
    cancel: 3,
    answer: 5,
    revoke: 1,
    grant: 2,
    limit_spending: 1,
    steer: 1,
    offer: 12,
    keep_up: 3,
    report("run.accept"): 6,
    report("run.reject", lambda *_: {"reason": "No"}): 2,
    report("run.progress", _cost): 6,
    report("run.output", lambda _, chance: {"text": "abc", "offset": chance.choice([0, 0, 3, 6])}): 3,
    report("run.log", lambda *_: {"message": "Hm"}): 2,
    report("run.ask", _ask): 5,
    report("run.use_approval", _use): 2,
    report("run.call", _call): 5,
    report("run.complete", _result): 6,
    report("run.fail", _failure): 4,
    report("run.release"): 2,
    report("run.hand_off", _hand_off): 2,
    claim: 2,
    beat: 3,
    die: 2,
    come_back: 4,
    drain: 1,
    repeat: 8,
}
"""What happens, and how often."""


async def happen(works: Works, chance: Random, at_once: int) -> None:
    """Have some things happen at once."""
    drawn = chance.choices(list(DEEDS), list(DEEDS.values()), k=at_once)
    async with asyncio.TaskGroup() as group:
        for deed in drawn:
            group.create_task(attempt(deed(works, Random(chance.random()))))


async def pass_time(works: Works, chance: Random) -> None:
    """Past an offer, a last report, a lease, a minute or every pause; most processes give signs meanwhile."""
    seconds = chance.choice([1, 11, 11, 16, 26, 26, 61, 4_000])
    await works.projects[0].later(seconds)
    for desk in works.desks:
        if desk.alive and chance.random() < 0.6:
            await works.world.pool.execute(
                """
                UPDATE runs SET lease_until = now() + interval '20 seconds'
                WHERE instance_id = $1 AND state <> 'submitted'
                """,
                desk.worker.instance_id,
            )
