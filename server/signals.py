"""Commands that concern only the connection they come from: presence, typing, credentials."""

from collections.abc import Awaitable, Callable
from typing import Any

from protocol.errors import invalid, not_found
from protocol.presence import PresenceList, PresenceSet, Typing, TypingSet
from protocol.rooms import RoomUnsubscribe
from protocol.sessions import Refreshed, SessionRefresh
from protocol.wire import encode
from server.connection import Connection
from server.hub import Hub

NOTHING = b"null"

Refresh = Callable[[Connection, SessionRefresh], Awaitable[Refreshed]]
"""Renews a connection's credentials, on it and in the database."""


class Signals:
    """What each signal does. A room must have been joined on the connection: that was authorised."""

    def __init__(self, hub: Hub, refresh: Refresh) -> None:
        self._hub = hub
        self._refresh = refresh
        self.immediate: dict[str, Callable[[Connection, Any], bytes]] = {
            "presence.list": self._list_present,
            "presence.set": self._set_presence,
            "room.unsubscribe": self._unsubscribe,
            "typing.set": self._type,
        }
        """The signals that wait for nothing: each returns its reply as JSON, or raises ApiError."""

    async def refresh(self, connection: Connection, command: SessionRefresh) -> Refreshed:
        """Renew a connection's credentials."""
        if (command.refresh_token is None) == (command.access_token is None):
            raise invalid("Send either refresh_token or access_token.", "refresh_token")
        return await self._refresh(connection, command)

    def _list_present(self, connection: Connection, command: PresenceList) -> bytes:
        _joined(connection, command.room)
        return self._hub.presence.shown(command.room)

    def _set_presence(self, connection: Connection, command: PresenceSet) -> bytes:
        connection.status = command.status
        for room in connection.rooms:
            if room != connection.member_id:
                self._hub.presence.enter(room, connection.sid, connection.member_id, command.status)
        return NOTHING

    def _unsubscribe(self, connection: Connection, command: RoomUnsubscribe) -> bytes:
        self._hub.leave(connection, command.room)
        return NOTHING

    def _type(self, connection: Connection, command: TypingSet) -> bytes:
        _joined(connection, command.room)
        typing = Typing(
            room=command.room,
            member_id=connection.member_id,
            thread_id=command.thread_id,
            typing=command.typing,
        )
        self._hub.fanout.tell("typing", command.room, encode(typing))
        return NOTHING


def _joined(connection: Connection, room: str) -> None:
    if room not in connection.rooms:
        raise not_found("room among those this connection has joined")
