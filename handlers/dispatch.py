"""From a command to its reply: one transaction that is all done, or not at all.

Invariants: a command's events are committed with its rows or neither are; they are published
after commit and before the reply; each handler's `needs` is enforced before its first write.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar, get_type_hints

import asyncpg
import msgspec
import structlog

from persistence import commands, log, members
from persistence.database import UNREACHABLE, Connection, Pool, clock, domain_error
from protocol.errors import ApiError, ErrorCode
from protocol.members import Member
from protocol.registry import COMMANDS, Command, CommandSpec, Event, Scope
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import LoggedEvent
from protocol.wire import decode_command

logger = structlog.get_logger(__name__)

DEADLINE = 10.0
"""Seconds that a command may take before it is given up."""
ATTEMPTS = 6
"""Tries when PostgreSQL asks to run a transaction again (deadlock, serialisation)."""

Publish = Callable[[list[LoggedEvent]], Awaitable[None]]
Needs = WorkspaceRole | RoomRole
Isolation = Literal["read_committed", "repeatable_read"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a command, as established by its credentials.

    `session_id` is that of the sign-in or of the program's token.
    """

    member_id: str
    session_id: str | None
    scope: Scope
    correlation_id: str


@dataclass(slots=True)
class Context:
    """What a handler works with: the transaction, the actor, and the events it records."""

    tx: Connection
    actor: Member
    caller: Caller
    now: datetime
    needs: Needs
    writes: bool
    locks: bool
    """Whether `access` locks the room it lets in to: writes that record events there."""
    heads: dict[str, int] = field(default_factory=dict)
    events: list[log.Pending] = field(default_factory=list)
    entered: bool = False
    """Whether a room's role was checked."""
    public_url: str = ""
    """What links begin with: the address that people type, without a trailing slash."""

    async def lock(self, *rooms: str) -> None:
        """Lock rooms until commit, so that `next_seq` is known for them."""
        missing = set(rooms) - self.heads.keys()
        if missing:
            self.heads |= await log.lock(self.tx, missing)

    def next_seq(self, room: str) -> int:
        """The seq that the next recorded event of this locked room will have."""
        return self.heads[room] + 1 + sum(1 for other, _, _ in self.events if other == room)

    def record(self, event: Event, *, room: str, entity: str | None = None) -> None:
        """Append an event to a room's log at commit. `entity` is what its history hangs on."""
        self.events.append((room, event, entity))


Handler = Callable[[Context, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Registration:
    """A command's handler and what it declares."""

    handler: Handler
    needs: Needs
    isolation: Isolation
    lookup: Handler | None


HANDLERS: dict[type[Command[Any]], Registration] = {}

C = TypeVar("C", bound=Command[Any])
R = TypeVar("R")


def handles(
    command: type[C],
    needs: Needs,
    *,
    isolation: Isolation = "read_committed",
    lookup: Handler | None = None,
) -> Callable[[Callable[[Context, C], Awaitable[R]]], Callable[[Context, C], Awaitable[R]]]:
    """Register the handler of a command and the role that it takes.

    A workspace role is checked before the handler runs; a room role by the `access` function
    through which the handler must fetch. `lookup` may answer first, without a transaction and by reading
    alone; where it returns None, the handler runs. TypeError if the command has a handler already or the
    return type is not the command's reply.
    """

    def register(
        handler: Callable[[Context, C], Awaitable[R]],
    ) -> Callable[[Context, C], Awaitable[R]]:
        if command in HANDLERS:
            raise TypeError(f"{command.__name__} has two handlers")
        spec = next(spec for spec in COMMANDS.values() if spec.type is command)
        returns = get_type_hints(handler)["return"]
        reply = type(None) if spec.reply is None else spec.reply
        if returns != reply:
            raise TypeError(f"{spec.name} replies {spec.reply}, its handler returns {returns}")
        HANDLERS[command] = Registration(handler, needs, isolation, lookup)
        return handler

    return register


def check_complete() -> None:
    """TypeError unless every command that is not a signal has a handler."""
    missing = [s.name for s in COMMANDS.values() if not s.signal and s.type not in HANDLERS]
    if missing:
        raise TypeError(f"commands without a handler: {', '.join(missing)}")


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Runs commands on a database. `publish` is told of every committed event."""

    pool: Pool
    publish: Publish
    public_url: str = ""

    async def run(self, caller: Caller, spec: CommandSpec, payload: Any) -> msgspec.Raw:
        """Carry out a command and return its reply as JSON.

        Any refusal is an ApiError, and then nothing was changed.
        """
        command = decode_command(spec, payload)
        if list(Scope).index(caller.scope) < list(Scope).index(spec.scope):
            raise ApiError(
                ErrorCode.FORBIDDEN,
                f"This token is limited to «{caller.scope}»; {spec.name} takes «{spec.scope}».",
            )
        try:
            async with asyncio.timeout(DEADLINE):
                reply, events = await self._attempts(caller, spec, command)
        except TimeoutError:
            raise ApiError(
                ErrorCode.DEADLINE_EXCEEDED,
                f"{spec.name} took over {DEADLINE:.0f} s. Send it again with the same command_id.",
            ) from None
        except UNREACHABLE as error:
            raise unreachable(error) from error
        await publish_committed(self.publish, events)
        return msgspec.Raw(reply)

    async def _attempts(
        self, caller: Caller, spec: CommandSpec, command: Command[Any]
    ) -> tuple[bytes, list[LoggedEvent]]:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with self.pool.acquire() as tx:
                    return await self.carry_out(tx, caller, spec, command)
            except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
                if attempt == ATTEMPTS:
                    raise ApiError(ErrorCode.UNAVAILABLE, "Too many changes at once; try again.") from None
                await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 -- jitter
            except asyncpg.IntegrityConstraintViolationError as error:
                if (known := domain_error(error)) is not None:
                    raise known from None
                raise
        raise AssertionError("unreachable")

    async def carry_out(
        self, tx: Connection, caller: Caller, spec: CommandSpec, command: Command[Any]
    ) -> tuple[bytes, list[LoggedEvent]]:
        """Carry out a command on this connection, within its transaction if it is in one.

        The events are the caller's to publish after commit.
        """
        registration = HANDLERS[spec.type]
        if not spec.writes:
            return await self._read(tx, caller, registration, command), []
        if registration.lookup is not None:
            ctx = await self._context(tx, caller, registration, await clock(tx), writes=False)
            if (found := await registration.lookup(ctx, command)) is not None:
                return msgspec.json.encode(found), []
        async with tx.transaction(isolation=registration.isolation):
            now = await clock(tx)
            claimed = None if spec.idempotent else command.command_id
            if claimed is not None:
                digest = commands.request_hash(spec.name, command)
                stored = await commands.claim(tx, caller.member_id, claimed, digest, now)
                if stored is not None:
                    return stored, []
            ctx = await self._context(tx, caller, registration, now, writes=True)
            reply = msgspec.json.encode(await registration.handler(ctx, command))
            _assert_entered(ctx, spec)
            events = await log.record(tx, ctx.actor.id, ctx.now, ctx.events)
            if claimed is not None and not spec.secret:
                await commands.answer(tx, caller.member_id, claimed, reply)
        return reply, events

    async def _read(
        self, tx: Connection, caller: Caller, registration: Registration, command: Command[Any]
    ) -> bytes:
        ctx = await self._context(tx, caller, registration, await clock(tx), writes=False)
        return msgspec.json.encode(await registration.handler(ctx, command))

    async def _context(
        self,
        tx: Connection,
        caller: Caller,
        registration: Registration,
        now: datetime,
        *,
        writes: bool,
    ) -> Context:
        actor = await members.get(tx, caller.member_id)
        if actor is None or not actor.active:
            raise ApiError(ErrorCode.UNAUTHENTICATED, "This account has been removed.")
        needs = registration.needs
        if isinstance(needs, WorkspaceRole) and actor.role < needs:
            raise ApiError(ErrorCode.FORBIDDEN, f"This takes the workspace role «{needs}» or higher.")
        locks = writes and registration.isolation == "read_committed"
        return Context(tx, actor, caller, now, needs, writes=writes, locks=locks, public_url=self.public_url)


async def publish_committed(publish: Publish, events: list[LoggedEvent]) -> None:
    """Tell of committed events. A failure costs only time: nodes find what they missed in PostgreSQL."""
    if not events:
        return
    try:
        await publish(events)
    except Exception:
        logger.exception("publish_failed", rooms=sorted({event.room for event in events}))


def unreachable(error: Exception) -> ApiError:
    """What callers are told while the database is away; the log is told why."""
    logger.warning("database_unavailable", error=repr(error))
    return ApiError(ErrorCode.UNAVAILABLE, "The database cannot be reached; try again shortly.")


def _assert_entered(ctx: Context, spec: CommandSpec) -> None:
    if isinstance(ctx.needs, RoomRole) and not ctx.entered:
        raise AssertionError(f"{spec.name} wrote without a check of the role in a room")
