"""The runner counts what really passed: a failure, a crash, a skip or an empty run is never a success."""

import json
import sys
from pathlib import Path

import pytest

from scripts.check import OPTIONAL, Count, Part, count_pytest, count_vitest, run


def python(code: str, report: Path | None = None) -> Part:
    return Part(
        "test", "part", [sys.executable, "-c", code], report=report, count=count_pytest if report else None
    )


def junit(tests: int, failures: int = 0, skipped: int = 0, reason: str = "") -> str:
    attributes = f'tests="{tests}" failures="{failures}" errors="0" skipped="{skipped}"'
    cases = f'<testcase><skipped message="{reason}"/></testcase>' * skipped
    return f'<testsuites><testsuite name="pytest" {attributes}>{cases}</testsuite></testsuites>'


@pytest.mark.parametrize(("code", "count"), [("", Count(1, 0)), ("raise SystemExit(3)", Count(0, 1))])
def test_a_command_counts_as_one(code: str, count: Count) -> None:
    assert run(python(code), {}) == count


def test_a_command_that_is_not_there_failed() -> None:
    assert run(Part("lint", "part", ["/nonexistent/tool"]), {}) == Count(0, 1)


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
    assert run(python(f"raise SystemExit({status})", path), {}) == count


def test_what_a_part_started_ends_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.check.LIMIT_SECONDS", 0.5)
    assert run(python("import subprocess; subprocess.run(['sleep', '600'])"), {}) == Count(0, 1)


def test_a_file_that_vitest_cannot_load_failed(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    suites = [
        {"status": "passed", "assertionResults": [{"status": "passed"}]},
        {"status": "failed", "assertionResults": []},
    ]
    report.write_text(json.dumps({"numTotalTests": 4, "numPassedTests": 3, "testResults": suites}))
    assert count_vitest(report) == Count(3, 2)
