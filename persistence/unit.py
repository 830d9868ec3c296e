"""A transaction's connection that sends the writes nobody waits for together.

Invariant: whatever statement runs on a unit sees all writes made on it before.
"""

from typing import Any

from persistence.database import Connection


class Unit:
    """A connection for the functions of this package; `flush` it before the commit.

    A write whose outcome is known beforehand is deferred: it goes out with its like, in one round trip
    and in order, ahead of the next statement. That is also where its constraints can be violated.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._deferred: list[tuple[str, list[tuple[Any, ...]]]] = []
        self.ahead: dict[str, Any] = {}
        """What was locked before its turn, by id: as it is, so whatever writes it takes it out."""

    def defer(self, sql: str, *args: Any) -> None:
        """Run a statement that returns nothing before the next one, or at the end."""
        if self._deferred and self._deferred[-1][0] == sql:
            self._deferred[-1][1].append(args)
        else:
            self._deferred.append((sql, [args]))

    async def flush(self) -> None:
        """Run what was deferred."""
        deferred, self._deferred = self._deferred, []
        for sql, rows in deferred:
            await self._connection.executemany(sql, rows)

    async def execute(self, sql: str, *args: Any) -> None:
        """Run a statement for its effect."""
        await self.flush()
        await self._connection.execute(sql, *args)

    async def fetch(self, sql: str, *args: Any) -> Any:
        """All rows of a statement."""
        await self.flush()
        return await self._connection.fetch(sql, *args)

    async def fetchrow(self, sql: str, *args: Any) -> Any:
        """The first row of a statement, or None."""
        await self.flush()
        return await self._connection.fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: Any) -> Any:
        """The first column of the first row of a statement, or None."""
        await self.flush()
        return await self._connection.fetchval(sql, *args)
