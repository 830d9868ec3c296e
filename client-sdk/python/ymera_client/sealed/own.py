"""The own identity for encrypted rooms, and this device in it: begun, linked, recovered, put out."""

import asyncio
import logging
from collections.abc import Callable
from typing import Self, TypeVar

from ymera_client.courier import Courier
from ymera_client.crypto.verification import safety_number
from ymera_client.crypto.wire import from_text, to_text
from ymera_client.errors import Conflict, E2eeRoom, Forbidden, Unavailable, YmeraError
from ymera_client.generated import AgentGet, Member, MemberKind
from ymera_client.listeners import Listeners, Stop
from ymera_client.sealed import recovering
from ymera_client.sealed.backup import Backups
from ymera_client.sealed.directory import Alarm, Directory
from ymera_client.sealed.faults import refusals_raised
from ymera_client.sealed.flow import Flow
from ymera_client.sealed.ground import Ground
from ymera_client.sealed.keychain import Keychain
from ymera_client.sealed.pairer import Pairer
from ymera_client.sealed.pairings import Pairings
from ymera_client.sealed.records import Intent
from ymera_client.sealed.rooms import Followed, SealedRooms
from ymera_client.sealed.store import KeyStore
from ymera_client.sealed.view import DeviceView, Me, State, Status, Trust, Whisper
from ymera_client.sealed.views import device_views

log = logging.getLogger(__name__)
T = TypeVar("T")
MAX_ALARMS = 100
"""Alarms that are kept; the oldest go first."""
RENEWAL = 24 * 3600.0
"""Seconds from one look at whether keys are to be renewed to the next."""


class OwnDevice:
    """This device of the member, and the identity that it is in."""

    def __init__(
        self,
        url: str,
        store: KeyStore | None,
        courier: Courier,
        followed: Callable[[], Followed],
        rejected: Callable[[Intent, YmeraError], None],
        whispered: Callable[[Whisper], None],
    ) -> None:
        self._url = url
        self._store = store
        self._courier = courier
        self._listeners = Listeners()
        self._alarms: list[Alarm] = []
        self._ground: Ground | None = None
        self._pairings: Pairings | None = None
        if store is not None:
            directory = Directory(store.cabinet, courier, self._alarm)
            keychain = Keychain(store.cabinet, courier, directory)
            backups = Backups(store.cabinet, courier, keychain)
            directory.recall = backups.trust
            self._ground = Ground(store.cabinet, courier, directory, keychain, backups)
            self._pairings = Pairings(Pairer(self._ground, self))
        self.rooms = SealedRooms(
            self._ground,
            followed,
            changed=self._listeners.tell,
            alarmed=self._alarm,
            rejected=rejected,
            whispered=whispered,
            put_out=self.settle,
        )
        if self._ground is not None:
            self._ground.directory.needed = self._needed
        self._me: Member | None = None
        self._state: State = "off" if store is None else "starting"
        self._compared: dict[str, bytes] = {}
        """Whose safety number a person was shown last, by member."""
        self._attended = asyncio.Event()
        self._renewing: asyncio.Task[None] | None = None

    @property
    def status(self) -> Status:
        """How this device stands."""
        ground = self._ground
        if ground is None or ground.keychain.fp is None:
            return Status(self._state, None, code_kept=None, backed_up=False, revoked=False)
        keychain = ground.keychain
        me = Me(to_text(keychain.author.fp), to_text(keychain.author.device_id))
        return Status(
            self._state,
            me if self._state == "ready" else None,
            code_kept=keychain.code_kept,
            backed_up=ground.backups.exists,
            revoked=keychain.revoked,
        )

    async def confirmed(self) -> Status:
        """How this device stands by the server's word, not by the store's alone. Waits for a connection."""
        if self._state != "off":
            await self._attended.wait()
        return self.status

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """What a person has to be told: identities whose chain went back, a store that was put back."""
        return tuple(self._alarms)

    def subscribe(self, listener: Callable[[], None]) -> Stop:
        """Call `listener` after each change of this device's state or of a sealed room."""
        return self._listeners.add(listener)

    def notify(self) -> None:
        """Something that can be seen has changed."""
        self._listeners.tell()

    async def wait_for(
        self,
        predicate: Callable[[Self], T | None],
        timeout: float | None = None,  # noqa: ASYNC109 - part of the promise
    ) -> T:
        """The first true result of `predicate`, tried now and after every change. TimeoutError."""
        changed = asyncio.Event()
        stop = self.subscribe(changed.set)
        try:
            async with asyncio.timeout(timeout):
                while True:
                    changed.clear()
                    if result := predicate(self):
                        return result
                    await changed.wait()
        finally:
            stop()

    async def begin(self) -> str | None:
        """Make an identity with this device in it: the recovery code, in groups of four; None for an agent.

        An agent's recovery key is its owner's, who has to have an identity, and endorses it afterwards.
        Conflict if there is an identity already.
        """
        ground, me = self._on(), self.member()
        if self._state != "none":
            raise Conflict("You have an identity already. Link this device to it, or recover it by its code.")
        code = None
        if me.kind is MemberKind.AGENT:
            owner_id = (await self._courier(AgentGet(agent_id=me.id))).agent.owner_id
            await ground.keychain.begin_agent(await ground.directory.find(owner_id))
        else:
            code = await ground.keychain.begin()
            await ground.backups.begin()
        await self.settle()
        return code

    async def begin_anew(self) -> str:
        """Give the identity up for a new one, where its code and devices are lost; the new recovery code.

        Every room has to add the new identity, and everybody has to verify it again. Conflict on a device
        that is in the identity, which can `revoke_device` instead.
        """
        ground = self._on()
        if self._state != "elsewhere":
            raise Conflict("Begin anew only where an identity is lost, on a device that is not in it.")
        lost = await ground.directory.find(self.member().id)
        code = await ground.keychain.begin(replaces=lost)
        await self._paired().supersede()
        await ground.backups.begin()
        await self.settle()
        return code

    async def recover(self, code: str) -> None:
        """Bring this device into the identity by its recovery code; what was backed up is read again.

        On a device that is in already it reads the backup alone. Invalid if the code is mistyped or another
        one's, and after coming in, if the backup does not open; NotFound without an identity; Conflict on a
        device that is in another one.
        """
        ground = self._on()
        fp = await ground.directory.find(self.member().id)
        with refusals_raised():
            spoilt = await recovering.recover(ground, code, fp)
            await self._paired().supersede()
            await self.settle()
            if spoilt is not None:
                raise spoilt

    async def unkept_code(self) -> str | None:
        """The recovery code, until `confirm_code` has shown that somebody has it; then None."""
        return self._on().keychain.unkept_code

    async def confirm_code(self, typed: str) -> None:
        """Show that somebody has the recovery code; this device forgets it. Invalid if it is another one."""
        with refusals_raised():
            await self._on().keychain.confirm_code(typed)
        self._listeners.tell()

    async def devices(self) -> tuple[DeviceView, ...]:
        """The devices of the own identity, those that were put out included."""
        ground = self._ready()
        fp = await ground.directory.find(self.member().id)
        return device_views(fp, ground.directory, ground.keychain)

    async def revoke_device(self, device_id: str) -> None:
        """Put a device of one's own out for good; every room makes a new epoch without it."""
        with refusals_raised():
            await self._ready().keychain.revoke(from_text(device_id))
        await self.settle()

    async def endorse_agent(self, member_id: str) -> None:
        """Say, as its owner, that an agent's identity is that of an agent of yours."""
        ground = self._ready()
        agent_fp = await ground.directory.find(member_id)
        with refusals_raised():
            await ground.keychain.endorse(agent_fp)
        self.rooms.wake()

    def trust(self, member_id: str) -> Trust:
        """What is known of who a member is: `verified`, `unverified`, or `changed` since it was known."""
        return self._on().directory.trust(member_id)

    async def safety_number(self, member_id: str) -> str:
        """Sixty digits that are the same at both ends. NotFound if they have no identity."""
        ground = self._ready()
        fp = self._compared[member_id] = await ground.directory.find(member_id)
        return safety_number(ground.keychain.author.fp, fp)

    async def verify(self, member_id: str) -> None:
        """Note that the safety number was compared with this member: the number that was last asked for.

        What the server calls their identity by now does not count. Conflict if none was asked for.
        """
        ground = self._ready()
        fp = self._compared.get(member_id)
        if fp is None:
            raise Conflict("Compare the safety number first.")
        await ground.directory.confirm(fp)
        await ground.backups.keep_trust(ground.directory.histories[fp], verified=True)
        if self._compared.get(member_id) == fp:
            del self._compared[member_id]
        self._listeners.tell()

    @property
    def pairings(self) -> tuple[Flow, ...]:
        """Pairings under way, those that others have begun included."""
        return () if self._pairings is None else self._pairings.flows

    async def link_by_qr(self) -> Flow:
        """On a new device: show a code, in `step.qr`, for a device that is in the identity to scan."""
        return await self._come_in(by_digits=False)

    async def link_by_digits(self) -> Flow:
        """On a new device: ask the devices that are in the identity, and compare eight digits."""
        return await self._come_in(by_digits=True)

    async def link_scanned(self, code: str) -> Flow:
        """On a device that is in the identity: let in the device that shows this code."""
        self._ready()
        return await self._paired().scanned(code)

    async def verify_by_digits(self, member_id: str) -> Flow:
        """Compare eight digits with another member, live. NotFound if they have no identity."""
        self._ready()
        return await self._paired().compare(member_id)

    async def open(self) -> None:
        """Take up what the store has; a device that is in its identity reads without a connection."""
        if self._store is None or self._ground is None:
            return
        await self._store.cabinet.open()
        await self._ground.directory.load()
        await self._ground.keychain.load()
        # Sealed once, sealed for ever: nothing is sent there in the clear, whatever the server says later.
        self.rooms.remember(await self._stored())
        if self._ground.keychain.active:
            await self._begin()

    async def attend(self, me: Member) -> None:
        """There is a connection, as this member: see how the identity stands, and bring all up to date."""
        self._me = me
        if self._store is None or self._ground is None:
            return
        try:
            await self._store.claim(me.id)
        except Forbidden:
            self._attended.set()
            raise
        try:
            await self.settle()
        except YmeraError as error:
            if error.retryable:
                raise
            log.warning("The own identity cannot be taken as the server shows it: %s", error)
        self._attended.set()
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew(), name="ymera-renew-keys")
        self.rooms.resume()
        if self._pairings is not None:
            await self._pairings.catch_up()

    async def close(self, error: YmeraError) -> None:
        """End everything; what is queued stays in the store."""
        self._attended.set()
        if self._renewing is not None:
            self._renewing.cancel()
        if self._pairings is not None:
            await self._pairings.close()
        await self.rooms.close(error)
        if self._store is not None:
            await self._store.cabinet.close()

    async def _come_in(self, *, by_digits: bool) -> Flow:
        ground = self._on()
        if self._state != "elsewhere":
            raise Conflict("Link a device that is not in your identity, when you have one.")
        fp = await ground.directory.find(self.member().id)
        return await self._paired().come_in(fp, by_digits=by_digits)

    def _paired(self) -> Pairings:
        assert self._pairings is not None
        return self._pairings

    async def settle(self) -> None:
        """See how the own identity stands by the server's newest word, and act on it."""
        ground, me = self._on(), self.member()
        fp = (await ground.directory.refresh([me.id])).get(me.id)
        if fp is not None:
            await ground.keychain.adopt(fp)
        if ground.keychain.active and ground.keychain.fp == fp:
            await ground.keychain.rekey_if_due()
            await ground.backups.complete()
            await self._begin()
            return
        self._state = "none" if fp is None else "elsewhere"
        self.rooms.refuse(
            E2eeRoom(
                "You have no identity for encrypted rooms yet: `begin` one."
                if fp is None
                else "This device is not in your identity: link it, or `recover` by the code."
            )
        )
        self._listeners.tell()

    async def _renew(self) -> None:
        """Renew the key for boxes in time on a connection that lasts; on others `settle` does."""
        while True:
            await asyncio.sleep(RENEWAL)
            if self._state == "ready":
                try:
                    await self._on().keychain.rekey_if_due()
                except YmeraError as error:
                    log.info("The key for boxes is renewed later: %s", error)

    async def _begin(self) -> None:
        self._state = "ready"
        self.rooms.begin(await self._stored())
        self.rooms.wake()
        self._listeners.tell()

    async def _stored(self) -> list[str]:
        return await self._on().cabinet.transact(lambda transaction: list(transaction.rooms()))

    def _alarm(self, alarm: Alarm) -> None:
        if alarm not in self._alarms:
            log.warning("%s: %s", alarm.fault, alarm.message)
            self._alarms = [*self._alarms, alarm][-MAX_ALARMS:]
            self._listeners.tell()

    def _needed(self) -> set[bytes] | None:
        """The identities that must not be forgotten."""
        named, own = self.rooms.named(), self._on().keychain.fp
        if named is None or own is None:
            return None
        return named | {own, *self._compared.values()}

    def _on(self) -> Ground:
        if self._ground is None:
            raise E2eeRoom("This client has no keys: Client(…, keys=KeyStore(…)).")
        return self._ground

    def _ready(self) -> Ground:
        ground = self._on()
        if self._state != "ready":
            raise E2eeRoom(
                f"This device is not in an identity ({self._state}): begin one, link it, or recover it."
            )
        return ground

    def member(self) -> Member:
        """The own account. Unavailable before the first connection."""
        if self._me is None:
            raise Unavailable("The client has not been connected yet.")
        return self._me
