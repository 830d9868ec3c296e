"""Those who are attacked: a client of each SDK, asked the same things in the same words."""

import asyncio
import itertools
import json
from pathlib import Path
from typing import Any, Protocol

from tests.nodes import PATIENCE
from tests.sdk.sealed.people import Person as Owner
from ymera_client import Message, Whisper, YmeraError

PROGRAM = Path(__file__).with_name("victim.mjs")
LIMIT = 1 << 22


class Victim(Protocol):
    """A member with a device."""

    name: str
    id: str

    async def halted(self, room: str) -> str:
        """The fault at which the room stands still, once it does."""

    async def mark(self, room: str, seq: int) -> tuple[str, str]:
        """The kind and the reason of the mark at a seq, once there is one."""

    async def texts(self, room: str, count: int) -> list[str]:
        """The texts of the room's messages, once there are so many."""

    async def say(self, room: str, text: str) -> int:
        """Say something; its seq. `Refusal` if the client does not."""

    async def alarm(self, fault: str) -> None:
        """Wait until the client has told of this."""

    async def shows(self, room: str, form: str) -> None:
        """Wait until the client takes the room for one of this form."""

    async def whispers(self, count: int) -> list[dict[str, Any]]:
        """What the client was whispered, once it is so much."""


class Refusal(Exception):  # noqa: N818 -- it is what a client says
    """A client does not do something, for this reason."""

    def __init__(self, code: str, fault: str | None, message: str) -> None:
        super().__init__(f"{code} ({fault}): {message}")
        self.code = code
        self.fault = fault


class PythonVictim:
    """On the Python SDK, in this process."""

    name = "python"

    def __init__(self, owner: Owner) -> None:
        self.client = owner.client
        self.id = owner.id
        self._whispers: list[dict[str, Any]] = []
        self._heard = asyncio.Event()
        self.client.on("whispered", self._hear)

    async def halted(self, room: str) -> str:
        def found(_: Any) -> Any:
            view = self.client.sealed.room(room)
            return view is not None and view.halted is not None

        await self.client.sealed.wait_for(found, PATIENCE)
        view = self.client.sealed.room(room)
        assert view is not None
        assert view.halted is not None
        return view.halted.fault

    async def mark(self, room: str, seq: int) -> tuple[str, str]:
        def marks() -> list[Any]:
            view = self.client.sealed.room(room)
            return [] if view is None else [mark for mark in view.marks if mark.seq == seq]

        await self.client.sealed.wait_for(lambda _: bool(marks()), PATIENCE)
        (mark,) = marks()
        return mark.kind, mark.reason

    async def texts(self, room: str, count: int) -> list[str]:
        async with self.client.room(room) as live:
            await live.wait_for(lambda it: len(it.state.get("messages", {})) == count, PATIENCE)
            return [each.text for each in sorted(live.all(Message), key=lambda message: message.seq)]

    async def say(self, room: str, text: str) -> int:
        try:
            reply = await self.client.call_raw("message.send", {"room": room, "text": text})
        except YmeraError as error:
            raise Refusal(error.code, error.data.get("fault"), error.message) from None
        return int(reply["seq"])

    async def alarm(self, fault: str) -> None:
        await self.client.sealed.wait_for(
            lambda sealed: any(alarm.fault == fault for alarm in sealed.alarms), PATIENCE
        )

    async def shows(self, room: str, form: str) -> None:
        await self.client.sealed.wait_for(
            lambda sealed: (view := sealed.room(room)) is not None and view.form == form, PATIENCE
        )

    async def whispers(self, count: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(PATIENCE):
            while len(self._whispers) < count:
                self._heard.clear()
                await self._heard.wait()
        return self._whispers

    def _hear(self, whisper: Whisper) -> None:
        self._whispers.append({"from": whisper.member_id, **whisper.content})
        self._heard.set()


class ScriptVictim:
    """On the TypeScript SDK, in a program of its own."""

    name = "typescript"

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.id = ""
        self._process = process
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = itertools.count()
        self._reading: asyncio.Task[None]

    @classmethod
    async def start(cls, url: str, token: str, *, idle: bool = False) -> "ScriptVictim":
        """Start the program; it has an identity then, unless it is to be idle."""
        process = await asyncio.create_subprocess_exec(
            "node",
            PROGRAM,
            url,
            token,
            *(["idle"] if idle else []),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LIMIT,
        )
        victim = cls(process)
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            victim.id = json.loads(await process.stdout.readline())["ready"]
        victim._reading = asyncio.create_task(victim._read())
        return victim

    async def close(self) -> None:
        """End the program."""
        self._reading.cancel()
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()

    async def halted(self, room: str) -> str:
        return str((await self.ask("halted", room=room))["fault"])

    async def mark(self, room: str, seq: int) -> tuple[str, str]:
        mark = await self.ask("mark", room=room, seq=seq)
        return mark["kind"], mark["reason"]

    async def texts(self, room: str, count: int) -> list[str]:
        return list(await self.ask("texts", room=room, count=count))

    async def say(self, room: str, text: str) -> int:
        return int(await self.ask("say", room=room, text=text))

    async def alarm(self, fault: str) -> None:
        await self.ask("alarm", fault=fault)

    async def shows(self, room: str, form: str) -> None:
        await self.ask("shows", room=room, form=form)

    async def whispers(self, count: int) -> list[dict[str, Any]]:
        return list(await self.ask("whispers", count=count))

    async def ask(self, deed: str, **given: Any) -> Any:
        """What comes of a deed of the program."""
        number = next(self._numbers)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"id": number, "do": deed, **given}).encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            found = await answer
        if (error := found.get("error")) is not None:
            raise Refusal(error["code"], error["fault"], error["message"])
        return found.get("result")

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            found = json.loads(line)
            self._asked.pop(found["id"]).set_result(found)
        for answer in self._asked.values():
            answer.set_exception(ConnectionError("the program has ended"))
