"""A device comes into the identity though something breaks off on the way, or another try runs beside it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.nodes import PATIENCE
from tests.sdk.sealed.people import Person, reads
from tests.sdk.sealed.test_devices import Make, asked, ended, linked_by_qr, solo, stands
from ymera_client import Client, Conflict, Forbidden, NotFound, YmeraError
from ymera_client.crypto.linking import Package
from ymera_client.generated import BackupGet, Command, IdentityPublish
from ymera_client.sealed.backup import Backups
from ymera_client.sealed.ground import Ground
from ymera_client.sealed.keychain import Keychain

pytestmark = pytest.mark.usefixtures("short_waits")
LOST = Forbidden("The connection broke.")


def ground(client: Client) -> Ground:
    found = client.sealed._ground
    assert found is not None
    return found


def stand(client: Client) -> tuple[str, bool, bool | None]:
    """How a device stands: its state, whether it has a backup, whether the code is known to be kept."""
    status = client.sealed.status
    return status.state, status.backed_up, status.code_kept


def breaks_off(
    part: Keychain | Backups, command: type[Command[Any]], *, heard: bool = False, error: YmeraError = LOST
) -> Callable[[], None]:
    """Have a command of a device's not answered, though perhaps heard, until what this gives is called."""
    courier = part._courier

    async def broken(sent: Command[Any]) -> Any:
        if not isinstance(sent, command):
            return await courier(sent)
        if heard:
            await courier(sent)
        raise error

    def mend() -> None:
        part._courier = courier

    part._courier = broken
    return mend


async def unlinked(person: Make) -> tuple[Person, str, Client]:
    """Somebody with a room, and a device of theirs that is not in their identity."""
    ada = await person("Ada")
    room_id = await solo(ada, "One.")
    return ada, room_id, await ada.device("second")


async def test_a_recovery_without_the_backup_has_done_nothing_and_is_begun_again(person: Make) -> None:
    ada, room_id, new = await unlinked(person)
    mend = breaks_off(ground(new).backups, BackupGet)
    with pytest.raises(Forbidden):
        await new.sealed.recover(ada.code)
    assert len(await ada.client.sealed.devices()) == 1
    mend()
    await new.sealed.recover(ada.code)
    assert new.sealed.status.backed_up
    await reads(new, room_id, "One.")


async def test_a_recovery_whose_last_word_was_lost_has_the_backup(person: Make) -> None:
    ada, room_id, new = await unlinked(person)
    breaks_off(ground(new).keychain, IdentityPublish, heard=True)
    with pytest.raises(Forbidden):
        await new.sealed.recover(ada.code)
    await ada.client.close()
    await new.close()
    later = await ada.device("second")
    assert later.sealed.status.state == "ready"
    assert later.sealed.status.backed_up
    await reads(later, room_id, "One.")


async def test_a_recovery_whose_last_word_was_lost_can_be_begun_again(person: Make) -> None:
    ada, room_id, new = await unlinked(person)
    mend = breaks_off(ground(new).keychain, IdentityPublish, heard=True)
    with pytest.raises(Forbidden):
        await new.sealed.recover(ada.code)
    mend()
    await new.sealed.recover(ada.code)
    assert new.sealed.status.backed_up
    assert len(await new.sealed.devices()) == 2
    await reads(new, room_id, "One.")


async def test_a_code_gives_a_device_that_is_in_the_backup(person: Make) -> None:
    ada, _, second = await unlinked(person)
    breaks_off(ground(second).backups, BackupGet)
    flow = await second.sealed.link_by_qr()
    await ada.client.sealed.link_scanned(flow.step.qr)
    await stands(second, flow, "done")
    assert stand(second) == ("ready", False, None)
    await second.close()
    again = ada.store("second")
    await again.cabinet.open()
    await again.cabinet.transact(lambda transaction: transaction.drop("vault"))
    await again.cabinet.close()
    second = await ada.device("second")
    assert stand(second) == ("ready", False, None)
    await second.sealed.recover(ada.code)
    assert stand(second) == ("ready", True, True)
    assert len(await second.sealed.devices()) == 2
    await second.close()
    assert stand(await ada.device("second")) == ("ready", True, True)


async def test_a_code_of_another_identity_than_the_device_is_in_is_refused(person: Make) -> None:
    ada, _, other = await unlinked(person)
    kept = ground(ada.client).keychain.vault
    code = await other.sealed.begin_anew()
    await ada.client.sealed.settle()
    with pytest.raises(Conflict):
        await ada.client.sealed.recover(code)
    assert ground(ada.client).keychain.vault == kept
    assert await ada.client.sealed.unkept_code() == ada.code


async def test_a_linked_device_asks_for_its_backup_until_it_has_it(person: Make) -> None:
    ada, room_id, second = await unlinked(person)
    mend = breaks_off(ground(second).backups, BackupGet)
    flow = await second.sealed.link_by_qr()
    await ada.client.sealed.link_scanned(flow.step.qr)
    await stands(second, flow, "done")
    await reads(second, room_id, "One.")
    assert not second.sealed.status.backed_up
    mend()
    await second.close()
    later = await ada.device("second")
    await later.sealed.wait_for(lambda sealed: sealed.status.backed_up, PATIENCE)
    assert ground(later).keychain.vault == ground(ada.client).keychain.vault


async def test_a_device_is_not_in_without_what_it_was_given(
    person: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, room_id, second = await unlinked(person)

    async def full(self: Backups, package: Package) -> None:
        raise LOST

    with monkeypatch.context() as patched:
        patched.setattr(Backups, "take_over", full)
        flow = await second.sealed.link_by_qr()
        await ada.client.sealed.link_scanned(flow.step.qr)
        await ended(second, flow, LOST.message)
    await second.sealed.settle()
    assert stand(second) == ("elsewhere", False, None)
    flow = await second.sealed.link_by_qr()
    await ada.client.sealed.link_scanned(flow.step.qr)
    await stands(second, flow, "done")
    assert stand(second) == ("ready", True, None)
    await reads(second, room_id, "One.")


async def test_whether_the_code_is_kept_is_known_where_it_was_shown(person: Make) -> None:
    ada = await person("Ada")
    assert stand(ada.client) == ("ready", True, False)
    assert stand(await linked_by_qr(ada, "second")) == ("ready", True, None)
    await ada.client.sealed.confirm_code(ada.code)
    assert stand(ada.client) == ("ready", True, True)
    await ada.client.close()
    assert stand(await ada.device("first")) == ("ready", True, True)


async def test_of_two_pairings_of_a_device_the_last_counts(person: Make) -> None:
    ada, room_id, second = await unlinked(person)
    first = await second.sealed.link_by_digits()
    asks = await asked(ada.client)
    flow = await second.sealed.link_by_qr()
    await ended(second, first, "Another pairing was begun on this device.")
    await ended(ada.client, asks, "The other side has called the pairing off.")
    await ada.client.sealed.link_scanned(flow.step.qr)
    await stands(second, flow, "done")
    await reads(second, room_id, "One.")


async def test_a_device_does_not_come_in_with_other_keys_than_its_chain_has(person: Make) -> None:
    ada, room_id, second = await unlinked(person)
    flow = await second.sealed.link_by_qr()
    await ground(second).keychain.fresh_keys()
    await ada.client.sealed.link_scanned(flow.step.qr)
    await ended(second, flow, "Other keys were made on this device since")
    assert second.sealed.status.state == "elsewhere"
    assert ground(second).keychain.vault is None
    again = await second.sealed.link_by_qr()
    await ada.client.sealed.link_scanned(again.step.qr)
    await stands(second, again, "done")
    await reads(second, room_id, "One.")


@pytest.mark.parametrize("how", ["linked", "recovered"])
async def test_the_code_of_an_identity_that_never_came_to_be_is_forgotten(person: Make, how: str) -> None:
    ada, room_id, second = await unlinked(person)
    mend = breaks_off(ground(second).keychain, IdentityPublish)
    with pytest.raises(YmeraError):
        await second.sealed.begin_anew()
    mend()
    assert await second.sealed.unkept_code() is not None
    if how == "linked":
        flow = await second.sealed.link_by_qr()
        await ada.client.sealed.link_scanned(flow.step.qr)
        await stands(second, flow, "done")
    else:
        await second.sealed.recover(ada.code)
    await reads(second, room_id, "One.")
    await second.close()
    for client in (second, await ada.device("second")):
        assert await client.sealed.unkept_code() is None
        assert stand(client) == ("ready", True, None if how == "linked" else True)
        assert ground(client).keychain.vault == ground(ada.client).keychain.vault


async def test_the_backup_of_an_identity_that_never_came_to_be_is_no_other_ones(person: Make) -> None:
    ada, room_id, second = await unlinked(person)
    mend = breaks_off(ground(second).keychain, IdentityPublish)
    with pytest.raises(Forbidden):
        await second.sealed.begin_anew()
    mend()
    breaks_off(ground(second).backups, BackupGet, error=NotFound("There is no backup."))
    await second.sealed.recover(ada.code)
    await reads(second, room_id, "One.")
    assert stand(second) == ("ready", False, True)


async def test_who_was_not_compared_is_not_verified(person: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    with pytest.raises(Conflict, match="Compare the safety number first"):
        await ada.client.sealed.verify(bo.id)
    assert ada.client.sealed.trust(bo.id) == "unverified"
    await ada.client.sealed.safety_number(bo.id)

    async def unheard(self: Backups, *args: object, verified: bool) -> None:
        raise LOST

    with monkeypatch.context() as patched:
        patched.setattr(Backups, "keep_trust", unheard)
        with pytest.raises(Forbidden):
            await ada.client.sealed.verify(bo.id)
    # Whoever the server names by now was not compared with.
    compared = ground(ada.client).directory.current(bo.id)
    other = await bo.device("other")
    await other.sealed.begin_anew()
    assert await ground(ada.client).directory.find(bo.id) != compared
    await ada.client.sealed.verify(bo.id)
    assert ada.client.sealed.trust(bo.id) == "changed"
    with pytest.raises(Conflict):
        await ada.client.sealed.verify(bo.id)


async def test_a_pairing_that_was_answered_on_another_device_ends(person: Make) -> None:
    ada, bo = await person("Ada"), await person("Bo")
    second = await linked_by_qr(ada, "second")
    third = await ada.device("third")
    for client, begin in (
        (third, third.sealed.link_by_digits),
        (bo.client, lambda: bo.client.sealed.verify_by_digits(ada.id)),
    ):
        new = await begin()
        here, there = await asked(ada.client), await asked(second)
        await there.confirm()
        await ended(ada.client, here, "Answered on another device.")
        await stands(second, there, "compare")
        await stands(client, new, "compare")
        assert new.step.digits == there.step.digits
        await new.cancel()
        await ended(second, there, "The other side has called the pairing off.")


@pytest.mark.parametrize("said", ["no", "yes"])
async def test_what_is_said_of_a_pairing_after_another_device_has_answered_ends_it_here_alone(
    person: Make, said: str
) -> None:
    ada = await person("Ada")
    second = await linked_by_qr(ada, "second")
    third = await ada.device("third")
    new = await third.sealed.link_by_digits()
    here, there = await asked(ada.client), await asked(second)
    assert ada.client.sealed._pairings is not None
    ada.client.sealed._pairings._flows.pop(here.id)  # It does not hear of the rest.
    await there.confirm()
    await stands(third, new, "compare")
    if said == "no":
        await here.cancel()
        assert here.over
    else:
        with pytest.raises(Conflict, match="Answered on another device"):
            await here.confirm()
    await new.confirm()
    await there.confirm()
    await stands(third, new, "done")
