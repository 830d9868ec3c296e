"""Rooms against a real server: live state, resuming, repair, removal, readers that are slow."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from persistence import log, messages, partitions, workspace
from persistence.database import clock
from protocol.messages import MessageSent
from tests.nodes import PATIENCE, RunningNode
from tests.sdk.network import Network, reaches
from ymera_client import (
    Client,
    Drop,
    EventsMissed,
    EventStream,
    Evicted,
    LiveRoom,
    Member,
    Message,
    MessageSend,
    NotFound,
    Participant,
    Phase,
    Project,
    ProjectCreate,
    ProjectRemoveMember,
    ProjectSetMember,
    ProjectUpdate,
    Snapshot,
    Task,
    TaskCreate,
    TaskDelete,
    TaskUpdate,
    ThreadSummary,
    Unavailable,
    new_id,
)

pytestmark = pytest.mark.usefixtures("short_waits")


def plain(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    return {name: {**entities} for name, entities in snapshot.items() if entities}


async def together(her: Client, him: Client) -> Project:
    """A project that both are in."""
    project = await her.call(ProjectCreate(name="Apollo"))
    await her.call(ProjectSetMember(project_id=project.id, member_id=him.me.id))
    return project


async def same(room: LiveRoom, other: LiveRoom) -> None:
    """Wait until a room has caught up with another, and compare."""
    await room.wait_for(lambda it: it.cursor >= other.cursor, PATIENCE)
    assert plain(room.state) == plain(other.state)


async def fresh(server: RunningNode, token: str, room_id: str) -> tuple[int, dict[str, Any]]:
    """The room as a client sees it that has never seen it before."""
    async with Client(server.url, token=token) as client, client.room(room_id) as room:
        return room.cursor, plain(room.state)


async def test_one_sees_live_what_another_does(server: RunningNode, ada: str, bo: str) -> None:
    async with Client(server.url, token=ada) as her, Client(server.url, token=bo) as him:
        project = await together(her, him)
        async with him.room(project.id) as room:
            events = room.events()
            task = await her.call(TaskCreate(project_id=project.id, title="Land"))
            event = await asyncio.wait_for(anext(events), PATIENCE)
            assert (event.type, event.actor, event.data["task"]["id"]) == ("task.created", her.me.id, task.id)
            assert room.get(Task, task.id) == task
            await her.call(TaskDelete(task_id=task.id))
            assert (await asyncio.wait_for(anext(events), PATIENCE)).type == "task.deleted"
            assert room.get(Task, task.id) is None
            assert {each.id for each in room.all(Participant)} == {her.me.id, him.me.id}
            with pytest.raises(TypeError, match="Rooms hold no ThreadSummary"):
                room.all(ThreadSummary)


async def test_the_inbox_and_the_workspace_are_followed_from_the_start(
    server: RunningNode, ada: str, bo: str
) -> None:
    async with Client(server.url, token=ada) as her, Client(server.url, token=bo) as him:
        assert her.home is not None
        await her.home.wait_for(lambda it: {m.name for m in it.all(Member)} >= {"Ada", "Bo"}, PATIENCE)
        project = await together(her, him)
        await him.inbox.wait_for(lambda it: project.id in it.state["memberships"], PATIENCE)


async def test_a_room_that_is_not_yours_is_not_found(server: RunningNode, ada: str, bo: str) -> None:
    async with Client(server.url, token=ada) as her, Client(server.url, token=bo) as him:
        project = await her.call(ProjectCreate(name="Apollo"))
        with pytest.raises(NotFound):
            async with him.room(project.id):
                pytest.fail("entered")
        room = him.room(project.id)
        with pytest.raises(NotFound):
            await room.ready()
        with pytest.raises(NotFound):
            _ = room.state
        with pytest.raises(NotFound):
            await anext(room.events())
        await her.call(ProjectSetMember(project_id=project.id, member_id=him.me.id))
        async with him.room(project.id) as entered:
            assert entered.get(Project, project.id) == project


async def test_handles_share_a_room_until_the_last_is_closed(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        first, second = client.room(project.id), client.room(project.id)
        await first.ready()
        await second.ready()
        ended, going = first.events(), second.events()
        silent: list[int] = []
        stop = first.subscribe(lambda: silent.append(first.cursor))
        await first.close()
        await first.close()
        stop()
        await client.call(TaskCreate(project_id=project.id, title="a"))
        assert (await asyncio.wait_for(anext(going), PATIENCE)).type == "task.created"
        assert [event async for event in ended] == []
        assert silent == []
        await second.close()
        assert [event async for event in going] == []
        assert await server.node.pool.fetchval("SELECT 1") == 1
        assert not [c for c in server.node.hub.all() if project.id in c.rooms]


async def test_events_pass_by_a_lost_connection_without_a_hole(
    server: RunningNode, network: Network, ada: str, bo: str
) -> None:
    async with Client(server.url, token=ada) as her, Client(network.url, token=bo) as him:
        project = await together(her, him)
        async with him.room(project.id) as room:
            events = room.events()
            for number in range(5):
                if number % 2:
                    network.block()
                    await reaches(him, Phase.OFFLINE)
                await her.call(TaskCreate(project_id=project.id, title=str(number)))
                network.unblock()
            titles = [
                (await asyncio.wait_for(anext(events), PATIENCE)).data["task"]["title"] for _ in range(5)
            ]
            assert titles == ["0", "1", "2", "3", "4"]
            async with her.room(project.id) as hers:
                await same(room, hers)


class LossyClient(Client):
    """Loses, repeats and delays what the server sends by itself, as a network of several nodes may."""

    loses = True

    def __init__(self, url: str, *, token: str, seed: int) -> None:
        super().__init__(url, token=token)
        self._random = random.Random(seed)
        self._delayed: list[tuple[str, Any]] = []

    def _on_message(self, name: str, data: Any) -> None:
        if name not in {"event", "events"} or not self.loses:
            super()._on_message(name, data)
            return
        chance = self._random.random()
        if chance < 0.3:
            return
        if chance < 0.5:
            self._delayed.append((name, data))
            return
        super()._on_message(name, data)
        if chance < 0.7:
            super()._on_message(name, data)
        if self._delayed and chance > 0.8:
            super()._on_message(*self._delayed.pop(self._random.randrange(len(self._delayed))))


@pytest.mark.parametrize("seed", range(3))
async def test_lost_repeated_and_late_events_leave_no_trace(
    server: RunningNode, ada: str, bo: str, seed: int
) -> None:
    chosen = random.Random(seed)
    async with Client(server.url, token=ada) as her, LossyClient(server.url, token=bo, seed=seed) as him:
        project = await together(her, him)
        async with him.room(project.id) as room, her.room(project.id) as hers:
            events = room.events()
            tasks: list[Task] = []
            for number in range(40):
                if tasks and chosen.random() < 0.3:
                    await her.call(TaskDelete(task_id=tasks.pop(chosen.randrange(len(tasks))).id))
                elif tasks and chosen.random() < 0.5:
                    place = chosen.randrange(len(tasks))
                    old = tasks[place]
                    update = TaskUpdate(task_id=old.id, version=old.version, title=f"new {number}")
                    tasks[place] = await her.call(update)
                else:
                    tasks.append(await her.call(TaskCreate(project_id=project.id, title=str(number))))
            him.loses = False
            await her.call(MessageSend(room=project.id, text="done"))
            await hers.wait_for(lambda it: it.all(Message), PATIENCE)
            await same(room, hers)
            seqs = [(await anext(events)).seq for _ in range(41)]
            assert seqs == list(range(room.cursor - 40, room.cursor + 1))


@pytest.mark.parametrize("message", ["heads", "lagging"])
async def test_a_lost_tail_is_found_when_the_server_says_how_far_the_log_goes(
    server: RunningNode, ada: str, bo: str, message: str
) -> None:
    async with Client(server.url, token=ada) as her, LossyClient(server.url, token=bo, seed=0) as him:
        project = await together(her, him)
        async with him.room(project.id) as room, her.room(project.id) as hers:
            him._random.random = lambda: 0.0  # type: ignore[method-assign]
            await her.call(TaskCreate(project_id=project.id, title="lost"))
            await hers.wait_for(lambda it: it.all(Task), PATIENCE)
            him._on_message(message, {"heads": {project.id: hers.cursor, new_id(): 9}})
            await same(room, hers)


async def read_all(events: EventStream) -> None:
    async for event in events:
        assert event.type == "participant.removed"


async def test_removal_ends_the_room_but_not_the_client(server: RunningNode, ada: str, bo: str) -> None:
    async with Client(server.url, token=ada) as her, Client(server.url, token=bo) as him:
        project = await together(her, him)
        async with him.room(project.id) as room:
            events = room.events()
            wish = asyncio.ensure_future(room.wait_for(lambda it: it.all(Task)))
            await asyncio.sleep(0)
            await her.call(ProjectRemoveMember(project_id=project.id, member_id=him.me.id))
            with pytest.raises(Evicted, match="removed from room"):
                await asyncio.wait_for(wish, PATIENCE)
            with pytest.raises(Evicted):
                await read_all(events)
            with pytest.raises(Evicted):
                _ = room.state
        assert him.status.phase is Phase.LIVE
        await her.call(ProjectSetMember(project_id=project.id, member_id=him.me.id))
        async with him.room(project.id) as again:
            assert again.get(Project, project.id) == project


async def test_news_of_an_old_removal_does_not_end_a_room_joined_since(
    server: RunningNode, ada: str, bo: str
) -> None:
    async with Client(server.url, token=ada) as her, Client(server.url, token=bo) as him:
        project = await together(her, him)
        async with him.room(project.id) as room:
            joined_at = datetime.fromisoformat(room.state["participants"][him.me.id]["joined_at"])

            def removed(at: datetime) -> dict[str, object]:
                seq = him.inbox.cursor + 1
                data = {"room_id": project.id}
                return {"room": him.me.id, "seq": seq, "type": "membership.removed", "at": at, "data": data}

            him._on_message("event", {**removed(joined_at - timedelta(seconds=1)), "actor": None})
            assert room.get(Project, project.id) == project
            him._on_message("event", {**removed(joined_at + timedelta(seconds=1)), "actor": None})
            with pytest.raises(Evicted):
                room.get(Project, project.id)


async def test_removal_while_offline_is_noticed_on_return(
    server: RunningNode, network: Network, ada: str, bo: str
) -> None:
    async with Client(server.url, token=ada) as her, Client(network.url, token=bo) as him:
        left, back = await together(her, him), await together(her, him)
        async with him.room(left.id) as lost, him.room(back.id) as kept:
            network.block()
            await reaches(him, Phase.OFFLINE)
            for project in (left, back):
                await her.call(ProjectRemoveMember(project_id=project.id, member_id=him.me.id))
            await her.call(ProjectSetMember(project_id=back.id, member_id=him.me.id))
            task = await her.call(TaskCreate(project_id=back.id, title="still here"))
            network.unblock()
            assert await kept.wait_for(lambda it: it.get(Task, task.id), PATIENCE)
            with pytest.raises(Evicted):
                await lost.wait_for(lambda _: False, PATIENCE)
            await reaches(him, Phase.LIVE)


async def test_a_reader_that_is_too_slow_is_told(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        async with client.room(project.id) as room:
            events = room.events(limit=2)
            for name in ("a", "b", "c", "d"):
                await client.call(TaskCreate(project_id=project.id, title=name))
            await room.wait_for(lambda it: len(it.all(Task)) == 4, PATIENCE)
            assert [(await anext(events)).data["task"]["title"] for _ in range(2)] == ["a", "b"]
            for _ in range(2):
                with pytest.raises(EventsMissed, match="2 events wait to be read"):
                    await anext(events)


async def test_a_closed_handle_says_so(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        async with client.room(project.id):
            room = client.room(project.id)
            wish = asyncio.ensure_future(room.wait_for(lambda _: False))
            await room.ready()
            await room.close()
            with pytest.raises(RuntimeError, match="is closed"):
                await wish
            with pytest.raises(RuntimeError, match="is closed"):
                room.events()
            with pytest.raises(RuntimeError, match="is closed"):
                await room.ready()


async def test_a_room_of_a_client_that_has_ended(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
    with pytest.raises(Unavailable, match="closed"):
        await client.room(project.id).ready()


async def test_waiting_has_an_end(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        with pytest.raises(TimeoutError):
            await client.inbox.wait_for(lambda _: False, 0.01)


async def test_a_snapshot_can_be_walked_while_the_room_changes(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        async with client.room(project.id) as room:
            for name in ("a", "b", "c"):
                await client.call(TaskCreate(project_id=project.id, title=name))
            await room.wait_for(lambda it: len(it.all(Task)) == 3, PATIENCE)
            for task_id in room.state["tasks"]:
                await client.call(TaskDelete(task_id=task_id), optimistic=[Drop(room.id, "tasks", task_id)])
            await room.wait_for(lambda it: not it.state["tasks"], PATIENCE)


async def test_a_restored_database_replaces_the_state_and_is_told(
    node: Callable[..., Awaitable[RunningNode]], server: RunningNode, network: Network, ada: str
) -> None:
    async with Client(network.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        async with client.room(project.id) as room:
            events = room.events()
            for name in ("a", "b"):
                await client.call(TaskCreate(project_id=project.id, title=name))
            assert [(await anext(events)).type for _ in range(2)] == ["task.created"] * 2
            before = room.cursor
            async with server.node.pool.acquire() as tx:
                await workspace.new_generation(tx)
            await server.stop()
            network.target = (await node()).url
            with pytest.raises(EventsMissed, match="replaced as a whole"):
                await asyncio.wait_for(anext(events), PATIENCE)
            assert room.cursor == before
            assert {task.title for task in room.all(Task)} == {"a", "b"}


async def far_ahead(server: RunningNode, room: str, author: str) -> None:
    """Ten thousand messages of which nobody is told."""
    async with server.node.pool.acquire() as tx, tx.transaction():
        head = (await log.lock(tx, [room]))[room]
        await tx.execute(
            """
            INSERT INTO messages (id, room_id, seq, author_id, text, created_at)
            SELECT gen_random_uuid(), $1, $2 + n, $3, 'message ' || n, now() FROM generate_series(1, 10000) n
            """,
            room,
            head,
            author,
        )
        said = reversed(await messages.newest(tx, room, 10_000))
        pending: list[log.Pending] = [
            (room, MessageSent(message=message, thread=None, task=None), None) for message in said
        ]
        await log.record(tx, author, await clock(tx), pending)


async def long_ago(server: RunningNode, room: str, _: str) -> None:
    """All that was said is older than the log is kept."""
    await server.node.pool.execute("UPDATE events SET at = '2020-01-01' WHERE room_id = $1", room)
    await partitions.tend(server.node.pool, timedelta(hours=72))


@pytest.mark.parametrize("meanwhile", [far_ahead, long_ago])
async def test_who_was_away_too_long_gets_the_whole_state_and_is_told(
    server: RunningNode,
    network: Network,
    ada: str,
    bo: str,
    meanwhile: Callable[[RunningNode, str, str], Awaitable[None]],
) -> None:
    async with Client(server.url, token=ada) as her, Client(network.url, token=bo) as him:
        project = await together(her, him)
        async with him.room(project.id) as room:
            events = room.events()
            network.block()
            await reaches(him, Phase.OFFLINE)
            task = await her.call(TaskCreate(project_id=project.id, title="missed"))
            await meanwhile(server, project.id, her.me.id)
            network.unblock()
            with pytest.raises(EventsMissed, match="replaced as a whole"):
                await asyncio.wait_for(anext(events), PATIENCE)
            await her.call(TaskUpdate(task_id=task.id, version=task.version, title="after"))
            await room.wait_for(lambda it: it.all(Task)[0].title == "after", PATIENCE)
            async with her.room(project.id) as hers:
                await same(room, hers)


async def test_a_client_that_lags_by_ten_thousand_is_caught_up(
    server: RunningNode, ada: str, bo: str
) -> None:
    async with Client(server.url, token=ada) as her, Client(server.url, token=bo) as him:
        project = await together(her, him)
        async with him.room(project.id) as room:
            await far_ahead(server, project.id, her.me.id)
            await room.wait_for(lambda it: it.cursor > 10_000, PATIENCE)
            async with her.room(project.id) as hers:
                await same(room, hers)


async def test_changes_made_offline_are_shown_and_then_come_true(
    server: RunningNode, network: Network, ada: str
) -> None:
    async with Client(network.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        async with client.room(project.id) as room:
            network.block()
            await reaches(client, Phase.OFFLINE)
            changed = ProjectUpdate(project_id=project.id, version=project.version, name="Artemis")
            shown = {**room.state["projects"][project.id], "name": "Artemis"}
            call = asyncio.ensure_future(
                client.call(changed, optimistic=[Drop(room.id, "projects", project.id)])
            )
            await room.wait_for(lambda it: not it.state["projects"], PATIENCE)
            network.unblock()
            assert (await call).name == shown["name"]
            await room.wait_for(lambda it: it.get(Project, project.id) == call.result(), PATIENCE)


async def test_a_handle_closed_without_a_connection(network: Network, ada: str) -> None:
    async with Client(network.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        async with client.room(project.id):
            network.block()
            await reaches(client, Phase.OFFLINE)
        room = client.room(project.id)
        opening = asyncio.ensure_future(room.ready())
        await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="closed"):
        await opening
