"""Sealed rooms: what is said in them is encrypted between the members' devices.

In a sealed room's log stand only commits, which say who belongs to it, and envelopes, which say everything
else; both as the bytes of `docs/encryption.md` in base64url. The server orders and checks them, and knows no
key. What a plain room takes is refused here with `e2ee_room`.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field

from protocol.fields import (
    MAX_EVENTS,
    Box,
    CommitBytes,
    DeviceId,
    EnvelopeBytes,
    Epoch,
    Fingerprint,
    Id,
    Ordinal,
    Seq,
    Timestamp,
)
from protocol.registry import Command, Entity, Ephemeral, Event, Scope, command, ephemeral, event, query

Boxes = Annotated[list[Box], Meta(max_length=1_000)]


class Form(StrEnum):
    """How a sealed room is shown. What it holds is the members' affair."""

    CONVERSATION = "conversation"
    PROJECT = "project"


class SealedRoom(Entity):
    """What the server knows of a sealed room."""

    room_ref: Fingerprint
    form: Form
    cseq: Seq
    """Of the last commit."""
    epoch: Epoch
    created_by: Id
    created_at: Timestamp


class ItemKind(StrEnum):
    """What stands at a seq."""

    COMMIT = "commit"
    ENVELOPE = "envelope"
    STUB = "stub"
    """An envelope whose content was erased."""


class Item(Struct, frozen=True, kw_only=True):
    """What stands at a seq of a sealed room."""

    seq: Seq
    kind: ItemKind
    body: EnvelopeBytes
    at: Timestamp
    actor: Id | None


class Items(Struct, frozen=True, kw_only=True):
    """A stretch of a sealed room's timeline, in order; more of it if `head` is greater."""

    room: Id
    head: Seq
    transcript: Fingerprint
    """Of the room before the first of them."""
    items: list[Item]


class DeviceBox(Struct, frozen=True, kw_only=True):
    """The secret of an epoch, for one device."""

    epoch: Epoch
    box: Box


class Posted(Struct, frozen=True, kw_only=True):
    """Where something stands in the timeline."""

    room: Id
    seq: Seq


@command("sealed.create")
class SealedCreate(Command[SealedRoom]):
    """Make a sealed room: its genesis, which stands at seq 1, and the commit that makes epoch 1, at 2."""

    id: Id
    form: Form
    genesis: CommitBytes
    commit: CommitBytes
    boxes: Boxes


@query("sealed.get")
class SealedGet(Command[SealedRoom]):
    """What the server knows of a sealed room that you are in."""

    room: Id


@command("sealed.commit")
class SealedCommit(Command[Posted]):
    """Change who belongs to a room, or make a new epoch.

    `commit_conflict` if another commit was faster: apply it and make yours anew.
    """

    room: Id
    commit: CommitBytes
    boxes: Boxes = field(default_factory=list)
    """For the recipients of a new epoch, in their order; none without one."""


@command("sealed.post", idempotent=True)
class SealedPost(Command[Posted]):
    """Say something. Sent again with the same bytes it has the same answer.

    `ctr_conflict`, `epoch_stale`, `rotation_required`, `version_conflict`, `bad_transcript`, `not_member`,
    `role`: catch up with the room, and seal anew.
    """

    room: Id
    envelope: EnvelopeBytes
    erases: Annotated[list[Seq], Meta(max_length=100)] = field(default_factory=list)
    """Envelopes of which only the stub is to be kept: own ones; an admin may erase anybody's."""


@query("sealed.items")
class SealedItems(Command[Items]):
    """What stands after `after_seq`, up to `limit` and 4 MiB. Nothing is ever too old."""

    room: Id
    after_seq: Seq = 0
    limit: Annotated[int, Meta(ge=1, le=MAX_EVENTS)] = MAX_EVENTS


@query("sealed.boxes")
class SealedBoxes(Command[list[DeviceBox]]):
    """The boxes that are for a device of yours, from epochs and from grants, by epoch; up to 1,000."""

    room: Id
    device_id: DeviceId
    from_epoch: Epoch = 1


@command("sealed.grant", idempotent=True)
class SealedGrant(Command[None]):
    """Give the secret of an epoch to a device that was added since."""

    room: Id
    epoch: Ordinal
    fp: Fingerprint
    device_id: DeviceId
    box: Box


class Want(Struct, frozen=True, kw_only=True):
    """A device that lacks the secrets of epochs from one on; whoever has them may grant them."""

    fp: Fingerprint
    device_id: DeviceId
    epoch: Ordinal


@command("sealed.want", idempotent=True)
class SealedWant(Command[None]):
    """Ask the others for the secret of an epoch that a device of yours lacks. It is asked for a week."""

    room: Id
    device_id: DeviceId
    epoch: Ordinal


@query("sealed.wants")
class SealedWants(Command[list[Want]]):
    """Which devices lack secrets in this room; up to 200."""

    room: Id


@query("sealed.whisper", scope=Scope.WRITE)
class SealedWhisper(Command[None]):
    """Say something that nobody keeps, in an ephemeral envelope: who types, that an agent still works."""

    room: Id
    envelope: EnvelopeBytes


@command("sealed.discard")
class SealedDiscard(Command[None]):
    """Remove an object for good: a file's bytes. Who has uploaded it, and the room's admins."""

    room: Id
    object_id: Id


@event("commit.posted", evicts="removed")
class CommitPosted(Event):
    """A commit stands here."""

    commit: CommitBytes
    removed: list[Id]
    """Whom the server shuts out by it. Clients go by the commit."""


@event("envelope.posted")
class EnvelopePosted(Event):
    """An envelope stands here; or, once it was erased, its stub."""

    envelope: EnvelopeBytes
    erases: list[Seq] = field(default_factory=list)


@ephemeral("sealed.whispered")
class SealedWhispered(Ephemeral, frozen=True, kw_only=True):
    """In a sealed room: an ephemeral envelope."""

    envelope: EnvelopeBytes


@ephemeral("sealed.granted")
class SealedGranted(Ephemeral, frozen=True, kw_only=True):
    """In a sealed room: a box for a device has come; fetch it with `sealed.boxes`."""

    device_id: DeviceId
    epoch: Ordinal


@ephemeral("sealed.wanted")
class SealedWanted(Ephemeral, frozen=True, kw_only=True):
    """In a sealed room: a device asks for a secret; grant it if you have it and it may."""

    want: Want


class SealedInvite(Entity):
    """An invitation to a sealed room. Its secret is only in the link that was made from it."""

    room: Id
    room_ref: Fingerprint
    form: Form
    created_by: Id
    created_at: Timestamp
    expires_at: Timestamp
    uses: Annotated[int, Meta(ge=0, le=1_000)]
    """How often it can still be answered."""


class JoinRequest(Entity):
    """Somebody has answered an invitation, and waits for a member to check the proof and add them."""

    invite_id: Id
    member_id: Id
    fp: Fingerprint
    proof: Fingerprint
    at: Timestamp


@command("sealed_invite.create")
class SealedInviteCreate(Command[SealedInvite]):
    """Let somebody be added by a link. Who may add members of the room; at most 200 open ones a room."""

    id: Id
    room: Id
    hours: Annotated[int, Meta(ge=1, le=720)] = 72
    uses: Annotated[int, Meta(ge=1, le=1_000)] = 1


@query("sealed_invite.get")
class SealedInviteGet(Command[SealedInvite]):
    """An invitation whose link you have; `not_found` once it is over."""

    id: Id


@command("sealed_invite.answer")
class SealedInviteAnswer(Command[JoinRequest]):
    """Ask to be added, with the proof that you have the link's secret."""

    invite_id: Id
    fp: Fingerprint
    proof: Fingerprint


@query("sealed_invite.requests")
class SealedInviteRequests(Command[list[JoinRequest]]):
    """Who waits to be added to a room, oldest first; up to 200."""

    room: Id


@command("sealed_invite.close")
class SealedInviteClose(Command[None]):
    """Withdraw an invitation and what was answered to it. Its maker, and the room's admins."""

    id: Id


@command("sealed_invite.dismiss")
class SealedInviteDismiss(Command[None]):
    """Take a request off the list: the proof is wrong, or the one it names was added."""

    id: Id


@ephemeral("sealed_invite.answered")
class SealedInviteAnswered(Ephemeral, frozen=True, kw_only=True):
    """In a sealed room: somebody waits to be added."""

    request: JoinRequest
