"""Identities: the signed chains by which people's and agents' devices are known.

The server checks every link as clients do (`handlers/cx1`), keeps the chains, and can neither sign one nor
take one back. What is inside is specified in `docs/encryption.md`; here are bytes, as base64url.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from protocol.fields import EntryBytes, EntryKey, Fingerprint, Id, LinkBytes, PairingBytes, Seq, Timestamp
from protocol.registry import Command, Entity, Ephemeral, command, ephemeral, query


class Identity(Entity):
    """How far somebody's chain reaches; `id` is the member's."""

    fp: Fingerprint
    """Names the identity. A member has another one only after a new beginning."""
    seq: Seq
    """Of its last link."""
    head: Fingerprint
    """The hash of its last link."""


class Chain(Struct, frozen=True, kw_only=True):
    """Successive links of an identity, from `after_seq` on; more of them if `seq` of its head is greater."""

    identity: Identity
    links: list[LinkBytes]


@command("identity.publish")
class IdentityPublish(Command[Identity]):
    """Add links to the own chain, or to that of an agent of one's own; the first begins with its genesis.

    `commit_conflict` with `expected`, if other links have come since; fetch them and sign anew.
    """

    links: Annotated[list[LinkBytes], Meta(min_length=1, max_length=100)]
    member_id: Id | None = None
    """Yourself, if left out; an agent's owner may name the agent."""
    replaces: Fingerprint | None = None
    """To begin anew with a genesis: the identity that is given up. Rooms have to add the new one."""


@query("identity.list")
class IdentityList(Command[list[Identity]]):
    """How far the chains of these members reach; those that have none are left out."""

    members: Annotated[list[Id], Meta(min_length=1, max_length=200)]


@query("identity.chain")
class IdentityChain(Command[Chain]):
    """The links of an identity, in order, up to 1,000 at once. Also of one that was given up."""

    fp: Fingerprint
    after_seq: Annotated[int, Meta(ge=-1, le=2**31 - 1)] = -1
    """The last one that you have; -1 for all."""


@ephemeral("identity.extended")
class IdentityExtended(Ephemeral, frozen=True, kw_only=True):
    """In each sealed room and in the own inbox: somebody's chain reaches further now."""

    identity: Identity


class PairingPurpose(StrEnum):
    """What two devices meet for."""

    LINK = "link"
    """A new device of a member with one that is known already."""
    VERIFY = "verify"
    """Devices of two members, that compare a number."""


class Pairing(Struct, frozen=True, kw_only=True):
    """One step that a device has sent to another. It is gone after five minutes."""

    id: Id
    """Chosen by who begins; both sides name it."""
    purpose: PairingPurpose
    sender: Id
    """The member whose device has sent it."""
    step: Annotated[int, Meta(ge=0, le=9)]
    body: PairingBytes
    at: Timestamp


@command("pairing.send", idempotent=True)
class PairingSend(Command[Pairing]):
    """Send a step to a member's devices, yourself included. Each step of a pairing can be sent once.

    To another member only if you both may know of each other. At most 20 pairings an hour.
    """

    id: Id
    purpose: PairingPurpose
    to: Id
    step: Annotated[int, Meta(ge=0, le=9)]
    body: PairingBytes


@query("pairing.list")
class PairingList(Command[list[Pairing]]):
    """What was sent to you and is not yet gone, oldest first, for whoever has just connected."""


@ephemeral("pairing.sent")
class PairingSent(Ephemeral, frozen=True, kw_only=True):
    """In the inbox of whom it is for: a step of a pairing."""

    pairing: Pairing


class BackupEntry(Struct, frozen=True, kw_only=True):
    """One thing that is kept, under a name that says nothing."""

    key: EntryKey
    body: EntryBytes


class Backup(Struct, frozen=True, kw_only=True):
    """What a recovery code opens: a first part of the entries, if there are more than 500."""

    ver: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    master: EntryBytes
    entries: list[BackupEntry]
    next: str | None
    """For `after`; null after the last."""


@command("backup.put")
class BackupPut(Command[None]):
    """Add entries to the own backup, or replace those of the same key.

    A greater `ver` begins a new one and drops the one before; a lower one is refused with `version_conflict`.
    """

    ver: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    master: EntryBytes
    entries: Annotated[list[BackupEntry], Meta(max_length=500)]


@query("backup.get")
class BackupGet(Command[Backup]):
    """The own backup, entries by key; `not_found` if there is none."""

    after: EntryKey | None = None
