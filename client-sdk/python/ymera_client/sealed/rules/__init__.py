"""The rules of sealed rooms: what the commands in their envelopes come to, on every member's device alike.

Pure functions. `interpret` makes facts of a command, as an open room's log would hold them; `prepare`
completes what a person asked for; `entity` and `erases` say what goes beside it to the server.
`docs/encryption.md` has the table of what there is. Further types of content come in by a module with
`RULES`, and their shapes by the generator of `shapes`.
"""

from ymera_client.generated import FOLDS as OPEN_FOLDS
from ymera_client.sealed.rules import endings, files
from ymera_client.sealed.rules.about import Able, About, Contents, Fact, Folded, Means, timestamp
from ymera_client.sealed.rules.changes import unassigned
from ymera_client.sealed.rules.engaging import looks, workers
from ymera_client.sealed.rules.handover import handed_over
from ymera_client.sealed.rules.interpreter import entity, erases, interpret, prepare
from ymera_client.sealed.rules.messages import erased

FOLDS = {**OPEN_FOLDS, **files.FOLDS, **endings.FOLDS}
"""What events do to all that a room holds."""

__all__ = [
    "FOLDS",
    "Able",
    "About",
    "Contents",
    "Fact",
    "Folded",
    "Means",
    "entity",
    "erased",
    "erases",
    "handed_over",
    "interpret",
    "looks",
    "prepare",
    "timestamp",
    "unassigned",
    "workers",
]
