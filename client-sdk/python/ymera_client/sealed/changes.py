"""What commits changed in a room, for people: who came, went or got another role; rules, devices and keys.

Everybody who has read the same log has the same list, in which those are named as they were called then.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from typing import NamedTuple

from ymera_client.crypto.wire import to_text
from ymera_client.sealed.records import Entry
from ymera_client.sealed.view import ChangeKind, RoleName, RoomChange, Target

MAX_CHANGES = 200


class Turn(NamedTuple):
    """A member whose role a commit changed, as they were called at that turn of it."""

    fp: bytes
    member_id: str
    role: RoleName | None
    """None if they are out."""
    joined: bool


def changes_of(
    entry: Entry, by: str, turns: Sequence[Turn], id_of: Callable[[bytes], str], *, renewed: bool
) -> list[RoomChange]:
    """What a commit changed.

    `by` is what its author was called then; `renewed`: it made a new epoch after the first.
    """
    change = partial(RoomChange, entry.seq, fp=to_text(entry.fp), member_id=by, at=entry.ms)
    if entry.seq == 1:
        return [change("made")]
    changes = []
    for (kind, role), group in groupby(turns, lambda turn: (_kind_of(turn, entry.fp), turn.role)):
        targets = tuple(Target(to_text(turn.fp), turn.member_id) for turn in group)
        changes.append(change(kind, targets=targets, role=role))
    if entry.ruled:
        changes.append(change("rules"))
    if entry.repinned:
        targets = tuple(Target(to_text(fp), id_of(fp)) for fp in entry.repinned)
        changes.append(change("devices", targets=targets))
    if not changes and renewed:
        changes.append(change("keys"))
    return changes


def _kind_of(turn: Turn, author: bytes) -> ChangeKind:
    if turn.role is None:
        return "left" if turn.fp == author else "removed"
    return "added" if turn.joined else "role"
