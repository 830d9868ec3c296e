"""Who belongs to a room: the state machine that every commit passes, on clients and on the server alike.

The state follows from the signed log alone. A commit is applied whole or refused whole; one that gives the
right to read, or takes it, makes an epoch, whose recipients are exactly the members' active devices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ymera_client.crypto.commits import (
    Add,
    Commit,
    DevUp,
    Leave,
    Policy,
    Role,
    Section,
    Seen,
    parse_commit,
    room_ref,
)
from ymera_client.crypto.epochs import MAX_RECIPIENTS, Epoch, Recipient, reach, recips_hash
from ymera_client.crypto.errors import Cx1Error, Fault, require
from ymera_client.crypto.identity import Chain
from ymera_client.crypto.links import Pin
from ymera_client.crypto.operations import Directory, Draft, Member, chain_at, perform
from ymera_client.crypto.primitives import ZERO, equal, verify


@dataclass(frozen=True, slots=True)
class Speaker:
    """An active device: whose it is, and what it signs with."""

    fp: bytes
    ed_pk: bytes


@dataclass(frozen=True, slots=True)
class Room:
    """A room after one of its commits."""

    ref: bytes
    cseq: int
    head: bytes
    """The hash of the last commit."""
    commit_seq: int
    """Where in the timeline that commit stands."""
    epoch_seq: int
    """Where the commit stands that made the epoch in force; 0 before the first."""
    policy: Policy
    members: Mapping[bytes, Member]
    """By fp."""
    former: Mapping[bytes, Pin]
    """Who has been a member, with the last pin, so that no later one goes back behind it."""
    active: Mapping[bytes, Speaker]
    """By device id: who may sign."""
    leave_pending: bool
    """Whether somebody left since the last epoch was made: nothing may be said until the next."""
    epochs: tuple[Epoch, ...]
    """From epoch 1 on."""

    @property
    def epoch(self) -> int:
        """The number of the epoch in force; 0 before the first."""
        return len(self.epochs)


def found(raw: bytes, directory: Directory) -> Room:
    """The room after its first commit, which stands at seq 1 of its timeline."""
    commit = parse_commit(raw)
    policy, owner = _genesis_ops(commit)
    _check_signature(commit, chain_at(directory, owner.fp, owner.pin))
    members = {owner.fp: Member(Role.OWNER, owner.pin, 1)}
    return Room(
        ref=room_ref(commit),
        cseq=0,
        head=commit.hash,
        commit_seq=1,
        epoch_seq=0,
        policy=policy,
        members=members,
        former={},
        active=active_devices(members, directory),
        leave_pending=False,
        epochs=(),
    )


def apply(room: Room, raw: bytes, directory: Directory, seq: int) -> Room:
    """The room after a commit at `seq` of its timeline; `seen` is for `transcript` to check."""
    commit = parse_commit(raw)
    require(seq > room.commit_seq, Fault.SEQ, "a commit stands behind the one before")
    _check_place(room, commit)
    draft = draft_of(room, commit.author_fp, directory)
    _check_signature(commit, chain_at(directory, commit.author_fp, _author_pin(room, commit)))
    perform(draft, commit.ops)
    active = active_devices(draft.members, directory)
    require(
        len(active) <= MAX_RECIPIENTS,
        Fault.TOO_MANY_DEVICES,
        f"a room has at most {MAX_RECIPIENTS} active devices",
    )
    _check_rotation(room, commit, draft)
    epochs = room.epochs
    if commit.section is not None:
        epochs = (*epochs, _new_epoch(room, commit.section, draft, recipients_of(active)))
    return Room(
        ref=room.ref,
        cseq=commit.cseq,
        head=commit.hash,
        commit_seq=seq,
        epoch_seq=seq if commit.section else room.epoch_seq,
        policy=draft.policy,
        members=draft.members,
        former=draft.former,
        active=active,
        leave_pending=not commit.section and (room.leave_pending or Leave in draft.done),
        epochs=epochs,
    )


def draft_of(room: Room, author_fp: bytes, directory: Directory) -> Draft:
    """The room as a commit by this member finds it."""
    require(author_fp in room.members, Fault.COMMIT_AUTHOR, "the author is no member")
    return Draft(author_fp, directory, room.epoch + 1, room.policy, dict(room.members), dict(room.former))


def active_devices(members: Mapping[bytes, Member], directory: Directory) -> dict[bytes, Speaker]:
    """The devices that are active at the members' pins."""
    return {
        device.id: Speaker(fp, device.ed_pk)
        for fp, member in members.items()
        for device in chain_at(directory, fp, member.pin).active()
    }


def recipients_of(active: Mapping[bytes, Speaker]) -> tuple[Recipient, ...]:
    """For whom an epoch is, in the order of its boxes."""
    return tuple(sorted(Recipient(speaker.fp, device_id) for device_id, speaker in active.items()))


def check_grant(room: Room, number: int, target: Recipient) -> None:
    """Refuse a grant to a device that is not active here, or of an epoch from before what it may read."""
    speaker = room.active.get(target.device_id)
    if speaker is None:
        raise Cx1Error(Fault.GRANT_DEVICE, "the device is not active in this room")
    require(speaker.fp == target.fp, Fault.GRANT_DEVICE, "the device is another member's")
    require(1 <= number <= room.epoch, Fault.GRANT_EPOCH, "there is no such epoch", {"epoch": room.epoch})
    first = reach(room.epochs, room.members[target.fp].since)
    require(number >= first, Fault.GRANT_EPOCH, f"they may read from epoch {first} on", {"epoch": room.epoch})


def _genesis_ops(commit: Commit) -> tuple[Policy, Add]:
    require(
        (commit.room_ref, commit.cseq, commit.prev, commit.epoch) == (ZERO, 0, ZERO, 0),
        Fault.GENESIS,
        "room_ref, cseq, prev and epoch of a first commit are zero",
    )
    require(
        (commit.seen, commit.section) == (Seen(0, ZERO), None),
        Fault.GENESIS,
        "a first commit has seen nothing and makes no epoch",
    )
    match commit.ops:
        case (Policy() as policy, Add(fp, Role.OWNER) as owner):
            require(fp == commit.author_fp, Fault.GENESIS, "the first owner is the author")
            return policy, owner
    raise Cx1Error(Fault.GENESIS, "a first commit sets the policy and adds an owner, and does nothing else")


def _check_place(room: Room, commit: Commit) -> None:
    require(equal(commit.room_ref, room.ref), Fault.ROOM_OTHER, "the commit belongs to another room")
    expected, head = room.cseq + 1, room.head.hex()
    require(commit.cseq == expected, Fault.COMMIT_SEQ, f"commit {expected} comes next", {"head": head})
    require(equal(commit.prev, room.head), Fault.COMMIT_PREV, "the commit follows another", {"head": head})


def _author_pin(room: Room, commit: Commit) -> Pin:
    """Where the author's device must be active: at the pin that the commit itself brings, if it does."""
    brought = [op.pin for op in commit.ops if isinstance(op, DevUp) and op.fp == commit.author_fp]
    return brought[-1] if brought else room.members[commit.author_fp].pin


def _check_signature(commit: Commit, chain: Chain) -> None:
    device = chain.devices.get(commit.author_dev)
    if device is None:
        raise Cx1Error(Fault.COMMIT_DEVICE, "the author has no such device")
    require(device.active, Fault.COMMIT_DEVICE, "the author's device has been revoked")
    require(
        verify(device.ed_pk, commit.signature, b"cx1/commit", commit.body),
        Fault.COMMIT_SIGNATURE,
        "the signature is not the author's",
    )


def _check_rotation(room: Room, commit: Commit, draft: Draft) -> None:
    rotates = commit.section is not None
    require(
        not (rotates and Leave in draft.done), Fault.LEAVE_EPOCH, "who leaves must not make the next epoch"
    )
    require(
        rotates or not (draft.must_rotate or room.epoch == 0), Fault.ROTATION, "these ops need a new epoch"
    )
    require(
        commit.epoch == room.epoch + rotates,
        Fault.EPOCH_NUMBER,
        "`epoch` is not the one in force after the commit",
        {"epoch": room.epoch},
    )


def _new_epoch(room: Room, section: Section, draft: Draft, recipients: Sequence[Recipient]) -> Epoch:
    require(section.shared == draft.shared, Fault.SHARE, f"share must be {int(draft.shared)}")
    require(
        bool(section.prev_wrap) == draft.wraps,
        Fault.WRAP_RULE,
        "prev_wrap is missing" if draft.wraps else "prev_wrap must be empty",
    )
    require(
        equal(section.recips_hash, recips_hash(recipients)),
        Fault.RECIPIENTS,
        "the recipients are not the active devices of all members",
    )
    return Epoch(
        number=draft.epoch,
        room_ref=room.ref,
        key_commit=section.key_commit,
        prev_wrap=section.prev_wrap,
        recipients=tuple(recipients),
        boxes_hash=section.boxes_hash,
    )
