"""Commands that concern only the connection they come from: presence, typing, credentials."""

from collections.abc import Awaitable, Callable
from typing import Any

from protocol.errors import ApiError, ErrorCode, invalid, not_found
from protocol.presence import Presence, PresenceList, PresenceSet, Typing, TypingSet
from protocol.registry import Command
from protocol.rooms import RoomUnsubscribe
from protocol.sessions import Refreshed, SessionRefresh
from protocol.wire import encode
from server.connection import Connection
from server.hub import Hub

Refresh = Callable[[Connection, SessionRefresh], Awaitable[Refreshed]]
"""Renews a connection's credentials, on it and in the database."""


class Signals:
    """What each signal does. A room must have been joined on the connection: that was authorised."""

    def __init__(self, hub: Hub, refresh: Refresh) -> None:
        self._hub = hub
        self._refresh = refresh

    immediate = frozenset({"presence.set", "presence.list", "typing.set", "room.unsubscribe"})
    """The signals that wait for nothing."""

    def run(self, connection: Connection, command: Command[Any]) -> Any:
        """Carry out an immediate signal and return its reply; ApiError where it is refused."""
        match command:
            case PresenceList(room=room):
                self._joined(connection, room)
                return Presence(room=room, joined=self._hub.presence.shown(room), left=[])
            case TypingSet(room=room):
                self._joined(connection, room)
                typing = Typing(
                    room=room,
                    member_id=connection.member_id,
                    thread_id=command.thread_id,
                    typing=command.typing,
                )
                self._hub.fanout.tell("typing", room, encode(typing))
            case PresenceSet(status=status):
                connection.status = status
                for room in self._present_rooms(connection):
                    self._hub.presence.enter(room, connection.sid, connection.member_id, status)
            case RoomUnsubscribe(room=room):
                self._hub.leave(connection, room)
            case _:
                raise ApiError(ErrorCode.INTERNAL, "This signal has no handler.")
        return None

    async def refresh(self, connection: Connection, command: SessionRefresh) -> Refreshed:
        """Renew a connection's credentials."""
        if (command.refresh_token is None) == (command.access_token is None):
            raise invalid("Send either refresh_token or access_token.", "refresh_token")
        return await self._refresh(connection, command)

    def _joined(self, connection: Connection, room: str) -> None:
        if room not in connection.rooms:
            raise not_found("room among those this connection has joined")

    def _present_rooms(self, connection: Connection) -> list[str]:
        return [room for room in connection.rooms if room != connection.member_id]
