"""A stage for each test, and what it enters in the report."""

import os
from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest

from tests.faults.report import Report
from tests.faults.stage import Stage, stage

SHOWN_BYTES = 5_000


@pytest.fixture(scope="session")
def scale() -> int:
    """How many times as large as in an ordinary run everything is."""
    return int(os.environ.get("YMERA_FAULTS_SCALE", "1"))


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Where the test enters what it saw."""
    return Report(request.node.user_properties)


@pytest.fixture
async def cluster(dsn: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """What nodes of the test share: a database and an empty Redis."""
    async with stage(dsn, redis_url, tmp_path) as made:
        yield made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failure what the nodes had to say."""
    made = yield
    if made.failed:
        folder = item.funcargs.get("tmp_path")
        for log in sorted(folder.glob("node-*.log")) if isinstance(folder, Path) else ():
            made.sections.append((log.name, log.read_text(errors="replace")[-SHOWN_BYTES:]))
    return made
