"""Which agents' processes have come by which connections of this node, for those who give them runs."""

import contextlib

from persistence import instances
from persistence.database import UNREACHABLE, Pool
from server.connection import Connection
from server.tasks import Tasks

FINISH_SECONDS = 1.0
"""What a node that stops gives to writing down which processes it no longer serves."""


class Processes:
    """Writes down the connections that processes come by, and that they have closed."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._closed: dict[str, str] = {}
        """Of connections, by id, the processes that had come by them; until that is written down."""
        self._tasks = Tasks()

    async def close(self) -> None:
        await self._tasks.finish(FINISH_SECONDS)
        await self._tasks.close()

    async def attach(self, connection: Connection, instance_id: str) -> None:
        """Say that a process has come by a connection, in place of any before."""
        if connection.instance_id not in {None, instance_id}:
            self.detach(connection)
        connection.instance_id = instance_id
        await instances.attach(self._pool, instance_id, connection.sid)

    def detach(self, connection: Connection) -> None:
        """Say, soon, that a connection has closed, by which a process may have come."""
        if connection.instance_id is None:
            return
        if not self._closed:
            self._tasks.spawn(self._write_closed(), "detach")
        self._closed[connection.sid] = connection.instance_id

    async def _write_closed(self) -> None:
        # Whatever closes in the same turn of the event loop is in it: many do when the node stops.
        closed, self._closed = self._closed, {}
        # Where that fails, they count as gone once they give no more signs.
        with contextlib.suppress(*UNREACHABLE):
            await instances.detach(self._pool, closed)
