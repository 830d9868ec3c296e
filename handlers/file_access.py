"""Who may do what with a file.

A file is for whoever has its room, with the role that they have there. A restricted one is only for managers
and whoever made it, who is a manager of it as long as they may change things in the room. Grants add to
that. Invariant: whoever may not read a file learns of it nowhere.
"""

from dataclasses import dataclass

from handlers import access
from handlers.dispatch import Context
from persistence import file_grants, file_versions, files, rooms
from persistence.database import Connection
from persistence.file_grants import Standing
from persistence.files import Viewer
from persistence.rooms import Entrance
from persistence.unit import Unit
from protocol.errors import ApiError, ErrorCode, not_found
from protocol.files import FileInfo, FileVersion
from protocol.roles import RoomRole


@dataclass(frozen=True, slots=True)
class Access:
    """A file, and what somebody may do with it."""

    file: FileInfo
    role: RoomRole
    in_room: RoomRole | None
    """The role in the file's room, which may be less than a grant gives."""
    elsewhere: RoomRole | None
    """The role for what else is in the room."""


@dataclass(frozen=True, slots=True)
class Readable:
    """A version that somebody may download."""

    room_id: str
    blob_id: str
    version: FileVersion


async def file(ctx: Context, file_id: str, *, trash: bool = False) -> Access:
    """A file, with the role that the handler needs; with `trash` also a deleted one.

    In a write its room is locked, and must not be archived.
    """
    standing, entrance, role = await _standing(ctx.tx, file_id, ctx.actor.id)
    if ctx.locks:
        # Only those who have access wait for the lock; what they may do is asked again under it.
        await ctx.lock(standing.room_id)
        standing, entrance, role = await _standing(ctx.tx, file_id, ctx.actor.id)
    if standing.trashed and not trash:
        raise not_found("file")
    ctx.entered = True
    if isinstance(ctx.needs, RoomRole) and role < ctx.needs:
        raise ApiError(
            ErrorCode.FORBIDDEN, f"This takes the role «{ctx.needs}» for this file; yours is «{role}»."
        )
    if ctx.writes and entrance.archived:
        raise ApiError(ErrorCode.CONFLICT, "The file's room is archived; nothing can be changed in it.")
    found = await files.get(ctx.tx, file_id)
    if found is None:
        # A read locks nothing: it went for good in this moment.
        raise not_found("file")
    return Access(found, role, access.role_in(entrance, standing.task_id), access.role_in(entrance))


async def readable(tx: Connection, member_id: str, file_id: str, number: int | None) -> Readable:
    """A version of a file, the newest if none is named, that a member may download.

    ApiError `not_found`, or `forbidden` for one that is held.
    """
    standing, _, _ = await _standing(tx, file_id, member_id)
    found = await files.get(tx, file_id)
    if found is None or standing.trashed:
        raise not_found("file")
    version = await file_versions.get(tx, file_id, number or found.number)
    blob_id = await file_versions.blob_of(tx, file_id, number or found.number)
    if version is None or blob_id is None:
        raise not_found("file")
    refuse_held(version)
    return Readable(found.room, blob_id, version)


async def version_of(ctx: Context, file: FileInfo, number: int) -> FileVersion:
    """A version of a file; ApiError `not_found` if it has none of that number."""
    found = await file_versions.get(ctx.tx, file.id, number)
    if found is None:
        raise not_found("version")
    return found


def refuse_held(version: FileVersion) -> None:
    """ApiError `forbidden` for a version that nobody may download."""
    if version.held:
        raise ApiError(ErrorCode.FORBIDDEN, f"This file is held: {version.held}", held=version.held)


async def refuse_taken(ctx: Context, room_id: str, folder: str, name: str, own: str | None = None) -> None:
    """ApiError `conflict` if a file in a folder has a name already, unless it is the own one.

    It names the file only to those who may know of it.
    """
    taken = await files.named(ctx.tx, room_id, folder, name)
    if taken in {None, own}:
        return
    assert taken is not None
    seen = await role_for(ctx.tx, taken, ctx.actor.id) is not None
    raise ApiError(
        ErrorCode.CONFLICT,
        f"There is already a file «{name}» in that folder.",
        **({"file_id": taken} if seen else {}),
    )


async def role_for(tx: Connection | Unit, file_id: str, member_id: str) -> RoomRole | None:
    """What a member may do with a file, None if it may not even know of it."""
    try:
        _, _, role = await _standing(tx, file_id, member_id)
    except ApiError:
        return None
    return role


async def viewer(ctx: Context, room_id: str) -> Viewer:
    """The actor as somebody who looks at a room's files."""
    _, role = await access.room(ctx, room_id, kinds=access.TALK)
    return Viewer(ctx.actor.id, role)


async def _standing(
    tx: Connection | Unit, file_id: str, member_id: str
) -> tuple[Standing, Entrance, RoomRole]:
    """How a member stands to a file, with the role for it; ApiError `not_found` where there is none."""
    standing = await file_grants.standing(tx, file_id, member_id)
    if standing is None:
        raise not_found("file")
    visit = (standing.room_id, member_id)
    entrance = (await rooms.entrances(tx, [visit])).get(visit)
    role = None if entrance is None else _role(standing, entrance)
    if entrance is None or role is None:
        raise not_found("file")
    return standing, entrance, role


def _role(standing: Standing, entrance: Entrance) -> RoomRole | None:
    if not entrance.active or entrance.deleted:
        return None
    in_room = access.role_in(entrance, standing.task_id)
    makes = standing.created_by == entrance.member_id
    roles = [
        grant.access
        for grant in standing.grants
        if grant.role is None or (in_room is not None and grant.role <= in_room)
    ]
    if in_room is not None and (not standing.restricted or makes or in_room is RoomRole.MANAGER):
        manages = makes and in_room >= RoomRole.EDITOR
        roles.append(RoomRole.MANAGER if manages else in_room)
    return max(roles, default=None)
