"""Messages: what members say in channels, conversations, projects and under tasks."""

from typing import Annotated

from msgspec import Meta, Struct, field

from protocol.fields import (
    MAX_ATTACHED,
    MESSAGE_WINDOW,
    Body,
    Emoji,
    Id,
    Seq,
    Text,
    Timestamp,
    Version,
)
from protocol.files import ContentKind
from protocol.registry import Command, Entity, Event, collection, command, event, patch, put


class MessageFile(Struct, frozen=True, kw_only=True):
    """A file of the room that a message shows, as it was called then."""

    id: Id
    name: str
    bytes: int
    media_type: str
    kind: ContentKind


Files = Annotated[list[Id], Meta(max_length=MAX_ATTACHED)]


@collection("messages", window=MESSAGE_WINDOW, order="seq")
class Message(Entity):
    """A message. A deleted one keeps its place, with an empty text."""

    version: Version
    room: Id
    seq: Seq
    """The seq of the event that brought it: its place in the room."""
    author_id: Id
    text: Text
    thread_id: Id | None
    """The message that opened the thread, if this is an answer in one."""
    task_id: Id | None
    """The task that this comments on."""
    mentions: list[Id]
    """Members named as `@[name](id)` in the text who can see the room."""
    reactions: dict[str, list[Id]]
    """Members by emoji."""
    reply_count: int
    created_at: Timestamp
    edited_at: Timestamp | None
    deleted: bool
    files: list[MessageFile] = field(default_factory=list)


class ThreadSummary(Entity):
    """What an answer changes at the message that opened its thread."""

    reply_count: int


class CommentSummary(Entity):
    """What a comment changes at its task."""

    comment_count: int


@command("message.send")
class MessageSend(Command[Message]):
    """Say something in a room. `@[name](id)` mentions a member, into whose inbox it goes.

    `files` are some of the same room that are for everybody in it; with them the text may be blank.
    """

    room: Id
    text: Text
    id: Id | None = None
    thread_id: Id | None = None
    files: Files = field(default_factory=list)


@command("message.edit")
class MessageEdit(Command[Message]):
    """Change the text of your own message."""

    message_id: Id
    text: Body
    version: Version | None = None


@command("message.delete")
class MessageDelete(Command[Message]):
    """Empty a message. Your own, or anyone's as the room's manager."""

    message_id: Id


@command("message.react")
class MessageReact(Command[Message]):
    """Add your reaction to a message, or with `on` false take it back."""

    message_id: Id
    emoji: Emoji
    on: bool = True


@event(
    "message.sent",
    put("messages", "message"),
    patch("messages", "thread"),
    patch("tasks", "task"),
)
class MessageSent(Event):
    """A message, an answer in a thread (which counts at `thread`) or a comment (at `task`)."""

    message: Message
    thread: ThreadSummary | None
    task: CommentSummary | None


@event("message.updated", put("messages", "message"))
class MessageUpdated(Event):
    """Edited, deleted or reacted to."""

    message: Message
