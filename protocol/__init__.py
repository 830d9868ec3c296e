"""The contract: every command, event, entity, error and limit, declared once. No I/O.

Importing this package fills the registry (`protocol.registry`); everything else, the
SDKs' types, the AsyncAPI document, the reference and half of the tests, is derived from it.
"""

import atexit
import gc

from protocol import (
    accounts,
    agents,
    asking,
    budgets,
    files,
    identities,
    inbox,
    invitations,
    members,
    messages,
    presence,
    projects,
    questions,
    queue,
    rooms,
    runs,
    sealed,
    sessions,
    tasks,
    triggers,
    uploads,
    workspace,
)

# msgspec may free its types in the wrong order when the interpreter ends, and crash it; what is frozen
# is left alone (https://github.com/msgspec/msgspec/issues/717).
atexit.register(gc.freeze)

VERSION = 1
"""The protocol version a client names in `auth.protocol` when it connects."""

__all__ = [
    "VERSION",
    "accounts",
    "agents",
    "asking",
    "budgets",
    "files",
    "identities",
    "inbox",
    "invitations",
    "members",
    "messages",
    "presence",
    "projects",
    "questions",
    "queue",
    "rooms",
    "runs",
    "sealed",
    "sessions",
    "tasks",
    "triggers",
    "uploads",
    "workspace",
]
