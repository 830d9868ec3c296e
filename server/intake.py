"""The life of an upload: begun once it is certain that it may be, received, and when it is whole made a file,
or an object of a sealed room.

Invariants: limits are checked before work. A whole upload becomes what it was to be exactly once, however
often that is tried; what was refused leaves nothing behind. A content is in the store before a row says so.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import structlog
from msgspec.structs import replace

from handlers.dispatch import Caller, Context, Dispatcher
from persistence import blobs, quotas, storage, uploads
from persistence.ids import new_id
from persistence.quotas import Limits
from persistence.staging import Source
from persistence.storage import STORE_FAILURES
from persistence.uploads import Upload
from protocol.errors import RETRYABLE, ApiError, ErrorCode, invalid
from protocol.files import FileInfo
from protocol.roles import RoomRole, WorkspaceRole
from protocol.uploads import SealedObject, UploadTarget
from server import destinations, tus
from server.destinations import Wish
from server.receiving import Receiver
from server.turns import Turn

logger = structlog.get_logger(__name__)

PLACINGS = 5
"""Tries to place a content that is collected at the very moment at which it is uploaded again."""


class _GoneError(Exception):
    """The content that the room had was collected meanwhile."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an upload is to be: of a part of another nothing is wished."""

    wish: Wish | None
    length: int | None
    parts: list[str] | None = None


class Intake:
    """Begins, receives and completes the uploads of one node."""

    def __init__(self, receiver: Receiver, dispatcher: Dispatcher, limits: Limits) -> None:
        self.receiver = receiver
        self.limits = limits
        self._dispatcher = dispatcher
        self._pool = receiver.pool
        self._store = receiver.store

    async def begin(self, caller: Caller, plan: Plan) -> tuple[Upload, Turn]:
        """A new upload, and the turn at it, which is the caller's to keep. ApiError if it may not be."""
        turn = Turn(new_id(), new_id())

        async def work(ctx: Context) -> Upload:
            upload = await self._planned(ctx, turn.upload_id, plan)
            await uploads.insert(ctx.tx, upload, turn.lock_id, ctx.now)
            return upload

        needs = WorkspaceRole.GUEST if plan.wish is None else RoomRole.EDITOR
        made = await self._dispatcher.act(caller.member_id, needs, work, correlation_id=caller.correlation_id)
        return made, turn

    async def _planned(self, ctx: Context, upload_id: str, plan: Plan) -> Upload:
        length = plan.length
        target = None if plan.wish is None else await destinations.prepare(ctx, plan.wish)
        if plan.parts is not None:
            length = _joined(plan.parts, await uploads.get_all(ctx.tx, plan.parts, ctx.actor.id))
        upload = Upload(
            id=upload_id,
            member_id=ctx.actor.id,
            target=target,
            length=length,
            received=0 if plan.parts is None else length or 0,
            partial=target is None,
            parts=plan.parts,
            expires_at=ctx.now + self.receiver.keep_for,
        )
        # The bytes of parts were counted as they came.
        await self._reserve(ctx, upload, more=length or 0, coming=0 if plan.parts else length or 0, new=True)
        return upload

    async def declare(self, caller: Caller, upload: Upload, length: int | None, more: int) -> Upload:
        """An upload of unknown length, once its length, or `more` bytes of it, are certain to be allowed."""
        if length is not None and length < upload.received:
            raise invalid(
                f"{tus.LENGTH}: is less than the {upload.received} bytes that are here.", tus.LENGTH
            )
        declared = replace(upload, length=length, expected=upload.received + more)

        async def work(ctx: Context) -> Upload:
            further = max(declared.reserved - upload.reserved, 0)
            await self._reserve(ctx, declared, more=further, coming=further, new=False)
            await uploads.declare(ctx.tx, declared)
            return declared

        return await self._dispatcher.act(
            caller.member_id, WorkspaceRole.GUEST, work, correlation_id=caller.correlation_id
        )

    async def _reserve(self, ctx: Context, upload: Upload, *, more: int, coming: int, new: bool) -> None:
        if upload.reserved > self.limits.largest:
            raise tus.too_large(self.limits.largest)
        await quotas.reserve(
            ctx.tx,
            self.limits,
            room_id=None if upload.target is None else upload.target.room,
            member_id=upload.member_id,
            more=more,
            coming=coming,
            new=new,
            now=ctx.now,
        )

    async def complete(self, caller: Caller, upload: Upload, turn: Turn) -> FileInfo | SealedObject:
        """What a whole upload becomes. What is refused for good is removed."""
        try:
            sources = await self._sources(upload)
            digest = self.receiver.digest(upload) or await self._store.staging.digest(sources)
            target = upload.target
            if isinstance(target, UploadTarget) and target.sha256 not in {None, digest.hex()}:
                raise tus.mismatch("The whole does not have the sha256 that was announced")
            made = await self._placed(caller, upload, turn, sources, digest)
        except ApiError as error:
            if error.code not in RETRYABLE:
                await self.discard([upload.id, *(upload.parts or [])])
            raise
        self.receiver.forget(upload.id)
        # What this leaves behind is removed when the upload expires.
        with suppress(*STORE_FAILURES):
            await self._store.staging.discard(upload.id)
            await self.discard(upload.parts or [])
        return made

    async def discard(self, upload_ids: Sequence[str]) -> None:
        """Forget uploads, and remove what they have staged."""
        await uploads.delete(self._pool, upload_ids)
        for upload_id in upload_ids:
            self.receiver.forget(upload_id)
            await self._store.staging.discard(upload_id)

    async def _sources(self, upload: Upload) -> list[Source]:
        if upload.parts is None:
            return [Source(upload.id, upload.received)]
        found = await uploads.get_all(self._pool, upload.parts, upload.member_id)
        _joined(upload.parts, found)
        return [Source(part, found[part].received) for part in upload.parts]

    async def _placed(
        self, caller: Caller, upload: Upload, turn: Turn, sources: list[Source], digest: bytes
    ) -> FileInfo | SealedObject:
        """What it becomes, once its content is in the store, unless the room has it there already."""
        assert upload.target is not None
        room_id = upload.target.room
        for _ in range(PLACINGS):
            new_blob = new_id()
            key = storage.content_key(room_id, digest, new_blob)
            placed = await blobs.find(self._pool, room_id, digest) is None
            if placed:
                await self._store.staging.place(sources, key)
            commit = partial(self._commit, upload, turn, digest, new_blob, placed=placed)
            try:
                made, used = await self._dispatcher.act(
                    caller.member_id, RoomRole.EDITOR, commit, correlation_id=caller.correlation_id
                )
            except _GoneError:
                continue
            except ApiError as error:
                if placed and error.code not in RETRYABLE:
                    await self._store.delete([key])
                raise
            if placed and not used:
                # Somebody was faster with the same content.
                await self._store.delete([key])
            return made
        raise ApiError(ErrorCode.UNAVAILABLE, "The same content is being removed; try again.")

    async def _commit(
        self, upload: Upload, turn: Turn, digest: bytes, new_blob: str, ctx: Context, *, placed: bool
    ) -> tuple[FileInfo | SealedObject, bool]:
        target, length = upload.target, upload.length
        assert target is not None
        assert length is not None
        # In the order in which everybody else locks a room and what is in it.
        await ctx.lock(target.room)
        blob_id, new = await blobs.claim(ctx.tx, target.room, digest, length, new_blob, ctx.now)
        if new and not placed:
            raise _GoneError
        made = await destinations.commit(ctx, target, blob_id)
        if not await uploads.finish(ctx.tx, upload.id, turn.lock_id, made.id):
            raise tus.locked()
        return made, new


def _joined(parts: list[str], found: dict[str, Upload]) -> int:
    """The length of the whole that whole parts make; ApiError `invalid` if some are none."""
    for part in parts:
        if part not in found or not found[part].partial:
            raise invalid(f"{tus.CONCAT}: {part} is no partial upload of yours.", tus.CONCAT)
        if not found[part].whole:
            raise invalid(f"{tus.CONCAT}: {part} is not whole yet.", tus.CONCAT)
    return sum(found[part].received for part in parts)
