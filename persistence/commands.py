"""Carried-out commands, so that one sent twice is carried out once."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from persistence import members
from persistence.database import Connection, Pool
from protocol.errors import ApiError, ErrorCode
from protocol.members import Member
from protocol.registry import Command

RETENTION_DAYS = 14
"""Twice as long as a client's outbox keeps a command."""


class Claim(NamedTuple):
    """That somebody carries out a command."""

    actor_id: str
    command_id: str
    request_hash: bytes


class Start(NamedTuple):
    """What a transaction begins with: the database's time, who acts, and the claims that are ours."""

    now: datetime
    actors: dict[str, Member]
    ours: set[Claim]


def request_hash(name: str, command: Command[Any]) -> bytes:
    """The request's identity: the same for the same command with the same fields."""
    body = msgspec.json.encode((name, command), order="deterministic")
    return hashlib.blake2b(body, digest_size=32).digest()


async def start(
    tx: Connection, actor_ids: Collection[str], claims: Sequence[Claim], *, patience: int = 0
) -> Start:
    """Claim these actors' commands, wait for whoever claimed one of them before, and read who they are.

    From here to the end of the transaction, waiting over `patience` milliseconds for a lock raises
    LockNotAvailableError; 0 waits as long as it takes.
    """
    rows = await tx.fetch(
        f"""-- commands.start
        WITH claimed AS (
            INSERT INTO commands (actor_id, command_id, request_hash, at)
            SELECT c.actor, c.id, c.hash, statement_timestamp()
            FROM unnest($2::uuid[], $3::uuid[], $4::bytea[]) AS c (actor, id, hash)
            ORDER BY c.actor, c.id
            ON CONFLICT DO NOTHING RETURNING actor_id, command_id
        )
        SELECT now, set_config('lock_timeout', $5, true), {members.COLUMNS},
            ARRAY(SELECT command_id FROM claimed WHERE actor_id = members.id) AS claimed
        FROM statement_timestamp() AS now LEFT JOIN members ON id = ANY($1::uuid[])
        """,  # noqa: S608 -- a constant
        list(actor_ids),
        [claim.actor_id for claim in claims],
        [claim.command_id for claim in claims],
        [claim.request_hash for claim in claims],
        str(patience),
    )
    claimed = {(row["id"], command_id) for row in rows for command_id in row["claimed"]}
    # Of two requests with one id, which is a mistake, the first has claimed it.
    first = {claim[:2]: claim for claim in reversed(claims)}
    return Start(
        rows[0]["now"],
        {row["id"]: msgspec.convert(dict(row), Member) for row in rows if row["id"]},
        {first[each] for each in claimed},
    )


async def stored(tx: Connection, claim: Claim) -> bytes:
    """The JSON of the reply to a command that somebody has claimed before.

    ApiError `conflict` if its id was used for another request, or the reply was not kept.
    """
    row = await tx.fetchrow(
        """-- commands.stored
        SELECT request_hash, reply FROM commands WHERE actor_id = $1 AND command_id = $2
        """,
        claim.actor_id,
        claim.command_id,
    )
    if row is None or row["request_hash"] != claim.request_hash:
        raise ApiError(
            ErrorCode.CONFLICT,
            "This command_id was used for a different request; give each request its own.",
        )
    if row["reply"] is None:
        raise ApiError(
            ErrorCode.CONFLICT,
            "This command was carried out; its reply held a secret that is shown only once.",
        )
    return str(row["reply"]).encode()


async def prune(pool: Pool) -> int:
    """Forget commands older than `RETENTION_DAYS`; how many there were."""
    return len(
        await pool.fetch(
            """-- commands.prune
            DELETE FROM commands WHERE at < now() - make_interval(days => $1) RETURNING 1
            """,
            RETENTION_DAYS,
        )
    )
