"""Why something in a room is not shown like the rest, in words, each with the way out."""

from dataclasses import replace

from ymera_client.crypto.wire import to_text
from ymera_client.errors import YmeraError
from ymera_client.sealed.naming import Naming
from ymera_client.sealed.records import Entry, Sort
from ymera_client.sealed.view import Mark, MarkKind

KINDS: dict[Sort, MarkKind] = {
    Sort.WAITING: "waiting",
    Sort.UNREADABLE: "unreadable",
    Sort.ERASED: "erased",
}
TEXTS: dict[MarkKind, tuple[str, str]] = {
    "waiting": (
        "The key of this message has not come to this device yet.",
        "It was asked for, and comes as soon as another device that has it is online.",
    ),
    "unreadable": (
        "This message cannot be read: {name}'s device has made it wrongly.",
        "Ask {name} to send it again. The room goes on without it.",
    ),
    "before": (
        "This was said before this device could read here, and {reason}.",
        "It stays closed to this device. Whoever has read it can say it again.",
    ),
    "erased": ("What was said here was deleted.", "There is none: nobody keeps it."),
    "void": (
        "The room's rules refuse this: {reason}",
        "It changes nothing, for anybody. Who wanted it has to try again.",
    ),
}


def mark_of(entry: Entry, naming: Naming) -> Mark:
    """The mark of what cannot be read."""
    kind = KINDS[entry.sort]
    reason = entry.fault or {"waiting": "key_missing", "erased": "erased"}.get(kind, kind)
    return _mark(entry, kind, reason, "", naming)


def closed(mark: Mark, *, ephemeral: bool) -> Mark:
    """The mark of what waits for a key that never comes here: it was said before this device could read."""
    why = "keys of this room are deleted after use" if ephemeral else "newcomers read what comes after them"
    message, way_out = TEXTS["before"]
    return replace(mark, kind="before", reason="before", message=message.format(reason=why), way_out=way_out)


def void(entry: Entry, refusal: YmeraError, naming: Naming) -> Mark:
    """The mark of a command that the rules refuse."""
    return _mark(entry, "void", refusal.code, refusal.message, naming)


def _mark(entry: Entry, kind: MarkKind, reason: str, detail: str, naming: Naming) -> Mark:
    name = naming.name_of(entry.fp)
    message, way_out = (text.format(name=name, reason=detail) for text in TEXTS[kind])
    return Mark(
        seq=entry.seq,
        kind=kind,
        fp=to_text(entry.fp),
        member_id=naming.id_of(entry.fp),
        at=entry.ms,
        reason=reason,
        message=message,
        way_out=way_out,
    )
