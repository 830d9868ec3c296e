"""The world that the golden examples speak of, so that each of them can be carried out.

It stands once the script was followed; ids that the server chose are put in the place of those that the
examples have.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from handlers import accounts, allocation, snapshots
from persistence import instances, members
from persistence.database import clock
from persistence.ids import new_id
from protocol.files import NameConflict
from protocol.members import Member
from protocol.rooms import RoomKind
from tests import filing
from tests.fold import State, unfolded
from tests.registry.script import (
    AS,
    CAST,
    COLUMBIA,
    EAGLE,
    FILES,
    FIRST,
    KEPT,
    MARGARET,
    OFFERED,
    SCRIPT,
    Filed,
    Step,
    shown,
)
from tests.world import World

TARGETS = {
    "file_id": "files",
    "question_id": "questions",
    "run_id": "runs",
    "artifact_id": "artifacts",
    "trigger_id": "triggers",
    "task_id": "tasks",
    "message_id": "messages",
    "invitation_id": "invitations",
    "room": "rooms",
    "project_id": "projects",
    "agent_id": "agents",
    "member_id": "members",
}
"""Fields that name the thing that a command is about, and the collection that holds such things.

The first that a payload has is its target.
"""
CREATES = frozenset(
    {
        *("project.create", "room.create", "task.create", "message.send", "task.comment"),
        *("run.create", "trigger.create"),
    }
)
"""Commands whose `id` must be a new one."""
TIMES = ("expires_at", "until", "not_before", "deadline")
"""Fields with a time that must be in the future."""

DIGEST = """
    SELECT md5(coalesce(string_agg(kept.xmin || kept::text, '' ORDER BY kept::text), '')) FROM "{table}" kept
"""


@dataclass
class Stage:
    """The world set up; `names` leads from the ids of the examples to those that stand for them."""

    world: World
    names: dict[str, str] = field(default_factory=dict)

    async def build(self) -> None:
        """Bring in the cast and follow the script."""
        self.names = {MARGARET: self.world.owner.id}
        async with self.world.pool.acquire() as tx, tx.transaction():
            for known, (name, role) in CAST.items():
                member, _ = await accounts.admit(
                    tx, self.world.workspace_id, name=name, role=role, now=await clock(tx)
                )
                self.names[known] = member.id
        await self.follow(SCRIPT)
        for filed in FILES:
            await self._file(filed)
        discarded = shown("sealed.discard")
        await filing.put_object(
            self.world, await self.member(MARGARET), discarded["room"], discarded["object_id"]
        )
        await self.follow(KEPT)

    async def follow(self, steps: list[Step]) -> None:
        """Carry out these steps, and learn by which ids the server knows what they make."""
        for step in steps:
            sender = await (self.member(step.sender) if step.sender else self.sender(step.command))
            reply = await self.world.run(sender, step.command, **self.renamed(step.payload))
            if step.known is not None:
                self.names[step.known] = _id_in(reply)

    async def run(self, command: str, payload: dict[str, Any]) -> Any:
        """The reply of a command to whoever sends such ones."""
        return await self.world.run(await self.sender(command), command, **self.renamed(payload))

    async def sender(self, command: str) -> Member:
        """Who sends a command: Margaret, unless the script says otherwise."""
        return await self.member(AS.get(command, MARGARET))

    async def member(self, known: str) -> Member:
        """The member who has that id in the examples."""
        found = await members.get(self.world.pool, self.names[known])
        assert found is not None
        return found

    async def prepare(self, command: str) -> dict[str, Any]:
        """The command's payload, once it can be carried out; what came before counts as unpublished."""
        await self.follow(FIRST.get(command, []))
        if command in OFFERED:
            await self._offer()
        self.world.published.clear()
        return await self.payload(command)

    async def payload(self, command: str) -> dict[str, Any]:
        """The example's payload, made to fit: new ids for what it creates, present versions and times."""
        payload: dict[str, Any] = self.renamed(shown(command))
        if command in CREATES:
            payload["id"] = new_id()
        if "key" in payload:
            payload["key"] = new_id()
        for name in TIMES:
            if name in payload:
                payload[name] = (datetime.now(UTC) + timedelta(days=2)).isoformat()
        if "version" in payload and "file_id" in payload:
            # Rooms' states hold no files.
            payload["version"] = await self.world.pool.fetchval(
                "SELECT version FROM files WHERE id = $1", payload["file_id"]
            )
        elif "version" in payload:
            payload["version"] = await self._known_of("version", payload)
        if "fence" in payload:
            # Not from the room's state: an offer is no news there.
            payload["fence"] = await self.world.pool.fetchval(
                "SELECT attempt FROM runs WHERE id = $1", payload["run_id"]
            )
        if "seq" in payload or "after_seq" in payload:
            payload["seq" if "seq" in payload else "after_seq"] = 2
        return payload

    async def states(self) -> dict[str, tuple[int, State]]:
        """Of every room the head and the state, read at one moment."""
        async with (
            self.world.pool.acquire() as tx,
            tx.transaction(isolation="repeatable_read", readonly=True),
        ):
            rooms = await tx.fetch("SELECT id::text AS id, kind, head_seq FROM rooms ORDER BY id")
            return {
                room["id"]: (
                    room["head_seq"],
                    unfolded(await snapshots.snapshot(tx, room["id"], RoomKind(room["kind"]))),
                )
                for room in rooms
            }

    async def rows(self) -> dict[str, str]:
        """A digest of each table's rows; one that was written, even with the values it had, differs."""
        async with (
            self.world.pool.acquire() as tx,
            tx.transaction(isolation="repeatable_read", readonly=True),
        ):
            found = await tx.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
            return {name: await tx.fetchval(DIGEST.format(table=name)) for (name,) in found}

    def renamed(self, value: Any) -> Any:
        """The value with the ids of the examples replaced, in texts too."""
        text = json.dumps(value)
        for known, name in self.names.items():
            text = text.replace(known, name)
        return json.loads(text)

    async def _offer(self) -> None:
        """Give ready runs away to the agent's processes, which are there."""
        for instance_id in (COLUMBIA, EAGLE):
            await self.run("agent.heartbeat", {"instance_id": instance_id})
            await instances.attach(self.world.pool, instance_id, "test")
        async with self.world.pool.acquire() as tx, tx.transaction():
            assert await allocation.allocate(tx)

    async def _file(self, filed: Filed) -> None:
        """Upload a file in all its versions, of which each is read."""
        target = self.renamed(filed.target)
        sender = await self.member(filed.sender)
        for pages in filed.says:
            file = await filing.put(
                self.world, sender, content="\n".join(pages), conflict=NameConflict.VERSION, **target
            )
            await filing.read(self.world, file, pages, kind=filed.kind, score=80)
            self.names[filed.known] = file.id

    async def _known_of(self, field: str, payload: dict[str, Any]) -> int:
        """What a payload's target has in a field; 1 for what stands in no state."""
        target = next((name for name in TARGETS if name in payload), None)
        about = self.world.workspace_id if target is None else payload[target]
        collection = "workspace" if target is None else TARGETS[target]
        found = [
            state[collection][about]
            for _, state in (await self.states()).values()
            if about in state.get(collection, {})
        ]
        return int(found[0][field]) if found else 1


def _id_in(reply: Any) -> str:
    """The id of what a reply shows, itself or in one of its fields."""
    parts = (part for part in (reply, *reply.values()) if isinstance(part, dict))
    return next(str(part["id"]) for part in parts if "id" in part)
