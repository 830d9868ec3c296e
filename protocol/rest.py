"""The REST surface as one table: accounts, sign-in, tokens, and what operators and tools read.

The server serves exactly these routes, the OpenAPI document describes them, and a test compares.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from protocol.accounts import (
    Credentials,
    Login,
    Me,
    PasswordChange,
    Refresh,
    Register,
    SessionsInfo,
    SetupInfo,
    TokenCreate,
    TokenCreated,
    TokensInfo,
)
from protocol.errors import ErrorBody, ErrorCode
from protocol.fields import Id

SESSION_COOKIE = "ymera_session"
"""The HttpOnly cookie that keeps a browser's refresh token."""
CSRF_HEADER = "X-YMERA-CSRF"
"""What a request must carry, with the value 1, if it relies on the cookie; no foreign page can add it."""


class Auth(StrEnum):
    """What a route asks of its caller."""

    NONE = "none"
    """Anybody."""
    BEARER = "bearer"
    """`Authorization: Bearer` with an access token or a program's token."""
    PERSON = "person"
    """`Authorization: Bearer` with an access token; a program's token is `forbidden`."""
    REFRESH = "refresh"
    """A refresh token in the body, or the session cookie together with the CSRF header."""


_ANY_TIME = (ErrorCode.DEADLINE_EXCEEDED, ErrorCode.UNAVAILABLE, ErrorCode.INTERNAL)


@dataclass(frozen=True, slots=True)
class Route:
    """One route. A path's `{id}` is an id; `answer` is null where there is no body (status 204)."""

    method: str
    path: str
    summary: str
    auth: Auth = Auth.NONE
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    """Names and meanings of those that it reads, none of them always needed."""
    signed: bool = False
    """The handler reads the body itself, byte by byte as it was signed."""
    answer: Any = None
    status: int = 200
    errors: tuple[ErrorCode, ...] = ()
    """Those of its own; `all_errors` adds what any route like it can answer."""
    media: str = "application/json"
    or_status: int | None = None
    """Another status with the same body."""

    @property
    def all_errors(self) -> tuple[ErrorCode, ...]:
        """Every code that this route answers, in the order of their declaration."""
        codes = {*self.errors, ErrorCode.RATE_LIMITED, *_ANY_TIME}
        if self.body is not None or "{" in self.path:
            codes |= {ErrorCode.INVALID}
        if self.body is not None:
            codes |= {ErrorCode.TOO_LARGE}
        if self.auth is not Auth.NONE:
            codes |= {ErrorCode.UNAUTHENTICATED, ErrorCode.TOKEN_EXPIRED}
        if self.auth in {Auth.PERSON, Auth.REFRESH}:
            codes |= {ErrorCode.FORBIDDEN}
        return tuple(code for code in ErrorCode if code in codes)


class Health(Struct, frozen=True, kw_only=True):
    """How a node is."""

    status: str
    """`live`, `ready` or `not ready`."""
    checks: dict[str, str] = field(default_factory=dict)
    """What readiness stands on, each with `ok` or what is wrong."""


class Fired(Struct, frozen=True, kw_only=True):
    """What came of a webhook."""

    run_id: Id | None
    """The run that it started, now or when it came first."""
    error: str
    """Why it started none now; empty if it did, or has come before."""
    repeated: bool
    """It has come before, and nothing was done again."""


class Problem(Struct, frozen=True, kw_only=True):
    """The body of every answer with a status of 400 and above."""

    error: ErrorBody


ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/api/auth/register",
        "Make an account with an invitation's secret, or the first one with that of the set-up link.",
        body=Register,
        answer=Credentials,
        status=201,
        errors=(ErrorCode.FORBIDDEN, ErrorCode.CONFLICT, ErrorCode.LIMIT_EXCEEDED),
    ),
    Route(
        "POST",
        "/api/auth/login",
        "Sign in with an email address and a password.",
        body=Login,
        answer=Credentials,
        errors=(ErrorCode.UNAUTHENTICATED, ErrorCode.FORBIDDEN),
    ),
    Route(
        "POST",
        "/api/auth/refresh",
        "Renew an access token. The refresh token is replaced too; using an old one again ends the session.",
        auth=Auth.REFRESH,
        body=Refresh,
        answer=Credentials,
    ),
    Route(
        "POST",
        "/api/auth/logout",
        "End the session of this refresh token or cookie. Done also if it has ended before.",
        auth=Auth.REFRESH,
        body=Refresh,
        status=204,
    ),
    Route(
        "POST",
        "/api/auth/password",
        "Change your password. Your other sign-ins end.",
        auth=Auth.PERSON,
        body=PasswordChange,
        status=204,
        errors=(ErrorCode.FORBIDDEN,),
    ),
    Route("GET", "/api/auth/me", "Who you are, and where.", auth=Auth.BEARER, answer=Me),
    Route("GET", "/api/auth/sessions", "Where you are signed in.", auth=Auth.PERSON, answer=SessionsInfo),
    Route(
        "DELETE",
        "/api/auth/sessions/{id}",
        "End one of your sessions: its tokens stop working and its connections close.",
        auth=Auth.PERSON,
        status=204,
        errors=(ErrorCode.NOT_FOUND,),
    ),
    Route("GET", "/api/tokens", "Your programs' tokens.", auth=Auth.PERSON, answer=TokensInfo),
    Route(
        "POST",
        "/api/tokens",
        "Make a token for a program. Its secret is in this answer and nowhere else.",
        auth=Auth.PERSON,
        body=TokenCreate,
        answer=TokenCreated,
        status=201,
        errors=(ErrorCode.LIMIT_EXCEEDED,),
    ),
    Route(
        "DELETE",
        "/api/tokens/{id}",
        "Revoke a token: it stops working and its connections close.",
        auth=Auth.PERSON,
        status=204,
        errors=(ErrorCode.NOT_FOUND,),
    ),
    Route(
        "POST",
        "/api/hooks/{id}",
        "Fire a trigger, whose id this is. Signed with its secret, as Standard Webhooks or GitHub have it.",
        body=dict[str, Any],
        signed=True,
        headers=(
            ("webhook-id", "Standard Webhooks: of the delivery; nothing is done again for the same."),
            ("webhook-timestamp", "Standard Webhooks: seconds since 1970, at most five minutes off."),
            ("webhook-signature", "Standard Webhooks: `v1,` and Base64; of several, one must be right."),
            ("X-GitHub-Delivery", "GitHub: of the delivery; nothing is done again for the same."),
            ("X-Hub-Signature-256", "GitHub: `sha256=` and hexadecimal digits."),
        ),
        answer=Fired,
        errors=(ErrorCode.NOT_FOUND,),
    ),
    Route("GET", "/api/setup", "Whether this server waits for its first account.", answer=SetupInfo),
    Route(
        "GET",
        "/.well-known/jwks.json",
        "The public keys of access tokens, as a JSON Web Key Set.",
        answer=dict[str, Any],
    ),
    Route("GET", "/health/live", "Whether the process runs.", answer=Health),
    Route(
        "GET",
        "/health/ready",
        "Whether this node should get work; if not, 503.",
        answer=Health,
        or_status=503,
    ),
    Route("GET", "/metrics", "Metrics for Prometheus.", answer=str, media="text/plain"),
    Route("GET", "/api/openapi.json", "The REST surface, as OpenAPI.", answer=dict[str, Any]),
    Route("GET", "/api/asyncapi.json", "The Socket.IO surface, as AsyncAPI.", answer=dict[str, Any]),
)
