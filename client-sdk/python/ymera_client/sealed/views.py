"""How a sealed room and this device stand, put together for programs."""

from typing import TYPE_CHECKING

from ymera_client.crypto.commits import Access, Adders, Policy, Retention
from ymera_client.crypto.identity import is_agent_of
from ymera_client.crypto.links import Kind
from ymera_client.crypto.operations import Member
from ymera_client.crypto.wire import to_text
from ymera_client.sealed.directory import Directory
from ymera_client.sealed.ground import Ground
from ymera_client.sealed.keychain import Keychain
from ymera_client.sealed.marks import closed
from ymera_client.sealed.naming import Naming
from ymera_client.sealed.reading import ROLES
from ymera_client.sealed.view import DeviceView, Mark, MemberView, PolicyView, RoomView

if TYPE_CHECKING:
    from ymera_client.sealed.room import SealedRoom


def room_view(room: "SealedRoom") -> RoomView | None:
    """How a room stands; None before anything of it was applied."""
    if room.standing is None:
        return None
    state, ground = room.standing.timeline.room, room.ground
    own = state.members.get(ground.keychain.author.fp)
    return RoomView(
        id=room.id,
        form=room.reading.form,
        room_ref=to_text(state.ref),
        policy=policy_view(state.policy),
        role=None if own is None else ROLES[own.role],
        members=tuple(
            member_view(fp, member, room.reading.naming, ground)
            for fp, member in sorted(state.members.items())
        ),
        epoch=state.epoch,
        leave_pending=state.leave_pending,
        marks=marks_of(room),
        changes=room.reading.changes,
        halted=room.halted,
        progress=room.progress,
    )


def marks_of(room: "SealedRoom") -> tuple[Mark, ...]:
    """What is not shown like the rest: of what waits for its key, whether that can come at all."""
    reading, standing = room.reading, room.standing
    if not reading.waiting or standing is None:
        return reading.marks
    first, ephemeral = room.secrets.first, standing.ephemeral
    return tuple(
        closed(mark, ephemeral=ephemeral) if reading.waiting.get(mark.seq, first) < first else mark
        for mark in reading.marks
    )


def policy_view(policy: Policy) -> PolicyView:
    """A room's rules by their names."""
    return PolicyView(
        history="shared" if policy.history is Access.SHARED else "from_join",
        who_add="members" if policy.who_add is Adders.MEMBERS else "admins",
        retention="ephemeral" if policy.retention is Retention.EPHEMERAL else "keep",
        rotate_msgs=policy.rotate_msgs,
        rotate_secs=policy.rotate_secs,
    )


def member_view(fp: bytes, member: Member, naming: Naming, ground: Ground) -> MemberView:
    """A member of a room."""
    directory = ground.directory
    newest = directory.histories[fp].newest
    owner = directory.histories.get(newest.owner_fp)
    owned = owner is not None and is_agent_of(newest, owner.newest)
    owner_known = directory.about(newest.owner_fp) if owned else None
    return MemberView(
        fp=to_text(fp),
        member_id=naming.id_of(fp),
        role=ROLES[member.role],
        trust=directory.trust_in(fp),
        agent=newest.kind is Kind.AGENT,
        owner=None if owner_known is None else owner_known.member_id,
        devices=device_views(fp, directory, ground.keychain),
    )


def device_views(fp: bytes, directory: Directory, keychain: Keychain) -> tuple[DeviceView, ...]:
    """The devices of an identity, those that were put out included."""
    own = keychain.author.device_id if keychain.fp is not None else b""
    devices = directory.histories[fp].newest.devices.values()
    return tuple(DeviceView(to_text(each.id), each.active, own=each.id == own) for each in devices)
