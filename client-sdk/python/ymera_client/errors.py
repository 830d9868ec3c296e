# ruff: noqa: N818 - the names are the protocol's codes, and read well after `except`.
"""What can go wrong, as exceptions: one class per code of the protocol, so that programs can catch by kind.

Every exception that the package raises on purpose derives from `YmeraError`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class YmeraError(Exception):
    """A request was refused, or could not be made.

    `message` says what is wrong and how to mend it; `retryable` whether the same request may succeed
    later; `data` holds what a program needs to react; `correlation_id` finds it in the server's logs.
    """

    code: ClassVar[str] = "internal"
    temporary: ClassVar[bool] = False
    """Whether errors of this kind are retryable when the server does not say."""

    def __init__(
        self,
        message: str,
        *,
        retryable: bool | None = None,
        data: Mapping[str, Any] | None = None,
        correlation_id: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retryable = self.temporary if retryable is None else retryable
        self.data: dict[str, Any] = dict(data or {})
        self.correlation_id = correlation_id


class Invalid(YmeraError):
    """The request does not fit its declared shape; `data["path"]` names the field."""

    code = "invalid"


class UnknownCommand(YmeraError):
    """The server knows no such command; it may be older than this package."""

    code = "unknown_command"


class UnsupportedProtocol(YmeraError):
    """The server speaks another version of the protocol; upgrade the older of the two."""

    code = "unsupported_protocol"


class Unauthenticated(YmeraError):
    """No credentials, or credentials that are wrong, revoked or malformed."""

    code = "unauthenticated"


class TokenExpired(YmeraError):
    """The access token ran out. The client refreshes it and sends again by itself."""

    code = "token_expired"
    temporary = True


class Forbidden(YmeraError):
    """You can see the thing, but your role does not allow this."""

    code = "forbidden"


class NotFound(YmeraError):
    """It does not exist, or you may not know that it does."""

    code = "not_found"


class Evicted(NotFound):
    """You are no longer in a room that you were following."""


class Conflict(YmeraError):
    """Somebody was faster, or the name is taken; `data` holds the current state."""

    code = "conflict"


class IllegalTransition(YmeraError):
    """The state machine has no such move; `data["allowed"]` lists the legal ones."""

    code = "illegal_transition"


class Cycle(YmeraError):
    """The dependency or parent would close a circle; `data["cycle"]` names its tasks in order."""

    code = "cycle"


class LimitExceeded(YmeraError):
    """A count is at its bound; `data["limit"]` is that bound."""

    code = "limit_exceeded"


class TooLarge(YmeraError):
    """The request is bigger than the server takes."""

    code = "too_large"


class RateLimited(YmeraError):
    """Too many requests; wait `data["retry_after"]` seconds."""

    code = "rate_limited"
    temporary = True


class Fenced(YmeraError):
    """The report is of an attempt that is over: another one has begun, or the run has ended."""

    code = "fenced"


class RunCanceled(YmeraError):
    """Somebody has stopped the run; only one last report is accepted."""

    code = "run_canceled"


class BudgetExhausted(YmeraError):
    """A budget does not bear this; `data["budget"]` says which. The run has failed."""

    code = "budget_exhausted"


class DeadlineExceeded(YmeraError):
    """No answer came in time, or a queued command became too old to be sent."""

    code = "deadline_exceeded"
    temporary = True


class Unavailable(YmeraError):
    """There is no connection, or the server is starting, draining or has lost its database."""

    code = "unavailable"
    temporary = True


class Internal(YmeraError):
    """A fault of the server; quote the `correlation_id` to its operator."""

    code = "internal"
    temporary = True


class OutboxFailed(YmeraError):
    """The file that keeps queued commands cannot be read or written."""

    code = "outbox_failed"


class ChecksumMismatch(YmeraError):
    """What arrived is not what was sent, or not what it was said to be; it was thrown away."""

    code = "checksum_mismatch"


class EventsMissed(YmeraError):
    """A stream of events has a hole: its reader was too slow, or the room's log was not available.

    The room's state is right all the same. Read it again, then take a new stream.
    """

    code = "events_missed"


class E2eeRoom(YmeraError):
    """The room is encrypted, and what was asked works there in no way, or not on this device; nothing was
    sent.
    """

    code = "e2ee_room"


class EpochStale(YmeraError):
    """An encrypted room has another epoch by now. The client seals anew by itself."""

    code = "epoch_stale"


class CommitConflict(YmeraError):
    """Another commit or link was faster. The client makes its own anew by itself, a few times."""

    code = "commit_conflict"


class RotationRequired(YmeraError):
    """The room needs a new epoch before this."""

    code = "rotation_required"


class CtrConflict(YmeraError):
    """It is not the device's next envelope; another process may use a copy of its keys."""

    code = "ctr_conflict"


class VersionConflict(YmeraError):
    """The thing has another version by now."""

    code = "version_conflict"


class ClientIdConflict(YmeraError):
    """Other bytes were sent under the same id before."""

    code = "client_id_conflict"


class NotMember(YmeraError):
    """This device is no active one of a member of the encrypted room."""

    code = "not_member"


class RoleForbids(YmeraError):
    """The role in the encrypted room does not allow this."""

    code = "role"


class BadSignature(YmeraError):
    """A signature is not that of whom it names; `data["fault"]` says which."""

    code = "bad_signature"


class BadTranscript(YmeraError):
    """What the server shows of an encrypted room does not follow from what was seen of it before."""

    code = "bad_transcript"


class Malformed(YmeraError):
    """Bytes of an encrypted room are not in their form; `data["fault"]` says what is wrong."""

    code = "malformed"


class KeysFailed(YmeraError):
    """The file that keeps a device's keys cannot be read or written, or its key is another one."""

    code = "keys_failed"


BY_CODE: dict[str, type[YmeraError]] = {kind.code: kind for kind in YmeraError.__subclasses__()}


def from_body(body: object) -> YmeraError:
    """The exception for an error as the wire carries it; anything unintelligible becomes `Internal`."""
    if not isinstance(body, Mapping):
        return Internal("The server sent an error that cannot be read.")
    data = body.get("data")
    return BY_CODE.get(str(body.get("code")), Internal)(
        str(body.get("message") or "The server gave no reason."),
        retryable=bool(body.get("retryable")),
        data=data if isinstance(data, Mapping) else None,
        correlation_id=str(body.get("correlation_id") or ""),
    )
