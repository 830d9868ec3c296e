"""What a device keeps of identities: those that something names, and few others."""

from collections.abc import Awaitable, Callable

import msgspec
import pytest

from protocol.identities import Identity, IdentityExtended
from protocol.wire import to_base64
from tests.nodes import RunningNode
from tests.sdk.sealed.people import Person, joins, reads, says
from ymera_client import Client, Form
from ymera_client.sealed import directory
from ymera_client.sealed.directory import Directory

Make = Callable[[str], Awaitable[Person]]


def known(client: Client) -> Directory:
    ground = client.sealed._ground
    assert ground is not None
    return ground.directory


async def test_whom_nothing_names_any_more_is_forgotten(
    person: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MAX_OTHERS", 2)
    ada, member, gone, verified = [await person(name) for name in ("Ada", "Member", "Gone", "Verified")]
    strangers = [await person(f"Stranger{number}") for number in range(7)]
    sealed = ada.client.sealed
    room = await sealed.create_room(
        form=Form.CONVERSATION, name="Plans", members={member.id: "member", gone.id: "member"}
    )
    await joins(ada.client, room)
    await sealed.remove(room, [gone.id])
    await sealed.safety_number(verified.id)
    await sealed.verify(verified.id)
    await sealed.safety_number(strangers[0].id)
    await sealed.verify(strangers[0].id)
    for each in strangers[1:]:
        await known(ada.client).find(each.id)

    def kept(client: Client) -> set[str]:
        of = {each: known(client).about(each) for each in known(client).histories}
        return {"" if found is None else found.member_id for found in of.values()}

    needed = {ada.id, member.id, gone.id, verified.id, strangers[0].id}
    few = {each.id for each in strangers[-4:]}
    assert needed < kept(ada.client) <= needed | few
    # So it is on the disk, and whoever was forgotten is met again.
    await ada.client.close()
    later = await ada.device("first")
    assert needed < kept(later) <= needed | few
    assert later.sealed.trust(verified.id) == "verified"
    await later.sealed.add(room, {strangers[1].id: "member"})
    await says(later, room, "Hello.")
    await joins(strangers[1].client, room)
    await reads(strangers[1].client, room, "Hello.")


async def test_nobody_is_met_because_the_server_tells_of_them(
    server: RunningNode, person: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, stranger = await person("Ada"), await person("Stranger")
    sealed = ada.client.sealed
    room = await sealed.create_room(form=Form.CONVERSATION, name="Plans", members={})
    heard: list[object] = []

    async def hear(identity: object) -> None:
        heard.append(identity)

    monkeypatch.setattr(known(ada.client), "hear", hear)
    tell = server.node.dispatcher.tools.tell
    assert tell is not None
    for number in range(20):
        fp = to_base64(number.to_bytes(32, "big"))
        told = Identity(id=stranger.id, fp=fp, seq=1, head=fp)
        tell("identity.extended", ada.id, msgspec.json.encode(IdentityExtended(room=ada.id, identity=told)))
    # What is said comes after what was told.
    await says(ada.client, room, "Hello.")
    assert heard == []
