"""Who is in each room now, over all nodes; soft state that heals by itself.

Each node tells the others, for each room with people on it here, its whole view: on change
(gathered for a tenth of a second) and every eight seconds. A view that is not renewed for
twenty seconds is forgotten, and with it the people of a node that died: they are gone thirty seconds
after it, at the latest. Nothing is stored.
"""

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Iterable

import msgspec
import structlog

from protocol.presence import Presence as PresenceMessage
from protocol.presence import PresenceStatus
from protocol.wire import encode
from server.engine.packet import Packet
from server.packets import event
from server.tasks import Tasks

logger = structlog.get_logger(__name__)

MAX_SHOWN = 500
"""Members that are shown in a room: with everybody, a crowd that comes at once would cost its square."""
GATHER_SECONDS = 0.1
RENEW_SECONDS = 8.0
"""How often views are renewed, and those of other nodes looked through for old ones."""
FORGET_SECONDS = 20.0

View = dict[str, PresenceStatus]
_RANKS = {PresenceStatus.ONLINE: 0, PresenceStatus.BUSY: 1, PresenceStatus.AWAY: 2}


class NodeView(msgspec.Struct, frozen=True, kw_only=True):
    """What one node says of one room."""

    members: View
    ask: bool = False
    """Whether the others should say theirs at once."""


class Presence:
    """This node's people and its picture of the others'.

    `tell_room(message)` reaches the connections of a room here; `tell_nodes(room, json)` the
    other nodes with that room.
    """

    def __init__(
        self,
        tell_room: Callable[[PresenceMessage], None],
        tell_nodes: Callable[[str, bytes], None],
    ) -> None:
        self._tell_room = tell_room
        self._tell_nodes = tell_nodes
        self._here: dict[str, dict[str, tuple[str, PresenceStatus]]] = defaultdict(dict)
        self._elsewhere: dict[str, dict[str, tuple[float, View]]] = defaultdict(dict)
        self._shown: dict[str, View] = {}
        self._greetings: dict[str, tuple[Packet, bytes]] = {}
        self._changed: dict[str, bool] = {}
        self._wake = asyncio.Event()
        self._tasks = Tasks()

    def start(self) -> None:
        self._tasks.spawn(self._gather(), "presence gather")
        self._tasks.spawn(self._renew(), "presence renew")

    async def close(self) -> None:
        """Stop, and tell the other nodes who has left since they were told last."""
        await self._tasks.close()
        for room in self._changed:
            self._say(room)

    def enter(self, room: str, connection: str, member: str, status: PresenceStatus) -> None:
        """A connection is in a room with this status."""
        newcomer = room not in self._here
        self._here[room][connection] = (member, status)
        self._touch(room, ask=newcomer)

    def leave(self, room: str, connection: str) -> None:
        if room in self._here and self._here[room].pop(connection, None) is not None:
            self._touch(room)

    def greeting(self, room: str) -> Packet:
        """What a connection is told that joins: who has been shown there; the next difference names the rest.

        The same bytes serve all who come before anything changes.
        """
        return self._told(room)[0]

    def shown(self, room: str) -> bytes:
        """The same as JSON: all who have been shown there, from which the differences go on."""
        return self._told(room)[1]

    def _told(self, room: str) -> tuple[Packet, bytes]:
        told = self._greetings.get(room)
        if told is None:
            message = encode(PresenceMessage(room=room, joined=self._shown.get(room, {}), left=[]))
            told = event("presence", message, passing=True), message
            self._greetings[room] = told
        return told

    def view(self, room: str) -> View:
        """Everyone in a room, each as on their most reachable connection."""
        elsewhere = self._elsewhere.get(room, {}).values()
        return _merged(self._here.get(room, {}).values(), *(view.items() for _, view in elsewhere))

    def on_peer(self, room: str, node: str, payload: bytes) -> None:
        """Another node's view of a room."""
        if room not in self._here:
            return
        try:
            said = msgspec.json.decode(payload, type=NodeView)
        except msgspec.MsgspecError as error:
            logger.warning("presence_malformed", room=room, error=str(error))
            return
        self._elsewhere[room][node] = (time.monotonic(), said.members)
        if said.ask:
            self._say(room)
        self._show(room)

    def _touch(self, room: str, *, ask: bool = False) -> None:
        self._changed[room] = self._changed.get(room, False) or ask
        self._wake.set()

    async def _gather(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._wake.clear()
            changed, self._changed = self._changed, {}
            for room, ask in changed.items():
                self._say(room, ask=ask)
                self._show(room)
                self._forget_empty(room)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            old = time.monotonic() - FORGET_SECONDS
            for room in list(self._here):
                if room not in self._here:
                    continue
                nodes = self._elsewhere.get(room, {})
                for node in [node for node, (at, _) in nodes.items() if at < old]:
                    del nodes[node]
                self._say(room)
                self._show(room)
                # There may be thousands: they must not crowd out the events on their way to the other nodes.
                await asyncio.sleep(0)

    def _say(self, room: str, *, ask: bool = False) -> None:
        mine = _some(_merged(self._here.get(room, {}).values()), self._shown.get(room, {}))
        view = NodeView(members=mine, ask=ask)
        self._tell_nodes(room, msgspec.json.encode(view))

    def _show(self, room: str) -> None:
        before = self._shown.get(room, {})
        after = _some(self.view(room), before)
        joined = {member: status for member, status in after.items() if before.get(member) != status}
        left = [member for member in before if member not in after]
        self._shown[room] = after
        if joined or left:
            self._greetings.pop(room, None)
            self._tell_room(PresenceMessage(room=room, joined=joined, left=left))

    def _forget_empty(self, room: str) -> None:
        if not self._here.get(room):
            for table in (self._here, self._elsewhere, self._shown, self._greetings):
                table.pop(room, None)


def _some(view: View, before: View) -> View:
    """As many of a view as are shown, those first that were shown before."""
    if len(view) <= MAX_SHOWN:
        return view
    kept = {member: view[member] for member in before if member in view}
    others = (item for item in view.items() if item[0] not in kept)
    return kept | dict(itertools.islice(others, max(0, MAX_SHOWN - len(kept))))


def _merged(*views: Iterable[tuple[str, PresenceStatus]]) -> View:
    """Each member with the most reachable of its statuses."""
    merged: View = {}
    for member, status in itertools.chain(*views):
        other = merged.get(member)
        if other is None or _RANKS[status] < _RANKS[other]:
            merged[member] = status
    return merged
