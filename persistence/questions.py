"""Questions' rows."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from persistence import pages
from persistence.database import Connection, Pool
from persistence.unit import Unit
from protocol.fields import Page
from protocol.questions import Question, QuestionList

COLUMNS = list(Question.__struct_fields__)
JSON = {"form", "arguments", "answer"}
SELECT = f"SELECT {', '.join(f'q.{column}' for column in COLUMNS)} FROM questions q"  # noqa: S608 -- constants


def _question(row: asyncpg.Record) -> Question:
    decoded = {
        column: msgspec.json.decode(row[column])
        if column in JSON and row[column] is not None
        else row[column]
        for column in COLUMNS
    }
    return msgspec.convert(decoded, Question)


def _values(question: Question) -> list[Any]:
    return [
        msgspec.json.encode(value).decode() if column in JSON and value is not None else value
        for column in COLUMNS
        for value in [getattr(question, column)]
    ]


async def insert(tx: Unit, question: Question) -> None:
    """A new question."""
    places = ", ".join(f"${number}" for number in range(1, len(COLUMNS) + 1))
    await tx.execute(
        f"-- questions.insert\nINSERT INTO questions ({', '.join(COLUMNS)}) VALUES ({places})",
        *_values(question),
    )


def save(tx: Unit, question: Question) -> None:
    """Write how a question stands."""
    written = ("state", "answer", "comment", "answered_by", "answered_at", "used_at")
    values = dict(zip(COLUMNS, _values(question), strict=True))
    tx.defer(
        """-- questions.save
        UPDATE questions
        SET state = $2, answer = $3, comment = $4, answered_by = $5, answered_at = $6, used_at = $7
        WHERE id = $1
        """,
        question.id,
        *(values[column] for column in written),
    )


async def get(tx: Connection, question_id: str) -> Question | None:
    """One question."""
    row = await tx.fetchrow(f"-- questions.get\n{SELECT} WHERE q.id = $1", question_id)
    return None if row is None else _question(row)


async def asked(tx: Connection, run_id: str, key: str) -> Question | None:
    """What a run has asked under a key."""
    row = await tx.fetchrow(f"-- questions.asked\n{SELECT} WHERE q.run_id = $1 AND q.key = $2", run_id, key)
    return None if row is None else _question(row)


async def of_run(tx: Connection, run_id: str) -> list[Question]:
    """All that a run has asked, oldest first."""
    rows = await tx.fetch(
        f"-- questions.of_run\n{SELECT} WHERE q.run_id = $1 ORDER BY q.created_at, q.id", run_id
    )
    return [_question(row) for row in rows]


async def open_of(tx: Connection, run_id: str) -> list[Question]:
    """What a run has asked and nobody has answered."""
    rows = await tx.fetch(f"-- questions.open_of\n{SELECT} WHERE q.run_id = $1 AND q.state = 'open'", run_id)
    return [_question(row) for row in rows]


async def settled_of(tx: Connection, run_ids: Collection[str]) -> list[Question]:
    """What these runs have asked and that is open no longer."""
    rows = await tx.fetch(
        f"-- questions.settled_of\n{SELECT} WHERE q.run_id = ANY($1::uuid[]) AND q.state <> 'open'",
        list(run_ids),
    )
    return [_question(row) for row in rows]


async def open_in(tx: Connection, project_id: str) -> list[Question]:
    """The open questions of a project."""
    rows = await tx.fetch(
        f"-- questions.open_in\n{SELECT} WHERE q.project_id = $1 AND q.state = 'open'", project_id
    )
    return [_question(row) for row in rows]


async def count(tx: Connection, run_id: str) -> int:
    """How many questions a run has asked."""
    number: int = await tx.fetchval(
        "-- questions.count\nSELECT count(*) FROM questions WHERE run_id = $1", run_id
    )
    return number


async def count_open(tx: Connection, project_id: str) -> int:
    """How many questions of a project are open."""
    number: int = await tx.fetchval(
        "-- questions.count_open\nSELECT count(*) FROM questions WHERE project_id = $1 AND state = 'open'",
        project_id,
    )
    return number


CREATED = pages.Order[Question](
    "q.created_at", "${}::timestamptz", datetime, lambda question: question.created_at
)


async def page(
    tx: Connection, query: QuestionList, member_id: str, project_ids: Collection[str]
) -> Page[Question]:
    """Questions in these projects that are for a member, or for everybody, newest first."""
    arguments: list[Any] = [list(project_ids), member_id, query.open, query.run_id]
    after, sorting = pages.keyset(CREATED, "q.id", cursor=query.cursor, descending=True, arguments=arguments)
    rows = await tx.fetch(
        f"""-- questions.page
        {SELECT} WHERE q.project_id = ANY($1::uuid[]) AND (NOT $3 OR q.state = 'open')
            AND ($4::uuid IS NULL OR q.run_id = $4)
            AND (q.asked = '{{}}' OR $2::uuid = ANY(q.asked) OR $4::uuid IS NOT NULL)
            AND {after} {sorting} LIMIT ${len(arguments) + 1}
        """,
        *arguments,
        query.limit + 1,
    )
    found = [_question(row) for row in rows]
    return pages.page(found, query.limit, lambda question: (question.created_at, question.id))


async def overdue(tx: Connection | Pool, limit: int) -> dict[str, list[str]]:
    """Open questions whose time is over, by project."""
    rows = await tx.fetch(
        """-- questions.overdue
        SELECT project_id, array_agg(id) AS ids FROM (
            SELECT project_id, id FROM questions WHERE state = 'open' AND expires_at < now() LIMIT $1
        ) due GROUP BY project_id
        """,
        limit,
    )
    return {row["project_id"]: row["ids"] for row in rows}


async def renew(tx: Unit, question: Question) -> None:
    """Ask again, in place of a question that was withdrawn."""
    await tx.execute("-- questions.forget\nDELETE FROM questions WHERE id = $1", question.id)
    await insert(tx, question)
