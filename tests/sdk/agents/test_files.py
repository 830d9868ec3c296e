"""An agent's files on a real server: read, written and listed by its runs, and known to be theirs."""

from pathlib import Path

from tests.sdk.agents.office import Office
from ymera_client import Agent, FileGet, Run, RunState, TaskCreate
from ymera_client.transfer.sources import Content


async def test_a_run_works_with_the_files_of_its_project(office: Office, tmp_path: Path) -> None:
    agent = Agent(office.server.url, token=await office.hire())
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(3 * 1024 * 1024))

    @agent.capability()
    async def copy(run: Run, *, file_id: str) -> list[str]:
        path = await run.files.download(file_id, tmp_path / "copy")
        content = await run.files.read(file_id)
        assert path.read_bytes() == content == b"".join([part async for part in run.files.stream(file_id)])
        outputs: list[Content] = [large, content.upper()]
        for number, output in enumerate(outputs):
            await run.files.upload(output, name=f"{number}.out", folder="out")
        await run.files.upload(b"more", file_id=file_id, name="in.txt")
        return [f"{file.folder}/{file.name}" async for file in run.files.list()]

    task = await office.alice.call(TaskCreate(project_id=office.room.id, title="Copy it"))
    file = await office.alice.files.upload(office.room.id, b"quiet", name="in.txt")
    async with agent.running():
        seen = await office.ended(await office.order("copy", task_id=task.id, file_id=file.id))
    assert seen.run.state is RunState.COMPLETED, seen.run.error
    assert seen.result == ["out/0.out", "out/1.out", "/in.txt"]
    assert [(made.name, made.number) for made in seen.files] == [("0.out", 1), ("1.out", 1), ("in.txt", 2)]
    out = (await office.alice.call(FileGet(file_id=seen.files[1].file_id))).file
    assert (out.task_id, out.run_id, out.created_by) == (task.id, seen.run.id, seen.run.agent_id)
    assert await office.alice.files.read(out.id) == b"QUIET"


async def test_a_handler_in_a_thread_has_them_too(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire())

    @agent.capability()
    def shout(run: Run, *, file_id: str) -> int:
        content = run.wait(run.files.read(file_id))
        return run.wait(run.files.upload(content.upper(), name="loud.txt")).bytes

    file = await office.alice.files.upload(office.room.id, b"quiet", name="in.txt")
    async with agent.running():
        seen = await office.ended(await office.order("shout", file_id=file.id))
    assert seen.result == 5


async def test_an_attempt_that_begins_anew_leaves_one_file(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire())
    content = bytes(2 * 1024 * 1024)

    @agent.capability(attempts=2)
    async def write(run: Run) -> int:
        await run.files.upload(content, name="large.bin")
        await run.files.upload(b"small", name="small.txt")
        if run.attempt == 1:
            raise ZeroDivisionError
        return run.attempt

    async with agent.running():
        seen = await office.ended(await office.order("write"))
    assert seen.result == 2
    assert [(made.name, made.number) for made in seen.files] == [("large.bin", 1), ("small.txt", 1)]


async def test_a_file_that_is_not_there_fails_the_run(office: Office) -> None:
    agent = Agent(office.server.url, token=await office.hire())

    @agent.capability()
    async def read(run: Run, *, file_id: str) -> None:
        await run.files.read(file_id)

    async with agent.running():
        missing = await office.ended(await office.order("read", file_id=office.room.id))
    assert missing.run.error
    assert (missing.run.error.cause, missing.run.attempt) == ("fatal", 1)
