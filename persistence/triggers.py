"""Triggers' rows, and what each has fired for.

Invariant: a firing is claimed by inserting its row, once for each key, in the transaction that makes its run.
Where the room of a trigger's project is locked too, that lock comes first.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import asyncpg
import msgspec

from persistence.database import Connection, Pool
from persistence.unit import Unit
from protocol.rooms import LoggedEvent
from protocol.triggers import Trigger

RETENTION_DAYS = 14
"""How long a firing is remembered, so that it is not repeated: longer than webhooks are sent again."""
MAX_DUE = 100
"""Projects that are looked at for what is due there, or has happened."""

COLUMNS = ", ".join(f"t.{column}" for column in Trigger.__struct_fields__)
LIVE = "t.enabled AND p.state <> 'archived' AND p.purge_at IS NULL"
"""Of a trigger `t` of a project `p`: it fires."""


class Armed(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger with what only the server needs of it."""

    trigger: Trigger
    seq: int
    """The project's log was looked through up to here."""
    failed: int
    """Firings in a row that made no run."""


async def insert(tx: Connection, trigger: Trigger, *, seq: int, sealed_secret: bytes | None) -> None:
    """A new trigger, which has never fired. A taken id violates `triggers_pkey`."""
    await tx.execute(
        """-- triggers.insert
        INSERT INTO triggers (
            id, version, project_id, name, kind, cron, zone, catch_up, filter, capability, agent_id, input,
            enabled, next_at, seq, sealed_secret, created_by, created_at, updated_at
        ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18)
        """,
        trigger.id,
        trigger.version,
        trigger.project_id,
        trigger.name,
        trigger.kind,
        trigger.cron,
        trigger.zone,
        trigger.catch_up,
        _json(trigger.filter),
        trigger.capability,
        trigger.agent_id,
        _json(trigger.input),
        trigger.enabled,
        trigger.next_at,
        seq,
        sealed_secret,
        trigger.created_by,
        trigger.created_at,
    )


async def update(tx: Connection, trigger: Trigger, *, seq: int | None, now: datetime) -> Trigger:
    """Write what a person may change of a trigger, and begin to count its failures anew.

    With `seq` its project's log is looked through from there on.
    """
    row = await tx.fetchrow(
        f"""-- triggers.update
        UPDATE triggers AS t SET name = $2, cron = $3, zone = $4, catch_up = $5, filter = $6, capability = $7,
            agent_id = $8, input = $9, enabled = $10, next_at = $11, error = $12, created_by = $13,
            seq = coalesce($14, seq), failed = 0, version = version + 1, updated_at = $15
        WHERE id = $1 RETURNING {COLUMNS}
        """,  # noqa: S608 -- constants
        trigger.id,
        trigger.name,
        trigger.cron,
        trigger.zone,
        trigger.catch_up,
        _json(trigger.filter),
        trigger.capability,
        trigger.agent_id,
        _json(trigger.input),
        trigger.enabled,
        trigger.next_at,
        trigger.error,
        trigger.created_by,
        seq,
        now,
    )
    return _trigger(row)


async def reseal(tx: Connection, trigger_id: str, sealed_secret: bytes, now: datetime) -> Trigger:
    """Replace a webhook's secret."""
    row = await tx.fetchrow(
        f"""-- triggers.reseal
        UPDATE triggers AS t SET sealed_secret = $2, version = version + 1, updated_at = $3
        WHERE id = $1 RETURNING {COLUMNS}
        """,  # noqa: S608 -- constants
        trigger_id,
        sealed_secret,
        now,
    )
    return _trigger(row)


async def delete(tx: Connection, trigger_id: str) -> None:
    """Remove a trigger and what it has fired for."""
    await tx.execute("-- triggers.delete\nDELETE FROM triggers WHERE id = $1", trigger_id)


async def project_of(tx: Connection | Pool, trigger_id: str) -> str | None:
    """The project that a trigger belongs to."""
    found: str | None = await tx.fetchval(
        "-- triggers.project_of\nSELECT project_id FROM triggers WHERE id = $1", trigger_id
    )
    return found


async def get(tx: Connection, trigger_id: str) -> Trigger | None:
    """One trigger."""
    row = await tx.fetchrow(
        f"-- triggers.get\nSELECT {COLUMNS} FROM triggers t WHERE id = $1",
        trigger_id,
    )
    return None if row is None else _trigger(row)


async def count(tx: Connection, project_id: str) -> int:
    """How many triggers a project has."""
    number: int = await tx.fetchval(
        "-- triggers.count\nSELECT count(*) FROM triggers WHERE project_id = $1", project_id
    )
    return number


async def all_of(
    tx: Connection, project_id: str, limit: int | None = None, after: tuple[str, str] | None = None
) -> list[Trigger]:
    """A project's triggers by name, then id: all, or up to `limit` after a name and id."""
    name, trigger_id = after or (None, None)
    rows = await tx.fetch(
        f"""-- triggers.all_of
        SELECT {COLUMNS} FROM triggers t
        WHERE project_id = $1 AND ($2::text IS NULL OR (name, id) > ($2, $3::uuid))
        ORDER BY name, id LIMIT $4
        """,  # noqa: S608 -- constants
        project_id,
        name,
        trigger_id,
        limit,
    )
    return [_trigger(row) for row in rows]


async def sealed_secret(tx: Connection | Pool, trigger_id: str) -> bytes | None:
    """The secret of a webhook that fires."""
    found: bytes | None = await tx.fetchval(
        f"""-- triggers.sealed_secret
        SELECT t.sealed_secret FROM triggers t JOIN projects p ON p.id = t.project_id
        WHERE t.id = $1 AND {LIVE}
        """,  # noqa: S608 -- constants
        trigger_id,
    )
    return found


async def projects_with_due(tx: Connection | Pool) -> list[str]:
    """Projects in which schedules are due; of very many, those that have waited longest."""
    rows = await tx.fetch(
        f"""-- triggers.projects_with_due
        SELECT t.project_id FROM triggers t JOIN projects p ON p.id = t.project_id
        WHERE {LIVE} AND t.next_at <= statement_timestamp()
        GROUP BY t.project_id ORDER BY min(t.next_at) LIMIT $1
        """,  # noqa: S608 -- constants
        MAX_DUE,
    )
    return [row["project_id"] for row in rows]


async def projects_with_event_triggers(tx: Connection | Pool) -> list[str]:
    """Projects in which something has happened that triggers have yet to look at."""
    rows = await tx.fetch(
        f"""-- triggers.projects_with_event_triggers
        SELECT t.project_id FROM triggers t
        JOIN projects p ON p.id = t.project_id JOIN rooms r ON r.id = t.project_id
        WHERE {LIVE} AND t.kind = 'event' AND t.seq < r.head_seq
        GROUP BY t.project_id ORDER BY max(r.head_seq - t.seq) DESC LIMIT $1
        """,  # noqa: S608 -- constants
        MAX_DUE,
    )
    return [row["project_id"] for row in rows]


async def due(tx: Connection, project_id: str, now: datetime) -> list[Armed]:
    """The schedules of a project that are due, in order. Its room must be locked."""
    rows = await tx.fetch(
        f"""-- triggers.due
        SELECT {COLUMNS}, t.seq, t.failed FROM triggers t JOIN projects p ON p.id = t.project_id
        WHERE t.project_id = $1 AND {LIVE} AND t.next_at <= $2 ORDER BY t.next_at, t.id
        FOR UPDATE OF t
        """,  # noqa: S608 -- constants
        project_id,
        now,
    )
    return [_armed(row) for row in rows]


async def watching(tx: Connection, project_id: str, head: int) -> list[Armed]:
    """The event triggers of a project that have yet to look at events up to `head`, its locked room's.

    Those that are furthest behind come first.
    """
    rows = await tx.fetch(
        f"""-- triggers.watching
        SELECT {COLUMNS}, t.seq, t.failed FROM triggers t JOIN projects p ON p.id = t.project_id
        WHERE t.project_id = $1 AND {LIVE} AND t.kind = 'event' AND t.seq < $2 ORDER BY t.seq, t.id
        FOR UPDATE OF t
        """,  # noqa: S608 -- constants
        project_id,
        head,
    )
    return [_armed(row) for row in rows]


async def webhook(tx: Connection, trigger_id: str) -> Armed | None:
    """A webhook that fires. The room of its project must be locked."""
    row = await tx.fetchrow(
        f"""-- triggers.webhook
        SELECT {COLUMNS}, t.seq, t.failed FROM triggers t JOIN projects p ON p.id = t.project_id
        WHERE t.id = $1 AND {LIVE} AND t.kind = 'webhook' FOR UPDATE OF t
        """,  # noqa: S608 -- constants
        trigger_id,
    )
    return None if row is None else _armed(row)


async def happened(
    tx: Connection, project_id: str, after_seq: int, types: Collection[str], limit: int
) -> list[LoggedEvent]:
    """Up to `limit` events of a project after `after_seq`, in order, whatever the log still has of them.

    The data of those of other types is left out.
    """
    rows = await tx.fetch(
        """-- triggers.happened
        SELECT room_id, seq, type, at, actor_id, CASE WHEN type = ANY($3) THEN data END AS data FROM events
        WHERE room_id = $1 AND seq > $2 ORDER BY seq LIMIT $4
        """,
        project_id,
        after_seq,
        list(types),
        limit,
    )
    return [
        LoggedEvent(
            room=row["room_id"],
            seq=row["seq"],
            type=row["type"],
            at=row["at"],
            actor=row["actor_id"],
            data=msgspec.json.decode(row["data"] or "{}"),
        )
        for row in rows
    ]


async def claim(tx: Connection, trigger_id: str, key: str, now: datetime) -> bool:
    """Note that a trigger fires for `key`; False if it has before."""
    claimed: bool | None = await tx.fetchval(
        """-- triggers.claim
        INSERT INTO firings (trigger_id, key, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true
        """,
        trigger_id,
        key,
        now,
    )
    return claimed is not None


def link(tx: Unit, trigger_id: str, key: str, run_id: str) -> None:
    """Note the run that a firing has made."""
    tx.defer(
        "-- triggers.link\nUPDATE firings SET run_id = $3 WHERE trigger_id = $1 AND key = $2",
        trigger_id,
        key,
        run_id,
    )


async def run_of(tx: Connection, trigger_id: str, key: str) -> str | None:
    """The run that a firing has made, if it has."""
    found: str | None = await tx.fetchval(
        "-- triggers.run_of\nSELECT run_id FROM firings WHERE trigger_id = $1 AND key = $2", trigger_id, key
    )
    return found


async def recent(tx: Connection, trigger_id: str, since: datetime) -> int:
    """How often a trigger has fired since then."""
    number: int = await tx.fetchval(
        "-- triggers.recent\nSELECT count(*) FROM firings WHERE trigger_id = $1 AND at > $2",
        trigger_id,
        since,
    )
    return number


async def save(tx: Connection, armed: Armed, now: datetime) -> Trigger:
    """Write what firing changes of a trigger. Its version moves only when it is stopped."""
    trigger = armed.trigger
    row = await tx.fetchrow(
        f"""-- triggers.save
        UPDATE triggers AS t SET next_at = $2, fired_at = $3, fired = $4, error = $5, enabled = $6,
            failed = $7, version = CASE WHEN enabled = $6 THEN version ELSE version + 1 END,
            updated_at = CASE WHEN enabled = $6 THEN updated_at ELSE $8 END
        WHERE id = $1 RETURNING {COLUMNS}
        """,  # noqa: S608 -- constants
        trigger.id,
        trigger.next_at,
        trigger.fired_at,
        trigger.fired,
        trigger.error,
        trigger.enabled,
        armed.failed,
        now,
    )
    return _trigger(row)


async def seen(tx: Unit, seqs: Mapping[str, int]) -> None:
    """Note up to where triggers, by id, have looked through the log."""
    await tx.execute(
        """-- triggers.seen
        UPDATE triggers SET seq = s.seq FROM unnest($1::uuid[], $2::bigint[]) AS s (id, seq)
        WHERE triggers.id = s.id
        """,
        list(seqs),
        list(seqs.values()),
    )


async def prune(pool: Pool, now: datetime) -> None:
    """Forget firings older than `RETENTION_DAYS`."""
    await pool.execute(
        "-- triggers.prune\nDELETE FROM firings WHERE at < $1", now - timedelta(days=RETENTION_DAYS)
    )


def _json(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _trigger(row: asyncpg.Record) -> Trigger:
    decoded = {name: msgspec.json.decode(row[name] or "null") for name in ("filter", "input")}
    return msgspec.convert({**row, **decoded}, Trigger)


def _armed(row: asyncpg.Record) -> Armed:
    return Armed(trigger=_trigger(row), seq=row["seq"], failed=row["failed"])
