"""A run's files in the testing harness: as on a server, in memory."""

import hashlib
from pathlib import Path

import pytest

from ymera_client import Agent, Conflict, ErrorClass, NotFound, Run, RunState
from ymera_client.agent.testing import Harness


async def test_a_handler_reads_writes_and_lists_files(tmp_path: Path) -> None:
    agent = Agent()

    @agent.capability()
    async def copy(run: Run, *, file_id: str) -> list[str]:
        content = await run.files.read(file_id)
        assert content == b"".join([piece async for piece in run.files.stream(file_id)])
        path = await run.files.download(file_id, tmp_path)
        assert path.read_bytes() == content
        made = await run.files.upload(content.upper(), name="loud.txt", folder="out")
        assert (made.run_id, made.room, made.bytes) == (run.id, run.project_id, len(content))
        assert made.sha256 == hashlib.sha256(content.upper()).hexdigest()
        await run.files.upload(path)
        return [f"{file.folder}/{file.name}" async for file in run.files.list()]

    seen = await Harness(agent, files={"in/quiet.txt": b"hush"}).run("copy", file_id="in/quiet.txt")
    assert seen.state is RunState.COMPLETED, seen.error
    assert seen.result == ["out/loud.txt", "in/quiet.txt", "/quiet.txt"]
    assert seen.files == {"out/loud.txt": b"HUSH", "quiet.txt": b"hush"}
    assert seen.commands == []


async def test_a_handler_in_a_thread_has_them_too() -> None:
    agent = Agent()

    @agent.capability()
    def count(run: Run, *, file_id: str) -> int:
        content = run.wait(run.files.read(file_id))
        run.wait(run.files.upload(b"done", name="done.txt"))
        return len(content)

    seen = await Harness(agent, files={"a": b"12345"}).run("count", file_id="a")
    assert (seen.result, seen.files) == (5, {"done.txt": b"done"})


async def test_taken_names_are_settled_as_a_server_does() -> None:
    agent = Agent()

    @agent.capability()
    async def write(run: Run) -> list[tuple[str, int]]:
        first = await run.files.upload(b"1", name="a.txt")
        same = await run.files.upload(b"1", name="A.txt")
        assert same == first
        made = [
            await run.files.upload(b"2", name="a.txt"),
            await run.files.upload(b"3", name="a.txt"),
            await run.files.upload(b"4", name="a.txt", conflict="version"),
            await run.files.upload(b"5", file_id=first.id),
        ]
        with pytest.raises(Conflict, match=r"already a file «a\.txt»"):
            await run.files.upload(b"6", name="a.txt", conflict="refuse")
        with pytest.raises(NotFound):
            await run.files.read(first.id, number=1)
        return [(file.name, file.number) for file in made]

    seen = await Harness(agent).run("write")
    assert seen.result == [["a (2).txt", 1], ["a (3).txt", 1], ["a.txt", 2], ["a.txt", 3]]


async def test_a_file_that_is_not_there_fails_the_run() -> None:
    agent = Agent()

    @agent.capability()
    async def read(run: Run, *, file_id: str) -> None:
        await run.files.read(file_id)

    seen = await Harness(agent).run("read", file_id="x")
    assert seen.error
    assert seen.error.cause is ErrorClass.FATAL
    assert "no file 'x'" in seen.error.message
