"""The closed set of errors. REST answers, acks and SDK exceptions all carry one of these."""

from enum import StrEnum
from typing import Any

import msgspec


class ErrorCode(StrEnum):
    """What went wrong, in a form that programs branch on."""

    INVALID = "invalid"
    """The request does not fit its declared shape; `data.path` names the field."""
    UNKNOWN_COMMAND = "unknown_command"
    """This server has no command of that name."""
    UNSUPPORTED_PROTOCOL = "unsupported_protocol"
    """This server does not speak the version in `auth.protocol`; `data.supported` lists those it does."""
    UNAUTHENTICATED = "unauthenticated"
    """No credentials, or credentials that are wrong, revoked or malformed."""
    TOKEN_EXPIRED = "token_expired"
    """The access token ran out; refresh it (`session.refresh`) and send again."""
    FORBIDDEN = "forbidden"
    """You can see the thing, but your role does not allow this."""
    NOT_FOUND = "not_found"
    """It does not exist, or you may not know that it does."""
    CONFLICT = "conflict"
    """Somebody was faster, or the name is taken; `data` holds the current state."""
    ILLEGAL_TRANSITION = "illegal_transition"
    """The state machine has no such move; `data.allowed` lists the legal ones."""
    CYCLE = "cycle"
    """The dependency or parent would close a circle; `data.cycle` names its tasks in order."""
    LIMIT_EXCEEDED = "limit_exceeded"
    """A count is at its bound; `data.limit` is that bound."""
    TOO_LARGE = "too_large"
    """The message or body has more bytes than this server takes; `ready` says how many."""
    RATE_LIMITED = "rate_limited"
    """Too many requests; wait `data.retry_after` seconds."""
    FENCED = "fenced"
    """The report is of an attempt that is over: another one has begun, or the run has ended. Stop."""
    RUN_CANCELED = "run_canceled"
    """Somebody has stopped the run; only one last report, `run.complete` or `run.fail`, is accepted."""
    BUDGET_EXHAUSTED = "budget_exhausted"
    """A budget does not bear this; `data.budget` says which. The run has failed."""
    E2EE_ROOM = "e2ee_room"
    """The room is encrypted: it takes sealed content only, and the server cannot search in it."""
    EPOCH_STALE = "epoch_stale"
    """The room has another epoch by now, `data.epoch`; seal it again."""
    COMMIT_CONFLICT = "commit_conflict"
    """Another commit or link was faster; `data` says which comes next. Apply it and make yours anew."""
    ROTATION_REQUIRED = "rotation_required"
    """The room needs a new epoch before this."""
    CTR_CONFLICT = "ctr_conflict"
    """This is not the device's next envelope; `data.expected` is its number."""
    VERSION_CONFLICT = "version_conflict"
    """The thing has another version by now, `data.current`."""
    CLIENT_ID_CONFLICT = "client_id_conflict"
    """Other bytes were sent under the same `client_id`."""
    NOT_MEMBER = "not_member"
    """The signing device is not an active one of a member of the room."""
    ROLE = "role"
    """The member's role in the room does not allow this."""
    BAD_SIGNATURE = "bad_signature"
    """A signature is not that of whom it names."""
    BAD_TRANSCRIPT = "bad_transcript"
    """What was seen of the room is not what stands there; catch up and seal it again."""
    MALFORMED = "malformed"
    """Bytes of an encrypted room are not in their form; `data.fault` says what is wrong."""
    DEADLINE_EXCEEDED = "deadline_exceeded"
    """The server gave up waiting; the same `command_id` may be sent again."""
    UNAVAILABLE = "unavailable"
    """The server is starting, draining or has lost its database; try again."""
    INTERNAL = "internal"
    """A fault of the server; quote the `correlation_id` to its operator."""


RETRYABLE = frozenset(
    {
        ErrorCode.TOKEN_EXPIRED,
        ErrorCode.RATE_LIMITED,
        ErrorCode.DEADLINE_EXCEEDED,
        ErrorCode.UNAVAILABLE,
        ErrorCode.INTERNAL,
    }
)
"""Codes after which the same request, unchanged, may succeed later."""

HTTP_STATUS: dict[ErrorCode, int] = {
    ErrorCode.INVALID: 400,
    ErrorCode.UNKNOWN_COMMAND: 404,
    ErrorCode.UNSUPPORTED_PROTOCOL: 400,
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.TOKEN_EXPIRED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.CONFLICT: 409,
    ErrorCode.ILLEGAL_TRANSITION: 409,
    ErrorCode.CYCLE: 409,
    ErrorCode.LIMIT_EXCEEDED: 409,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.FENCED: 409,
    ErrorCode.RUN_CANCELED: 409,
    ErrorCode.BUDGET_EXHAUSTED: 402,
    ErrorCode.E2EE_ROOM: 409,
    ErrorCode.EPOCH_STALE: 409,
    ErrorCode.COMMIT_CONFLICT: 409,
    ErrorCode.ROTATION_REQUIRED: 409,
    ErrorCode.CTR_CONFLICT: 409,
    ErrorCode.VERSION_CONFLICT: 409,
    ErrorCode.CLIENT_ID_CONFLICT: 409,
    ErrorCode.NOT_MEMBER: 403,
    ErrorCode.ROLE: 403,
    ErrorCode.BAD_SIGNATURE: 400,
    ErrorCode.BAD_TRANSCRIPT: 409,
    ErrorCode.MALFORMED: 400,
    ErrorCode.DEADLINE_EXCEEDED: 504,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.INTERNAL: 500,
}


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """An error on the wire: in a REST answer under `error`, in an ack beside `ok: false`."""

    code: ErrorCode
    message: str
    """One English sentence: what is wrong and how to mend it."""
    retryable: bool
    data: dict[str, Any]
    """What a program needs to react, by code; possibly empty."""
    correlation_id: str
    """Stands in every log line of this request."""


class ApiError(Exception):
    """A refusal that the caller is told about. Anything else that is raised becomes `internal`."""

    def __init__(self, code: ErrorCode, message: str, **data: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data

    def body(self, correlation_id: str) -> ErrorBody:
        """The error as it goes on the wire."""
        return ErrorBody(
            code=self.code,
            message=self.message,
            retryable=self.code in RETRYABLE,
            data=self.data,
            correlation_id=correlation_id,
        )


def invalid(message: str, path: str) -> ApiError:
    """`invalid`, with the path of the field at fault, such as `title` or `labels[2]`."""
    return ApiError(ErrorCode.INVALID, message, path=path)


def not_found(noun: str) -> ApiError:
    """`not_found`; the words are the same whether it is absent or only not yours to see."""
    return ApiError(ErrorCode.NOT_FOUND, f"There is no such {noun}, or you have no access to it.", noun=noun)


def stale(noun: str, current: Any) -> ApiError:
    """`conflict` for a write with an old `version`; `data.current` holds the newest entity."""
    return ApiError(
        ErrorCode.CONFLICT,
        f"The {noun} has changed since you read it. Take the current version and try again.",
        current=current,
    )


def limit_exceeded(what: str, limit: int) -> ApiError:
    """`limit_exceeded`, for a count of `what` (a plural) that is at its bound."""
    return ApiError(ErrorCode.LIMIT_EXCEEDED, f"There can be at most {limit} {what}.", limit=limit, what=what)
