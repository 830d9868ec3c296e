"""Light clients that come back by themselves: those that watch a room, and those that write in it.

A watcher is stricter than an SDK, which heals: an event that comes twice, too early or too late on a
connection is a fault of the server's, unless the server has said that the client lags.
"""

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from persistence.ids import new_id
from tests.faults.wire import OnMessage, Refused, Wire
from tests.fold import State, fold, unfolded
from tests.nodes import until

FIRST_WAIT, LONGEST_WAIT = 0.25, 2.0
"""Seconds within which a lost connection is tried again, at first and later."""
PATIENCE = 30.0
FOUND_SECONDS = 5.0
"""In which a node finds by itself what it was not told, long before it takes itself for deaf."""


class Line:
    """A connection that is made again, at the next of `urls`, whenever it is lost."""

    def __init__(
        self, urls: Sequence[str], token: str, on_message: OnMessage, on_up: Callable[[Wire], None]
    ) -> None:
        self.wire: Wire | None = None
        self.losses = 0
        self.refusals: Counter[str] = Counter()
        self._urls = itertools.cycle(urls)
        self._token = token
        self._on_message = on_message
        self._on_up = on_up

    async def run(self) -> None:
        """Be connected until cancelled."""
        tries = 0
        try:
            while True:
                with suppress(OSError, Refused):
                    await self._connect()
                    tries = 0
                    await self._stay()
                tries += 1
                await asyncio.sleep(random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2**tries)))
        finally:
            if self.wire is not None:
                self.wire.close()

    async def _connect(self) -> None:
        try:
            self.wire = await Wire.open(next(self._urls), self._token, self._on_message)
        except Refused as refused:
            self.refusals[refused.data["data"]["code"]] += 1
            raise
        self._on_up(self.wire)

    async def _stay(self) -> None:
        assert self.wire is not None
        await asyncio.shield(self.wire.lost)
        self.wire = None
        self.losses += 1


class Watcher:
    """A client in one room, which keeps what it hears there and whether anything was wrong with it."""

    def __init__(self, urls: Sequence[str], token: str, room: str) -> None:
        self.seq: int | None = None
        """The last event that it has; None before it has joined."""
        self.faults: list[str] = []
        self.resets = 0
        self.lagged = 0
        """How often it learned that events were left out."""
        self.start: State = {}
        """What the room held when it joined, or was last given the whole."""
        self.joined_at = 0.0
        """When, on the monotonic clock, its last join was answered."""
        self.closings: list[str] = []
        self.line = Line(urls, token, self._hear, self.join)
        self._room = room
        self._generation: str | None = None
        self._joining = False
        self._events: list[dict[str, Any]] = []
        self._times: list[float] = []

    @property
    def live(self) -> bool:
        """Whether it is connected and has what the answer to its join held."""
        return self.line.wire is not None and self.seq is not None and not self._joining

    def state(self) -> State:
        """What the room holds as this client has heard it."""
        return fold(self.start, self._events)

    def heard_at(self, seq: int) -> float:
        """When, on the monotonic clock, it had an event that came after its last reset."""
        first: int = self._events[0]["seq"]
        return self._times[seq - first]

    def join(self, wire: Wire) -> None:
        """Ask for what was missed, and for all that follows."""
        self._joining = True
        asked: dict[str, Any] = {"room": self._room}
        if self.seq is not None:
            asked |= {"after_seq": self.seq, "generation": self._generation}
        wire.send("room.join", asked, lambda reply: self._joined(wire, reply))

    def stop_reading(self) -> None:
        """Take nothing more out of its socket."""
        assert self.line.wire is not None
        self.line.wire.stop_reading()

    def read_on(self) -> None:
        """Take everything out of its socket again."""
        assert self.line.wire is not None
        self.line.wire.read_on()

    def _joined(self, wire: Wire, reply: dict[str, Any]) -> None:
        if not reply["ok"]:
            if not reply["error"]["retryable"]:
                self.faults.append(f"may not join: {reply['error']['message']}")
            # It begins anew, a little later.
            wire.close()
            return
        joined = reply["result"]
        self._joining = False
        self._generation = joined["generation"]
        self.joined_at = time.monotonic()
        if "reset" in joined:
            self.resets += self.seq is not None
            self.start, self._events, self._times = unfolded(joined["reset"]), [], []
            self.seq = joined["head"]
        for event in joined.get("events", []):
            self._receive(event)
        if self.seq != joined["head"]:
            self.faults.append(f"the answer to a join promised {joined['head']} and ended at {self.seq}")

    def _hear(self, name: str, data: Any) -> None:
        if name == "closing":
            self.closings.append(data["reason"])
        elif self._joining:
            # The answer to the join covers it.
            return
        elif name == "event" and data["room"] == self._room:
            self._receive(data)
        elif name == "lagging" or (name == "heads" and data["heads"].get(self._room, self.seq) != self.seq):
            # By `heads` it learns so while it has not read as far as `lagging`.
            self.lagged += 1
            if self.line.wire is not None:
                self.join(self.line.wire)

    def _receive(self, event: dict[str, Any]) -> None:
        assert self.seq is not None
        if event["seq"] != self.seq + 1:
            self.faults.append(f"after {self.seq} came {event['seq']}")
        self.seq = max(self.seq, event["seq"])
        self._events.append(event)
        self._times.append(time.monotonic())


class Writer:
    """A client that says numbered things in a room, sending each again until it is acknowledged."""

    def __init__(
        self, urls: Sequence[str], token: str, room: str, *, in_flight: int = 8, padding: int = 0
    ) -> None:
        self.acknowledged: dict[str, str] = {}
        """What it said, by the id of the message that the server answered with."""
        self.refusals: Counter[str] = Counter()
        """What commands were refused with, before they succeeded."""
        self.line = Line(urls, token, lambda *_: None, lambda _: self._up.set())
        self._up = asyncio.Event()
        self._room = room
        self._in_flight = in_flight
        self._name = new_id()
        self._padding = " ." * (padding // 2)
        self._numbers = itertools.count()

    async def write(self, count: int) -> None:
        """Say so many things; return when all are acknowledged."""
        await self._work(lambda done: done < count)

    async def write_while(self, goes_on: Callable[[], bool]) -> None:
        """Say things until told otherwise; return when all are acknowledged."""
        await self._work(lambda _: goes_on())

    async def say(self) -> str:
        """Say one thing until it is acknowledged; the id of its message."""
        text = f"{self._name} {next(self._numbers)}{self._padding}"
        payload = {"room": self._room, "text": text, "id": new_id(), "command_id": new_id()}
        while True:
            reply = await self._try(payload)
            if reply is not None:
                assert reply["id"] == payload["id"]
                self.acknowledged[reply["id"]] = text
                return payload["id"]

    async def _work(self, more: Callable[[int], bool]) -> None:
        begun = itertools.count()

        async def work() -> None:
            while more(next(begun)):
                await self.say()

        async with asyncio.TaskGroup() as group:
            for _ in range(self._in_flight):
                group.create_task(work())

    async def _try(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        while (wire := self.line.wire) is None or wire.lost.done():
            self._up.clear()
            async with asyncio.timeout(PATIENCE):
                await self._up.wait()
        try:
            reply = await wire.call("message.send", payload)
        except ConnectionError:
            return None
        if reply["ok"]:
            result: dict[str, Any] = reply["result"]
            return result
        assert reply["error"]["retryable"], reply
        self.refusals[reply["error"]["code"]] += 1
        await asyncio.sleep(reply["error"].get("data", {}).get("retry_after", 0.05))
        return None


class Crowd:
    """Clients that run for the length of a block."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        ends = await asyncio.gather(*self._tasks, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something besides, until the block ends."""
        task = asyncio.create_task(work)
        self._tasks.append(task)
        return task

    async def watch(self, count: int, urls: Sequence[str], tokens: Sequence[str], room: str) -> list[Watcher]:
        """So many watchers of a room, all of them in it."""
        owners = itertools.islice(itertools.cycle(tokens), count)
        watchers = [Watcher(urls, token, room) for token in owners]
        for watcher in watchers:
            self.run(watcher.line.run())
        await until(lambda: all(watcher.live for watcher in watchers), PATIENCE)
        return watchers

    async def writer(self, urls: Sequence[str], token: str, room: str, **options: Any) -> Writer:
        """A writer that is connected."""
        writer = Writer(urls, token, room, **options)
        self.run(writer.line.run())
        await until(lambda: writer.line.wire is not None, PATIENCE)
        return writer


async def reached(watchers: Sequence[Watcher], head: int, patience: float = PATIENCE) -> None:
    """Wait until all have everything up to `head`."""
    await until(lambda: all(watcher.live and (watcher.seq or 0) >= head for watcher in watchers), patience)


async def assert_whole(watchers: Sequence[Watcher], url: str, token: str, room: str) -> int:
    """All have heard everything, once and in order, and hold what a newcomer is given; the room's head."""
    async with Crowd() as crowd:
        (newcomer,) = await crowd.watch(1, [url], [token], room)
        assert newcomer.seq is not None
        await reached(watchers, newcomer.seq)
        truth = newcomer.state()
        for watcher in watchers:
            assert not watcher.faults, watcher.faults
            assert watcher.seq == newcomer.seq
            assert watcher.state() == truth
        return newcomer.seq
