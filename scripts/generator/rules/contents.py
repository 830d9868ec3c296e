"""What the content of an encrypted room may be: commands of the protocol, as their authors complete them.

An author chooses what must be the same for everybody, and no server chooses: ids of what is made, places.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import NODEFAULT, Meta, Struct

from protocol.asking import RunAsk, RunUseApproval
from protocol.fields import (
    MAX_ASSIGNEES,
    MAX_CALLS,
    MAX_IMPORT,
    MAX_LIVE_RUNS,
    MAX_LOG_LINES,
    MAX_OPEN_QUESTIONS,
    MAX_OUTPUT,
    MAX_TASKS,
    Bytes,
    CapabilityName,
    FileName,
    Fingerprint,
    Folder,
    Id,
    Json,
    Timestamp,
    Version,
)
from protocol.files import (
    MAX_TEXT_PAGE,
    FileDelete,
    FileMove,
    FileRename,
    FileRestore,
    FileUndelete,
    NameConflict,
)
from protocol.messages import MessageDelete, MessageEdit, MessageReact, MessageSend
from protocol.projects import Project, ProjectTransition, ProjectUpdate
from protocol.questions import Question, RunAnswer
from protocol.rooms import Room, RoomUpdate
from protocol.runs import (
    CallKey,
    HandedOver,
    RunAttach,
    RunCall,
    RunCancel,
    RunClaim,
    RunComplete,
    RunCreate,
    RunFail,
    RunHandOff,
    RunInfo,
    RunLog,
    RunOutput,
    RunProgress,
    RunRelease,
    RunRetry,
)
from protocol.tasks import (
    ImportedTask,
    Task,
    TaskAssign,
    TaskComment,
    TaskCreate,
    TaskDelete,
    TaskDepend,
    TaskImport,
    TaskMove,
    TaskTransition,
    TaskUndepend,
    TaskUpdate,
)

MAX_RESPACED = 2_048
"""Tasks that get new ranks with one command."""
MAX_SAID = 40_000
"""Characters of what a version of a file says that its author tells everybody."""
MAX_SAID_PAGES = 500
"""Pages that these may be divided into."""

Rank = Annotated[str, Meta(min_length=2, max_length=100, pattern=r"^[A-Za-z][0-9A-Za-z]*$(?!\n)")]


class Placed(Struct):
    """A task that gets another rank, so that there is room beside it."""

    id: Id
    rank: Rank


Respaced = Annotated[list[Placed], Meta(max_length=MAX_RESPACED)]


class TaskField(StrEnum):
    """What a run can take from its task."""

    TITLE = "title"
    DESCRIPTION = "description"
    PRIORITY = "priority"
    LABELS = "labels"
    DUE = "due"


class Begun(Struct):
    """A run that begins with an assignment, unless its agent has one for the task by then."""

    id: Id
    agent_id: Id
    capability: CapabilityName
    takes: Annotated[list[TaskField], Meta(max_length=len(TaskField))] = []


class Imported(ImportedTask, frozen=True, kw_only=True):
    """What a task of an import gets if the project has none of its external id by then."""

    id: Id
    rank: Rank


class Called(Struct):
    """A run that was called for, by the key of the call."""

    key: CallKey
    run_id: Id


class LiveRun(RunInfo):
    """A run with what an open room does not show."""

    input: Json
    result: Any | None
    heard_at: Timestamp | None
    lease_seconds: Annotated[int, Meta(ge=0, le=3_600)]
    output_end: Annotated[int, Meta(ge=0, le=MAX_OUTPUT)]
    reports: Annotated[int, Meta(ge=0, le=MAX_LOG_LINES)]
    spared: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    handed: HandedOver | None = None
    calls: Annotated[list[Called], Meta(max_length=MAX_CALLS)] = msgspec.field(default_factory=list)
    root_id: Id | None = None
    tree: Annotated[int, Meta(ge=0, le=MAX_CALLS)] = 0


class Entities(Struct):
    """What is published again for newcomers, by collection."""

    rooms: Annotated[list[Room], Meta(max_length=1)] = []
    projects: Annotated[list[Project], Meta(max_length=1)] = []
    tasks: Annotated[list[Task], Meta(max_length=MAX_TASKS)] = []
    runs: Annotated[list[LiveRun], Meta(max_length=MAX_LIVE_RUNS)] = []
    questions: Annotated[list[Question], Meta(max_length=MAX_OPEN_QUESTIONS)] = []
    closed_questions: list[Question] = []


StreamHeader = Annotated[str, Meta(min_length=32, max_length=32, pattern="^[A-Za-z0-9_-]+$")]
MediaType = Annotated[
    str, Meta(max_length=150, pattern="^[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,80}$")
]
Pixels = Annotated[int, Meta(ge=1, le=4_096)]


class Blob(Struct):
    """An object of the room: where its bytes are, what opens them, and what they must be."""

    object_id: Id
    key: Fingerprint
    header: StreamHeader
    size: Bytes
    ct_hash: Fingerprint
    pt_hash: Fingerprint


PageText = Annotated[str, Meta(max_length=MAX_TEXT_PAGE)]


class Thumbnail(Blob):
    """A small picture of a file, which its author has made."""

    width: Pixels
    height: Pixels


@dataclass(frozen=True, slots=True)
class Content:
    """A command's payload without some fields, and with others: annotations, with a default or NODEFAULT."""

    base: type[Struct] | None
    without: frozenset[str] = frozenset()
    more: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    def fields(self) -> dict[str, tuple[Any, Any]]:
        """Annotation and default by name; what a reader of JSON may leave out is UNSET."""
        declared = msgspec.structs.fields(self.base) if self.base else ()
        kept = {
            each.name: (each.type, each.default_factory() if _made(each) else each.default)
            for each in declared
            if each.name not in self.without | {"command_id"}
        }
        return kept | self.more


def _made(info: msgspec.structs.FieldInfo) -> bool:
    return info.default_factory is not NODEFAULT


def required(*names: str, of: Any = Id) -> dict[str, tuple[Any, Any]]:
    """Fields that an author must fill."""
    return dict.fromkeys(names, (of, NODEFAULT))


PLACE: dict[str, tuple[Any, Any]] = {"rank": (Rank, NODEFAULT), "ranks": (Respaced, [])}
BEGUN: dict[str, tuple[Any, Any]] = {
    "runs": (Annotated[list[Begun], Meta(max_length=MAX_ASSIGNEES)], []),
}
BESIDE = frozenset({"before", "after"})
VERSION: dict[str, tuple[Any, Any]] = {"version": (Version | None, None)}
"""The first command of a room names what has no version yet."""
BYTES: dict[str, tuple[Any, Any]] = {
    "object": (Blob, NODEFAULT),
    "media_type": (MediaType, "application/octet-stream"),
    "thumbnail": (Thumbnail | None, None),
    "run_id": (Id | None, None),
}
"""What is in a version of a file."""
READING: dict[str, tuple[Any, Any]] = {
    "number": (Annotated[int, Meta(ge=1, le=2**31 - 1)], NODEFAULT),
    "texts": (Annotated[list[PageText], Meta(max_length=MAX_SAID_PAGES)], []),
    "pages": (Annotated[int, Meta(ge=0, le=2**31 - 1)], 0),
    "words": (Bytes, 0),
    "whole": (bool, True),
    "error": (Annotated[str, Meta(max_length=200)], ""),
}
"""What the author of a version has read in it: its text by pages, and how much there is of it in all."""
REMAINS: dict[str, tuple[Any, Any]] = {"thread_id": (Id | None, None), "task_id": (Id | None, None)}
"""Where a deleted message stood, for who finds only its stub."""
LEASE: tuple[Any, Any] = (Annotated[int, Meta(ge=1, le=3_600)], 60)
"""For how long a process may be silent, in seconds."""
CAPABLE: dict[str, tuple[Any, Any]] = required("capability", of=CapabilityName)
"""Nobody but the author's client looks for somebody who can do it."""
ORDER: dict[str, tuple[Any, Any]] = required("agent_id") | CAPABLE
MOMENTS: dict[str, tuple[Any, Any]] = dict.fromkeys(("not_before", "deadline"), (str | None, None))
"""Times as authors give them."""

CONTENTS: dict[str, Content] = {
    "message.send": Content(MessageSend, more=required("id")),
    "message.edit": Content(MessageEdit),
    "message.delete": Content(MessageDelete, more=REMAINS),
    "message.react": Content(MessageReact),
    "room.update": Content(RoomUpdate, more=VERSION),
    "project.update": Content(ProjectUpdate, more=VERSION),
    "project.transition": Content(ProjectTransition),
    "task.create": Content(TaskCreate, BESIDE, required("id") | PLACE | BEGUN),
    "task.import": Content(
        TaskImport,
        more={
            "tasks": (Annotated[list[Imported], Meta(min_length=1, max_length=MAX_IMPORT)], NODEFAULT),
            "ranks": PLACE["ranks"],
        },
    ),
    "task.update": Content(TaskUpdate),
    "task.move": Content(TaskMove, BESIDE, PLACE),
    "task.transition": Content(TaskTransition),
    "task.assign": Content(TaskAssign, more=BEGUN),
    "task.depend": Content(TaskDepend),
    "task.undepend": Content(TaskUndepend),
    "task.comment": Content(TaskComment, more=required("id")),
    "task.delete": Content(TaskDelete),
    "file.add": Content(
        None,
        more=required("room", "id")
        | required("name", of=FileName)
        | {
            "folder": (Folder, ""),
            "task_id": (Id | None, None),
            "conflict": (NameConflict, NameConflict.RENAME),
        }
        | BYTES,
    ),
    "file.revise": Content(None, more=required("file_id") | BYTES),
    "file.describe": Content(None, more=required("file_id") | READING),
    "file.rename": Content(FileRename),
    "file.move": Content(FileMove),
    "file.restore": Content(FileRestore),
    "file.delete": Content(FileDelete),
    "file.undelete": Content(FileUndelete),
    "run.create": Content(RunCreate, more=required("id") | ORDER),
    "run.cancel": Content(RunCancel),
    "run.retry": Content(RunRetry, more=required("id")),
    "run.claim": Content(
        RunClaim,
        frozenset({"task_id", "capability"}),
        required("run_id") | {"lease_seconds": LEASE},
    ),
    "run.progress": Content(RunProgress),
    "run.output": Content(RunOutput),
    "run.log": Content(RunLog),
    "run.attach": Content(RunAttach, more=required("id")),
    "run.complete": Content(RunComplete),
    "run.fail": Content(RunFail),
    "run.release": Content(RunRelease),
    "run.call": Content(RunCall, more=required("id", "agent_id")),
    "run.hand_off": Content(RunHandOff, more=required("id", "agent_id")),
    "run.ask": Content(RunAsk, more=required("id")),
    "run.answer": Content(RunAnswer),
    "run.use_approval": Content(RunUseApproval),
    "sealed.state": Content(None, more=required("entities", of=Entities)),
}
"""What stands in envelopes, by type."""

ASKED: dict[str, Content] = {
    "message.send": Content(MessageSend),
    "message.delete": Content(MessageDelete),
    "task.create": Content(TaskCreate),
    "task.import": Content(TaskImport),
    "task.move": Content(TaskMove),
    "task.assign": Content(TaskAssign),
    "task.comment": Content(TaskComment),
    "run.create": Content(RunCreate, more=CAPABLE | MOMENTS),
    "run.retry": Content(RunRetry),
    "run.call": Content(RunCall, more={"deadline": MOMENTS["deadline"]}),
    "run.hand_off": Content(RunHandOff),
    "run.claim": Content(RunClaim, more={"lease_seconds": LEASE}),
    "run.attach": Content(RunAttach),
    "run.ask": Content(RunAsk),
}
"""What an author may leave to be completed, where that differs."""
