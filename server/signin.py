"""Signing in and staying signed in: register, log in, refresh, log out.

Invariants: an answer does not tell whether an account exists; a sign-in and the events of its making and
ending are one transaction, published after commit; what is thrown because of a theft is thrown after commit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import structlog

from handlers import accounts
from handlers.dispatch import Publish, publish_committed
from persistence import members, sessions
from persistence.database import Connection, Pool, clock, domain_error
from persistence.ids import new_id, secret_hash
from protocol.accounts import Credentials, Login, PasswordChange, Register
from protocol.errors import ApiError, ErrorCode
from protocol.rooms import LoggedEvent
from server import throttle
from server.keys import Keyring, derive
from server.passwords import Passwords
from server.refresh import RefreshTokens, Verdict
from server.settings import Settings, secret_key
from server.throttle import Throttle

logger = structlog.get_logger(__name__)

MAX_USER_AGENT = 300


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from; the list of sign-ins shows it."""

    address: str
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in with fresh credentials, refresh token included."""

    session_id: str
    credentials: Credentials


class SignIn:
    """What the routes under /api/auth and `session.refresh` do."""

    def __init__(
        self, pool: Pool, publish: Publish, keyring: Keyring, limits: Throttle, settings: Settings
    ) -> None:
        self._pool = pool
        self._publish = publish
        self._keyring = keyring
        self._limits = limits
        self._passwords = Passwords()
        self._refresh_tokens = RefreshTokens(derive(secret_key(settings), b"refresh-tokens"))
        self._stay = timedelta(days=settings.refresh_token_days)

    def close(self) -> None:
        """Stop the threads that hash passwords."""
        self._passwords.close()

    async def register(self, wanted: Register, origin: Origin) -> SignedIn:
        """Make an account with an invitation or the set-up link, and sign in to it.

        ApiError `forbidden` without a secret that is good for it, `conflict` for a taken address.
        """
        taken = [
            (throttle.REGISTER_ADDRESS, throttle.subject_of(origin.address)),
            (throttle.REGISTER_ACCOUNT, wanted.email.casefold()),
        ]
        await self._limits.take_all(taken)
        secret = await accounts.expect(self._pool, wanted.invite, wanted.email)
        password_hash = await self._passwords.hash(wanted.password)
        try:
            async with self._pool.acquire() as tx, tx.transaction():
                now = await clock(tx)
                member, events = await accounts.join(
                    tx, secret, name=wanted.name, email=wanted.email, password_hash=password_hash, now=now
                )
                opened = await self._open(tx, member.id, origin, now)
        except asyncpg.UniqueViolationError as error:
            raise domain_error(error) or error from None
        await publish_committed(self._publish, events)
        await self._limits.give_back_all(taken)
        return await self._signed_in(member.id, *opened)

    async def login(self, wanted: Login, origin: Origin) -> SignedIn:
        """Sign in; ApiError `unauthenticated`, in the same words and time for whatever is wrong."""
        taken = [
            (throttle.LOGIN_ADDRESS, throttle.subject_of(origin.address)),
            (throttle.LOGIN_ACCOUNT, wanted.email.casefold()),
        ]
        await self._limits.take_all(taken)
        account = await members.account(self._pool, wanted.email)
        stored = None if account is None else account.password_hash
        matches = await self._passwords.verify(stored, wanted.password)
        if account is None or stored is None or not matches:
            raise ApiError(ErrorCode.UNAUTHENTICATED, "The email address or the password is wrong.")
        async with self._pool.acquire() as tx, tx.transaction():
            now = await clock(tx)
            opened = await self._open(tx, account.member_id, origin, now)
            events = await accounts.end_surplus(tx, account.member_id, now)
        await publish_committed(self._publish, events)
        await self._limits.give_back_all(taken)
        return await self._signed_in(account.member_id, *opened)

    async def change_password(self, member_id: str, session_id: str | None, wanted: PasswordChange) -> None:
        """Replace a password by a new one, and end the member's sign-ins but this one.

        ApiError `forbidden` if the current password is wrong.
        """
        taken = [(throttle.LOGIN_ACCOUNT, member_id)]
        await self._limits.take_all(taken)
        stored = await members.password_hash(self._pool, member_id)
        if not await self._passwords.verify(stored, wanted.current):
            raise ApiError(ErrorCode.FORBIDDEN, "The current password is wrong.")
        password_hash = await self._passwords.hash(wanted.new)
        async with self._pool.acquire() as tx, tx.transaction():
            await members.set_password(tx, member_id, password_hash)
            now = await clock(tx)
            events = await accounts.end_all_sessions(tx, member_id, now, but=session_id)
        await publish_committed(self._publish, events)
        await self._limits.give_back_all(taken)

    async def refresh(self, token: str, *, cookie: bool = False) -> SignedIn:
        """Fresh credentials for a refresh token, which is replaced; an older one ends the sign-in.

        `cookie`: the token is shared by the tabs of a browser, which ask at the same time. ApiError
        `unauthenticated`, or `unavailable` where a second try will have the newest cookie.
        """
        session_id = self._refresh_tokens.session_of(token)
        if session_id is None:
            raise _ended()
        await self._limits.take(throttle.REFRESH_SESSION, session_id)
        async with self._pool.acquire() as tx, tx.transaction():
            session = await sessions.lock(tx, session_id)
            if session is None:
                raise _ended()
            now = await clock(tx)
            verdict = self._refresh_tokens.judge(session, token, now)
            newest = self._refresh_tokens.next(token)
            events: list[LoggedEvent] = []
            if verdict is Verdict.NEWEST:
                await sessions.rotate(
                    tx, session.id, secret_hash(newest), now=now, expires_at=now + self._stay
                )
            elif verdict is Verdict.OVERTAKEN and cookie:
                raise _overtaken()
            elif verdict is not Verdict.RETRY:
                events = await accounts.end_session(tx, session.member_id, session.id, now)
        await publish_committed(self._publish, events)
        if events:
            logger.warning("refresh_token_reused", session=session.id, member=session.member_id)
            raise _ended()
        return await self._signed_in(session.member_id, session.id, newest)

    async def logout(self, token: str) -> None:
        """End the sign-in of a refresh token; done also if it has ended before."""
        session_id = self._refresh_tokens.session_of(token)
        if session_id is None:
            return
        async with self._pool.acquire() as tx, tx.transaction():
            session = await sessions.lock(tx, session_id)
            if session is None:
                return
            events = await accounts.end_session(tx, session.member_id, session.id, await clock(tx))
        await publish_committed(self._publish, events)

    async def _open(self, tx: Connection, member_id: str, origin: Origin, now: datetime) -> tuple[str, str]:
        """A new sign-in: its id and its first refresh token."""
        session_id = new_id()
        token = self._refresh_tokens.first(session_id)
        await sessions.insert(
            tx,
            session_id,
            member_id,
            secret_hash(token),
            address=origin.address,
            user_agent=origin.user_agent[:MAX_USER_AGENT],
            now=now,
            expires_at=now + self._stay,
        )
        return session_id, token

    async def _signed_in(self, member_id: str, session_id: str, refresh_token: str) -> SignedIn:
        me = await members.get(self._pool, member_id, email=True)
        if me is None or not me.active:
            raise _ended()
        access_token = await self._keyring.issue(member_id, session_id, secret_hash(refresh_token))
        credentials = Credentials(
            access_token=access_token,
            expires_in=self._keyring.lifetime_seconds,
            refresh_token=refresh_token,
            me=me,
        )
        return SignedIn(session_id, credentials)


def _ended() -> ApiError:
    return ApiError(ErrorCode.UNAUTHENTICATED, "This sign-in has ended; sign in again.")


def _overtaken() -> ApiError:
    return ApiError(
        ErrorCode.UNAVAILABLE, "Another tab has just renewed this sign-in; try again.", retry_after=0
    )
