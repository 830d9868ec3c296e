"""Run every check of the project, one after another, and end in the line `N passed, N failed`.

A check that cannot run has failed, and so has a test that was skipped: what was not tried is not known to
work; only tests whose input is not part of the project may skip, and are named. `python -m scripts.check
lint types` runs only the parts of those groups.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from scripts import chromium, node

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.prefix) / "bin"
SUMMARY = Path(sys.prefix) / "summary"
LIMIT_SECONDS = 840
SHARED_OUT = ["--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder"]
"""To two processes, each with its own databases; by files, since tests of one may share what takes long."""
OPTIONAL = "optional input absent"
"""How a test begins its reason for skipping that may: its input is not part of the project."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many checks of a part passed and failed."""

    passed: int
    failed: int


@dataclass(frozen=True, slots=True)
class Part:
    """One command; `count` reads the report it wrote, where it runs many tests and writes one."""

    group: str
    name: str
    command: Sequence[str | Path]
    folder: Path = ROOT
    report: Path | None = None
    count: Callable[[Path], Count] | None = None


def parts(reports: Path) -> list[Part]:
    """Return everything to run, quick and common failures first."""
    return [
        Part("lint", "ruff check", [BIN / "ruff", "check", "."]),
        Part("lint", "ruff format", [BIN / "ruff", "format", "--check", "."]),
        Part("lint", "import-linter", [BIN / "lint-imports"]),
        Part("lint", "generated files", [sys.executable, "scripts/generate.py", "--check"]),
        Part("types", "mypy", [BIN / "mypy"]),
        *(script("types", workspace, "check") for workspace in ("js", "console")),
        *(script("lint", workspace, "lint") for workspace in ("js", "console")),
        *(vitest(workspace, reports) for workspace in ("js", "console")),
        pytest("pytest", reports, *SHARED_OUT, "--ignore=tests/browser", "--ignore=tests/faults"),
        # Not shared out: they measure, and are many processes by themselves.
        pytest("faults", reports, "--cov-append", "tests/faults"),
        pytest("browser", reports, "--cov-append", "tests/browser"),
        Part("test", "coverage", [BIN / "coverage", "report"]),
    ]


def script(group: str, workspace: str, name: str) -> Part:
    """Return a script of one of the JavaScript packages as a part."""
    command = ["npm", "run", "--silent", name, "--workspace", workspace]
    return Part(group, f"{workspace} {name}", command, ROOT / "client-sdk")


def vitest(workspace: str, reports: Path) -> Part:
    """Return the unit tests of one of the JavaScript packages as a part."""
    report = reports / f"{workspace}.json"
    reporters = ["--reporter=default", "--reporter=json", f"--outputFile={report}"]
    command = ["npm", "test", "--silent", "--workspace", workspace, "--", *reporters]
    return Part("test", f"{workspace} tests", command, ROOT / "client-sdk", report, count_vitest)


def pytest(name: str, reports: Path, *arguments: str) -> Part:
    """Return a run of pytest, measuring coverage, as a part."""
    report = reports / f"{name}.xml"
    # The threshold is for all runs together; `coverage report` is the one that holds it.
    measure = ["--cov", "--cov-report=", "--cov-fail-under=0", f"--junitxml={report}"]
    # Whatever runs pytest closes the folder that all of its runs share to the user of the database.
    own = f"--basetemp={reports / name}"
    return Part("test", name, [BIN / "pytest", "-q", own, *measure, *arguments], ROOT, report, count_pytest)


def count_pytest(report: Path) -> Count:
    """Count the tests in a JUnit report."""
    suite = ET.parse(report).getroot()  # noqa: S314 - written by our own run a moment ago
    suites = list(suite.iter("testsuite"))
    total = sum(int(each.attrib["tests"]) for each in suites)
    failed = sum(int(each.attrib[kind]) for each in suites for kind in ("failures", "errors", "skipped"))
    absent = [skip.attrib["message"] for skip in suite.iter("skipped") if OPTIONAL in skip.attrib["message"]]
    for message in absent:
        print(f"not run: {message}")
    return Count(total - failed, failed - len(absent))


def count_vitest(report: Path) -> Count:
    """Count the tests in a report of vitest."""
    found = json.loads(report.read_text(encoding="utf-8"))
    passed: int = found["numPassedTests"]
    broken = sum(
        1 for suite in found["testResults"] if suite["status"] != "passed" and not suite["assertionResults"]
    )
    return Count(passed, found["numTotalTests"] - passed + broken)


def run(part: Part, environ: dict[str, str]) -> Count:
    """Run a part, showing its output as it comes, and return its count."""
    # A session of its own, so that whatever it started ends with it when its time is over.
    try:
        process = subprocess.Popen(part.command, cwd=part.folder, env=environ, start_new_session=True)
    except OSError as error:
        print(f"cannot run: {error}")
        return Count(0, 1)
    try:
        status = process.wait(LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        print(f"stopped: still running after {LIMIT_SECONDS} seconds")
        status = 1
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if part.count is None or part.report is None:
        return Count(int(status == 0), int(status != 0))
    if not part.report.exists():
        return Count(0, 1)
    counted = part.count(part.report)
    # A run that failed outside its tests, or had none, has failed all the same.
    faulty = counted.failed == 0 and (status != 0 or counted.passed == 0)
    return Count(counted.passed, counted.failed + faulty)


def main() -> int:
    """Run the parts of the groups named on the command line, or all, and return the exit status."""
    groups = sys.argv[1:]
    started = time.monotonic()
    failures: list[str] = []
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="ymera-check-", ignore_cleanup_errors=True) as reports:
        chosen = [part for part in parts(Path(reports)) if not groups or part.group in groups]
        if not chosen:
            sys.exit(f"check.py: there is no group {' or '.join(groups)}; there are lint, types and test")
        environ = node.environment()
        environ["PATH"] = f"{BIN}{os.pathsep}{environ['PATH']}"
        environ["PYTHONPATH"] = str(ROOT / "client-sdk" / "python")
        if any(part.group == "test" for part in chosen):
            environ["YMERA_TEST_CHROMIUM"] = str(chromium.find())
            # The Node inside Playwright's own wheel needs a library that a bare machine lacks.
            environ["PLAYWRIGHT_NODEJS_PATH"] = str(shutil.which("node", path=environ["PATH"]))
        for number, part in enumerate(chosen, 1):
            print(f"\n[{number}/{len(chosen)}] {part.name}", flush=True)
            begun = time.monotonic()
            count = run(part, environ)
            passed, failed = passed + count.passed, failed + count.failed
            verdict = "failed" if count.failed else "ok"
            print(
                f"[{number}/{len(chosen)}] {part.name}: {verdict} in {time.monotonic() - begun:.1f} s",
                flush=True,
            )
            if count.failed:
                failures.append(part.name)
    print(f"\n{time.monotonic() - started:.0f} s" + (f"; failed: {', '.join(failures)}" if failures else ""))
    summary = f"{passed} passed, {failed} failed"
    SUMMARY.write_text(f"{summary}\n")
    print(summary, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
