"""What runs made, besides their results."""

import msgspec

from persistence.database import Connection, fetch_all
from persistence.unit import Unit
from protocol.runs import Artifact


async def of_run(tx: Connection | Unit, run_id: str) -> list[Artifact]:
    """What a run made, oldest first, without its content."""
    return await fetch_all(
        tx,
        Artifact,
        """-- artifacts.of_run
        SELECT id, run_id, name, media_type, bytes, created_at FROM artifacts WHERE run_id = $1 ORDER BY id
        """,
        run_id,
    )


async def get(tx: Connection | Unit, artifact_id: str) -> tuple[Artifact, str] | None:
    """One artifact with its content."""
    row = await tx.fetchrow(
        """-- artifacts.get
        SELECT id, run_id, name, media_type, bytes, created_at, content FROM artifacts WHERE id = $1
        """,
        artifact_id,
    )
    return None if row is None else (msgspec.convert(dict(row), Artifact), row["content"])


def add(tx: Unit, artifact: Artifact, content: str) -> None:
    """A new artifact."""
    tx.defer(
        """-- artifacts.add
        INSERT INTO artifacts (id, run_id, name, media_type, bytes, content, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        artifact.id,
        artifact.run_id,
        artifact.name,
        artifact.media_type,
        artifact.bytes,
        content,
        artifact.created_at,
    )
