"""YMERA as a peer: a whole node with members and a room, and one event name that needs no database.

`bench.publish` hands events to the node's real fan-out as a committed command does, so that delivery can be
measured apart from PostgreSQL. All else is the product: authentication, rooms, envelopes, limits (raised, so
that one connection may send what a crowd would). It prints one JSON line when it serves, and on SIGUSR1 one
with the number of its tasks.
"""

import argparse
import asyncio
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from handlers import accounts
from persistence import migrations, rooms, tokens
from persistence.database import Connection as Transaction
from persistence.database import clock
from persistence.ids import new_id
from protocol import registry
from protocol.registry import Command, Scope
from protocol.roles import WorkspaceRole
from protocol.rooms import LoggedEvent, RoomKind
from server import app, embedded, logs, throttle
from server.connection import Connection
from server.edge import Edge
from server.pages import Pages
from server.settings import Settings

RAISED = {
    "command_rate": 100_000,
    "command_burst": 1_000_000,
    "member_command_rate": 1_000_000,
    "log_level": "warning",
    "slow_query_ms": 10_000,
    "project_bytes": 2**50,
    "member_daily_bytes": 2**50,
    # What files hold is read by processes of their own, after they are there.
    "analysis_workers": 0,
}
"""What one client needs that stands for a crowd."""
OPEN = {"connect_rate": 100_000, "member_connect_burst": 1_000_000}
"""What lets all recipients of a round in at once; storms are measured without it."""


@registry.signal("bench.publish")
class Publish(Command[None], frozen=True, kw_only=True):
    """An event for everyone in a room, as if it had just been committed."""

    room: str
    seq: int
    actor: str
    text: str


class PublishingEdge(Edge):
    """The node's edge, which takes events for the fan-out from a benchmark's publisher."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._signals.immediate["bench.publish"] = self._publish

    def _publish(self, _: Connection, said: Publish) -> bytes:
        event = LoggedEvent(
            room=said.room,
            seq=said.seq,
            type="message.sent",
            at=datetime.now(UTC),
            actor=said.actor,
            data={"text": said.text},
        )
        self._hub.fanout.publish([event])
        return b"null"


@contextmanager
def _database(given: str | None, folder: Path) -> Iterator[str]:
    """The database given, or an embedded one, which may use every core: the node alone is pinned."""
    if given is not None:
        yield given
        return
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    running = embedded.start(folder)
    os.sched_setaffinity(0, mine)
    try:
        yield running.dsn
    finally:
        running.stop()


async def _admit(tx: Transaction, number: int, now: datetime) -> str:
    """A member, and the token that lets a program in as it."""
    workspace_id = await tx.fetchval("SELECT id FROM workspace")
    name = f"member{number}"
    member, _ = await accounts.admit(
        tx, workspace_id, name=name, role=WorkspaceRole.MEMBER, now=now, email=f"{name}@example.org"
    )
    _, secret = await tokens.issue(
        tx, member.id, name="bench", scope=Scope.ADMIN, now=now, expires_at=now + timedelta(days=1)
    )
    return secret


async def _fill(node: app.Node, members: int, room_count: int, events: int, folder: Path) -> None:
    """Write the tokens of new members, and rooms with all of them in it, into files that the load reads."""
    async with node.pool.acquire() as tx, tx.transaction():
        now = await clock(tx)
        secrets = [await _admit(tx, number, now) for number in range(members)]
        ids = [new_id() for _ in range(room_count)]
        for number, room in enumerate(ids):
            await rooms.insert(tx, room, RoomKind.CHANNEL, now=now, created_by=None, name=f"room{number}")
        await tx.execute(
            """
            INSERT INTO room_members (room_id, member_id, role, joined_at)
            SELECT r.id, m.id, 'editor', $1 FROM rooms r, members m WHERE r.kind = 'channel'
            """,
            now,
        )
        if events:
            await tx.execute(
                """
                INSERT INTO events (room_id, seq, type, at, actor_id, data)
                SELECT $1, n, 'message.sent', $2, NULL, json_build_object('text', repeat('x', 80))
                FROM generate_series(1, $3::bigint) n
                """,
                ids[0],
                now,
                events,
            )
            await tx.execute("UPDATE rooms SET head_seq = $2 WHERE id = $1", ids[0], events)
    (folder / "tokens").write_text("".join(f"{secret}\n" for secret in secrets))
    (folder / "rooms").write_text("".join(f"{room} {events if room == ids[0] else 0}\n" for room in ids))


async def _serve(options: argparse.Namespace, dsn: str) -> None:
    await migrations.upgrade(dsn)
    raised: dict[str, Any] = RAISED if options.guarded else RAISED | OPEN
    settings = Settings(
        data_dir=options.folder,
        host="127.0.0.1",
        port=0,
        redis_url=options.redis,
        **raised,
    )
    logs.configure(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(
        signal.SIGUSR1, lambda: print(json.dumps({"tasks": len(asyncio.all_tasks())}), flush=True)
    )
    app.Edge = PublishingEdge  # type: ignore[attr-defined]
    if options.pages is not None:
        app.Pages = partial(Pages, options.pages)  # type: ignore[attr-defined,assignment]
    if not options.guarded:
        throttle.REQUESTS = throttle.Rate("requests", burst=1_000_000, every=1e-6)
    if options.unsynced:
        os.fsync = os.fdatasync = lambda fd: None  # noqa: ARG005 -- it is what they are called with
    async with app.node(settings, dsn) as node:
        if options.members:
            await _fill(node, options.members, options.rooms, options.events, options.folder)
        print(json.dumps({"port": node.port, "database": dsn}), flush=True)
        await stop.wait()


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the data and the files for the load are kept")
    parser.add_argument("--members", type=int, default=0)
    parser.add_argument("--rooms", type=int, default=1)
    parser.add_argument("--events", type=int, default=0, help="length of the first room's log")
    parser.add_argument("--database", help="DSN of another node's database")
    parser.add_argument("--redis", help="URL through which nodes tell each other what happened")
    parser.add_argument("--pages", type=Path, help="pages that are served in place of the console")
    parser.add_argument("--unsynced", action="store_true", help="leave out what makes files durable")
    parser.add_argument("--guarded", action="store_true", help="let clients in no faster than as shipped")
    options = parser.parse_args()
    with _database(options.database, options.folder) as dsn:
        uvloop.run(_serve(options, dsn))


if __name__ == "__main__":
    main()
