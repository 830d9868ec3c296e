"""An agent's runs in encrypted rooms: found in what this device reads, claimed, and reported sealed.

No server gives work out there. Each process looks at the rooms that the agent was added to and claims what
is the agent's, under the server's comparison of versions, which lets one of several through. Its lease is
what the room says: it gives a sign by itself well before the time that it has named.
"""

import asyncio
import concurrent.futures
import logging
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from ymera_client.agent.distant import DistantFiles
from ymera_client.agent.execution import Stop
from ymera_client.agent.lease import Lease
from ymera_client.agent.leases import Leases
from ymera_client.agent.worker import Worker
from ymera_client.client import Client
from ymera_client.crypto.wire import from_text
from ymera_client.errors import Fenced, Unavailable, YmeraError
from ymera_client.fold import Plain
from ymera_client.generated import (
    AgentConnect,
    Capability,
    Command,
    Question,
    RunAccept,
    RunControl,
    RunControlKind,
    RunOffer,
    RunProgress,
    RunRelease,
    RunReply,
)
from ymera_client.sealed import ran, rules
from ymera_client.sealed.clock import now_ms
from ymera_client.sealed.room import SealedRoom
from ymera_client.sealed.rules.about import moment_ms
from ymera_client.sealed.rules.endings import waits
from ymera_client.sealed.rules.engaging import lent

log = logging.getLogger(__name__)
R = TypeVar("R")

LEASE_SECONDS = 60
"""How long a process may be silent, by default."""
BELONG_SECONDS = 60.0
"""How long to wait before it is tried again to have an identity."""
MADE = {"message.send": "messages", "task.create": "tasks", "task.comment": "messages"}
"""Commands that make something, and where it is then."""


class SealedWork:
    """What one process of an agent does in encrypted rooms; in the loop of its connection.

    `lease_seconds` is how long others wait for a sign of it before they take its runs over. `settled` is done
    once this device is in the agent's identity.
    """

    def __init__(self, client: Client, worker: Worker, hello: AgentConnect, lease_seconds: int) -> None:
        self.settled: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._client = client
        self._able = {each.name: each for each in hello.capabilities or ()}
        self._capacity = hello.capacity
        self._seconds = lease_seconds
        self._instance = ""
        """This process's name in rooms: that of its device, so that it knows its own after a restart."""
        self._changed = asyncio.Event()
        self._told: set[tuple[Lease, str]] = set()
        files = DistantFiles(client.files, worker.here, worker.there)
        self.leases = Leases(worker, self._carry, self._able, freed=self._changed.set, shelf=files)
        # Before others may take a run over, this process has given it up.
        self.leases.seconds = lease_seconds * 2 / 3

    async def run(self) -> None:
        """Work until cancelled."""
        stop = self._client.sealed.subscribe(self._changed.set)
        try:
            await self._client.connect()
            await self._belong()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._give_signs(group))
                while True:
                    self._changed.clear()
                    await _at_most(self._look(), self._changed)
        finally:
            stop()
            await self._client.close()

    async def park(self) -> None:
        """Hand back what waits for people: it goes on elsewhere once they have answered."""
        for lease in self.leases:
            if lease.waiting:
                with suppress(YmeraError):
                    await self._carry(RunRelease(**lease.about, reason="The agent's process ends."))

    async def _belong(self) -> None:
        """Wait until this device is in the agent's identity; the first one begins it."""
        sealed = self._client.sealed
        while (me := sealed.status.me) is None:
            self._changed.clear()
            try:
                if sealed.status.state == "none":
                    await sealed.begin()
                    log.info("The agent has an identity for encrypted rooms now; its owner endorses it.")
                elif sealed.status.state == "elsewhere":
                    log.warning(
                        "This process's device is not in the agent's identity for encrypted rooms: link it, "
                        "or recover it by its owner's code."
                    )
            except YmeraError as error:
                log.warning("The agent has no identity for encrypted rooms yet: %s", error.message)
            if sealed.status.me is None:
                await _at_most(BELONG_SECONDS, self._changed)
        self._instance = str(UUID(bytes=from_text(me.device_id)))
        self.settled.set_result(None)

    def _look(self) -> float | None:
        """Act on what the rooms say; in how many seconds to look again, if not before."""
        try:
            me = self._client.me.id
        except Unavailable:
            return None
        runs = [(room, run) for room, run in self._runs() if run["wanted_agent_id"] == me]
        self._attend({run["id"]: run for _, run in runs})
        now = now_ms()
        busy = Counter(run["capability"] for _, run in runs if self._is_at_work(run, now))
        busy.update(lease.offer.run.capability for lease in self.leases if not lease.accepted)
        for room, run in sorted(runs, key=lambda each: (str(each[1]["created_at"]), str(each[1]["id"]))):
            able = self._able.get(run["capability"])
            if able is None or busy[able.name] >= able.concurrency or not self._has_room():
                continue
            if (offer := self._offer(room, run, able)) is not None:
                busy[able.name] += 1
                self.leases.offer([offer])
        return _soonest(now, (run for _, run in runs))

    def _is_at_work(self, run: Plain, now: int) -> bool:
        """Whether some process does it; what this one had before it was started anew, nobody does."""
        left = run["instance_id"] == self._instance and all(lease.id != run["id"] for lease in self.leases)
        return run["state"] == "working" and not waits(run) and _ends(run) >= now and not left

    def _runs(self) -> Iterator[tuple[SealedRoom, Plain]]:
        for room in self._client.sealed.rooms:
            if room.caught_up:
                for run in room.contents.all("runs"):
                    yield room, run

    def _has_room(self) -> bool:
        return sum(not lease.waiting for lease in self.leases) < self._capacity

    def _attend(self, runs: Mapping[str, Plain]) -> None:
        """Tell those at work what has become of their runs."""
        self._told = {(lease, key) for lease, key in self._told if lease in set(self.leases)}
        for lease in self.leases:
            room = self._client.sealed.rooms.get(lease.offer.run.project_id)
            if room is not None and not room.caught_up:
                continue
            run = runs.get(lease.id)
            if run is None or (lease.accepted and not self._holds(run, lease)):
                lease.lose()
            elif lease.accepted and run["canceling"]:
                lease.stop(Stop.CANCELED)
            elif lease.accepted and room is not None:
                self._answer(room, lease)
                self._reply(room, lease, run)

    def _answer(self, room: SealedRoom, lease: Lease) -> None:
        for question in room.contents.all("closed_questions"):
            if question["run_id"] == lease.id and (lease, question["id"]) not in self._told:
                self._told.add((lease, question["id"]))
                self._tell(lease, RunControlKind.ANSWER, question=msgspec.convert(question, Question))

    def _reply(self, room: SealedRoom, lease: Lease, run: Plain) -> None:
        for reply in ran.replies(room.contents, run):
            if (lease, reply["run_id"]) not in self._told:
                self._told.add((lease, reply["run_id"]))
                self._tell(lease, RunControlKind.REPLY, reply=msgspec.convert(reply, RunReply))

    def _tell(self, lease: Lease, kind: RunControlKind, **news: Any) -> None:
        instance_id, fence = self._instance, lease.offer.fence
        lease.control(RunControl(instance_id=instance_id, run_id=lease.id, fence=fence, kind=kind, **news))

    def _holds(self, run: Plain, lease: Lease) -> bool:
        return bool(run["attempt"] == lease.offer.fence and run["instance_id"] == self._instance)

    def _offer(self, room: SealedRoom, run: Plain, able: Capability) -> RunOffer | None:
        """The run, as a server would offer it; None if it is none to begin now."""
        fence = run["attempt"] + 1
        known = [lease for lease in self.leases if lease.id == run["id"]]
        if any(lease.offer.fence >= fence or self._holds(run, lease) for lease in known):
            return None
        if not self._would_stand(room, self._claim(run)):
            return None
        offer = ran.offer(room.contents, {**run, "state": "submitted", "attempt": fence})
        task = None if run["task_id"] is None else room.contents.get("tasks", run["task_id"])
        return msgspec.convert({**offer, "input": _filled(able, run["input"], task)}, RunOffer)

    def _claim(self, run: Plain) -> dict[str, Any]:
        return {
            "project_id": run["project_id"],
            "run_id": run["id"],
            "instance_id": self._instance,
            "lease_seconds": self._seconds,
        }

    def _would_stand(self, room: SealedRoom, claim: dict[str, Any]) -> bool:
        """What the room's rules would say to a claim."""
        fp, timeline = room.ground.keychain.author.fp, room.settled.timeline
        member = timeline.room.members.get(fp)
        if member is None:
            return False
        run_id = UUID(claim["run_id"]).bytes
        about = room.reading.about(fp, member.role, timeline.seq + 1, now_ms(), run_id)
        try:
            rules.interpret(room.contents, {"type": "run.claim", "data": claim}, about)
        except YmeraError:
            return False
        return True

    async def _carry(self, command: Command[R]) -> R:
        """Have a report, or another command of a run, carried out."""
        if isinstance(command, RunAccept):
            return msgspec.convert(await self._accept(command), command.REPLY)  # type: ignore[no-any-return]
        collection = MADE.get(command.WIRE_NAME)
        if collection is None or command.command_id is None or getattr(command, "id", None) is not None:
            return await self._client.call(command)
        if (made := self._made(collection, command.command_id)) is not None:
            return msgspec.convert(made, command.REPLY)  # type: ignore[no-any-return]
        return await self._client.call(msgspec.structs.replace(command, id=command.command_id))

    async def _accept(self, accept: RunAccept) -> dict[str, Any]:
        room = self._client.sealed.rooms.the(accept.project_id)
        claim = self._claim(ran.find(room.contents, accept.run_id))
        run = (await self._client.call_raw("run.claim", claim))["run"]
        if run["attempt"] != accept.fence or run["instance_id"] != self._instance:
            raise Fenced("The run is not to be had any more.")
        return {name: run[name] for name in ("state", "canceling", "costs")}

    def _made(self, collection: str, key: str) -> Plain | None:
        """What an earlier attempt has made, by the id that it has each time."""
        found = (room.contents.get(collection, key) for room in self._client.sealed.rooms)
        return next(filter(None, found), None)

    async def _give_signs(self, group: asyncio.TaskGroup) -> None:
        """Say of what is at work and has said nothing for a third of the time that it goes on."""
        while True:
            await asyncio.sleep(self._seconds / 12)
            for lease in self.leases:
                run = self._run_of(lease)
                if run is None or not self._holds(run, lease) or lease.stopped is not None:
                    continue
                if waits(run):
                    # Meanwhile nobody takes it over.
                    lease.prolong(time.monotonic())
                elif not lease.finishing and now_ms() >= moment_ms(run["heard_at"]) + self._seconds * 333:
                    group.create_task(self._give_sign(lease))

    def _run_of(self, lease: Lease) -> Plain | None:
        room = self._client.sealed.rooms.get(lease.offer.run.project_id)
        return None if room is None else room.contents.get("runs", lease.id)

    async def _give_sign(self, lease: Lease) -> None:
        with suppress(YmeraError):
            await lease.send(RunProgress(**lease.about))


def _ends(run: Plain) -> int:
    """When others may take a run over, in milliseconds since 1970; 0 if it is nobody's."""
    if run["instance_id"] is None or run["heard_at"] is None:
        return 0
    return moment_ms(run["heard_at"]) + 1_000 * int(run["lease_seconds"])


def _soonest(now: int, runs: Iterator[Plain]) -> float | None:
    """In how many seconds one of these runs may be begun that may not now."""
    moments = [
        moment
        for run in runs
        for moment in (_ends(run), moment_ms(run["not_before"]) if run["not_before"] is not None else 0)
        if moment >= now
    ]
    return (min(moments) - now + 1) / 1_000 if moments else None


def _filled(able: Capability, given: Plain, task: Plain | None) -> dict[str, Any]:
    """The input, with what it lacks of its task's fields where the capability has such a parameter."""
    return {**({} if task is None else lent(able.input, task)), **given}


async def _at_most(seconds: float | None, event: asyncio.Event) -> None:
    """Wait for the event, but not longer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
