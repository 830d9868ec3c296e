"""Runs: work that is given to agents, from the queue to the one report that ends it.

A run is carried out by attempts, of which one at a time holds the lease. Each has a number, its fence, and
names it in every report: once another attempt has begun, or the run has ended, reports of it are refused with
`fenced`. The states are those of A2A; where a run has ended, it stays ended.
"""

from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

from msgspec import Meta, Struct, field

from protocol.fields import (
    ENDED_RUNS_WINDOW,
    MAX_JSON_BYTES,
    MAX_OUTPUT_CHUNK,
    CapabilityName,
    Cursor,
    Fence,
    Id,
    Json,
    Money,
    Name,
    Note,
    Page,
    PageSize,
    Seconds,
    Share,
    Timestamp,
    Tokens,
    Version,
)
from protocol.files import FileVersion
from protocol.questions import Question
from protocol.registry import (
    Command,
    Entity,
    Event,
    collection,
    command,
    drop,
    ephemeral,
    event,
    patch,
    put,
    query,
)
from protocol.rooms import LoggedEvent
from protocol.tasks import Priority

R = TypeVar("R")


class RunState(StrEnum):
    """Where a run stands. The last four are final."""

    SUBMITTED = "submitted"
    """It waits to be started, or to be started again."""
    WORKING = "working"
    INPUT_REQUIRED = "input-required"
    """It waits for an answer."""
    AUTH_REQUIRED = "auth-required"
    """It waits for an approval."""
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    REJECTED = "rejected"
    """The agent that it was meant for does not take it."""


ENDED = frozenset({RunState.COMPLETED, RunState.FAILED, RunState.CANCELED, RunState.REJECTED})
"""The states in which a run has ended."""


class ErrorClass(StrEnum):
    """Why an attempt failed; decides whether there is another."""

    TRANSIENT = "transient"
    """The world was at fault: a network, a service. Tried again, later each time."""
    RATE_LIMITED = "rate_limited"
    """Somebody else's limit. Tried again, after longer pauses."""
    CRASHED = "crashed"
    """The program raised. Tried again."""
    LOST = "lost"
    """The agent's process gave no more signs. Offered anew at once."""
    UNRESPONSIVE = "unresponsive"
    """The agent gave no first sign. Offered anew at once."""
    INVALID = "invalid"
    """The input makes no sense to the agent. Not tried again."""
    FATAL = "fatal"
    """It cannot be done. Not tried again."""
    BUDGET_EXHAUSTED = "budget_exhausted"
    """A budget is spent. Not tried again."""
    DEADLINE_EXCEEDED = "deadline_exceeded"
    """The run's deadline has passed. Not tried again."""
    CANCELED = "canceled"
    """Somebody stopped it. Not tried again."""


class RunError(Struct, frozen=True, kw_only=True):
    """Why a run, or an attempt at it, failed."""

    cause: ErrorClass
    message: Annotated[str, Meta(max_length=2_000)]


class Costs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was used up."""

    tokens: Tokens = 0
    money: Money = 0
    seconds: Seconds = 0.0


@collection("runs")
class RunInfo(Entity):
    """Work given to an agent. Its input, result, output and questions are had with `run.get`."""

    version: Version
    project_id: Id
    task_id: Id | None
    """The task that it is done for; null for calls and runs of triggers."""
    title: Annotated[str, Meta(max_length=300)]
    """The task's at the time, or the capability."""
    capability: CapabilityName
    wanted_agent_id: Id | None
    """The agent that it was given to; null: whichever has the capability."""
    agent_id: Id | None
    """The agent that works on it, or did last."""
    instance_id: Id | None
    """The process that has its lease, or is offered it."""
    requested_by: Id
    parent_id: Id | None
    """The run that called for it."""
    previous_id: Id | None
    """The run that handed over to it."""
    trigger_id: Id | None
    depth: int
    """Calls above it."""
    state: RunState
    waiting_for: Id | None
    """A run that it called and waits for; meanwhile it takes no slot."""
    canceling: bool
    """Somebody has stopped it, and its agent may give one last report."""
    stale: bool
    """It has shown no progress for too long."""
    attempt: int
    """How many attempts there have been; the number of the present one is its fence."""
    attempts: int
    """How many there may be."""
    priority: Priority
    not_before: Timestamp | None
    deadline: Timestamp | None
    review: bool
    """True: its task goes into review when it completes, not to done."""
    budget: Money | None
    """Most that it may cost."""
    costs: Costs
    progress: Share | None
    note: Note
    """What it is at, in the agent's words."""
    error: RunError | None
    """Of the last attempt that failed."""
    summary: Note
    """Of its result, in the agent's words."""
    created_at: Timestamp
    started_at: Timestamp | None
    """When the first attempt was accepted."""
    progress_at: Timestamp | None
    ended_at: Timestamp | None
    updated_at: Timestamp


@collection("ended_runs", window=ENDED_RUNS_WINDOW, order="ended_at")
class EndedRun(RunInfo):
    """A run that has ended."""

    ended_at: Timestamp


class RunProgressed(Entity):
    """What a report of progress changes at a run."""

    version: Version
    progress: Share | None
    note: Note
    costs: Costs
    stale: bool
    progress_at: Timestamp | None
    updated_at: Timestamp


class RunAlive(Entity):
    """What output changes at a run: it makes progress."""

    stale: bool
    progress_at: Timestamp | None


class Artifact(Entity):
    """Something that a run made, besides its result."""

    run_id: Id
    name: Name
    media_type: Annotated[str, Meta(min_length=1, max_length=100)]
    bytes: int
    created_at: Timestamp


class AttemptOutcome(StrEnum):
    """How an attempt ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    REJECTED = "rejected"
    RELEASED = "released"
    """The process handed it back, or waited for an answer when it went."""
    RESTARTED = "restarted"
    """Another instruction took its place."""


class Attempt(Struct, frozen=True, kw_only=True):
    """One attempt at a run."""

    fence: Fence
    agent_id: Id
    instance_id: Id
    host: str
    offered_at: Timestamp
    started_at: Timestamp | None
    ended_at: Timestamp | None
    outcome: AttemptOutcome | None
    error: RunError | None


class RunDetails(Entity):
    """All about a run but its output and log lines, which `run.history` has."""

    run: RunInfo
    input: Json
    result: Any | None
    attempts: list[Attempt]
    questions: list[Question]
    artifacts: list[Artifact]
    calls: list[RunInfo]
    """The runs that it called for, oldest first."""
    files: list[FileVersion]
    """Versions of files that it made and that you may see, oldest first."""


class HandedOver(Struct, frozen=True, kw_only=True):
    """What a run that handed over leaves to the next."""

    run_id: Id
    agent_id: Id
    note: Annotated[str, Meta(max_length=20_000)]
    result: Any | None


class TaskBrief(Struct, frozen=True, kw_only=True):
    """The task that a run is done for, as it is now."""

    id: Id
    title: str
    description: str
    priority: Priority
    labels: list[str]


class RunOffer(Struct, frozen=True, kw_only=True):
    """A run for an agent's process: to accept or reject, or, where it is at work on it, to go on with."""

    run: RunInfo
    fence: Fence
    input: Json
    task: TaskBrief | None
    handed: HandedOver | None
    answers: list[Question]
    """Answered questions and approvals of earlier attempts, so that none is asked again."""
    results: dict[str, Any]
    """Replies of runs that earlier attempts called for, by their `key`."""


@ephemeral("run.offers")
class RunOffers(Struct, frozen=True, kw_only=True):
    """To one process of an agent: runs for it. Also in the reply to its next heartbeat."""

    instance_id: Id
    offers: list[RunOffer]


class RunReply(Struct, frozen=True, kw_only=True):
    """How a run that was called for ended."""

    run_id: Id
    key: str
    state: RunState
    result: Any | None
    error: RunError | None


class RunControlKind(StrEnum):
    """What a process has to know about one of its runs."""

    CANCEL = "cancel"
    """Stop, report once more."""
    ANSWER = "answer"
    """The question is answered, expired or withdrawn."""
    REPLY = "reply"
    """The run that it called has ended."""
    LOST = "lost"
    """Stop: it is no longer this process's."""


@ephemeral("run.control")
class RunControl(Struct, frozen=True, kw_only=True):
    """To one process of an agent: news of a run of it. Also in the reply to its next heartbeat."""

    instance_id: Id
    run_id: Id
    fence: Fence
    kind: RunControlKind
    question: Question | None = None
    reply: RunReply | None = None


Attempts = Annotated[int, Meta(ge=1, le=20)]
CallKey = Annotated[str, Meta(min_length=1, max_length=200)]


@command("run.create")
class RunCreate(Command[RunInfo]):
    """Give work to an agent, or to whichever agent of the project has the capability. Editors.

    With `task_id` it is done for that task: it starts once nothing blocks the task, which is then in
    progress, and done when the run completes. Null in `capability`: the first one of `agent_id` whose
    input the task's own title and description satisfy.
    """

    project_id: Id
    id: Id | None = None
    task_id: Id | None = None
    agent_id: Id | None = None
    capability: CapabilityName | None = None
    input: Json = field(default_factory=dict)
    """Must satisfy the capability's schema. What it lacks of the task's title, description, labels, priority
    and due is filled in where the schema has such a property."""
    priority: Priority | None = None
    """Null: the task's."""
    not_before: Timestamp | None = None
    deadline: Timestamp | None = None
    attempts: Attempts | None = None
    budget: Money | None = None
    review: bool = False


@query("run.get")
class RunGet(Command[RunDetails]):
    """One run."""

    run_id: Id


@query("run.list")
class RunList(Command[Page[RunInfo]]):
    """Runs of a project, newest first. Filters are joined by «and», the values of one by «or»."""

    project_id: Id
    task_id: Id | None = None
    agent_id: Id | None = None
    capability: CapabilityName | None = None
    state: Annotated[list[RunState], Meta(max_length=8)] | None = None
    dead: bool = False
    """True: only the dead letters: those that failed and were not run again."""
    cursor: Cursor | None = None
    limit: PageSize = 50


@query("run.history")
class RunHistory(Command[Page[LoggedEvent]]):
    """The events of the log that concern a run: its states, progress, output and log lines.

    Oldest first: what a replay shows.
    """

    run_id: Id
    cursor: Cursor | None = None
    limit: PageSize = 100


class ArtifactContent(Struct, frozen=True, kw_only=True):
    """An artifact with what is in it."""

    artifact: Artifact
    text: str


@query("run.artifact")
class RunArtifactGet(Command[ArtifactContent]):
    """What is in an artifact."""

    artifact_id: Id


@command("run.cancel")
class RunCancel(Command[RunInfo]):
    """Stop a run. One that is at work may give one last report; nothing else of it is accepted. Editors.

    The runs that it called for are stopped with it.
    """

    run_id: Id
    reason: Note = ""


@command("run.retry")
class RunRetry(Command[RunInfo]):
    """Run again what has failed or was canceled, as a new run with the same input. Editors."""

    run_id: Id
    input: Json | None = None
    """Null: the same."""


class RunStanding(Struct, frozen=True, kw_only=True):
    """How an agent's attempt stands after a report."""

    state: RunState
    canceling: bool
    """Somebody has stopped it: the next report must be the last."""
    costs: Costs


class Report(Command[R], Generic[R], frozen=True, kw_only=True):
    """What an agent says about the attempt that it makes. Refused with `fenced` once it is another's."""

    project_id: Id
    run_id: Id
    fence: Fence


@command("run.accept")
class RunAccept(Report[RunStanding]):
    """As the agent: take an offered run and begin."""


@command("run.reject")
class RunReject(Report[RunStanding]):
    """As the agent: don't take an offered run.

    It is offered to another; one that was given to this agent alone ends as rejected.
    """

    reason: Note


@command("run.release")
class RunRelease(Report[RunStanding]):
    """As the agent: hand a run back, for another process to do. Not counted as a failure."""

    reason: Note = ""


@command("run.progress")
class RunProgress(Report[RunStanding]):
    """As the agent: say how far it is, what it is at and what it used up since the last time.

    `budget_exhausted` if a budget does not bear the costs; the run has then failed.
    """

    progress: Share | None = None
    note: Note | None = None
    costs: Costs | None = None


@command("run.output")
class RunOutput(Report[RunStanding]):
    """As the agent: add to the run's output. Watchers see it as it comes; whoever comes later sees all."""

    text: Annotated[str, Meta(min_length=1, max_length=MAX_OUTPUT_CHUNK)]
    offset: Annotated[int, Meta(ge=0, le=2**53)]
    """Where it begins, in characters, so that none is lost or repeated unseen."""


class LogLevel(StrEnum):
    """How much a log line matters."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@command("run.log")
class RunLog(Report[RunStanding]):
    """As the agent: note something in the run's log."""

    message: Annotated[str, Meta(min_length=1, max_length=2_000)]
    level: LogLevel = LogLevel.INFO
    data: Json | None = None


@command("run.attach")
class RunAttach(Report[Artifact]):
    """As the agent: add an artifact, a text of at most 256 KiB."""

    name: Name
    text: Annotated[str, Meta(max_length=MAX_JSON_BYTES)]
    media_type: Annotated[str, Meta(min_length=1, max_length=100)] = "text/plain"


@command("run.complete")
class RunComplete(Report[RunInfo]):
    """As the agent: the run is done. The result must satisfy the capability's schema. Final.

    On a run that is being canceled, the last report: it ends as canceled, with this result.
    """

    result: Any = None
    summary: Note = ""
    costs: Costs | None = None


@command("run.fail")
class RunFail(Report[RunInfo]):
    """As the agent: the attempt failed. `cause` decides whether there is another.

    On a run that is being canceled, the last report: it ends as canceled.
    """

    message: Annotated[str, Meta(min_length=1, max_length=2_000)]
    cause: ErrorClass = ErrorClass.CRASHED
    costs: Costs | None = None


@command("run.hand_off")
class RunHandOff(Report[RunInfo]):
    """As the agent: end this run as completed and have another agent go on with its task.

    The reply is the new run. It gets the note, the result and a way back to this run.
    """

    capability: CapabilityName
    agent_id: Id | None = None
    input: Json = field(default_factory=dict)
    note: Annotated[str, Meta(max_length=20_000)] = ""
    result: Any = None


@command("run.call")
class RunCall(Report[RunInfo]):
    """As the agent: have another agent do something. The reply is the run that does it.

    With `wait`, this run takes no slot until that one has ended. The same `key` gives the same run, so an
    attempt that begins anew asks nothing twice.
    """

    key: CallKey
    capability: CapabilityName
    agent_id: Id | None = None
    input: Json = field(default_factory=dict)
    deadline: Timestamp | None = None
    budget: Money | None = None
    wait: bool = True


@command("run.claim")
class RunClaim(Command[RunOffer]):
    """As an agent: take a task that nobody works on and begin, without waiting for an offer.

    The task must be assigned to nobody, or to this agent. `run_id` instead of `task_id`: a run that waits.
    """

    project_id: Id
    instance_id: Id
    task_id: Id | None = None
    run_id: Id | None = None
    capability: CapabilityName | None = None
    """Null: the first that the agent has."""


@event("run.created", put("runs", "run"))
class RunCreated(Event):
    """New work for an agent."""

    run: RunInfo


class RunCause(StrEnum):
    """Why a run has changed."""

    STARTED = "started"
    """An agent accepted it."""
    REQUEUED = "requeued"
    """An attempt has ended and there will be another."""
    RESTARTED = "restarted"
    """It begins anew with another input."""
    CANCELING = "canceling"
    WAITING = "waiting"
    """It waits for an answer, an approval or another run."""
    RESUMED = "resumed"
    """What it waited for has come."""
    STALE = "stale"
    CHANGED = "changed"


@event("run.updated", put("runs", "run"))
class RunUpdated(Event):
    """A run stands elsewhere; `cause` says why, `note` says it in words."""

    run: RunInfo
    cause: RunCause
    note: Note


@event("run.progressed", patch("runs", "run"))
class RunProgressReported(Event):
    """An agent said how far it is, or what it has cost."""

    run: RunProgressed


@event("run.ended", drop("runs", "run_id"), put("ended_runs", "run"))
class RunEnded(Event):
    """A run has ended, for good."""

    run_id: Id
    run: EndedRun
    note: Note


@event("run.outputted", patch("runs", "run"))
class RunOutputted(Event):
    """A piece of a run's output, from `offset` on, by the attempt `fence`."""

    run_id: Id
    run: RunAlive
    fence: Fence
    offset: int
    text: str
    truncated: bool
    """The run has reached the limit: this is all that is kept."""


@event("run.logged")
class RunLogged(Event):
    """A line in a run's log."""

    run_id: Id
    fence: Fence
    level: LogLevel
    message: str
    data: Json | None


@event("run.attached")
class RunAttached(Event):
    """A run has made an artifact."""

    artifact: Artifact
