"""`ymera-client keys`, as a program of its own."""

import asyncio
import os
import sys
from pathlib import Path

from tests.nodes import PATIENCE, RunningNode
from tests.sdk.test_storage import PACKAGES


class Shell:
    """Runs the program as a member, on a device of the name."""

    def __init__(self, url: str, token: str, folder: Path) -> None:
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(PACKAGES),
            "YMERA_URL": url,
            "YMERA_TOKEN": token,
        }
        self._folder = folder

    async def start(self, device: str, *words: str) -> asyncio.subprocess.Process:
        keys = {
            "YMERA_KEYS": str(self._folder / f"{device}.db"),
            "YMERA_KEYS_FILE": str(self._folder / f"{device}.key"),
        }
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-Werror", "-m", "ymera_client", "keys", *words),
            env={**self._environment, **keys},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def __call__(self, device: str, *words: str, typed: str = "") -> list[list[str]]:
        """What it prints, line by line."""
        process = await self.start(device, *words)
        async with asyncio.timeout(PATIENCE):
            output, errors = await process.communicate(typed.encode())
        assert process.returncode == 0, errors.decode()
        return [line.split("\t") for line in output.decode().splitlines()]


async def test_a_device_begins_links_recovers_and_is_put_out(
    server: RunningNode, ada: str, tmp_path: Path
) -> None:
    keys = Shell(server.url, ada, tmp_path)
    assert await keys("one", "status") == [["state", "none"]]
    ((code,),) = await keys("one", "begin")
    assert len(code.replace("-", "")) == 32
    state, identity, first, backed_up = await keys("one", "status")
    assert (state, identity[0], backed_up) == (["state", "ready"], "identity", ["backed up", "yes"])
    new = await keys.start("two", "link")
    assert new.stdout is not None
    shown = (await asyncio.wait_for(new.stdout.readline(), PATIENCE)).decode().strip()
    assert len(await keys("one", "link", shown)) == 2
    assert await asyncio.wait_for(new.wait(), PATIENCE) == 0
    assert ["state", "ready"] in await keys("three", "recover", typed=code)
    unknown = await keys.start("three", "revoke", "-AAAAAAAAAAAAAAAAAAAAA")
    _, errors = await unknown.communicate()
    assert "no such device" in errors.decode()
    refused = await keys.start("three", "link", "-AAAA")
    _, errors = await refused.communicate()
    assert "base64url" in errors.decode()
    listed = await keys("three", "revoke", first[1])
    assert {line[0]: line[1] for line in listed}[first[1]] == "put out"
    assert [line[1] for line in listed].count("in use") == 2
    assert ["state", "elsewhere"] in await keys("one", "status")
