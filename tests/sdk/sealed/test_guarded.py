"""Nothing goes to the server in plain, nothing is taken that no honest one would show, and all works."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from tests.nodes import PATIENCE, RunningNode, until
from tests.sdk.network import Network, reaches
from tests.sdk.sealed.people import Person, joins, reads, says
from ymera_client import (
    BadTranscript,
    Client,
    Conflict,
    E2eeRoom,
    Form,
    Message,
    MessageDelete,
    MessageEdit,
    MessageReact,
    MessageSend,
    NotFound,
    Phase,
    QueueGet,
    RoomHistory,
    RoomMembers,
    Task,
    TaskCreate,
    TaskList,
    TaskUpdate,
)
from ymera_client.courier import LinkCourier
from ymera_client.generated import Items, SealedItems

pytestmark = pytest.mark.usefixtures("short_waits")
Make = Callable[[str], Awaitable[Person]]


async def pair(person: Make, form: Form = Form.CONVERSATION) -> tuple[Person, Person, str]:
    """Two members in a sealed room, both having read it."""
    ada, bo = await person("Ada"), await person("Bo")
    room_id = await ada.client.sealed.create_room(form=form, name="Plans", members={bo.id: "member"})
    await joins(bo.client, room_id)
    return ada, bo, room_id


class Liar:
    """Stands between devices and the server, and changes what is shown of rooms, once it is told how."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.change: Callable[[Items], Items] | None = None
        self.lies = 0
        truth = LinkCourier.__call__

        async def lie(courier: LinkCourier, command: Any) -> Any:
            answer = await truth(courier, command)
            if isinstance(command, SealedItems) and self.change is not None and answer.items:
                self.lies += 1
                return self.change(answer)
            return answer

        monkeypatch.setattr(LinkCourier, "__call__", lie)


def swap(items: Items) -> Items:
    """The first two items in each other's place."""
    one, two, *rest = items.items
    turned = [
        msgspec.structs.replace(two, seq=one.seq),
        msgspec.structs.replace(one, seq=two.seq),
        *rest,
    ]
    return msgspec.structs.replace(items, items=turned)


def leave_out(items: Items) -> Items:
    """Without the first item, and those behind moved up."""
    moved = [msgspec.structs.replace(each, seq=each.seq - 1) for each in items.items[1:]]
    return msgspec.structs.replace(items, items=moved, head=items.head - 1)


def flip(items: Items) -> Items:
    """Another letter in the middle of the first item."""
    first, *rest = items.items
    at = len(first.body) - 60
    letter = "A" if first.body[at] != "A" else "B"
    spoilt = msgspec.structs.replace(first, body=first.body[:at] + letter + first.body[at + 1 :])
    return msgspec.structs.replace(items, items=[spoilt, *rest])


@pytest.mark.parametrize(
    ("lie", "fault"),
    [(swap, "gap"), (leave_out, "gap"), (flip, "envelope_signature")],
    ids=["swapped", "left out", "changed"],
)
async def test_what_no_honest_server_shows_halts_the_room_with_evidence(
    person: Make, monkeypatch: pytest.MonkeyPatch, lie: Callable[[Items], Items], fault: str
) -> None:
    liar = Liar(monkeypatch)
    ada, bo, room_id = await pair(person)
    await bo.client.close()
    for text in ("One.", "Two.", "Three."):
        await says(ada.client, room_id, text)
    liar.change = lie
    client = await bo.device("first")
    await client.sealed.wait_for(
        lambda sealed: (view := sealed.room(room_id)) and view.halted is not None, PATIENCE
    )
    view = client.sealed.room(room_id)
    assert view is not None
    assert view.halted is not None
    assert (view.halted.fault, liar.lies) == (fault, 2)
    with pytest.raises(BadTranscript) as refusal:
        await says(client, room_id, "Into the dark.")
    assert refusal.value.data["fault"] == fault
    evidence = json.loads(await client.sealed.evidence(room_id) or "")
    assert evidence["halt"]["fault"] == fault
    assert evidence["item"]["seq"] == view.halted.seq
    liar.change = None
    await client.sealed.retry(room_id)
    await reads(client, room_id, "One.", "Two.", "Three.")


async def test_a_client_without_keys_sends_nothing_to_a_sealed_room(
    server: RunningNode, person: Make
) -> None:
    _, bo, room_id = await pair(person)
    async with Client(server.url, token=bo.token) as client:
        with pytest.raises(E2eeRoom):
            await client.call(MessageSend(room=room_id, text="Canary"))
        with pytest.raises(E2eeRoom):
            await client.room(room_id).ready()


async def test_a_command_queued_before_the_room_was_known_to_be_sealed_is_withheld(
    network: Network, person: Make
) -> None:
    _, bo, room_id = await pair(person)
    network.block()
    async with Client(network.url, token=bo.token, connect_timeout=0) as client:
        await reaches(client, Phase.OFFLINE)
        sending = asyncio.ensure_future(client.call(MessageSend(room=room_id, text="Canary")))
        await until(lambda: client.status.queued == 1)
        network.unblock()
        with pytest.raises(E2eeRoom):
            await sending


async def test_a_server_refuses_what_is_plain(server: RunningNode, person: Make) -> None:
    ada, _, room_id = await pair(person)
    async with server.client(ada.token) as stock:
        reply = await stock.send("message.send", room=room_id, text="Canary", command_id=room_id)
        assert reply["error"]["code"] == "e2ee_room"


async def test_what_is_written_offline_is_said_later(network: Network, person: Make) -> None:
    ada, bo, room_id = await pair(person)
    await ada.client.close()
    client = await ada.device("first", network.url)
    await joins(client, room_id)
    network.block()
    await reaches(client, Phase.OFFLINE)
    async with client.room(room_id) as room:
        sending = [
            asyncio.ensure_future(client.call_raw("message.send", {"room": room_id, "text": text}))
            for text in ("1", "2")
        ]
        assert room.state["rooms"][room_id]["name"] == "Plans"
        network.unblock()
        await asyncio.gather(*sending)
    await reads(bo.client, room_id, "1", "2")


async def test_messages_work_as_in_an_open_room(person: Make) -> None:
    ada, bo, room_id = await pair(person)
    root = await ada.client.call(MessageSend(room=room_id, text="Root"))
    answer = await bo.client.call(MessageSend(room=room_id, text="Answer", thread_id=root.id))
    assert (answer.thread_id, answer.author_id) == (root.id, bo.id)
    edited = await ada.client.call(MessageEdit(message_id=root.id, text="Edited", version=1))
    assert (edited.text, edited.version) == ("Edited", 2)
    with pytest.raises(Conflict):
        await ada.client.call(MessageEdit(message_id=root.id, text="Again", version=1))
    reacted = await bo.client.call(MessageReact(message_id=root.id, emoji="👍"))
    assert reacted.reactions == {"👍": [bo.id]}
    gone = await bo.client.call(MessageDelete(message_id=answer.id))
    assert (gone.deleted, gone.text) == (True, "")
    async with ada.client.room(room_id) as room:
        await room.wait_for(lambda it: (m := it.get(Message, answer.id)) and m.deleted, PATIENCE)
    thread = await ada.client.call(RoomHistory(room=room_id, thread_id=root.id))
    assert [each.id for each in thread.items] == [answer.id, root.id]
    people = await ada.client.call(RoomMembers(room=room_id))
    assert [(each.name, each.role) for each in people.items] == [("Ada", "manager"), ("Bo", "editor")]
    with pytest.raises(NotFound):
        await ada.client.call(RoomHistory(room="01a21666-0000-7000-8000-000000000000"))


async def test_an_erased_message_is_gone_for_who_comes_later(person: Make) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    room_id = await ada.client.sealed.create_room(form=Form.CONVERSATION, name="Plans", history="shared")
    message = await ada.client.call(MessageSend(room=room_id, text="Canary"))
    await ada.client.call(MessageDelete(message_id=message.id))
    await ada.client.sealed.add(room_id, {bo.id: "member"})
    await joins(bo.client, room_id)
    async with bo.client.room(room_id) as room, ada.client.room(room_id) as hers:
        assert [each.deleted for each in room.all(Message)] == [True]
        assert room.state == hers.state
    view = bo.client.sealed.room(room_id)
    assert view is not None
    assert {mark.kind for mark in view.marks} == {"erased"}


async def test_tasks_work_as_in_an_open_project(person: Make) -> None:
    ada, bo, project_id = await pair(person, Form.PROJECT)
    first = await ada.client.call(TaskCreate(project_id=project_id, title="First", assignees=[bo.id]))
    second = await bo.client.call(TaskCreate(project_id=project_id, title="Second"))
    listed = await bo.client.call(TaskList(project_id=project_id))
    assert [each.id for each in listed.items] == [first.id, second.id]
    mine = await ada.client.call(TaskList(project_id=project_id, assignee=bo.id))
    assert [each.id for each in mine.items] == [first.id]
    await ada.client.call(TaskUpdate(task_id=first.id, version=first.version, title="First of all"))
    async with bo.client.room(project_id) as room:
        await room.wait_for(lambda it: (t := it.get(Task, first.id)) and t.title == "First of all", PATIENCE)
    with pytest.raises(Conflict):
        await bo.client.call(TaskUpdate(task_id=first.id, version=first.version, title="Mine"))
    with pytest.raises(E2eeRoom):
        await ada.client.call(QueueGet(project_id=project_id))
