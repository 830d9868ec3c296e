"""Renewing a connection's credentials without leaving it: what `session.refresh` does."""

import time

from persistence.database import Pool
from protocol.errors import ApiError, ErrorCode
from protocol.sessions import Refreshed, SessionRefresh
from server.connection import Connection
from server.credentials import authenticate, sign_in_caller
from server.keys import Keyring
from server.signin import SignIn


class Renewal:
    """Renews by an access token that was got by REST, or by a refresh token."""

    def __init__(self, pool: Pool, keyring: Keyring, sign_in: SignIn) -> None:
        self._pool = pool
        self._keyring = keyring
        self._sign_in = sign_in

    async def __call__(self, connection: Connection, command: SessionRefresh) -> Refreshed:
        """Fresh credentials of the same member; ApiError `unauthenticated` where they are refused."""
        if command.access_token is not None:
            return await self._by_access_token(connection, command.access_token)
        assert command.refresh_token is not None
        return await self._by_refresh_token(connection, command.refresh_token)

    async def _by_access_token(self, connection: Connection, token: str) -> Refreshed:
        found = await authenticate(self._pool, self._keyring, token, connection.caller.correlation_id)
        _same(connection, found.me.id)
        connection.renew(found.caller, found.expires_at)
        return Refreshed(
            access_token=token,
            expires_in=max(0, int(found.expires_at - time.time())),
            refresh_token=None,
            me=found.me,
        )

    async def _by_refresh_token(self, connection: Connection, token: str) -> Refreshed:
        signed_in = await self._sign_in.refresh(token)
        fresh = signed_in.credentials
        _same(connection, fresh.me.id)
        caller = sign_in_caller(fresh.me.id, signed_in.session_id, connection.caller.correlation_id)
        connection.renew(caller, time.time() + fresh.expires_in)
        return Refreshed(
            access_token=fresh.access_token,
            expires_in=fresh.expires_in,
            refresh_token=fresh.refresh_token,
            me=fresh.me,
        )


def _same(connection: Connection, member_id: str) -> None:
    if member_id != connection.member_id:
        raise ApiError(
            ErrorCode.UNAUTHENTICATED, "This token is another member's; open a connection of theirs."
        )
