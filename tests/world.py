"""A workspace with people in it, and commands run as any of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from handlers import accounts
from handlers.dispatch import Caller, Dispatcher
from handlers.tools import Tools
from persistence import workspace
from persistence.database import Pool, clock, connect_pool
from persistence.seal import Seal
from protocol.errors import ApiError, ErrorCode
from protocol.members import Member
from protocol.registry import Scope
from protocol.roles import WorkspaceRole
from protocol.rooms import LoggedEvent
from protocol.wire import command_spec
from server.file_links import FileLinks

ADDRESS = "https://ymera.example.org"
SEAL = Seal(b"s" * 32)
LINKS = FileLinks(b"l" * 32, ADDRESS)
PEOPLE = {
    "owner": WorkspaceRole.OWNER,
    "admin": WorkspaceRole.ADMIN,
    "alice": WorkspaceRole.MEMBER,
    "bob": WorkspaceRole.MEMBER,
    "guest": WorkspaceRole.GUEST,
}


@dataclass
class World:
    """The workspace and its people; `published` takes the place of the fan-out."""

    pool: Pool
    workspace_id: str
    owner: Member
    admin: Member
    alice: Member
    bob: Member
    guest: Member
    published: list[LoggedEvent] = field(default_factory=list)
    told: list[tuple[str, Any]] = field(default_factory=list)
    """Messages outside the log, by name."""

    @property
    def dispatcher(self) -> Dispatcher:
        """One that publishes here."""
        return Dispatcher(self.pool, self.publish, Tools(ADDRESS, SEAL, LINKS.make, tell=self._tell))

    async def run(self, member: Member, command: str, *, scope: Scope = Scope.ADMIN, **payload: Any) -> Any:
        """The reply of a command as plain JSON values; ApiError where it is refused."""
        caller = Caller(member.id, None, scope, "test")
        reply = await self.dispatcher.run(caller, command_spec(command), payload)
        return msgspec.json.decode(reply)

    async def refused(self, code: ErrorCode, member: Member, command: str, **payload: Any) -> ApiError:
        """The error of a command that must be refused with `code`."""
        with pytest.raises(ApiError) as refusal:
            await self.run(member, command, **payload)
        assert refusal.value.code == code, refusal.value.message
        return refusal.value

    def types(self, room: str) -> list[str]:
        """The types of the events published in a room, in order."""
        return [event.type for event in self.published if event.room == room]

    def _tell(self, name: str, room: str, data: bytes) -> None:
        message = msgspec.json.decode(data)
        assert message["room"] == room
        self.told.append((name, message))

    async def publish(self, events: list[LoggedEvent]) -> None:
        """Keep what was committed."""
        self.published += events


@asynccontextmanager
async def populated(dsn: str) -> AsyncIterator[World]:
    """The world on a migrated database that nothing else uses."""
    pool = await connect_pool(dsn, size=5)
    try:
        async with pool.acquire() as tx, tx.transaction():
            now = await clock(tx)
            found = await workspace.ensure(tx, "Test", now)
            people: dict[str, Any] = {}
            for name, role in PEOPLE.items():
                people[name], _ = await accounts.admit(
                    tx, found.id, name=name.title(), role=role, now=now, email=f"{name}@example.org"
                )
        yield World(pool, found.id, **people)
    finally:
        await pool.close()
