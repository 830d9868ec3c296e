"""Runs a shell command in its own folder, once a person has approved exactly this command.

    cd /where/it/may/work && YMERA_URL=… YMERA_TOKEN=… python shell_runner.py

The output appears as it comes. Stopping the run kills the command with all that it has started.
"""

import asyncio
import codecs
import os
import signal
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from ymera_client import Agent, Fatal, Run

agent = Agent(version="1.0")


class Finished(Struct):
    """How a command ended; -9 and the like: by that signal."""

    status: int
    characters: int


# One attempt: what a command that broke off has done already, nobody knows.
@agent.capability("run_shell", second="reject", attempts=1)
async def run_shell(
    run: Run,
    *,
    command: Annotated[str, Meta(min_length=1, max_length=2_000)],
    timeout_seconds: Annotated[float, Meta(gt=0, le=3_600)] = 60,
) -> Finished:
    """Run a shell command after a person has approved it."""
    arguments = {"command": command, "folder": str(Path.cwd()), "timeout_seconds": timeout_seconds}
    approval = await run.approve("run a shell command", arguments, expires_in=timedelta(days=1))
    await approval.use(arguments)
    # In a task of its own, so that one that is being started when the run is stopped is known, and killed.
    starting = asyncio.create_task(
        asyncio.create_subprocess_shell(
            command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    )
    try:
        async with asyncio.timeout(timeout_seconds):
            process = await asyncio.shield(starting)
            characters = await pass_on(run, process)
            status = await process.wait()
    except TimeoutError:
        raise Fatal(f"It was not done within {timeout_seconds:g} s and was killed.") from None
    finally:
        await kill(await starting)
    run.summary = f"Ended with status {status}"
    return Finished(status, characters)


async def pass_on(run: Run, process: asyncio.subprocess.Process) -> int:
    assert process.stdout
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    characters = 0
    while chunk := await process.stdout.read(16_384):
        text = decoder.decode(chunk)
        characters += len(text)
        await run.output(text)
    return characters


async def kill(process: asyncio.subprocess.Process) -> None:
    """Kill a command, and what it has left behind in the background."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


if __name__ == "__main__":
    agent.run()
