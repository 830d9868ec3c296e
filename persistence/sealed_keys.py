"""Boxes with epochs' secrets for single devices, and which devices ask for one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from persistence.database import Connection, fetch_all
from persistence.unit import Unit

WANTED = timedelta(days=7)
"""How long a device's question stands."""


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """The secret of an epoch for one device."""

    epoch: int
    box: bytes


class Want(msgspec.Struct, frozen=True, kw_only=True):
    """A device that lacks secrets, the newest of them that of `epoch`."""

    fp: bytes
    device_id: bytes
    epoch: int


async def put_boxes(
    tx: Connection | Unit, room_id: str, epoch: int, devices: Sequence[bytes], boxes: Sequence[bytes]
) -> None:
    """The boxes that come with an epoch, in the order of the devices."""
    await tx.execute(
        """-- sealed_keys.put_boxes
        INSERT INTO sealed_boxes (room_id, device_id, epoch, granted, box)
        SELECT $1, device, $2, false, box FROM unnest($3::bytea[], $4::bytea[]) AS t (device, box)
        """,
        room_id,
        epoch,
        list(devices),
        list(boxes),
    )


async def grant(tx: Connection | Unit, room_id: str, epoch: int, device_id: bytes, box: bytes) -> None:
    """A box that is given later; the newest counts, since one before it may have been spoilt."""
    await tx.execute(
        """-- sealed_keys.grant
        INSERT INTO sealed_boxes (room_id, device_id, epoch, granted, box) VALUES ($1, $2, $3, true, $4)
        ON CONFLICT (room_id, device_id, epoch, granted) DO UPDATE SET box = $4
        """,
        room_id,
        device_id,
        epoch,
        box,
    )


async def boxes(
    tx: Connection | Unit, room_id: str, device_id: bytes, from_epoch: int, limit: int
) -> list[Box]:
    """The boxes for a device, by epoch; the one that came with it before the one granted."""
    return await fetch_all(
        tx,
        Box,
        """-- sealed_keys.boxes
        SELECT epoch, box FROM sealed_boxes WHERE room_id = $1 AND device_id = $2 AND epoch >= $3
        ORDER BY epoch, granted LIMIT $4
        """,
        room_id,
        device_id,
        from_epoch,
        limit,
    )


async def want(tx: Connection | Unit, room_id: str, asked: Want, now: datetime) -> None:
    """Note that a device asks."""
    await tx.execute(
        """-- sealed_keys.want
        INSERT INTO sealed_wants (room_id, device_id, fp, epoch, at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (room_id, device_id) DO UPDATE SET epoch = $4, at = $5
        """,
        room_id,
        asked.device_id,
        asked.fp,
        asked.epoch,
        now,
    )


async def satisfy(tx: Connection | Unit, room_id: str, device_id: bytes, epoch: int) -> None:
    """A device has been given what it asked for."""
    await tx.execute(
        """-- sealed_keys.satisfy
        DELETE FROM sealed_wants WHERE room_id = $1 AND device_id = $2 AND epoch <= $3
        """,
        room_id,
        device_id,
        epoch,
    )


async def wants(tx: Connection | Unit, room_id: str, now: datetime, limit: int) -> list[Want]:
    """Who asks, the longest waiting first."""
    return await fetch_all(
        tx,
        Want,
        """-- sealed_keys.wants
        SELECT fp, device_id, epoch FROM sealed_wants WHERE room_id = $1 AND at > $2
        ORDER BY at, device_id LIMIT $3
        """,
        room_id,
        now - WANTED,
        limit,
    )
