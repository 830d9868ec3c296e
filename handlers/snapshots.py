"""The state of a room, whole, as a client that starts afresh gets it.

Invariant: at any seq it equals what the room's events up to there fold to. So it must be read in
the same database snapshot as the head.
"""

from collections.abc import Sequence
from typing import Any

from persistence import (
    agents,
    members,
    messages,
    notifications,
    projects,
    questions,
    queue,
    rooms,
    runs,
    tasks,
    triggers,
    workspace,
)
from persistence.database import Connection
from protocol.fields import ENDED_RUNS_WINDOW, MESSAGE_WINDOW, NOTIFICATION_WINDOW
from protocol.registry import Entity
from protocol.rooms import RoomKind
from protocol.wire import builtins


async def snapshot(tx: Connection, room_id: str, kind: RoomKind) -> dict[str, list[dict[str, Any]]]:
    """Every entity of a room's state, by collection."""
    state = await _state(tx, room_id, kind)
    return {collection: builtins(entities) for collection, entities in state.items()}


async def _state(tx: Connection, room_id: str, kind: RoomKind) -> dict[str, Sequence[Entity]]:
    if kind is RoomKind.WORKSPACE:
        return {
            "workspaces": [await workspace.current(tx)],
            "members": await members.all_of(tx),
            "rooms": await rooms.public_channels(tx),
            "agents": await agents.all_of(tx),
        }
    if kind is RoomKind.INBOX:
        return {
            "memberships": await rooms.memberships(tx, room_id),
            "notifications": await notifications.newest(tx, room_id, NOTIFICATION_WINDOW),
        }
    if kind is RoomKind.SEALED:
        # Its members make its state of what they can read.
        return {}
    talk: dict[str, Sequence[Entity]] = {
        "participants": await rooms.participants(tx, room_id),
        "messages": await messages.newest(tx, room_id, MESSAGE_WINDOW),
    }
    if kind is RoomKind.PROJECT:
        project = await projects.get(tx, room_id)
        return talk | {
            "projects": [project] if project else [],
            "tasks": await tasks.all_of(tx, room_id),
            "runs": await runs.live(tx, room_id),
            "ended_runs": await runs.newest_ended(tx, room_id, ENDED_RUNS_WINDOW),
            "questions": await questions.open_in(tx, room_id),
            "queues": [found] if (found := await queue.get(tx, room_id)) else [],
            "triggers": await triggers.all_of(tx, room_id),
        }
    room = await rooms.get(tx, room_id)
    return talk | {"rooms": [room] if room else []}
