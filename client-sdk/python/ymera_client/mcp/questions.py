"""Tools on questions and approvals: asking people, and waiting for them within bounds."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from mcp.server.mcpserver.context import Context
from mcp.server.mcpserver.tools import Tool
from pydantic import Field

from ymera_client.generated import (
    Question,
    QuestionGet,
    QuestionKind,
    QuestionState,
    RunAsk,
    RunUseApproval,
)
from ymera_client.mcp import views
from ymera_client.mcp.desk import Desk
from ymera_client.mcp.toolbox import ENDS, READS, SETS, Id, RunId, tool

FIRST_LOOK = 1.0
"""Seconds after which a wait is first told to be one."""
LOOK = 5.0
"""Seconds between two looks at a question of which there is no news."""
WAITING = "Waiting for a person to answer."

Progress = Context[Any, Any]
Wait = Annotated[
    float, Field(ge=0, le=120, description="Seconds to wait for the answer; then call check_answer later.")
]
To = Annotated[
    list[Id] | None,
    Field(max_length=50, description="Ids of list_people; nobody: whoever gave you the work."),
]
Minutes = Annotated[
    int | None, Field(ge=1, le=525_600, description="Minutes after which nobody can answer any more.")
]
Key = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=200,
        description="Your own name for it. The same question asked again is the same one, with its answer; "
        "to ask anew, give another key.",
    ),
]
Prompt = Annotated[
    str, Field(min_length=1, max_length=4_000, description="What people read; say all that they need.")
]
Action = Annotated[str, Field(min_length=1, max_length=200, description="What is to be done, as a name.")]
Arguments = Annotated[dict[str, Any], Field(description="With what exactly; an approval is for these alone.")]


class QuestionTools:
    """What an assistant wants of people."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def tools(self) -> list[Tool]:
        """All of them."""
        return [
            tool(self.ask_person, SETS),
            tool(self.check_answer, READS),
            tool(self.request_approval, SETS),
            tool(self.use_approval, ENDS),
        ]

    async def ask_person(
        self,
        *,
        prompt: Prompt,
        ctx: Progress,
        choices: Annotated[
            list[str] | None, Field(max_length=50, description="The answer is one of these.")
        ] = None,
        form: Annotated[
            dict[str, Any] | None,
            Field(description="Instead: a JSON Schema of an object, which the answer satisfies."),
        ] = None,
        to: To = None,
        wait_seconds: Wait = 0,
        expires_in_minutes: Minutes = None,
        key: Key = None,
        run_id: RunId = None,
    ) -> views.Answer:
        """Ask people something that the run depends on. It lands in their inbox; they may take days.

        Gives the answer if it comes within wait_seconds, else the open question: go on with other things
        and look with check_answer. While it is open the run takes none of the places that you have for runs.
        """
        kind = QuestionKind.FORM if form else QuestionKind.CHOICE if choices else QuestionKind.TEXT
        content = {"prompt": prompt, "choices": choices or [], "form": form or None, "to": to or []}
        return await self._ask(
            content,
            kind=kind,
            key=key,
            minutes=expires_in_minutes,
            seconds=wait_seconds,
            ctx=ctx,
            run_id=run_id,
        )

    async def request_approval(
        self,
        *,
        action: Action,
        arguments: Arguments,
        ctx: Progress,
        prompt: Annotated[
            Prompt | None, Field(description="Why, and what follows from it; by default names the action.")
        ] = None,
        ceiling: Annotated[
            int | None, Field(ge=0, description="Most that it may cost, in millionths of the currency.")
        ] = None,
        to: To = None,
        wait_seconds: Wait = 0,
        expires_in_minutes: Minutes = None,
        key: Key = None,
        run_id: RunId = None,
    ) -> views.Answer:
        """Ask a person to allow an action with exactly these arguments. Only people can approve.

        Do nothing before it is approved, and call use_approval right before you act.
        """
        content = {
            "prompt": prompt or f"Allow {action}?",
            "action": action,
            "arguments": arguments,
            "ceiling": ceiling,
            "to": to or [],
        }
        return await self._ask(
            content,
            kind=QuestionKind.APPROVAL,
            key=key,
            minutes=expires_in_minutes,
            seconds=wait_seconds,
            ctx=ctx,
            run_id=run_id,
        )

    async def check_answer(self, question_id: Id, ctx: Progress, wait_seconds: Wait = 0) -> views.Answer:
        """Look whether a question or an approval is answered, waiting for it for a while if need be."""
        question = await self._desk.request(QuestionGet(question_id=question_id))
        return await self._answered(question, wait_seconds, ctx)

    async def use_approval(
        self,
        question_id: Id,
        action: Action,
        arguments: Arguments,
        cost: Annotated[int, Field(ge=0, description="What it will cost, in millionths.")] = 0,
        run_id: RunId = None,
    ) -> views.Answer:
        """Make use of an approval, right before the action: act only if this succeeds. It serves once.

        Refused unless it was given, is of exactly this action with these arguments, has not expired and
        bears the cost.
        """
        held = await self._desk.at_work(run_id)
        used = await self._desk.report(
            held, RunUseApproval, question_id=question_id, action=action, arguments=arguments, cost=cost
        )
        answer = views.Answer.of(used)
        return answer.model_copy(update={"next_step": "Go ahead, now and once."})

    async def _ask(
        self,
        content: dict[str, Any],
        *,
        kind: QuestionKind,
        key: str | None,
        minutes: int | None,
        seconds: float,
        ctx: Progress,
        run_id: str | None,
    ) -> views.Answer:
        held = await self._desk.at_work(run_id)
        asked = await self._desk.report(
            held,
            RunAsk,
            kind=kind,
            key=key or _key(content),
            expires_at=None if minutes is None else datetime.now(UTC) + timedelta(minutes=minutes),
            **content,
        )
        return await self._answered(asked, seconds, ctx)

    async def _answered(self, question: Question, seconds: float, ctx: Progress) -> views.Answer:
        """A question once it is closed, or as it is after so many seconds."""
        clock, look = asyncio.get_running_loop().time, FIRST_LOOK
        bell, began = self._desk.holdings.bell, clock()
        while question.state is QuestionState.OPEN and (left := began + seconds - clock()) > 0:
            try:
                async with asyncio.timeout(min(left, look)):
                    await bell.wait()
            except TimeoutError:
                await ctx.report_progress(min(clock() - began, seconds), seconds, WAITING)
                look = LOOK
            # Before the question is read, so that no answer falls between.
            bell = self._desk.holdings.bell
            question = await self._desk.request(QuestionGet(question_id=question.id))
        held = self._desk.holdings.get(question.run_id)
        if held is not None and held.canceling:
            await self._desk.at_work(held.id)
        return views.Answer.of(question)


def _key(content: dict[str, Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()[:32]
