"""The keys that a device holds of one room: secrets of epochs, and where each sender's chain stands.

With an epoch's secret any message's key can be derived again. Of an ephemeral room only the chains are held,
turned past every key that was used, so that it cannot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ymera_client.crypto.epochs import Epoch, accept_secret, find, walk
from ymera_client.crypto.errors import Cx1Error, Fault
from ymera_client.crypto.primitives import derive
from ymera_client.crypto.wire import u32, u64

KEEP_CHAINS_SECS = 48 * 3600
"""How long after its end the chains of an ephemeral room's epoch are kept for what comes late."""


@dataclass(frozen=True, slots=True)
class Strand:
    """A sender's chain, turned to the message `ctr`."""

    ctr: int
    key: bytes

    def turn(self, ctr: int) -> "Strand":
        """The chain at a later message."""
        if ctr == self.ctr:
            return self
        key = self.key
        for _ in range(self.ctr, ctr):
            key = derive(key, b"cx1/next")
        return Strand(ctr, key)

    def message_key(self) -> bytes:
        return derive(self.key, b"cx1/msg", u64(self.ctr))


@dataclass(frozen=True, slots=True)
class EpochKeys:
    """What is held of one epoch; `secret` is None where it has been deleted."""

    epoch: Epoch
    secret: bytes | None
    strands: Mapping[bytes, Strand]
    ephemeral: Mapping[bytes, bytes]
    """Keys of ephemeral envelopes by device, where the secret has been deleted."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """What is held of a room's epochs, by their numbers."""

    epochs: Mapping[int, EpochKeys]

    @classmethod
    def empty(cls) -> "KeyRing":
        return cls({})

    def secrets(self) -> dict[int, bytes]:
        """The secrets held, for backup and grants."""
        return {number: keys.secret for number, keys in self.epochs.items() if keys.secret is not None}

    def hold(self, epoch: Epoch, secret: bytes, *, ephemeral: bool) -> "KeyRing":
        """Keep the secret of an epoch, or in an ephemeral room only what follows from it."""
        accept_secret(epoch, secret)
        if epoch.number in self.epochs:
            return self
        devices = [each.device_id for each in epoch.recipients] if ephemeral else []
        keys = EpochKeys(
            epoch,
            None if ephemeral else secret,
            {each: first_strand(epoch, secret, each) for each in devices},
            {each: ephemeral_key(epoch, secret, each) for each in devices},
        )
        return KeyRing({**self.epochs, epoch.number: keys})

    def unlock(
        self, epochs: Sequence[Epoch], number: int, secret: bytes, *, ephemeral: bool
    ) -> tuple["KeyRing", Cx1Error | None]:
        """Keep a secret and all that it opens further back, and what stopped it if a wrap was bad."""
        walked = walk(epochs, secret, number, self.epochs)
        ring = self
        for found, older in walked.secrets.items():
            ring = ring.hold(find(epochs, found), older, ephemeral=ephemeral)
        return ring, walked.broken

    def drop(self, number: int) -> "KeyRing":
        """Forget an epoch."""
        return KeyRing({other: keys for other, keys in self.epochs.items() if other != number})

    def take(self, number: int, device_id: bytes, ctr: int) -> tuple[bytes, "KeyRing"]:
        """The key of a message, and the ring turned past it.

        `ctr` must have been verified: every step up to it costs a hash.
        """
        turner = Turner(self)
        return turner.take(number, device_id, ctr), turner.ring()

    def ephemeral_key(self, number: int, device_id: bytes) -> bytes:
        """The key of a device's ephemeral envelopes."""
        keys = self.of(number)
        if keys.secret is not None:
            return ephemeral_key(keys.epoch, keys.secret, device_id)
        key = keys.ephemeral.get(device_id)
        if key is None:
            raise Cx1Error(Fault.KEY_DELETED, "the device was no recipient when the secret was deleted")
        return key

    def of(self, number: int) -> EpochKeys:
        """What is held of an epoch; refuses where its secret has not come."""
        keys = self.epochs.get(number)
        if keys is None:
            raise Cx1Error(Fault.KEY_MISSING, f"the secret of epoch {number} has not come yet", epoch=number)
        return keys


class Turner:
    """Takes the keys of many messages, on copies of the chains; the ring that it was given stays as it is."""

    __slots__ = ("_from", "_strands")

    def __init__(self, ring: KeyRing) -> None:
        self._from = ring
        self._strands: dict[int, dict[bytes, Strand]] = {}

    def take(self, number: int, device_id: bytes, ctr: int) -> bytes:
        """The key of a message, whose `ctr` must have been verified: every step up to it costs a hash."""
        keys = self._from.of(number)
        strands = self._strands.get(number)
        if strands is None:
            strands = self._strands[number] = dict(keys.strands)
        strand = strands.get(device_id)
        if strand is None or strand.ctr > ctr:
            if keys.secret is None:
                raise Cx1Error(Fault.KEY_DELETED, "the key of this message has been deleted, or never was")
            strand = first_strand(keys.epoch, keys.secret, device_id)
        strand = strand.turn(ctr)
        strands[device_id] = strand.turn(ctr + 1)
        return strand.message_key()

    def ring(self) -> KeyRing:
        """The ring turned past every key that was taken; what is taken later leaves this one as it is."""
        epochs = self._from.epochs
        turned = {number: replace(epochs[number], strands=made) for number, made in self._strands.items()}
        self._from, self._strands = KeyRing({**epochs, **turned}), {}
        return self._from


def first_strand(epoch: Epoch, secret: bytes, device_id: bytes) -> Strand:
    """A device's chain at the beginning of an epoch."""
    return Strand(0, derive(secret, b"cx1/chain", epoch.room_ref, u32(epoch.number), device_id))


def ephemeral_key(epoch: Epoch, secret: bytes, device_id: bytes) -> bytes:
    """The one key of a device's ephemeral envelopes in an epoch."""
    return derive(secret, b"cx1/eph", epoch.room_ref, u32(epoch.number), device_id)
