"""Who gets in: each function fetches, checks the role and, in a write, locks, in one call.

What it takes stands with the handler (`@handles(TaskUpdate, RoomRole.EDITOR)`); what a member
has is decided here, and nowhere else. Strangers get `not_found`, so existence does not leak;
those who may look but not touch get `forbidden`. Whose membership is for one task has its role there, and
is a viewer of the rest of the project.
"""

from collections.abc import Iterable
from functools import partial

from handlers.dispatch import Context
from persistence import messages, projects, rooms, tasks
from persistence.rooms import Entrance
from protocol.errors import ApiError, ErrorCode, not_found
from protocol.messages import Message
from protocol.projects import Project, ProjectState
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import RoomKind
from protocol.tasks import Task

PROJECT = frozenset({RoomKind.PROJECT})
TALK = frozenset({RoomKind.CHANNEL, RoomKind.DIRECT, RoomKind.PROJECT})
"""The kinds of rooms in which messages are sent."""
SEALED = frozenset({RoomKind.SEALED})


OWN_RUN = "own run"
"""In place of a task: what an agent says of a run that it was given, and so within its access."""


def role_in(entrance: Entrance, about: str | None = None) -> RoomRole | None:
    """The role that a member has in a room, from its membership and its workspace role.

    `about` is the task that it is about, or `OWN_RUN`.
    """
    workspace_role = entrance.workspace_role
    if not entrance.active:
        return None
    if entrance.kind is RoomKind.INBOX:
        return RoomRole.MANAGER if entrance.id == entrance.member_id else None
    if entrance.kind is RoomKind.WORKSPACE:
        if workspace_role >= WorkspaceRole.ADMIN:
            return RoomRole.MANAGER
        return RoomRole.VIEWER if workspace_role >= WorkspaceRole.MEMBER else None
    if entrance.kind in {RoomKind.DIRECT, RoomKind.SEALED} or (
        entrance.kind is RoomKind.CHANNEL and entrance.private
    ):
        return entrance.role
    if workspace_role >= WorkspaceRole.ADMIN:
        return RoomRole.MANAGER
    if entrance.kind is RoomKind.CHANNEL and workspace_role >= WorkspaceRole.MEMBER:
        return entrance.role or RoomRole.EDITOR
    elsewhere = entrance.task_id is not None and about not in {entrance.task_id, OWN_RUN}
    return RoomRole.VIEWER if elsewhere and entrance.role is not None else entrance.role


async def room(
    ctx: Context,
    room_id: str,
    *,
    kinds: frozenset[RoomKind] | None = None,
    noun: str = "room",
    deleted: bool = False,
    about: str | None = None,
) -> tuple[Entrance, RoomRole]:
    """Enter a room with the role that the handler needs; also says which role one has.

    With `deleted` also the room of a deleted project that can still be restored. `about` as in `role_in`.
    """
    entrance = await (_locked if ctx.locks else _seen)(ctx, room_id)
    if entrance is None:
        raise not_found(noun)
    role = role_in(entrance, about)
    if role is None or (entrance.deleted and not deleted):
        raise not_found(noun)
    if kinds is not None and entrance.kind not in kinds:
        raise _encrypted() if entrance.kind is RoomKind.SEALED else not_found(noun)
    ctx.entered = True
    if isinstance(ctx.needs, RoomRole) and role < ctx.needs:
        raise _too_little(ctx.needs, role, entrance)
    return entrance, role


def _encrypted() -> ApiError:
    return ApiError(
        ErrorCode.E2EE_ROOM,
        "This room is encrypted: it takes sealed content only. Use a client that has keys for it.",
    )


def _too_little(needs: RoomRole, role: RoomRole, entrance: Entrance) -> ApiError:
    if entrance.role is not None and needs <= entrance.role:
        message = "Your access to this project is for one task alone; this is not about that task."
        return ApiError(ErrorCode.FORBIDDEN, message, task_id=entrance.task_id)
    return ApiError(ErrorCode.FORBIDDEN, f"This takes the role «{needs}» here; yours is «{role}».")


async def _seen(ctx: Context, room_id: str) -> Entrance | None:
    visit = (room_id, ctx.actor.id)
    return (await rooms.entrances(ctx.tx, [visit])).get(visit)


async def _locked(ctx: Context, room_id: str) -> Entrance | None:
    """How the actor stands to a room, which is locked from here on.

    What all commands of the transaction will ask is asked at once. It holds for all of them, since who
    comes to a room, leaves it or changes it locks it too.
    """
    visit, shared = (room_id, ctx.actor.id), ctx.shared
    if visit not in shared.entrances:
        visitors = {(room, member.id): member for room, member in [*shared.visits, (room_id, ctx.actor)]}
        heads = await rooms.lock_for(ctx.tx, [(room, who) for (room, _), who in visitors.items()])
        shared.heads |= heads
        found = await rooms.entrances(ctx.tx, [each for each in visitors if each[0] in heads])
        shared.entrances |= {each: found.get(each) for each in visitors}
    return shared.entrances[visit]


async def admitted(ctx: Context, room_id: str, member_ids: Iterable[str]) -> list[str]:
    """Those of the members who may enter a room, each once, in the order given."""
    wanted = dict.fromkeys(member_ids)
    if not wanted:
        return []
    entrances = await rooms.entrances(ctx.tx, [(room_id, member_id) for member_id in wanted])
    inside = {entrance.member_id for entrance in entrances.values() if role_in(entrance) is not None}
    return [member_id for member_id in wanted if member_id in inside]


async def project(ctx: Context, project_id: str, *, about: str | None = None) -> Project:
    """A project that is not deleted. `about` as in `role_in`."""
    found, _ = await any_project(ctx, project_id, about=about)
    if found.purge_at is not None:
        raise not_found("project")
    return found


async def open_project(ctx: Context, project_id: str, *, about: str | None = None) -> Project:
    """A project whose content may change: neither deleted nor archived. `about` as in `role_in`."""
    found = await project(ctx, project_id, about=about)
    if found.state is ProjectState.ARCHIVED:
        raise ApiError(ErrorCode.CONFLICT, "The project is archived; make it active again to change it.")
    return found


async def any_project(ctx: Context, project_id: str, *, about: str | None = None) -> tuple[Project, RoomRole]:
    """A project, deleted ones included, and one's role in it. `about` as in `role_in`."""
    _, role = await room(ctx, project_id, kinds=PROJECT, noun="project", deleted=True, about=about)
    found = await ctx.shared.once(("project", project_id), partial(projects.get, ctx.tx, project_id))
    if found is None:
        raise not_found("project")
    return found, role


async def task(ctx: Context, task_id: str) -> Task:
    """A task of a project that is not deleted and, in a write, not archived."""
    project_id = await tasks.project_of(ctx.tx, task_id)
    if project_id is None:
        raise not_found("task")
    try:
        await (open_project if ctx.writes else project)(ctx, project_id, about=task_id)
    except ApiError as error:
        raise not_found("task") if error.code is ErrorCode.NOT_FOUND else error from None
    found = await tasks.get(ctx.tx, task_id)
    if found is None:
        raise not_found("task")
    return found


async def message(ctx: Context, message_id: str) -> tuple[Message, RoomRole]:
    """A message in a room that one may enter, and one's role there."""
    place = await messages.place_of(ctx.tx, message_id)
    if place is None:
        raise not_found("message")
    room_id, task_id = place
    role = await talk(ctx, room_id, noun="message", about=task_id)
    found = await messages.get(ctx.tx, message_id)
    if found is None:
        raise not_found("message")
    return found, role


async def talk(ctx: Context, room_id: str, *, noun: str = "room", about: str | None = None) -> RoomRole:
    """A room in which messages are sent; in a write it must not be archived. `about` as in `role_in`."""
    entrance, role = await room(ctx, room_id, kinds=TALK, noun=noun, about=about)
    if entrance.archived and ctx.writes:
        raise ApiError(ErrorCode.CONFLICT, "The room is archived; nothing can be said in it.")
    return role
