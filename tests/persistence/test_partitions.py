"""The log's partitions are there before they are needed and go after the retention, alone."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persistence import log, migrations, partitions
from persistence.database import Connection, clock, connect_pool
from persistence.ids import new_id
from persistence.partitions import Span
from tests.servers import database
from tests.world import World

RETENTION = timedelta(hours=72)
LONG_AGO = datetime(2020, 2, 29, 12, tzinfo=UTC)
hours = st.integers(-200, 200).map(lambda number: LONG_AGO + timedelta(hours=number))


@st.composite
def known_spans(draw: st.DrawFn) -> list[Span]:
    """Partitions as other settings and other clocks may have left them."""
    edges = sorted(draw(st.sets(hours, min_size=2, max_size=8)))
    pairs = itertools.pairwise(edges)
    return [Span(f"events_{start:%d%H}", start, end) for start, end in pairs if draw(st.booleans())]


@given(known_spans(), hours, st.integers(1, 200), st.integers(0, 3_599))
def test_what_is_missing_fills_the_gaps_and_overlaps_nothing(
    known: list[Span], hour: datetime, retention: int, seconds: int
) -> None:
    now, width = hour + timedelta(seconds=seconds), partitions.width(timedelta(hours=retention))
    made = list(partitions.missing(known, now, width))
    spans = sorted([*known, *made], key=lambda span: span.start)
    assert all(before.end <= after.start for before, after in itertools.pairwise(spans))
    assert all(timedelta(0) < span.end - span.start <= width for span in made)
    for step in range(width // timedelta(hours=1) + 1):
        moment = now + timedelta(hours=step)
        assert len([span for span in spans if span.start <= moment < span.end]) == 1
    assert len({span.name for span in spans}) == len(spans)
    assert list(partitions.missing(spans, now, width)) == []


@pytest.fixture
async def now(world: World, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """When the log is tended in this test, however often: so it ends on the day on which it began."""
    moment = await clock(world.pool)

    async def still(_: Connection) -> datetime:
        return moment

    monkeypatch.setattr(partitions, "clock", still)
    return moment


@pytest.mark.parametrize(("retention", "width"), [(1, 2), (6, 2), (7, 3), (72, 24), (8_760, 2_920)])
def test_a_retention_takes_few_partitions(retention: int, width: int) -> None:
    assert partitions.width(timedelta(hours=retention)) == timedelta(hours=width)


async def placed(world: World, room: str) -> dict[int, str]:
    """The partition that each event of a room is in, by seq."""
    rows = await world.pool.fetch(
        "SELECT seq, tableoid::regclass::text AS partition FROM events WHERE room_id = $1", room
    )
    return {row["seq"]: row["partition"] for row in rows}


async def age(world: World, room: str, last_seq: int) -> None:
    """Make a room's events up to `last_seq` some years old, and the partition where they belong then."""
    await world.pool.execute(
        "CREATE TABLE events_old PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')"
    )
    await world.pool.execute(
        "UPDATE events SET at = $3 WHERE room_id = $1 AND seq <= $2", room, last_seq, LONG_AGO
    )


async def make_task(world: World, edits: int) -> dict[str, Any]:
    """A task with a history."""
    project = await world.run(world.alice, "project.create", name="Rocket")
    task = await world.run(world.alice, "task.create", project_id=project["id"], title="0")
    for number in range(1, edits + 1):
        fields = {"version": task["version"], "title": str(number)}
        task = await world.run(world.alice, "task.update", task_id=task["id"], **fields)
    return dict(task)


async def test_events_wait_in_the_default_partition_until_they_have_their_own(
    world: World, now: datetime
) -> None:
    room = (await world.run(world.alice, "room.create", name="early"))["id"]
    before = await log.read(world.pool, room, 0)
    assert set((await placed(world, room)).values()) == {"events_default"}
    await partitions.tend(world.pool, RETENTION)
    assert len(before) == 2
    assert await log.read(world.pool, room, 0) == before
    assert set((await placed(world, room)).values()).isdisjoint({"events_default"})
    spans = await partitions.spans(world.pool)
    assert [span.end - span.start for span in spans] == [timedelta(hours=24)] * 2
    assert spans[0].start <= now < spans[0].end == spans[1].start
    await partitions.tend(world.pool, RETENTION)
    assert await partitions.spans(world.pool) == spans


async def test_a_clock_that_was_wrong_costs_no_event(world: World) -> None:
    room = (await world.run(world.alice, "room.create", name="odd"))["id"]
    await partitions.tend(world.pool, RETENTION)
    for seq, wrong in ((1, "- interval '2 days'"), (2, "+ interval '1 year'")):
        await world.pool.execute(
            f"UPDATE events SET at = at {wrong} WHERE room_id = $1 AND seq = $2", room, seq
        )
    await partitions.tend(world.pool, RETENTION)
    assert await placed(world, room) == {1: "events_default", 2: "events_default"}
    await world.run(world.alice, "message.send", room=room, text="right")
    assert [event.seq for event in await log.read(world.pool, room, 0)] == [1, 2, 3]
    await partitions.tend(world.pool, timedelta(hours=47))
    assert sorted(await placed(world, room)) == [2, 3]


async def test_what_is_past_the_retention_goes_and_clients_from_then_start_afresh(world: World) -> None:
    room = (await world.run(world.alice, "room.create", name="old"))["id"]
    for number in range(5):
        await world.run(world.alice, "message.send", room=room, text=str(number))
    await age(world, room, 4)
    resumed = await world.run(world.alice, "room.join", room=room, after_seq=3)
    assert [event["seq"] for event in resumed["events"]] == [4, 5, 6, 7]
    await partitions.tend(world.pool, RETENTION)
    assert "events_old" not in {span.name for span in await partitions.spans(world.pool)}
    at_the_edge = await world.run(world.alice, "room.join", room=room, after_seq=4)
    assert [event["seq"] for event in at_the_edge["events"]] == [5, 6, 7]
    beyond = await world.run(world.alice, "room.join", room=room, after_seq=3)
    assert "events" not in beyond
    assert beyond["head"] == 7
    assert {item["text"] for item in beyond["reset"]["messages"]} == {"0", "1", "2", "3", "4"}
    part = await world.run(world.alice, "room.events", room=room, after_seq=3)
    assert (part["events"], part["head"]) == ([], 7)


async def test_a_hole_further_on_is_seen_too(world: World) -> None:
    """Times are taken before seqs are, so what lies at a partition's edge need not go in order."""
    room = (await world.run(world.alice, "room.create", name="torn"))["id"]
    for number in range(5):
        await world.run(world.alice, "message.send", room=room, text=str(number))
    await world.pool.execute("DELETE FROM events WHERE room_id = $1 AND seq = 5", room)
    assert "reset" in await world.run(world.alice, "room.join", room=room, after_seq=3)
    part = await world.run(world.alice, "room.events", room=room, after_seq=3)
    assert ([event["seq"] for event in part["events"]], part["head"]) == ([4], 7)
    assert "events" in await world.run(world.alice, "room.join", room=room, after_seq=5)


async def test_a_tasks_history_outlives_the_log(world: World) -> None:
    task = await make_task(world, edits=5)
    named = {"task_id": task["id"]}
    before = await world.run(world.alice, "task.history", **named)
    seqs = [event["seq"] for event in before["items"]]
    assert len(seqs) == 6
    await age(world, task["project_id"], seqs[2])
    before = await world.run(world.alice, "task.history", **named)
    await partitions.tend(world.pool, RETENTION)
    assert sorted(await placed(world, task["project_id"])) == sorted(seqs[:2])
    assert await world.run(world.alice, "task.history", **named) == before
    first = await world.run(world.alice, "task.history", limit=4, **named)
    rest = await world.run(world.alice, "task.history", limit=4, cursor=first["next"], **named)
    assert first["items"] + rest["items"] == before["items"]


async def test_a_log_in_use_is_left_for_later_and_shows_nothing_twice(
    world: World, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "ATTEMPTS", 1)
    await partitions.tend(world.pool, RETENTION)
    task = await make_task(world, edits=3)
    before = await world.run(world.alice, "task.history", task_id=task["id"])
    await age(world, task["project_id"], before["items"][1]["seq"])
    before = await world.run(world.alice, "task.history", task_id=task["id"])
    async with world.pool.acquire() as reader, reader.transaction():
        await reader.fetchval("SELECT count(*) FROM events")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await partitions.tend(world.pool, RETENTION)
        assert "events_old" in {span.name for span in await partitions.spans(world.pool)}
        kept = "SELECT count(*) FROM history WHERE entity_id = $1"
        assert await reader.fetchval(kept, task["id"]) == 3
        assert await world.run(world.alice, "task.history", task_id=task["id"]) == before
    await partitions.tend(world.pool, RETENTION)
    assert "events_old" not in {span.name for span in await partitions.spans(world.pool)}
    assert await world.run(world.alice, "task.history", task_id=task["id"]) == before


async def test_nodes_that_tend_the_log_at_once_while_others_write(
    world: World, dsn: str, now: datetime
) -> None:
    task = await make_task(world, edits=3)
    room = (await world.run(world.alice, "room.create", name="busy"))["id"]
    before = await world.run(world.alice, "task.history", task_id=task["id"])
    await age(world, task["project_id"], before["items"][0]["seq"])
    before = await world.run(world.alice, "task.history", task_id=task["id"])
    pools = [await connect_pool(dsn, size=2) for _ in range(3)]
    try:
        await asyncio.gather(
            *(partitions.tend(pool, RETENTION) for pool in pools for _ in range(2)),
            *(world.run(world.alice, "message.send", room=room, text=str(number)) for number in range(30)),
        )
    finally:
        await asyncio.gather(*(pool.close() for pool in pools))
    assert len(await partitions.spans(world.pool)) == 2
    assert [event.seq for event in await log.read(world.pool, room, 0)] == list(range(1, 33))
    assert await world.run(world.alice, "task.history", task_id=task["id"]) == before


async def test_a_purged_project_leaves_no_history(world: World) -> None:
    task = await make_task(world, edits=1)
    await age(world, task["project_id"], 99)
    async with world.pool.acquire() as tx, tx.transaction():
        await tx.execute("DELETE FROM room_members WHERE room_id = $1", task["project_id"])
        await tx.execute("DELETE FROM rooms WHERE id = $1", task["project_id"])
    await partitions.tend(world.pool, RETENTION)
    assert await world.pool.fetchval("SELECT count(*) FROM history") == 0


async def foundation(tx: Connection) -> str:
    """The first step's database with a room that has three events; the room's id."""
    await tx.execute((migrations.FOLDER / "versions" / "0001_foundation.sql").read_text())
    await tx.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
    await tx.execute("INSERT INTO alembic_version VALUES ('0001')")
    room = new_id()
    await tx.execute(
        "INSERT INTO rooms (id, kind, head_seq, created_at) VALUES ($1, 'workspace', 3, now())", room
    )
    await tx.execute(
        """
        INSERT INTO events (room_id, seq, type, at, entity_id, data)
        SELECT $1, n, 'task.updated', now() - make_interval(days => 3 - n), $1, json_build_object('n', n)
        FROM generate_series(1, 3) n
        """,
        room,
    )
    return room


async def test_a_log_from_before_keeps_every_event(postgres: str) -> None:
    async with database(postgres) as dsn:
        pool = await connect_pool(dsn, size=2)
        try:
            room = await foundation(pool)
            before = await log.read(pool, room, 0)
            await migrations.upgrade(dsn)
            await pool.expire_connections()
            assert await log.read(pool, room, 0) == before
            assert [event.data for event in before] == [{"n": 1}, {"n": 2}, {"n": 3}]
            now = await clock(pool)
            await partitions.tend(pool, RETENTION)
            assert await log.read(pool, room, 0) == before
            # How many follow depends on the hour: the first ends at a whole hour, the others at midnight.
            first, *others = await partitions.spans(pool)
            assert (first.name, now < first.end) == ("events_first", True)
            assert [span.start for span in others] == [span.end for span in (first, *others)][:-1]
            assert others[-1].end > now + partitions.width(RETENTION)
        finally:
            await pool.close()
