"""The example of the package's README, as a program of its own against a real server."""

import asyncio
import os
import re
import sys
from pathlib import Path

from tests.nodes import RunningNode
from tests.sdk.test_storage import PACKAGES

README = PACKAGES / "README.md"


def example() -> str:
    found = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


async def test_the_example_runs_and_says_what_happens(server: RunningNode, ada: str, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-Werror",
        "-c",
        example(),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PACKAGES), "YMERA_URL": server.url, "YMERA_TOKEN": ada},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert errors.decode() == ""
    first, *events, last = output.decode().splitlines()
    assert first == "Ada in YMERA"
    assert [line.split()[1] for line in events] == ["task.created", "task.updated"]
    assert last == "['Land on the Moon: done']"


def test_the_example_is_short() -> None:
    assert len(example().strip().splitlines()) <= 20
