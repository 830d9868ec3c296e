"""Bodies of the REST surface: accounts, sign-in, sessions and programs' tokens."""

from typing import Annotated, dataclass_transform

from msgspec import Meta, Struct

from protocol.fields import Email, Id, Name, Password, Secret, Timestamp
from protocol.members import Member
from protocol.registry import Scope
from protocol.workspace import Workspace


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request's JSON."""


class Register(Body):
    """`POST /api/auth/register`. On a fresh server `invite` is the secret of the set-up link."""

    email: Email
    password: Password
    name: Name
    invite: Secret | None = None
    cookie: bool = False
    """True: keep the refresh token in an HttpOnly cookie and leave it out of the answer."""


class Login(Body):
    """`POST /api/auth/login`."""

    email: Email
    password: Annotated[str, Meta(min_length=1, max_length=256)]
    cookie: bool = False


class PasswordChange(Body):
    """`POST /api/auth/password`. Your other sign-ins end; programs' tokens stay."""

    current: Annotated[str, Meta(min_length=1, max_length=256)]
    new: Password


class Refresh(Body):
    """`POST /api/auth/refresh`. Browsers send an empty object and their cookie."""

    refresh_token: Secret | None = None


class Credentials(Struct, frozen=True, kw_only=True):
    """Signed in. `refresh_token` is null where it went into the cookie."""

    access_token: str
    expires_in: int
    """Seconds."""
    refresh_token: str | None
    me: Member


class Me(Struct, frozen=True, kw_only=True):
    """`GET /api/auth/me`."""

    me: Member
    workspace: Workspace


class SessionInfo(Struct, frozen=True, kw_only=True):
    """One sign-in of yours."""

    id: Id
    created_at: Timestamp
    last_used_at: Timestamp
    expires_at: Timestamp
    address: str
    user_agent: str
    current: bool


class SessionsInfo(Struct, frozen=True, kw_only=True):
    """`GET /api/auth/sessions`."""

    sessions: list[SessionInfo]


class TokenCreate(Body):
    """`POST /api/tokens`. A token acts as you, within `scope`, until it expires or is revoked."""

    name: Name
    scope: Scope = Scope.WRITE
    expires_in_days: Annotated[int, Meta(ge=1, le=366)] = 90


class TokenInfo(Struct, frozen=True, kw_only=True):
    """A program's token, without its secret."""

    id: Id
    name: Name
    scope: Scope
    hint: str
    """The secret's first characters, to recognise it by."""
    created_at: Timestamp
    expires_at: Timestamp
    last_used_at: Timestamp | None


class TokenCreated(Struct, frozen=True, kw_only=True):
    """The new token. `secret` is shown this once."""

    token: TokenInfo
    secret: str


class TokensInfo(Struct, frozen=True, kw_only=True):
    """`GET /api/tokens`."""

    tokens: list[TokenInfo]


class SetupInfo(Struct, frozen=True, kw_only=True):
    """`GET /api/setup`: whether this server still waits for its first account."""

    needs_setup: bool
    workspace: str
