"""Projects: tasks, files, documents, runs and talk under one roof, and in one room."""

from enum import StrEnum

from msgspec import UNSET, UnsetType

from protocol.fields import (
    Change,
    Cursor,
    Id,
    Name,
    Page,
    PageSize,
    Search,
    Text,
    Timestamp,
    Version,
)
from protocol.registry import Command, Entity, Event, collection, command, event, put, query
from protocol.roles import RoomRole
from protocol.rooms import Participant


class ProjectState(StrEnum):
    """Where a project is in its life."""

    DRAFT = "draft"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    ARCHIVED = "archived"


PROJECT_MOVES: dict[ProjectState, frozenset[ProjectState]] = {
    ProjectState.DRAFT: frozenset({ProjectState.ACTIVE, ProjectState.ARCHIVED}),
    ProjectState.ACTIVE: frozenset({ProjectState.ON_HOLD, ProjectState.COMPLETED, ProjectState.ARCHIVED}),
    ProjectState.ON_HOLD: frozenset({ProjectState.ACTIVE, ProjectState.ARCHIVED}),
    ProjectState.COMPLETED: frozenset({ProjectState.ACTIVE, ProjectState.ARCHIVED}),
    ProjectState.ARCHIVED: frozenset({ProjectState.ACTIVE}),
}
"""The legal moves between states. An archived project can be read, not changed."""


class ProjectSort(StrEnum):
    """What a list of projects can be sorted by."""

    NAME = "name"
    CREATED = "created_at"
    UPDATED = "updated_at"


@collection("projects")
class Project(Entity):
    """A project. Its room has its id."""

    version: Version
    name: Name
    description: Text
    state: ProjectState
    created_by: Id
    created_at: Timestamp
    updated_at: Timestamp
    purge_at: Timestamp | None
    """Set while deleted: when it goes for good. Until then `project.restore` brings it back."""


class ProjectSummary(Entity):
    """A project in a list: the project, your role in it, and how far its work is."""

    project: Project
    role: RoomRole
    open_tasks: int
    done_tasks: int


@command("project.create")
class ProjectCreate(Command[Project]):
    """Make a project; you become its manager. The client may choose the id. Not for guests."""

    name: Name
    id: Id | None = None
    description: Text = ""
    state: ProjectState = ProjectState.ACTIVE


@query("project.get")
class ProjectGet(Command[Project]):
    """One project."""

    project_id: Id


@query("project.list")
class ProjectList(Command[Page[ProjectSummary]]):
    """The projects that you are in; workspace admins see all."""

    query: Search | None = None
    """Part of a name."""
    state: ProjectState | None = None
    deleted: bool = False
    """True: the deleted ones that can still be restored. For their managers."""
    sort: ProjectSort = ProjectSort.UPDATED
    descending: bool = True
    cursor: Cursor | None = None
    limit: PageSize = 50


@command("project.update")
class ProjectUpdate(Command[Project]):
    """Rename or describe a project. Managers."""

    project_id: Id
    version: Version
    name: Name | UnsetType = UNSET
    description: Text | UnsetType = UNSET


@command("project.transition")
class ProjectTransition(Command[Project]):
    """Move a project to another state; only the legal moves. Managers."""

    project_id: Id
    state: ProjectState
    version: Version | None = None


@command("project.delete")
class ProjectDelete(Command[Project]):
    """Delete a project. It can be restored for 30 days, then it is purged. Managers."""

    project_id: Id
    version: Version | None = None


@command("project.restore")
class ProjectRestore(Command[Project]):
    """Bring a deleted project back. Managers."""

    project_id: Id


@query("project.members")
class ProjectMembers(Command[Page[Participant]]):
    """Who is in the project, by name."""

    project_id: Id
    cursor: Cursor | None = None
    limit: PageSize = 50


@command("project.set_member")
class ProjectSetMember(Command[Participant]):
    """Add a member of the workspace to the project, or change its role. Managers.

    With `until` or `task_id` for a time or for one task; what was set before is replaced.
    """

    project_id: Id
    member_id: Id
    role: RoomRole = RoomRole.EDITOR
    until: Timestamp | None = None
    task_id: Id | None = None


@command("project.remove_member")
class ProjectRemoveMember(Command[Participant]):
    """Take a member out of the project. Managers; anyone may leave. The last manager stays."""

    project_id: Id
    member_id: Id


@event("project.created", put("projects", "project"))
class ProjectCreated(Event):
    """The first event of a project's room."""

    project: Project


@event("project.updated", put("projects", "project"))
class ProjectUpdated(Event):
    """The project changed, also by transition, deletion or restoration; `changes` says in what."""

    project: Project
    changes: list[Change]
