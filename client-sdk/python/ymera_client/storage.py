"""Where queued commands survive: in memory for the life of a client, or in a file for longer than that.

A store keeps entries in the order in which they were appended, and notes on uploads under way beside them. It
belongs to one account: commands of one member are never sent in the name of another.
"""

import asyncio
import logging
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from ymera_client.errors import Conflict, Forbidden, OutboxFailed
from ymera_client.outbox import Entry

log = logging.getLogger(__name__)
T = TypeVar("T")

LOCK_WAIT = 5.0
"""Seconds to wait for another process that is about to let go of the file."""
MAX_NOTES = 1_000
"""Notes that are kept; the oldest go first."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    command_id TEXT NOT NULL UNIQUE,
    entry BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS owner (member_id TEXT NOT NULL PRIMARY KEY);
CREATE TABLE IF NOT EXISTS notes (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL
);
"""


class Store(Protocol):
    """Keeps queued commands. One client uses it at a time."""

    async def load(self) -> list[Entry]:
        """Open the store; what is in it, in order."""

    async def claim(self, member_id: str) -> None:
        """Bind the store to this member. Forbidden if it holds another one's commands."""

    async def append(self, entry: Entry) -> None:
        """Keep an entry. Once this returns it survives what the store promises to survive."""

    def remove(self, command_id: str) -> None:
        """Forget an entry, soon. If that is lost, the entry is sent again, which changes nothing."""

    async def note(self, key: str, text: str | None) -> None:
        """Keep a text by this key, in place of the one before; None forgets it."""

    async def noted(self, key: str) -> str | None:
        """The text that is kept by this key."""

    async def close(self) -> None:
        """Finish what was begun and let go of the store."""


class MemoryOutbox:
    """Keeps commands while the client lives: over lost connections, not over the end of the process."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._notes: dict[str, str] = {}
        self._owner: str | None = None

    async def load(self) -> list[Entry]:
        """What an earlier client of this process left."""
        return list(self._entries.values())

    async def claim(self, member_id: str) -> None:
        """Bind the store to this member."""
        if self._entries and self._owner not in {None, member_id}:
            raise _foreign("This outbox")
        if self._owner != member_id:
            self._notes.clear()
        self._owner = member_id

    async def append(self, entry: Entry) -> None:
        """Keep an entry."""
        self._entries[entry.command_id] = entry

    def remove(self, command_id: str) -> None:
        """Forget an entry."""
        self._entries.pop(command_id, None)

    async def note(self, key: str, text: str | None) -> None:
        """Keep a text, or forget it."""
        self._notes.pop(key, None)
        if text is not None:
            self._notes[key] = text
        if len(self._notes) > MAX_NOTES:
            del self._notes[next(iter(self._notes))]

    async def noted(self, key: str) -> str | None:
        """The text that is kept by this key."""
        return self._notes.get(key)

    async def close(self) -> None:
        """Nothing to let go of."""


class SqliteOutbox:
    """Keeps commands in an SQLite file that only this user can read, over crashes and power cuts.

    All access happens in a thread of its own, in the order of the calls. One process at a time: the
    file is locked until `close` or the end of the process. Conflict from `load` while another has it;
    OutboxFailed whenever the file cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._thread: ThreadPoolExecutor | None = None
        self._database: sqlite3.Connection | None = None

    async def load(self) -> list[Entry]:
        """Open or create the file; the commands that earlier processes left, in order."""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ymera-outbox")
        try:
            return await self._run(self._open)
        except BaseException:
            await self.close()
            raise

    async def claim(self, member_id: str) -> None:
        """Bind the file to this member. It can pass to another one once it is empty."""
        await self._run(self._claim, member_id)

    async def append(self, entry: Entry) -> None:
        """Write an entry through to the disk."""
        row = (entry.command_id, msgspec.json.encode(entry))
        await self._run(self._execute, "INSERT INTO entries (command_id, entry) VALUES (?, ?)", row)

    def remove(self, command_id: str) -> None:
        """Delete an entry, after all that was asked before."""
        if self._thread is not None:
            statement = "DELETE FROM entries WHERE command_id = ?"
            self._thread.submit(self._execute, statement, (command_id,)).add_done_callback(_report)

    async def note(self, key: str, text: str | None) -> None:
        """Write a text through to the disk, or forget it."""
        await self._run(self._note, key, text)

    async def noted(self, key: str) -> str | None:
        """The text that is kept by this key."""
        return await self._run(self._noted, key)

    async def close(self) -> None:
        """Finish the writes and release the file."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.wrap_future(thread.submit(self._close))
            thread.shutdown()

    async def _run(self, work: Callable[..., T], *arguments: object) -> T:
        if self._thread is None:
            raise OutboxFailed(f"The outbox {self.path} is closed.")
        try:
            return await asyncio.wrap_future(self._thread.submit(work, *arguments))
        except (sqlite3.Error, OSError, msgspec.MsgspecError) as error:
            raise OutboxFailed(f"The outbox {self.path} cannot be used: {error}.") from error

    def _open(self) -> list[Entry]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        self.path.chmod(0o600)
        try:
            self._database = _connect(self.path)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            raise Conflict(
                f"Another process uses the outbox {self.path}. Give each process a file of its own."
            ) from None
        rows = self._database.execute("SELECT entry FROM entries ORDER BY position")
        return [msgspec.json.decode(row[0], type=Entry) for row in rows]

    def _claim(self, member_id: str) -> None:
        assert self._database is not None
        with self._database:
            held = self._database.execute("SELECT EXISTS (SELECT 1 FROM entries)").fetchone()[0]
            owner = self._database.execute("SELECT member_id FROM owner").fetchone()
            if held and owner is not None and owner[0] != member_id:
                raise _foreign(f"The outbox {self.path}")
            if owner is not None and owner[0] != member_id:
                self._database.execute("DELETE FROM notes")
            self._database.execute("DELETE FROM owner")
            self._database.execute("INSERT INTO owner (member_id) VALUES (?)", (member_id,))

    def _execute(self, statement: str, parameters: tuple[object, ...]) -> None:
        assert self._database is not None
        with self._database:
            self._database.execute(statement, parameters)

    def _note(self, key: str, text: str | None) -> None:
        assert self._database is not None
        with self._database:
            self._database.execute("DELETE FROM notes WHERE key = ?", (key,))
            if text is not None:
                self._database.execute("INSERT INTO notes (key, text) VALUES (?, ?)", (key, text))
                self._database.execute(
                    "DELETE FROM notes WHERE position NOT IN "
                    "(SELECT position FROM notes ORDER BY position DESC LIMIT ?)",
                    (MAX_NOTES,),
                )

    def _noted(self, key: str) -> str | None:
        assert self._database is not None
        row = self._database.execute("SELECT text FROM notes WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _connect(path: Path) -> sqlite3.Connection:
    """The file, locked for this process. The exclusive mode has to come before the first access."""
    database = sqlite3.connect(path, timeout=LOCK_WAIT)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.executescript(_SCHEMA)
    except BaseException:
        database.close()
        raise
    return database


def _foreign(subject: str) -> Forbidden:
    return Forbidden(
        f"{subject} holds commands of another account. Give each account an outbox of its own, "
        "or sign in as the one that queued them."
    )


def _report(done: Future[None]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        log.error("A settled command could not be removed from the outbox: %s", error)
