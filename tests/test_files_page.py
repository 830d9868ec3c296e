"""The commands of docs/files.md do what it says, one after the other, on a server that has just started."""

import asyncio
import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.nodes import NodeStarter

ROOT = Path(__file__).parent.parent
COMMANDS = re.findall(
    r"^```sh\n(.*?)^```", (ROOT / "docs" / "files.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)


async def shell(command: str, folder: Path, environment: dict[str, str]) -> str:
    """What a command prints that must succeed."""
    # The client is not installed here, only the tests' path leads to it.
    process = await asyncio.create_subprocess_exec(
        *("sh", "-ec", command.replace("ymera-client", f"'{sys.executable}' -m ymera_client")),
        cwd=folder,
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT / "client-sdk" / "python")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return output.decode()


async def test_the_commands(node: NodeStarter, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("optional input absent: curl")
    running = await node()
    _, token = await running.admit("Alice")
    (tmp_path / "report.txt").write_text("All is well.\n")
    upload, post, download = COMMANDS
    async with running.client(token) as client:
        project = await client.do("project.create", name="Apollo")
        environment = {"YMERA_URL": running.url, "YMERA_TOKEN": token, "ROOM": project["id"]}
        await shell(upload, tmp_path, environment)
        posted = json.loads(await shell(post, tmp_path, environment))
        (listed,) = (await client.do("file.list", room=project["id"]))["items"]
        assert listed["id"] == posted["id"]  # the same content under the same name is the same file
        await shell(download, tmp_path, environment | {"FILE": posted["id"]})
    assert (tmp_path / "copy.txt").read_text() == "All is well.\n"
