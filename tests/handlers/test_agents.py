"""Agents: registering them, what they may do, the processes they run as, and how they end."""

import asyncio
from typing import Any

import pytest

from persistence import faults, tokens
from persistence.database import clock
from persistence.faults import Refusals
from persistence.ids import new_id, secret_hash
from protocol.errors import ErrorCode
from protocol.fields import MAX_INSTANCES
from protocol.members import Member
from protocol.registry import Scope
from tests.handlers.test_members import folds_to_snapshots, of, state
from tests.workforce import Workforce, Worker
from tests.world import World

SHOUT: dict[str, Any] = {
    "name": "shout",
    "input": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    "output": {"type": "string"},
    "concurrency": 2,
}


@pytest.fixture
async def workforce(world: World) -> Workforce:
    """A project of Alice's, which has no agents yet."""
    project = await world.run(world.alice, "project.create", name="Apollo")
    return Workforce(world, project["id"])


@pytest.fixture
async def worker(workforce: Workforce) -> Worker:
    """An agent of Alice's in the project, with a process that is there."""
    return await workforce.hire("Shouter", SHOUT)


async def details(world: World, agent_id: str, who: Member | None = None) -> Any:
    return await world.run(who or world.alice, "agent.get", agent_id=agent_id)


async def test_an_agent_is_a_member_with_an_owner_and_a_token_of_its_own(world: World) -> None:
    before = {world.workspace_id: await state(world, world.workspace_id)}
    made = await world.run(
        world.alice, "agent.register", name="Shouter", description="Shouts.", picture="📣", capabilities=[SHOUT]
    )
    agent_id = made["agent"]["id"]
    assert made["agent"]["owner_id"] == world.alice.id
    assert [each["name"] for each in made["agent"]["capabilities"]] == ["shout"]
    assert (made["member"]["id"], made["member"]["kind"], made["member"]["role"]) == (agent_id, "agent", "guest")
    assert world.types(world.workspace_id) == ["member.added", "agent.registered"]
    await folds_to_snapshots(world, before)
    token = await tokens.present(world.pool, secret_hash(made["token"]))
    assert token is not None
    assert (token.member_id, token.scope) == (agent_id, Scope.WRITE)
    assert not any(made["token"] in str(event.data) for event in world.published)
    shown = await details(world, agent_id)
    assert shown["capabilities"][0]["input"] == SHOUT["input"]
    assert shown["status"] == {"state": "registered", "running": 0, "waiting": 0, "instances": []}
    assert shown["grants"] == []


async def test_the_token_is_shown_once(world: World) -> None:
    command: dict[str, Any] = {"command_id": new_id(), "name": "Shouter"}
    await world.run(world.alice, "agent.register", **command)
    await world.refused(ErrorCode.CONFLICT, world.alice, "agent.register", **command)
    assert len((await world.run(world.alice, "agent.list"))["items"]) == 1
