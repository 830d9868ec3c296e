"""The connections of this node, and what shuts them out.

Each connection's member's inbox and the workspace's room are live here even if no client joined them:
the news that a member was removed or a sign-in revoked comes through them, in order with
everything else, so that on every node it takes effect before any later event.
"""

import asyncio
import itertools
import time
from collections import defaultdict

import msgspec

from protocol.roles import WorkspaceRole
from protocol.rooms import LoggedEvent
from protocol.wire import encode
from server import packets
from server.connection import Connection
from server.fanout import Fanout
from server.presence import Presence
from server.tasks import Tasks

HEARTBEAT_SECONDS = 15
TO_PROCESSES = frozenset({"run.offers", "run.control"})
"""Messages outside the log that are for one process of an agent; between nodes they go by its inbox."""


class _Addressed(msgspec.Struct):
    """Whom such a message is for."""

    instance_id: str


class Hub:
    """All connections here, by id and by member; also a listener of its own to their inboxes."""

    def __init__(self, fanout: Fanout, workspace_id: str) -> None:
        self.fanout = fanout
        self.presence = Presence(
            lambda message: fanout.tell("presence", message.room, encode(message), elsewhere=False),
            lambda room, view: fanout.tell("presence", room, view, here=False),
        )
        fanout.on_peer = self._on_peer
        fanout.on_evicted = self._evict
        self._workspace_id = workspace_id
        self._connections: dict[str, Connection] = {}
        self._by_member: dict[str, dict[str, Connection]] = defaultdict(dict)
        self._tasks = Tasks()

    async def start(self) -> None:
        await self.fanout.listen(self._workspace_id, self)
        self.presence.start()
        self._tasks.spawn(self._sweep(), "hub sweep")

    async def close(self) -> None:
        await self._tasks.close()
        await self.presence.close()

    def __len__(self) -> int:
        return len(self._connections)

    def get(self, sid: str) -> Connection | None:
        return self._connections.get(sid)

    def all(self) -> list[Connection]:
        return list(self._connections.values())

    @property
    def workspace_head(self) -> int | None:
        """The seq that was delivered last in the workspace's room."""
        return self.fanout.head(self._workspace_id)

    def queued(self) -> int:
        """Packets waiting for all clients together."""
        return sum(connection.queued for connection in self._connections.values())

    async def add(self, connection: Connection) -> None:
        """Register a connection and make its member's inbox live."""
        self._connections[connection.sid] = connection
        self._by_member[connection.member_id][connection.sid] = connection
        await self.fanout.listen(connection.member_id, self)

    def remove(self, sid: str) -> Connection | None:
        """Forget a connection and take it out of its rooms."""
        connection = self._connections.pop(sid, None)
        if connection is None:
            return None
        for room in list(connection.rooms):
            self.leave(connection, room)
        mine = self._by_member[connection.member_id]
        del mine[sid]
        if not mine:
            del self._by_member[connection.member_id]
            self.fanout.unlisten(connection.member_id, self)
        return connection

    async def hold(self, connection: Connection, room: str) -> None:
        """Make a room live for a connection, its events held back until `release`."""
        await self.fanout.hold(room, connection)

    def release(self, connection: Connection, room: str, head: int, *, present: bool) -> None:
        """Begin to deliver a room's events after `head`, and with `present` show who is there."""
        if connection.sid not in self._connections:
            self.fanout.leave(room, connection)
            return
        # The answer to the join goes before the room's events.
        connection.flush()
        self.fanout.release(room, connection, head)
        if present and room in connection.rooms:
            self.presence.enter(room, connection.sid, connection.member_id, connection.status)
            connection.reply(self.presence.greeting(room))

    def tell_instance(self, agent_id: str, instance_id: str, name: str, message: bytes) -> None:
        """Send a message outside the log to one process of an agent, on whichever node it is."""
        if not self._tell_here(agent_id, instance_id, name, message):
            self.fanout.tell(name, agent_id, message, here=False)

    def _tell_here(self, agent_id: str, instance_id: str, name: str, message: bytes) -> bool:
        found = [
            connection
            for connection in self._by_member.get(agent_id, {}).values()
            if connection.instance_id == instance_id
        ]
        for connection in found:
            connection.reply(packets.event(name, message))
        return bool(found)

    def leave(self, connection: Connection, room: str) -> None:
        """Stop delivering a room to a connection."""
        self.fanout.leave(room, connection)
        self.presence.leave(room, connection.sid)

    def on_event(self, event: LoggedEvent) -> None:
        """As a listener of the workspace's room and of inboxes: shut out whom an event names."""
        if event.type == "member.removed" and event.room == self._workspace_id:
            for connection in list(self._by_member.get(event.data["member_id"], {}).values()):
                connection.close("revoked", reconnect=False)
        elif event.type == "session.revoked":
            for connection in list(self._by_member.get(event.room, {}).values()):
                if connection.caller.session_id == event.data["session_id"]:
                    connection.close("revoked", reconnect=False)
        elif event.type == "member.updated" and event.room == self._workspace_id:
            role = WorkspaceRole(event.data["member"]["role"])
            for connection in list(self._by_member.get(event.data["member"]["id"], {}).values()):
                if role < connection.role:
                    connection.close("role_changed", reconnect=True)
                connection.role = role

    def on_gap(self, room: str) -> None:
        """As a listener: whom it concerns comes back with credentials that are looked at again."""
        concerned = self.all() if room == self._workspace_id else self._by_member.get(room, {}).values()
        for connection in list(concerned):
            connection.close("behind", reconnect=True)

    def _evict(self, room: str, member_id: str) -> None:
        for connection in list(self._by_member.get(member_id, {}).values()):
            audience = connection.rooms.get(room)
            if audience is not None and audience.shut_out(connection):
                self.leave(connection, room)

    def _on_peer(self, name: str, room: str, node: str, data: bytes) -> None:
        if name == "presence":
            self.presence.on_peer(room, node, data)
        elif name in TO_PROCESSES:
            self._tell_here(room, msgspec.json.decode(data, type=_Addressed).instance_id, name, data)
        else:
            self.fanout.tell(name, room, data, elsewhere=False)

    async def _sweep(self) -> None:
        for second in itertools.count(1):
            await asyncio.sleep(1)
            now = time.monotonic()
            for connection in self.all():
                connection.check(self.fanout.head, now)
                # Each in its own second, so that not all are sent theirs at once.
                if (second + hash(connection.sid)) % HEARTBEAT_SECONDS == 0 and connection.rooms:
                    connection.send("heads", {"heads": connection.heads(self.fanout.head)})
