"""Runs as processes get them: with all that it takes to do them, and how the runs that they called ended."""

from collections.abc import Collection
from typing import Any

import asyncpg
import msgspec

from persistence import questions, runs
from persistence.database import Connection
from protocol.runs import HandedOver, RunOffer, RunReply, TaskBrief


async def of_runs(tx: Connection, run_ids: Collection[str]) -> list[RunOffer]:
    """Runs with all that a process needs to do them, oldest first."""
    if not run_ids:
        return []
    rows = await tx.fetch(
        f"""-- offers.of_runs
        SELECT {runs.columns()}, r.input, r.handed,
            t.title AS task_title, t.description AS task_description, t.priority AS task_priority,
            t.labels AS task_labels
        FROM runs r LEFT JOIN tasks t ON t.id = r.task_id
        WHERE r.id = ANY($1::uuid[]) ORDER BY r.created_at, r.id
        """,  # noqa: S608 -- constants
        list(run_ids),
    )
    begun = [row["id"] for row in rows if row["attempt"] > 1 or row["started_at"] is not None]
    settled = await questions.settled_of(tx, begun) if begun else []
    told = await replies(tx, begun) if begun else {}
    return [
        RunOffer(
            run=runs.info(row),
            fence=max(1, row["attempt"]),
            input=msgspec.json.decode(row["input"]),
            task=_brief(row),
            handed=None if row["handed"] is None else msgspec.json.decode(row["handed"], type=HandedOver),
            answers=[question for question in settled if question.run_id == row["id"]],
            results={reply.key: msgspec.to_builtins(reply) for reply in told.get(row["id"], [])},
        )
        for row in rows
    ]


def _brief(row: asyncpg.Record) -> TaskBrief | None:
    if row["task_title"] is None:
        return None
    return TaskBrief(
        id=row["task_id"],
        title=row["task_title"],
        description=row["task_description"],
        priority=row["task_priority"],
        labels=row["task_labels"],
    )


async def replies(tx: Connection, run_ids: Collection[str]) -> dict[str, list[RunReply]]:
    """How the runs that these called for ended, by the run that called."""
    rows = await tx.fetch(
        """-- offers.replies
        SELECT id, parent_id, call_key, state, result, error FROM runs
        WHERE parent_id = ANY($1::uuid[]) AND ended_at IS NOT NULL AND call_key IS NOT NULL
        """,
        list(run_ids),
    )
    found: dict[str, list[RunReply]] = {}
    for row in rows:
        found.setdefault(row["parent_id"], []).append(_reply(row))
    return found


async def reply(tx: Connection, run_id: str) -> RunReply | None:
    """How a run that was called for ended."""
    row = await tx.fetchrow(
        """-- offers.reply
        SELECT id, call_key, state, result, error FROM runs
        WHERE id = $1 AND ended_at IS NOT NULL AND call_key IS NOT NULL
        """,
        run_id,
    )
    return None if row is None else _reply(row)


def _reply(row: asyncpg.Record) -> RunReply:
    fields: dict[str, Any] = {
        "run_id": row["id"],
        "key": row["call_key"],
        "state": row["state"],
        "result": row["result"] and msgspec.json.decode(row["result"]),
        "error": row["error"] and msgspec.json.decode(row["error"]),
    }
    return msgspec.convert(fields, RunReply)
