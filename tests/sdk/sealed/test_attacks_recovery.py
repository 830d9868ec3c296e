"""Attacks beside a room's items, on both SDKs: on recovery, backups, linking, invitations and names."""

from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from protocol.members import Member
from protocol.wire import to_base64
from scripts.generator.vectors.cast import Person
from tests.nodes import NodeStarter, RunningNode, until
from tests.sdk.sealed.devices import Device, Devices
from tests.sdk.sealed.hostile import Operator
from tests.sdk.sealed.victims import Refusal
from tests.servers import database
from ymera_client.crypto import links
from ymera_client.crypto.linking import keys_hash
from ymera_client.crypto.primitives import box_public, signing_pair
from ymera_client.crypto.recovery import make_code, show_code
from ymera_client.crypto.verification import Party, commitment

pytestmark = pytest.mark.asyncio(loop_scope="module")
SDKS = ("python", "typescript")


class World:
    """A hostile server, and whoever is attacked."""

    def __init__(self, server: RunningNode, folder: Path) -> None:
        self.operator = Operator(server)
        self.devices = Devices(server.url, folder)
        self._server = server
        self._named = 0

    async def member(self, name: str) -> tuple[Member, str]:
        self._named += 1
        return await self._server.admit(f"{name}{self._named}")

    async def begun(self, sdk: str, name: str = "Ada") -> tuple[Member, str, Device, str]:
        """A member with a device in an identity of theirs: the member, their token, the device, the code."""
        member, token = await self.member(name)
        device = await self.devices.make(sdk, token)
        code = await device.begin()
        await device.became("ready")
        return member, token, device, code

    async def pairing_body(self, flow: str, step: int) -> bytes:
        """What a side has sent as a step, once it has."""

        async def sent() -> bool:
            return await self._body(flow, step) is not None

        await until(sent)
        body = await self._body(flow, step)
        assert body is not None
        return body

    async def pairing_id(self, member: Member) -> str:
        """The pairing that a member has begun last."""
        return str(
            await self.operator.pool.fetchval(
                "SELECT id::text FROM pairings WHERE sender_id = $1 ORDER BY at DESC LIMIT 1", member.id
            )
        )

    async def _body(self, flow: str, step: int) -> bytes | None:
        found = await self.operator.pool.fetchval(
            "SELECT body FROM pairings WHERE id = $1 AND step = $2", flow, step
        )
        return None if found is None else bytes(found)

    async def answer(self, member: Member, flow: str, step: int, body: bytes) -> None:
        """Send a step in a member's name."""
        await self.operator.run(
            member, "pairing.send", id=flow, purpose="link", to=member.id, step=step, body=to_base64(body)
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    postgres: str, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    async with (
        database(postgres, template=migrated) as dsn,
        NodeStarter(dsn, tmp_path_factory.mktemp("node")) as start,
    ):
        made = World(await start(), tmp_path_factory.mktemp("keys"))
        yield made
        await made.devices.close()


@pytest.fixture(params=SDKS)
def sdk(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def refused(work: Awaitable[Any], *faults: str) -> None:
    """Assert that a client does not do something, for one of these reasons."""
    with pytest.raises(Refusal) as refusal:
        await work
    assert refusal.value.fault in faults


async def linked(old: Device, new: Device) -> None:
    """Bring a device in by another one's scanning its code."""
    flow, shown = await new.pair("qr")
    await old.pair("scanned", shown.qr)
    assert (await new.pairing(flow, "done")).step == "done"
    await new.became("ready")


async def test_an_older_backup_than_was_known_is_refused(world: World, sdk: str) -> None:
    ada, token, first, code = await world.begun(sdk)
    second = await world.devices.make(sdk, token)
    await second.recover(code)
    (own,) = [each for each, _, is_own in await second.own_devices() if is_own]

    async def known() -> bool:
        return own in [each for each, _, _ in await first.own_devices()]

    await until(known)
    await first.revoke(own)
    await second.became("elsewhere")
    await world.operator.pool.execute("UPDATE backups SET ver = 0 WHERE member_id = $1", ada.id)
    await refused(second.recover(code), "backup_old")


async def test_forged_and_swapped_entries_of_a_backup_open_nothing(world: World, sdk: str) -> None:
    ada, token, first, code = await world.begun(sdk)
    room = await first.create("conversation", "shared", [])
    seq = await first.say(room, "One.")
    pool = world.operator.pool

    async def backed_up() -> bool:
        return bool(await pool.fetchval("SELECT count(*) FROM backup_entries WHERE member_id = $1", ada.id))

    await until(backed_up)
    forged = bytes(24 + 32 + 16)
    await pool.execute("UPDATE backup_entries SET body = $2 WHERE member_id = $1", ada.id, forged)
    second = await world.devices.make(sdk, token)
    await second.recover(code)
    # It is granted by the other device, whose word is held to the log; never taken from what was forged.
    assert await second.texts(room, 1) == ["One."]
    assert (await second.content(room, seq))["messages"]


async def test_a_wrong_code_is_refused_by_its_fault(world: World, sdk: str) -> None:
    _, token, _, code = await world.begun(sdk)
    second = await world.devices.make(sdk, token)
    await refused(second.recover(code[:-1]), "code_length")
    await refused(second.recover("U" + code[1:]), "code_character")
    await refused(second.recover(("A" if code[0] != "A" else "B") + code[1:]), "code_checksum")
    await refused(second.recover(show_code(make_code(bytes(range(19))))), "recovery_only")
    assert await second.state() == "elsewhere"


async def test_the_recovery_code_beats_a_stolen_device(world: World, sdk: str) -> None:
    bo, _, other, _ = await world.begun(sdk, "Bo")
    _, token, stolen, code = await world.begun(sdk)
    room = await stolen.create("conversation", "shared", [bo.id])
    await stolen.say(room, "Before.")
    (gone,) = [each for each, _, _ in await stolen.own_devices()]
    fresh = await world.devices.make(sdk, token)
    await fresh.recover(code)
    await fresh.revoke(gone)
    await fresh.texts(room, 1)
    await fresh.say(room, "After.")
    assert await other.texts(room, 2) == ["Before.", "After."]
    with pytest.raises(Refusal) as refusal:
        await stolen.say(room, "Mine.")
    assert refusal.value.code in {"e2ee_room", "bad_transcript", "not_member", "not_found"}
    epochs = await world.operator.pool.fetchval("SELECT epoch FROM sealed_rooms WHERE room_id = $1", room)
    assert epochs >= 2
    assert await other.texts(room, 2) == ["Before.", "After."]


async def test_keys_exchanged_behind_a_scanned_code_are_noticed(world: World, sdk: str) -> None:
    _, token, old, _ = await world.begun(sdk)
    new = await world.devices.make(sdk, token)
    flow, shown = await new.pair("qr")
    mallory = Person("Mallory").devices["first"]
    await world.operator.pool.execute(
        "UPDATE pairings SET body = $2 WHERE id = $1 AND step = 0", flow, b"\1" + mallory.ed_pk + mallory.x_pk
    )
    await refused(old.pair("scanned", shown.qr), "link_keys")
    assert len(await old.own_devices()) == 1


async def test_a_device_does_not_go_where_only_the_server_has_put_it(world: World, sdk: str) -> None:
    """Even if it says whose identity is the member's, and takes the proof that the new device gives away."""
    ada, token = await world.member("Ada")
    mallory = Person(f"Mallory for {ada.name}")
    await world.operator.run(ada, "identity.publish", links=[to_base64(each) for each in mallory.links])
    new = await world.devices.make(sdk, token)
    flow, _ = await new.pair("qr")
    keys = await world.pairing_body(flow, 0)
    await world.answer(ada, flow, 1, mallory.pin.encode())
    possession = await world.pairing_body(flow, 2)
    mallory.append(links.DeviceAdd(keys[1:33], keys[33:], possession))
    await world.operator.run(ada, "identity.publish", links=[to_base64(mallory.links[-1])])
    await refused(new.recover(show_code(make_code(bytes(19)))), "recovery_only")
    assert await new.state() == "elsewhere"
    assert not any(own for _, _, own in await new.own_devices()), "it takes itself for one of theirs"


def half(name: str, ident: bytes) -> tuple[bytes, Party]:
    """A key and a nonce for digits."""
    secret = Person(name).devices["first"].x_secrets[0]
    return secret, Party(ident, box_public(secret), signing_pair(secret)[0])


async def test_who_stands_between_two_devices_shows_each_other_digits(world: World, sdk: str) -> None:
    ada, token, old, _ = await world.begun(sdk)
    new = await world.devices.make(sdk, token)
    flow, _ = await new.pair("digits")
    hashed = (await world.pairing_body(flow, 0))[-32:]
    _, own = half("between", hashed)
    await world.answer(ada, flow, 1, own.e_pk + own.nonce)
    at_new = await new.pairing(flow, "compare")
    keys = (await world.pairing_body(flow, 2))[64:]
    other = "018f3f9c-0000-7000-8000-" + ada.id[-12:]
    await world.answer(ada, other, 0, b"\2" + commitment(own) + hashed)
    await old.pairing(other, "asked")
    await old.confirm(other)
    await world.pairing_body(other, 1)
    await world.answer(ada, other, 2, own.e_pk + own.nonce + keys)
    at_old = await old.pairing(other, "compare")
    assert len(at_new.digits) == len(at_old.digits) == 8
    assert at_new.digits != at_old.digits


@pytest.mark.parametrize("reflected", [False, True])
async def test_a_key_that_was_not_committed_to_is_noticed(world: World, sdk: str, *, reflected: bool) -> None:
    """One's own key as the other's too: who has to commit before seeing it cannot have meant it."""
    ada, _, old, _ = await world.begun(sdk)
    mallory = Person("Mallory").devices["first"]
    hashed = keys_hash(mallory.ed_pk, mallory.x_pk)
    _, said = half("said", hashed)
    _, shown = half("shown", hashed)
    flow = ("018f3f9c-0001-7000-8000-" if reflected else "018f3f9c-0002-7000-8000-") + ada.id[-12:]
    await world.answer(ada, flow, 0, b"\2" + commitment(said) + hashed)
    await old.pairing(flow, "asked")
    await old.confirm(flow)
    theirs = await world.pairing_body(flow, 1)
    e_pk, nonce = (theirs[:32], theirs[32:]) if reflected else (shown.e_pk, shown.nonce)
    await world.answer(ada, flow, 2, e_pk + nonce + mallory.ed_pk + mallory.x_pk)
    found = await old.pairing(flow, "compare")
    assert (found.step, found.fault) == ("failed", "sas_commit")
    assert len(await old.own_devices()) == 1


async def test_a_forged_proof_of_an_invitation_lets_nobody_in(world: World, sdk: str) -> None:
    _, _, first, _ = await world.begun(sdk)
    room = await first.create("conversation", "shared", [])
    await first.say(room, "Here.")
    link = await first.invite(room)
    invite = link.split("/i/")[1].split("#")[0]
    eve, _ = await world.member("Eve")
    person = Person(f"Eve for {eve.name}")
    await world.operator.run(eve, "identity.publish", links=[to_base64(each) for each in person.links])
    await world.operator.run(
        eve, "sealed_invite.answer", invite_id=invite, fp=to_base64(person.fp), proof=to_base64(bytes(32))
    )

    async def dismissed() -> bool:
        return not await world.operator.pool.fetchval(
            "SELECT count(*) FROM join_requests WHERE invite_id = $1", invite
        )

    await until(dismissed)
    assert len(await first.members(room, 1)) == 1


async def test_an_invitation_does_not_lead_into_another_room(world: World, sdk: str) -> None:
    """The server says that the invitation is to the link's room, and then shows one of its own."""
    _, _, host, _ = await world.begun(sdk, "Host")
    ada, _, guest, _ = await world.begun(sdk)
    meant = await host.create("conversation", "shared", [])
    await host.say(meant, "Meant.")
    other = await host.create("conversation", "shared", [ada.id])
    await host.say(other, "Other.")
    link = await host.invite(meant)
    accepted = await guest.accept(link)
    await host.members(meant, 2)
    assert accepted == meant
    assert await guest.texts(meant, 1) == ["Meant."]
    assert [trust for member, trust in (await guest.members(meant, 2)).items() if member != ada.id] == [
        "verified"
    ]


async def test_another_room_in_place_of_the_invited_one_stands_still(world: World, sdk: str) -> None:
    _, _, guest, _ = await world.begun(sdk)
    _, _, host, _ = await world.begun(sdk, "Host")
    meant = await host.create("conversation", "shared", [])
    await host.say(meant, "Meant.")
    link = await host.invite(meant)
    fake = await host.create("conversation", "shared", [])
    await host.say(fake, "Fake.")
    pool = world.operator.pool
    items = await pool.fetch("SELECT seq, body FROM sealed_items WHERE room_id = $1", fake)
    genuine = await pool.fetch("SELECT seq, body FROM sealed_items WHERE room_id = $1", meant)
    assert len(items) == len(genuine)
    for row in items:
        await world.operator.replace(meant, row["seq"], row["body"])
    await guest.accept(link)
    await host.members(meant, 2)

    async def stands_still() -> bool:
        with pytest.raises(Refusal) as refusal:
            await guest.say(meant, "into the dark")
        return refusal.value.fault == "room_other"

    await until(stands_still)


async def test_an_identity_stays_whose_it_was(world: World, sdk: str) -> None:
    bo, _, other, _ = await world.begun(sdk, "Bo")
    cy, _, _, _ = await world.begun(sdk, "Cy")
    _, _, ada, _ = await world.begun(sdk)
    room = await ada.create("conversation", "shared", [bo.id])
    await other.texts(room, 0)
    pool = world.operator.pool
    await pool.execute("UPDATE identities SET in_force = false WHERE member_id = $1", cy.id)
    await pool.execute("UPDATE identities SET member_id = $2 WHERE member_id = $1", bo.id, cy.id)
    with pytest.raises(Refusal):
        await ada.create("conversation", "shared", [cy.id])
    await ada.alarm("member_moved")
    assert bo.id in await ada.members(room, 2)
