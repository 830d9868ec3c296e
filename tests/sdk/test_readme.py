"""The examples of the package's README, as programs of their own against a real server."""

import asyncio
import os
import re
import sys
from pathlib import Path

from tests.nodes import RunningNode
from tests.sdk.test_storage import PACKAGES

README = PACKAGES / "README.md"


FIRST, ENCRYPTED = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


async def printed(source: str, url: str, token: str, folder: Path) -> list[str]:
    """The lines that an example prints; it warns of nothing."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-Werror",
        "-c",
        source,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PACKAGES), "YMERA_URL": url, "YMERA_TOKEN": token},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert errors.decode() == ""
    return output.decode().splitlines()


async def test_the_example_runs_and_says_what_happens(server: RunningNode, ada: str, tmp_path: Path) -> None:
    first, *events, last = await printed(FIRST, server.url, ada, tmp_path)
    assert first == "Ada in YMERA"
    assert [line.split()[1] for line in events] == ["task.created", "task.updated"]
    assert last == "['Land on the Moon: done']"


async def test_the_example_of_encrypted_rooms_runs_again_and_again(
    server: RunningNode, ada: str, tmp_path: Path
) -> None:
    begun, *said = await printed(ENCRYPTED, server.url, ada, tmp_path)
    assert begun.startswith("Write down: ")
    assert said == ["['For members only.']", "1 found on this device"]
    again = await printed(ENCRYPTED, server.url, ada, tmp_path)
    assert again == said


def test_the_examples_are_short() -> None:
    assert max(len(each.strip().splitlines()) for each in (FIRST, ENCRYPTED)) <= 20
