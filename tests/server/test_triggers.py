"""Nodes see to triggers by themselves, and not each for itself."""

from typing import Any

from protocol.roles import RoomRole
from tests.nodes import NodeStarter, StockClient, until

CAPABILITY: dict[str, Any] = {"name": "report", "concurrency": 5}


async def staffed(manager: StockClient) -> str:
    """A new project with an agent in it."""
    project = await manager.do("project.create", name="Works")
    made = await manager.do("agent.register", name="Reporter", capabilities=[CAPABILITY])
    await manager.do(
        "project.set_member",
        project_id=project["id"],
        member_id=made["agent"]["id"],
        role=RoomRole.EDITOR,
    )
    return str(project["id"])


async def test_nodes_fire_once_for_each_time_and_event(node: NodeStarter, redis_url: str) -> None:
    running = [await node(redis_url=redis_url) for _ in range(2)]
    _, token = await running[0].admit("Ada")
    async with running[0].client(token) as manager:
        project_id = await staffed(manager)
        common: dict[str, Any] = {"project_id": project_id, "capability": "report"}
        yearly = await manager.do(
            "trigger.create", **common, name="Yearly", kind="schedule", cron="0 0 1 1 *", catch_up="all"
        )
        await manager.do(
            "trigger.create", **common, name="New", kind="event", filter={"type": "task.created"}
        )
        for title in ("One", "Two", "Three"):
            await manager.do("task.create", project_id=project_id, title=title)
        await running[0].node.pool.execute(
            "UPDATE triggers SET next_at = next_at - interval '2 years' WHERE id = $1",
            yearly["trigger"]["id"],
        )

        async def fired() -> list[int]:
            listed = await manager.do("trigger.list", project_id=project_id)
            return [trigger["fired"] for trigger in listed["items"]]

        async def all_fired() -> bool:
            return await fired() == [3, 2]

        await until(all_fired)
        assert await running[0].node.pool.fetchval("SELECT count(*) FROM runs") == 5
