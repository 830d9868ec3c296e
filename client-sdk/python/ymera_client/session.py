"""Who the client is to the server, and how it stays so while access tokens run out.

A renewal is made once however many ask for it: everybody names the token that has become useless, and
finds a newer one if somebody else was faster.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol, TypeAlias

import msgspec

from ymera_client.errors import Internal, Unauthenticated, YmeraError
from ymera_client.generated import Credentials, Login, Refresh, Refreshed, SessionRefresh
from ymera_client.rest import Rest

MARGIN = 5.0
"""Seconds before its end at which a token counts as run out, since a request takes time."""
SIGN_OUT_TIMEOUT = 2.0
"""Seconds that signing out may hold up the end of the program."""

InBand: TypeAlias = Callable[[SessionRefresh], Awaitable[Any]]
"""Sends `session.refresh` over the live connection and gives the plain result."""


class Session(Protocol):
    """Gives out access tokens."""

    @property
    def renewable(self) -> bool:
        """Whether `renew` can succeed at all."""

    @property
    def seconds_left(self) -> float | None:
        """How long the access token is good for; None if it does not run out, or cannot be renewed."""

    async def token(self, rest: Rest) -> str:
        """A token to connect with. Unauthenticated if the credentials are refused."""

    async def renew(self, stale: str, rest: Rest, in_band: InBand | None = None) -> str:
        """A token newer than `stale`; with `in_band`, the connection uses it from then on."""

    async def end(self, rest: Rest) -> None:
        """Leave nothing behind on the server that only this session needed."""


class ProgramToken:
    """A program's own token (`ymt_…`). It lasts until it expires or is revoked; nothing renews it."""

    renewable = False
    seconds_left = None

    def __init__(self, token: str) -> None:
        self._token = token

    def __repr__(self) -> str:
        return "ProgramToken(…)"

    async def token(self, rest: Rest) -> str:  # noqa: ARG002 - the protocol's signature
        """The token."""
        return self._token

    async def bearer(self, rest: Rest, stale: str | None = None) -> str:
        """The token. Unauthenticated if it is the one that was refused."""
        return await (self.token(rest) if stale is None else self.renew(stale, rest))

    async def renew(self, stale: str, rest: Rest, in_band: InBand | None = None) -> str:  # noqa: ARG002
        """Unauthenticated, always."""
        raise Unauthenticated("The program's token has run out or was revoked. Make a new one.")

    async def end(self, rest: Rest) -> None:
        """The token stays: it is not ours to revoke."""


class PasswordSession:
    """Signs in with email and password, and again whenever the server has forgotten the session."""

    renewable = True

    def __init__(self, email: str, password: str) -> None:
        self._login = Login(email=email, password=password)
        self._access: str | None = None
        self._refresh: str | None = None
        self._ends = 0.0
        self._one_at_a_time = asyncio.Lock()

    @property
    def seconds_left(self) -> float:
        """How long the access token is good for."""
        return self._ends - time.monotonic()

    def __repr__(self) -> str:
        return f"PasswordSession({self._login.email!r})"

    async def token(self, rest: Rest) -> str:
        """The access token, from a new sign-in or a renewal where that is needed."""
        async with self._one_at_a_time:
            if self._access is None or time.monotonic() > self._ends - MARGIN:
                return await self._renewed(rest, None)
            return self._access

    async def renew(self, stale: str, rest: Rest, in_band: InBand | None = None) -> str:
        """A token newer than `stale`. Unauthenticated if email and password are refused now."""
        async with self._one_at_a_time:
            if self._access is not None and self._access != stale:
                return self._access
            return await self._renewed(rest, in_band)

    async def end(self, rest: Rest) -> None:
        """Sign out, if the server can be reached; the session would run out by itself."""
        if self._refresh is not None:
            with suppress(YmeraError, TimeoutError):
                async with asyncio.timeout(SIGN_OUT_TIMEOUT):
                    await rest.post("/api/auth/logout", Refresh(refresh_token=self._refresh))

    async def _renewed(self, rest: Rest, in_band: InBand | None) -> str:
        if self._refresh is not None:
            try:
                return await self._refreshed(self._refresh, rest, in_band)
            except Unauthenticated:
                self._refresh = None
        access = self._keep(await rest.post("/api/auth/login", self._login), Credentials)
        if in_band is not None:
            await in_band(SessionRefresh(access_token=access))
        return access

    async def _refreshed(self, refresh: str, rest: Rest, in_band: InBand | None) -> str:
        if in_band is not None:
            return self._keep(await in_band(SessionRefresh(refresh_token=refresh)), Refreshed)
        answer = await rest.post("/api/auth/refresh", Refresh(refresh_token=refresh))
        return self._keep(answer, Credentials)

    def _keep(self, answer: Any, shape: type[Credentials] | type[Refreshed]) -> str:
        try:
            got = msgspec.convert(answer, shape)
        except msgspec.ValidationError as error:
            raise Internal(f"The server's answer to a sign-in cannot be read: {error}.") from error
        self._access = got.access_token
        self._refresh = got.refresh_token or self._refresh
        self._ends = time.monotonic() + got.expires_in
        return got.access_token
