"""Triggers: what starts runs by itself. Each firing makes one run, with many nodes and after downtime too."""

from enum import StrEnum
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field

from protocol.fields import CapabilityName, Cursor, Id, Json, Name, Note, Page, PageSize, Timestamp, Version
from protocol.registry import (
    Command,
    Entity,
    Event,
    collection,
    command,
    drop,
    event,
    put,
    query,
)

Cron = Annotated[str, Meta(min_length=1, max_length=200)]
Zone = Annotated[str, Meta(min_length=1, max_length=64)]


class TriggerKind(StrEnum):
    """What a trigger waits for."""

    SCHEDULE = "schedule"
    EVENT = "event"
    WEBHOOK = "webhook"


class CatchUp(StrEnum):
    """What becomes of the times that passed while the server was down."""

    SKIP = "skip"
    LATEST = "latest"
    """One run, for the last of them."""
    ALL = "all"
    """A run for each, of the last 100."""


class EventFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events of the project's room a trigger waits for."""

    type: Annotated[str, Meta(min_length=1, max_length=60)]
    """Such as `task.created`; not one of `run.…`, `question.…`, `approval.…` or `trigger.…`."""
    where: Annotated[dict[str, Any], Meta(max_length=20)] = field(default_factory=dict)
    """Values by path, such as `task.status`: all must be equal; of a list, one of them."""


@collection("triggers")
class Trigger(Entity):
    """Something that starts runs by itself."""

    version: Version
    project_id: Id
    name: Name
    kind: TriggerKind
    cron: Cron | None
    """Five fields, as crontab has them."""
    zone: Zone
    """The time zone of `cron`, such as `Europe/Berlin`."""
    catch_up: CatchUp
    filter: EventFilter | None
    capability: CapabilityName
    agent_id: Id | None
    input: Json
    """The runs' input. Texts in it that are `{{path}}` stand for a value of the event, or of the
    webhook's body."""
    enabled: bool
    next_at: Timestamp | None
    """Of a schedule."""
    fired_at: Timestamp | None
    fired: int
    """How often."""
    error: Note
    """Why the last firing made no run; empty if it made one."""
    created_by: Id
    created_at: Timestamp
    updated_at: Timestamp


class TriggerMade(Struct, frozen=True, kw_only=True):
    """A trigger; for a webhook with the address to post to and the secret to sign with, shown this once."""

    trigger: Trigger
    url: str | None
    secret: str | None


@command("trigger.create", secret=True)
class TriggerCreate(Command[TriggerMade]):
    """Have runs start by themselves. Managers."""

    project_id: Id
    name: Name
    kind: TriggerKind
    capability: CapabilityName
    id: Id | None = None
    agent_id: Id | None = None
    input: Json = field(default_factory=dict)
    cron: Cron | None = None
    zone: Zone = "UTC"
    catch_up: CatchUp = CatchUp.LATEST
    filter: EventFilter | None = None


@command("trigger.update")
class TriggerUpdate(Command[Trigger]):
    """Change a trigger, stop it or let it go on. Managers."""

    trigger_id: Id
    version: Version
    name: Name | UnsetType = UNSET
    capability: CapabilityName | UnsetType = UNSET
    agent_id: Id | UnsetType | None = UNSET
    input: Json | UnsetType = UNSET
    cron: Cron | UnsetType = UNSET
    zone: Zone | UnsetType = UNSET
    catch_up: CatchUp | UnsetType = UNSET
    filter: EventFilter | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


@command("trigger.delete")
class TriggerDelete(Command[Trigger]):
    """Delete a trigger. Managers."""

    trigger_id: Id


@command("trigger.rotate_secret", secret=True)
class TriggerRotateSecret(Command[TriggerMade]):
    """Give a webhook another secret. Managers."""

    trigger_id: Id


@query("trigger.list")
class TriggerList(Command[Page[Trigger]]):
    """The triggers of a project, by name."""

    project_id: Id
    cursor: Cursor | None = None
    limit: PageSize = 50


@event("trigger.created", put("triggers", "trigger"))
class TriggerCreated(Event):
    """A new trigger."""

    trigger: Trigger


@event("trigger.updated", put("triggers", "trigger"))
class TriggerUpdated(Event):
    """A trigger was changed, or has fired."""

    trigger: Trigger


@event("trigger.deleted", drop("triggers", "trigger_id"))
class TriggerDeleted(Event):
    """A trigger is gone."""

    trigger_id: Id
