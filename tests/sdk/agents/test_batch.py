"""What is joined, replaced, ordered and dropped before it is sent."""

from typing import Any

from ymera_client import RunLog, RunOutput, RunProgress
from ymera_client.agent.batch import MAX_LINES, MAX_TEXT, Batch
from ymera_client.generated import MAX_OUTPUT, MAX_OUTPUT_CHUNK

ABOUT: dict[str, Any] = {"project_id": "p", "run_id": "r", "fence": 1}


def drained(batch: Batch) -> list[Any]:
    found = []
    while (report := batch.next(batch.end)) is not None:
        found.append(report)
    return found


def test_output_is_joined_and_cut_and_keeps_its_offset() -> None:
    batch = Batch(ABOUT)
    batch.write("a")
    batch.write("b\0")
    batch.write("c" * MAX_OUTPUT_CHUNK)
    assert batch.next(batch.end) == RunOutput(
        **ABOUT, text="ab\ufffd" + "c" * (MAX_OUTPUT_CHUNK - 3), offset=0
    )
    batch.write("d")
    assert drained(batch) == [RunOutput(**ABOUT, text="cccd", offset=MAX_OUTPUT_CHUNK)]


def test_what_is_written_while_a_report_is_sent_waits_until_it_is_a_full_piece() -> None:
    batch = Batch(ABOUT)
    batch.write("a" * 3)
    written = batch.end
    assert batch.next(written) == RunOutput(**ABOUT, text="aaa", offset=0)
    batch.write("b" * (MAX_OUTPUT_CHUNK - 1))
    assert batch.next(written) is None
    batch.write("bb")
    assert batch.next(written) == RunOutput(**ABOUT, text="b" * MAX_OUTPUT_CHUNK, offset=3)
    assert batch.next(written) is None
    assert drained(batch) == [RunOutput(**ABOUT, text="b", offset=3 + MAX_OUTPUT_CHUNK)]


def test_output_is_bounded_at_once_and_in_all() -> None:
    batch = Batch(ABOUT)
    sent: list[str] = []
    for _ in range(40):
        while not batch.write("x" * MAX_OUTPUT_CHUNK):
            assert not batch.has_room
            sent += [report.text for report in drained(batch)]
            assert batch.has_room
    sent += [report.text for report in drained(batch)]
    assert MAX_OUTPUT < sum(map(len, sent)) <= MAX_OUTPUT + MAX_OUTPUT_CHUNK
    assert MAX_TEXT <= 100_000


def test_of_progress_only_the_newest_is_sent() -> None:
    batch = Batch(ABOUT)
    batch.show(0.1, "reading")
    batch.show(0.2, None)
    assert drained(batch) == [RunProgress(**ABOUT, progress=0.2, note="reading")]
    batch.show(None, "writing")
    assert drained(batch) == [RunProgress(**ABOUT, note="writing")]


def test_log_lines_wait_or_are_counted() -> None:
    batch = Batch(ABOUT)
    for number in range(MAX_LINES + 7):
        added = batch.add(RunLog(**ABOUT, message=f"line {number}"), or_drop=True)
        assert added is (number < MAX_LINES)
    assert not batch.add(RunLog(**ABOUT, message="waits"))
    *lines, last = drained(batch)
    assert [line.message for line in lines] == [f"line {number}" for number in range(MAX_LINES)]
    assert last.message.startswith("7 more lines")
    assert last.level == "warning"
