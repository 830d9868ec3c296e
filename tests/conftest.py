"""Fixtures that every test may use: an own migrated database and an empty Redis, both real."""

import gc
import itertools
import logging
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path

import coverage
import pytest
import redis
import structlog

from persistence import migrations
from server import embedded
from tests import hung
from tests.faults import report
from tests.measurements import remove_torn
from tests.nodes import NodeStarter, RunningNode
from tests.servers import RedisServer, database, redis_server, template

LONG = (
    "tests/properties/",
    "tests/sdk/agents/",
    "tests/bench/",
    "tests/sdk/sealed/test_attacks_recovery.py",
    "tests/sdk/sealed/test_canary.py",
    "tests/server/test_serve.py",
    "tests/server/test_workers.py",
    "tests/server/test_bad_agents.py",
    "tests/server/test_webhooks.py",
    "tests/server/analysis/quality/test_pairs.py",
    "tests/server/files/test_processes.py",
    "tests/sdk/test_room.py",
    "tests/registry/",
    "tests/test_readme.py",
)
"""What takes longest begins first, so that several processes that share the files out end together."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the tests in `LONG` to the front."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """Spare the collector of garbage what lives as long as the session: modules and thousands of tests."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_timeout_set_timer() -> Generator[None, object, object]:
    """Have a test that took too long say what it waited for."""
    done = yield
    give_up = signal.getsignal(signal.SIGALRM)
    if callable(give_up):
        signal.signal(signal.SIGALRM, hung.told(give_up))
    return done


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Leave only whole measurements to what puts them together, which does so around this."""
    done = yield
    measuring = coverage.Coverage.current()
    if measuring is not None and not hasattr(session.config, "workerinput"):
        remove_torn(session.config.rootpath / str(measuring.get_option("run:data_file")))
    return done


@pytest.fixture(scope="session", autouse=True)
def quiet_logs() -> None:
    """Only warnings and worse, one line each, so that a failure's output can be read."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
        ],
    )


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """DSN of a server where databases may be created: YMERA_TEST_DATABASE_URL, else an embedded one."""
    given = os.environ.get("YMERA_TEST_DATABASE_URL")
    if given:
        yield given
        return
    # Not in pytest's folder: each session that starts closes that to the user whom PostgreSQL runs as.
    with tempfile.TemporaryDirectory(prefix="ymera-test-") as folder:
        running = embedded.start(Path(folder), options=embedded.VOLATILE)
        yield running.dsn
        running.stop()


@pytest.fixture(scope="session")
def migrated(postgres: str) -> Iterator[str]:
    """Name of a migrated database on `postgres` that tests copy and never change."""
    with template(postgres, "template1", migrations.upgrade) as (name, _):
        yield name


@pytest.fixture
async def dsn(postgres: str, migrated: str) -> AsyncIterator[str]:
    """DSN of a migrated database that belongs to the test alone."""
    async with database(postgres, template=migrated) as own:
        yield own


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The Redis of the session; tests that stop one start their own with `redis_server`."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_url(shared_redis: RedisServer) -> str:
    """URL of an empty Redis."""
    with closing(redis.Redis.from_url(shared_redis.url)) as client:
        client.flushall()
    return shared_redis.url


@pytest.fixture
async def node(dsn: str, tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[RunningNode]]]:
    """Starts full servers on free ports: `await node()`, or `await node(redis_url=…)` for several.

    They share the test's database and stop when the test ends.
    """
    async with NodeStarter(dsn, tmp_path) as starter:
        yield starter


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was broken and what came back. Here, where also a run's first process comes by."""
    if entries := report.gather(itertools.chain.from_iterable(terminalreporter.stats.values())):
        report.write(entries)
        terminalreporter.section("faults")
        terminalreporter.write_line(report.table(entries))
