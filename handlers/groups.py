"""Group commit: what arrives for a room while its last group is carried out makes up the next one.

Invariants: of each room one group runs at a time, in the order of arrival; the first comer does not wait
for more to come; one that fails or gives up takes nobody with it; no room waits for another's lock.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Protocol, TypeVar

from protocol.errors import ApiError, ErrorCode

MAX_GROUP = 128
"""Most commands of one room that are carried out together: beyond, a group saves little more."""
MAX_JOINED = 16
"""Most commands of one room with which it joins others; more are a group that is worth its own."""
MAX_ROOMS = 64
"""Most rooms that join."""
MAX_WAITING = 1_024
"""Most that waits for one room, and most rooms that wait to join; more is refused."""

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class CarryOut(Protocol[T_contra, R_co]):
    """Does all of a group and returns the results in order, or does nothing and raises.

    What must not keep others waiting is not `patient`: it raises rather than wait long for a lock.
    """

    def __call__(self, works: Sequence[T_contra], /, *, patient: bool) -> Awaitable[Sequence[R_co]]: ...


class RoomGroups(Generic[T, R]):
    """Carries out work in groups by room; while there are many rooms, several rooms' groups together.

    Where that fails, each room's is tried by itself, then its halves, down to single ones, unless
    `carry_out` raised one of `hopeless`.
    """

    def __init__(self, carry_out: CarryOut[T, R], hopeless: tuple[type[Exception], ...]) -> None:
        self._carry_out = carry_out
        self._hopeless = hopeless
        self._rooms = Groups(self._room, hopeless, most=MAX_GROUP)
        self._joint = Groups(self._join, (Exception,), most=MAX_ROOMS)

    async def submit(self, room: str, identity: Hashable, work: T) -> R:
        """Have this done in one of the room's next groups; what alone would have raised is raised.

        Of work with the same identity a group takes one. Who stops waiting before the work was begun
        takes it back; later, it is carried out all the same.
        """
        return await self._rooms.submit(room, identity, work)

    async def close(self) -> None:
        """Cancel what runs and whoever waits, and wait until all has ended."""
        await self._rooms.close()
        await self._joint.close()

    async def _room(self, works: Sequence[T]) -> Sequence[R]:
        if len(works) <= MAX_JOINED:
            try:
                return await self._joint.submit("rooms", id(works), works)
            except self._hopeless:
                raise
            except Exception:  # noqa: BLE001, S110 -- if the fault is one of these, it is raised below
                pass
        return await self._carry_out(works, patient=True)

    async def _join(self, groups: Sequence[Sequence[T]]) -> Sequence[Sequence[R]]:
        works = [work for group in groups for work in group]
        results = iter(await self._carry_out(works, patient=False))
        return [list(islice(results, len(group))) for group in groups]


@dataclass(slots=True, eq=False)
class Waiting(Generic[T, R]):
    """Something to do, and who waits for how it went."""

    work: T
    identity: Hashable
    outcome: "asyncio.Future[R | Exception]"


class Groups(Generic[T, R]):
    """Gathers work by key. Each key has a task, which ends when nothing waits for it.

    A group that fails is done again in halves, unless it raised one of `hopeless`.
    """

    def __init__(
        self,
        carry_out: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        hopeless: tuple[type[Exception], ...],
        *,
        most: int,
    ) -> None:
        self._carry_out = carry_out
        self._hopeless = hopeless
        self._most = most
        self._waiting: dict[str, deque[Waiting[T, R]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, key: str, identity: Hashable, work: T) -> R:
        """Have this done in one of the key's next groups, of which each takes an identity once."""
        queue = self._waiting.get(key)
        if queue is None:
            queue = self._waiting[key] = deque()
            # Not the context of the first comer, whose name would stand in everybody's log lines.
            task = asyncio.create_task(self._run(key, queue), name=f"group {key}", context=Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif len(queue) >= MAX_WAITING:
            raise ApiError(ErrorCode.UNAVAILABLE, "Too much arrives here at once; try again shortly.")
        waiting = Waiting[T, R](work, identity, asyncio.get_running_loop().create_future())
        queue.append(waiting)
        outcome = await waiting.outcome
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def close(self) -> None:
        """Cancel what runs and whoever waits, and wait until all has ended."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, key: str, queue: deque[Waiting[T, R]]) -> None:
        group: list[Waiting[T, R]] = []
        try:
            while group := self._next(queue):
                await self._settle(group)
        finally:
            del self._waiting[key]
            for waiting in (*group, *queue):
                waiting.outcome.cancel()

    def _next(self, queue: deque[Waiting[T, R]]) -> list[Waiting[T, R]]:
        """The next group, taken from the front of the queue; empty if nobody waits."""
        group: dict[Hashable, Waiting[T, R]] = {}
        while queue and len(group) < self._most and queue[0].identity not in group:
            waiting = queue.popleft()
            if not waiting.outcome.done():
                group[waiting.identity] = waiting
        return list(group.values())

    async def _settle(self, group: list[Waiting[T, R]]) -> None:
        wanted = [waiting for waiting in group if not waiting.outcome.done()]
        if not wanted:
            return
        outcomes: Sequence[R | Exception]
        try:
            outcomes = await self._carry_out([waiting.work for waiting in wanted])
        except Exception as error:  # noqa: BLE001 -- it is raised where the work was submitted
            if len(wanted) > 1 and not isinstance(error, self._hopeless):
                middle = len(wanted) // 2
                await self._settle(wanted[:middle])
                await self._settle(wanted[middle:])
                return
            outcomes = [error] * len(wanted)
        for waiting, outcome in zip(wanted, outcomes, strict=True):
            if not waiting.outcome.done():
                waiting.outcome.set_result(outcome)
