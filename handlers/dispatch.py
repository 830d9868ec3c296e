"""From a command to its reply: one transaction that is all done, or not at all.

Invariants: a command's events are committed with its rows or neither are; they are published
after commit and before the reply; each handler's `needs` is enforced before its first write.
Commands that come to a room at once may share a transaction; each is answered as if it were alone.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar, get_type_hints

import asyncpg
import msgspec
import structlog

from handlers.groups import RoomGroups
from handlers.tools import Tools
from persistence import commands, log, members
from persistence.database import UNREACHABLE, Connection, Pool, clock, domain_error
from persistence.ids import new_id
from persistence.rooms import Entrance
from persistence.unit import Unit
from protocol.errors import ApiError, ErrorCode
from protocol.members import Member, MemberKind
from protocol.registry import COMMANDS, Command, CommandSpec, Ephemeral, Event, Scope, ephemeral_name
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import LoggedEvent
from protocol.wire import decode_command, encode

logger = structlog.get_logger(__name__)

DEADLINE = 10.0
"""Seconds that a command may take before it is given up."""
PATIENCE = 100
"""Milliseconds that commands of several rooms wait for the lock of one of them."""
ATTEMPTS = 6
"""Tries when PostgreSQL asks to run a transaction again (deadlock, serialisation)."""

SCOPES = list(Scope)
NOTHING = b"null"
"""What a `lookup` that does not answer encodes to."""
SERVER = Member(
    id="00000000-0000-0000-0000-000000000000",
    version=1,
    name="",
    kind=MemberKind.PERSON,
    role=WorkspaceRole.OWNER,
    email=None,
    active=True,
    created_at=datetime(1970, 1, 1, tzinfo=UTC),
)
"""Who acts in what the server does by itself. It is in no room; events that it causes name nobody."""

T = TypeVar("T")
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


@dataclass(frozen=True, slots=True)
class Request:
    """A command, and who sends it."""

    caller: Caller
    spec: CommandSpec
    command: Command[Any]

    @property
    def identity(self) -> Hashable:
        """The same for what is the same command sent again, else its own."""
        command_id = self.command.command_id
        return (self.caller.member_id, command_id) if command_id else id(self)

    def claim(self) -> commands.Claim | None:
        """What is claimed so that the command is carried out once."""
        if self.spec.idempotent or self.command.command_id is None:
            return None
        digest = commands.request_hash(self.spec.name, self.command)
        return commands.Claim(self.caller.member_id, self.command.command_id, digest)


@dataclass(slots=True)
class Shared:
    """What the commands of one transaction have in common."""

    visits: Sequence[tuple[str, Member]] = ()
    """The rooms that commands of a group are about, with who sends them."""
    commands: Sequence[Command[Any]] = ()
    """The commands themselves, for what can be asked of all at once."""
    heads: dict[str, int] = field(default_factory=dict)
    """Of the rooms that are locked until commit."""
    entrances: dict[tuple[str, str], Entrance | None] = field(default_factory=dict)
    """How members stand to rooms that are locked, by the ids of both."""
    entries: list[log.Entry] = field(default_factory=list)
    pending: Counter[str] = field(default_factory=Counter)
    """How many of the entries each room has."""
    told: list[Ephemeral] = field(default_factory=list)
    """Messages outside the log, for after the commit."""
    known: dict[Hashable, Any] | None = None
    """What `once` has read; None where a command may change it, as none of a group does."""
    waits: bool = True
    """Whether the transaction waits for further rooms.

    Commands of a group want theirs one after the other, so in no common order: two groups that waited for
    each other's would wait forever. A group does not wait, and its parts are tried instead.
    """

    async def lock(self, tx: Unit, rooms: Set[str]) -> None:
        """Lock rooms until commit."""
        missing = rooms - self.heads.keys()
        if missing:
            self.heads |= await log.lock(tx, missing, wait=self.waits)

    async def once(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """What there is to be read of a locked room; for the commands of a group it is read once."""
        if self.known is None:
            return await read()
        if key not in self.known:
            self.known[key] = await read()
        found: T = self.known[key]
        return found


@dataclass(slots=True)
class Context:
    """What a handler works with: the transaction, the actor, and the events it records."""

    tx: Unit
    actor: Member
    caller: Caller
    now: datetime
    needs: Needs
    writes: bool
    locks: bool
    """Whether `access` locks the room it lets in to: writes that record events there."""
    shared: Shared
    tools: Tools
    entered: bool = False
    """Whether a room's role was checked."""

    async def lock(self, *rooms: str) -> None:
        """Lock rooms until commit, so that `next_seq` is known for them."""
        await self.shared.lock(self.tx, set(rooms))

    def next_seq(self, room: str) -> int:
        """The seq that the next recorded event of this locked room will have."""
        return self.shared.heads[room] + 1 + self.shared.pending[room]

    def record(self, event: Event, *, room: str, entity: str | None = None) -> None:
        """Append an event to a room's log at commit. `entity` is what its history hangs on."""
        actor = None if self.actor is SERVER else self.actor.id
        self.shared.entries.append(log.Entry(actor, room, event, entity))
        self.shared.pending[room] += 1

    async def rewrite(self, event: Event, *, room: str, seq: int) -> None:
        """Put another event of the same type in the place of one, where its content must not be kept.

        The room is locked. The event may be one that this transaction has recorded.
        """
        ahead = seq - self.shared.heads[room] - 1
        if ahead < 0:
            await log.rewrite(self.tx, room, seq, event)
            return
        place = [index for index, entry in enumerate(self.shared.entries) if entry.room == room][ahead]
        self.shared.entries[place] = self.shared.entries[place]._replace(event=event)

    def tell(self, message: Ephemeral) -> None:
        """Send a message outside the log to those in its room, after the commit; it may get lost."""
        self.shared.told.append(message)


Handler = Callable[[Context, Any], Awaitable[Any]]
Work = Callable[[Context], Awaitable[T]]


class Consequence(ApiError):  # noqa: N818 -- as ApiError, it is told and no error of ours
    """A refusal that changes something all the same: `work` is done after the command was undone."""

    def __init__(self, code: ErrorCode, message: str, work: "Work[None]", **data: Any) -> None:
        super().__init__(code, message, **data)
        self.work = work


@dataclass(frozen=True, slots=True)
class Registration:
    """A command's handler and what it declares."""

    handler: Handler
    needs: Needs
    isolation: Isolation
    lookup: Handler | None
    group: Callable[[Any], str] | None


HANDLERS: dict[type[Command[Any]], Registration] = {}

C = TypeVar("C", bound=Command[Any])
R = TypeVar("R")


def handles(
    command: type[C],
    needs: Needs,
    *,
    isolation: Isolation = "read_committed",
    lookup: Handler | None = None,
    group: Callable[[C], str] | None = None,
) -> Callable[[Callable[[Context, C], Awaitable[R]]], Callable[[Context, C], Awaitable[R]]]:
    """Register the handler of a command and the role that it takes.

    A workspace role is checked before the handler runs; a room role by the `access` function
    through which the handler must fetch. `lookup` may answer first, without a transaction and by reading
    alone; where it returns None, the handler runs. `group` names the room that the command is about, for
    one that changes neither the room nor who may enter it: what comes to a room at once is then carried
    out together, in the order of arrival. TypeError if the command has a handler already or the return
    type is not the command's reply.
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
        if group is not None and isolation != "read_committed":
            raise TypeError(f"{spec.name} cannot be in a group: commands in one are isolated by their locks")
        HANDLERS[command] = Registration(handler, needs, isolation, lookup, group)
        return handler

    return register


def check_complete() -> None:
    """TypeError unless every command that is not a signal has a handler."""
    missing = [s.name for s in COMMANDS.values() if not s.signal and s.type not in HANDLERS]
    if missing:
        raise TypeError(f"commands without a handler: {', '.join(missing)}")


def overlaps(spec: CommandSpec) -> bool:
    """Whether a client's successive commands of this kind may be begun before the first has ended.

    Those of one room are carried out in the order in which they were begun.
    """
    return not spec.signal and HANDLERS[spec.type].group is not None


class Dispatcher:
    """Runs commands on a database. `publish` is told of every committed event."""

    def __init__(self, pool: Pool, publish: Publish, tools: Tools | None = None) -> None:
        self.pool = pool
        self.publish = publish
        self.tools = tools or Tools()
        self._groups = RoomGroups(self._group, UNREACHABLE)

    async def run(self, caller: Caller, spec: CommandSpec, payload: Any) -> msgspec.Raw:
        """Carry out a command and return its reply as JSON.

        Any refusal is an ApiError, and then nothing was changed; but past the deadline that is not known.
        """
        command = decode_command(spec, payload)
        if SCOPES.index(caller.scope) < SCOPES.index(spec.scope):
            raise ApiError(
                ErrorCode.FORBIDDEN,
                f"This token is limited to «{caller.scope}»; {spec.name} takes «{spec.scope}».",
            )
        request = Request(caller, spec, command)
        group = HANDLERS[spec.type].group
        try:
            async with asyncio.timeout(DEADLINE):
                if group is not None:
                    return msgspec.Raw(await self._groups.submit(group(command), request.identity, request))
                (reply,), events = await self._attempts([request])
        except Consequence as refusal:
            await self.attend(refusal.work)
            raise
        except TimeoutError:
            raise ApiError(
                ErrorCode.DEADLINE_EXCEEDED,
                f"{spec.name} took over {DEADLINE:.0f} s. Send it again with the same command_id.",
            ) from None
        except UNREACHABLE as error:
            raise unreachable(error) from error
        await publish_committed(self.publish, events)
        return msgspec.Raw(reply)

    async def attend(self, work: Work[T]) -> T:
        """Do something as the server, in a transaction of its own, and publish what it records."""
        async with asyncio.timeout(DEADLINE):
            result, events = await self._retried(lambda connection: self._attend(connection, work))
        await publish_committed(self.publish, events)
        return result

    async def act(self, member_id: str, needs: Needs, work: Work[T], *, correlation_id: str) -> T:
        """Do something that is no command as a member, in a transaction of its own, and publish it.

        `needs` as for a command's handler; ApiError where the member may not.
        """

        async def attempt(connection: Connection) -> tuple[T, list[LoggedEvent]]:
            tx = Unit(connection)
            async with connection.transaction():
                now, actor = await members.acting(tx, member_id)
                caller = Caller(member_id, None, Scope.WRITE, correlation_id)
                ctx = self._made(tx, caller, _admitted(actor, needs), now, needs, Shared(), locks=True)
                recorded = await _recorded(ctx, work)
            self._tell(ctx.shared.told)
            return recorded

        async with asyncio.timeout(DEADLINE):
            result, events = await self._retried(attempt)
        await publish_committed(self.publish, events)
        return result

    async def close(self) -> None:
        """Cancel what is still under way in groups."""
        await self._groups.close()

    async def _group(self, requests: Sequence[Request], *, patient: bool) -> Sequence[bytes]:
        async with asyncio.timeout(DEADLINE):
            replies, events = await self._attempts(requests, patient=patient)
        await publish_committed(self.publish, events)
        return replies

    async def _attempts(
        self, requests: Sequence[Request], *, patient: bool = True
    ) -> tuple[list[bytes], list[LoggedEvent]]:
        return await self._retried(lambda connection: self.carry_out(connection, requests, patient=patient))

    async def _retried(self, attempt_at: Callable[[Connection], Awaitable[T]]) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with self.pool.acquire() as connection:
                    return await attempt_at(connection)
            except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
                if attempt == ATTEMPTS:
                    raise ApiError(ErrorCode.UNAVAILABLE, "Too many changes at once; try again.") from None
                await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 -- jitter
            except (
                asyncpg.IntegrityConstraintViolationError,
                asyncpg.CharacterNotInRepertoireError,
            ) as error:
                if (known := domain_error(error)) is not None:
                    raise known from None
                raise
        raise AssertionError("unreachable")

    async def carry_out(
        self, connection: Connection, requests: Sequence[Request], *, patient: bool = True
    ) -> tuple[list[bytes], list[LoggedEvent]]:
        """Carry out a command, or some that may share a transaction, within the connection's if it is in one.

        The replies come in order; the events are the caller's to publish after commit. Unless `patient`,
        LockNotAvailableError rather than a long wait.
        """
        registration = HANDLERS[requests[0].spec.type]
        tx = Unit(connection)
        if not requests[0].spec.writes:
            return [await self._read(tx, requests[0], registration.handler)], []
        if registration.lookup is not None:
            found = await self._read(tx, requests[0], registration.lookup)
            if found != NOTHING:
                return [found], []
        async with connection.transaction(isolation=registration.isolation):
            replies, events, told = await self._write(tx, requests, patient=patient)
            await tx.flush()
        self._tell(told)
        return replies, events

    async def _attend(self, connection: Connection, work: Work[T]) -> tuple[T, list[LoggedEvent]]:
        tx = Unit(connection)
        async with connection.transaction():
            caller = Caller(SERVER.id, None, Scope.ADMIN, new_id())
            now = await clock(connection)
            ctx = self._made(tx, caller, SERVER, now, WorkspaceRole.OWNER, Shared(), locks=True)
            recorded = await _recorded(ctx, work)
        self._tell(ctx.shared.told)
        return recorded

    async def _write(
        self, tx: Unit, requests: Sequence[Request], *, patient: bool
    ) -> tuple[list[bytes], list[LoggedEvent], list[Ephemeral]]:
        claims = [request.claim() for request in requests]
        start = await commands.start(
            tx,
            {request.caller.member_id for request in requests},
            [claim for claim in claims if claim is not None],
            patience=0 if patient else PATIENCE,
        )
        shared = Shared(
            _visits(requests, start.actors),
            [request.command for request in requests],
            known={} if len(requests) > 1 else None,
            waits=patient and len(requests) == 1,
        )
        replies: list[bytes] = []
        kept: list[tuple[commands.Claim, bytes]] = []
        for request, claim in zip(requests, claims, strict=True):
            if claim is not None and claim not in start.ours:
                replies.append(await commands.stored(tx, claim))
                continue
            actor = start.actors.get(request.caller.member_id)
            ctx = self._context(tx, request, actor, start.now, shared, writes=True)
            reply = msgspec.json.encode(await HANDLERS[request.spec.type].handler(ctx, request.command))
            _assert_entered(ctx, request.spec)
            replies.append(reply)
            if claim is not None and not request.spec.secret:
                kept.append((claim, reply))
        await shared.lock(tx, shared.pending.keys())
        events = await log.append(tx, start.now, shared.entries, shared.heads, kept)
        return replies, events, shared.told

    async def _read(self, tx: Unit, request: Request, handler: Handler) -> bytes:
        now, actor = await members.acting(tx, request.caller.member_id)
        ctx = self._context(tx, request, actor, now, Shared(), writes=False)
        reply = msgspec.json.encode(await handler(ctx, request.command))
        self._tell(ctx.shared.told)
        return reply

    def _tell(self, told: Sequence[Ephemeral]) -> None:
        for message in told:
            if self.tools.tell is not None:
                self.tools.tell(ephemeral_name(type(message)), message.room, encode(message))

    def _context(
        self, tx: Unit, request: Request, actor: Member | None, now: datetime, shared: Shared, *, writes: bool
    ) -> Context:
        registration = HANDLERS[request.spec.type]
        member = _admitted(actor, registration.needs)
        locks = writes and registration.isolation == "read_committed"
        return self._made(
            tx, request.caller, member, now, registration.needs, shared, writes=writes, locks=locks
        )

    def _made(
        self,
        tx: Unit,
        caller: Caller,
        actor: Member,
        now: datetime,
        needs: Needs,
        shared: Shared,
        *,
        writes: bool = True,
        locks: bool,
    ) -> Context:
        return Context(
            tx,
            actor,
            caller,
            now,
            needs,
            writes=writes,
            locks=locks,
            shared=shared,
            tools=self.tools,
        )


def _admitted(actor: Member | None, needs: Needs) -> Member:
    """The actor, if it is still there and its workspace role is enough."""
    if actor is None or not actor.active:
        raise ApiError(ErrorCode.UNAUTHENTICATED, "This account has been removed.")
    if isinstance(needs, WorkspaceRole) and actor.role < needs:
        raise ApiError(ErrorCode.FORBIDDEN, f"This takes the workspace role «{needs}» or higher.")
    return actor


async def _recorded(ctx: Context, work: Work[T]) -> tuple[T, list[LoggedEvent]]:
    """Do something, and append what it records to the log."""
    result = await work(ctx)
    await ctx.shared.lock(ctx.tx, ctx.shared.pending.keys())
    events = await log.append(ctx.tx, ctx.now, ctx.shared.entries, ctx.shared.heads)
    await ctx.tx.flush()
    return result, events


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


def _visits(requests: Sequence[Request], actors: Mapping[str, Member]) -> list[tuple[str, Member]]:
    """Which rooms the commands of a group are about, and who would enter them."""
    visits = []
    for request in requests:
        group, actor = HANDLERS[request.spec.type].group, actors.get(request.caller.member_id)
        if group is not None and actor is not None:
            visits.append((group(request.command), actor))
    return visits


def _assert_entered(ctx: Context, spec: CommandSpec) -> None:
    if isinstance(ctx.needs, RoomRole) and not ctx.entered:
        raise AssertionError(f"{spec.name} wrote without a check of the role in a room")
