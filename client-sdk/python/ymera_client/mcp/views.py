"""What tools answer with: shapes that say enough for a model to go on, each text and list bounded."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from pydantic import BaseModel, Field

from ymera_client.generated import (
    Artifact,
    Participant,
    Priority,
    ProjectState,
    ProjectSummary,
    Question,
    QuestionKind,
    QuestionState,
    RoomRole,
    RunInfo,
    RunState,
    Task,
    TaskStatus,
)

MAX_TEXT = 20_000
"""Characters of a text that is the point of an answer."""
MAX_ASIDE = 2_000
"""Characters of a text beside it."""

Names = Mapping[str, Participant]


def clip(text: str, most: int = MAX_ASIDE) -> str:
    """A text, or its beginning with a word on how much is missing."""
    return text if len(text) <= most else f"{text[:most]}… (cut off: {len(text):,} characters in all)"


def plain(value: Any, most: int = MAX_ASIDE) -> str:
    """A JSON value as bounded text; empty for null."""
    return "" if value is None else clip(msgspec.json.encode(value).decode(), most)


def name(names: Names, member_id: str | None) -> str:
    """A member's name, or the id of one who is no longer in the project."""
    if member_id is None:
        return ""
    return names[member_id].name if member_id in names else member_id


class ProjectLine(BaseModel):
    """A project."""

    id: str
    name: str
    description: str
    state: ProjectState
    your_role: RoomRole
    open_tasks: int
    done_tasks: int

    @classmethod
    def of(cls, summary: ProjectSummary) -> "ProjectLine":
        return cls(
            id=summary.id,
            name=summary.project.name,
            description=clip(summary.project.description, 300),
            state=summary.project.state,
            your_role=summary.role,
            open_tasks=summary.open_tasks,
            done_tasks=summary.done_tasks,
        )


class Projects(BaseModel):
    """Part of the projects."""

    items: list[ProjectLine]
    next: str | None = Field(description="Pass it as cursor for the following part; null at the end.")


class Person(BaseModel):
    """A member of a project."""

    id: str
    name: str
    kind: Literal["person", "agent"]
    role: RoomRole


class People(BaseModel):
    """The members of a project, by name."""

    items: list[Person]


class TaskLine(BaseModel):
    """A task in a list."""

    id: str
    title: str
    status: TaskStatus
    priority: Priority
    labels: list[str]
    due: str | None
    blocked: bool = Field(description="It waits for other tasks.")
    assigned_to: Literal["nobody", "you", "others"]

    @classmethod
    def of(cls, task: Task, me: str) -> "TaskLine":
        return cls(**_line(task, me))


class Tasks(BaseModel):
    """Part of a project's tasks."""

    items: list[TaskLine]
    next: str | None = Field(description="Pass it as cursor for the following part; null at the end.")


class Related(BaseModel):
    """A task that another one waits for."""

    id: str
    title: str
    status: TaskStatus


class Comment(BaseModel):
    """A comment on a task."""

    author: str
    at: datetime
    text: str


class Step(BaseModel):
    """A change of a task."""

    at: datetime
    who: str
    what: str


class Attachment(BaseModel):
    """A text that a run has attached; read_attachment gives it."""

    artifact_id: str
    name: str
    media_type: str
    bytes: int

    @classmethod
    def of(cls, artifact: Artifact) -> "Attachment":
        return cls(
            artifact_id=artifact.id,
            name=artifact.name,
            media_type=artifact.media_type,
            bytes=artifact.bytes,
        )


class AttachmentText(BaseModel):
    """Part of an attachment."""

    artifact_id: str
    name: str
    media_type: str
    text: str
    total_characters: int
    next_offset: int | None = Field(description="Where the following part begins; null at the end.")


class RunLine(BaseModel):
    """Work that an agent does or did for a task."""

    run_id: str
    project_id: str
    task_id: str | None
    title: str
    capability: str
    agent: str
    state: RunState
    note: str
    summary: str
    error: str
    result: str = Field(default="", description="JSON, shortened.")
    attachments: list[Attachment] = []

    @classmethod
    def of(cls, run: RunInfo, names: Names, **more: Any) -> "RunLine":
        return cls(
            run_id=run.id,
            project_id=run.project_id,
            task_id=run.task_id,
            title=run.title,
            capability=run.capability,
            agent=name(names, run.agent_id),
            state=run.state,
            note=run.note,
            summary=run.summary,
            error=run.error.message if run.error else "",
            **more,
        )


class TaskDetails(TaskLine):
    """All about a task that helps to do it."""

    project_id: str
    description: str
    external_id: str | None
    parent_id: str | None
    assignees: list[str]
    depends_on: list[Related]
    comments: list[Comment] = Field(description="The newest, oldest of them first.")
    history: list[Step] = Field(description="The newest changes, newest first.")
    runs: list[RunLine] = Field(description="The newest runs for it, newest first.")

    @classmethod
    def details(cls, task: Task, me: str, names: Names, **more: Any) -> "TaskDetails":
        return cls(
            **_line(task, me),
            project_id=task.project_id,
            description=clip(task.description, MAX_TEXT),
            external_id=task.external_id,
            parent_id=task.parent_id,
            assignees=[name(names, each) for each in task.assignees],
            **more,
        )


class Answer(BaseModel):
    """A question to people, or an approval wanted of them, and what came of it."""

    question_id: str
    run_id: str
    kind: QuestionKind
    prompt: str
    state: QuestionState
    answer: Any = Field(description="Null while open; of an approval true or false.")
    comment: str
    expires_at: datetime | None
    used: bool = Field(description="Of an approval: it has served, and does not serve again.")
    next_step: str

    @classmethod
    def of(cls, question: Question) -> "Answer":
        return cls(
            question_id=question.id,
            run_id=question.run_id,
            kind=question.kind,
            prompt=clip(question.prompt),
            state=question.state,
            answer=question.answer,
            comment=question.comment,
            expires_at=question.expires_at,
            used=question.used_at is not None,
            next_step=_next_step(question),
        )


class Assignment(BaseModel):
    """A run that you hold now: work on it until you complete, fail or release it."""

    run_id: str
    project_id: str
    task_id: str | None
    title: str
    description: str
    labels: list[str]
    capability: str
    input: str = Field(description="JSON: what whoever gave the work has said beside the task.")
    handed_over: str = Field(description="What an agent before you left for you.")
    answers: list[Answer] = Field(description="Questions of earlier attempts that are answered.")
    attempt: int
    attempts: int
    deadline: datetime | None


class Standing(BaseModel):
    """How a run stands after a report."""

    run_id: str
    state: RunState
    tokens: int = Field(description="Reported so far.")
    money: int = Field(description="Reported so far, in millionths of the currency.")


class Ending(BaseModel):
    """What became of a run that you no longer hold."""

    run_id: str
    state: RunState
    message: str


class MyRuns(BaseModel):
    """What you hold, what you lost, and what waits for you."""

    held: list[RunLine]
    lost: list[str] = Field(description="Why runs that you held are no longer yours; said once.")
    waiting: list[RunLine] = Field(description="Runs that you could take with claim_task(run_id=…).")


class Posted(BaseModel):
    """A comment that was made."""

    message_id: str


def _line(task: Task, me: str) -> dict[str, Any]:
    return {
        "id": task.id,
        "title": task.title,
        "status": task.status,
        "priority": task.priority,
        "labels": task.labels,
        "due": task.due.isoformat() if task.due else None,
        "blocked": task.blocked,
        "assigned_to": "you" if me in task.assignees else "others" if task.assignees else "nobody",
    }


def _next_step(question: Question) -> str:
    match question.state:
        case QuestionState.OPEN:
            return (
                "Nobody has answered yet. Go on with what does not depend on it and call check_answer later."
            )
        case QuestionState.ANSWERED if question.kind is not QuestionKind.APPROVAL:
            return "Answered: go on."
        case QuestionState.ANSWERED if question.answer is True:
            return "Approved: call use_approval right before the action, with exactly these arguments."
        case QuestionState.ANSWERED:
            return "Not approved: do not do it."
        case QuestionState.EXPIRED:
            return "Nobody answered in time; ask again with another key, decide without it, or fail the run."
        case _:
            return "Withdrawn: the run has ended, was stopped or began anew."
