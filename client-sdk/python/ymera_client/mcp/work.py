"""Tools on runs: taking work, telling how it goes, and ending it."""

from typing import Annotated, Any, Literal

from mcp.server.mcpserver.tools import Tool
from pydantic import Field

from ymera_client.errors import Conflict, Invalid
from ymera_client.generated import (
    Costs,
    ErrorClass,
    ProjectList,
    RunArtifactGet,
    RunAttach,
    RunComplete,
    RunFail,
    RunGet,
    RunInfo,
    RunList,
    RunOutput,
    RunProgress,
    RunRelease,
    RunStanding,
    RunState,
    TaskGet,
)
from ymera_client.mcp import fate, views
from ymera_client.mcp.desk import Desk
from ymera_client.mcp.holdings import Holding
from ymera_client.mcp.tasks import TaskTools
from ymera_client.mcp.toolbox import ADDS, ENDS, READS, SETS, Id, RunId, tool

MAX_PROJECTS = 50
"""Projects that are looked through for runs that wait."""
MAX_WAITING = 50
"""Runs that wait, in an answer."""
MAX_ANSWERS = 50
"""Answers of earlier attempts that a run is taken up with; check_answer gives any."""

Tokens = Annotated[int, Field(ge=0, description="Tokens used since the last report.")]
Money = Annotated[int, Field(ge=0, description="Cost since the last report, in millionths of the currency.")]


class WorkTools:
    """What an assistant does with the runs that it holds."""

    def __init__(self, desk: Desk, tasks: TaskTools) -> None:
        self._desk = desk
        self._tasks = tasks

    def tools(self) -> list[Tool]:
        """All of them."""
        return [
            tool(self.my_runs, READS),
            tool(self.claim_task, ADDS),
            tool(self.report_progress, SETS),
            tool(self.add_output, ADDS),
            tool(self.attach_text, ADDS),
            tool(self.read_attachment, READS),
            tool(self.complete_task, ENDS),
            tool(self.fail_task, ENDS),
            tool(self.release_task, ENDS),
        ]

    async def my_runs(self) -> views.MyRuns:
        """Say which runs you hold, which you lost and why, and which wait to be taken by you."""
        lost = []
        while (run_id := self._desk.holdings.untold()) is not None:
            lost.append((await fate.of(self._desk, run_id)).message)
        held = []
        for each in self._desk.holdings:
            if each.canceling:
                lost.append((await fate.stopped(self._desk, each)).message)
            else:
                run = (await self._desk.request(RunGet(run_id=each.id))).run
                held.append(views.RunLine.of(run, {}))
        return views.MyRuns(held=held, lost=lost, waiting=await self._waiting())

    async def claim_task(
        self,
        task_id: Annotated[Id | None, Field(description="A task of list_tasks.")] = None,
        run_id: Annotated[Id | None, Field(description="Instead: a waiting run of my_runs.")] = None,
    ) -> views.Assignment:
        """Take a task, or a run that waits, and begin: nobody else works on it while you hold it.

        The task is in progress from now on. You keep it until complete_task, fail_task or release_task; if
        this program ends, it waits to be taken up again. Refused if somebody was faster, the task waits for
        others or is not yours to take, or you hold as many runs as you may.
        """
        if (task_id is None) == (run_id is None):
            raise Invalid("task_id: name a task, or a run with run_id.")
        if run_id is None:
            project_id = (await self._desk.request(TaskGet(task_id=str(task_id)))).project_id
        else:
            project_id = (await self._desk.request(RunGet(run_id=run_id))).run.project_id
        return _assignment(await self._desk.claim(project_id, task_id, run_id))

    async def report_progress(
        self,
        note: Annotated[
            str, Field(min_length=1, max_length=500, description="What you are at, in a line for people.")
        ],
        share: Annotated[float | None, Field(ge=0, le=1, description="How far you are, from 0 to 1.")] = None,
        tokens: Tokens = 0,
        money: Money = 0,
        run_id: RunId = None,
    ) -> views.Standing:
        """Say what you are at. Do so at each step, at least every few minutes: people watch it, and its
        refusal is how you learn that somebody has stopped the run."""
        held = await self._desk.at_work(run_id)
        costs = Costs(tokens=tokens, money=money)
        standing = await self._desk.report(held, RunProgress, progress=share, note=note, costs=costs)
        return _standing(held, standing)

    async def add_output(
        self, text: Annotated[str, Field(min_length=1, max_length=32_000)], run_id: RunId = None
    ) -> views.Standing:
        """Add text to the run's output, which people see as it comes; end lines with a line break.

        For what belongs to the work's account. What is a file of its own is better attached.
        """
        held = await self._desk.at_work(run_id)
        async with held.turn:
            return _standing(held, await self._write(held, text))

    async def attach_text(
        self,
        name: Annotated[str, Field(min_length=1, max_length=100, description="As of a file.")],
        text: Annotated[str, Field(max_length=262_144)],
        media_type: Annotated[str, Field(min_length=1, max_length=100)] = "text/plain",
        run_id: RunId = None,
    ) -> views.Attachment:
        """Attach a text of at most 256 KiB to the run: a report, a patch, a log. At most 50 to a run."""
        held = await self._desk.at_work(run_id)
        return views.Attachment.of(
            await self._desk.report(held, RunAttach, name=name, text=text, media_type=media_type)
        )

    async def read_attachment(
        self,
        artifact_id: Id,
        offset: Annotated[int, Field(ge=0, description="The character to begin at.")] = 0,
        limit: Annotated[int, Field(ge=1, le=50_000)] = views.MAX_TEXT,
    ) -> views.AttachmentText:
        """Read what a run has attached, as get_task lists it; long ones in parts."""
        content = await self._desk.request(RunArtifactGet(artifact_id=artifact_id))
        end = offset + limit
        return views.AttachmentText(
            artifact_id=artifact_id,
            name=content.artifact.name,
            media_type=content.artifact.media_type,
            text=content.text[offset:end],
            total_characters=len(content.text),
            next_offset=end if end < len(content.text) else None,
        )

    async def complete_task(
        self,
        summary: Annotated[
            str, Field(min_length=1, max_length=500, description="What came out, in a line for people.")
        ],
        result: Annotated[dict[str, Any] | None, Field(description="What came out, as data.")] = None,
        tokens: Tokens = 0,
        money: Money = 0,
        run_id: RunId = None,
    ) -> views.Ending:
        """End the run: the work is done, and so is its task. Final; what others need is attached before.

        On a run that somebody has stopped it serves as the last report, and the run ends as canceled.
        """
        held = await self._desk.at_work(run_id, last=True)
        ended = await self._desk.report(
            held, RunComplete, result=result, summary=summary, costs=Costs(tokens=tokens, money=money)
        )
        return self._ending(held, ended)

    async def fail_task(
        self,
        message: Annotated[str, Field(min_length=1, max_length=2_000, description="What went wrong.")],
        cause: Annotated[
            Literal["fatal", "invalid", "transient"],
            Field(
                description="fatal: it cannot be done; invalid: the task makes no sense; "
                "transient: something outside was at fault, and another attempt may do."
            ),
        ] = "fatal",
        run_id: RunId = None,
    ) -> views.Ending:
        """End your attempt: it came to nothing. Where you only lack an answer, use ask_person instead."""
        held = await self._desk.at_work(run_id, last=True)
        return self._ending(
            held, await self._desk.report(held, RunFail, message=message, cause=ErrorClass(cause))
        )

    async def release_task(
        self, reason: Annotated[str, Field(max_length=500)] = "", run_id: RunId = None
    ) -> views.Ending:
        """Hand a run back: it waits to be taken again, and has not failed. Say what you leave behind."""
        held = await self._desk.at_work(run_id)
        await self._desk.report(held, RunRelease, reason=reason)
        return self._ending(held, (await self._desk.request(RunGet(run_id=held.id))).run)

    async def _write(self, held: Holding, text: str) -> RunStanding:
        """Add to the output where it goes on; the server also knows of calls that were given up."""
        try:
            standing = await self._desk.report(held, RunOutput, text=text, offset=held.output_end)
        except Conflict as error:
            if not isinstance(error.data.get("current"), int):
                raise
            held.output_end = error.data["current"]
            standing = await self._desk.report(held, RunOutput, text=text, offset=held.output_end)
        held.output_end += len(text)
        return standing

    def _ending(self, held: Holding, run: RunInfo) -> views.Ending:
        self._desk.holdings.drop(held.id)
        return views.Ending(run_id=run.id, state=run.state, message=_ENDINGS.get(run.state, ""))

    async def _waiting(self) -> list[views.RunLine]:
        found: list[views.RunLine] = []
        async for project in self._desk.pages(ProjectList(limit=MAX_PROJECTS), MAX_PROJECTS):
            listing = RunList(
                project_id=project.id,
                capability=self._desk.capability,
                state=[RunState.SUBMITTED],
                limit=MAX_WAITING,
            )
            page = await self._desk.request(listing)
            found += [views.RunLine.of(run, {}) for run in page.items if self._tasks.takeable(run)]
            if len(found) >= MAX_WAITING:
                break
        return found[:MAX_WAITING]


_ENDINGS = {
    RunState.COMPLETED: "Completed.",
    RunState.CANCELED: "It was stopped by somebody; this was its last report. Do nothing more for it.",
    RunState.FAILED: "It has failed, and is listed for people to look at.",
    RunState.SUBMITTED: "It waits to be taken again.",
}


def _standing(held: Holding, standing: RunStanding) -> views.Standing:
    return views.Standing(
        run_id=held.id, state=standing.state, tokens=standing.costs.tokens, money=standing.costs.money
    )


def _assignment(held: Holding) -> views.Assignment:
    offer = held.offer
    run, task, handed = offer.run, offer.task, offer.handed
    return views.Assignment(
        run_id=run.id,
        project_id=run.project_id,
        task_id=run.task_id,
        title=task.title if task else run.title,
        description=views.clip(task.description, views.MAX_TEXT) if task else "",
        labels=task.labels if task else [],
        capability=run.capability,
        input=views.plain(offer.input, views.MAX_TEXT),
        handed_over="" if handed is None else f"{handed.note}\n{views.plain(handed.result)}".strip(),
        answers=[views.Answer.of(question) for question in offer.answers[-MAX_ANSWERS:]],
        attempt=offer.fence,
        attempts=run.attempts,
        deadline=run.deadline,
    )
