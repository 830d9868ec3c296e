"""Files in a world without bytes: contents that are known by their digest, and what was read from them."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from handlers import filing, sealed_objects
from handlers.dispatch import Context
from persistence import analyses, blobs, file_texts, file_versions
from persistence.analyses import Outcome
from persistence.ids import new_id
from persistence.unit import Unit
from protocol.files import (
    AnalysisState,
    ContentKind,
    FileDescription,
    FileInfo,
    FileVersion,
    Preview,
    Quality,
    QualityPart,
)
from protocol.members import Member
from protocol.roles import RoomRole
from protocol.uploads import ObjectTarget, SealedObject, UploadTarget
from tests.world import World


def digest(content: str) -> str:
    """By which a content is known."""
    return hashlib.sha256(content.encode()).hexdigest()


def version(number: int, content: str = "", **fields: Any) -> FileVersion:
    """A version of a text."""
    plain = FileVersion(
        file_id="019ca904-f3c0-7012-8012-000000000001",
        number=number,
        name="plan.md",
        bytes=len(content),
        sha256=digest(content),
        media_type="text/plain",
        kind=ContentKind.TEXT,
        analysis=AnalysisState.DONE,
        quality=None,
        held="",
        label="",
        restored_from=None,
        run_id=None,
        created_by="019ca869-5000-7002-8002-000000000001",
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
    )
    return replace(plain, **fields)


async def put(
    world: World, member: Member, room: str, name: str, content: str = "", **target: Any
) -> FileInfo:
    """The file that a member's upload becomes; ApiError where it is refused."""
    wanted = UploadTarget(room=room, name=name, **target)

    async def work(ctx: Context) -> FileInfo:
        blob_id, _ = await blobs.claim(
            ctx.tx,
            room,
            bytes.fromhex(digest(content)),
            len(content.encode()),
            new_id(),
            ctx.now,
        )
        return await filing.commit(ctx, wanted, blob_id=blob_id, media_type="text/plain")

    return await world.dispatcher.act(member.id, RoomRole.EDITOR, work, correlation_id="test")


async def put_object(world: World, member: Member, room: str, object_id: str) -> SealedObject:
    """The object that a member's upload to a sealed room becomes; ApiError where it is refused."""
    content = digest(object_id)

    async def work(ctx: Context) -> SealedObject:
        blob_id, _ = await blobs.claim(ctx.tx, room, bytes.fromhex(content), len(content), new_id(), ctx.now)
        return await sealed_objects.commit(ctx, ObjectTarget(room=room, object_id=object_id), blob_id)

    return await world.dispatcher.act(member.id, RoomRole.EDITOR, work, correlation_id="test")


async def read(
    world: World,
    file: FileInfo,
    pages: Sequence[str] = (),
    *,
    kind: ContentKind = ContentKind.TEXT,
    media_type: str = "text/plain",
    language: str | None = "en",
    score: int | None = None,
    metadata: dict[str, Any] | None = None,
    previews: Sequence[Preview] = (),
    **outcome: Any,
) -> str:
    """Let a file's newest content have been read, with this outcome; the content's id."""
    blob_id = await file_versions.blob_of(world.pool, file.id, file.number)
    assert blob_id is not None
    part = QualityPart(name="structure", score=score or 0, weight=1, reason="It has 3 headings.")
    description = FileDescription(
        media_type=media_type,
        kind=kind,
        language=language,
        pages=len(pages) or None,
        characters=sum(map(len, pages)),
        metadata=metadata or {},
        quality=None if score is None else Quality(score=score, parts=[part]),
        findings=[],
        previews=list(previews),
        error="",
    )
    async with world.pool.acquire() as connection, connection.transaction():
        tx = Unit(connection)
        read_now = Outcome(state=AnalysisState.DONE, description=description, **outcome)
        await analyses.finish(tx, blob_id, read_now)
        await file_texts.put(tx, blob_id, pages, language)
        await tx.flush()
    return blob_id
