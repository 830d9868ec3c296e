"""Cron schedules: which times there are, in a time zone whose clock jumps.

Invariant: a time of the clock is due once. One that the clock skips is due when it has jumped, one that it
shows twice is due the first time. What is due in each hour follows the time that has passed instead, so
that no hour is without it.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from protocol.errors import invalid

EXAMPLE = "such as «30 8 * * MON-FRI»"
_HOURS_OF_A_DAY = 24
_LONGEST_JUMP = timedelta(hours=3)
"""By how much a clock may be put back."""


class Schedule:
    """The times of a crontab entry, in UTC. ApiError `invalid` if there are none, or no such zone."""

    def __init__(self, cron: str, zone: str) -> None:
        self._zone = _zone(zone)
        self._cron = _with_ranges(cron)
        if self.after(datetime.now(UTC)) is None:
            raise invalid("cron: there is no such day, so it would never be due.", "cron")

    def after(self, moment: datetime) -> datetime | None:
        """The first time after a moment; None if there is none within 50 years."""
        # Local times that are shown twice count as the first, so the library may give some that have passed.
        for local in CronSim(self._cron, moment.astimezone(self._zone)):
            if (time := local.astimezone(UTC)) > moment:
                return time
        return None

    def between(self, first: datetime, last: datetime, limit: int) -> list[datetime]:
        """The last `limit` of the times from `first` to `last`, both included, in order."""
        found: list[datetime] = []
        for local in CronSim(self._cron, (last + _LONGEST_JUMP).astimezone(self._zone), reverse=True):
            time = local.astimezone(UTC)
            if time < first or len(found) == limit:
                break
            if time <= last:
                found.append(time)
        return found[::-1]


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = "zone: there is no such time zone; take a name of the IANA's, such as «Europe/Berlin»."
        raise invalid(message, "zone") from None


def _with_ranges(cron: str) -> str:
    """The entry, checked, with «*» in place of every hour and nowhere else in the time of day.

    The library takes «*» there, also in «*/15 2», for a schedule that follows the time that has passed.
    """
    fields = cron.split()
    if len(fields) != 5:
        message = f"cron: has {len(fields)} fields; write five, {EXAMPLE}: minute, hour, day, month, weekday."
        raise invalid(message, "cron")
    try:
        parsed = CronSim(cron, datetime.now(UTC))
    except CronSimError as error:
        field = str(error).removeprefix("Bad ")
        raise invalid(f"cron: the {field} is wrong; write it as crontab has it, {EXAMPLE}.", "cron") from None
    minute, hour, *days = fields
    hours = "*" if len(parsed.hours) == _HOURS_OF_A_DAY else hour.replace("*", "0-23")
    return " ".join([minute.replace("*", "0-59"), hours, *days])
