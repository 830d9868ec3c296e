"""The queue of a project: which runs wait, and why; how many go on at once."""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from protocol.fields import Cursor, Id, Note, Page, PageSize, Timestamp
from protocol.registry import Command, Entity, Event, collection, command, event, put, query
from protocol.runs import RunInfo


class WaitReason(StrEnum):
    """Why a run waits."""

    BLOCKED = "blocked"
    """Its task waits for others."""
    BEHIND = "behind"
    """An earlier run for the same task goes on."""
    NOT_BEFORE = "not_before"
    """Its time has not come, or it pauses between two attempts."""
    PAUSED = "paused"
    """The project's queue is paused."""
    PROJECT_LIMIT = "project_limit"
    """The project has as many runs going on as it may."""
    NO_AGENT = "no_agent"
    """No agent of the project has the capability."""
    OFFLINE = "offline"
    """The agents that could do it are not connected, or draining."""
    UNRESPONSIVE = "unresponsive"
    """The agents that could do it let offers pass."""
    AT_CAPACITY = "at_capacity"
    """The agents that could do it have as many runs as they take."""
    RATE = "rate"
    """As many runs have started in the last minute as may."""
    BUDGET = "budget"
    """A budget does not bear what it would reserve."""
    OFFERED = "offered"
    """It is offered to an agent, which has yet to give a sign."""
    NEXT = "next"
    """Nothing: it is about to be offered."""


class WaitingRun(Struct, frozen=True, kw_only=True):
    """A run that waits, and why."""

    run: RunInfo
    reason: WaitReason
    note: Note
    """The reason in words, with names."""
    until: Timestamp | None
    """When it ends by itself, if that is known."""


@collection("queues")
class ProjectQueue(Entity):
    """How a project's runs are started; `id` is the project's."""

    paused: bool
    concurrency: Annotated[int, Meta(ge=1, le=10_000)] | None
    """Runs that go on at once; null: as many as the agents take."""
    updated_at: Timestamp


class QueueView(Struct, frozen=True, kw_only=True):
    """A project's queue."""

    queue: ProjectQueue
    running: int
    waiting: Page[WaitingRun]
    """In the order in which they would start."""


@query("queue.get")
class QueueGet(Command[QueueView]):
    """Which runs of a project wait, and why."""

    project_id: Id
    cursor: Cursor | None = None
    limit: PageSize = 50


@command("queue.set")
class QueueSet(Command[ProjectQueue]):
    """Pause a project's queue, let it go on, or limit how many runs go on at once. Managers."""

    project_id: Id
    paused: bool | UnsetType = UNSET
    concurrency: Annotated[int, Meta(ge=1, le=10_000)] | UnsetType | None = UNSET


@event("queue.updated", put("queues", "queue"))
class QueueUpdated(Event):
    """A project's queue was paused, goes on, or has another limit."""

    queue: ProjectQueue
