"""Processes that are kept running: what is done when they end, and that they end with their keeper."""

import asyncio
import os
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path

import psutil
import pytest
from redis.asyncio import Redis

from server import children, embedded_redis
from server.children import Children, spawn
from server.embedded import EmbeddedError
from tests.nodes import until


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "FIRST_DELAY_SECONDS", 0.01)


class Launches:
    """Starts children of a shell script, and knows them."""

    def __init__(self, script: str) -> None:
        self.script = script
        self.made: list[Process] = []

    async def __call__(self) -> Process:
        self.made.append(await spawn(["/bin/sh", "-c", self.script], stdout=DEVNULL))
        return self.made[-1]


async def test_a_child_that_ends_is_started_again_and_ends_with_the_block() -> None:
    launch = Launches("read -r _")
    async with Children(5) as kept:
        await kept.add("a reader", launch)
        launch.made[0].kill()
        await until(lambda: len(launch.made) == 2)
        assert launch.made[1].returncode is None
        assert not kept.failed.done()
    assert launch.made[1].returncode == 1


async def test_one_that_does_not_let_go_is_killed() -> None:
    launch = Launches("while :; do sleep 1; done")
    async with Children(0.1) as kept:
        await kept.add("a stubborn one", launch)
    assert launch.made[0].returncode == -signal.SIGKILL


async def test_one_that_keeps_ending_is_a_failure() -> None:
    launch = Launches("exit 3")
    async with Children(5) as kept:
        await kept.add("a short one", launch)
        assert await asyncio.wait_for(kept.failed, 10) == "a short one keeps ending"
    assert len(launch.made) == children.ATTEMPTS + 1


async def test_one_that_cannot_be_started_again_is_a_failure() -> None:
    launch = Launches("exit 0")

    async def once() -> Process:
        if launch.made:
            raise EmbeddedError("no more of them")
        return await launch()

    async with Children(5) as kept:
        await kept.add("a single one", once)
        assert await asyncio.wait_for(kept.failed, 10) == "a single one keeps ending"


async def test_the_embedded_redis_is_private_and_keeps_nothing(tmp_path: Path) -> None:
    async with Children(5) as kept:
        await kept.add("Redis", lambda: embedded_redis.launch(tmp_path))
        async with Redis.from_url(embedded_redis.url(tmp_path)) as client:
            await client.set("name", "value", ex=100)
            settings = await client.config_get("*")
            assert (settings["port"], settings["save"], settings["appendonly"]) == ("0", "", "no")
            assert settings["maxmemory"] == str(128 << 20)
        assert (tmp_path / "redis.sock").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["redis.log"]


async def test_a_redis_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_redis, "MEMORY", "plenty")
    with pytest.raises(EmbeddedError, match="does not answer"):
        await embedded_redis.launch(tmp_path)


def test_the_embedded_redis_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio, pathlib\n"
        "from server import embedded_redis\n"
        "async def main():\n"
        f"    await embedded_redis.launch(pathlib.Path({str(tmp_path)!r}))\n"
        "    print('runs', flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "runs\n"
        below = psutil.Process(parent.pid).children(recursive=True)
        assert "valkey-server" in {process.name() for process in below}
        os.kill(parent.pid, signal.SIGKILL)
        _, alive = psutil.wait_procs(below, timeout=10)
        assert not alive
