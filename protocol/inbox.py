"""The inbox: what concerns you. Its room has your member id; `room.mark_read` on it marks it read."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.fields import NOTIFICATION_WINDOW, Cursor, Id, Page, PageSize, Seq, Timestamp
from protocol.registry import Command, Entity, Event, collection, event, put, query


class NotificationKind(StrEnum):
    """Why something concerns you."""

    MENTION = "mention"
    ASSIGNED = "assigned"
    REPLY = "reply"
    COMMENT = "comment"
    QUESTION = "question"
    """A run asks you something; `question_id` says what."""
    RUN_FAILED = "run_failed"
    """A run that you gave has failed for good."""


@collection("notifications", window=NOTIFICATION_WINDOW, order="seq")
class Notification(Entity):
    """Something to look at. Unread while its seq is above the inbox membership's `read_seq`."""

    seq: Seq
    """Its place in the inbox."""
    kind: NotificationKind
    room: Id
    """The room or project where it happened."""
    actor_id: Id
    message_id: Id | None
    task_id: Id | None
    excerpt: Annotated[str, Meta(max_length=200)]
    created_at: Timestamp
    run_id: Id | None = None
    question_id: Id | None = None


@query("notification.list")
class NotificationList(Command[Page[Notification]]):
    """Your notifications, newest first."""

    unread: bool = False
    """True: only those you have not read."""
    cursor: Cursor | None = None
    limit: PageSize = 50


@event("notification.added", put("notifications", "notification"))
class NotificationAdded(Event):
    """In a member's inbox: there is something to look at."""

    notification: Notification
