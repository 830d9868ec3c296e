"""The REST surface as one table: accounts, sign-in, tokens, files' bytes, what operators and tools read.

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
from protocol.files import FileInfo

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
    """One route. A path's `{id}` is an id, other names are text; `answer` is null where there is no JSON."""

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
    raw: bool = False
    """Bytes go in or out: the handler reads the body and answers itself; there is no deadline for both."""
    sends: str = ""
    """The type of the bytes that go in."""
    query: tuple[tuple[str, str], ...] = ()
    """Names and meanings of what can stand behind the path's question mark, none of it always needed."""
    also: tuple[tuple[int, str], ...] = ()
    """Further statuses, and what they mean."""

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


_TUS = (("Tus-Resumable", "tus: 1.0.0."),)
_TUS_BYTES = (("Upload-Checksum", "tus: algorithm and Base64 of the body's hash, of sha256, sha1 and md5."),)
_TUS_LENGTH = (("Upload-Length", "tus: bytes of the whole."),)
_TUS_STATUSES = (
    (410, "The upload has expired."),
    (412, "Another version of tus is asked for."),
    (423, "Another request is at the upload and does not let go; try again."),
)
_TUS_ENDINGS = (
    (408, "Nothing came for a minute."),
    (415, "The body is not of the type that tus gives bytes."),
    (422, "The file may not be, for a reason that stays; `error` says which."),
    (460, "The bytes do not have the checksum, and were thrown away."),
)
_RANGE = (
    ("Range", "Which bytes; of several ranges none is heeded."),
    ("If-Range", "The range holds only of a content with this ETag."),
    ("If-None-Match", "An ETag that is known."),
)
_CONTENT_STATUSES = (
    (206, "The bytes that were asked for."),
    (302, "Where the bytes are, if the store sends them itself."),
    (304, "It is what you have."),
    (416, "There are no such bytes."),
)
_NUMBER = (("number", "Of which version; the newest, if none is named."),)
_UPLOAD_REFUSALS = (ErrorCode.INVALID, ErrorCode.FORBIDDEN, ErrorCode.NOT_FOUND, ErrorCode.TOO_LARGE)


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
    Route(
        "POST",
        "/api/files",
        "Make a file of the body, of at most 64 MiB. Not in a sealed room.",
        auth=Auth.BEARER,
        raw=True,
        sends="application/octet-stream",
        query=(
            ("room", "Where it goes: a project, channel or conversation."),
            ("filename", "What it is called."),
            ("folder", "In which folder, as a/b."),
            ("task_id", "At which task."),
            ("run_id", "As an agent: the run that made it."),
            ("file_id", "Of which file it is a new version."),
            ("conflict", "What to do if the name is taken: rename, version or refuse."),
            ("sha256", "What the body must be, in hexadecimal digits."),
        ),
        answer=FileInfo,
        status=201,
        errors=_UPLOAD_REFUSALS,
        also=(*_TUS_ENDINGS[:1], *_TUS_ENDINGS[2:]),
    ),
    Route("OPTIONS", "/api/files/uploads", "What this server knows of tus.", raw=True, status=204),
    Route(
        "POST",
        "/api/files/uploads",
        "Begin an upload by tus 1.0. Its metadata are what the query of `POST /api/files` is; in a sealed "
        "room `room` and `object_id` alone, the new object's id.",
        auth=Auth.BEARER,
        raw=True,
        sends="application/offset+octet-stream",
        headers=(
            *_TUS,
            *_TUS_LENGTH,
            ("Upload-Defer-Length", "tus: 1, if the length is not known yet."),
            ("Upload-Metadata", "tus: names, and values in Base64."),
            ("Upload-Concat", "tus: `partial`, or `final;` and the addresses of the parts."),
            *_TUS_BYTES,
        ),
        status=201,
        errors=_UPLOAD_REFUSALS,
        also=(_TUS_STATUSES[1], *_TUS_ENDINGS),
    ),
    Route(
        "POST",
        "/api/files/uploads/{id}",
        "Do what X-HTTP-Method-Override says: HEAD, PATCH or DELETE.",
        auth=Auth.BEARER,
        raw=True,
        sends="application/offset+octet-stream",
        headers=(("X-HTTP-Method-Override", "HEAD, PATCH or DELETE."), *_TUS),
        errors=_UPLOAD_REFUSALS,
        also=((204, "Done."), (405, "No such method."), *_TUS_STATUSES, *_TUS_ENDINGS),
    ),
    Route(
        "HEAD",
        "/api/files/uploads/{id}",
        "How far an upload is. A whole one that was interrupted becomes a file now.",
        auth=Auth.BEARER,
        raw=True,
        headers=_TUS,
        errors=_UPLOAD_REFUSALS,
        also=(*_TUS_STATUSES, *_TUS_ENDINGS[2:]),
    ),
    Route(
        "PATCH",
        "/api/files/uploads/{id}",
        "Send further bytes. The answer to the last ones has the file's id in YMERA-File.",
        auth=Auth.BEARER,
        raw=True,
        sends="application/offset+octet-stream",
        headers=(*_TUS, ("Upload-Offset", "tus: how many bytes are there."), *_TUS_LENGTH, *_TUS_BYTES),
        status=204,
        errors=_UPLOAD_REFUSALS,
        also=((409, "The offset is another; HEAD says which."), *_TUS_STATUSES, *_TUS_ENDINGS),
    ),
    Route(
        "DELETE",
        "/api/files/uploads/{id}",
        "End an upload and remove what has come; a file that it has become stays.",
        auth=Auth.BEARER,
        raw=True,
        headers=_TUS,
        status=204,
        errors=(ErrorCode.NOT_FOUND,),
        also=_TUS_STATUSES,
    ),
    *(
        Route(
            method,
            path,
            summary,
            auth=auth,
            raw=True,
            query=query,
            headers=_RANGE,
            media="*/*",
            errors=(ErrorCode.FORBIDDEN, ErrorCode.NOT_FOUND),
            also=_CONTENT_STATUSES,
        )
        for path, summary, auth, query in (
            ("/api/files/{id}/content", "A file's content.", Auth.BEARER, _NUMBER),
            ("/api/files/objects/{id}/content", "An object of a sealed room, encrypted.", Auth.BEARER, ()),
            ("/api/files/{id}/previews/{name}", "A picture of a file.", Auth.BEARER, _NUMBER),
            ("/api/files/links/{token}", "What a link leads to: see `file.link`.", Auth.NONE, ()),
        )
        for method in ("GET", "HEAD")
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
