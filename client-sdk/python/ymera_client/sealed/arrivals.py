"""What arrives of a sealed room, by itself or as an answer, as items whose bytes are still to be verified."""

from ymera_client.crypto.errors import Cx1Error
from ymera_client.crypto.wire import from_text
from ymera_client.generated import CommitPosted, EnvelopePosted, ItemKind, Items, LoggedEvent
from ymera_client.sealed.ledger import RawItem

STUB = 276
"""Bytes of an erased envelope; a whole one has more."""


def items_of(shown: Items) -> list[RawItem]:
    """The items of an answer. Where one's text is not in its form it has no bytes, and is refused as such."""
    return [RawItem(each.seq, each.kind, _bytes(each.body)) for each in shown.items]


def item_of(event: LoggedEvent) -> RawItem | None:
    """What an event holds; None if it is of another kind, which a sealed room has none of."""
    if event.type == CommitPosted.TYPE:
        return RawItem(event.seq, ItemKind.COMMIT, _bytes(event.data.get("commit")))
    if event.type == EnvelopePosted.TYPE:
        raw = _bytes(event.data.get("envelope"))
        return RawItem(event.seq, ItemKind.STUB if len(raw) == STUB else ItemKind.ENVELOPE, raw)
    return None


def _bytes(text: object) -> bytes:
    try:
        return from_text(text) if isinstance(text, str) else b""
    except Cx1Error:
        return b""
