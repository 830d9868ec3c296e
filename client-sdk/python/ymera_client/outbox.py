"""Which queued command goes out next, and what an answer to it means.

No I/O happens here. Commands leave in the order in which they were queued, at most `WINDOW` of them
unanswered, and each stays until the server has said yes or no for good. While one waits to be repeated,
none that was queued later is sent. A later one that was already under way may still succeed; its refusal
does not count, since what it builds on may be missing, and it goes out again in its turn.
"""

import secrets
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from ymera_client.backoff import full_jitter
from ymera_client.errors import Conflict, DeadlineExceeded, Internal, LimitExceeded, YmeraError

WINDOW = 32
"""Commands sent and not answered, at most."""
MAX_ENTRIES = 10_000
MAX_AGE = 7 * 24 * 3600.0
"""Seconds that a command may wait to be carried out."""
MAX_FAULTS = 5
"""After so many faults of the server over one command it is given up, lest it block all others."""


class Entry(Struct, frozen=True, kw_only=True):
    """A command that waits to be carried out."""

    command_id: str
    name: str
    payload: dict[str, Any]
    """Plain JSON values, `command_id` among them."""
    queued_at: float
    """Unix time in seconds."""


@dataclass(slots=True)
class _Place:
    entry: Entry
    in_flight: bool = False
    overtook: bool = False
    """Sent before an earlier command had to be repeated."""
    failures: int = 0
    faults: int = 0


class Outbox:
    """The queue of commands; times given to it are seconds of a monotonic clock, but for `expire`."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._places = {entry.command_id: _Place(entry) for entry in entries}
        self._held_until = 0.0
        self._in_flight = 0

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[str]:
        """The ids of the commands, in order."""
        return iter(self._places)

    @property
    def held_until(self) -> float:
        """Before this moment nothing is sent."""
        return self._held_until

    def check(self, entry: Entry) -> None:
        """Whether there is room: LimitExceeded when it is full, Conflict if the id is queued already."""
        if len(self._places) >= MAX_ENTRIES:
            raise LimitExceeded(
                f"{MAX_ENTRIES} commands wait to be sent already. Try again when the server is back.",
                data={"limit": MAX_ENTRIES, "what": "queued commands"},
            )
        if entry.command_id in self._places:
            raise Conflict(f"A command with the id {entry.command_id} is queued already.")

    def add(self, entry: Entry) -> None:
        """Queue a command that `check` has let pass."""
        self._places[entry.command_id] = _Place(entry)

    def next(self, now: float) -> Entry | None:
        """The command to send now, from here on in flight; None while there is none to send."""
        if now < self._held_until or self._in_flight >= WINDOW:
            return None
        for place in self._places.values():
            if not place.in_flight:
                place.in_flight = True
                self._in_flight += 1
                return place.entry
        return None

    def remove(self, command_id: str) -> None:
        """The command was carried out."""
        if (place := self._places.pop(command_id, None)) is not None:
            self._in_flight -= place.in_flight

    def fail(self, command_id: str, error: YmeraError, now: float) -> bool:
        """The command was refused. True if that is final; else it goes out again in its turn."""
        if (place := self._places.get(command_id)) is None:
            return False
        self._in_flight -= place.in_flight
        place.in_flight = False
        place.faults += isinstance(error, Internal)
        if not place.overtook and (not error.retryable or place.faults >= MAX_FAULTS):
            del self._places[command_id]
            return True
        if error.retryable:
            wait = full_jitter(place.failures, at_least=retry_after(error))
            self._held_until = max(self._held_until, now + wait)
            place.failures += 1
            self._mark_overtaking(command_id)
        place.overtook = False
        return False

    def disconnect(self) -> None:
        """The connection is gone: all that was in flight goes out again, in order."""
        for place in self._places.values():
            place.in_flight = place.overtook = False
        self._in_flight = 0
        self._held_until = 0.0

    def expire(self, unix_time: float) -> list[tuple[Entry, YmeraError]]:
        """Take out what has waited too long, each with the error to report."""
        expired = [
            place.entry
            for place in self._places.values()
            if unix_time - place.entry.queued_at > MAX_AGE and not place.in_flight
        ]
        for entry in expired:
            del self._places[entry.command_id]
        return [
            (entry, DeadlineExceeded(f"{entry.name} could not be sent for seven days.", retryable=False))
            for entry in expired
        ]

    def _mark_overtaking(self, command_id: str) -> None:
        later = False
        for key, place in self._places.items():
            if later and place.in_flight:
                place.overtook = True
            later = later or key == command_id


def retry_after(error: YmeraError) -> float:
    """Seconds that the server asks to wait, 0 if it does not; never more than an hour."""
    asked = error.data.get("retry_after")
    return min(max(float(asked), 0.0), 3600.0) if isinstance(asked, int | float) else 0.0


def new_id() -> str:
    """A UUIDv7: unique, and in the order of time to the millisecond."""
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    value = (milliseconds & (1 << 48) - 1) << 80 | 7 << 76 | (random >> 62) << 64 | 2 << 62
    return str(uuid.UUID(int=value | random & (1 << 62) - 1))
