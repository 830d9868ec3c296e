"""Talking in a sealed room, as in an open one."""

from collections.abc import Awaitable, Callable

import pytest

from tests.sdk.sealed.people import Person, reads, says
from ymera_client import Form, TaskCreate, TaskHistory, TaskUpdate

pytestmark = pytest.mark.usefixtures("short_waits")
Make = Callable[[str], Awaitable[Person]]


async def test_two_talk_and_read_the_same(person: Make) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    room_id = await ada.client.sealed.create_room(
        form=Form.CONVERSATION, name="Plans", members={bo.id: "member"}
    )
    await says(ada.client, room_id, "Shall we?")
    await reads(bo.client, room_id, "Shall we?")
    await says(bo.client, room_id, "Yes.")
    await reads(ada.client, room_id, "Shall we?", "Yes.")
    async with ada.client.room(room_id) as hers, bo.client.room(room_id) as his:
        assert hers.state["rooms"][room_id]["name"] == "Plans"
        assert hers.state == his.state


async def test_what_was_done_with_a_task_is_told_newest_first(person: Make) -> None:
    ada = await person("Ada")
    room_id = await ada.client.sealed.create_room(form=Form.PROJECT, name="Plans")
    task = await ada.client.call(TaskCreate(project_id=room_id, title="Land"))
    other = await ada.client.call(TaskCreate(project_id=room_id, title="Return"))
    await ada.client.call(TaskUpdate(task_id=task.id, version=task.version, title="Land softly"))
    first = await ada.client.call(TaskHistory(task_id=task.id, limit=1))
    assert [(event.type, event.actor) for event in first.items] == [("task.updated", ada.id)]
    assert first.items[0].data["changes"][0]["after"] == "Land softly"
    rest = await ada.client.call(TaskHistory(task_id=task.id, cursor=first.next))
    assert [event.type for event in rest.items] == ["task.created"]
    assert rest.next is None
    assert len((await ada.client.call(TaskHistory(task_id=other.id))).items) == 1
