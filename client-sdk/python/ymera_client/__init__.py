# ruff: noqa: I001 - sorted by hand: the sorter would give each alias a statement of its own.
"""The Python client of YMERA: `async with Client(url, token=…) as client`, and `Agent` to do tasks.

What is exported here is the package's promise, together with the messages of the protocol: commands to
`call`, the entities and events they bring, and their words, all from `ymera_client.generated`.
The aliases say to type checkers that a name is meant to be imported from here.
"""

import atexit
import gc
import logging

from ymera_client.agent.agent import Agent as Agent
from ymera_client.agent.approval import Approval as Approval
from ymera_client.agent.failures import (
    CallFailed as CallFailed,
    Denied as Denied,
    Fatal as Fatal,
    QuestionExpired as QuestionExpired,
    QuestionWithdrawn as QuestionWithdrawn,
    Retry as Retry,
)
from ymera_client.agent.run import Run as Run
from ymera_client.client import Client as Client
from ymera_client.errors import (
    BadSignature as BadSignature,
    BadTranscript as BadTranscript,
    BudgetExhausted as BudgetExhausted,
    ChecksumMismatch as ChecksumMismatch,
    ClientIdConflict as ClientIdConflict,
    CommitConflict as CommitConflict,
    Conflict as Conflict,
    CtrConflict as CtrConflict,
    Cycle as Cycle,
    DeadlineExceeded as DeadlineExceeded,
    E2eeRoom as E2eeRoom,
    EpochStale as EpochStale,
    EventsMissed as EventsMissed,
    Evicted as Evicted,
    Fenced as Fenced,
    Forbidden as Forbidden,
    IllegalTransition as IllegalTransition,
    Internal as Internal,
    Invalid as Invalid,
    KeysFailed as KeysFailed,
    LimitExceeded as LimitExceeded,
    Malformed as Malformed,
    NotFound as NotFound,
    NotMember as NotMember,
    OutboxFailed as OutboxFailed,
    RateLimited as RateLimited,
    RoleForbids as RoleForbids,
    RotationRequired as RotationRequired,
    RunCanceled as RunCanceled,
    TokenExpired as TokenExpired,
    TooLarge as TooLarge,
    Unauthenticated as Unauthenticated,
    Unavailable as Unavailable,
    UnknownCommand as UnknownCommand,
    UnsupportedProtocol as UnsupportedProtocol,
    VersionConflict as VersionConflict,
    YmeraError as YmeraError,
)
from ymera_client.feed import EventStream as EventStream
from ymera_client.files import Files as Files
from ymera_client.fold import Snapshot as Snapshot
from ymera_client.generated import *  # noqa: F403 - every message is public, and the list is generated
from ymera_client.outbox import (
    Entry as Entry,
    new_id as new_id,
)
from ymera_client.overlay import (
    Drop as Drop,
    Patch as Patch,
    Put as Put,
)
from ymera_client.transfer.progress import Progress as Progress
from ymera_client.room import LiveRoom as LiveRoom
from ymera_client.sealed.sealed import Sealed as Sealed
from ymera_client.sealed.store import KeyStore as KeyStore
from ymera_client.sealed.view import Whisper as Whisper
from ymera_client.status import (
    Phase as Phase,
    Status as Status,
)
from ymera_client.storage import (
    MemoryOutbox as MemoryOutbox,
    SqliteOutbox as SqliteOutbox,
    Store as Store,
)

logging.getLogger(__name__).addHandler(logging.NullHandler())
# msgspec may free its types in the wrong order when the interpreter ends, and crash it; what is frozen
# is left alone (https://github.com/msgspec/msgspec/issues/717).
atexit.register(gc.freeze)
