"""Rooms: the state after each commit of a membership log, and whether the next one is according to the rules.

A `Room` is all that it takes to judge the next commit, envelope or grant, whatever the length of the log.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

import msgspec
from msgspec import Struct

from handlers.cx1.commits import (
    EPHEMERAL,
    OWNER,
    SHARED,
    Add,
    Commit,
    DevUp,
    Leave,
    Pin,
    Policy,
    Section,
)
from handlers.cx1.errors import Refused, require
from handlers.cx1.primitives import NO_HASH, digest, equal, verify
from handlers.cx1.rules import Active, Draft, Identities, Member, pinned

MAX_DEVICES = 1_000
"""Active devices in a room."""
BOX_SIZE = 144
GENESIS_SEQ = 1
"""Where a room's first commit stands in its log."""


class Room(Struct, frozen=True):
    """A room after its newest commit."""

    ref: bytes
    cseq: int
    head: bytes
    """The hash of the newest commit, and `commit_seq`, where it stands."""
    commit_seq: int
    epoch: int
    """The one in force, 0 before the first, and `epoch_seq`, where the commit stands that made it."""
    epoch_seq: int
    reach: int
    """The first epoch that the secret of the one in force leads back to."""
    policy: Policy
    leave_pending: bool
    members: dict[bytes, Member]
    former: dict[bytes, int]
    """How far the chains of those who are members no longer were known."""
    active: dict[bytes, Active]

    @property
    def recipients(self) -> list[tuple[bytes, bytes]]:
        """Each active device as (fp, device id), in the order in which an epoch's boxes stand."""
        return sorted((device.fp, key) for key, device in self.active.items())


def found(commit: Commit, identities: Identities) -> Room:
    """The room that a first commit makes."""
    policy, pin = _genesis(commit)
    devices = pinned(identities, commit.author_fp, pin)
    author = devices.get(commit.author_dev)
    _check_signature(commit, author.ed_pk if author else None)
    draft = Draft(policy, {}, {}, {})
    draft.enter(commit.author_fp, Member(OWNER, pin, since=1, first=1), devices)
    return Room(
        ref=digest("cx1/room", commit.body),
        cseq=0,
        head=commit.hash,
        commit_seq=GENESIS_SEQ,
        epoch=0,
        epoch_seq=0,
        reach=1,
        policy=policy,
        leave_pending=False,
        members=draft.members,
        former={},
        active=_few_enough(draft),
    )


def apply(
    room: Room, commit: Commit, identities: Identities, seq: int, transcript_seen: bytes | None
) -> Room:
    """The room after a commit that is to stand at `seq`.

    `identities` has the chains of all whom the commit mentions, as far as the server has them, and
    `transcript_seen` is the room's transcript at the commit's `seen_seq`, None if there is none.
    """
    _check_place(room, commit)
    _check_signature(commit, _author_key(room, commit, identities))
    section = commit.section
    reach = room.reach if section is None or section.prev_wrap else commit.epoch
    draft = _judged(room, commit, identities, reach)
    after = Room(
        ref=room.ref,
        cseq=commit.cseq,
        head=commit.hash,
        commit_seq=seq,
        epoch=commit.epoch,
        epoch_seq=seq if section else room.epoch_seq,
        reach=reach,
        policy=draft.policy,
        leave_pending=section is None and (room.leave_pending or draft.has_leave),
        members=draft.members,
        former=draft.former,
        active=_few_enough(draft),
    )
    _check_number(room, commit, draft)
    if section:
        _check_section(after, section, draft)
    _check_seen(room, commit, seq, transcript_seen)
    return after


def recips_hash(recipients: Iterable[tuple[bytes, bytes]]) -> bytes:
    """What a commit names its recipients by, each a (fp, device id)."""
    return digest("cx1/recips", *chain.from_iterable(recipients))


def boxes_hash(boxes: Iterable[bytes]) -> bytes:
    """What a commit names its boxes by."""
    return digest("cx1/boxes", *(len(box).to_bytes(2, "big") + box for box in boxes))


def check_boxes(room: Room, commit: Commit, boxes: Sequence[bytes]) -> None:
    """Whether just the boxes that the commit names stand beside it; `room` is the one after it."""
    count = len(room.active) if commit.section else 0
    require(len(boxes) == count, "box_count", "There is not one box for each recipient.", expected=count)
    for box in boxes:
        _check_box(box)
    if commit.section:
        same = equal(boxes_hash(boxes), commit.section.boxes_hash)
        require(same, "boxes", "The boxes are not those that the author signed.")


def check_grant(room: Room, epoch: int, fp: bytes, device_id: bytes, box: bytes) -> None:
    """Whether a member may be granted an epoch's secret in a box for this device of theirs."""
    _check_box(box)
    device = room.active.get(device_id)
    if device is None or device.fp != fp:
        raise Refused("grant_device", "This is no active device of that member.")
    readable = room.members[fp].first <= epoch <= room.epoch
    require(readable, "grant_epoch", "This member may not read that epoch.", epoch=room.epoch)


def dump(room: Room) -> bytes:
    """The room as bytes to be stored, which `load` reads."""
    return msgspec.msgpack.encode(room)


def load(stored: bytes) -> Room:
    """What `dump` has stored."""
    return _DECODER.decode(stored)


_DECODER = msgspec.msgpack.Decoder(Room)


def _genesis(commit: Commit) -> tuple[Policy, Pin]:
    """The policy of a room's first commit and its author's pin; the form of it leaves no choice."""
    require(commit.room_ref == NO_HASH, "genesis", "A first commit names no room, since it makes one.")
    require(commit.prev == NO_HASH, "genesis", "A first commit follows nothing.")
    require(commit.cseq == 0, "genesis", "A first commit has the number 0.")
    require(commit.epoch == 0, "genesis", "Before a first commit there is no epoch.")
    require(commit.seen_seq == 0, "genesis", "Before a first commit there is nothing to see.")
    require(commit.seen_hash == NO_HASH, "genesis", "Before a first commit there is no transcript.")
    require(commit.section is None, "genesis", "A first commit makes no epoch; the second does.")
    match commit.ops:
        case (Policy() as policy, Add(fp=commit.author_fp, role=role, pin=pin)) if role == OWNER:
            return policy, pin
    raise Refused("genesis", "A first commit sets the policy, adds its author as an owner, and no more.")


def _check_place(room: Room, commit: Commit) -> None:
    head = room.head.hex()
    require(equal(commit.room_ref, room.ref), "room_other", "The commit is of another room.")
    require(commit.cseq == room.cseq + 1, "commit_seq", "The commit is not the next of the room.", head=head)
    require(equal(commit.prev, room.head), "commit_prev", "The commit follows another.", head=head)


def _author_key(room: Room, commit: Commit, identities: Identities) -> bytes | None:
    """The key of the author's device, None if it is not active.

    It must be at the pin of the room, or at that which the commit itself brings: so who has only a new device
    can pin it, and a revoked one cannot make the epoch that shuts it out.
    """
    author = commit.author_fp
    require(author in room.members, "commit_author", "The author is not in the room.")
    for op in reversed(commit.ops):
        if isinstance(op, DevUp) and op.fp == author:
            own = pinned(identities, author, op.pin).get(commit.author_dev)
            return own.ed_pk if own else None
    device = room.active.get(commit.author_dev)
    return device.ed_pk if device and device.fp == author else None


def _check_signature(commit: Commit, key: bytes | None) -> None:
    if key is None:
        raise Refused("commit_device", "The author's device is not active in the room.")
    signed = verify(key, commit.signature, "cx1/commit", commit.body)
    require(signed, "commit_signature", "The author's device has not signed this.")


def _judged(room: Room, commit: Commit, identities: Identities, first: int) -> Draft:
    require(commit.ops, "ops_empty", "A commit does something.")
    alone = len(commit.ops) == 1 or not any(isinstance(op, Leave) for op in commit.ops)
    require(alone, "leave_alone", "Leaving is a commit of its own.")
    draft = Draft(room.policy, room.members, room.former, room.active)
    for op in commit.ops:
        draft.judge(op, commit, identities, first)
    owned = any(member.role == OWNER for member in draft.members.values())
    require(owned, "last_owner", "A room has an owner.")
    return draft


def _few_enough(draft: Draft) -> dict[bytes, Active]:
    active = draft.active
    few = len(active) <= MAX_DEVICES
    require(few, "too_many_devices", f"A room has at most {MAX_DEVICES} active devices.")
    return active


def _check_number(room: Room, commit: Commit, draft: Draft) -> None:
    """Whether there is a new epoch where there must be one, or must not, and its number is the next."""
    shut_out = commit.section is None or not draft.has_leave
    require(shut_out, "leave_epoch", "Who leaves makes no epoch: they would know it.")
    needed = draft.needs_epoch or room.epoch == 0
    require(commit.section or not needed, "rotation", "What this does takes a new epoch.")
    due = room.epoch + 1 if commit.section else room.epoch
    require(commit.epoch == due, "epoch_number", "This is not the epoch after the commit.", epoch=room.epoch)


def _check_section(after: Room, section: Section, draft: Draft) -> None:
    """Whether a new epoch is shared as the room's policy says, and with whom it says."""
    shared = after.policy.history == SHARED or not draft.has_add
    require(section.share == shared, "share", "History is shared where it must not be, or not where it must.")
    ephemeral = after.policy.retention == EPHEMERAL
    walled = not shared or draft.has_policy or ephemeral or after.epoch == 1
    fits = bool(section.prev_wrap) != walled
    require(fits, "wrap_rule", "The epoch has a wrap where it must not, or none where it must.")
    same = equal(section.recips_hash, recips_hash(after.recipients))
    require(same, "recipients", "The recipients are not just the active devices.")


def _check_seen(room: Room, commit: Commit, seq: int, transcript_seen: bytes | None) -> None:
    timely = room.commit_seq <= commit.seen_seq < seq
    same = equal(commit.seen_hash, transcript_seen or b"")
    require(timely and same, "commit_seen", "The author has not seen what stands in this room.")


def _check_box(box: bytes) -> None:
    require(len(box) == BOX_SIZE, "box_size", f"A box has {BOX_SIZE} bytes.")
