"""Triggers: making, changing, stopping and deleting what starts runs by itself.

Invariant: a trigger that is enabled can fire: its schedule has times, its event can happen, its secret is
known to whoever made it last.
"""

import base64
import difflib
import secrets
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from handlers import access, templates
from handlers.dispatch import Context, handles
from handlers.schedules import Schedule
from persistence import pages, rooms, triggers
from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode, invalid, limit_exceeded, not_found, stale
from protocol.fields import MAX_TRIGGERS, Page
from protocol.members import MemberKind
from protocol.registry import EVENTS
from protocol.roles import RoomRole
from protocol.triggers import (
    CatchUp,
    EventFilter,
    Trigger,
    TriggerCreate,
    TriggerCreated,
    TriggerDelete,
    TriggerDeleted,
    TriggerKind,
    TriggerList,
    TriggerMade,
    TriggerRotateSecret,
    TriggerUpdate,
    TriggerUpdated,
)

SECRET_PREFIX = "whsec_"  # noqa: S105 -- what secrets begin with
UNHEARD = ("run.", "question.", "approval.", "trigger.")
"""Beginnings of events that start no runs, as they are what runs consist of."""
MAX_FILTER_BYTES = 4 * 1024
"""A filter stands in each event about its trigger."""

_OWN = {
    TriggerKind.SCHEDULE: {"cron", "zone", "catch_up"},
    TriggerKind.EVENT: {"filter"},
    TriggerKind.WEBHOOK: set[str](),
}
"""Fields that only this kind of trigger has."""
_CHANGED = ("name", "capability", "agent_id", "input", "cron", "zone", "catch_up", "filter", "enabled")


@handles(TriggerCreate, RoomRole.MANAGER)
async def create_trigger(ctx: Context, command: TriggerCreate) -> TriggerMade:
    """Have runs start by themselves from now on."""
    project = await access.open_project(ctx, command.project_id)
    usual: dict[str, Any] = {"cron": None, "zone": "UTC", "catch_up": CatchUp.LATEST, "filter": None}
    _check_kind(command.kind, {name for name, value in usual.items() if getattr(command, name) != value})
    if await triggers.count(ctx.tx, project.id) >= MAX_TRIGGERS:
        raise limit_exceeded("triggers of a project", MAX_TRIGGERS)
    trigger = Trigger(
        id=command.id or new_id(),
        version=1,
        project_id=project.id,
        name=command.name,
        kind=command.kind,
        cron=command.cron,
        zone=command.zone,
        catch_up=command.catch_up,
        filter=command.filter,
        capability=command.capability,
        agent_id=command.agent_id,
        input=command.input,
        enabled=True,
        next_at=None,
        fired_at=None,
        fired=0,
        error="",
        created_by=ctx.actor.id,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await _check(ctx, trigger)
    trigger = replace(trigger, next_at=_next_at(trigger, ctx.now))
    secret = _new_secret() if trigger.kind is TriggerKind.WEBHOOK else None
    sealed = None if secret is None else _sealed(ctx, secret)
    await triggers.insert(ctx.tx, trigger, seq=_head(ctx, project.id), sealed_secret=sealed)
    ctx.record(TriggerCreated(trigger=trigger), room=project.id)
    return _made(ctx, trigger, secret)


@handles(TriggerUpdate, RoomRole.MANAGER)
async def update_trigger(ctx: Context, command: TriggerUpdate) -> Trigger:
    """Change the fields that are given."""
    before = await _trigger(ctx, command.trigger_id)
    if command.version != before.version:
        raise stale("trigger", before)
    given = {name: value for name in _CHANGED if (value := getattr(command, name)) is not UNSET}
    _check_kind(before.kind, given.keys() | {name for name in ("cron", "filter") if getattr(before, name)})
    after = replace(before, **given)
    if after == before:
        return before
    await _check(ctx, after)
    if any(getattr(after, name) != getattr(before, name) for name in ("capability", "agent_id", "input")):
        # Whoever says what is done has it done in their name.
        after = replace(after, created_by=ctx.actor.id)
    begins = after.enabled and not before.enabled
    if begins:
        after = replace(after, error="", created_by=await _answers_for(ctx, after))
    if after.enabled != before.enabled or _timing(after) != _timing(before):
        after = replace(after, next_at=_next_at(after, ctx.now))
    seq = _head(ctx, before.project_id) if begins or after.filter != before.filter else None
    changed = await triggers.update(ctx.tx, after, seq=seq, now=ctx.now)
    ctx.record(TriggerUpdated(trigger=changed), room=changed.project_id)
    return changed


@handles(TriggerDelete, RoomRole.MANAGER)
async def delete_trigger(ctx: Context, command: TriggerDelete) -> Trigger:
    """Delete a trigger; runs that it has made go on."""
    trigger = await _trigger(ctx, command.trigger_id)
    await triggers.delete(ctx.tx, trigger.id)
    ctx.record(TriggerDeleted(trigger_id=trigger.id), room=trigger.project_id)
    return trigger


@handles(TriggerRotateSecret, RoomRole.MANAGER)
async def rotate_secret(ctx: Context, command: TriggerRotateSecret) -> TriggerMade:
    """Give a webhook another secret; the one before is good for nothing from then on."""
    trigger = await _trigger(ctx, command.trigger_id)
    if trigger.kind is not TriggerKind.WEBHOOK:
        raise invalid(f"trigger_id: a trigger of kind «{trigger.kind}» has no secret.", "trigger_id")
    secret = _new_secret()
    changed = await triggers.reseal(ctx.tx, trigger.id, _sealed(ctx, secret), ctx.now)
    ctx.record(TriggerUpdated(trigger=changed), room=changed.project_id)
    return _made(ctx, changed, secret)


@handles(TriggerList, RoomRole.VIEWER)
async def list_triggers(ctx: Context, command: TriggerList) -> Page[Trigger]:
    """The triggers of a project, by name."""
    await access.project(ctx, command.project_id)
    after = pages.read_cursor(command.cursor, str)
    rows = await triggers.all_of(ctx.tx, command.project_id, command.limit + 1, after)
    return pages.page(rows, command.limit, lambda row: (row.name, row.id))


async def manages(ctx: Context, project_id: str, member_id: str) -> bool:
    """Whether a member is a manager of a project."""
    entrance = (await rooms.entrances(ctx.tx, [(project_id, member_id)])).get((project_id, member_id))
    role = None if entrance is None else access.role_in(entrance)
    return role is not None and role >= RoomRole.MANAGER


async def _trigger(ctx: Context, trigger_id: str) -> Trigger:
    """A trigger of a project whose content may change."""
    project_id = await triggers.project_of(ctx.tx, trigger_id)
    if project_id is None:
        raise not_found("trigger")
    try:
        await access.open_project(ctx, project_id)
    except ApiError as error:
        raise not_found("trigger") if error.code is ErrorCode.NOT_FOUND else error from None
    found = await triggers.get(ctx.tx, trigger_id)
    if found is None:
        raise not_found("trigger")
    return found


async def _answers_for(ctx: Context, trigger: Trigger) -> str:
    """Who answers for a trigger that goes on: its maker or, if that is no manager now, who lets it go on."""
    stays = await manages(ctx, trigger.project_id, trigger.created_by)
    return trigger.created_by if stays else ctx.actor.id


def _check_kind(kind: TriggerKind, given: set[str]) -> None:
    """ApiError `invalid` unless these fields, of those that only some kinds have, make one of this kind."""
    for name in sorted(given & set().union(*_OWN.values()) - _OWN[kind]):
        raise invalid(f"{name}: a trigger of kind «{kind}» has none; leave it out.", name)
    if kind is TriggerKind.SCHEDULE and "cron" not in given:
        raise invalid("cron: is missing; a schedule needs it, such as «30 8 * * MON-FRI».", "cron")
    if kind is TriggerKind.EVENT and "filter" not in given:
        raise invalid("filter: is missing; it says which events to wait for.", "filter")


async def _check(ctx: Context, trigger: Trigger) -> None:
    templates.check(trigger.input)
    if trigger.filter is not None:
        _check_filter(trigger.filter)
    if trigger.agent_id is not None:
        agent = await rooms.get_participant(ctx.tx, trigger.project_id, trigger.agent_id)
        if agent is None or agent.kind is not MemberKind.AGENT:
            message = "agent_id: is no agent in this project; let it in first, with project.set_member."
            raise invalid(message, "agent_id")


def _check_filter(filter_: EventFilter) -> None:
    known = [name for name in EVENTS if not name.startswith(UNHEARD)]
    if filter_.type not in known:
        near = difflib.get_close_matches(filter_.type, known, n=1)
        hint = f"; {near[0]} may be meant" if near else ", such as task.created"
        raise invalid(f"filter.type: there is no event of this name to wait for{hint}.", "filter.type")
    if len(msgspec.json.encode(filter_.where)) > MAX_FILTER_BYTES:
        message = f"filter.where: has over {MAX_FILTER_BYTES:,} bytes as JSON; compare less."
        raise invalid(message, "filter.where")


def _timing(trigger: Trigger) -> tuple[str | None, str]:
    return trigger.cron, trigger.zone


def _next_at(trigger: Trigger, now: datetime) -> datetime | None:
    """When a trigger is due next; ApiError `invalid` if its schedule is none."""
    if trigger.cron is None:
        return None
    schedule = Schedule(trigger.cron, trigger.zone)
    return schedule.after(now) if trigger.enabled else None


def _head(ctx: Context, project_id: str) -> int:
    """Up to where the log of the project, whose room is locked, has been written."""
    return ctx.next_seq(project_id) - 1


def _new_secret() -> str:
    """256 random bits, written as Standard Webhooks has it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def _sealed(ctx: Context, secret: str) -> bytes:
    assert ctx.tools.seal is not None
    return ctx.tools.seal.close(secret.encode())


def _made(ctx: Context, trigger: Trigger, secret: str | None) -> TriggerMade:
    url = None if secret is None else f"{ctx.tools.public_url}/api/hooks/{trigger.id}"
    return TriggerMade(trigger=trigger, url=url, secret=secret)
