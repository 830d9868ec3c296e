"""All the rooms that a client follows: gives out handles, routes what arrives, and notices removals."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from ymera_client.errors import Evicted, YmeraError
from ymera_client.feed import Feed, Sealed, Source
from ymera_client.generated import (
    Heads,
    Lagging,
    LoggedEvent,
    MembershipRemoved,
    ParticipantRemoved,
    Presence,
    RoomUnsubscribe,
    Typing,
)
from ymera_client.link import Link, Work
from ymera_client.overlay import Optimistic
from ymera_client.room import LiveRoom
from ymera_client.sync import Progress
from ymera_client.transport import Connection

LANES = 8
"""Requests of rooms under way at once, so that a reconnect with many rooms is no burst."""


class Rooms:
    """The rooms followed. `arrived` is told all that is applied, `moved` whenever that may have caught up.

    `sealed` gives the source of a room that turns out to be sealed, `source` that of one known to be.
    """

    def __init__(
        self,
        link: Link,
        *,
        arrived: Callable[[Sequence[LoggedEvent]], None],
        moved: Callable[[], None],
        sealed: Sealed,
        source: Callable[[str], Source | None],
    ) -> None:
        self._sealed = sealed
        self._source = source
        self._link = link
        self._arrived = arrived
        self._moved = moved
        self._feeds: dict[str, Feed] = {}
        self._lane = asyncio.Semaphore(LANES)
        self._me: str | None = None

    @property
    def caught_up(self) -> bool:
        """Whether no room is known to miss anything."""
        return all(feed.caught_up for feed in self._feeds.values())

    def open(self, room_id: str) -> LiveRoom:
        """A handle on a room, which is followed from now on."""
        feed = self._feeds.get(room_id)
        if feed is None or feed.failure is not None:
            feed = self._feeds[room_id] = Feed(room_id, self._progressed, self._sealed, self._source(room_id))
            if self._link.ended is not None:
                feed.fail(self._link.ended)
            self._link.spawn(self._following(feed))
        return LiveRoom(feed, self)

    def show(self, room_id: str, events: Sequence[LoggedEvent]) -> None:
        """Events of a sealed room were made out."""
        if (feed := self._feeds.get(room_id)) is not None:
            feed.show(events)

    def fail_room(self, room_id: str, error: YmeraError) -> None:
        """A room is lost."""
        if (feed := self._feeds.get(room_id)) is not None:
            feed.fail(error)

    async def release(self, feed: Feed) -> None:
        """A handle is done with the feed; with its last handle the room is left on this connection."""
        feed.holders -= 1
        if feed.holders > 0:
            return
        feed.close()
        if self._feeds.get(feed.room) is not feed:
            return
        del self._feeds[feed.room]
        connection = self._link.connection
        if connection is not None and feed.failure is None:
            with suppress(YmeraError):
                await connection.request(RoomUnsubscribe(room=feed.room))

    def attach(self, me: str) -> list[Work]:
        """A connection of member `me` is up; what the rooms do with it."""
        self._me = me
        return [self._following(feed) for feed in self._feeds.values()]

    def detach(self) -> None:
        """The connection is gone."""
        for feed in self._feeds.values():
            feed.detach()

    def fail(self, error: YmeraError) -> None:
        """Nothing will arrive any more."""
        for feed in self._feeds.values():
            feed.fail(error)

    def lay_over(self, command_id: str, changes: Iterable[Optimistic]) -> None:
        """Show a command's changes in those of their rooms that are followed."""
        by_room: dict[str, list[Optimistic]] = {}
        for change in changes:
            by_room.setdefault(change.room, []).append(change)
        for room, own in by_room.items():
            if (feed := self._feeds.get(room)) is not None:
                feed.lay_over(command_id, own)

    def settle(self, command_id: str, error: YmeraError | None) -> None:
        """A command was carried out, or refused."""
        for feed in self._feeds.values():
            feed.settle(command_id, error)

    def route(self, name: str, data: Any) -> Presence | Typing | None:
        """Give a message to its rooms; presence and typing are also returned.

        ValidationError if it is malformed.
        """
        match name:
            case "event":
                self._receive([msgspec.convert(data, LoggedEvent)])
            case "events":
                self._receive(msgspec.convert(data, list[LoggedEvent]))
            case "heads":
                self._hear(msgspec.convert(data, Heads))
            case "lagging":
                self._hear(msgspec.convert(data, Lagging))
            case "presence":
                presence = msgspec.convert(data, Presence)
                if (feed := self._feeds.get(presence.room)) is not None:
                    feed.see(presence)
                return presence
            case "typing":
                typing = msgspec.convert(data, Typing)
                if (feed := self._feeds.get(typing.room)) is not None:
                    feed.see_typing(typing)
                return typing
        return None

    def _following(self, feed: Feed) -> Work:
        async def follow(connection: Connection) -> None:
            await feed.follow(connection, self._lane, partial(self._link.renew, connection))

        return follow

    def _receive(self, events: Sequence[LoggedEvent]) -> None:
        by_room: dict[str, list[LoggedEvent]] = {}
        for event in events:
            by_room.setdefault(event.room, []).append(event)
        for room, own in by_room.items():
            if (feed := self._feeds.get(room)) is not None:
                feed.receive(own)

    def _hear(self, message: Heads | Lagging) -> None:
        for room, head in message.heads.items():
            if (feed := self._feeds.get(room)) is not None:
                feed.hear(head)

    def _progressed(self, feed: Feed, progress: Progress) -> None:
        self._arrived(progress.events)
        for event in progress.events:
            if (lost := self._shut(feed, event)) is not None:
                lost.fail(Evicted(f"You were removed from room {lost.room}.", data={"room": lost.room}))
        self._moved()

    def _shut(self, feed: Feed, event: LoggedEvent) -> Feed | None:
        """The feed of the room that this event shuts us out of, unless a later one has let us in again."""
        confirmed = feed.state
        if event.type == MembershipRemoved.TYPE:
            room = event.data["room_id"]
            if confirmed.get("memberships", room) is None and (lost := self._feeds.get(room)) is not None:
                return None if self._let_in_since(lost, event) else lost
        elif event.type == ParticipantRemoved.TYPE and event.data["member_id"] == self._me:
            return None if confirmed.get("participants", event.data["member_id"]) else feed
        return None

    def _let_in_since(self, feed: Feed, removal: LoggedEvent) -> bool:
        """Whether the room itself, whose log may be ahead of the inbox, knows better; or its join will."""
        if not feed.known:
            return True
        own = feed.state.get("participants", self._me or "")
        return own is not None and datetime.fromisoformat(own["joined_at"]) > removal.at
