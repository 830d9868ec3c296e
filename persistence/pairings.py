"""Steps of pairing that two devices send each other, for the few minutes that it takes."""

from datetime import datetime, timedelta

import msgspec

from persistence.database import Connection, Pool, fetch_all
from persistence.unit import Unit
from protocol.fields import PAIRING_SECONDS
from protocol.identities import PairingPurpose

WINDOW = timedelta(hours=1)
"""In which pairings are counted."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step as it is kept."""

    id: str
    step: int
    purpose: PairingPurpose
    sender_id: str
    recipient_id: str
    body: bytes
    at: datetime


async def steps(tx: Connection | Unit, pairing_id: str) -> list[Step]:
    """What was sent in a pairing so far."""
    return await fetch_all(
        tx,
        Step,
        """-- pairings.steps
        SELECT id, step, purpose, sender_id, recipient_id, body, at FROM pairings WHERE id = $1 ORDER BY step
        """,
        pairing_id,
    )


async def begun(tx: Connection | Unit, sender_id: str, now: datetime) -> int:
    """How many pairings somebody has begun of late."""
    number: int = await tx.fetchval(
        "-- pairings.begun\nSELECT count(*) FROM pairings WHERE sender_id = $1 AND step = 0 AND at > $2",
        sender_id,
        now - WINDOW,
    )
    return number


async def insert(tx: Connection | Unit, step: Step) -> None:
    """Keep a step."""
    await tx.execute(
        """-- pairings.insert
        INSERT INTO pairings (id, step, purpose, sender_id, recipient_id, body, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        step.id,
        step.step,
        step.purpose,
        step.sender_id,
        step.recipient_id,
        step.body,
        step.at,
    )


async def received(tx: Connection | Unit, member_id: str, now: datetime) -> list[Step]:
    """What was sent to somebody's devices and still counts, oldest first."""
    return await fetch_all(
        tx,
        Step,
        """-- pairings.received
        SELECT id, step, purpose, sender_id, recipient_id, body, at FROM pairings
        WHERE recipient_id = $1 AND at > $2 ORDER BY at, id, step LIMIT 100
        """,
        member_id,
        now - timedelta(seconds=PAIRING_SECONDS),
    )


async def prune(pool: Pool) -> None:
    """Forget what no count needs any more."""
    await pool.execute(
        "-- pairings.prune\nDELETE FROM pairings WHERE at < clock_timestamp() - $1::interval", WINDOW
    )
