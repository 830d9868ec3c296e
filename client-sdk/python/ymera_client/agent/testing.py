"""Runs a capability without a server: input goes in, people and other agents are scripted, all is recorded.

The handler runs as it does in the real program, and what it takes and gives is held to the same schemas.
"""

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar

import msgspec

from ymera_client.agent.agent import Agent
from ymera_client.agent.execution import Execution, Stop
from ymera_client.agent.lease import about
from ymera_client.agent.memory import MemoryFiles
from ymera_client.agent.run import Run
from ymera_client.errors import BudgetExhausted, Forbidden
from ymera_client.generated import (
    Artifact,
    Command,
    Costs,
    ErrorClass,
    FileList,
    HandedOver,
    Priority,
    Question,
    QuestionKind,
    QuestionState,
    RunAsk,
    RunAttach,
    RunCall,
    RunComplete,
    RunError,
    RunFail,
    RunHandOff,
    RunInfo,
    RunLog,
    RunOffer,
    RunProgress,
    RunReply,
    RunStanding,
    RunState,
    RunUseApproval,
    TaskBrief,
)
from ymera_client.outbox import new_id

R = TypeVar("R")
T = TypeVar("T")


@dataclass
class Outcome:
    """What a run did, and how it ended."""

    state: RunState = RunState.WORKING
    result: Any = None
    error: RunError | None = None
    summary: str = ""
    output: str = ""
    progress: list[tuple[float | None, str | None]] = field(default_factory=list)
    logs: list[RunLog] = field(default_factory=list)
    costs: Costs = field(default_factory=Costs)
    artifacts: dict[str, str] = field(default_factory=dict)
    """Texts by name."""
    files: dict[str, bytes] = field(default_factory=dict)
    """What it has put into the project, by path."""
    questions: list[Question] = field(default_factory=list)
    """Asked and closed, approvals too."""
    used: list[RunUseApproval] = field(default_factory=list)
    """Uses of approvals."""
    calls: list[RunCall] = field(default_factory=list)
    handed_off: RunHandOff | None = None
    commands: list[Command[Any]] = field(default_factory=list)
    """What went through `run.request`."""


class Harness:
    """Runs capabilities of an agent by a script.

    `answers` are by the question's prompt, `approvals` (true or false) by action, `calls` (the other agent's
    results) by capability, `replies` (of `run.request`) by the command's class. A value may be an exception,
    which is raised, or a function, which gets the question, the call or the command. With None for an answer
    the question expires. `files` are the project's, contents by path, which is also their id. `budget` is the
    most that a run may cost, in millionths.
    """

    def __init__(
        self,
        agent: Agent,
        *,
        answers: Mapping[str, Any] | None = None,
        approvals: Mapping[str, Any] | None = None,
        calls: Mapping[str, Any] | None = None,
        replies: Mapping[type[Command[Any]], Any] | None = None,
        files: Mapping[str, bytes] | None = None,
        budget: int | None = None,
    ) -> None:
        self.answers = dict(answers or {})
        self.approvals = dict(approvals or {})
        self.calls = dict(calls or {})
        self.replies = dict(replies or {})
        self.files = dict(files or {})
        self.budget = budget
        self._agent = agent
        self._execution: Execution | None = None

    async def run(
        self,
        capability: str,
        given: Mapping[str, Any] | None = None,
        /,
        *,
        task: TaskBrief | None = None,
        handed: HandedOver | None = None,
        attempt: int = 1,
        **more: Any,
    ) -> Outcome:
        """Run a capability with this input and say what it did.

        AssertionError if it wants something that the script does not have; KeyError if there is no such
        capability.
        """
        given = msgspec.to_builtins({**(given or {}), **more}, str_keys=True)
        offer = new_offer(capability, given, task=task, handed=handed, attempt=attempt)
        stage = _Stage(self, offer)
        run = Run(stage, _Here(), stage.files)
        execution = Execution(self._agent.handlers[capability], run, stage.about)
        self._execution = execution
        last = await execution.last_report()
        if stage.missing is not None:
            raise stage.missing
        return stage.close(last)

    def cancel(self) -> None:
        """Stop the run, as a person would: from another task, or from within the script."""
        if self._execution is not None:
            self._execution.stop(Stop.CANCELED)


class _Here:
    """The loop that we are in."""

    async def do(self, work: Coroutine[Any, Any, T]) -> T:
        return await work


class _Stage:
    """Takes the reports of one run."""

    def __init__(self, script: Harness, offer: RunOffer) -> None:
        self.offer = offer
        self.about = about(offer)
        self.missing: AssertionError | None = None
        """What the script lacks."""
        self.files = MemoryFiles(offer.run.project_id, script.files)
        self._script = script
        self._seen = Outcome()
        self._used: set[str] = set()

    async def send(self, report: Command[R]) -> R:
        msgspec.json.encode(report)
        return self._reply(report)  # type: ignore[no-any-return]

    async def ask(self, question: RunAsk) -> Question:
        if question.kind is QuestionKind.APPROVAL:
            answer = self._scripted(self._script.approvals, str(question.action), question)
        else:
            answer = self._scripted(self._script.answers, question.prompt, question)
        if answer is not None and question.choices and answer not in question.choices:
            raise AssertionError(
                f"{answer!r} is none of the choices of {question.prompt!r}: {question.choices}"
            )
        closed = _question(self.offer, question, answer)
        self._seen.questions.append(closed)
        return closed

    async def call(self, call: RunCall) -> RunReply:
        self._seen.calls.append(call)
        result = self._scripted(self._script.calls, call.capability, call)
        return RunReply(run_id=new_id(), key=call.key, state=RunState.COMPLETED, result=result, error=None)

    def write(self, text: str) -> bool:
        self._seen.output += text
        return True

    def show(self, share: float | None, note: str | None) -> None:
        self._seen.progress.append((share, note))

    def add(self, line: RunLog, *, or_drop: bool = False) -> bool:  # noqa: ARG002 - there is always room
        self._seen.logs.append(line)
        return True

    async def room(self) -> None:
        return

    def close(self, last: Command[Any] | None) -> Outcome:
        seen = self._seen
        seen.files = self.files.contents(self.offer.run.id)
        match last:
            case RunComplete():
                seen.state, seen.result, seen.summary = RunState.COMPLETED, last.result, last.summary
            case RunFail():
                canceled = last.cause is ErrorClass.CANCELED
                seen.state = RunState.CANCELED if canceled else RunState.FAILED
                seen.error = RunError(cause=last.cause, message=last.message)
            case None if seen.handed_off is not None:
                seen.state, seen.result = RunState.COMPLETED, seen.handed_off.result
        return seen

    def _reply(self, report: Command[Any]) -> Any:
        seen = self._seen
        match report:
            case RunProgress(costs=Costs() as costs):
                seen.costs = _sum(seen.costs, costs)
                if self._script.budget is not None and seen.costs.money > self._script.budget:
                    raise BudgetExhausted(f"The budget of {self._script.budget} does not bear this.")
                return RunStanding(state=RunState.WORKING, canceling=False, costs=seen.costs)
            case RunAttach():
                seen.artifacts[report.name] = report.text
                return _artifact(report)
            case RunUseApproval():
                return self._use(report)
            case RunHandOff():
                seen.handed_off = report
                return _run_info(report.capability, self.offer.task)
            case FileList() if FileList not in self._script.replies:
                return self.files.list(report)
            case _:
                seen.commands.append(report)
                return self._scripted(self._script.replies, type(report), report)

    def _use(self, use: RunUseApproval) -> Question:
        self._seen.used.append(use)
        approval = next(each for each in self._seen.questions if each.id == use.question_id)
        if approval.id in self._used:
            raise Forbidden("The approval was used before.")
        if use.arguments != approval.arguments:
            raise Forbidden("The approval is of other arguments.")
        if approval.ceiling is not None and use.cost > approval.ceiling:
            raise Forbidden("The approval does not bear the cost.")
        self._used.add(approval.id)
        return msgspec.structs.replace(approval, used_at=datetime.now(UTC))

    def _scripted(self, script: Mapping[Any, Any], name: Any, about: object) -> Any:
        if name not in script:
            shown = name if isinstance(name, str) else name.__name__
            self.missing = AssertionError(f"The script has nothing for {shown!r}; it has {list(script)}.")
            raise self.missing
        scripted = script[name]
        if callable(scripted) and not isinstance(scripted, type):
            scripted = scripted(about)
        if isinstance(scripted, BaseException):
            raise scripted
        return scripted


def new_offer(
    capability: str,
    given: Mapping[str, Any] | None = None,
    *,
    task: TaskBrief | None = None,
    handed: HandedOver | None = None,
    attempt: int = 1,
) -> RunOffer:
    """An offer of a run as a server would make it."""
    return RunOffer(
        run=_run_info(capability, task),
        fence=attempt,
        input=dict(given or {}),
        task=task,
        handed=handed,
        answers=[],
        results={},
    )


def _question(offer: RunOffer, asked: RunAsk, answer: Any) -> Question:
    now = datetime.now(UTC)
    arguments = msgspec.json.encode(asked.arguments, order="sorted")
    return Question(
        id=new_id(),
        project_id=offer.run.project_id,
        run_id=offer.run.id,
        task_id=offer.run.task_id,
        agent_id=new_id(),
        key=asked.key,
        kind=asked.kind,
        prompt=asked.prompt,
        choices=asked.choices,
        form=asked.form,
        action=asked.action,
        arguments=asked.arguments,
        arguments_hash=None if asked.arguments is None else sha256(arguments).hexdigest(),
        ceiling=asked.ceiling,
        asked=asked.to,
        state=QuestionState.EXPIRED if answer is None else QuestionState.ANSWERED,
        answer=answer,
        comment="",
        answered_by=None,
        created_at=now,
        answered_at=None if answer is None else now,
        expires_at=asked.expires_at,
        used_at=None,
    )


def _run_info(capability: str, task: TaskBrief | None) -> RunInfo:
    now = datetime.now(UTC)
    absent: dict[str, Any] = dict.fromkeys(RunInfo.__struct_fields__)
    known: dict[str, Any] = {
        "id": new_id(),
        "version": 1,
        "project_id": new_id(),
        "task_id": task.id if task else None,
        "title": task.title if task else capability,
        "capability": capability,
        "requested_by": new_id(),
        "depth": 0,
        "state": RunState.WORKING,
        "canceling": False,
        "stale": False,
        "attempt": 1,
        "attempts": 3,
        "priority": task.priority if task else Priority.NONE,
        "review": False,
        "costs": Costs(),
        "note": "",
        "summary": "",
        "created_at": now,
        "started_at": now,
        "updated_at": now,
    }
    return RunInfo(**(absent | known))


def _artifact(report: RunAttach) -> Artifact:
    return Artifact(
        id=new_id(),
        run_id=report.run_id,
        name=report.name,
        media_type=report.media_type,
        bytes=len(report.text.encode()),
        created_at=datetime.now(UTC),
    )


def _sum(one: Costs, other: Costs) -> Costs:
    return Costs(
        tokens=one.tokens + other.tokens,
        money=one.money + other.money,
        seconds=one.seconds + other.seconds,
    )
