"""Devices of a member: linked by code or digits, recovered, put out; and two people who compare digits."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.nodes import PATIENCE
from tests.sdk.sealed.people import Person, reads, says
from ymera_client import Client, E2eeRoom, Form, Invalid
from ymera_client.sealed.flow import Flow

pytestmark = pytest.mark.usefixtures("short_waits")
Make = Callable[[str], Awaitable[Person]]


async def stands(client: Client, flow: Flow, name: str) -> None:
    """Wait until a pairing stands at this step."""
    await client.sealed.wait_for(lambda _: flow.step.name in {name, "failed"}, PATIENCE)
    assert flow.step.name == name, flow.step


async def asked(client: Client) -> Flow:
    """The pairing that another device has begun."""
    return await client.sealed.wait_for(
        lambda sealed: next((flow for flow in sealed.pairings if flow.step.name == "asked"), None), PATIENCE
    )


async def solo(person: Person, *texts: str, retention: str = "keep") -> str:
    """A room of one's own in which this was said."""
    room_id = await person.client.sealed.create_room(
        form=Form.CONVERSATION, name="Notes", retention="ephemeral" if retention == "ephemeral" else "keep"
    )
    for text in texts:
        await says(person.client, room_id, text)
    return room_id


async def linked_by_qr(person: Person, name: str) -> Client:
    new = await person.device(name)
    flow = await new.sealed.link_by_qr()
    await person.client.sealed.link_scanned(flow.step.qr)
    await stands(new, flow, "done")
    return new


async def test_a_device_linked_by_a_code_reads_the_past_and_writes(person: Make) -> None:
    ada = await person("Ada")
    room_id = await solo(ada, "One.", "Two.")
    second = await linked_by_qr(ada, "second")
    assert second.sealed.status.state == "ready"
    await reads(second, room_id, "One.", "Two.")
    await says(second, room_id, "Three.")
    await reads(ada.client, room_id, "One.", "Two.", "Three.")
    assert [each.active for each in await second.sealed.devices()] == [True, True]


async def test_a_device_linked_by_digits_reads_the_past(person: Make) -> None:
    ada = await person("Ada")
    room_id = await solo(ada, "One.")
    second = await ada.device("second")
    new = await second.sealed.link_by_digits()
    old = await asked(ada.client)
    await old.confirm()
    await stands(second, new, "compare")
    await stands(ada.client, old, "compare")
    assert new.step.digits == old.step.digits
    assert len(new.step.digits) == 8
    await new.confirm()
    await old.confirm()
    await stands(second, new, "done")
    await reads(second, room_id, "One.")


async def test_a_code_of_another_device_lets_nobody_in(person: Make) -> None:
    ada = await person("Ada")
    second = await ada.device("second")
    flow = await second.sealed.link_by_qr()
    spoilt = flow.step.qr[:-4] + ("AAAA" if not flow.step.qr.endswith("AAAA") else "AAAE")
    with pytest.raises(Invalid) as refusal:
        await ada.client.sealed.link_scanned(spoilt)
    assert refusal.value.data["fault"] == "link_keys"
    assert len(await ada.client.sealed.devices()) == 1


async def test_all_is_read_again_with_the_recovery_code(person: Make) -> None:
    ada = await person("Ada")
    room_id = await solo(ada, "One.")
    await ada.client.sealed.rotate(room_id)
    await says(ada.client, room_id, "Two.")
    lost = ada.client.sealed.status.me
    await ada.client.close()
    new = await ada.device("new")
    assert new.sealed.status.state == "elsewhere"
    with pytest.raises(Invalid) as mistyped:
        await new.sealed.recover(ada.code[:-1] + ("A" if ada.code[-1] != "A" else "B"))
    assert mistyped.value.data["fault"] == "code_checksum"
    await new.sealed.recover(ada.code.lower().replace("-", " "))
    await reads(new, room_id, "One.", "Two.")
    assert lost is not None
    await new.sealed.revoke_device(lost.device_id)
    await says(new, room_id, "Three.")
    view = new.sealed.room(room_id)
    assert view is not None
    assert view.epoch == 3
    assert [each.active for each in view.members[0].devices if each.own] == [True]
    assert [each.active for each in view.members[0].devices if not each.own] == [False]


async def test_a_device_that_was_put_out_reads_nothing_more(person: Make) -> None:
    ada = await person("Ada")
    room_id = await solo(ada, "One.")
    second = await linked_by_qr(ada, "second")
    await reads(second, room_id, "One.")
    gone = second.sealed.status.me
    assert gone is not None
    await ada.client.sealed.revoke_device(gone.device_id)
    await says(ada.client, room_id, "Two.")
    await second.sealed.wait_for(lambda sealed: sealed.status.revoked, PATIENCE)
    with pytest.raises(E2eeRoom):
        await says(second, room_id, "Mine.")
    await reads(ada.client, room_id, "One.", "Two.")


async def test_two_people_compare_digits(person: Make) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    hers = await ada.client.sealed.verify_by_digits(bo.id)
    his = await asked(bo.client)
    assert his.member_id == ada.id
    await his.confirm()
    await stands(ada.client, hers, "compare")
    await stands(bo.client, his, "compare")
    assert hers.step.digits == his.step.digits
    assert ada.client.sealed.trust(bo.id) == "unverified"
    await hers.confirm()
    await his.confirm()
    assert ada.client.sealed.trust(bo.id) == "verified"
    assert bo.client.sealed.trust(ada.id) == "verified"
    number = await ada.client.sealed.safety_number(bo.id)
    assert number == await bo.client.sealed.safety_number(ada.id)
    assert len(number.split()) == 12


@pytest.mark.parametrize("who", ["who has begun", "who was asked"])
async def test_who_sees_other_digits_ends_it_for_both_at_once(person: Make, who: str) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    hers = await ada.client.sealed.verify_by_digits(bo.id)
    his = await asked(bo.client)
    await his.confirm()
    await stands(ada.client, hers, "compare")
    await stands(bo.client, his, "compare")
    sides = [(ada.client, hers), (bo.client, his)]
    (_, said), (other, told) = sides if who == "who has begun" else reversed(sides)
    await said.differ()
    await ended(other, told, "The other side says that the digits differ.")
    assert "You have said that the digits differ." in str(said.step.error)
    assert [each.client.sealed.trust(other) for each, other in ((ada, bo.id), (bo, ada.id))] == [
        "unverified"
    ] * 2
    # Both at once: the second has nothing to say any more.
    again = await ada.client.sealed.verify_by_digits(bo.id)
    await asyncio.gather((his := await asked(bo.client)).cancel(), again.cancel())
    assert (again.over, his.over) == (True, True)


async def test_a_pairing_that_is_called_off_is_asked_for_no_more(person: Make) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    second = await ada.device("second")
    new, hers = await second.sealed.link_by_digits(), await ada.client.sealed.verify_by_digits(bo.id)
    old, his = await asked(ada.client), await asked(bo.client)
    await new.cancel()
    await ended(ada.client, old, "The other side has called the pairing off.")
    await his.cancel()
    await ended(ada.client, hers, "The other side has called the pairing off.")
    # Nor by what comes back later, which finds all steps on the server.
    await ada.client.close()
    later = await ada.device("first")
    fresh = await bo.client.sealed.verify_by_digits(ada.id)
    await asked(later)
    assert [each.id for each in later.sealed.pairings] == [fresh.id]


async def ended(client: Client, flow: Flow, why: str) -> None:
    """Wait until a pairing has failed for this reason."""
    await client.sealed.wait_for(lambda _: flow.over, PATIENCE)
    assert why in str(flow.step.error)


async def test_who_has_lost_all_begins_anew_and_is_seen_to_have_changed(person: Make) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    room_id = await ada.client.sealed.create_room(
        form=Form.CONVERSATION, name="Plans", members={bo.id: "member"}, history="shared"
    )
    await says(ada.client, room_id, "One.")
    await ada.client.sealed.safety_number(bo.id)
    await ada.client.sealed.verify(bo.id)
    await bo.client.close()
    new = await bo.device("new")
    code = await new.sealed.begin_anew()
    assert code != bo.code
    await ada.client.sealed.add(room_id, {bo.id: "member"})
    assert ada.client.sealed.trust(bo.id) == "changed"
    await reads(new, room_id, "One.")
    # Both are in the room: who came later is a stranger there, until the first is put out.
    assert [alarm.fault for alarm in ada.client.sealed.alarms] == ["member_twice"]
    assert len(_ids(ada.client, room_id) - {ada.id, bo.id}) == 1
    await ada.client.sealed.remove(room_id, [bo.id])
    assert _ids(ada.client, room_id) == {ada.id, bo.id}
    await says(new, room_id, "Two.")
    async with ada.client.room(room_id) as room:
        await room.wait_for(lambda it: len(it.state["messages"]) == 2, PATIENCE)
        assert {each["author_id"] for each in room.state["messages"].values()} == {ada.id, bo.id}
    await new.sealed.confirm_code(code)
    assert await new.sealed.unkept_code() is None


def _ids(client: Client, room_id: str) -> set[str]:
    """The ids of who is in a room."""
    view = client.sealed.room(room_id)
    assert view is not None
    return {each.member_id for each in view.members}
