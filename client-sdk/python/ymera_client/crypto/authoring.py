"""Making commits: the rules for verifying them, used the other way round.

What is written here has been applied to the author's own state of the room before it is returned, so a client
never sends what others would refuse.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ymera_client.crypto import commits
from ymera_client.crypto.commits import Add, DevUp, Op, Policy, Role, Rotate, Section, Seen
from ymera_client.crypto.epochs import Recipient, boxes_hash, key_commit, recips_hash, seal_box, wrap
from ymera_client.crypto.errors import Cx1Error, Fault
from ymera_client.crypto.identity import Device
from ymera_client.crypto.links import Pin
from ymera_client.crypto.membership import Room, active_devices, apply, draft_of, found, recipients_of
from ymera_client.crypto.operations import Directory, Draft, chain_at, chain_of, perform
from ymera_client.crypto.primitives import derive


@dataclass(frozen=True, slots=True)
class Author:
    """A device that signs commits and envelopes; `secret` is its signing key."""

    fp: bytes
    device_id: bytes
    secret: bytes


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a new epoch is made of, all random: 32 bytes as its secret, 24 for the wrap, 32 for boxes."""

    secret: bytes
    wrap_nonce: bytes
    box_seed: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """A commit with the boxes to send beside it, one for each recipient in their order."""

    raw: bytes
    boxes: tuple[bytes, ...]


def write_first(author: Author, pin: Pin, policy: Policy, ms: int, directory: Directory) -> bytes:
    """The first commit of a new room, whose owner is the author."""
    owner = Add(author.fp, Role.OWNER, pin)
    raw = commits.write_genesis(author.secret, policy, owner, ms=ms, author_dev=author.device_id)
    found(raw, directory)
    return raw


def write_next(
    room: Room,
    author: Author,
    ops: Sequence[Op],
    directory: Directory,
    *,
    seen: Seen,
    ms: int,
    fresh: Fresh | None = None,
    previous: bytes | None = None,
) -> Written:
    """The next commit of a room; it makes an epoch where `fresh` is given.

    `previous` is the secret of the epoch in force, which only an epoch that is not shared can do without.
    """
    draft = draft_of(room, author.fp, directory)
    perform(draft, ops)
    section, boxes = (None, ()) if fresh is None else _section(room, draft, directory, fresh, previous)
    raw = commits.write_commit(
        author.secret,
        ops,
        section,
        room=room.ref,
        cseq=room.cseq + 1,
        prev=room.head,
        epoch=room.epoch + (section is not None),
        seen=seen,
        ms=ms,
        author_fp=author.fp,
        author_dev=author.device_id,
    )
    apply(room, raw, directory, seen.seq + 1)
    return Written(raw, boxes)


def needs_epoch(room: Room, author_fp: bytes, ops: Sequence[Op], directory: Directory) -> bool:
    """Whether these ops must be committed with a new epoch."""
    draft = draft_of(room, author_fp, directory)
    perform(draft, ops)
    return draft.must_rotate or room.epoch == 0


def due(room: Room, newest: Directory, *, envelopes: int, age_secs: int) -> tuple[Op, ...]:
    """What must be committed before anything is sent, by the newest chains known; mostly nothing.

    `envelopes` have been sent in the epoch in force, which is `age_secs` old.
    """
    ops: list[Op] = []
    for fp, member in sorted(room.members.items()):
        latest = chain_of(newest, fp).newest
        if chain_at(newest, fp, member.pin).active_ids() != latest.active_ids():
            ops.append(DevUp(fp, latest.pin))
    rules = room.policy
    if room.leave_pending or envelopes >= rules.rotate_msgs or age_secs >= rules.rotate_secs:
        ops.append(Rotate())
    return tuple(ops)


def ungranted(room: Room) -> tuple[Recipient, ...]:
    """The devices that came after the epoch in force was made, and need a grant to read it."""
    had = set(room.epochs[-1].recipients) if room.epochs else set()
    return tuple(each for each in recipients_of(room.active) if each not in had)


def seal_boxes(
    secret: bytes,
    recipients: Sequence[Recipient],
    newest: Directory,
    *,
    room_ref: bytes,
    number: int,
    seed: bytes,
) -> tuple[bytes, ...]:
    """The boxes, or grants, of an epoch's secret under the newest keys of these devices."""
    return tuple(
        seal_box(
            secret,
            room_ref=room_ref,
            number=number,
            device_id=device.id,
            x_pk=device.x_pk,
            version=device.version,
            seed=derive(seed, b"cx1/boxseed", device.id),
        )
        for device in (_device(each, newest) for each in recipients)
    )


def _device(recipient: Recipient, newest: Directory) -> Device:
    device = chain_of(newest, recipient.fp).newest.devices.get(recipient.device_id)
    if device is None:
        raise Cx1Error(Fault.DEVICE_UNKNOWN, "the chain has no such device")
    return device


def _section(
    room: Room, draft: Draft, directory: Directory, fresh: Fresh, previous: bytes | None
) -> tuple[Section, tuple[bytes, ...]]:
    recipients = recipients_of(active_devices(draft.members, directory))
    boxes = seal_boxes(
        fresh.secret, recipients, directory, room_ref=room.ref, number=draft.epoch, seed=fresh.box_seed
    )
    prev_wrap = b""
    if draft.wraps:
        if previous is None:
            raise Cx1Error(Fault.KEY_MISSING, f"the secret of epoch {room.epoch} is needed to share it")
        prev_wrap = wrap(
            fresh.secret, previous, room_ref=room.ref, number=draft.epoch, nonce=fresh.wrap_nonce
        )
    section = Section(
        shared=draft.shared,
        key_commit=key_commit(fresh.secret, room.ref, draft.epoch),
        prev_wrap=prev_wrap,
        recips_hash=recips_hash(recipients),
        boxes_hash=boxes_hash(boxes),
    )
    return section, boxes
