"""What files do to those who read them: each ends alone, leaves nothing behind, and the next one is read."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec
import psutil
import pytest

from protocol.files import ContentKind, Preview
from server.analysis.job import RESULT, Limits
from server.analysis.pool import ATTEMPTS, Pool, PoolError, _result
from server.analysis.reading import Reading
from tests.nodes import until
from tests.server.analysis import samples

LIMITS = Limits(cpu_seconds=1, wall_seconds=20.0, memory=256 << 20, output=8 << 20)
COMMAND = [sys.executable, str(Path(__file__).with_name("attacker.py"))]


@pytest.fixture
async def attacked() -> AsyncIterator[Pool]:
    async with Pool(1, limits=LIMITS, command=COMMAND) as pool:
        yield pool


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("of somebody else")
    path = tmp_path / "file"
    path.write_text("content")
    return path


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where readings have their folders."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


async def read(pool: Pool, file: Path, deed: str) -> Reading:
    async with pool.read(file, deed) as (reading, _):
        return reading


def ended(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "attacker.py" in " ".join(child.cmdline())]


@pytest.mark.parametrize(
    ("deed", "error"),
    [
        ("crash", "Reading it crashed (SIGSEGV): it is broken, or made to do that."),
        ("eat_memory", "Reading it takes more than 256 MiB of memory."),
        ("burn", "Reading it takes more than 1 s of processor time."),
        ("fill_disk", "Reading it failed in a way that was not foreseen."),
        ("fail", "Reading it failed in a way that was not foreseen."),
    ],
)
async def test_what_harms_the_reader_ends_alone(
    attacked: Pool, file: Path, scratch: Path, deed: str, error: str
) -> None:
    worker = [await read(attacked, file, "nothing"), workers()][1]

    reading = await read(attacked, file, deed)

    assert reading.error == error
    # What was known before it ended is kept.
    assert (reading.media_type, reading.kind) == ("text/plain", ContentKind.TEXT)
    assert (await read(attacked, file, "nothing")).error == ""
    assert workers() == worker, "the worker itself was ended"
    assert list(scratch.iterdir()) == []


async def test_what_takes_too_long_is_ended(file: Path) -> None:
    async with Pool(1, limits=replace(LIMITS, wall_seconds=0.2), command=COMMAND) as pool:
        assert (await read(pool, file, "sleep")).error == "Reading it takes longer than 0.2 s."
        assert (await read(pool, file, "nothing")).error == ""


async def test_what_takes_over_the_reader_gets_nowhere(attacked: Pool, file: Path) -> None:
    said = (await read(attacked, file, "escape")).metadata["said"]

    assert said["refused"] == said["all"]
    assert file.read_text() == "content"


async def test_readers_know_no_secrets(attacked: Pool, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YMERA_SECRET_KEY", "secret")

    environment = (await read(attacked, file, "tell_environment")).metadata["said"]

    assert "PATH" in environment
    assert not [name for name in environment if name.startswith("YMERA")]


def test_previews_are_files_of_their_own_folder(file: Path, scratch: Path) -> None:
    """Where the kernel does not keep a reader from planting links, what it says is still not believed."""
    made = Reading(media_type="image/png", kind=ContentKind.IMAGE)
    made.previews = [
        Preview(name=name, width=1, height=1) for name in ("thumbnail", "page-1", "../x", "..", "page-2")
    ]
    (scratch / RESULT).write_bytes(msgspec.msgpack.encode(made))
    (scratch / "thumbnail.webp").symlink_to(file.with_name("secret"))
    (scratch / "page-1.webp").touch()
    scratch.with_name("x.webp").touch()
    (scratch / "...webp").touch()

    assert [preview.name for preview in _result(scratch, "").previews] == ["page-1"]


def test_what_makes_no_sense_is_not_believed(scratch: Path) -> None:
    (scratch / RESULT).write_bytes(b"\x81nonsense")
    assert _result(scratch, "").error == "What was read of it makes no sense."
    assert _result(scratch, "Reading it crashed.").error == "Reading it crashed."


async def test_a_worker_that_ended_is_replaced(attacked: Pool, file: Path) -> None:
    await read(attacked, file, "nothing")
    (worker,) = workers()
    worker.kill()
    worker.wait()

    assert (await read(attacked, file, "nothing")).error == ""
    assert worker not in workers()


async def test_a_file_that_ends_workers_counts_as_unreadable(
    attacked: Pool, file: Path, scratch: Path
) -> None:
    reading = asyncio.create_task(read(attacked, file, "linger"))
    for _ in range(ATTEMPTS):
        await until(lambda: bool(list(scratch.glob("*/started"))))
        (worker,) = workers()
        (child,) = worker.children()
        next(scratch.glob("*/started")).unlink()
        worker.kill()
        await until(partial(ended, child))

    assert (await reading).error == "Reading it ended the processes that were to read it."
    assert (await read(attacked, file, "nothing")).error == ""


async def test_cancelling_ends_the_reader(attacked: Pool, file: Path, scratch: Path) -> None:
    reading = asyncio.create_task(read(attacked, file, "linger"))
    await until(lambda: bool(list(scratch.glob("*/started"))))
    (worker,) = workers()
    family = [worker, *worker.children()]

    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert len(family) == 2
    assert all(map(ended, family))
    assert list(scratch.iterdir()) == []
    assert (await read(attacked, file, "nothing")).error == ""


async def test_nothing_is_left_when_the_server_is_killed(file: Path, scratch: Path) -> None:
    """The lifeline of a worker is all that it has of the server."""
    pool = Pool(1, limits=LIMITS, command=COMMAND)
    reading = asyncio.create_task(read(pool, file, "linger"))
    await until(lambda: bool(list(scratch.glob("*/started"))))
    (worker,) = workers()
    family = [worker, *worker.children()]
    (process,) = pool._working
    assert process.stdin is not None
    process.stdin.close()

    await until(lambda: all(map(ended, family)))
    assert list(scratch.iterdir()) == []

    reading.cancel()
    await asyncio.wait([reading])
    await pool.close()


async def test_closing_ends_what_is_being_read(file: Path, scratch: Path) -> None:
    pool = Pool(1, limits=LIMITS, command=COMMAND)
    readings = [asyncio.create_task(read(pool, file, deed)) for deed in ("linger", "nothing")]
    await until(lambda: bool(list(scratch.glob("*/started"))))

    await pool.close()

    for reading in readings:
        with pytest.raises(PoolError, match="the server stops"):
            await reading
    assert workers() == []
    assert list(scratch.iterdir()) == []


async def test_too_many_wait(
    attacked: Pool, file: Path, monkeypatch: pytest.MonkeyPatch, scratch: Path
) -> None:
    monkeypatch.setattr("server.analysis.pool.MAX_WAITING", 1)
    async with asyncio.TaskGroup() as group:
        busy = group.create_task(read(attacked, file, "linger"))
        await until(lambda: bool(list(scratch.glob("*/started"))))
        waits = group.create_task(read(attacked, file, "nothing"))
        await asyncio.sleep(0)
        with pytest.raises(PoolError, match="1 files wait to be read; try again later"):
            await read(attacked, file, "nothing")
        busy.cancel()
        assert (await waits).error == ""


async def test_the_real_readers_are_held_to_their_limits(tmp_path: Path) -> None:
    """A picture within the limits of pictures, but not of the memory."""
    files = {"large.png": samples.png(7_900, 7_900), "small.png": samples.png(50, 50), "a.md": b"# A plan"}
    errors = {}
    async with Pool(1, limits=replace(Limits(), memory=128 << 20)) as pool:
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
            async with pool.read(tmp_path / name, name) as (reading, _):
                errors[name] = (reading.media_type, reading.error)
    assert errors == {
        "large.png": ("image/png", "Reading it takes more than 128 MiB of memory."),
        "small.png": ("image/png", ""),
        "a.md": ("text/markdown", ""),
    }


async def test_workers_that_do_not_start_are_no_fault_of_the_file(file: Path) -> None:
    async with Pool(1, command=[sys.executable, "-c", "raise SystemExit(3)"]) as pool:
        with pytest.raises(PoolError, match="does not start: it ended with 3"):
            await read(pool, file, "nothing")


async def test_files_are_read_side_by_side(file: Path) -> None:
    async with Pool(2, limits=LIMITS, command=COMMAND) as pool:
        readings = await asyncio.gather(*(read(pool, file, "nothing") for _ in range(10)))
        assert len(workers()) == 2
    assert [reading.error for reading in readings] == [""] * 10
    assert workers() == []
