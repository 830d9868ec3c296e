"""Agents' rows and what they can do. Their names are their members', their processes stand in `instances`."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from persistence.database import Connection, fetch_all
from persistence.unit import Unit
from protocol.agents import AgentInfo, Capability, CapabilitySummary, Grant

_SUMMARY = ", ".join(f"'{field}', c.{field}" for field in CapabilitySummary.__struct_fields__)
AGENT = f"""
    SELECT a.id, a.version, a.owner_id, a.description, a.picture, a.software, a.retired, a.seen,
        a.created_at, a.updated_at, (
            SELECT coalesce(json_agg(json_build_object({_SUMMARY}) ORDER BY c.place), '[]')
            FROM capabilities c WHERE c.agent_id = a.id
        ) AS capabilities
    FROM agents a
"""  # noqa: S608 -- constants
"""Agents as entities; conditions on `a` follow."""

_FIELDS = Capability.__struct_fields__
_SCHEMAS = ("input", "output")


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An agent, and whether a process of it has ever connected."""

    agent: AgentInfo
    seen: bool


async def get(tx: Connection | Unit, agent_id: str) -> AgentInfo | None:
    """One agent, retired ones included."""
    row = await tx.fetchrow(f"-- agents.get\n{AGENT} WHERE a.id = $1", agent_id)
    return None if row is None else _agent(row)


async def lock(tx: Unit, agent_id: str) -> AgentInfo | None:
    """One agent, locked until commit."""
    await tx.execute("-- agents.lock\nSELECT FROM agents WHERE id = $1 FOR UPDATE", agent_id)
    return await get(tx, agent_id)


async def all_of(tx: Connection | Unit) -> list[AgentInfo]:
    """Every agent, retired ones included."""
    return [_agent(row) for row in await tx.fetch(f"-- agents.all_of\n{AGENT} ORDER BY a.id")]


async def owned_by(tx: Unit, owner_id: str) -> list[AgentInfo]:
    """The agents that a person answers for and that are not retired, locked until commit."""
    rows = await tx.fetch(
        f"""-- agents.owned_by
        {AGENT} WHERE a.owner_id = $1 AND NOT a.retired ORDER BY a.id FOR UPDATE OF a
        """,
        owner_id,
    )
    return [_agent(row) for row in rows]


async def count(tx: Unit) -> int:
    """How many agents are not retired."""
    number: int = await tx.fetchval("-- agents.count\nSELECT count(*) FROM agents WHERE NOT retired")
    return number


async def listed(
    tx: Unit,
    *,
    agent_id: str | None = None,
    sharing_with: str | None = None,
    project_id: str | None = None,
    capability: str | None = None,
    retired: bool | None = None,
) -> list[Listed]:
    """Agents by name: this one, those that share a room with a member, that are in a project, that can do
    something, and that are retired or not; of the conditions that are given, all hold.
    """
    rows = await tx.fetch(
        f"""-- agents.listed
        {AGENT} JOIN members m ON m.id = a.id
        WHERE ($1::uuid IS NULL OR a.id = $1) AND ($5::boolean IS NULL OR a.retired = $5)
            AND ($2::uuid IS NULL OR EXISTS (
                SELECT FROM room_members mine JOIN room_members its USING (room_id)
                WHERE mine.member_id = $2 AND its.member_id = a.id
            ))
            AND ($3::uuid IS NULL OR EXISTS (
                SELECT FROM room_members rm WHERE rm.room_id = $3 AND rm.member_id = a.id
                    AND (rm.until IS NULL OR rm.until > now())
            ))
            AND ($4::text IS NULL OR EXISTS (
                SELECT FROM capabilities c WHERE c.agent_id = a.id AND c.name = $4
            ))
        ORDER BY m.name, a.id
        """,  # noqa: S608 -- constants
        agent_id,
        sharing_with,
        project_id,
        capability,
        retired,
    )
    return [Listed(agent=_agent(row), seen=row["seen"]) for row in rows]


async def insert(
    tx: Unit, agent_id: str, *, owner_id: str, description: str, picture: str | None, now: datetime
) -> None:
    """The agent that a new member is."""
    await tx.execute(
        """-- agents.insert
        INSERT INTO agents (id, owner_id, description, picture, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $5)
        """,
        agent_id,
        owner_id,
        description,
        picture,
        now,
    )


async def save(tx: Unit, agent: AgentInfo, now: datetime) -> AgentInfo:
    """Write all but the capabilities, raise the version, and return the agent."""
    await tx.execute(
        """-- agents.save
        UPDATE agents SET owner_id = $2, description = $3, picture = $4, software = $5, retired = $6,
            updated_at = $7, version = version + 1
        WHERE id = $1
        """,
        agent.id,
        agent.owner_id,
        agent.description,
        agent.picture,
        agent.software,
        agent.retired,
        now,
    )
    saved = await get(tx, agent.id)
    assert saved is not None
    return saved


async def note_seen(tx: Unit, agent_id: str) -> None:
    """Note that a process of an agent has connected."""
    await tx.execute(
        "-- agents.note_seen\nUPDATE agents SET seen = true WHERE id = $1 AND NOT seen", agent_id
    )


async def capabilities(tx: Unit, agent_id: str) -> list[Capability]:
    """What an agent can do, in its own order."""
    rows = await tx.fetch(
        f"""-- agents.capabilities
        SELECT {", ".join(_FIELDS)} FROM capabilities WHERE agent_id = $1 ORDER BY place
        """,  # noqa: S608 -- constants
        agent_id,
    )
    return [
        msgspec.convert(dict(row) | {side: msgspec.json.decode(row[side]) for side in _SCHEMAS}, Capability)
        for row in rows
    ]


async def set_capabilities(tx: Unit, agent_id: str, declared: Sequence[Capability]) -> None:
    """Replace what an agent can do."""
    await tx.execute("-- agents.clear_capabilities\nDELETE FROM capabilities WHERE agent_id = $1", agent_id)
    for place, capability in enumerate(declared):
        values = msgspec.structs.asdict(capability)
        values |= {side: msgspec.json.encode(values[side]).decode() for side in _SCHEMAS}
        places = ", ".join(f"${number}" for number in range(1, len(_FIELDS) + 3))
        tx.defer(
            f"""-- agents.add_capability
            INSERT INTO capabilities (agent_id, place, {", ".join(_FIELDS)}) VALUES ({places})
            """,  # noqa: S608 -- constants
            agent_id,
            place,
            *(values[field] for field in _FIELDS),
        )


async def at_work_in(tx: Unit, agent_id: str) -> list[str]:
    """The projects that have live runs which an agent has, or was given."""
    rows = await tx.fetch(
        """-- agents.at_work_in
        SELECT DISTINCT project_id FROM runs
        WHERE ended_at IS NULL AND (agent_id = $1 OR wanted_agent_id = $1)
        """,
        agent_id,
    )
    return [row["project_id"] for row in rows]


async def grants(tx: Unit, agent_id: str, viewer_id: str | None) -> list[Grant]:
    """The projects that an agent has access to, by name; those that the viewer is in, or all for None."""
    return await fetch_all(
        tx,
        Grant,
        """-- agents.grants
        SELECT p.id AS project_id, p.name AS project_name, rm.role, rm.until, rm.task_id
        FROM room_members rm JOIN projects p ON p.id = rm.room_id AND p.purge_at IS NULL
        WHERE rm.member_id = $1 AND (rm.until IS NULL OR rm.until > now()) AND (
            $2::uuid IS NULL OR EXISTS (
                SELECT FROM room_members mine WHERE mine.room_id = p.id AND mine.member_id = $2
                    AND (mine.until IS NULL OR mine.until > now())
            )
        )
        ORDER BY p.name, p.id
        """,
        agent_id,
        viewer_id,
    )


def _agent(row: asyncpg.Record) -> AgentInfo:
    return msgspec.convert(dict(row) | {"capabilities": msgspec.json.decode(row["capabilities"])}, AgentInfo)
