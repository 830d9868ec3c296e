"""One SQLite file for what a device keeps of sealed rooms: every value encrypted, every change a transaction.

A change is a function that runs in the file's own thread inside one transaction: all of it is on the disk
when it returns, or nothing. In the clear stand only ids, numbers and hashes that the server knows too.
"""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from nacl.utils import random

from ymera_client.crypto.errors import Cx1Error, Fault
from ymera_client.crypto.primitives import NONCE, decrypt_framed, derive, encrypt_framed
from ymera_client.errors import Conflict, KeysFailed

T = TypeVar("T")

LOCK_WAIT = 5.0
"""Seconds to wait for another process that is about to let go of the file."""
MAX_KEYS = 500
"""Keys that are looked up by one statement."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (
    space TEXT NOT NULL, room TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (space, room, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (
    room TEXT NOT NULL, seq INTEGER NOT NULL, transcript BLOB NOT NULL, client_id BLOB, body BLOB NOT NULL,
    PRIMARY KEY (room, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS items_client ON items (room, client_id) WHERE client_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS versions (
    room TEXT NOT NULL, entity BLOB NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (room, entity)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS intents (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    room TEXT NOT NULL, client_id BLOB NOT NULL UNIQUE, body BLOB NOT NULL, sealed BLOB
);
"""


class Transaction:
    """What can be read and changed inside one transaction."""

    def __init__(self, database: sqlite3.Connection, secret: bytes) -> None:
        self._database = database
        self._secret = secret

    def get(self, space: str, key: bytes = b"", room: str = "") -> bytes | None:
        """The value kept under this key."""
        found = self._database.execute(
            "SELECT value FROM kept WHERE space = ? AND room = ? AND key = ?", (space, room, key)
        ).fetchone()
        return None if found is None else self._open(found[0], space, room, key)

    def each(self, space: str, room: str = "") -> Iterator[tuple[bytes, bytes]]:
        """The keys of a space with their values, by key."""
        rows = self._database.execute(
            "SELECT key, value FROM kept WHERE space = ? AND room = ? ORDER BY key", (space, room)
        )
        for key, value in rows.fetchall():
            yield key, self._open(value, space, room, key)

    def put(self, space: str, value: bytes, key: bytes = b"", room: str = "") -> None:
        """Keep a value in place of the one before."""
        self._database.execute(
            "INSERT OR REPLACE INTO kept (space, room, key, value) VALUES (?, ?, ?, ?)",
            (space, room, key, self._shut(value, space, room, key)),
        )

    def drop(self, space: str, key: bytes = b"", room: str = "") -> None:
        """Forget a value."""
        self._database.execute(
            "DELETE FROM kept WHERE space = ? AND room = ? AND key = ?", (space, room, key)
        )

    def rooms(self) -> Iterator[str]:
        """The rooms of which something was applied."""
        rows = self._database.execute("SELECT room FROM kept WHERE space = 'place'")
        for (room,) in rows.fetchall():
            yield room

    def transcript(self, room: str, seq: int) -> bytes | None:
        """The hash of a room's transcript at a seq."""
        found = self._database.execute(
            "SELECT transcript FROM items WHERE room = ? AND seq = ?", (room, seq)
        ).fetchone()
        return None if found is None else bytes(found[0])

    def used_client_ids(self, room: str, client_ids: Collection[bytes]) -> set[bytes]:
        """Those of the client_ids that items of the room have."""
        statement = "SELECT client_id FROM items WHERE room = ? AND client_id IN ({})"
        return {client_id for (client_id,) in self._among(statement, room, client_ids)}

    def put_items(self, room: str, items: Iterable[tuple[int, bytes, bytes | None, bytes]]) -> None:
        """Keep what stands at seqs: the seq, the transcript there, the client_id if there is one, a body."""
        self._database.executemany(
            "INSERT INTO items (room, seq, transcript, client_id, body) VALUES (?, ?, ?, ?, ?)",
            (
                (room, seq, transcript, client_id, self._shut(body, "item", room, b"%d" % seq))
                for seq, transcript, client_id, body in items
            ),
        )

    def change_item(self, room: str, seq: int, body: bytes) -> None:
        """Keep another account of what stands at a seq."""
        self._database.execute(
            "UPDATE items SET body = ? WHERE room = ? AND seq = ?",
            (self._shut(body, "item", room, b"%d" % seq), room, seq),
        )

    def items(self, room: str, after: int = 0) -> Iterator[bytes]:
        """What stands in a room, by seq."""
        rows = self._database.execute(
            "SELECT seq, body FROM items WHERE room = ? AND seq > ? ORDER BY seq", (room, after)
        )
        for seq, body in rows:
            yield self._open(body, "item", room, b"%d" % seq)

    def versions(self, room: str, entities: Collection[bytes]) -> dict[bytes, int]:
        """The versions of entities in the server's count, of those that have one."""
        statement = "SELECT entity, version FROM versions WHERE room = ? AND entity IN ({})"
        return dict(self._among(statement, room, entities))

    def put_versions(self, room: str, versions: Mapping[bytes, int]) -> None:
        """Note the versions of entities."""
        self._database.executemany(
            "INSERT OR REPLACE INTO versions (room, entity, version) VALUES (?, ?, ?)",
            ((room, entity, version) for entity, version in versions.items()),
        )

    def add_intent(self, room: str, client_id: bytes, body: bytes) -> None:
        """Keep what is to be said, behind what waits already."""
        self._database.execute(
            "INSERT INTO intents (room, client_id, body) VALUES (?, ?, ?)",
            (room, client_id, self._shut(body, "intent", room, client_id)),
        )

    def seal_intent(self, room: str, client_id: bytes, sealed: bytes | None) -> None:
        """Keep the bytes in which it is being sent; None if they were refused."""
        shut = None if sealed is None else self._shut(sealed, "sealed", room, client_id)
        self._database.execute("UPDATE intents SET sealed = ? WHERE client_id = ?", (shut, client_id))

    def drop_intent(self, client_id: bytes) -> None:
        """Forget what was said, or will not be."""
        self._database.execute("DELETE FROM intents WHERE client_id = ?", (client_id,))

    def intents(self) -> Iterator[tuple[str, bytes, bytes, bytes | None]]:
        """What waits to be said, in order: its room, client_id, body, and the bytes if it was sealed."""
        rows = self._database.execute("SELECT room, client_id, body, sealed FROM intents ORDER BY position")
        for room, client_id, body, sealed in rows.fetchall():
            opened = None if sealed is None else self._open(sealed, "sealed", room, client_id)
            yield room, client_id, self._open(body, "intent", room, client_id), opened

    def _among(self, statement: str, room: str, keys: Iterable[bytes]) -> Iterator[Any]:
        """The rows of a room that one of the keys names."""
        rest = iter(keys)
        while some := list(islice(rest, MAX_KEYS)):
            yield from self._database.execute(statement.format(", ".join("?" * len(some))), (room, *some))

    def _shut(self, value: bytes, space: str, room: str, key: bytes) -> bytes:
        return encrypt_framed(self._secret, random(NONCE), value, _place(space, room, key))

    def _open(self, value: bytes, space: str, room: str, key: bytes) -> bytes:
        return decrypt_framed(self._secret, value, _place(space, room, key), Fault.AEAD)


class Cabinet:
    """The file. One process at a time: Conflict from `open` while another has it."""

    def __init__(self, path: Path | None, secret: Callable[[], bytes]) -> None:
        self.name = "store of keys in memory" if path is None else f"store of keys {path}"
        self._path = path
        self._find = secret
        self._thread: ThreadPoolExecutor | None = None
        self._database: sqlite3.Connection | None = None
        self._transaction: Transaction

    async def open(self) -> None:
        """Open or create the file. KeysFailed if it is damaged or was encrypted with another key."""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ymera-keys")
        try:
            await self._submit(self._open)
        except BaseException:
            await self.close()
            raise

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in one transaction: all of it happens, or nothing."""
        return await self._submit(lambda: self._transact(work))

    async def close(self) -> None:
        """Finish what runs and release the file."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.wrap_future(thread.submit(self._close))
            thread.shutdown()

    async def _submit(self, work: Callable[[], T]) -> T:
        if self._thread is None:
            raise KeysFailed(f"The {self.name} is closed.")
        done = asyncio.wrap_future(self._thread.submit(work))
        done.add_done_callback(_collected)
        try:
            return await asyncio.shield(done)
        except (sqlite3.Error, OSError) as error:
            raise KeysFailed(f"The {self.name} cannot be used: {error}.") from error

    def _transact(self, work: Callable[[Transaction], T]) -> T:
        assert self._database is not None
        self._database.execute("BEGIN IMMEDIATE")
        try:
            result = work(self._transaction)
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")
        return result

    def _open(self) -> None:
        self._database = _connect(self._path, self.name)
        self._transaction = Transaction(self._database, derive(self._find(), b"ymera/at-rest"))
        try:
            self._transact(_check_secret)
        except Cx1Error:
            raise KeysFailed(
                f"The {self.name} was encrypted with another key. Give the one it was made with."
            ) from None

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _collected(done: asyncio.Future[T]) -> None:
    """Whoever gave up waiting does not hear of an error, and that is no fault."""
    if not done.cancelled():
        done.exception()


def _check_secret(transaction: Transaction) -> None:
    if transaction.get("form") is None:
        transaction.put("form", b"1")


def _connect(path: Path | None, name: str) -> sqlite3.Connection:
    """The file, locked for this process. The exclusive mode has to come before the first access."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
    database = sqlite3.connect(
        path or ":memory:", timeout=LOCK_WAIT, isolation_level=None, check_same_thread=False
    )
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA secure_delete = ON")
        database.executescript(SCHEMA)
    except sqlite3.OperationalError as error:
        database.close()
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        raise Conflict(f"Another process uses the {name}. One store is one device; make another.") from None
    except BaseException:
        database.close()
        raise
    return database


def _place(space: str, room: str, key: bytes) -> bytes:
    """What a value is bound to, so that one cannot stand in another's place."""
    return b"\0".join((space.encode(), room.encode(), key))
