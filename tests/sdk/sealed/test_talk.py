"""Talking in a sealed room, as in an open one."""

from collections.abc import Awaitable, Callable

import pytest

from tests.sdk.sealed.people import Person, reads, says
from ymera_client import Form

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
