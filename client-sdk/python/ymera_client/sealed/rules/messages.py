"""What members say: sending, editing, deleting and reacting.

A message of which the server has kept only the stub stands there as deleted, with version 0, until the
command that deleted it says where it stood. So who comes later has the same messages as who was there.
"""

import re
from typing import Any

from ymera_client.fold import Plain
from ymera_client.generated import MAX_MENTIONS, MAX_REACTIONS, MAX_REACTORS
from ymera_client.sealed.rules import access
from ymera_client.sealed.rules.about import About, Contents, Data, Fact, Means, raised
from ymera_client.sealed.rules.refusals import invalid, limit_exceeded, not_found, refusal, stale, taken
from ymera_client.sealed.rules.rule import Rule
from ymera_client.sealed.rules.shapes import BLANK

_MENTION = re.compile(r"@\[[^\n]{1,100}?\]\(([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\)")
_BLANK = re.compile(BLANK)
_SHOWN = ("id", "name", "bytes", "media_type", "kind")
"""What a message shows of a file."""


def say(
    contents: Contents,
    about: About,
    key: str,
    text: str,
    *,
    thread_id: str | None = None,
    task_id: str | None = None,
    file_ids: list[str] | None = None,
) -> list[Fact]:
    """Say something in a room that was entered: an answer in a thread, a comment on a task, or neither."""
    if contents.get("messages", key) is not None:
        raise taken()
    if thread_id is not None:
        _check_root(contents, thread_id)
    empty = _empty(about, key)
    said = {
        **empty,
        "version": raised(about, empty),
        "text": text,
        "thread_id": thread_id,
        "task_id": task_id,
        "mentions": _mentions(contents, text),
        "files": _attached(contents, file_ids or []),
    }
    return [_sent(contents, said)]


def erased(contents: Contents, about: About) -> list[Fact]:
    """What a stub leaves of an envelope: a message's place, if it is one that began a message.

    Only messages are erased. `about` is made from the header, as for any envelope.
    """
    known = about.entity is None or contents.get("messages", about.entity) is not None
    if known or about.base_version > 0:
        return []
    place = {**_empty(about, about.entity), "deleted": True}
    return [Fact("message.sent", {"message": place, "thread": None, "task": None})]


def _empty(about: About, key: str | None) -> dict[str, Any]:
    return {
        "id": key,
        "version": 0,
        "room": about.room,
        "seq": about.seq,
        "author_id": about.sender,
        "text": "",
        "thread_id": None,
        "task_id": None,
        "mentions": [],
        "reactions": {},
        "reply_count": 0,
        "created_at": about.at,
        "edited_at": None,
        "deleted": False,
        "files": [],
    }


def _sent(contents: Contents, message: Plain) -> Fact:
    """The message, which counts at its thread and at its task."""
    root = message["thread_id"] and contents.get("messages", message["thread_id"])
    task = message["task_id"] and contents.get("tasks", message["task_id"])
    return Fact(
        "message.sent",
        {
            "message": message,
            "thread": {"id": root["id"], "reply_count": root["reply_count"] + 1} if root else None,
            "task": {"id": task["id"], "comment_count": task["comment_count"] + 1} if task else None,
        },
    )


def _check_root(contents: Contents, thread_id: str) -> None:
    root = contents.get("messages", thread_id)
    if root is None:
        raise not_found("message")
    if root["thread_id"] is not None:
        problem = "this message is itself an answer; name the one that opened its thread."
        raise invalid("thread_id", problem)


def _attached(contents: Contents, file_ids: list[str]) -> list[Plain]:
    """The files that a message shows, each once."""
    found: dict[str, Plain] = {}
    for place, key in enumerate(file_ids):
        file = contents.get("files", key)
        if file is None or file["restricted"] or file["purge_at"] is not None:
            problem = "the room has no file with this id that is for everybody in it."
            raise invalid(f"files[{place}]", problem)
        found[key] = {name: file[name] for name in _SHOWN}
    return list(found.values())


def _mentions(contents: Contents, text: str) -> list[str]:
    """Whom a text names, of those in the room."""
    if "@[" not in text:
        return []
    named = list(dict.fromkeys(_MENTION.findall(text)))
    if len(named) > MAX_MENTIONS:
        raise limit_exceeded("mentions in one message", MAX_MENTIONS)
    return access.admitted(contents, named)


def send(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Say something; an answer in a thread if `thread_id` names the message that opened it."""
    access.talk(contents, about, data["room"])
    if _BLANK.search(data["text"]) and not data["files"]:
        raise invalid("text", "must not be blank, unless the message shows files.")
    return say(contents, about, data["id"], data["text"], thread_id=data["thread_id"], file_ids=data["files"])


def edit(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Replace the text of one's own message."""
    message = access.message(contents, about, data["message_id"])
    if message["author_id"] != about.sender:
        raise refusal("forbidden", "Only its author may edit a message.")
    if data["version"] not in {None, message["version"]}:
        raise stale("message", message)
    _refuse_deleted(message)
    if data["text"] == message["text"]:
        return []
    edited = {
        **message,
        "text": data["text"],
        "mentions": _mentions(contents, data["text"]),
        "edited_at": about.at,
        "version": raised(about, message),
    }
    return [Fact("message.updated", {"message": edited})]


def delete(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Empty a message. It keeps its place, so its thread and the counts of answers stay."""
    message = access.message(contents, about, data["message_id"])
    if message["author_id"] != about.sender and not access.may(about, "admin"):
        raise refusal("forbidden", "Only its author or a manager of the room may delete a message.")
    gone = {"text": "", "mentions": [], "files": [], "reactions": {}, "deleted": True}
    deleted = {**message, **gone, "version": raised(about, message)}
    if message["version"] == 0:
        return [_sent(contents, {**deleted, "thread_id": data["thread_id"], "task_id": data["task_id"]})]
    return [] if message["deleted"] else [Fact("message.updated", {"message": deleted})]


def react(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Add or take back one's reaction; nothing happens if it is so already.

    The version stays: it counts texts, and a reaction must not refuse an edit.
    """
    message = access.message(contents, about, data["message_id"])
    _refuse_deleted(message)
    members = message["reactions"].get(data["emoji"], [])
    if (about.sender in members) == data["on"]:
        return []
    if data["on"]:
        _check_room_for(message, data["emoji"])
        after = [*members, about.sender]
    else:
        after = [member for member in members if member != about.sender]
    reactions = {**message["reactions"], data["emoji"]: after}
    kept = {emoji: who for emoji, who in reactions.items() if who}
    return [Fact("message.updated", {"message": {**message, "reactions": kept}})]


def _check_room_for(message: Plain, emoji: str) -> None:
    if emoji not in message["reactions"] and len(message["reactions"]) >= MAX_REACTIONS:
        raise limit_exceeded("different reactions to a message", MAX_REACTIONS)
    if sum(map(len, message["reactions"].values())) >= MAX_REACTORS:
        raise limit_exceeded("reactions to a message", MAX_REACTORS)


def _refuse_deleted(message: Plain) -> None:
    if message["deleted"]:
        raise refusal("conflict", "The message was deleted.", current=message)


def with_id(_contents: Contents, _about: About, data: Data, means: Means) -> Data:
    """What is made gets an id from its author."""
    return {**data, "id": data["id"] or means.new_id()}


def with_remains(contents: Contents, _about: About, data: Data, _means: Means) -> Data:
    """What is deleted leaves where it stood, for who comes later."""
    message = contents.get("messages", data["message_id"]) or {}
    return {**data, "thread_id": message.get("thread_id"), "task_id": message.get("task_id")}


RULES = {
    "message.send": Rule(send, entity="id", fill=with_id),
    "message.edit": Rule(edit, entity="message_id"),
    "message.delete": Rule(delete, entity="message_id", fill=with_remains, erases=True),
    "message.react": Rule(react),
}
