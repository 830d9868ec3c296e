"""The world that the golden examples speak of, so that each of them can be carried out.

The examples name a cast of members, a project with tasks, a private channel and messages. Where a client may
choose an id the stage uses the very one of the examples; ids that the server chose are put in their place.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import protocol
from handlers import accounts, snapshots
from persistence.database import clock
from persistence.ids import new_id
from protocol.members import MemberKind
from protocol.roles import WorkspaceRole
from protocol.rooms import RoomKind
from tests.fold import State, unfolded
from tests.world import World

EXAMPLES = Path(protocol.__file__).parent / "examples"

MARGARET = "019ca869-5000-7002-8002-000000000001"
KATHERINE = "019ca86a-3a60-7002-8002-000000000002"
NEIL = "019ca86b-24c0-7002-8002-000000000003"
BUZZ = "019ca86c-0f20-7002-8002-000000000004"
GENE = "019ca86c-f980-7002-8002-000000000005"
APOLLO = "019ca8a0-3e80-7003-8003-000000000001"
PROGRAM, TRAJECTORY, TRAINING, LANDING, WALK = (
    "019ca8a9-6640-7004-8004-000000000001",
    "019ca8aa-50a0-7004-8004-000000000002",
    "019ca8ab-3b00-7004-8004-000000000003",
    "019ca8ac-2560-7004-8004-000000000004",
    "019ca8ad-0fc0-7004-8004-000000000005",
)
MISSION = "019ca884-c740-7005-8005-000000000001"
DIRECT = "019ca88d-ef00-7005-8005-000000000002"
QUESTION = "019ca8d7-2d00-7006-8006-000000000001"
ANSWER = "019ca8d9-01c0-7006-8006-000000000003"
INVITATION = "019ca897-16c0-7007-8007-000000000001"

CAST = {
    KATHERINE: ("Katherine Johnson", WorkspaceRole.ADMIN),
    NEIL: ("Neil Armstrong", WorkspaceRole.MEMBER),
    BUZZ: ("Buzz Aldrin", WorkspaceRole.MEMBER),
    GENE: ("Gene Kranz", WorkspaceRole.GUEST),
}
SCRIPT: list[tuple[str, dict[str, Any]]] = [
    ("project.create", {"id": APOLLO, "name": "Apollo 11"}),
    ("project.set_member", {"project_id": APOLLO, "member_id": NEIL}),
    ("project.set_member", {"project_id": APOLLO, "member_id": BUZZ}),
    ("project.set_member", {"project_id": APOLLO, "member_id": GENE, "role": "viewer"}),
    ("task.create", {"project_id": APOLLO, "id": PROGRAM, "title": "Write the landing program"}),
    ("task.create", {"project_id": APOLLO, "id": TRAJECTORY, "title": "Check the trajectory by hand"}),
    ("task.create", {"project_id": APOLLO, "id": TRAINING, "title": "Train for one sixth of a g"}),
    ("task.create", {"project_id": APOLLO, "id": LANDING, "title": "Land in the Sea of Tranquility"}),
    (
        "task.create",
        {"project_id": APOLLO, "id": WALK, "title": "Plan the first steps", "parent_id": LANDING},
    ),
    ("task.create", {"project_id": APOLLO, "title": "Pack the boxes", "external_id": "LUNA-16"}),
    ("task.create", {"project_id": APOLLO, "title": "Collect rocks", "external_id": "LUNA-17"}),
    ("task.depend", {"task_id": LANDING, "on": [PROGRAM, TRAJECTORY]}),
    ("task.assign", {"task_id": PROGRAM, "assignees": [MARGARET, NEIL]}),
    ("room.create", {"id": MISSION, "name": "mission-control", "private": True, "members": [NEIL, BUZZ]}),
    ("room.add_member", {"room": MISSION, "member_id": KATHERINE, "role": "manager"}),
    ("room.create", {"id": DIRECT, "kind": "direct", "members": [NEIL]}),
    ("message.send", {"room": MISSION, "id": QUESTION, "text": "Go for launch?"}),
    ("message.send", {"room": MISSION, "id": ANSWER, "text": "Go.", "thread_id": QUESTION}),
    ("message.react", {"message_id": QUESTION, "emoji": "👍"}),
    ("task.comment", {"task_id": PROGRAM, "text": "Memory is nearly full."}),
]
"""What Margaret does before the examples begin."""
FIRST: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "project.restore": [("project.delete", {"project_id": APOLLO})],
    "room.add_member": [("room.remove_member", {"room": MISSION, "member_id": BUZZ})],
}
"""What has to happen right before one of the examples."""
TARGETS = ("task_id", "message_id", "invitation_id", "room", "project_id", "member_id")
"""Fields that name the thing that a command is about; the first that a command has is its target."""
CREATES = frozenset({"project.create", "room.create", "task.create", "message.send", "task.comment"})
"""Commands whose `id` must be a new one."""

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
            await accounts.admit(
                tx,
                self.world.workspace_id,
                name="Guidance Computer",
                role=WorkspaceRole.MEMBER,
                now=await clock(tx),
                kind=MemberKind.AGENT,
            )
        for command, payload in SCRIPT:
            await self.run(command, payload)
        invited = await self.run(
            "invitation.create", {"role": "guest", "project_id": APOLLO, "project_role": "viewer"}
        )
        self.names[INVITATION] = invited["invitation"]["id"]

    async def run(self, command: str, payload: dict[str, Any]) -> Any:
        """The reply of a command of Margaret's, who owns the workspace and made everything in it."""
        return await self.world.run(self.world.owner, command, **self.renamed(payload))

    async def payload(self, command: str) -> dict[str, Any]:
        """The example's payload, made to fit: new ids for what it creates, present versions and times."""
        shown = json.loads((EXAMPLES / f"{command}.json").read_text(encoding="utf-8"))["payload"]
        payload: dict[str, Any] = self.renamed(shown)
        if command in CREATES:
            payload["id"] = new_id()
        if "version" in payload:
            payload["version"] = await self._version(payload)
        if "expires_at" in payload:
            payload["expires_at"] = (datetime.now(UTC) + timedelta(days=2)).isoformat()
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

    async def _version(self, payload: dict[str, Any]) -> int:
        """Of the thing that a payload is about. Invitations stand in no state; nothing has changed them."""
        entities = {
            entity["id"]: entity
            for _, state in (await self.states()).values()
            for collection in state.values()
            for entity in collection.values()
            if "version" in entity
        }
        about = next((payload[field] for field in TARGETS if field in payload), self.world.workspace_id)
        return int(entities[about]["version"]) if about in entities else 1
