"""A member on the TypeScript client, in a program of its own that does what it is asked."""

import asyncio
import itertools
import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from tests.nodes import PATIENCE

PROGRAM = Path(__file__).with_name("program.mjs")
LIMIT = 1 << 24
Mode = Literal["plain", "hasty"]
"""Without keys, or connected before it knows how its device stands."""


class Failed(Exception):  # noqa: N818 -- it is what the program said
    """The program could not do it, for the reason that `code` names."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Program:
    """The running program. What it has written besides its answers is in `said` once it is closed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.id = ""
        self.said = b""
        self._process = process
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = itertools.count()
        self._reading: asyncio.Task[None]

    @classmethod
    async def start(cls, url: str, token: str, folder: Path, mode: Mode | None = None) -> "Program":
        """Start it with its stores in a folder, and return when it is connected."""
        process = await asyncio.create_subprocess_exec(
            *("node", str(PROGRAM), url, token, str(folder), *([] if mode is None else [mode])),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LIMIT,
        )
        program = cls(process)
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = await process.stdout.readline()
        if not line:
            await program._end()
            raise AssertionError(program.said.decode())
        program.id = json.loads(line)["ready"]
        program._reading = asyncio.create_task(program._read())
        return program

    async def close(self) -> None:
        """End it, and wait until it has."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._reading, PATIENCE)
        await self._end()

    async def do(self, deed: str, *args: Any) -> Any:
        """The result of a deed. `Failed` if there is none."""
        number = next(self._numbers)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"id": number, "do": deed, "args": args}).encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            found = await answer
        if (error := found.get("error")) is not None:
            raise Failed(error["code"], error["message"])
        return found.get("result")

    async def _end(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        assert self._process.stderr is not None
        self.said += await self._process.stderr.read()
        await self._process.wait()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            try:
                found = json.loads(line)
                self._asked.pop(found["id"]).set_result(found)
            except (ValueError, TypeError, KeyError):
                self.said += line
        for answer in self._asked.values():
            answer.set_exception(ConnectionError("the program has ended"))
