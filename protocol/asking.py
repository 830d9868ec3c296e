"""Asking people: how runs ask questions, and make use of an approval.

These are reports, as `protocol.runs` has them; the questions themselves are in `protocol.questions`.
"""

from typing import Annotated

from msgspec import Meta, field

from protocol.fields import Id, Json, Money, Schema, Timestamp
from protocol.questions import Prompt, Question, QuestionKey, QuestionKind
from protocol.registry import command
from protocol.runs import Report

Choice = Annotated[str, Meta(min_length=1, max_length=300)]


@command("run.ask")
class RunAsk(Report[Question]):
    """As the agent: ask a person. The run waits for the answer and takes no slot meanwhile.

    The same `key` gives the same question, with its answer if there is one.
    """

    key: QuestionKey
    prompt: Prompt
    kind: QuestionKind = QuestionKind.TEXT
    choices: Annotated[list[Choice], Meta(max_length=50)] = field(default_factory=list)
    form: Schema | None = None
    action: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    arguments: Json | None = None
    ceiling: Money | None = None
    to: Annotated[list[Id], Meta(max_length=50)] = field(default_factory=list)
    """Whom to ask; nobody: who gave the run, if that is a person, else everybody who may edit."""
    expires_at: Timestamp | None = None


@command("run.use_approval")
class RunUseApproval(Report[Question]):
    """As the agent: make use of an approval, right before the action. It serves once.

    `forbidden` unless it was given, has not expired, is of exactly this action with these arguments, and
    bears the cost.
    """

    question_id: Id
    action: Annotated[str, Meta(min_length=1, max_length=200)]
    arguments: Json
    cost: Money = 0
