"""Run every check of the project, say again what failed, and end in the line `N passed, N failed`.

A part that is many processes by itself runs beside others that are one, never beside another such. A check
that cannot run has failed, and so has a test that was skipped: what was not tried is not known to work; only
tests whose input is not part of the project may skip, and are named. `python -m scripts.check lint types`
runs only the parts of those groups; `coverage` runs only if it is named, since to measure takes long.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import psutil

from scripts import chromium, node

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.prefix) / "bin"
SUMMARY = Path(sys.prefix) / "summary"
LIMIT_SECONDS = 2_700
TEST_SECONDS = 600
"""What a test may take, ten times what the slowest does: one that hangs fails, and says where."""
POLL_SECONDS = 0.1
AT_ONCE = 2
"""Parts that run beside each other."""
SHOWN_LINES = 60
"""How much of a failed part's output is said again at the end."""
BY_FILES = ["--numprocesses=3", "--dist=loadfile", "--no-loadscope-reorder"]
"""To three processes, since much of a test's time is spent waiting, each with its own databases; by files,
since tests of one may share what takes long.
"""
APART = ["--ignore=tests/browser", "--ignore=tests/faults"]
BY_TESTS = ["--numprocesses=2", "--dist=load"]
"""To two processes, each with its own browser."""
MEASURE = ["--cov", "--cov-report=", "--cov-fail-under=0"]
"""Coverage, by the part that has nearly all tests; `coverage report` holds the threshold."""
DEFAULT = ("lint", "types", "test")
"""The groups that run if none is named."""
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
ROOMY_BYTES = 6 * 2**30
"""How much memory has to be free for temporary files to go there."""
OPTIONAL = "optional input absent"
"""How a test begins its reason for skipping that may: its input is not part of the project."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many checks of a part passed and failed."""

    passed: int
    failed: int


@dataclass(frozen=True, slots=True)
class Part:
    """One command; `count` reads the report it wrote, where it runs many tests and writes one.

    A part of `many` processes runs beside none of the same kind, and one that is `alone` beside none at all.
    """

    group: str
    name: str
    command: Sequence[str | Path]
    folder: Path = ROOT
    report: Path | None = None
    count: Callable[[Path], Count] | None = None
    many: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a part went, and what it wrote."""

    name: str
    count: Count
    output: str


def parts(reports: Path) -> list[Part]:
    """Return everything to run: what waits much at first, so that the checks are done beside it."""
    return [
        pytest("faults", reports, "tests/faults"),
        Part("lint", "ruff check", [BIN / "ruff", "check", "."]),
        Part("lint", "ruff format", [BIN / "ruff", "format", "--check", "."]),
        Part("lint", "import-linter", [BIN / "lint-imports"]),
        Part("lint", "generated files", [sys.executable, "scripts/generate.py", "--check"]),
        Part("types", "mypy", [BIN / "mypy"]),
        *(script("types", workspace, "check") for workspace in ("js", "console")),
        *(script("lint", workspace, "lint") for workspace in ("js", "console")),
        pytest("pytest", reports, *BY_FILES, *APART),
        vitest("js", reports),
        vitest("console", reports),
        pytest("browser", reports, *BY_TESTS, "tests/browser"),
        pytest("measured", reports, *MEASURE, *BY_FILES, *APART, group="coverage"),
        Part("coverage", "report", [BIN / "coverage", "report"], alone=True),
    ]


def script(group: str, workspace: str, name: str) -> Part:
    """Return a script of one of the JavaScript packages as a part."""
    command = ["npm", "run", "--silent", name, "--workspace", workspace]
    return Part(group, f"{workspace} {name}", command, ROOT / "client-sdk")


def vitest(workspace: str, reports: Path) -> Part:
    """Return the unit tests of one of the JavaScript packages as a part."""
    report = reports / f"{workspace}.json"
    reporters = ["--reporter=default", "--reporter=json", f"--outputFile={report}"]
    # Without what npm would build before them: other parts read it at the same time, and it is there.
    command = ["npm", "test", "--silent", "--ignore-scripts", "--workspace", workspace, "--", *reporters]
    return Part("test", f"{workspace} tests", command, ROOT / "client-sdk", report, count_vitest)


def pytest(name: str, reports: Path, *arguments: str, group: str = "test") -> Part:
    """Return a run of pytest as a part."""
    report = reports / f"{name}.xml"
    # Whatever runs pytest closes the folder that all of its runs share to the user of the database.
    own = f"--basetemp={reports / name}"
    limit = f"--timeout={TEST_SECONDS}"
    command: list[str | Path] = [BIN / "pytest", "-q", own, limit, f"--junitxml={report}", *arguments]
    return Part(group, name, command, ROOT, report, count_pytest, many=True)


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


class Running:
    """A part that runs, writing to a file; what that holds is shown when `show` is called."""

    def __init__(self, part: Part, title: str, environ: dict[str, str], output: Path) -> None:
        self.part = part
        self.title = title
        self._begun = time.monotonic()
        self._output = output
        self._shown: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        # Checks give way to tests, some of which measure.
        command = ["nice", *part.command] if part.group in {"lint", "types"} else part.command
        with output.open("wb") as file:
            # A session of its own, so that whatever it started ends with it when its time is over.
            try:
                self._process = subprocess.Popen(
                    command,
                    cwd=part.folder,
                    env=environ,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                file.write(f"cannot run: {error}\n".encode())

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self._begun

    def over(self) -> bool:
        """Tell whether it has ended. It is ended when its time is over."""
        if self._process is None or self._process.poll() is not None:
            return True
        if self.seconds < LIMIT_SECONDS:
            return False
        self.kill()
        with self._output.open("ab") as file:
            file.write(f"stopped: still running after {LIMIT_SECONDS} seconds\n".encode())
        return True

    def kill(self) -> None:
        """End it and all that it started."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def show(self) -> None:
        """Print its title and what it has written, or what it wrote since the last time."""
        if self._shown is None:
            print(f"\n{self.title}")
            self._shown = 0
        with self._output.open("rb") as file:
            file.seek(self._shown)
            news = file.read()
        self._shown += len(news)
        print(news.decode(errors="replace"), end="", flush=True)

    def outcome(self) -> Outcome:
        """Return how it went."""
        return Outcome(self.part.name, self._count(), self._output.read_text(errors="replace"))

    def _count(self) -> Count:
        status = 1 if self._process is None else self._process.returncode
        if self.part.count is None or self.part.report is None:
            return Count(int(status == 0), int(status != 0))
        if not self.part.report.exists():
            return Count(0, 1)
        counted = self.part.count(self.part.report)
        # A run that failed outside its tests, or had none, has failed all the same.
        faulty = counted.failed == 0 and (status != 0 or counted.passed == 0)
        return Count(counted.passed, counted.failed + faulty)


def run(chosen: Sequence[Part], environ: dict[str, str], folder: Path) -> Iterator[Outcome]:
    """Run parts, showing what each writes, and give how each went when it ends.

    What one writes that runs beside others is shown once it has ended, else as it comes.
    """
    waiting = list(enumerate(chosen, 1))
    running: list[Running] = []
    try:
        while waiting or running:
            while (fitting := next((each for each in waiting if fits(each[1], running)), None)) is not None:
                waiting.remove(fitting)
                number, part = fitting
                title = f"[{number}/{len(chosen)}] {part.name}"
                running.append(Running(part, title, environ, folder / f"{number}.log"))
            time.sleep(POLL_SECONDS)
            if len(running) == 1:
                running[0].show()
            for each in [each for each in running if each.over()]:
                running.remove(each)
                yield conclude(each)
    finally:
        for each in running:
            each.kill()


def fits(part: Part, running: Sequence[Running]) -> bool:
    """Tell whether a part may begin beside those that run."""
    if part.alone or any(each.part.alone for each in running):
        return not running
    return len(running) < AT_ONCE and not (part.many and any(each.part.many for each in running))


def conclude(ended: Running) -> Outcome:
    """Show the rest of what a part wrote, and return how it went."""
    ended.show()
    outcome = ended.outcome()
    verdict = "failed" if outcome.count.failed else "ok"
    print(f"{ended.title}: {verdict} in {ended.seconds:.1f} s", flush=True)
    return outcome


def say_again(failures: Sequence[Outcome]) -> None:
    """Print the end of what failed parts wrote, for whoever reads only the end of a long log."""
    for each in failures:
        lines = each.output.splitlines()[-SHOWN_LINES:]
        print(f"\nThe last {len(lines)} lines of {each.name}, which failed:\n")
        print("\n".join(lines))


def scratch(memory: Path = MEMORY) -> Path:
    """Return where temporary files go: into memory where there is plenty of it, else to disk.

    Each of a thousand tests makes and drops a database, which is hundreds of small files, and those are what
    takes longest on most disks. What tests kill is processes, never the machine, so that they see no other
    difference.
    """
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and not os.statvfs(memory).f_flag & os.ST_NOEXEC
    if roomy and min(shutil.disk_usage(memory).free, psutil.virtual_memory().available) >= ROOMY_BYTES:
        return memory
    return Path(tempfile.gettempdir())


def environment(chosen: Sequence[Part], temporary: Path) -> dict[str, str]:
    """Return the environment in which parts find their tools and put temporary files."""
    environ = node.environment()
    environ["TMPDIR"] = str(temporary)
    # Hundreds of processes are started; each would compile all that it imports.
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    environ["PATH"] = f"{BIN}{os.pathsep}{environ['PATH']}"
    environ["PYTHONPATH"] = str(ROOT / "client-sdk" / "python")
    if any(part.group in {"test", "coverage"} for part in chosen):
        environ["YMERA_TEST_CHROMIUM"] = str(chromium.find())
        # The Node inside Playwright's own wheel needs a library that a bare machine lacks.
        environ["PLAYWRIGHT_NODEJS_PATH"] = str(shutil.which("node", path=environ["PATH"]))
    return environ


def main() -> int:
    """Run the parts of the groups named on the command line, or of `DEFAULT`, and return the exit status."""
    groups = sys.argv[1:] or DEFAULT
    started = time.monotonic()
    # A shell lets what it runs in the background ignore this, and so would all that tests interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    place = scratch()
    with tempfile.TemporaryDirectory(prefix="ymera-check-", dir=place, ignore_cleanup_errors=True) as reports:
        chosen = [part for part in parts(Path(reports)) if part.group in groups]
        if not chosen:
            known = f"{', '.join(DEFAULT)} and coverage"
            sys.exit(f"check.py: there is no group {' or '.join(groups)}; there are {known}")
        outcomes = list(run(chosen, environment(chosen, place), Path(reports)))
    passed = sum(each.count.passed for each in outcomes)
    failures = [each for each in outcomes if each.count.failed]
    say_again(failures)
    named = f"; failed: {', '.join(each.name for each in failures)}" if failures else ""
    print(f"\n{time.monotonic() - started:.0f} s{named}")
    summary = f"{passed} passed, {sum(each.count.failed for each in failures)} failed"
    SUMMARY.write_text(f"{summary}\n")
    print(summary, flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
