"""The examples, as programs of their own against a real server: they do what they say."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.nodes import PATIENCE, until
from tests.sdk.agents.office import EXAMPLES, Office
from ymera_client import (
    Artifact,
    Message,
    RunArtifactGet,
    RunCancel,
    RunState,
    TaskCreate,
    TaskDepend,
    TaskStatus,
    TriggerCreate,
    TriggerKind,
)

ENGLISH = """The moon is a rock. It is the only moon that we have, and people have walked on the moon.

This paragraph is about tides. The tides of the sea are the work of the moon."""
GERMAN = "Der Mond ist ein Stein. Wir haben nur einen Mond, und er ist mit der Erde entstanden."


async def text(office: Office, artifact: Artifact) -> str:
    """What an artifact holds."""
    return (await office.alice.call(RunArtifactGet(artifact_id=artifact.id))).text


async def test_the_text_analyser(office: Office) -> None:
    async with office.program(await office.hire(), str(EXAMPLES / "text_analyser.py")):
        task = await office.alice.call(
            TaskCreate(project_id=office.room.id, title="Read it", description=ENGLISH)
        )
        english = await office.ended(await office.order("analyse_text", task_id=task.id, keywords=2))
        german = await office.ended(await office.order("analyse_text", description=GERMAN))
        empty = await office.ended(await office.order("analyse_text", description="…"))
    assert english.result
    assert english.result["language"] == "en"
    assert (english.result["words"], english.result["sentences"]) == (36, 4)
    assert english.result["keywords"] == ["moon", "tides"]
    assert english.result["longest_sentence"].startswith("It is the only moon")
    assert 80 < english.result["ease"] < 120
    assert (await office.output(english.run.id)).splitlines()[0].startswith("§1: 20 words")
    assert english.run.progress == 1
    assert german.result
    assert german.result["language"] == "de"
    assert empty.run.error
    assert empty.run.error.cause == "invalid"


async def test_the_text_analyser_reads_files(office: Office) -> None:
    room = office.room.id
    async with office.program(await office.hire(), str(EXAMPLES / "text_analyser.py")):
        file = await office.alice.files.upload(room, ENGLISH.encode(), name="moon.txt")
        seen = await office.ended(await office.order("analyse_file", file_id=file.id, keywords=2))
        binary = await office.alice.files.upload(room, bytes(range(256)), name="moon.bin")
        broken = await office.ended(await office.order("analyse_file", file_id=binary.id))
    assert seen.result
    assert seen.result["words"] == 36
    (made,) = seen.files
    assert (made.name, made.run_id, made.created_by) == ("reading.md", seen.run.id, seen.run.agent_id)
    report = (await office.alice.files.read(made.file_id)).decode()
    assert "- language: en\n- words: 36\n" in report
    assert "- keywords: ['moon', 'tides']\n" in report
    assert broken.run.error
    assert broken.run.error.cause == "invalid"


@contextmanager
def reading(fifo: Path) -> Iterator[Callable[[], bool]]:
    """Tells whether somebody has this pipe open to write."""
    end = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)

    def is_held() -> bool:
        try:
            return os.read(end, 1) != b""
        except BlockingIOError:
            return True

    yield is_held
    os.close(end)


async def test_the_shell_runner(office: Office, tmp_path: Path) -> None:
    async with office.program(await office.hire(), str(EXAMPLES / "shell_runner.py"), cwd=tmp_path):
        run_id = await office.order("run_shell", command="echo first; echo second >&2; touch made; exit 3")
        asked = await office.asked(run_id)
        assert asked.action == "run a shell command"
        assert asked.arguments == {
            "command": "echo first; echo second >&2; touch made; exit 3",
            "folder": str(tmp_path),
            "timeout_seconds": 60,
        }
        assert not (tmp_path / "made").exists()
        await office.answer(run_id, True)
        seen = await office.ended(run_id)
        assert seen.result == {"status": 3, "characters": 13}
        assert await office.output(run_id) == "first\nsecond\n"
        assert (tmp_path / "made").exists()

        denied = await office.order("run_shell", command="touch denied")
        await office.answer(denied, False)
        assert (await office.ended(denied)).run.state is RunState.FAILED
        assert not (tmp_path / "denied").exists()

        late = await office.order("run_shell", command="sleep 600", timeout_seconds=0.2)
        await office.answer(late, True)
        error = (await office.ended(late)).run.error
        assert error
        assert error.message == "It was not done within 0.2 s and was killed."

        # Stopping it kills what it has started, too.
        fifo = tmp_path / "alive"
        os.mkfifo(fifo)
        with reading(fifo) as is_held:
            stopped = await office.order("run_shell", command=f"(sleep 600 > {fifo}) & sleep 600")
            await office.answer(stopped, True)
            await until(is_held)
            await office.alice.call(RunCancel(run_id=stopped))
            assert (await office.ended(stopped)).run.state is RunState.CANCELED
            await until(lambda: not is_held())


async def test_the_pipeline(office: Office) -> None:
    script = str(EXAMPLES / "pipeline.py")
    for title, status in (
        ("Buy a telescope", "done"),
        ("Draw Saturn", "todo"),
        ("Eat", "todo"),
    ):
        await office.alice.call(
            TaskCreate(project_id=office.room.id, title=title, status=TaskStatus(status), description="Soon.")
        )
    topic = await office.alice.call(TaskCreate(project_id=office.room.id, title="What about telescope"))
    async with (
        office.program(await office.hire("Researcher"), script, "researcher"),
        office.program(await office.hire("Writer"), script, "writer"),
    ):
        first = await office.ended(await office.order("research", task_id=topic.id))
        second = await office.finds(lambda run: run.previous_id == first.run.id)
        assert first.run.agent_id != second.run.agent_id
        assert first.run.state is RunState.COMPLETED
        assert second.run.task_id == topic.id
        (artifact,) = second.artifacts
        assert (await text(office, artifact)).splitlines() == [
            "# What about telescope",
            "",
            "1 tasks of the project are about «What about telescope».",
            "",
            "- **Buy a telescope** (done)",
            "  Soon.",
        ]
        await office.room.wait_for(lambda room: room.state["tasks"][topic.id]["status"] == "done", PATIENCE)
        lone = await office.ended(await office.order("write_briefing", title="Alone"))
        assert lone.run.error
        assert lone.run.error.cause == "invalid"


async def test_the_reporter_on_a_schedule(office: Office) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    late, blocked, _ = [
        await office.alice.call(
            TaskCreate(project_id=office.room.id, title=title, status=TaskStatus(status), due=due)
        )
        for title, status, due in (
            ("Late", "todo", yesterday),
            ("Blocked", "todo", None),
            ("Done", "done", yesterday),
        )
    ]
    await office.alice.call(TaskDepend(task_id=blocked.id, on=late.id))
    async with office.program(await office.hire(), str(EXAMPLES / "reporter.py")):
        await office.alice.call(
            TriggerCreate(
                project_id=office.room.id,
                name="Each minute",
                kind=TriggerKind.SCHEDULE,
                capability="report_project",
                cron="* * * * *",
                input={"days": 30},
            )
        )
        # As if the minute had passed.
        await office.server.node.pool.execute("UPDATE triggers SET next_at = next_at - interval '1 minute'")
        seen = await office.finds(lambda run: run.trigger_id)
    assert seen.run.trigger_id
    assert seen.result == {
        "tasks": 3,
        "by_status": {"todo": 2, "done": 1},
        "overdue": 1,
        "blocked": 1,
        "completed_lately": 1,
    }
    (artifact,) = seen.artifacts
    report = await text(office, artifact)
    assert "## Overdue\n\n- Late (none), due" in report
    assert "## Blocked\n\n- Blocked (none)\n" in report
    assert "## Completed in the last 30 days\n\n- Done (none)\n" in report
    (said,) = office.room.all(Message)
    assert said.text == "3 tasks: 1 overdue, 1 blocked, 1 completed in the last 30 days."
    assert said.author_id == seen.run.agent_id
