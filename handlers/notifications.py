"""Telling members in their inboxes what concerns them."""

import re
from collections.abc import Iterable

from handlers import access
from handlers.dispatch import Context, handles
from persistence import notifications, pages
from persistence.ids import new_id
from protocol.fields import Page
from protocol.inbox import Notification, NotificationAdded, NotificationKind, NotificationList
from protocol.roles import WorkspaceRole

EXCERPT = 200
"""Characters of a text that a notification shows."""

_MENTION = re.compile(r"@\[([^\n]{1,100}?)\]\([0-9a-f-]{36}\)")


async def notify(
    ctx: Context,
    member_ids: Iterable[str],
    kind: NotificationKind,
    room: str,
    *,
    message_id: str | None = None,
    task_id: str | None = None,
    run_id: str | None = None,
    question_id: str | None = None,
    excerpt: str,
    actor_id: str | None = None,
) -> None:
    """Put a notification into the inboxes of these members.

    The actor, removed members and those who cannot enter the room are left out. `actor_id` says whose
    doing it is, where that is not the actor's.
    """
    actor_id = actor_id or ctx.actor.id
    others = [member for member in member_ids if member != actor_id]
    told = await access.admitted(ctx, room, others)
    if not told:
        return
    await ctx.lock(*told)
    added = {
        member_id: Notification(
            id=new_id(),
            seq=ctx.next_seq(member_id),
            kind=kind,
            room=room,
            actor_id=actor_id,
            message_id=message_id,
            task_id=task_id,
            run_id=run_id,
            question_id=question_id,
            excerpt=summary(excerpt),
            created_at=ctx.now,
        )
        for member_id in told
    }
    await notifications.add(ctx.tx, added)
    for member_id, notification in added.items():
        ctx.record(NotificationAdded(notification=notification), room=member_id)


def summary(text: str) -> str:
    """The beginning of a text on one line, with mentions as plain names."""
    line = " ".join(_MENTION.sub(r"@\1", text).replace("\0", "").split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1] + "…"


@handles(NotificationList, WorkspaceRole.GUEST)
async def list_notifications(ctx: Context, command: NotificationList) -> Page[Notification]:
    """One's own, newest first."""
    start = pages.read_cursor(command.cursor, int)
    rows = await notifications.newest(
        ctx.tx,
        ctx.actor.id,
        command.limit + 1,
        before=start and start[0],
        unread=command.unread,
    )
    return pages.page(rows, command.limit, lambda row: (row.seq, row.id))
