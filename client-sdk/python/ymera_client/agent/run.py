"""A run as its handler sees it: what it was given, and all that it can say and ask while it works.

The keys of questions, calls and other commands follow from what they say and how often it was said before,
so that a handler that begins anew after a restart meets its earlier ones instead of repeating them.
"""

import asyncio
import concurrent.futures
import hashlib
import threading
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

import msgspec

from ymera_client.agent.approval import Approval
from ymera_client.agent.failures import CallFailed, Denied, closed_without_answer
from ymera_client.agent.files import RunFiles, Shelf
from ymera_client.agent.logger import Lines, RunLogger
from ymera_client.agent.loops import Loop
from ymera_client.agent.signature import json_schema
from ymera_client.errors import RunCanceled
from ymera_client.generated import (
    MAX_OUTPUT_CHUNK,
    Artifact,
    Command,
    Costs,
    HandedOver,
    Page,
    Question,
    QuestionKind,
    QuestionState,
    RunAsk,
    RunAttach,
    RunCall,
    RunHandOff,
    RunInfo,
    RunOffer,
    RunProgress,
    RunReply,
    RunState,
    TaskBrief,
)

R = TypeVar("R")
T = TypeVar("T")

MAX_NOTE = 500
"""Characters of a note of progress."""


class Reports(Lines, Protocol):
    """Where a run's reports go; `Lease` has the promises."""

    @property
    def offer(self) -> RunOffer:
        """What the run was offered with."""

    async def send(self, report: Command[R]) -> R:
        """Report something and give the reply."""

    async def ask(self, question: RunAsk) -> Question:
        """Ask, and give the closed question."""

    async def call(self, call: RunCall) -> RunReply:
        """Call, and say how the run ended."""

    def write(self, text: str) -> bool:
        """Add to the output, from any thread; False if it has to wait for `room`."""

    def show(self, share: float | None, note: str | None) -> None:
        """Say how far it is, from any thread."""


class Run:
    """One attempt at a run. Handlers get it as their first argument.

    Its methods are for the handler's own event loop; a handler that is no coroutine function runs in a
    thread and passes what they give to `wait`. Once the run is stopped, or is no longer this process's, they
    raise RunCanceled or Fenced.
    """

    def __init__(self, reports: Reports, there: Loop, shelf: Shelf) -> None:
        offer = reports.offer
        self.id = offer.run.id
        self.project_id = offer.run.project_id
        self.info: RunInfo = offer.run
        """The run as it was when this attempt began."""
        self.task: TaskBrief | None = offer.task
        """The task that it is done for, if there is one."""
        self.input = offer.input
        self.attempt = offer.fence
        """The number of this attempt, from 1."""
        self.handed: HandedOver | None = offer.handed
        """What the run that handed over to this one has left."""
        self.summary = ""
        """Set it to say in a line what came out; people see it when the run has completed."""
        self.handed_off = False
        """Whether `hand_off` has ended the run."""
        self.log = RunLogger(reports, there)
        self.files = RunFiles(self, shelf)
        """The files of the run's project."""
        self._reports = reports
        self._there = there
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._said: Counter[str] = Counter()
        self._stopped = threading.Event()
        self._pending: set[concurrent.futures.Future[Any]] = set()

    def __repr__(self) -> str:
        return f"<run {self.id} of {self.info.capability}>"

    @property
    def canceled(self) -> bool:
        """Whether the handler has to stop, for whatever reason. May be asked from any thread."""
        return self._stopped.is_set()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """From a handler that runs in a thread: `run.wait(run.ask(…))`.

        RunCanceled as soon as the handler has to stop.
        """
        if threading.get_ident() == self._thread:
            work.close()
            raise RuntimeError("run.wait is for handlers in threads; a coroutine awaits.")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        self._pending.add(future)
        try:
            if self._stopped.is_set():
                future.cancel()
            return future.result()
        except concurrent.futures.CancelledError:
            raise RunCanceled("The run was stopped.") from None
        finally:
            self._pending.discard(future)

    def stop(self) -> None:
        """Tell the handler that it has to stop; what it awaits in a thread is broken off."""
        self._stopped.set()
        for future in list(self._pending):
            future.cancel()

    async def progress(self, share: float | None = None, note: str | None = None) -> None:
        """Show how far the run is, from 0 to 1, or what it is at, or both.

        Sent at most four times a second, the newest only.
        """
        if share is not None and not 0 <= share <= 1:
            raise ValueError(f"progress goes from 0 to 1, not to {share}")
        self._reports.show(share, None if note is None else note[:MAX_NOTE])
        await asyncio.sleep(0)

    async def output(self, text: str) -> None:
        """Add to the run's output, which people see as it comes.

        It is sent four times a second and before anything that matters; whoever writes faster than it can be
        sent waits. What is over a million characters is dropped: attach it, or make it part of the result.
        """
        for start in range(0, len(text), MAX_OUTPUT_CHUNK):
            while not self._reports.write(text[start : start + MAX_OUTPUT_CHUNK]):
                await self._there.do(self._reports.room())
        # Others have their turn, however much is written.
        await asyncio.sleep(0)

    async def cost(self, *, tokens: int = 0, money: int = 0, seconds: float = 0.0) -> None:
        """Say what was used up since the last time; `money` in millionths of the currency.

        Returns once the budgets bear it. If they do not, the run has failed and the handler is stopped.
        """
        await self._send(RunProgress(**self._about, costs=Costs(tokens=tokens, money=money, seconds=seconds)))

    async def attach(self, name: str, text: str, media_type: str = "text/plain") -> Artifact:
        """Add an artifact to the run: a text of at most 256 KiB."""
        return await self._send(RunAttach(**self._about, name=name, text=text, media_type=media_type))

    async def ask(
        self,
        prompt: str,
        *,
        choices: Sequence[str] = (),
        form: Mapping[str, Any] | type[Any] | None = None,
        to: Sequence[str] = (),
        expires_in: float | timedelta | None = None,
        key: str | None = None,
    ) -> Any:
        """Ask a person and wait for the answer, for days if need be; the run takes no slot meanwhile.

        The answer is a text, one of `choices`, or what `form` says: a JSON Schema of an object, or a type
        such as a dataclass, of which it is then an instance. `to`: ids of members; nobody: whoever gave the
        run. After `expires_in` seconds QuestionExpired is raised. The same `key` is the same question.
        """
        schema = form if form is None or isinstance(form, Mapping) else json_schema(form)
        content = prompt, list(choices), schema, list(to)
        kind = QuestionKind.FORM if form else QuestionKind.CHOICE if choices else QuestionKind.TEXT
        question = await self._ask(
            RunAsk(
                **self._about,
                key=key or self._key("ask", content),
                prompt=prompt,
                kind=kind,
                choices=list(choices),
                form=None if schema is None else dict(schema),
                to=list(to),
                expires_at=_moment(expires_in),
            )
        )
        return msgspec.convert(question.answer, form) if isinstance(form, type) else question.answer

    async def approve(
        self,
        action: str,
        arguments: dict[str, Any],
        *,
        prompt: str | None = None,
        ceiling: int | None = None,
        to: Sequence[str] = (),
        expires_in: float | timedelta | None = None,
        key: str | None = None,
    ) -> Approval:
        """Ask a person to allow an action with exactly these arguments; Denied if they do not.

        `ceiling` is the most that it may cost, in millionths. Call `use` on the approval right before the
        action. One that an earlier attempt has used is asked for anew, unless `key` names it.
        """
        while True:
            question = await self._ask(
                RunAsk(
                    **self._about,
                    key=key or self._key("approve", (action, arguments, ceiling, list(to))),
                    prompt=prompt or f"Allow {action}?",
                    kind=QuestionKind.APPROVAL,
                    action=action,
                    arguments=arguments,
                    ceiling=ceiling,
                    to=list(to),
                    expires_at=_moment(expires_in),
                )
            )
            if question.answer is not True:
                reason = f": {question.comment}" if question.comment else "."
                raise Denied(f"{action} was not allowed{reason}")
            if key is not None or question.used_at is None:
                return Approval(question, self._about, self._send)

    async def call(
        self,
        capability: str,
        given: Mapping[str, Any] | None = None,
        /,
        *,
        agent: str | None = None,
        deadline: float | timedelta | None = None,
        budget: int | None = None,
        key: str | None = None,
        **more: Any,
    ) -> Any:
        """Have another agent do something and give its result; the run takes no slot meanwhile.

        The input is `given` and what is named. `agent` is the id of the one to do it, `deadline` seconds from
        now, `budget` the most that it may cost. CallFailed if it ends otherwise than completed.
        """
        passed = _plain({**(given or {}), **more})
        reply = await self._there.do(
            self._reports.call(
                RunCall(
                    **self._about,
                    key=key or self._key("call", (capability, agent, passed)),
                    capability=capability,
                    agent_id=agent,
                    input=passed,
                    deadline=_moment(deadline),
                    budget=budget,
                )
            )
        )
        if reply.state is not RunState.COMPLETED:
            reason = f": {reply.error.message}" if reply.error else "."
            raise CallFailed(f"{capability} ended as {reply.state}{reason}", reply)
        return reply.result

    async def hand_off(
        self,
        capability: str,
        given: Mapping[str, Any] | None = None,
        /,
        *,
        note: str = "",
        agent: str | None = None,
        result: Any = None,
        **more: Any,
    ) -> RunInfo:
        """End this run as completed and have another agent go on with its task; the new run.

        It gets `note`, `result` and the input. The handler returns after this; what it returns is ignored.
        """
        handed = RunHandOff(
            **self._about,
            capability=capability,
            agent_id=agent,
            input=_plain({**(given or {}), **more}),
            note=note,
            result=_plain(result),
        )
        successor = await self._send(handed)
        self.handed_off = True
        return successor

    async def request(self, command: Command[R]) -> R:
        """Have any command of the protocol carried out, as the agent: `await run.request(MessageSend(…))`.

        One that writes is carried out once for the run, however many attempts there are.
        """
        if command.WRITES and command.command_id is None:
            key = self._key(command.WIRE_NAME, msgspec.to_builtins(command))
            command = msgspec.structs.replace(command, command_id=str(uuid.uuid5(uuid.UUID(self.id), key)))
        return await self._send(command)

    async def page(self, command: Command[Page[T]]) -> AsyncGenerator[T, None]:
        """All items of a list, page by page: `async for task in run.page(TaskList(…))`."""
        while True:
            part = await self.request(command)
            for item in part.items:
                yield item
            if part.next is None:
                return
            command = msgspec.structs.replace(command, cursor=part.next)

    @property
    def _about(self) -> dict[str, Any]:
        return self._reports.about

    async def _send(self, report: Command[R]) -> R:
        return await self._there.do(self._reports.send(report))

    async def _ask(self, question: RunAsk) -> Question:
        closed = await self._there.do(self._reports.ask(question))
        if closed.state is not QuestionState.ANSWERED:
            raise closed_without_answer(closed)
        return closed

    def _key(self, kind: str, content: object) -> str:
        body = msgspec.json.encode((kind, content), order="deterministic")
        digest = hashlib.sha256(body).hexdigest()[:32]
        self._said[digest] += 1
        return f"{kind}-{self._said[digest]}-{digest}"


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value, str_keys=True)


def _moment(seconds: float | timedelta | None) -> datetime | None:
    if seconds is None:
        return None
    return datetime.now(UTC) + (seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds))
