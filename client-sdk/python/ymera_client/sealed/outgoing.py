"""What is to be said in a room: kept as intents, the first of them sealed, sent until there is an answer.

Sealing is one transaction, and the same bytes are sent until the server has said yes or no. An intent keeps
its `client_id` over everything, a new sealing included, so nothing stands in the room twice; it is forgotten
in the transaction that applies it.
"""

import asyncio
import itertools
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from nacl.utils import random

from ymera_client.crypto.content import Content, ContentType
from ymera_client.crypto.envelopes import ID, NOTHING
from ymera_client.crypto.errors import Blame, Cx1Error
from ymera_client.crypto.primitives import NONCE, digest
from ymera_client.crypto.sending import Message, seal
from ymera_client.crypto.wire import to_text
from ymera_client.errors import (
    BadTranscript,
    ClientIdConflict,
    CommitConflict,
    CtrConflict,
    DeadlineExceeded,
    EpochStale,
    KeysFailed,
    LimitExceeded,
    NotFound,
    NotMember,
    RotationRequired,
    Unauthenticated,
    Unavailable,
    VersionConflict,
    YmeraError,
)
from ymera_client.generated import AgentGet, AgentList, ItemKind, SealedPost
from ymera_client.outbox import MAX_AGE, MAX_ENTRIES
from ymera_client.sealed import rules
from ymera_client.sealed.cabinet import Transaction
from ymera_client.sealed.clock import now_ms
from ymera_client.sealed.faults import raised
from ymera_client.sealed.ledger import RawItem
from ymera_client.sealed.reading import Read
from ymera_client.sealed.records import Intent, pack, unpack
from ymera_client.sealed.rules import About, Means

if TYPE_CHECKING:
    from ymera_client.sealed.room import SealedRoom

TRIES = 8
"""How often one thing is sealed anew."""
ANEW = (
    BadTranscript,
    ClientIdConflict,
    CommitConflict,
    CtrConflict,
    EpochStale,
    RotationRequired,
    VersionConflict,
)
"""Refusals after which the room is caught up with and the same is sealed anew."""


NO_ANSWER = (KeysFailed, Unauthenticated, Unavailable)
"""What says nothing about what is to be said, which therefore stays."""
MAX_ERASED = 100
"""Envelopes that the server reduces to their stubs at once."""


class Waiting:
    """An intent, with the bytes in which it is being sent, and who waits for what comes of it."""

    def __init__(
        self, intent: Intent, sealed: bytes | None = None, done: asyncio.Future[Read] | None = None
    ) -> None:
        self.intent = intent
        self.sealed = sealed
        self.tries = 0
        self.done = done


class Outgoing:
    """The intents of a room, in order. `flush` and `came_back` run only in the room's own turn."""

    def __init__(self, room: "SealedRoom") -> None:
        self._room = room
        self._queue: dict[bytes, Waiting] = {}
        self._applied: dict[bytes, Waiting] = {}
        """Stands in the room, and was not read yet."""
        self._keeping = asyncio.Lock()
        """Taken in turn, so that commands are queued in the order of the calls."""

    def __len__(self) -> int:
        return len(self._queue)

    async def open(self) -> None:
        """Take up what the store has."""
        cabinet, room = self._room.ground.cabinet, self._room.id
        found = await cabinet.transact(
            lambda transaction: [each for each in transaction.intents() if each[0] == room]
        )
        for _, client_id, body, sealed in found:
            self._queue.setdefault(client_id, Waiting(unpack(body, Intent), sealed))

    async def hand_over(self) -> None:
        """Publish what is in force for newcomers who cannot read how it came about."""
        for command in rules.handed_over(self._room.reading.contents):
            await self._keep(Intent(command["type"], command["data"], random(ID), time.time()))

    async def say(self, name: str, data: dict[str, Any], command_id: str = "") -> Read:
        """Keep a command to be said, and wait for what comes of it. Giving up waiting does not stop it."""
        if len(self._queue) >= MAX_ENTRIES:
            raise LimitExceeded(
                f"{MAX_ENTRIES} commands wait to be sent in this room already.",
                data={"limit": MAX_ENTRIES, "what": "queued commands"},
            )
        intent = Intent(name, data, random(ID), time.time(), command_id)
        # It is there before anything can come of the command, which would else be told to nobody.
        done: asyncio.Future[Read] = asyncio.get_running_loop().create_future()
        try:
            await asyncio.shield(asyncio.ensure_future(self._keep(intent, done)))
            await self._room.opened()
        except BaseException:
            if not done.cancel():
                # It came to an end already, which is told by what is raised here.
                done.exception()
            raise
        self._room.wake()
        return await done

    async def _keep(self, intent: Intent, done: asyncio.Future[Read] | None = None) -> None:
        async with self._keeping:
            await self._room.ground.cabinet.transact(
                lambda transaction: transaction.add_intent(self._room.id, intent.client_id, pack(intent))
            )
            self._queue[intent.client_id] = Waiting(intent, done=done)

    def came_back(self, client_id: bytes) -> bool:
        """An own envelope was applied; False if it is none of this store's."""
        waiting = self._queue.pop(client_id, None)
        if waiting is None:
            return False
        known = waiting.sealed is not None
        self._applied[client_id] = waiting
        return known

    def answer(self, reads: Iterable[Read]) -> None:
        """Own envelopes were read: tell who waits."""
        for read in reads:
            waiting = self._applied.pop(read.client_id, None)
            if waiting is not None:
                self._settle(waiting, read.refusal or read)

    async def flush(self) -> None:
        """Seal and send, one after another, as long as something is to be said."""
        while self._queue:
            waiting = next(iter(self._queue.values()))
            try:
                if not await self._advance(waiting):
                    return
            except YmeraError as error:
                if error.retryable or self._room.halted is not None or isinstance(error, NO_ANSWER):
                    raise
                await self._drop(waiting, error)

    def abandon(self, error: YmeraError) -> None:
        """Nothing will be sent any more by this process; what is queued stays in the store."""
        for waiting in (*self._queue.values(), *self._applied.values()):
            if waiting.done is not None and not waiting.done.done():
                waiting.done.set_exception(error)

    async def _advance(self, waiting: Waiting) -> bool:
        """Seal it if need be, and send it; False while it cannot be."""
        if waiting.sealed is None:
            if time.time() - waiting.intent.queued_at > MAX_AGE:
                raise DeadlineExceeded(
                    f"{waiting.intent.name} could not be sent for seven days.", retryable=False
                )
            await self._room.governing.prepare()
            if not await self._seal(waiting):
                return False
        await self._post(waiting)
        return True

    async def _seal(self, waiting: Waiting) -> bool:
        room, intent = self._room, waiting.intent
        standing, author = room.settled, room.ground.keychain.author
        try:
            command = await self._prepared(intent)
            entity, version = await self._entity(command)
            self._try_out(command, entity, version)
            message = Message(
                Content(ContentType.JSON, msgspec.json.encode(command)),
                intent.client_id,
                now_ms(),
                entity_id=entity,
                base_version=version,
            )
            raw, _ = seal(standing.timeline, standing.keys, author, message, nonce=random(NONCE))
        except Cx1Error as refusal:
            if refusal.blame is Blame.WAITING:
                return False
            raise raised(refusal) from refusal
        await room.ground.cabinet.transact(
            lambda transaction: transaction.seal_intent(room.id, intent.client_id, raw)
        )
        waiting.sealed = raw
        return True

    async def _prepared(self, intent: Intent) -> dict[str, Any]:
        """The command as it will stand in the room, with what its author chooses."""
        count = itertools.count()
        command = {"type": intent.name, "data": intent.data}
        contents = self._room.reading.contents
        able = await self._able(command)
        means = Means(lambda: _id_of(intent, next(count)), lambda agent_id: able.get(agent_id, ()))
        return rules.prepare(contents, command, self._about(NOTHING, 0), means)

    async def _able(self, command: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        """What the agents can do that have a say in a command, by their ids, as they have told the server."""
        if rules.looks(command):
            # Of all: what is looked for is nobody else's business.
            found = await self._room.ground.courier(AgentList())
            return {each.id: msgspec.to_builtins(each.agent.capabilities) for each in found.items}
        agents = rules.workers(self._room.reading.contents, command)
        return {agent_id: await self._declared(agent_id) for agent_id in agents}

    async def _declared(self, agent_id: str) -> list[dict[str, Any]]:
        """What an agent has declared; nothing if the server knows of none here."""
        try:
            agent = await self._room.ground.courier(AgentGet(agent_id=agent_id))
        except NotFound:
            return []
        return [msgspec.to_builtins(each) for each in agent.capabilities]

    async def _entity(self, command: dict[str, Any]) -> tuple[bytes, int]:
        """What the header names, and its version in the server's count."""
        named = rules.entity(command)
        if named is None:
            return NOTHING, 0
        entity, room = UUID(named).bytes, self._room.id
        versions = await self._room.ground.cabinet.transact(
            lambda transaction: transaction.versions(room, [entity])
        )
        return entity, versions.get(entity, 0)

    def _try_out(self, command: dict[str, Any], entity: bytes, version: int) -> None:
        """Run the rules on what is known, so that who asks hears at once what all would refuse."""
        rules.interpret(self._room.reading.contents, command, self._about(entity, version))

    def _about(self, entity: bytes, version: int) -> About:
        room, fp = self._room, self._room.ground.keychain.author.fp
        timeline = room.settled.timeline
        member = timeline.room.members.get(fp)
        if member is None:
            raise NotMember(f"You are not in room {room.id}.", data={"fault": "device_inactive"})
        return room.reading.about(fp, member.role, timeline.seq + 1, now_ms(), entity, version)

    def _erases(self, intent: Intent) -> list[int]:
        reading = self._room.reading
        named = rules.erases(reading.contents, {"type": intent.name, "data": intent.data})
        return [seq for key in named for seq in reading.seqs_of(UUID(key).bytes)][:MAX_ERASED]

    async def _post(self, waiting: Waiting) -> None:
        room, raw = self._room, waiting.sealed
        assert raw is not None
        try:
            posted = await room.ground.courier(
                SealedPost(room=room.id, envelope=to_text(raw), erases=self._erases(waiting.intent))
            )
        except ANEW as error:
            await self._unseal(waiting, error)
            return
        if posted.seq != room.progress.applied + 1 or await room.take(
            [RawItem(posted.seq, ItemKind.ENVELOPE, raw)]
        ):
            room.fall_behind()
        await room.catch_up()

    async def _unseal(self, waiting: Waiting, error: YmeraError) -> None:
        """The bytes were refused for good: catch up, and seal anew what does not stand there by now."""
        room, client_id = self._room, waiting.intent.client_id
        room.fall_behind()
        await room.catch_up()
        if client_id not in self._queue:
            return
        waiting.tries += 1
        if waiting.tries >= TRIES:
            raise error
        await room.ground.cabinet.transact(
            lambda transaction: transaction.seal_intent(room.id, client_id, None)
        )
        waiting.sealed = None

    async def _drop(self, waiting: Waiting, error: YmeraError) -> None:
        client_id = waiting.intent.client_id

        def forget(transaction: Transaction) -> None:
            transaction.drop_intent(client_id)

        await self._room.ground.cabinet.transact(forget)
        self._queue.pop(client_id, None)
        self._settle(waiting, error)

    def _settle(self, waiting: Waiting, result: YmeraError | Read) -> None:
        if waiting.done is None or waiting.done.done():
            if isinstance(result, YmeraError):
                self._room.rejected(waiting.intent, result)
        elif isinstance(result, YmeraError):
            waiting.done.set_exception(result)
        else:
            waiting.done.set_result(result)


def _id_of(intent: Intent, place: int) -> str:
    """An id that the intent makes, the same however often it is prepared: a UUIDv7 of when it was queued."""
    chance = digest(b"ymera/intent-id", intent.client_id, bytes([place]))[:10]
    value = int(intent.queued_at * 1000) << 80 | int.from_bytes(chance, "big")
    value = value & ~(0xF << 76) | 7 << 76
    return str(UUID(int=value & ~(0b11 << 62) | 0b10 << 62))
