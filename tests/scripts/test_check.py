"""The runner counts what really passed: a failure, a crash, a skip or an empty run is never a success."""

import json
import sys
import tempfile
from pathlib import Path

import pytest

from scripts import check
from scripts.check import OPTIONAL, Count, Part, count_pytest, count_vitest, run


def python(code: str, report: Path | None = None) -> Part:
    return Part(
        "test", "part", [sys.executable, "-c", code], report=report, count=count_pytest if report else None
    )


def count_of(part: Part, folder: Path) -> Count:
    (outcome,) = run([part], {}, folder)
    return outcome.count


def junit(tests: int, failures: int = 0, skipped: int = 0, reason: str = "") -> str:
    attributes = f'tests="{tests}" failures="{failures}" errors="0" skipped="{skipped}"'
    cases = f'<testcase><skipped message="{reason}"/></testcase>' * skipped
    return f'<testsuites><testsuite name="pytest" {attributes}>{cases}</testsuite></testsuites>'


@pytest.mark.parametrize(("code", "count"), [("", Count(1, 0)), ("raise SystemExit(3)", Count(0, 1))])
def test_a_command_counts_as_one(tmp_path: Path, code: str, count: Count) -> None:
    assert count_of(python(code), tmp_path) == count


def test_a_command_that_is_not_there_failed(tmp_path: Path) -> None:
    assert count_of(Part("lint", "part", ["/nonexistent/tool"]), tmp_path) == Count(0, 1)


@pytest.mark.parametrize(
    ("report", "status", "count"),
    [
        (junit(5), 0, Count(5, 0)),
        (junit(5, failures=2), 1, Count(3, 2)),
        (junit(5, skipped=1), 0, Count(4, 1)),
        (junit(5, skipped=1, reason=f"{OPTIONAL}: /data"), 0, Count(4, 0)),
        (junit(5), 1, Count(5, 1)),
        (junit(0), 5, Count(0, 1)),
        (None, 0, Count(0, 1)),
    ],
)
def test_a_run_of_pytest_counts_its_tests(
    tmp_path: Path, report: str | None, status: int, count: Count
) -> None:
    path = tmp_path / "report.xml"
    if report is not None:
        path.write_text(report)
    assert count_of(python(f"raise SystemExit({status})", path), tmp_path) == count


def test_what_a_part_started_ends_with_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "LIMIT_SECONDS", 0.5)
    (outcome,) = run([python("import subprocess; subprocess.run(['sleep', '600'])")], {}, tmp_path)
    assert outcome.count == Count(0, 1)
    assert outcome.output == "stopped: still running after 0.5 seconds\n"


MEETING = """
import pathlib, sys, time
mine, other = map(pathlib.Path, sys.argv[1:])
print("waits for", other.name, flush=True)
mine.touch()
patience = time.monotonic() + 20
while not other.exists() and time.monotonic() < patience:
    time.sleep(0.01)
print("met", other.name)
sys.exit(not other.exists())
"""
EXCLUSIVE = """
import os, sys, time
os.close(os.open(sys.argv[1], os.O_CREAT | os.O_EXCL))
time.sleep(0.3)
os.remove(sys.argv[1])
"""


def test_parts_run_beside_each_other_and_what_they_write_is_kept_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = [str(tmp_path / name) for name in ("one", "two")]
    commands = [[sys.executable, "-c", MEETING, *each] for each in (places, places[::-1])]
    parts = [Part("lint", f"part {number}", command) for number, command in enumerate(commands, 1)]
    assert [each.count for each in run(parts, {}, tmp_path)] == [Count(1, 0)] * 2
    printed = capsys.readouterr().out
    assert "\n[1/2] part 1\nwaits for two\nmet two\n[1/2] part 1: ok in " in printed
    assert "\n[2/2] part 2\nwaits for one\nmet one\n[2/2] part 2: ok in " in printed


@pytest.mark.parametrize("kind", ["many", "alone"])
def test_no_two_parts_of_many_processes_run_at_once(tmp_path: Path, kind: str) -> None:
    command = [sys.executable, "-c", EXCLUSIVE, str(tmp_path / "lock")]
    part = Part("lint", "part", command, many=kind == "many", alone=kind == "alone")
    assert [each.count for each in run([part] * 3, {}, tmp_path)] == [Count(1, 0)] * 3


def test_beside_one_of_many_processes_runs_the_next_part_that_may(tmp_path: Path) -> None:
    places = [str(tmp_path / name) for name in ("one", "two")]
    one, two = ([sys.executable, "-c", MEETING, *each] for each in (places, places[::-1]))
    parts = [
        Part("test", "many", one, many=True),
        Part("test", "more", [sys.executable, "-c", "pass"], many=True),
        Part("lint", "other", two),
    ]
    assert [each.count for each in run(parts, {}, tmp_path)] == [Count(1, 0)] * 3


def test_what_failed_is_said_again_before_the_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wordy = "for number in range(100): print('line', number)\nraise SystemExit(1)"
    chosen = [
        Part("lint", "wordy", [sys.executable, "-c", wordy]),
        Part("lint", "good", [sys.executable, "-c", "print('all is well')"], alone=True),
    ]
    monkeypatch.setattr(check, "parts", lambda _: chosen)
    monkeypatch.setattr(check, "SUMMARY", tmp_path / "summary")
    monkeypatch.setattr(sys, "argv", ["check.py"])
    assert check.main() == 1
    end = capsys.readouterr().out.partition("wordy, which failed:\n\n")[2].splitlines()
    assert end[:60] == [f"line {number}" for number in range(40, 100)]
    assert end[60] == ""
    assert end[61].endswith(" s; failed: wordy")
    assert end[62:] == ["1 passed, 1 failed"]
    assert (tmp_path / "summary").read_text() == "1 passed, 1 failed\n"


def test_temporary_files_go_into_memory_only_where_there_is_plenty_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "ROOMY_BYTES", 1)
    assert check.scratch(tmp_path) == tmp_path
    disk = Path(tempfile.gettempdir())
    assert check.scratch(tmp_path / "absent") == disk
    monkeypatch.setattr(check, "ROOMY_BYTES", 2**60)
    assert check.scratch(tmp_path) == disk


def test_a_file_that_vitest_cannot_load_failed(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    suites = [
        {"status": "passed", "assertionResults": [{"status": "passed"}]},
        {"status": "failed", "assertionResults": []},
    ]
    report.write_text(json.dumps({"numTotalTests": 4, "numPassedTests": 3, "testResults": suites}))
    assert count_vitest(report) == Count(3, 2)
