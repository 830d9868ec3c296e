"""Progress is told as it is: never back, with a rate of what was really sent, and how long it takes."""

import logging
import time

import pytest

from ymera_client import Progress
from ymera_client.transfer import progress
from ymera_client.transfer.program import said
from ymera_client.transfer.progress import Meter


class Clock:
    """Time as a test says it is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_it_never_goes_back_and_ends_with_all(clock: Clock) -> None:
    told: list[Progress] = []
    meter = Meter(1_000, told.append)
    for offset in (100, 300, 200, 400, 1_000):
        clock.now += 1
        meter.reach("a", offset)
    meter.finish()
    assert [each.bytes for each in told] == [100, 300, 400, 1_000, 1_000]
    assert told[-1].total == 1_000
    assert told[-1].seconds_left == 0


def test_the_rate_is_of_the_last_seconds_and_says_how_long_it_takes(clock: Clock) -> None:
    told: list[Progress] = []
    meter = Meter(10_000, told.append)
    for second in range(1, 21):
        clock.now += 1
        meter.reach("a", second * 100)
    for second in range(1, 11):
        clock.now += 1
        meter.reach("a", 2_000 + second * 400)
    assert told[-1].rate == pytest.approx(400)
    assert told[-1].seconds_left == pytest.approx(10)


def test_what_was_there_before_does_not_make_it_fast(clock: Clock) -> None:
    told: list[Progress] = []
    meter = Meter(2_000_000, told.append)
    meter.begin("a", 1_000_000)
    clock.now += 1
    meter.reach("a", 1_000_100)
    assert told[-1].bytes == 1_000_100
    assert told[-1].rate == pytest.approx(100)


def test_parts_add_up(clock: Clock) -> None:
    told: list[Progress] = []
    meter = Meter(300, told.append)
    for part in ("a", "b", "c"):
        clock.now += 1
        meter.reach(part, 100)
    assert [each.bytes for each in told] == [100, 200, 300]


def test_it_is_told_ten_times_a_second(clock: Clock) -> None:
    told: list[Progress] = []
    meter = Meter(None, told.append)
    for offset in range(1, 1_001):
        clock.now += 0.001
        meter.reach("a", offset)
    assert 8 <= len(told) <= 1 / progress.INTERVAL + 1
    meter.finish()
    assert told[-1].total == told[-1].bytes == 1_000


def test_who_fails_to_hear_it_does_not_end_the_transfer(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: Progress) -> None:
        raise ZeroDivisionError

    with caplog.at_level(logging.ERROR):
        Meter(1, fails).finish()
    assert "Who is told of progress failed" in caplog.text


def test_it_is_said_in_words() -> None:
    assert said(Progress(12_300_000, 27_300_000, 4_100_000.0, 3.7)) == (
        "45 %  12.3 MB of 27.3 MB  4.1 MB/s  0:04 left"
    )
    assert said(Progress(999, None, 0.0, None)) == "999 B  0 B/s"
    assert said(Progress(0, 0, 0.0, None)) == "100 %  0 B of 0 B  0 B/s"
