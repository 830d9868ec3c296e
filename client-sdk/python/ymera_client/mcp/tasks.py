"""Tools on projects and tasks: finding work, reading it, adding to it."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from mcp.server.mcpserver.tools import Tool
from pydantic import Field

from ymera_client.generated import (
    LoggedEvent,
    Participant,
    Priority,
    ProjectList,
    RunGet,
    RunInfo,
    RunList,
    RunState,
    Task,
    TaskComment,
    TaskCreate,
    TaskDepend,
    TaskGet,
    TaskHistory,
    TaskList,
    TaskStatus,
)
from ymera_client.mcp import views
from ymera_client.mcp.desk import Desk
from ymera_client.mcp.toolbox import ADDS, READS, Cursor, Id, tool

LIVE = [RunState.SUBMITTED, RunState.WORKING, RunState.INPUT_REQUIRED, RunState.AUTH_REQUIRED]
READY = [TaskStatus.TODO, TaskStatus.IN_PROGRESS]
"""Where work is expected to be taken from."""
MAX_LOOKS = 10
"""Parts of a list that are looked through for a task that can be taken."""
MAX_LIVE = 1_000
"""Runs of a project that are known when tasks are listed; claim_task knows them all."""
MAX_RELATED = 20
MAX_HISTORY = 100
"""Events of a task that are read, newest first."""
MAX_COMMENTS = 20
MAX_STEPS = 10
MAX_RUNS = 5


class TaskTools:
    """What an assistant does with projects and tasks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def tools(self) -> list[Tool]:
        """All of them."""
        return [
            tool(self.list_projects, READS),
            tool(self.list_people, READS),
            tool(self.list_tasks, READS),
            tool(self.get_task, READS),
            tool(self.create_task, ADDS),
            tool(self.comment_on_task, ADDS),
        ]

    async def list_projects(
        self, cursor: Cursor = None, limit: Annotated[int, Field(ge=1, le=100)] = 50
    ) -> views.Projects:
        """List the projects that you may see, those that changed last first. Start here."""
        page = await self._desk.request(ProjectList(cursor=cursor, limit=limit))
        return views.Projects(items=[views.ProjectLine.of(each) for each in page.items], next=page.next)

    async def list_people(self, project_id: Id) -> views.People:
        """List the members of a project, people and agents, with the ids that ask_person takes in `to`."""
        members = await self._desk.members(project_id)
        return views.People(
            items=[
                views.Person(id=each.id, name=each.name, kind=each.kind.value, role=each.role)
                for each in members.values()
            ]
        )

    async def list_tasks(
        self,
        *,
        project_id: Id,
        only_takeable: Annotated[
            bool, Field(description="Only what you could claim now; false lists everything.")
        ] = True,
        status: Annotated[
            list[TaskStatus] | None,
            Field(max_length=6, description="Default: todo and in_progress, or all if not only_takeable."),
        ] = None,
        label: Annotated[str | None, Field(max_length=40)] = None,
        query: Annotated[str | None, Field(max_length=200, description="Part of the title.")] = None,
        parent_id: Annotated[Id | None, Field(description="Only subtasks of this task.")] = None,
        cursor: Cursor = None,
        limit: Annotated[int, Field(ge=1, le=100)] = 25,
    ) -> views.Tasks:
        """List tasks of a project in the order in which people want them done.

        By default only those that you could claim now: not blocked by others, assigned to nobody or to
        you, and with nobody at work on them. A part may hold few items although `next` goes on.
        """
        taken = await self._taken(project_id) if only_takeable else frozenset()
        items: list[Task] = []
        for _ in range(MAX_LOOKS):
            page = await self._desk.request(
                TaskList(
                    project_id=project_id,
                    status=status or (READY if only_takeable else None),
                    label=label,
                    query=query,
                    parent_id=parent_id,
                    blocked=False if only_takeable else None,
                    cursor=cursor,
                    limit=limit,
                )
            )
            items = [task for task in page.items if not only_takeable or self._free(task, taken)]
            cursor = page.next
            if items or cursor is None:
                break
        return views.Tasks(items=[views.TaskLine.of(each, self._desk.me.id) for each in items], next=cursor)

    async def get_task(self, task_id: Id) -> views.TaskDetails:
        """Read a task: its description, comments, what it waits for, its history, and what runs left on it.

        Attachments are listed with the runs that made them; read_attachment gives their text.
        """
        task = await self._desk.request(TaskGet(task_id=task_id))
        names, history, related, runs = await asyncio.gather(
            self._desk.members(task.project_id),
            self._desk.request(TaskHistory(task_id=task_id, limit=MAX_HISTORY)),
            asyncio.gather(*(self._related(each) for each in task.depends_on[:MAX_RELATED])),
            self._desk.request(RunList(project_id=task.project_id, task_id=task_id, limit=MAX_RUNS)),
        )
        return views.TaskDetails.details(
            task,
            self._desk.me.id,
            names,
            depends_on=related,
            comments=_comments(history.items, names),
            history=_steps(history.items, names),
            runs=await asyncio.gather(*(self._run(each, names) for each in runs.items)),
        )

    async def create_task(
        self,
        project_id: Id,
        title: Annotated[str, Field(min_length=1, max_length=300)],
        description: Annotated[str, Field(max_length=20_000, description="Markdown.")] = "",
        priority: Priority = Priority.NONE,
        labels: Annotated[list[str] | None, Field(max_length=20)] = None,
        parent_id: Annotated[Id | None, Field(description="Makes it a subtask of this task.")] = None,
        depends_on: Annotated[
            list[Id] | None, Field(max_length=100, description="Tasks that must end before it can start.")
        ] = None,
    ) -> views.TaskLine:
        """Add a task to a project, at the end and assigned to nobody. Takes the role editor there."""
        task = await self._desk.request(
            TaskCreate(
                project_id=project_id,
                title=title,
                description=description,
                priority=priority,
                labels=labels or [],
                parent_id=parent_id,
            )
        )
        if depends_on:
            task = await self._desk.request(TaskDepend(task_id=task.id, on=depends_on))
        return views.TaskLine.of(task, self._desk.me.id)

    async def comment_on_task(
        self,
        task_id: Id,
        text: Annotated[
            str,
            Field(
                min_length=1,
                max_length=20_000,
                description="Markdown; `@[name](member id)` mentions somebody.",
            ),
        ],
    ) -> views.Posted:
        """Comment on a task, for everybody in the project to read. To get an answer, use ask_person."""
        message = await self._desk.request(TaskComment(task_id=task_id, text=text))
        return views.Posted(message_id=message.id)

    async def _taken(self, project_id: str) -> frozenset[str]:
        """Tasks with a run that this agent cannot take."""
        runs = self._desk.pages(RunList(project_id=project_id, state=LIVE, limit=200), MAX_LIVE)
        return frozenset([str(run.task_id) async for run in runs if not self.takeable(run)])

    def takeable(self, run: RunInfo) -> bool:
        """Whether a run waits for this agent."""
        return (
            run.state is RunState.SUBMITTED
            and run.instance_id is None
            and run.wanted_agent_id in {None, self._desk.me.id}
            and run.capability == self._desk.capability
        )

    def _free(self, task: Task, taken: frozenset[str]) -> bool:
        return task.id not in taken and (not task.assignees or self._desk.me.id in task.assignees)

    async def _related(self, task_id: str) -> views.Related:
        task = await self._desk.request(TaskGet(task_id=task_id))
        return views.Related(id=task.id, title=task.title, status=task.status)

    async def _run(self, run: RunInfo, names: views.Names) -> views.RunLine:
        details = await self._desk.request(RunGet(run_id=run.id))
        return views.RunLine.of(
            details.run,
            names,
            result=views.plain(details.result),
            attachments=[views.Attachment.of(each) for each in details.artifacts],
        )


def _comments(history: Sequence[LoggedEvent], names: views.Names) -> list[views.Comment]:
    """The newest comments as they read now, oldest first."""
    newest: dict[str, dict[str, Any]] = {}
    for event in history:
        if event.type in {"message.sent", "message.updated"}:
            newest.setdefault(event.data["message"]["id"], event.data["message"])
    spoken = sorted((each for each in newest.values() if not each["deleted"]), key=lambda each: each["seq"])
    return [
        views.Comment(
            author=views.name(names, each["author_id"]), at=each["created_at"], text=views.clip(each["text"])
        )
        for each in spoken[-MAX_COMMENTS:]
    ]


def _steps(history: Sequence[LoggedEvent], names: dict[str, Participant]) -> list[views.Step]:
    steps = [event for event in history if not event.type.startswith("message.")]
    return [
        views.Step(at=event.at, who=views.name(names, event.actor), what=_what(event))
        for event in steps[:MAX_STEPS]
    ]


def _what(event: LoggedEvent) -> str:
    changes = [
        f"{each['field']}: {views.clip(str(each['before']), 60)} → {views.clip(str(each['after']), 60)}"
        for each in event.data.get("changes", [])
    ]
    return "; ".join([event.type, *changes])
