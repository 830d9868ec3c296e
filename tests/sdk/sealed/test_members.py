"""Who belongs to a sealed room: coming, going, roles, rules, and what each can read."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Literal

import pytest

from tests.nodes import PATIENCE, RunningNode
from tests.sdk.network import Network, reaches
from tests.sdk.sealed.people import Person, joins, reads, says
from ymera_client import (
    Client,
    Evicted,
    Forbidden,
    Form,
    Invalid,
    Message,
    NotFound,
    Phase,
    RoleForbids,
    Task,
    TaskCreate,
    TaskUpdate,
)
from ymera_client.generated import Command, SealedInviteDismiss
from ymera_client.sealed import invites

pytestmark = pytest.mark.usefixtures("short_waits")
Make = Callable[[str], Awaitable[Person]]


async def test_who_was_removed_reads_nothing_more_and_keeps_what_it_had(person: Make) -> None:
    ada, bo, cy = await person("Ada"), await person("Bo"), await person("Cy")
    room_id = await ada.client.sealed.create_room(
        form=Form.CONVERSATION, name="Plans", members={bo.id: "member", cy.id: "member"}
    )
    await says(ada.client, room_id, "One.")
    await reads(bo.client, room_id, "One.")
    async with bo.client.room(room_id) as room:
        await ada.client.sealed.remove(room_id, [bo.id])
        await says(ada.client, room_id, "Two.")
        with pytest.raises(Evicted):
            await room.wait_for(lambda it: len(it.state["messages"]) == 2, PATIENCE)
    await reads(cy.client, room_id, "One.", "Two.")
    view = cy.client.sealed.room(room_id)
    assert view is not None
    assert view.epoch == 2
    assert {each.member_id: each.role for each in view.members} == {ada.id: "owner", cy.id: "member"}
    with pytest.raises(NotFound):
        await bo.client.call_raw("room.history", {"room": room_id})


async def test_a_newcomer_reads_all_of_a_shared_past(person: Make) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    room_id = await ada.client.sealed.create_room(form=Form.CONVERSATION, name="Plans", history="shared")
    await says(ada.client, room_id, "One.")
    await ada.client.sealed.rotate(room_id)
    await says(ada.client, room_id, "Two.")
    await ada.client.sealed.add(room_id, {bo.id: "member"})
    await says(ada.client, room_id, "Three.")
    await joins(bo.client, room_id)
    await reads(bo.client, room_id, "One.", "Two.", "Three.")
    view = bo.client.sealed.room(room_id)
    assert view is not None
    assert view.marks == ()


@pytest.mark.parametrize(("history", "retention"), [("from_join", "keep"), ("shared", "ephemeral")])
async def test_a_newcomer_to_a_closed_past_has_what_is_in_force_and_no_messages(
    person: Make, history: Literal["shared", "from_join"], retention: Literal["keep", "ephemeral"]
) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    room_id = await ada.client.sealed.create_room(
        form=Form.PROJECT, name="Apollo", history=history, retention=retention
    )
    task = await ada.client.call(TaskCreate(project_id=room_id, title="Land"))
    await says(ada.client, room_id, "Secret.")
    await ada.client.sealed.add(room_id, {bo.id: "member"})
    await joins(bo.client, room_id)
    async with bo.client.room(room_id) as room:
        found = await room.wait_for(lambda it: it.get(Task, task.id), PATIENCE)
        assert found == task
        assert not room.all(Message)
        assert room.state["projects"][room_id]["name"] == "Apollo"
    changed = await bo.client.call(TaskUpdate(task_id=task.id, version=task.version, title="Land softly"))
    async with ada.client.room(room_id) as room:
        await room.wait_for(lambda it: it.get(Task, task.id) == changed, PATIENCE)
    view = bo.client.sealed.room(room_id)
    assert view is not None
    assert {mark.kind for mark in view.marks} == {"before"}


async def test_a_reader_cannot_write_and_a_member_cannot_remove(person: Make) -> None:
    ada, bo, cy = await person("Ada"), await person("Bo"), await person("Cy")
    room_id = await ada.client.sealed.create_room(
        form=Form.CONVERSATION, name="Plans", members={bo.id: "member", cy.id: "reader"}
    )
    await joins(bo.client, room_id)
    await joins(cy.client, room_id)
    with pytest.raises(Forbidden):
        await says(cy.client, room_id, "Let me.")
    with pytest.raises(RoleForbids) as refusal:
        await bo.client.sealed.remove(room_id, [cy.id])
    assert refusal.value.data["fault"] == "op_role"
    await ada.client.sealed.set_role(room_id, cy.id, "member")
    await cy.client.sealed.wait_for(
        lambda sealed: (view := sealed.room(room_id)) and view.role == "member", PATIENCE
    )
    await says(cy.client, room_id, "Thanks.")
    await reads(bo.client, room_id, "Thanks.")


async def test_after_somebody_left_the_next_word_makes_a_new_epoch(person: Make) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    room_id = await ada.client.sealed.create_room(
        form=Form.CONVERSATION, name="Plans", members={bo.id: "member"}
    )
    await joins(bo.client, room_id)
    await bo.client.sealed.leave(room_id)
    await ada.client.sealed.wait_for(
        lambda sealed: (view := sealed.room(room_id)) and view.leave_pending, PATIENCE
    )
    await says(ada.client, room_id, "Alone.")
    view = ada.client.sealed.room(room_id)
    assert view is not None
    assert (view.epoch, view.leave_pending, len(view.members)) == (2, False, 1)
    with pytest.raises(RoleForbids):
        await ada.client.sealed.leave(room_id)


async def test_the_room_rotates_after_as_many_messages_as_it_says(person: Make) -> None:
    ada = await person("Ada")
    room_id = await ada.client.sealed.create_room(form=Form.CONVERSATION, name="Notes")
    await ada.client.sealed.set_policy(room_id, rotate_msgs=2)
    for text in ("1", "2", "3", "4", "5"):
        await says(ada.client, room_id, text)
    view = ada.client.sealed.room(room_id)
    assert view is not None
    assert view.epoch == 4
    assert view.policy.rotate_msgs == 2


async def test_a_change_without_a_connection_is_made_when_there_is_one_and_once(
    server: RunningNode, person: Make
) -> None:
    ada = await person("Ada")
    room_id = await ada.client.sealed.create_room(form=Form.CONVERSATION, name="Plans")
    await ada.client.close()
    async with Network(server.url) as network:
        client = await ada.device("first", network.url)
        await joins(client, room_id)
        network.block()
        await reaches(client, Phase.OFFLINE)
        waiting, given_up = (asyncio.create_task(client.sealed.rotate(room_id)) for _ in range(2))
        await asyncio.sleep(0)
        given_up.cancel()
        network.unblock()
        async with asyncio.timeout(PATIENCE):
            await waiting
        # What is said comes after whatever else would have been done before.
        await says(client, room_id, "One.")
        view = client.sealed.room(room_id)
        assert view is not None
        assert view.epoch == 2
        await client.close()


async def test_an_ephemeral_room_keeps_no_secret_and_reads_on(person: Make) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    room_id = await ada.client.sealed.create_room(
        form=Form.CONVERSATION, name="Hush", members={bo.id: "member"}, retention="ephemeral"
    )
    await says(ada.client, room_id, "One.")
    await joins(bo.client, room_id)
    await says(bo.client, room_id, "Two.")
    await reads(ada.client, room_id, "One.", "Two.")
    for each in (ada, bo):
        engine = each.client.sealed.rooms.get(room_id)
        assert engine is not None
        assert engine.settled.keys.secrets() == {}
        assert engine.settled.timeline.room.epoch == 1


async def test_commits_of_two_at_once_are_made_one_after_the_other(person: Make) -> None:
    ada, bo, cy, di = [await person(name) for name in ("Ada", "Bo", "Cy", "Di")]
    room_id = await ada.client.sealed.create_room(
        form=Form.CONVERSATION, name="Plans", members={bo.id: "member"}, who_add="members"
    )
    await joins(bo.client, room_id)
    await asyncio.gather(
        ada.client.sealed.add(room_id, {cy.id: "member"}),
        bo.client.sealed.add(room_id, {di.id: "member"}),
        says(ada.client, room_id, "Welcome."),
    )
    for each in (ada, bo, cy, di):
        await each.client.sealed.wait_for(
            lambda sealed: (view := sealed.room(room_id)) and len(view.members) == 4 and view.epoch == 3,
            PATIENCE,
        )


async def test_who_has_the_link_is_added_and_verified_and_who_has_another_is_not(person: Make) -> None:
    ada, bo, cy = await person("Ada"), await person("Bo"), await person("Cy")
    room_id = await ada.client.sealed.create_room(form=Form.CONVERSATION, name="Plans", history="shared")
    await says(ada.client, room_id, "Welcome.")
    link = await ada.client.sealed.invite(room_id, uses=2)
    forged = link[:-43] + "A" * 43
    assert await cy.client.sealed.accept_invite(forged) == room_id
    assert await bo.client.sealed.accept_invite(link) == room_id
    await joins(bo.client, room_id)
    await reads(bo.client, room_id, "Welcome.")
    await ada.client.sealed.wait_for(lambda sealed: sealed.trust(bo.id) == "verified", PATIENCE)
    assert bo.client.sealed.trust(ada.id) == "verified"
    view = ada.client.sealed.room(room_id)
    assert view is not None
    assert {each.member_id for each in view.members} == {ada.id, bo.id}
    with pytest.raises(Invalid):
        await cy.client.sealed.accept_invite("https://example.org/no")
    with pytest.raises(Invalid, match="Copy the whole link"):
        await cy.client.sealed.accept_invite(link[:-5])


async def test_a_request_that_somebody_else_has_dismissed_costs_nobody_the_room(person: Make) -> None:
    ada, bo, cy = await person("Ada"), await person("Bo"), await person("Cy")
    room_id = await ada.client.sealed.create_room(
        form=Form.CONVERSATION, name="Plans", members={bo.id: "admin"}
    )
    await joins(bo.client, room_id)
    link = await ada.client.sealed.invite(room_id)
    room, other = ada.client.sealed.rooms.get(room_id), bo.client.sealed.rooms.get(room_id)
    assert room is not None
    assert other is not None
    courier, dismissed = room.ground.courier, asyncio.Event()

    async def late(command: Command[Any]) -> Any:
        if isinstance(command, SealedInviteDismiss):
            await other.ground.courier(command)
            dismissed.set()
        return await courier(command)

    room.ground = replace(room.ground, courier=late)
    await cy.client.sealed.accept_invite(link[:-43] + "A" * 43)
    await asyncio.wait_for(dismissed.wait(), PATIENCE)
    await says(ada.client, room_id, "Still here.")
    await reads(bo.client, room_id, "Still here.")


async def test_who_may_add_nobody_any_more_goes_on_in_the_room(person: Make) -> None:
    ada, bo, cy = await person("Ada"), await person("Bo"), await person("Cy")
    room_id = await bo.client.sealed.create_room(
        form=Form.CONVERSATION, name="Plans", members={ada.id: "member"}, who_add="members"
    )
    await joins(ada.client, room_id)
    link = await ada.client.sealed.invite(room_id)
    await bo.client.sealed.set_policy(room_id, who_add="admins")
    await cy.client.sealed.accept_invite(link)
    room = ada.client.sealed.rooms.get(room_id)
    assert room is not None
    await room.do(lambda: invites.attend(room))
    await says(ada.client, room_id, "Still here.")
    await reads(bo.client, room_id, "Still here.")
    view = ada.client.sealed.room(room_id)
    assert view is not None
    assert len(view.members) == 2


async def test_what_commits_have_changed_is_told_to_everybody_alike(person: Make) -> None:
    ada, bo, cy = await person("Ada"), await person("Bo"), await person("Cy")
    room_id = await ada.client.sealed.create_room(
        form=Form.CONVERSATION, name="Plans", members={bo.id: "member"}, who_add="members"
    )
    await joins(bo.client, room_id)
    await bo.client.sealed.add(room_id, {cy.id: "reader"})
    await joins(cy.client, room_id)
    await ada.client.sealed.set_role(room_id, bo.id, "admin")
    await bo.client.sealed.set_policy(room_id, who_add="admins")
    await bo.client.sealed.remove(room_id, [cy.id])
    await ada.client.sealed.rotate(room_id)
    await says(ada.client, room_id, "Done.")
    await reads(bo.client, room_id, "Done.")
    await bo.client.sealed.leave(room_id)
    await says(ada.client, room_id, "Alone.")
    view = ada.client.sealed.room(room_id)
    assert view is not None
    seen = [
        (each.kind, each.member_id, [target.member_id for target in each.targets], each.role)
        for each in view.changes
    ]
    assert seen == [
        ("made", ada.id, [], None),
        ("added", ada.id, [bo.id], "member"),
        ("added", bo.id, [cy.id], "reader"),
        ("role", ada.id, [bo.id], "admin"),
        ("rules", bo.id, [], None),
        ("removed", bo.id, [cy.id], None),
        ("keys", ada.id, [], None),
        ("left", bo.id, [bo.id], None),
        ("keys", ada.id, [], None),
    ]
    assert [each.seq for each in view.changes] == sorted(each.seq for each in view.changes)
    assert view.changes[1].targets[0].fp == view.changes[2].fp
    again = Client(ada.url, token=ada.token, keys=ada.store("first"))
    await ada.client.close()
    async with again:
        await joins(again, room_id)
        stored = again.sealed.room(room_id)
        assert stored is not None
        assert stored.changes == view.changes
