"""The times of schedules: each once, whatever the clock does."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.schedules import Schedule
from protocol.errors import ApiError, ErrorCode

SPRING = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
"""In Berlin half past midnight of the day on which 02:00 becomes 03:00, at 01:00 UTC."""
AUTUMN = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
"""In Berlin half past midnight of the day on which 03:00 becomes 02:00, at 01:00 UTC."""
DAY = timedelta(hours=24)
ZONES = ["UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata"]
FIELDS = {
    "minute": ["0", "30", "*/20", "5-10", "0,45"],
    "hour": ["*", "2", "0", "*/2", "1-3", "0-23", "3,2"],
    "day": ["*", "1", "*/10", "L"],
    "month": ["*", "3,10", "APR"],
    "weekday": ["*", "SUN", "1-5", "6#3"],
}


def times(cron: str, start: datetime, zone: str = "Europe/Berlin") -> list[str]:
    """The hours and minutes, in UTC, at which an entry is due within 24 hours."""
    return [f"{time:%H:%M}" for time in walk(Schedule(cron, zone), start, start + DAY)]


def walk(schedule: Schedule, start: datetime, end: datetime) -> list[datetime]:
    found: list[datetime] = []
    following = schedule.after(start)
    while following is not None and following <= end:
        found.append(following)
        following = schedule.after(following)
    return found


def refused(cron: str, zone: str = "UTC") -> ApiError:
    with pytest.raises(ApiError) as refusal:
        Schedule(cron, zone)
    assert refusal.value.code is ErrorCode.INVALID
    return refusal.value


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("30 2 * * *", ["01:00"]),
        ("*/20 2 * * *", ["01:00"]),
        ("0 2,3 * * *", ["01:00"]),
        ("15 2-3 * * *", ["01:00", "01:15"]),
        ("0 */12 * * *", ["10:00", "22:00"]),
        ("0 0-4/2 * * *", ["01:00", "02:00", "22:00"]),
    ],
)
def test_a_time_that_the_clock_skips_is_due_once_when_it_has_jumped(cron: str, expected: list[str]) -> None:
    assert times(cron, SPRING) == expected


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("30 2 * * *", ["00:30"]),
        ("*/30 2 * * *", ["00:00", "00:30"]),
        ("0 */2 * * *", ["00:00", *(f"{hour:02}:00" for hour in range(3, 22, 2))]),
        ("0 3 * * *", ["02:00"]),
    ],
)
def test_a_time_that_comes_twice_is_due_the_first_time(cron: str, expected: list[str]) -> None:
    assert times(cron, AUTUMN) == expected


@pytest.mark.parametrize("cron", ["0 * * * *", "0 0-23 * * *", "0 */1 * * *"])
@pytest.mark.parametrize("start", [SPRING, AUTUMN])
def test_what_is_hourly_is_due_each_hour_that_passes(cron: str, start: datetime) -> None:
    found = walk(Schedule(cron, "Europe/Berlin"), start, start + DAY)
    assert len(found) == 24
    assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(hours=1)}


def test_what_has_passed_is_not_due_when_the_clock_shows_it_again() -> None:
    # 02:15 for the second time; 02:30 was due 45 minutes ago.
    again = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)
    assert Schedule("30 2 * * *", "Europe/Berlin").after(again) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)
    assert Schedule("30 2 * * *", "Europe/Berlin").between(again - DAY, again, 5) == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    ]


def test_the_last_times_are_found_without_walking_through_all() -> None:
    end = datetime(2026, 6, 1, 12, 0, 30, tzinfo=UTC)
    found = Schedule("* * * * *", "UTC").between(datetime(1990, 1, 1, tzinfo=UTC), end, 3)
    assert [f"{time:%H:%M}" for time in found] == ["11:58", "11:59", "12:00"]


@settings(max_examples=100, deadline=None)
@given(
    cron=st.tuples(*(st.sampled_from(choices) for choices in FIELDS.values())).map(" ".join),
    zone=st.sampled_from(ZONES),
    minutes=st.integers(0, 270 * 24 * 60),
)
def test_times_follow_one_another_and_are_the_same_from_both_ends(cron: str, zone: str, minutes: int) -> None:
    schedule = Schedule(cron, zone)
    start = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    end = start + timedelta(hours=30)
    found = walk(schedule, start, end)
    assert all(earlier < later for earlier, later in pairwise([start, *found]))
    assert schedule.between(start + timedelta(microseconds=1), end, 5_000) == found
    assert schedule.between(start + timedelta(microseconds=1), end, 2) == found[-2:]


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("* * * *", "4 fields"),
        ("0 * * * * *", "6 fields"),
        ("60 * * * *", "minute"),
        ("0 25 * * *", "hour"),
        ("0 0 32 * *", "day-of-month"),
        ("0 0 * * MOON", "day-of-week"),
        ("0 0 * JANUARY *", "month"),
        ("*/0 * * * *", "minute"),
        ("0 0 30 2 *", "day-of-month"),
        ("0 0 */5 2 MON#5", "never"),
        ("@daily", "1 fields"),
    ],
)
def test_an_entry_that_is_none_is_refused_with_the_field_at_fault(cron: str, words: str) -> None:
    error = refused(cron)
    assert (error.data["path"], words in error.message) == ("cron", True), error.message


@given(st.text(alphabet="0123456789*/,-#L W?MONJAFEB²٣\x00", max_size=60))
@settings(max_examples=300, deadline=None)
def test_whatever_is_written_is_taken_or_refused(cron: str) -> None:
    try:
        following = Schedule(cron, "Europe/Berlin").after(SPRING)
    except ApiError as error:
        path = error.data["path"]
    else:
        path = "cron" if following is not None else "never due"
    assert path == "cron"


@pytest.mark.parametrize(
    "zone", ["Europe/Berln", "Europe", "../../etc/passwd", "/etc/localtime", "a\x00b", "tzdata.zi", "+02:00"]
)
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    assert refused("0 8 * * *", zone).data["path"] == "zone"
