"""Tasks: the work of a project, in order, with what waits for what."""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

from protocol.fields import (
    MAX_ASSIGNEES,
    MAX_DEPENDENCIES,
    MAX_IMPORT,
    MAX_LABELS,
    Body,
    Change,
    Cursor,
    Day,
    ExternalId,
    Hours,
    Id,
    Label,
    Page,
    PageSize,
    Search,
    Text,
    Timestamp,
    Title,
    Version,
)
from protocol.messages import Message
from protocol.registry import (
    Command,
    Entity,
    Event,
    collection,
    command,
    drop,
    event,
    patch,
    put,
    query,
)
from protocol.rooms import LoggedEvent


class TaskStatus(StrEnum):
    """Where a task stands; the columns of a board."""

    BACKLOG = "backlog"
    TODO = "todo"
    IN_PROGRESS = "in_progress"
    IN_REVIEW = "in_review"
    DONE = "done"
    CANCELED = "canceled"


OPEN = frozenset({TaskStatus.BACKLOG, TaskStatus.TODO, TaskStatus.IN_PROGRESS, TaskStatus.IN_REVIEW})
"""The statuses in which work remains; a task is blocked while one it waits for is in these."""

TASK_MOVES: dict[TaskStatus, frozenset[TaskStatus]] = {
    **{status: frozenset(TaskStatus) - {status} for status in OPEN},
    TaskStatus.DONE: frozenset({TaskStatus.BACKLOG, TaskStatus.TODO, TaskStatus.IN_PROGRESS}),
    TaskStatus.CANCELED: frozenset({TaskStatus.BACKLOG, TaskStatus.TODO}),
}
"""The legal moves: open work goes anywhere; ended work must be reopened first."""


class Priority(StrEnum):
    """How pressing a task is, from least to most."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class TaskSort(StrEnum):
    """What a list of tasks can be sorted by."""

    RANK = "rank"
    CREATED = "created_at"
    UPDATED = "updated_at"
    DUE = "due"
    PRIORITY = "priority"
    TITLE = "title"


Labels = Annotated[list[Label], Meta(max_length=MAX_LABELS)]
Assignees = Annotated[list[Id], Meta(max_length=MAX_ASSIGNEES)]


@collection("tasks")
class Task(Entity):
    """A piece of work."""

    version: Version
    project_id: Id
    title: Title
    description: Text
    status: TaskStatus
    priority: Priority
    rank: str
    """Its place: tasks sort by rank, bytewise, then id."""
    labels: list[Label]
    estimate: Hours | None
    """Hours of work."""
    due: Day | None
    parent_id: Id | None
    assignees: list[Id]
    depends_on: list[Id]
    """Tasks of the same project that must end before this one can start."""
    blocked: bool
    """Derived: one of `depends_on` is still open."""
    comment_count: int
    external_id: ExternalId | None
    """Its name in the system it was imported from; unique in the project."""
    created_by: Id
    created_at: Timestamp
    updated_at: Timestamp
    completed_at: Timestamp | None


class TaskBlocked(Entity):
    """What the end or the reopening of a task changes at one that waits for it."""

    blocked: bool


@command("task.create")
class TaskCreate(Command[Task]):
    """Add a task, at the end unless `before` or `after` says where. Editors."""

    project_id: Id
    title: Title
    id: Id | None = None
    description: Text = ""
    status: TaskStatus = TaskStatus.TODO
    priority: Priority = Priority.NONE
    labels: Labels = field(default_factory=list)
    estimate: Hours | None = None
    due: Day | None = None
    parent_id: Id | None = None
    assignees: Assignees = field(default_factory=list)
    external_id: ExternalId | None = None
    before: Id | None = None
    after: Id | None = None


class ImportedTask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A task as another system has it. Fields left out stay, or get a new task's defaults."""

    external_id: ExternalId
    title: Title | UnsetType = UNSET
    """Required for a task that the project does not have yet."""
    description: Text | UnsetType = UNSET
    status: TaskStatus | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET
    estimate: Hours | UnsetType | None = UNSET
    due: Day | UnsetType | None = UNSET
    assignees: Assignees | UnsetType = UNSET
    parent: ExternalId | UnsetType | None = UNSET
    """A task of the project or of the same import."""
    depends_on: Annotated[list[ExternalId], Meta(max_length=MAX_DEPENDENCIES)] | UnsetType = UNSET
    """All that it waits for; tasks of the project or of the same import."""


class ImportReport(Struct, frozen=True, kw_only=True):
    """What an import did, by external id."""

    created: list[ExternalId]
    updated: list[ExternalId]
    unchanged: list[ExternalId]


@command("task.import")
class TaskImport(Command[ImportReport]):
    """Make or change many tasks, found by their external ids; all of them, or none. Editors.

    New ones go to the end, in the order given. Nobody is told that it was assigned.
    """

    project_id: Id
    tasks: Annotated[list[ImportedTask], Meta(min_length=1, max_length=MAX_IMPORT)]


@query("task.get")
class TaskGet(Command[Task]):
    """One task."""

    task_id: Id


@query("task.list")
class TaskList(Command[Page[Task]]):
    """Tasks of a project. Filters are joined by «and», the values of one by «or»."""

    project_id: Id
    status: Annotated[list[TaskStatus], Meta(max_length=6)] | None = None
    priority: Annotated[list[Priority], Meta(max_length=5)] | None = None
    label: Label | None = None
    assignee: Id | None = None
    parent_id: Id | None = None
    blocked: bool | None = None
    query: Search | None = None
    """Part of the title."""
    external_id: ExternalId | None = None
    sort: TaskSort = TaskSort.RANK
    descending: bool = False
    cursor: Cursor | None = None
    limit: PageSize = 50


@command("task.update")
class TaskUpdate(Command[Task]):
    """Change fields of a task; those left out stay. Editors."""

    task_id: Id
    version: Version
    title: Title | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    status: TaskStatus | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET
    estimate: Hours | UnsetType | None = UNSET
    due: Day | UnsetType | None = UNSET
    parent_id: Id | UnsetType | None = UNSET


@command("task.move")
class TaskMove(Command[Task]):
    """Give a task another place, and with `status` another column too. Editors.

    `before` and `after` name neighbours: put it before that one, or after that one. With
    neither it goes to the end.
    """

    task_id: Id
    before: Id | None = None
    after: Id | None = None
    status: TaskStatus | None = None
    version: Version | None = None


@command("task.transition")
class TaskTransition(Command[Task]):
    """Move a task to another status; only the legal moves. Editors."""

    task_id: Id
    status: TaskStatus
    version: Version | None = None


@command("task.assign")
class TaskAssign(Command[Task]):
    """Set who does a task: people or agents of the project, replacing those before. Editors."""

    task_id: Id
    assignees: Assignees
    version: Version | None = None


@command("task.depend")
class TaskDepend(Command[Task]):
    """Let a task wait for another, or several, of its project. Refused if that closes a cycle."""

    task_id: Id
    on: Id | Annotated[list[Id], Meta(min_length=1, max_length=MAX_DEPENDENCIES)]


@command("task.undepend")
class TaskUndepend(Command[Task]):
    """Let a task no longer wait for another, or several."""

    task_id: Id
    on: Id | Annotated[list[Id], Meta(min_length=1, max_length=MAX_DEPENDENCIES)]


@command("task.comment")
class TaskComment(Command[Message]):
    """Comment on a task: a message in the project's room that hangs on it. Editors."""

    task_id: Id
    text: Body
    id: Id | None = None


@command("task.delete")
class TaskDelete(Command[Task]):
    """Delete a task. Those that waited for it no longer do; its subtasks move up. Editors."""

    task_id: Id
    version: Version | None = None


@query("task.history")
class TaskHistory(Command[Page[LoggedEvent]]):
    """The events of the log that concern a task, newest first."""

    task_id: Id
    cursor: Cursor | None = None
    limit: PageSize = 50


@event("task.created", put("tasks", "task"))
class TaskCreated(Event):
    """A new task."""

    task: Task


@event("task.updated", put("tasks", "task"))
class TaskUpdated(Event):
    """Any change of the task itself; `changes` says which fields, from what to what."""

    task: Task
    changes: list[Change]


@event("task.blocked", patch("tasks", "task"))
class TaskBlockedChanged(Event):
    """Another task's end, reopening or deletion made this one free, or blocked it again."""

    task: TaskBlocked


@event("task.deleted", drop("tasks", "task_id"))
class TaskDeleted(Event):
    """A task is gone; its `title` stays in the history."""

    task_id: Id
    title: Title
