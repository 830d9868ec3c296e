"""From a presented token to who presents it, for REST and Socket.IO alike.

Access tokens are checked against their sign-in each time, so that one which was ended is refused at once
and not when the token runs out.
"""

from dataclasses import dataclass

from handlers.dispatch import Caller
from persistence import members, sessions, tokens
from persistence.database import Pool
from persistence.ids import secret_hash
from protocol.errors import ApiError, ErrorCode
from protocol.members import Member
from protocol.registry import Scope
from server.keys import Keyring

MAX_TOKEN_LENGTH = 4_096


@dataclass(frozen=True, slots=True)
class Identified:
    """Who stands behind a token, and how long it is good for."""

    caller: Caller
    me: Member
    expires_at: float
    """Seconds since the epoch."""
    program: bool
    """Whether it is a program's token, which cannot be refreshed."""
    inbox_head: int
    """The last event of the member's inbox of which the answer knows."""


async def authenticate(pool: Pool, keyring: Keyring, token: str, correlation_id: str) -> Identified:
    """Who presents an access token or a program's token.

    ApiError `token_expired` for an access token to refresh, `unauthenticated` for every other fault.
    """
    if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
        raise _refused("This is no token of this server; sign in again.")
    if token.startswith(tokens.PREFIX):
        return await _program(pool, token, correlation_id)
    claims = await keyring.verify(token)
    held = await sessions.holder(pool, claims.session_id, claims.rotation)
    if held is None or held[0] != claims.member_id:
        raise _refused("This sign-in has ended; sign in again.")
    member_id, inbox_head = held
    caller = sign_in_caller(member_id, claims.session_id, correlation_id)
    me = await _active(pool, member_id)
    return Identified(caller, me, claims.expires_at, program=False, inbox_head=inbox_head)


def sign_in_caller(member_id: str, session_id: str, correlation_id: str) -> Caller:
    """Somebody signed in, who may do all that their role allows."""
    return Caller(member_id, session_id, Scope.ADMIN, correlation_id)


async def _program(pool: Pool, secret: str, correlation_id: str) -> Identified:
    token = await tokens.present(pool, secret_hash(secret))
    if token is None:
        raise _refused("This token is unknown or was revoked; make a new one.")
    if token.expired:
        raise _refused("This token has expired; make a new one.")
    caller = Caller(token.member_id, token.id, token.scope, correlation_id)
    me = await _active(pool, token.member_id)
    expires_at = token.expires_at.timestamp()
    return Identified(caller, me, expires_at, program=True, inbox_head=token.inbox_head)


async def _active(pool: Pool, member_id: str) -> Member:
    member = await members.get(pool, member_id, email=True)
    if member is None or not member.active:
        raise _refused("This account has been removed.")
    return member


def _refused(why: str) -> ApiError:
    return ApiError(ErrorCode.UNAUTHENTICATED, why)
