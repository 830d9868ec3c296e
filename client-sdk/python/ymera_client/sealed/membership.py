"""What members can do about who belongs to a sealed room, in the words of programs, as ops of commits."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from nacl.utils import random

from ymera_client.crypto.authoring import Fresh, Written, write_first, write_next
from ymera_client.crypto.commits import (
    DAY_SECS,
    Access,
    Add,
    Adders,
    Leave,
    Op,
    Policy,
    Remove,
    Retention,
    Role,
    Rotate,
    SetRole,
)
from ymera_client.crypto.membership import Room
from ymera_client.crypto.primitives import KEY, NONCE
from ymera_client.crypto.transcript import begin
from ymera_client.errors import NotFound
from ymera_client.sealed.clock import now_ms
from ymera_client.sealed.ground import Ground
from ymera_client.sealed.view import History, Retained, RoleName, WhoAdds

if TYPE_CHECKING:
    from ymera_client.sealed.room import SealedRoom

NUMBERS: dict[RoleName, Role] = {
    "reader": Role.READER,
    "member": Role.MEMBER,
    "admin": Role.ADMIN,
    "owner": Role.OWNER,
}


class Rules(TypedDict, total=False):
    """Rules of a room; None and what is left out stay as they are."""

    history: History | None
    who_add: WhoAdds | None
    retention: Retained | None
    rotate_msgs: int | None
    rotate_secs: int | None


def policy(before: Policy, changes: Rules) -> Policy:
    """A policy with some rules changed; an ephemeral one rotates daily at least, and has no past to share."""
    history = {"shared": Access.SHARED, "from_join": Access.FROM_JOIN}
    who_add = {"members": Adders.MEMBERS, "admins": Adders.ADMINS}
    retention = {"ephemeral": Retention.EPHEMERAL, "keep": Retention.KEEP}
    after = Policy(
        history=history.get(changes.get("history") or "", before.history),
        who_add=who_add.get(changes.get("who_add") or "", before.who_add),
        retention=retention.get(changes.get("retention") or "", before.retention),
        rotate_msgs=changes.get("rotate_msgs") or before.rotate_msgs,
        rotate_secs=changes.get("rotate_secs") or before.rotate_secs,
    )
    if after.retention is Retention.EPHEMERAL:
        after = replace(after, history=Access.FROM_JOIN, rotate_secs=min(after.rotate_secs, DAY_SECS))
    return after


def founded(
    ground: Ground, rules: Policy, members: Sequence[tuple[bytes, RoleName]]
) -> tuple[bytes, Written]:
    """The first two commits of a new room: its genesis, and the one that makes epoch 1 with these members."""
    author, histories = ground.keychain.author, ground.directory.histories
    genesis = write_first(author, histories[author.fp].newest.pin, rules, now_ms(), histories)
    timeline = begin(genesis, histories)
    ops: list[Op] = [Add(fp, NUMBERS[role], histories[fp].newest.pin) for fp, role in members]
    fresh = Fresh(random(KEY), random(NONCE), random(KEY))
    written = write_next(
        timeline.room,
        author,
        ops or [Rotate()],
        histories,
        seen=timeline.seen,
        ms=now_ms(),
        fresh=fresh,
    )
    return genesis, written


async def add(room: "SealedRoom", members: Sequence[tuple[bytes, RoleName]]) -> None:
    """Add members, whoever of them is not in yet."""

    def wish(state: Room) -> list[Op]:
        histories = room.ground.directory.histories
        return [
            Add(fp, NUMBERS[role], histories[fp].newest.pin)
            for fp, role in members
            if fp not in state.members
        ]

    await room.governing.commit(wish)


async def remove(room: "SealedRoom", fps: Sequence[bytes]) -> None:
    """Put members out, whoever of them is still in."""
    await room.governing.commit(lambda state: [Remove(fp) for fp in fps if fp in state.members])


async def set_role(room: "SealedRoom", fp: bytes, role: RoleName) -> None:
    """Give a member another role. NotFound if they are none."""

    def wish(state: Room) -> list[Op]:
        member = state.members.get(fp)
        if member is None:
            raise NotFound("This is nobody in the room.")
        return [] if member.role is NUMBERS[role] else [SetRole(fp, NUMBERS[role])]

    await room.governing.commit(wish)


async def set_policy(room: "SealedRoom", changes: Rules) -> None:
    """Give the room other rules."""

    def wish(state: Room) -> list[Op]:
        after = policy(state.policy, changes)
        return [] if after == state.policy else [after]

    await room.governing.commit(wish)


async def leave(room: "SealedRoom") -> None:
    """Leave the room. Its last owner cannot."""
    own = room.ground.keychain.author.fp
    await room.governing.commit(lambda state: [Leave()] if own in state.members else [])


async def rotate(room: "SealedRoom") -> None:
    """Make a new epoch for its own sake."""
    await room.governing.commit(lambda state: [Rotate()] if state.members else [])
