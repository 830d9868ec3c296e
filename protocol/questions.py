"""Questions and approvals: what runs want of people. Durable, so an answer may come days later."""

from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta

from protocol.fields import Cursor, Id, Json, Money, Page, PageSize, Schema, Timestamp
from protocol.registry import Command, Entity, Event, collection, command, drop, event, put, query

Prompt = Annotated[str, Meta(min_length=1, max_length=4_000)]
QuestionKey = Annotated[str, Meta(min_length=1, max_length=200)]


class QuestionKind(StrEnum):
    """What answers a question."""

    TEXT = "text"
    CHOICE = "choice"
    FORM = "form"
    APPROVAL = "approval"


class QuestionState(StrEnum):
    """Where a question stands."""

    OPEN = "open"
    ANSWERED = "answered"
    EXPIRED = "expired"
    """Nobody answered in time."""
    WITHDRAWN = "withdrawn"
    """The run has ended, or begins anew."""


@collection("questions")
class Question(Entity):
    """Something that a run wants to know or be allowed. A project's state holds the open ones."""

    project_id: Id
    run_id: Id
    task_id: Id | None
    agent_id: Id
    key: QuestionKey
    """The agent's own name for it: asked again with the same, it is the same question."""
    kind: QuestionKind
    prompt: Prompt
    choices: list[str]
    form: Schema | None
    """JSON Schema of the answer."""
    action: Annotated[str, Meta(max_length=200)] | None
    """Of an approval: what is to be done."""
    arguments: Json | None
    """Of an approval: with what, exactly."""
    arguments_hash: Annotated[str, Meta(max_length=64)] | None
    """SHA-256 of the arguments as JSON with sorted keys and no spaces, in hex."""
    ceiling: Money | None
    """Of an approval: most that it may cost."""
    asked: list[Id]
    """Who was asked; nobody: everybody who may edit."""
    state: QuestionState
    answer: Any | None
    """Text, one of the choices, an object, or for an approval true or false."""
    comment: Annotated[str, Meta(max_length=2_000)]
    answered_by: Id | None
    created_at: Timestamp
    answered_at: Timestamp | None
    expires_at: Timestamp | None
    used_at: Timestamp | None
    """Of an approval: when it was made use of. It serves once."""


@query("question.list")
class QuestionList(Command[Page[Question]]):
    """Questions that you may answer, newest first, over all your projects or in one."""

    project_id: Id | None = None
    run_id: Id | None = None
    open: bool = True
    """False: also those that are answered, expired or withdrawn."""
    cursor: Cursor | None = None
    limit: PageSize = 50


@query("question.get")
class QuestionGet(Command[Question]):
    """One question."""

    question_id: Id


@command("run.answer")
class RunAnswer(Command[Question]):
    """Answer a question. Those who were asked, or whoever may edit; approvals are for people alone.

    Managers may always answer.
    """

    question_id: Id
    answer: Any
    """Text, one of the choices, an object that satisfies the form, or for an approval true or false."""
    comment: Annotated[str, Meta(max_length=2_000)] = ""


@event("question.asked", put("questions", "question"))
class QuestionAsked(Event):
    """A run asks something."""

    question: Question


@event("question.closed", drop("questions", "question_id"))
class QuestionClosed(Event):
    """A question was answered, has expired or was withdrawn."""

    question_id: Id
    question: Question


@event("approval.used")
class ApprovalUsed(Event):
    """A run has made use of an approval."""

    question: Question
    cost: Money
