"""A client against a real server: commands, their results and refusals, and its own beginning and end."""

import asyncio
import logging
import threading
import time
from contextlib import aclosing
from pathlib import Path

import pytest

from handlers import accounts
from handlers.dispatch import publish_committed
from persistence import tokens
from persistence.database import clock
from protocol.registry import Scope
from protocol.roles import WorkspaceRole
from tests.nodes import PATIENCE, RunningNode
from tests.sdk.network import Network, reaches
from ymera_client import (
    Client,
    Conflict,
    DeadlineExceeded,
    Entry,
    Forbidden,
    Invalid,
    LoggedEvent,
    MemberUpdate,
    MemoryOutbox,
    MessageReact,
    NotFound,
    OutboxFailed,
    Patch,
    Phase,
    PresenceList,
    PresenceSet,
    PresenceStatus,
    Project,
    ProjectCreate,
    ProjectGet,
    ProjectList,
    ProjectSetMember,
    ProjectUpdate,
    Put,
    SqliteOutbox,
    Status,
    Task,
    TaskCreate,
    TaskGet,
    TaskList,
    TaskUpdate,
    TooLarge,
    Typing,
    TypingSet,
    Unauthenticated,
    Unavailable,
    UnknownCommand,
    WorkspaceUpdate,
    YmeraError,
    new_id,
)
from ymera_client.client import READS

pytestmark = pytest.mark.usefixtures("short_waits")


async def test_commands_have_typed_results(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        assert isinstance(project, Project)
        task = await client.call(TaskCreate(project_id=project.id, title="Land on the Moon"))
        assert (task.title, task.version, task.project_id) == ("Land on the Moon", 1, project.id)
        assert await client.call(TaskGet(task_id=task.id)) == task
        await client.call(PresenceSet(status=PresenceStatus.ONLINE))
        assert client.me.name == "Ada"
        assert client.workspace.name == "YMERA"
        assert client.inbox.id == client.me.id


async def test_plain_commands_have_plain_results(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        project = await client.call_raw("project.create", {"name": "Apollo"})
        assert (await client.call_raw("project.get", {"project_id": project["id"]}))["name"] == "Apollo"
        with pytest.raises(UnknownCommand, match=r"nobody\.knows"):
            await client.call_raw("nobody.knows")


async def test_refusals_are_typed_and_say_why(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        with pytest.raises(Invalid) as invalid:
            await client.call(ProjectCreate(name=" "))
        assert invalid.value.data["path"] == "name"
        assert invalid.value.correlation_id
        with pytest.raises(NotFound):
            await client.call(ProjectGet(project_id=new_id()))


async def test_a_conflict_takes_the_optimistic_change_back(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        async with client.room(project.id) as room:
            stale = await client.call(TaskCreate(project_id=project.id, title="first"))
            await client.call(TaskUpdate(task_id=stale.id, version=1, title="second"))
            await room.wait_for(lambda it: it.state["tasks"][stale.id]["title"] == "second", PATIENCE)
            titles: list[str] = []
            room.subscribe(lambda: titles.append(room.state["tasks"][stale.id]["title"]))
            with pytest.raises(Conflict) as conflict:
                await client.call(
                    TaskUpdate(task_id=stale.id, version=1, title="mine"),
                    optimistic=[Patch(room.id, "tasks", {"id": stale.id, "title": "mine"})],
                )
            assert conflict.value.data["current"]["title"] == "second"
            assert titles[0] == "mine"
            assert titles[-1] == room.state["tasks"][stale.id]["title"] == "second"


async def test_an_optimistic_change_gives_way_to_the_event(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        async with client.room(project.id) as room:
            task_id, seen = new_id(), list[int]()
            room.subscribe(lambda: seen.append(room.state["tasks"].get(task_id, {}).get("version", -1)))
            await client.call(
                TaskCreate(project_id=project.id, title="new", id=task_id),
                optimistic=[Put(room.id, "tasks", {"id": task_id, "title": "new", "version": 0})],
            )
            await room.wait_for(lambda it: it.state["tasks"][task_id]["version"] == 1, PATIENCE)
            assert seen[0] == 0
            assert seen == sorted(seen)


async def test_an_optimistic_change_goes_even_if_no_event_comes(
    server: RunningNode, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ymera_client.feed.OVERLAY_SECONDS", 0.05)
    async with Client(server.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        async with client.room(project.id) as room:
            await client.call(
                ProjectUpdate(project_id=project.id, version=project.version, name="Apollo"),
                optimistic=[Put(client.inbox.id, "memberships", {"id": "ghost"})],
            )
            assert "ghost" in client.inbox.state["memberships"]
            await client.inbox.wait_for(lambda it: "ghost" not in it.state["memberships"], PATIENCE)
            assert "ghost" not in room.state["memberships"]


async def test_senseless_optimistic_changes_are_refused_before_anything_is_sent(
    server: RunningNode, ada: str
) -> None:
    async with Client(server.url, token=ada) as client:
        with pytest.raises(ValueError, match="no collection 'projectz'"):
            await client.call(ProjectCreate(name="A"), optimistic=[Put("room", "projectz", {"id": "x"})])
        with pytest.raises(ValueError, match="only reads"):
            await client.call(TaskGet(task_id="x"), optimistic=[Put("room", "tasks", {"id": "x"})])
        assert client.status.queued == 0


async def test_many_commands_at_once_keep_the_order_of_the_calls(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        names = [f"task {number}" for number in range(100)]
        await asyncio.gather(*(client.call(TaskCreate(project_id=project.id, title=name)) for name in names))
        found = [task.title async for task in client.page(TaskList(project_id=project.id, limit=30))]
        assert found == names


async def test_paging_can_be_left_early(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        for name in ("a", "b", "c"):
            await client.call(TaskCreate(project_id=project.id, title=name))
        async with aclosing(client.page(TaskList(project_id=project.id, limit=1))) as tasks:
            assert (await anext(tasks)).title == "a"


async def test_more_reads_than_the_server_takes_at_once_wait_their_turn(
    server: RunningNode, ada: str
) -> None:
    async with Client(server.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        reads = [client.call(ProjectGet(project_id=project.id)) for _ in range(8 * READS)]
        assert {each.id for each in await asyncio.gather(*reads)} == {project.id}


async def test_a_read_needs_a_connection_unless_it_may_wait(network: Network, ada: str) -> None:
    async with Client(network.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        network.block()
        await reaches(client, Phase.OFFLINE)
        with pytest.raises(Unavailable, match="no connection"):
            await client.call(ProjectGet(project_id=project.id))
        waiting = asyncio.ensure_future(client.call(ProjectGet(project_id=project.id), wait=True))
        network.unblock()
        assert await waiting == project


async def test_a_read_under_way_when_the_connection_breaks(network: Network, ada: str) -> None:
    async with Client(network.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        network.mute = True
        impatient = asyncio.ensure_future(client.call(ProjectGet(project_id=project.id)))
        patient = asyncio.ensure_future(client.call(ProjectGet(project_id=project.id), wait=True))
        await asyncio.sleep(0)
        network.block()
        with pytest.raises(Unavailable, match="lost before the answer"):
            await impatient
        network.unblock()
        assert await patient == project


async def test_writes_wait_for_the_connection_and_happen_in_order(network: Network, ada: str) -> None:
    async with Client(network.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        network.block()
        await reaches(client, Phase.OFFLINE)
        calls = [
            asyncio.ensure_future(client.call(TaskCreate(project_id=project.id, title=name)))
            for name in "abc"
        ]
        await asyncio.sleep(0)
        assert (client.status.phase, client.status.queued) == (Phase.OFFLINE, 3)
        network.unblock()
        assert [(await call).title for call in calls] == ["a", "b", "c"]
        found = [task.title async for task in client.page(TaskList(project_id=project.id))]
        assert found == ["a", "b", "c"]
        await reaches(client, Phase.LIVE)


async def test_a_lost_answer_does_not_make_a_command_happen_twice(
    server: RunningNode, network: Network, ada: str
) -> None:
    async with Client(network.url, token=ada) as client, Client(server.url, token=ada) as witness:
        project = await client.call(ProjectCreate(name="Apollo"))
        async with witness.room(project.id) as room:
            network.mute = True
            call = asyncio.ensure_future(client.call(TaskCreate(project_id=project.id, title="once")))
            await room.wait_for(lambda it: it.state["tasks"], PATIENCE)
            assert not call.done()
            network.cut()
            network.unblock()
            task = await call
            found = [each async for each in witness.page(TaskList(project_id=project.id))]
            assert [each.id for each in found] == [task.id] == list(room.state["tasks"])


async def test_a_cancelled_call_is_carried_out_all_the_same(network: Network, ada: str) -> None:
    async with Client(network.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        network.block()
        await reaches(client, Phase.OFFLINE)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await client.call(TaskCreate(project_id=project.id, title="still"))
        network.unblock()
        async with client.room(project.id) as room:
            await room.wait_for(lambda it: it.all(Task), PATIENCE)


async def test_what_nobody_awaits_is_reported_when_it_is_refused(
    network: Network, ada: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Client(network.url, token=ada) as client:
        rejected: asyncio.Future[tuple[str, YmeraError]] = asyncio.get_running_loop().create_future()
        client.on("rejected", lambda entry, error: rejected.set_result((entry.name, error)))
        network.block()
        await reaches(client, Phase.OFFLINE)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await client.call(TaskCreate(project_id=new_id(), title="nowhere"))
        network.unblock()
        name, error = await asyncio.wait_for(rejected, PATIENCE)
        assert name == "task.create"
        assert isinstance(error, NotFound)
        assert "nowhere" not in caplog.text


async def test_a_command_that_is_too_old_is_given_up(server: RunningNode, ada: str) -> None:
    store = MemoryOutbox()
    await store.append(
        Entry(command_id=new_id(), name="project.create", payload={"name": "A"}, queued_at=0.0)
    )
    client = Client(server.url, token=ada, outbox=store)
    rejected: list[YmeraError] = []
    client.on("rejected", lambda _, error: rejected.append(error))
    async with client:
        await reaches(client, Phase.LIVE)
        assert [type(error) for error in rejected] == [DeadlineExceeded]
        assert client.status.queued == 0
    assert await store.load() == []


async def test_a_command_that_cannot_be_kept_is_not_sent(
    server: RunningNode, ada: str, tmp_path: Path
) -> None:
    store = SqliteOutbox(tmp_path / "outbox.db")
    async with Client(server.url, token=ada, outbox=store) as client:
        await store._run(store._execute, "ALTER TABLE entries RENAME TO elsewhere", ())
        with pytest.raises(OutboxFailed):
            await client.call(ProjectCreate(name="Apollo"))
        await store._run(store._execute, "ALTER TABLE elsewhere RENAME TO entries", ())
        assert client.status.queued == 0
        assert [each async for each in client.page(ProjectList())] == []


async def test_a_call_that_is_cancelled_before_it_is_kept_is_not_carried_out(
    server: RunningNode, ada: str, tmp_path: Path
) -> None:
    store = SqliteOutbox(tmp_path / "outbox.db")
    async with Client(server.url, token=ada, outbox=store) as client:
        busy = threading.Event()
        assert store._thread is not None
        store._thread.submit(busy.wait)
        call = asyncio.ensure_future(client.call(ProjectCreate(name="Apollo")))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        busy.set()
        assert (await client.call(ProjectCreate(name="Artemis"))).name == "Artemis"
        assert [each.project.name async for each in client.page(ProjectList())] == ["Artemis"]
    assert await store.load() == []
    await store.close()


async def test_a_client_that_is_closed_while_a_command_is_being_kept(
    server: RunningNode, ada: str, tmp_path: Path
) -> None:
    store = SqliteOutbox(tmp_path / "outbox.db")
    async with Client(server.url, token=ada, outbox=store) as client:
        busy = threading.Event()
        assert store._thread is not None
        store._thread.submit(busy.wait)
        call = asyncio.ensure_future(client.call(ProjectCreate(name="Apollo")))
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(client.close())
        await asyncio.sleep(0)
        busy.set()
        await closing
    with pytest.raises(Unavailable, match="closed"):
        await call
    assert [entry.payload["name"] for entry in await store.load()] == ["Apollo"]
    await store.close()


async def test_a_command_that_the_server_would_choke_on_is_refused_here(
    server: RunningNode, ada: str
) -> None:
    async with Client(server.url, token=ada) as client:
        with pytest.raises(TooLarge) as large:
            await client.call_raw("project.create", {"name": "x" * 2_000_000})
        assert large.value.data["limit"] < 1_000_000
        with pytest.raises(TooLarge):
            await client.call_raw("project.get", {"project_id": "x" * 2_000_000})
        assert (await client.call(ProjectCreate(name="Apollo"))).name == "Apollo"


async def test_wrong_credentials_are_refused_at_once(server: RunningNode) -> None:
    client = Client(server.url, token="ymt_wrong")
    with pytest.raises(Unauthenticated):
        await client.connect()
    assert client.status.phase is Phase.SIGNED_OUT
    with pytest.raises(Unauthenticated):
        await client.call(ProjectCreate(name="Apollo"))


async def test_a_revoked_token_signs_the_client_out(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        room = client.inbox
        stream = room.events()
        said: list[str] = []
        client.on("closing", lambda closing: said.append(closing.reason))
        await revoke(server, client.me.id)
        await reaches(client, Phase.SIGNED_OUT)
        assert said == ["revoked"]
        with pytest.raises(Unauthenticated, match="revoked"):
            await client.call(ProjectCreate(name="Apollo"))
        with pytest.raises(Unauthenticated):
            async for _ in stream:
                pass


async def revoke(server: RunningNode, member_id: str) -> None:
    """End a member's token, as the REST interface does."""
    async with server.node.pool.acquire() as tx, tx.transaction():
        [token] = await tokens.of_member(tx, member_id)
        events = await accounts.end_token(tx, member_id, token.id, await clock(tx))
    await publish_committed(server.node.dispatcher.publish, events)


async def test_a_scope_that_is_too_small_is_forbidden(server: RunningNode) -> None:
    _, token = await server.admit("Reader", scope=Scope.READ)
    async with Client(server.url, token=token) as client:
        with pytest.raises(Forbidden):
            await client.call(ProjectCreate(name="Apollo"))


async def test_a_guest_has_no_home(server: RunningNode) -> None:
    _, token = await server.admit("Guest", WorkspaceRole.GUEST)
    async with Client(server.url, token=token) as client:
        assert client.home is None
        await reaches(client, Phase.LIVE)


async def test_an_unreachable_server_is_given_up_on_in_time(network: Network, ada: str) -> None:
    network.block()
    client = Client(network.url, token=ada, connect_timeout=0.2)
    with pytest.raises(Unavailable, match=r"Not connected within 0\.2 s"):
        await client.connect()
    assert client.status.phase is Phase.CLOSED


async def test_a_client_can_start_offline(network: Network, ada: str) -> None:
    network.block()
    async with Client(network.url, token=ada, connect_timeout=0) as client:
        with pytest.raises(Unavailable, match="not been connected yet"):
            _ = client.me
        call = asyncio.ensure_future(client.call(ProjectCreate(name="Apollo")))
        await reaches(client, Phase.OFFLINE)
        network.unblock()
        assert (await call).name == "Apollo"


async def test_the_status_tells_the_story(network: Network, ada: str) -> None:
    story: list[Phase] = []

    def tell(status: Status) -> None:
        if not story or story[-1] is not status.phase:
            story.append(status.phase)

    async with Client(network.url, token=ada, on_status=tell) as client:
        live = await reaches(client, Phase.LIVE)
        network.block()
        await reaches(client, Phase.OFFLINE)
        network.unblock()
        assert (await reaches(client, Phase.LIVE)).since > live.since
    assert story == [
        Phase.CATCHING_UP,
        Phase.LIVE,
        Phase.OFFLINE,
        Phase.CATCHING_UP,
        Phase.LIVE,
        Phase.CLOSED,
    ]


def tasks_of_client() -> list[asyncio.Task[object]]:
    """What still runs of the client and of the library below it; the server's tasks live in the same loop."""
    ours = ("ymera_client", "engineio/async_client", "socketio/async_client")
    return [task for task in asyncio.all_tasks() if any(name in repr(task) for name in ours)]


async def test_closing_ends_all_waiting_and_leaves_no_task(network: Network, ada: str) -> None:
    async with Client(network.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        room = client.room(project.id)
        await room.ready()
        stream = room.events()
        network.block()
        await reaches(client, Phase.OFFLINE)
        write = asyncio.ensure_future(client.call(ProjectCreate(name="later")))
        read = asyncio.ensure_future(client.call(ProjectGet(project_id=project.id), wait=True))
        wish = asyncio.ensure_future(room.wait_for(lambda it: it.all(Task)))
        await asyncio.sleep(0)
    for waiting in (write, read, wish):
        with pytest.raises(Unavailable, match="closed"):
            await waiting
    with pytest.raises(Unavailable, match="closed"):
        await anext(stream)
    assert room.get(Project, project.id) == project
    assert not tasks_of_client()
    await client.close()
    with pytest.raises(RuntimeError, match="connects once"):
        await client.connect()


async def test_closing_at_the_moment_of_a_loss(network: Network, ada: str) -> None:
    for turns in range(0, 60, 3):
        async with Client(network.url, token=ada) as client:
            await reaches(client, Phase.LIVE)
            network.cut()
            for _ in range(turns):
                await asyncio.sleep(0)
            started = time.monotonic()
        assert time.monotonic() - started < PATIENCE
        assert not tasks_of_client()


async def test_a_client_can_be_cancelled_while_it_connects(server: RunningNode, ada: str) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001), Client(server.url, token=ada):
            pytest.fail("connected faster than possible")
    assert not tasks_of_client()


async def test_listeners_that_fail_do_no_harm_and_can_stop(
    server: RunningNode, ada: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, logger="ymera_client")
    async with Client(server.url, token=ada) as client:
        project = await client.call(ProjectCreate(name="Apollo"))
        async with client.room(project.id) as room:
            seen: list[LoggedEvent] = []

            def fail(event: LoggedEvent) -> None:
                raise ZeroDivisionError

            client.on("event", fail)
            stop = client.on("event", seen.append)
            task = await client.call(TaskCreate(project_id=project.id, title="a"))
            await room.wait_for(lambda it: it.get(Task, task.id), PATIENCE)
            assert [event.type for event in seen if event.room == room.id] == ["task.created"]
            assert "A listener failed" in caplog.text
            stop()
            stop()
            await client.call(TaskUpdate(task_id=task.id, version=1, title="b"))
            await room.wait_for(lambda it: it.state["tasks"][task.id]["version"] == 2, PATIENCE)
            assert len([event for event in seen if event.room == room.id]) == 1


async def test_presence_and_typing_are_seen_and_presence_lasts(
    server: RunningNode, network: Network, ada: str, bo: str
) -> None:
    async with Client(network.url, token=ada) as her, Client(server.url, token=bo) as him:
        project = await her.call(ProjectCreate(name="Apollo"))
        await her.call(ProjectSetMember(project_id=project.id, member_id=him.me.id))
        async with her.room(project.id) as hers, him.room(project.id) as his:
            await his.wait_for(lambda it: it.presence.get(her.me.id) is PresenceStatus.ONLINE, PATIENCE)
            await her.set_presence(PresenceStatus.BUSY)
            await his.wait_for(lambda it: it.presence.get(her.me.id) is PresenceStatus.BUSY, PATIENCE)
            offline = asyncio.ensure_future(reaches(her, Phase.OFFLINE))
            network.cut()
            await offline
            assert not hers.presence
            # The server gathers for a moment who came and left before it shows that to anybody.
            await hers.wait_for(lambda it: it.presence.get(her.me.id) is PresenceStatus.BUSY, PATIENCE)
            seen = await her.call(PresenceList(room=project.id))
            assert seen.joined[her.me.id] is PresenceStatus.BUSY
            heard: list[Typing] = []
            his_stop = him.on("typing", heard.append)
            await her.call(TypingSet(room=project.id))
            await his.wait_for(lambda it: it.typing == {(her.me.id, None)}, PATIENCE)
            await her.call(TypingSet(room=project.id, typing=False))
            await his.wait_for(lambda it: not it.typing, PATIENCE)
            assert [typing.typing for typing in heard] == [True, False]
            his_stop()


async def test_presence_set_offline_holds_from_the_first_connection(network: Network, ada: str) -> None:
    network.block()
    async with Client(network.url, token=ada, connect_timeout=0) as client:
        await client.set_presence(PresenceStatus.AWAY)
        network.unblock()
        await reaches(client, Phase.LIVE)
        project = await client.call(ProjectCreate(name="Apollo"))
        async with client.room(project.id) as room:
            await room.wait_for(lambda it: it.presence.get(client.me.id) is PresenceStatus.AWAY, PATIENCE)


async def test_the_client_knows_when_its_own_name_changes(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        await reaches(client, Phase.LIVE)
        await client.call(MemberUpdate(member_id=client.me.id, version=client.me.version, name="Countess"))
        assert client.home is not None
        await client.home.wait_for(lambda it: it.state["members"][client.me.id]["version"] == 2, PATIENCE)
        assert client.me.name == "Countess"


async def test_the_client_knows_when_the_workspace_changes(server: RunningNode) -> None:
    _, token = await server.admit("Adam", WorkspaceRole.ADMIN)
    async with Client(server.url, token=token) as client:
        await reaches(client, Phase.LIVE)
        await client.call(WorkspaceUpdate(version=client.workspace.version, name="Apollo Inc."))
        assert client.home is not None
        await client.home.wait_for(lambda _: client.workspace.name == "Apollo Inc.", PATIENCE)


@pytest.mark.parametrize(
    "url", ["", "localhost:8080", "ftp://host", "http://", "http://host/path", "ws://host:1"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="url: "):
        Client(url, token="ymt_x")


@pytest.mark.parametrize(
    "credentials", [{}, {"token": "t", "email": "e", "password": "p"}, {"email": "e"}, {"token": ""}]
)
def test_credentials_must_be_one_kind(credentials: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="either `token`, or `email` and `password`"):
        Client("http://localhost", **credentials)  # type: ignore[arg-type]


async def test_reacting_to_what_is_not_there(server: RunningNode, ada: str) -> None:
    async with Client(server.url, token=ada) as client:
        with pytest.raises(NotFound):
            await client.call(MessageReact(message_id=new_id(), emoji="🚀"))
