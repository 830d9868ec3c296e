"""Versions of files: all are kept for a while, some for good, and any can be the newest again."""

import itertools
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import file_versions
from handlers.dispatch import Dispatcher
from persistence import file_versions as version_rows
from persistence.ids import new_id
from protocol.errors import ErrorCode
from protocol.files import FileInfo, FileVersion
from tests import filing
from tests.filing import version
from tests.world import World

NOW = datetime(2026, 7, 20, 20, 17, 40, tzinfo=UTC)
AGES = st.lists(
    st.one_of(
        st.integers(0, 4_000),
        st.integers(0, 100_000),
        st.integers(0, 3_000_000),
        st.integers(0, 40_000_000),
    ),
    max_size=60,
)
LABELS = st.lists(st.booleans(), min_size=60, max_size=60)


def aged(seconds: list[int], labels: list[bool] | None = None) -> list[FileVersion]:
    """Versions of these ages, newest first."""
    ages = sorted(seconds)
    return [
        version(
            len(ages) - place,
            created_at=NOW - timedelta(seconds=age),
            label="kept" if labels is not None and labels[place] else "",
        )
        for place, age in enumerate(ages)
    ]


def thinned(versions: list[FileVersion], now: datetime) -> list[FileVersion]:
    """Those that stay."""
    gone = set(file_versions.superfluous(versions, now))
    return [each for each in versions if each.number not in gone]


@pytest.fixture
async def file(world: World, project: str) -> FileInfo:
    """A file of Bob's in four versions, the last of which is as the second."""
    made = await filing.put(world, world.bob, project, "plan.md", "one\n")
    for content in ("two\n", "three\n", "two\n"):
        made = await filing.put(world, world.bob, project, "plan.md", content, file_id=made.id)
    world.published.clear()
    return made


async def numbers(world: World, file: FileInfo) -> list[int]:
    """Which versions there are, newest first."""
    page = await world.run(world.guest, "file.versions", file_id=file.id)
    return [each["number"] for each in page["items"]]


@given(AGES, LABELS)
def test_the_newest_the_first_and_pinned_ones_stay(ages: list[int], labels: list[bool]) -> None:
    versions = aged(ages, labels)
    kept = thinned(versions, NOW)
    assert [each for each in kept if each.label] == [each for each in versions if each.label]
    assert kept[:1] == versions[:1]
    assert kept[-1:] == versions[-1:]
    assert thinned(kept, NOW) == kept


@given(AGES, LABELS, st.lists(st.integers(0, 40_000_000), max_size=5))
def test_it_makes_no_difference_how_often_versions_were_thinned_out_before(
    ages: list[int], labels: list[bool], later: list[int]
) -> None:
    once = versions = aged(ages, labels)
    for seconds in sorted(later):
        once = thinned(once, NOW + timedelta(seconds=seconds))
    last = NOW + timedelta(seconds=max(later, default=0))
    assert thinned(once, last) == thinned(versions, last)


@pytest.mark.parametrize(
    ("upto", "over", "span"),
    [
        (timedelta(hours=1), timedelta(), timedelta(minutes=1)),
        (timedelta(days=1), timedelta(hours=1), timedelta(hours=1)),
        (timedelta(days=30), timedelta(days=1), timedelta(days=1)),
        (timedelta(days=300), timedelta(days=30), timedelta(weeks=1)),
    ],
    ids=["the last hour", "the last day", "the last month", "older"],
)
def test_so_many_stay_as_their_age_asks_for(upto: timedelta, over: timedelta, span: timedelta) -> None:
    step = span.total_seconds() / 20
    versions = aged([int(number * step) for number in range(int(upto.total_seconds() / step))])
    kept = [each.created_at for each in thinned(versions, NOW) if over <= NOW - each.created_at]
    # One of each span, the newest there; spans begin with the clock and the calendar, not with the version.
    assert abs(len(kept) - (upto - over) / span) <= 3
    between = {earlier - later for earlier, later in itertools.pairwise(kept[1:-1])}
    assert all(abs(each - span) <= timedelta(seconds=step) for each in between)


async def test_versions_are_thinned_out_of_files_that_have_not_come_to_rest(
    world: World, file: FileInfo
) -> None:
    await filing.put(world, world.bob, file.room, "few.md", "x")
    world.published.clear()
    for number, age in ((1, "3 days"), (2, "2 hours 20 seconds"), (3, "2 hours 10 seconds"), (4, "1 minute")):
        await world.pool.execute(
            """
            UPDATE file_versions
            SET created_at = date_trunc('hour', now()) + interval '30 min' - $3::text::interval
            WHERE file_id = $1 AND number = $2
            """,
            file.id,
            number,
            age,
        )
    long_ago = datetime(2000, 1, 1, tzinfo=UTC)
    due = await version_rows.crowded(world.pool, long_ago, 10, None)
    assert due == [(file.room, file.id)]
    assert await version_rows.crowded(world.pool, long_ago, 10, file.id) == []
    assert await version_rows.crowded(world.pool, datetime(2100, 1, 1, tzinfo=UTC), 10, None) == []
    dispatcher = Dispatcher(world.pool, world.publish)
    for wanted in (1, 0):
        work = partial(file_versions.thin_out, room_id=file.room, file_id=file.id)
        assert await dispatcher.attend(work) == wanted
        assert await numbers(world, file) == [4, 3, 1]
    assert world.published == []
    gone = partial(file_versions.thin_out, room_id=new_id(), file_id=new_id())
    assert await dispatcher.attend(gone) == 0


async def test_versions_are_listed_newest_first(world: World, file: FileInfo) -> None:
    assert await numbers(world, file) == [4, 3, 2, 1]
    first = await world.run(world.guest, "file.versions", file_id=file.id, limit=3)
    rest = await world.run(world.guest, "file.versions", file_id=file.id, limit=3, cursor=first["next"])
    assert [each["number"] for each in first["items"] + rest["items"]] == [4, 3, 2, 1]
    assert rest["next"] is None
    one = await world.run(world.guest, "file.get", file_id=file.id, number=1)
    assert one["version"] == rest["items"][-1]
    assert (one["file"]["number"], one["version"]["sha256"]) == (4, filing.digest("one\n"))
    for command, more in (("file.get", {"number": 5}), ("file.compare", {"before": 1, "after": 9})):
        await world.refused(ErrorCode.NOT_FOUND, world.guest, command, file_id=file.id, **more)


async def test_an_old_version_becomes_the_newest_again(world: World, file: FileInfo) -> None:
    restore = partial(world.run, world.bob, "file.restore", file_id=file.id)
    assert (await restore(number=2))["number"] == 4
    assert world.published == []
    restored = await restore(number=1)
    assert (restored["number"], restored["sha256"]) == (5, filing.digest("one\n"))
    assert world.published[-1].data == {"file": restored, "cause": "restored"}
    newest = (await world.run(world.bob, "file.versions", file_id=file.id))["items"][0]
    assert (newest["restored_from"], newest["created_by"]) == (1, world.bob.id)
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "file.restore", file_id=file.id, number=9)
    await world.refused(ErrorCode.FORBIDDEN, world.guest, "file.restore", file_id=file.id, number=1)


async def test_a_pinned_version_stays_when_there_are_too_many(
    world: World, file: FileInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("filing", "file_versions"):
        monkeypatch.setattr(f"handlers.{module}.MAX_VERSIONS", 4)
    pin = partial(world.run, world.bob, "file.pin", file_id=file.id)
    pinned = await pin(number=1, label="Signed")
    assert (pinned["number"], pinned["label"]) == (1, "Signed")
    put = partial(filing.put, world, world.bob, file.room, "plan.md", file_id=file.id)
    await put("four\n")
    assert await numbers(world, file) == [5, 4, 3, 1]
    assert (await pin(number=1))["label"] == ""
    await put("five\n")
    assert await numbers(world, file) == [6, 5, 4, 3]
    for number in (3, 4, 5):
        await pin(number=number, label="Signed")
    assert (await pin(number=3, label="Twice"))["label"] == "Twice"
    error = await world.refused(
        ErrorCode.LIMIT_EXCEEDED, world.bob, "file.pin", file_id=file.id, number=6, label="x"
    )
    assert error.data["limit"] == 3
    await put("six\n")
    assert await numbers(world, file) == [7, 5, 4, 3]
    await world.refused(ErrorCode.FORBIDDEN, world.guest, "file.pin", file_id=file.id, number=3)


async def test_versions_are_compared_by_what_was_read(world: World, project: str) -> None:
    first = await filing.put(world, world.bob, project, "plan.md", "1")
    compare = partial(world.run, world.guest, "file.compare", file_id=first.id)
    await filing.read(world, first, ["Go.\nNo go.", "Liftoff."], metadata={"title": "Plan"})
    second = await filing.put(world, world.bob, project, "plan.md", "2", file_id=first.id)
    unread: dict[str, Any] = await compare(before=1, after=2)
    assert (unread["text"], unread["same"], unread["metadata"]) == (False, False, {"title": ["Plan", None]})
    await filing.read(world, second, ["Go.\nGo.", "Liftoff."], metadata={"title": "Plan"})
    read = await compare(before=1, after=2)
    assert (read["text"], read["added"], read["removed"], read["metadata"]) == (True, 1, 1, {})
    (hunk,) = read["hunks"]
    assert [(line["sign"], line["text"]) for line in hunk["lines"]] == [
        ("same", "Go."),
        ("removed", "No go."),
        ("added", "Go."),
        ("same", "Liftoff."),
    ]
    itself = await compare(before=2, after=2)
    assert (itself["same"], itself["hunks"]) == (True, [])
