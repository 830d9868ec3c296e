"""Questions and approvals: asking, answering, and using what was approved."""

import hashlib
from datetime import timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from handlers import access, endings, notifications, runs, schemas
from handlers.dispatch import Context, handles
from handlers.reports import attempt
from persistence import agents, members, questions, rooms
from persistence import runs as rows
from persistence.ids import new_id
from persistence.runs import StoredRun
from protocol.asking import RunAsk, RunUseApproval
from protocol.errors import ApiError, ErrorCode, invalid, limit_exceeded, not_found
from protocol.fields import MAX_ANSWER_BYTES, MAX_DETAIL_BYTES, MAX_OPEN_QUESTIONS, MAX_QUESTIONS, Page
from protocol.inbox import NotificationKind
from protocol.members import MemberKind
from protocol.questions import (
    ApprovalUsed,
    Question,
    QuestionAsked,
    QuestionGet,
    QuestionKind,
    QuestionList,
    QuestionState,
    RunAnswer,
)
from protocol.roles import RoomRole, WorkspaceRole
from protocol.runs import RunCause, RunState

MAX_ANSWER = 20_000
"""Characters of an answer in words."""
WAITING = {QuestionKind.APPROVAL: RunState.AUTH_REQUIRED}
"""What a run waits in; for other kinds `input-required`."""


@handles(RunAsk, RoomRole.EDITOR)
async def ask(ctx: Context, command: RunAsk) -> Question:
    """Ask people; the run waits until somebody has answered."""
    run = await attempt(ctx, command)
    known = await questions.asked(ctx.tx, run.info.id, command.key)
    if known is not None and known.state is not QuestionState.WITHDRAWN:
        return known
    _check(ctx, command)
    if await questions.count(ctx.tx, run.info.id) >= MAX_QUESTIONS:
        raise limit_exceeded("questions of a run", MAX_QUESTIONS)
    if await questions.count_open(ctx.tx, run.info.project_id) >= MAX_OPEN_QUESTIONS:
        raise limit_exceeded("open questions of a project", MAX_OPEN_QUESTIONS)
    asked = await _asked(ctx, run, command)
    question = _question(ctx, run, command, asked)
    if known is None:
        await questions.insert(ctx.tx, question)
    else:
        question = replace(question, id=known.id)
        await questions.renew(ctx.tx, question)
    ctx.record(QuestionAsked(question=question), room=run.info.project_id, entity=run.info.id)
    waiting = endings.changed(ctx, run, state=WAITING.get(command.kind, RunState.INPUT_REQUIRED))
    endings.save(ctx, waiting, RunCause.WAITING, command.prompt)
    told = asked or await _managers(ctx, run.info.project_id)
    await notifications.notify(
        ctx,
        told,
        NotificationKind.QUESTION,
        run.info.project_id,
        task_id=run.info.task_id,
        run_id=run.info.id,
        question_id=question.id,
        excerpt=command.prompt,
    )
    return question


@handles(RunUseApproval, RoomRole.EDITOR)
async def use_approval(ctx: Context, command: RunUseApproval) -> Question:
    """Check an approval once more, right before what it is for, and use it up."""
    run = await attempt(ctx, command)
    question = await questions.get(ctx.tx, command.question_id)
    if question is None or question.run_id != run.info.id or question.kind is not QuestionKind.APPROVAL:
        raise not_found("approval of this run")
    if (problem := _unusable(ctx, question, command)) is not None:
        raise ApiError(ErrorCode.FORBIDDEN, problem, current=question)
    used = replace(question, used_at=ctx.now)
    questions.save(ctx.tx, used)
    ctx.record(ApprovalUsed(question=used, cost=command.cost), room=run.info.project_id, entity=run.info.id)
    return used


def _unusable(ctx: Context, question: Question, command: RunUseApproval) -> str | None:
    """Why an approval does not allow this, in words; None if it does."""
    if question.state is not QuestionState.ANSWERED:
        return f"The approval is {question.state}."
    if question.answer is not True:
        return "It was not approved."
    if question.used_at is not None:
        return "The approval was used already; ask again."
    if question.expires_at is not None and question.expires_at <= ctx.now:
        return "The approval has expired; ask again."
    if question.action != command.action or question.arguments_hash != digest(command.arguments):
        return "Something else was approved: the action or its arguments differ. Ask again."
    if question.ceiling is not None and command.cost > question.ceiling:
        return f"This costs {command.cost:,}; approved were at most {question.ceiling:,}."
    return None


@handles(RunAnswer, RoomRole.VIEWER)
async def answer(ctx: Context, command: RunAnswer) -> Question:
    """Answer what a run has asked; it goes on."""
    question, role = await _enter(ctx, command.question_id)
    run = await rows.lock(ctx.tx, question.run_id)
    assert run is not None
    # Read again under the lock: somebody may have been faster.
    question = await questions.get(ctx.tx, question.id) or question
    _check_may_answer(ctx, question, role)
    if question.state is not QuestionState.OPEN:
        raise ApiError(ErrorCode.CONFLICT, f"The question is {question.state} already.", current=question)
    answered = endings.close_question(
        ctx,
        question,
        QuestionState.ANSWERED,
        answer=_valid(question, command.answer),
        comment=command.comment,
        answered_by=ctx.actor.id,
        answered_at=ctx.now,
    )
    await settle(ctx, run, f"{ctx.actor.name} answered.")
    return answered


@handles(QuestionGet, RoomRole.VIEWER)
async def get_question(ctx: Context, command: QuestionGet) -> Question:
    """One question."""
    question, _ = await _enter(ctx, command.question_id)
    return question


@handles(QuestionList, WorkspaceRole.GUEST)
async def list_questions(ctx: Context, command: QuestionList) -> Page[Question]:
    """Questions for oneself."""
    if command.run_id is not None:
        projects = [(await runs.seen(ctx, command.run_id)).project_id]
    elif command.project_id is not None:
        projects = [(await access.project(ctx, command.project_id)).id]
    else:
        memberships = await rooms.memberships(ctx.tx, ctx.actor.id)
        projects = [each.id for each in memberships if each.role >= RoomRole.EDITOR]
    return await questions.page(ctx.tx, command, ctx.actor.id, projects)


async def expire(ctx: Context, project_id: str, question_ids: list[str]) -> None:
    """Close questions that nobody has answered in time."""
    await ctx.lock(project_id)
    for question_id in question_ids:
        question = await questions.get(ctx.tx, question_id)
        if question is None or question.state is not QuestionState.OPEN:
            continue
        if question.expires_at is None or question.expires_at > ctx.now:
            continue
        run = await rows.lock(ctx.tx, question.run_id)
        endings.close_question(ctx, question, QuestionState.EXPIRED)
        if run is not None:
            await settle(ctx, run, "Nobody answered in time.")


async def settle(ctx: Context, run: StoredRun, note: str) -> None:
    """Let a run go on if it has no open question left."""
    asking = run.info.state in endings.ASKING and not run.info.canceling
    if asking and not await questions.open_of(ctx.tx, run.info.id):
        await endings.resume(ctx, run, note, answered=True)


def digest(arguments: dict[str, Any]) -> str:
    """The hash of an action's arguments, the same for equal ones."""
    return hashlib.sha256(msgspec.json.encode(arguments, order="sorted")).hexdigest()


async def _enter(ctx: Context, question_id: str) -> tuple[Question, RoomRole]:
    question = await questions.get(ctx.tx, question_id)
    if question is None:
        raise not_found("question")
    _, role = await access.room(
        ctx, question.project_id, kinds=runs.PROJECT, noun="question", about=question.task_id
    )
    return question, role


def _check_may_answer(ctx: Context, question: Question, role: RoomRole) -> None:
    if question.kind is QuestionKind.APPROVAL and ctx.actor.kind is not MemberKind.PERSON:
        raise ApiError(ErrorCode.FORBIDDEN, "Approvals are for people alone.")
    if role >= RoomRole.MANAGER and ctx.actor.id != question.agent_id:
        return
    if ctx.actor.id == question.agent_id:
        raise ApiError(ErrorCode.FORBIDDEN, "An agent does not answer its own questions.")
    if question.asked and ctx.actor.id not in question.asked:
        raise ApiError(ErrorCode.FORBIDDEN, "Others were asked; a manager of the project may answer too.")
    if not question.asked and role < RoomRole.EDITOR:
        raise ApiError(ErrorCode.FORBIDDEN, f"This takes the role «editor» here; yours is «{role}».")


def _valid(question: Question, given: Any) -> Any:
    """The answer, if it is one to this question; ApiError `invalid` says what it must be."""
    schemas.bounded_json(given, "answer", MAX_ANSWER_BYTES)
    if question.kind is QuestionKind.TEXT and not (isinstance(given, str) and len(given) <= MAX_ANSWER):
        raise invalid(f"answer: must be text of at most {MAX_ANSWER:,} characters.", "answer")
    if question.kind is QuestionKind.CHOICE and given not in question.choices:
        raise invalid(f"answer: must be one of {', '.join(question.choices)}.", "answer")
    if question.kind is QuestionKind.APPROVAL and not isinstance(given, bool):
        raise invalid("answer: must be true or false.", "answer")
    if question.kind is QuestionKind.FORM:
        schemas.validate(question.form or {}, given, "answer")
    return given


def _check(ctx: Context, command: RunAsk) -> None:
    if (command.kind is QuestionKind.CHOICE) != bool(command.choices):
        raise invalid("choices: are needed for a choice, and for nothing else.", "choices")
    if (command.kind is QuestionKind.FORM) != (command.form is not None):
        raise invalid("form: is needed for a form, and for nothing else.", "form")
    approval = command.kind is QuestionKind.APPROVAL
    for field in ("action", "arguments"):
        if approval != (getattr(command, field) is not None):
            raise invalid(f"{field}: is needed for an approval, and for nothing else.", field)
    if command.ceiling is not None and not approval:
        raise invalid("ceiling: is for approvals alone.", "ceiling")
    if command.expires_at is not None and command.expires_at <= ctx.now + timedelta(seconds=1):
        raise invalid("expires_at: must be in the future.", "expires_at")
    if command.form is not None:
        schemas.check(command.form, "form")
    if command.arguments is not None:
        schemas.bounded_json(command.arguments, "arguments", MAX_DETAIL_BYTES)


async def _asked(ctx: Context, run: StoredRun, command: RunAsk) -> list[str]:
    """Whom a question is for: those named, else who gave the run, else who answers for the agent."""
    if command.to:
        allowed = await access.admitted(ctx, run.info.project_id, command.to)
        if missing := [member for member in command.to if member not in allowed]:
            path = f"to[{command.to.index(missing[0])}]"
            raise invalid(f"{path}: this is nobody in the project.", path)
        return list(dict.fromkeys(command.to))
    agent = await agents.get(ctx.tx, ctx.actor.id)
    for candidate in [run.info.requested_by, *([agent.owner_id] if agent is not None else [])]:
        member = await members.get(ctx.tx, candidate)
        person = member is not None and member.kind is MemberKind.PERSON
        if person and await access.admitted(ctx, run.info.project_id, [candidate]):
            return [candidate]
    return []


async def _managers(ctx: Context, project_id: str) -> list[str]:
    found = await rooms.participants(ctx.tx, project_id)
    return [each.id for each in found if each.role is RoomRole.MANAGER and each.kind is MemberKind.PERSON]


def _question(ctx: Context, run: StoredRun, command: RunAsk, asked: list[str]) -> Question:
    return Question(
        id=new_id(),
        project_id=run.info.project_id,
        run_id=run.info.id,
        task_id=run.info.task_id,
        agent_id=ctx.actor.id,
        key=command.key,
        kind=command.kind,
        prompt=command.prompt,
        choices=command.choices,
        form=command.form,
        action=command.action,
        arguments=command.arguments,
        arguments_hash=None if command.arguments is None else digest(command.arguments),
        ceiling=command.ceiling,
        asked=asked,
        state=QuestionState.OPEN,
        answer=None,
        comment="",
        answered_by=None,
        created_at=ctx.now,
        answered_at=None,
        expires_at=command.expires_at,
        used_at=None,
    )
