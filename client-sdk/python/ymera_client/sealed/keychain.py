"""The own identity on this device: its keys, and the links that it signs.

The keys are stored before any link that names them is sent, so a device is never in a chain without having
its keys. A link that another was faster than is signed anew at the chain's new end.
"""

import asyncio
from collections.abc import Callable

import msgspec
from nacl.utils import random

from ymera_client.courier import Courier
from ymera_client.crypto.authoring import Author
from ymera_client.crypto.identity import (
    KEEP_OLD_KEY_SECS,
    REKEY_SECS,
    History,
    Signer,
    append,
    device_id,
    new_device,
    verify_chain,
)
from ymera_client.crypto.links import (
    RECOVERY,
    AgentEndorse,
    DeviceAdd,
    DeviceRekey,
    DeviceRevoke,
    Genesis,
    Kind,
    Payload,
    write_link,
)
from ymera_client.crypto.primitives import KEY, NONCE, ZERO, box_public, equal, signing_pair
from ymera_client.crypto.recovery import (
    ENTROPY,
    Backup,
    make_code,
    normalise_code,
    seal_master,
    show_code,
    signing_seed,
    stretch,
)
from ymera_client.crypto.wire import to_text
from ymera_client.errors import CommitConflict, Conflict, Invalid, NotFound
from ymera_client.generated import IdentityPublish
from ymera_client.sealed.cabinet import Cabinet, Transaction
from ymera_client.sealed.clock import now_ms
from ymera_client.sealed.directory import Directory
from ymera_client.sealed.records import Box, Device, Vault, pack, unpack

SALT = 16
TRIES = 5
"""How often a link is signed anew where others were faster."""


class Keychain:
    """This device's keys, and what it signs into the own chain."""

    def __init__(self, cabinet: Cabinet, courier: Courier, directory: Directory) -> None:
        self._cabinet = cabinet
        self._courier = courier
        self._directory = directory
        self._device: Device | None = None
        self._author: tuple[Device, Author] | None = None
        """What was last asked for, and of which device."""
        self.vault: Vault | None = None
        """What the backup is sealed with; None without a backup."""
        self._code: bytes | None = None
        """The recovery code, until the person has shown that they have it."""
        self._shown = False
        """Whether they have shown it on this device."""
        self._entering = asyncio.Lock()
        """Held from making this device's keys until it is in: others made meanwhile would replace them."""
        self._signing = asyncio.Lock()

    async def load(self) -> None:
        """Take up what the store has."""

        def read(transaction: Transaction) -> list[bytes | None]:
            return [transaction.get(space) for space in ("device", "vault", "code", "code-shown")]

        device, vault, self._code, shown = await self._cabinet.transact(read)
        self._shown = shown is not None
        self._device = None if device is None else unpack(device, Device)
        self.vault = None if vault is None else unpack(vault, Vault)

    @property
    def fp(self) -> bytes | None:
        """The own identity; None while this device is in none."""
        return self._device.fp if self._device is not None and self._device.fp else None

    @property
    def history(self) -> History | None:
        """The own chain."""
        return None if self.fp is None else self._directory.histories.get(self.fp)

    @property
    def active(self) -> bool:
        """Whether this device is in use in the own chain."""
        return self.history is not None and self.author.device_id in self.history.newest.active_ids()

    @property
    def revoked(self) -> bool:
        """Whether this device was put out."""
        return (
            self.history is not None
            and self.author.device_id in self.history.newest.devices
            and not self.active
        )

    @property
    def author(self) -> Author:
        """This device, as it signs. Only where there is an identity."""
        device, fp = self._device, self.fp
        assert device is not None
        assert fp is not None
        if self._author is None or self._author[0] is not device:
            public, secret = signing_pair(device.seed)
            self._author = device, Author(fp, device_id(fp, public), secret)
        return self._author[1]

    def box_secret(self, version: int) -> bytes | None:
        """The secret key of that version for boxes; None if it is gone."""
        boxes = self._device.boxes if self._device is not None else ()
        return next((each.secret for each in boxes if each.version == version), None)

    async def begin(self, replaces: bytes | None = None) -> str:
        """A new identity with this device in it, in place of one that is given up; its recovery code."""
        code, salt = make_code(random(ENTROPY)), random(SALT)
        root = await asyncio.to_thread(stretch, code, salt)
        recovery_pk, _ = signing_pair(signing_seed(root))
        async with self._entering:
            fresh = self._fresh_device()
            fp, raw = _genesis(fresh, Kind.HUMAN, recovery_pk, salt, ZERO)
            device = msgspec.structs.replace(fresh, meant=fp)
            backup = Backup(fp, 1, random(KEY))
            vault = Vault(1, backup.master, seal_master(root, backup, random(NONCE)))

            def keep(transaction: Transaction) -> None:
                transaction.put("device", pack(device))
                transaction.put("vault", pack(vault))
                transaction.put("code", code.encode())
                transaction.drop("code-shown")

            await self._cabinet.transact(keep)
            self._device, self.vault, self._code, self._shown = device, vault, code.encode(), False
            await self._publish_genesis(fp, raw, replaces)
        return show_code(code)

    async def begin_agent(self, owner_fp: bytes) -> None:
        """A new identity of an agent, under its owner's recovery key. The owner has to endorse it."""
        owner = self._directory.histories[owner_fp].newest
        async with self._entering:
            device = self._fresh_device()
            fp, raw = _genesis(device, Kind.AGENT, owner.recovery_pk, owner.salt, owner_fp)
            await self._keep_device(msgspec.structs.replace(device, meant=fp))
            await self._publish_genesis(fp, raw)

    async def root_of(self, typed: str, fp: bytes) -> bytes:
        """The root that the recovery code of an identity gives, in which this device may be already.

        Invalid if it is not the code; Conflict on a device that is in another identity.
        """
        if self.fp != fp:
            self._check_free()
        code = normalise_code(typed)
        newest = self._directory.histories[fp].newest
        root = await asyncio.to_thread(stretch, code, newest.salt)
        recovery_pk, _ = signing_pair(signing_seed(root))
        if not equal(recovery_pk, newest.recovery_pk):
            raise Invalid("This is the recovery code of another identity.", data={"fault": "recovery_only"})
        return root

    async def join_by_root(self, root: bytes, fp: bytes) -> None:
        """Bring this device into an identity by the root that its recovery code gives."""
        _, secret = signing_pair(signing_seed(root))
        async with self._entering:
            device = self._fresh_device()
            await self._keep_device(msgspec.structs.replace(device, meant=fp))
            seed_public, seed_secret = signing_pair(device.seed)
            x_pk = box_public(device.boxes[-1].secret)

            def added(history: History) -> DeviceAdd:
                return new_device(history, seed_secret, seed_public, x_pk)

            await self.sign(added, Signer(RECOVERY, secret), fp)
            await self.joined(fp)

    async def fresh_keys(self) -> tuple[bytes, bytes, bytes]:
        """Keys of a device that is to be linked: its signing secret, and its public keys."""
        async with self._entering:
            device = self._fresh_device()

            def keep(transaction: Transaction) -> None:
                transaction.put("device", pack(device))
                _forget_begun(transaction)

            await self._cabinet.transact(keep)
            self._device, self.vault, self._code, self._shown = device, None, None, False
        public, secret = signing_pair(device.seed)
        return secret, public, box_public(device.boxes[-1].secret)

    async def mean(self, fp: bytes) -> None:
        """This device is to come into this identity, as a code or a person has shown."""
        assert self._device is not None
        await self._keep_device(msgspec.structs.replace(self._device, meant=fp))

    def check_joined(self, fp: bytes) -> None:
        """Conflict if an identity's chain has not this device, but one whose keys were replaced since."""
        if not self._is_in(fp):
            raise Conflict("Other keys were made on this device since; begin another pairing.")

    async def joined(self, fp: bytes) -> None:
        """This device is in this identity from now on. Conflict if its chain has other keys."""
        self.check_joined(fp)
        assert self._device is not None
        await self._keep_device(msgspec.structs.replace(self._device, fp=fp))

    async def adopt(self, fp: bytes) -> None:
        """Be in this identity if its chain has this device, as after a process that ended too early.

        Only in one that the device was meant for: the server could put it into a chain of its own making.
        """
        device = self._device
        if device is not None and device.fp != fp and device.meant == fp and self._is_in(fp):
            await self.joined(fp)

    async def forget_begun(self) -> None:
        """Forget the code and backup of another identity, which never came to be or is given up."""
        await self._cabinet.transact(_forget_begun)
        self.vault, self._code, self._shown = None, None, False

    async def keep_vault(self, vault: Vault) -> None:
        """What the backup is sealed with from now on."""
        await self._cabinet.transact(lambda transaction: transaction.put("vault", pack(vault)))
        self.vault = vault

    @property
    def code_kept(self) -> bool | None:
        """Whether the person has the recovery code; None where only another device can know."""
        return (self._shown or None) if self._code is None else False

    @property
    def unkept_code(self) -> str | None:
        """The recovery code, until the person has shown that they have it."""
        return None if self._code is None else show_code(self._code.decode())

    async def confirm_code(self, typed: str) -> None:
        """The person shows that they have the code; the device forgets it. Invalid if it is another."""
        if self._code is not None:
            if not equal(normalise_code(typed).encode(), self._code):
                raise Invalid("This is another recovery code than the one shown.", data={"path": "code"})
            await self.code_shown()

    async def code_shown(self) -> None:
        """The person has the recovery code; the device forgets it."""

        def note(transaction: Transaction) -> None:
            transaction.drop("code")
            transaction.put("code-shown", b"")

        await self._cabinet.transact(note)
        self._code, self._shown = None, True

    async def add(self, payload: Callable[[History], Payload]) -> None:
        """Sign a link as this device."""
        await self.sign(payload, Signer(self.author.device_id, self.author.secret), self.author.fp)

    async def revoke(self, target: bytes) -> None:
        """Put a device of one's own out for good. NotFound if it is none in use."""
        if self.history is None or target not in self.history.newest.active_ids():
            raise NotFound("There is no such device in use.")
        await self.add(lambda history: DeviceRevoke(target))  # noqa: ARG005 - some payloads need the chain

    async def endorse(self, agent_fp: bytes) -> None:
        """Say that an agent is one's own."""
        await self.add(lambda history: AgentEndorse(agent_fp))  # noqa: ARG005 - some payloads need the chain

    async def rekey_if_due(self) -> None:
        """Make a new key for boxes once a week, and forget those that were replaced a month ago."""
        device = self._device
        assert device is not None
        now, own = now_ms(), self._own_version()
        published = device.boxes[-1].version == own
        if published and now - device.boxes[-1].made_ms < REKEY_SECS * 1000:
            return
        if published:
            fresh = Box(own + 1, random(KEY), now)
            device = msgspec.structs.replace(device, boxes=(*_unexpired(device.boxes, now), fresh))
            await self._keep_device(device)
        newest = device.boxes[-1]
        await self.add(
            lambda history: DeviceRekey(  # noqa: ARG005 - some payloads need the chain
                self.author.device_id, newest.version, box_public(newest.secret)
            )
        )

    async def sign(self, payload: Callable[[History], Payload], signer: Signer, fp: bytes) -> None:
        """Append a link to a chain, again at its new end where another was faster."""
        async with self._signing:
            for attempt in range(TRIES):
                history = self._directory.histories[fp]
                raw = append(history, payload(history), signer, now_ms())
                try:
                    identity = await self._courier(IdentityPublish(links=[to_text(raw)]))
                except CommitConflict:
                    if attempt == TRIES - 1:
                        raise
                    await self._directory.fetch(fp)
                else:
                    await self._directory.hear(identity)
                    return

    def _own_version(self) -> int:
        assert self.history is not None
        return self.history.newest.devices[self.author.device_id].version

    def _is_in(self, fp: bytes) -> bool:
        """Whether an identity's chain has this device, with the keys that it has now."""
        device, history = self._device, self._directory.histories.get(fp)
        if device is None or history is None:
            return False
        return device_id(fp, signing_pair(device.seed)[0]) in history.newest.devices

    def _check_free(self) -> None:
        if self.fp is not None and not self.revoked:
            raise Conflict("This device is in an identity already.")

    def _fresh_device(self) -> Device:
        self._check_free()
        return Device(random(KEY), (Box(0, random(KEY), now_ms()),))

    async def _keep_device(self, device: Device) -> None:
        await self._cabinet.transact(lambda transaction: transaction.put("device", pack(device)))
        self._device = device

    async def _publish_genesis(self, fp: bytes, raw: bytes, replaces: bytes | None = None) -> None:
        given_up = None if replaces is None else to_text(replaces)
        await self._courier(IdentityPublish(links=[to_text(raw)], replaces=given_up))
        await self._directory.fetch(fp)
        await self.joined(fp)


def _genesis(
    device: Device, kind: Kind, recovery_pk: bytes, salt: bytes, owner_fp: bytes
) -> tuple[bytes, bytes]:
    public, secret = signing_pair(device.seed)
    first = Genesis(kind, recovery_pk, salt, public, box_public(device.boxes[-1].secret), owner_fp)
    raw = write_link(secret, first, fp=ZERO, seq=0, prev=ZERO, ms=now_ms(), signer=RECOVERY)
    return verify_chain([raw]).fp, raw


def _unexpired(boxes: tuple[Box, ...], now: int) -> tuple[Box, ...]:
    """Without the keys whose successor was made a month ago."""
    ends = [each.made_ms for each in boxes[1:]] + [now]
    return tuple(box for box, end in zip(boxes, ends, strict=True) if now - end < KEEP_OLD_KEY_SECS * 1000)


def _forget_begun(transaction: Transaction) -> None:
    """The code and backup of an identity that never came to be, or is given up."""
    for space in ("code", "code-shown", "vault"):
        transaction.drop(space)
