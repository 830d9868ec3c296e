"""What was read from contents, and which contents are yet to be read.

Rows wait with the state `pending`; a node claims some for a while, so that those of a node that dies are
claimed again by another.
"""

from datetime import timedelta

import msgspec

from persistence.database import Connection, Pool, fetch_all
from persistence.files import Viewer, visible
from persistence.unit import Unit
from protocol.files import AnalysisState, ContentKind, FileDescription, FileInfo

UNCHECKED = "It is still being checked for malware."
"""Why a content is held until then."""
UNCHECKABLE = "It could not be checked for malware."
"""Why one is held of which that is never known."""
ATTEMPTS = 3
"""After so many claims that came to nothing a content is given up."""


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """A content that is to be read."""

    blob_id: str
    room_id: str
    sha256: bytes
    bytes: int
    name: str
    attempts: int


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What was read."""

    state: AnalysisState
    description: FileDescription
    fingerprint: int | None = None
    look: int | None = None
    held: str = ""


class Similar(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is like another."""

    file_id: str
    likeness: float


async def expect(tx: Unit, blob_id: str, name: str, media_type: str, *, checked: bool) -> None:
    """Have a content read, if that has not been asked for before; with `checked` it is held until then."""
    await tx.execute(
        f"""-- analyses.expect
        INSERT INTO analyses (blob_id, name, media_type, kind, held)
        VALUES ($1, $2, $3, '{ContentKind.OTHER}', $4)
        ON CONFLICT (blob_id) DO NOTHING
        """,  # noqa: S608 -- constants
        blob_id,
        name,
        media_type,
        UNCHECKED if checked else "",
    )


async def claim(pool: Pool, limit: int, lease: timedelta) -> list[Unread]:
    """Take contents that nobody reads, for so long."""
    return await fetch_all(
        pool,
        Unread,
        """-- analyses.claim
        WITH waiting AS (
            SELECT blob_id FROM analyses
            WHERE state = 'pending' AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
            ORDER BY blob_id LIMIT $1 FOR UPDATE SKIP LOCKED
        )
        UPDATE analyses a SET claimed_until = clock_timestamp() + $2::interval, attempts = attempts + 1
        FROM waiting w JOIN blobs b ON b.id = w.blob_id WHERE a.blob_id = w.blob_id
        RETURNING a.blob_id, b.room_id, b.sha256, b.bytes, a.name, a.attempts
        """,
        limit,
        lease,
    )


async def give_back(pool: Pool, blob_id: str, pause: timedelta) -> None:
    """Let a claimed content be claimed again after a pause, as if this had been no attempt."""
    await pool.execute(
        """-- analyses.give_back
        UPDATE analyses SET attempts = attempts - 1, claimed_until = clock_timestamp() + $2::interval
        WHERE blob_id = $1 AND state = 'pending'
        """,
        blob_id,
        pause,
    )


async def finish(tx: Connection | Unit, blob_id: str, outcome: Outcome) -> bool:
    """Keep what was read; False if the content is no longer there, or was read meanwhile.

    A hold that somebody has set stays.
    """
    description = outcome.description
    done: bool | None = await tx.fetchval(
        """-- analyses.finish
        WITH blob AS (
            -- First, as whoever removes it does; what follows refers to it.
            SELECT id FROM blobs WHERE id = $1 FOR KEY SHARE
        )
        UPDATE analyses SET state = $2, media_type = $3, kind = $4, language = $5, pages = $6,
            characters = $7, metadata = $8, quality = $9, score = $10, findings = $11, previews = $12,
            error = $13, fingerprint = $14, look = $15,
            held = CASE WHEN held IN ('', $17) THEN $16 ELSE held END, claimed_until = NULL,
            analyzed_at = clock_timestamp()
        FROM blob WHERE blob_id = blob.id AND state = 'pending' RETURNING true
        """,
        blob_id,
        outcome.state,
        description.media_type,
        description.kind,
        description.language,
        description.pages,
        description.characters,
        _json(description.metadata),
        None if description.quality is None else _json(description.quality),
        None if description.quality is None else description.quality.score,
        _json(description.findings),
        _json(description.previews),
        description.error,
        outcome.fingerprint,
        outcome.look,
        outcome.held,
        UNCHECKED,
    )
    return done is not None


async def describe(tx: Connection | Unit, blob_id: str) -> FileDescription | None:
    """What was read from a content; None while it waits."""
    row = await tx.fetchrow(
        """-- analyses.describe
        SELECT media_type, kind, language, pages, characters, metadata, quality, findings, previews, error
        FROM analyses WHERE blob_id = $1 AND state <> 'pending'
        """,
        blob_id,
    )
    if row is None:
        return None
    read = {name: msgspec.json.decode(row[name] or "null") for name in _JSON}
    return msgspec.convert({**row, **read}, FileDescription)


_JSON = ("metadata", "quality", "findings", "previews")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def hold(tx: Unit, blob_id: str, reason: str) -> None:
    """Keep everybody from downloading a content; with an empty reason let it go."""
    await tx.execute("-- analyses.hold\nUPDATE analyses SET held = $2 WHERE blob_id = $1", blob_id, reason)


async def previews(tx: Connection | Unit | Pool, blob_id: str) -> list[str]:
    """The names of a content's pictures."""
    found = await tx.fetchval(
        "-- analyses.previews\nSELECT previews FROM analyses WHERE blob_id = $1", blob_id
    )
    return [preview["name"] for preview in msgspec.json.decode(found or "[]")]


async def similar(tx: Connection | Unit, file: FileInfo, viewer: Viewer, limit: int) -> list[Similar]:
    """Files of the same room that are nearly the same, by their words or their look, the most alike first.

    Those that a viewer may see.
    The newest versions are compared: by at most 3 of 64 bits that differ for words, 8 for looks.
    """
    return await fetch_all(
        tx,
        Similar,
        f"""-- analyses.similar
        WITH this AS (
            SELECT v.blob_id, a.fingerprint, a.look
            FROM file_versions v JOIN analyses a ON a.blob_id = v.blob_id
            WHERE v.file_id = $1 AND v.number = $2
        ), alike AS (
            SELECT f.id AS file_id, CASE WHEN v.blob_id = this.blob_id THEN 1.0 ELSE greatest(
                CASE WHEN bit_count((a.fingerprint # this.fingerprint)::bit(64)) <= 3
                    THEN 1 - bit_count((a.fingerprint # this.fingerprint)::bit(64)) / 64.0 END,
                CASE WHEN bit_count((a.look # this.look)::bit(64)) <= 8
                    THEN 1 - bit_count((a.look # this.look)::bit(64)) / 64.0 END
            ) END AS likeness
            FROM this, files f JOIN file_versions v ON v.file_id = f.id AND v.number = f.number
                JOIN analyses a ON a.blob_id = v.blob_id
            WHERE f.room_id = $3 AND f.id <> $1 AND f.purge_at IS NULL
                AND {visible("$5::uuid", "$6::text")}
        )
        SELECT file_id, likeness::double precision AS likeness FROM alike
        WHERE likeness IS NOT NULL ORDER BY likeness DESC, file_id LIMIT $4
        """,  # noqa: S608 -- constants
        file.id,
        file.number,
        file.room,
        limit,
        viewer.member_id,
        viewer.role,
    )
