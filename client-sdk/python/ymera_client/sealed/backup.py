"""The backup that the recovery code opens: the secrets of epochs, and what is known of others.

Entries are kept under names that follow from the master key, so that the server cannot tell what they are of.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence

from nacl.utils import random

from ymera_client.courier import Courier
from ymera_client.crypto.epochs import Epoch
from ymera_client.crypto.errors import Cx1Error
from ymera_client.crypto.identity import History
from ymera_client.crypto.linking import Package
from ymera_client.crypto.primitives import NONCE, ZERO, derive
from ymera_client.crypto.recovery import (
    Backup,
    Trust,
    open_entry,
    open_master,
    open_trust,
    seal_entry,
    seal_trust,
)
from ymera_client.crypto.wire import from_text, to_text, u32
from ymera_client.errors import NotFound, YmeraError
from ymera_client.generated import Backup as Stored
from ymera_client.generated import BackupEntry, BackupGet, BackupPut
from ymera_client.sealed.cabinet import Cabinet, Transaction
from ymera_client.sealed.keychain import Keychain
from ymera_client.sealed.records import Vault

log = logging.getLogger(__name__)
BATCH = 500
"""Entries sent at once."""


class Backups:
    """Keeps what the recovery code is to open; entries that could not be sent yet wait in the store."""

    def __init__(self, cabinet: Cabinet, courier: Courier, keychain: Keychain) -> None:
        self._cabinet = cabinet
        self._courier = courier
        self._keychain = keychain

    @property
    def exists(self) -> bool:
        """Whether there is one that this device has the key of."""
        return self._backup() is not None

    async def restore(self, root: bytes, fp: bytes) -> None:
        """Open the backup of an identity, if there is one, with what its recovery code gave.

        This device need not be in it yet. The entries wait in the store until their rooms and identities are
        known.
        """
        parts = await self._fetch()
        if not parts:
            return
        held = self._keychain.vault
        sealed = from_text(parts[0].master)
        least = held.version if held is not None else 0
        backup = open_master(root, sealed, fp=fp, version=parts[0].ver, least=least)

        def keep(transaction: Transaction) -> None:
            for part in parts:
                for entry in part.entries:
                    transaction.put("restored", from_text(entry.body), entry.key.encode())

        await self._cabinet.transact(keep)
        await self._keychain.keep_vault(Vault(backup.version, backup.master, sealed))

    async def take_over(self, package: Package) -> None:
        """Keep what another device has handed over: secrets until their rooms are known, and the backup's
        key, which `complete` makes whole.
        """

        def keep(transaction: Transaction) -> None:
            for each in package.secrets:
                transaction.put("given", each.secret, each.room_ref + u32(each.epoch))

        await self._cabinet.transact(keep)
        if package.master != ZERO:
            await self._keychain.keep_vault(Vault(0, package.master, b""))

    async def complete(self) -> None:
        """Ask the server for what belongs to a master key that another device gave; later, if that fails."""
        vault = self._keychain.vault
        if vault is None or vault.sealed:
            return
        try:
            stored = await self._courier(BackupGet())
            whole = Vault(stored.ver, vault.master, from_text(stored.master))
        except (YmeraError, Cx1Error) as error:
            log.info("The backup is not used yet: %s", error)
            return
        if self._keychain.vault is vault:
            await self._keychain.keep_vault(whole)

    async def secrets(self, epochs: Iterable[Epoch]) -> dict[int, bytes]:
        """Those secrets of a room's epochs that were handed over or restored."""
        asked = list(epochs)

        def read(transaction: Transaction) -> dict[int, bytes]:
            found = ((epoch.number, transaction.get("given", epoch.context)) for epoch in asked)
            return {number: secret for number, secret in found if secret is not None}

        given = await self._cabinet.transact(read)
        kept = await self._restored_secrets([epoch for epoch in asked if epoch.number not in given])
        return given | kept

    async def _restored_secrets(self, epochs: Sequence[Epoch]) -> dict[int, bytes]:
        backup = self._backup()
        if backup is None:
            return {}
        names = {entry_name(backup, epoch): epoch for epoch in epochs}
        found = await self._restored(list(names))
        secrets: dict[int, bytes] = {}
        for name, sealed in found.items():
            try:
                secrets[names[name].number] = open_entry(backup, names[name], sealed)
            except Cx1Error:
                continue
        return secrets

    async def trust(self, fp: bytes) -> Trust | None:
        """What the restored entries know of an identity."""
        backup = self._backup()
        if backup is None:
            return None
        name = trust_name(backup, fp)
        found = await self._restored([name])
        try:
            return open_trust(backup, fp, found[name]) if name in found else None
        except Cx1Error:
            return None

    async def keep_secrets(self, epochs: Mapping[Epoch, bytes]) -> None:
        """Back up the secrets of epochs; nothing happens without a backup."""
        backup = self._backup()
        if backup is None or not epochs:
            return
        await self._put(
            BackupEntry(
                key=entry_name(backup, epoch), body=to_text(seal_entry(backup, epoch, secret, random(NONCE)))
            )
            for epoch, secret in epochs.items()
        )

    async def keep_trust(self, history: History, *, verified: bool) -> None:
        """Back up what is known of an identity."""
        backup = self._backup()
        if backup is not None:
            trust = Trust(history.fp, history.newest.pin, verified)
            body = to_text(seal_trust(backup, trust, random(NONCE)))
            await self._put([BackupEntry(key=trust_name(backup, history.fp), body=body)])

    def _backup(self) -> Backup | None:
        vault, fp = self._keychain.vault, self._keychain.fp
        if vault is None or not vault.sealed or fp is None:
            return None
        return Backup(fp, vault.version, vault.master)

    async def begin(self) -> None:
        """Have the server keep the backup's master key, as the recovery code seals it."""
        await self._put([])

    async def _put(self, entries: Iterable[BackupEntry]) -> None:
        vault = self._keychain.vault
        if vault is None or not vault.sealed:
            return
        listed = list(entries)
        for start in range(0, max(1, len(listed)), BATCH):
            await self._courier(
                BackupPut(
                    ver=vault.version, master=to_text(vault.sealed), entries=listed[start : start + BATCH]
                )
            )

    async def _fetch(self) -> list[Stored]:
        parts: list[Stored] = []
        after: str | None = None
        try:
            while not parts or after is not None:
                parts.append(await self._courier(BackupGet(after=after)))
                after = parts[-1].next
        except NotFound:
            return []
        return parts

    async def _restored(self, names: Iterable[str]) -> dict[str, bytes]:
        wanted = [(name, name.encode()) for name in names]

        def read(transaction: Transaction) -> dict[str, bytes]:
            found = ((name, transaction.get("restored", key)) for name, key in wanted)
            return {name: sealed for name, sealed in found if sealed is not None}

        return await self._cabinet.transact(read)


def entry_name(backup: Backup, epoch: Epoch) -> str:
    """The name of the entry of an epoch's secret."""
    return to_text(derive(backup.master, b"cx1/bename", epoch.room_ref, u32(epoch.number)))


def trust_name(backup: Backup, fp: bytes) -> str:
    """The name of the entry of what is known of an identity."""
    return to_text(derive(backup.master, b"cx1/btname", fp))
