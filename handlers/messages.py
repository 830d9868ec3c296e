"""What members say: sending, editing, deleting and reacting."""

import re
from collections.abc import Sequence

from handlers import access
from handlers.dispatch import Context, handles
from handlers.notifications import notify
from persistence import files, messages, tasks
from persistence.ids import new_id
from protocol.errors import ApiError, ErrorCode, invalid, limit_exceeded, not_found, stale
from protocol.fields import MAX_MENTIONS, MAX_REACTIONS, MAX_REACTORS
from protocol.inbox import NotificationKind
from protocol.messages import (
    CommentSummary,
    Message,
    MessageDelete,
    MessageEdit,
    MessageFile,
    MessageReact,
    MessageSend,
    MessageSent,
    MessageUpdated,
    ThreadSummary,
)
from protocol.roles import RoomRole

MAX_FOLLOWERS = 100
"""Members of a thread who are told of an answer: those who wrote in it last."""

_MENTION = re.compile(r"@\[[^\n]{1,100}?\]\(([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\)")


async def send(
    ctx: Context,
    room_id: str,
    text: str,
    *,
    message_id: str | None = None,
    thread_id: str | None = None,
    task_id: str | None = None,
    file_ids: Sequence[str] = (),
) -> Message:
    """Say something in a room that was entered: an answer in a thread, a comment on a task, or neither.

    Whom it concerns is told once, for the first of these reasons: it mentions them, they wrote in
    the thread, they made the task or are assigned to it.
    """
    await ctx.lock(room_id)
    if thread_id is not None:
        await _check_root(ctx, room_id, thread_id)
    mentions = await _mentions(ctx, room_id, text)
    attached = await _attached(ctx, room_id, file_ids)
    message = Message(
        id=message_id or new_id(),
        version=1,
        room=room_id,
        seq=ctx.next_seq(room_id),
        author_id=ctx.actor.id,
        text=text,
        thread_id=thread_id,
        task_id=task_id,
        mentions=mentions,
        reactions={},
        reply_count=0,
        created_at=ctx.now,
        edited_at=None,
        deleted=False,
        files=attached,
    )
    messages.insert(ctx.tx, message)
    thread = task = None
    if thread_id is not None:
        thread = ThreadSummary(id=thread_id, reply_count=await messages.count_reply(ctx.tx, thread_id))
    if task_id is not None:
        task = CommentSummary(id=task_id, comment_count=await messages.count_comment(ctx.tx, task_id))
    ctx.record(MessageSent(message=message, thread=thread, task=task), room=room_id, entity=task_id)
    await _tell(ctx, message)
    return message


async def _check_root(ctx: Context, room_id: str, thread_id: str) -> None:
    root = await messages.get(ctx.tx, thread_id)
    if root is None or root.room != room_id:
        raise not_found("message")
    if root.thread_id is not None:
        raise invalid(
            "thread_id: this message is itself an answer; name the one that opened its thread.",
            "thread_id",
        )


async def _attached(ctx: Context, room_id: str, file_ids: Sequence[str]) -> list[MessageFile]:
    """The files that a message shows; ApiError `invalid` for one that not everybody in the room may see."""
    if not file_ids:
        return []
    found = await files.some(ctx.tx, file_ids)
    for place, file_id in enumerate(file_ids):
        file = found.get(file_id)
        if file is None or file.room != room_id or file.restricted or file.purge_at is not None:
            path = f"files[{place}]"
            raise invalid(f"{path}: the room has no file with this id that is for everybody in it.", path)
    return [
        MessageFile(id=file.id, name=file.name, bytes=file.bytes, media_type=file.media_type, kind=file.kind)
        for file in (found[file_id] for file_id in dict.fromkeys(file_ids))
    ]


async def _mentions(ctx: Context, room_id: str, text: str) -> list[str]:
    """Whom a text names, of those who may enter the room; ApiError `limit_exceeded` if too many."""
    named = dict.fromkeys(_MENTION.findall(text))
    if len(named) > MAX_MENTIONS:
        raise limit_exceeded("mentions in one message", MAX_MENTIONS)
    return await access.admitted(ctx, room_id, named) if named else []


async def _tell(ctx: Context, message: Message) -> None:
    audience = await _audience(ctx, message)
    # All inboxes at once, in one order: two messages at a time must not wait for each other.
    await ctx.lock(*(member_id for group in audience.values() for member_id in group))
    for kind, member_ids in audience.items():
        await notify(
            ctx,
            member_ids,
            kind,
            message.room,
            message_id=message.id,
            task_id=message.task_id,
            excerpt=message.text,
        )


async def _audience(ctx: Context, message: Message) -> dict[NotificationKind, list[str]]:
    """Whom a new message concerns, each for one reason."""
    groups = {NotificationKind.MENTION: message.mentions}
    if message.thread_id is not None:
        groups[NotificationKind.REPLY] = await messages.speakers(ctx.tx, message.thread_id, MAX_FOLLOWERS)
    if message.task_id is not None:
        task = await tasks.get(ctx.tx, message.task_id)
        assert task is not None
        groups[NotificationKind.COMMENT] = [*task.assignees, task.created_by]
    told = {ctx.actor.id}
    audience: dict[NotificationKind, list[str]] = {}
    for kind, member_ids in groups.items():
        audience[kind] = [member for member in dict.fromkeys(member_ids) if member not in told]
        told.update(audience[kind])
    return audience


@handles(MessageSend, RoomRole.EDITOR, group=lambda command: command.room)
async def send_message(ctx: Context, command: MessageSend) -> Message:
    """Say something; an answer in a thread if `thread_id` names the message that opened it."""
    await access.talk(ctx, command.room)
    if not command.text.strip() and not command.files:
        raise invalid("text: must not be blank, unless the message shows files.", "text")
    return await send(
        ctx,
        command.room,
        command.text,
        message_id=command.id,
        thread_id=command.thread_id,
        file_ids=command.files,
    )


@handles(MessageEdit, RoomRole.EDITOR)
async def edit_message(ctx: Context, command: MessageEdit) -> Message:
    """Replace the text of one's own message; those whom only the new text mentions are told."""
    message, _ = await access.message(ctx, command.message_id)
    if message.author_id != ctx.actor.id:
        raise ApiError(ErrorCode.FORBIDDEN, "Only its author may edit a message.")
    if command.version is not None and command.version != message.version:
        raise stale("message", message)
    _refuse_deleted(message)
    if command.text == message.text:
        return message
    mentions = await _mentions(ctx, message.room, command.text)
    edited = await messages.edit(ctx.tx, message.id, command.text, mentions, ctx.now)
    ctx.record(MessageUpdated(message=edited), room=edited.room, entity=edited.task_id)
    await notify(
        ctx,
        [member for member in mentions if member not in message.mentions],
        NotificationKind.MENTION,
        edited.room,
        message_id=edited.id,
        task_id=edited.task_id,
        excerpt=edited.text,
    )
    return edited


@handles(MessageDelete, RoomRole.EDITOR)
async def delete_message(ctx: Context, command: MessageDelete) -> Message:
    """Empty a message. It keeps its place, so its thread and the counts of answers stay."""
    message, role = await access.message(ctx, command.message_id)
    if message.author_id != ctx.actor.id and role < RoomRole.MANAGER:
        raise ApiError(ErrorCode.FORBIDDEN, "Only its author or a manager of the room may delete a message.")
    if message.deleted:
        return message
    deleted = await messages.delete(ctx.tx, message.id)
    ctx.record(MessageUpdated(message=deleted), room=deleted.room, entity=deleted.task_id)
    return deleted


@handles(MessageReact, RoomRole.EDITOR)
async def react_to_message(ctx: Context, command: MessageReact) -> Message:
    """Add or take back one's reaction; nothing happens if it is so already.

    The version stays: it counts texts, and a reaction must not refuse an edit.
    """
    message, _ = await access.message(ctx, command.message_id)
    _refuse_deleted(message)
    if (ctx.actor.id in message.reactions.get(command.emoji, [])) == command.on:
        return message
    if command.on:
        _check_room_for(message, command.emoji)
        reacted = await messages.react(ctx.tx, message.id, command.emoji, ctx.actor.id, ctx.now)
    else:
        reacted = await messages.unreact(ctx.tx, message.id, command.emoji, ctx.actor.id)
    ctx.record(MessageUpdated(message=reacted), room=reacted.room)
    return reacted


def _check_room_for(message: Message, emoji: str) -> None:
    if emoji not in message.reactions and len(message.reactions) >= MAX_REACTIONS:
        raise limit_exceeded("different reactions to a message", MAX_REACTIONS)
    if sum(map(len, message.reactions.values())) >= MAX_REACTORS:
        raise limit_exceeded("reactions to a message", MAX_REACTORS)


def _refuse_deleted(message: Message) -> None:
    if message.deleted:
        raise ApiError(ErrorCode.CONFLICT, "The message was deleted.", current=message)
