# ruff: noqa: N818 - these are raised by handlers, and read well after `raise`.
"""How an attempt at a run fails: what a handler raises, and what anything else that it raises stands for.

What is told to people is one line. Tracebacks, which may hold more than they should see, stay in the log
of the agent's own program.
"""

from typing import Literal

from ymera_client.errors import BudgetExhausted, RateLimited, RunCanceled, YmeraError
from ymera_client.generated import ErrorClass, Question, RunError, RunReply

MAX_MESSAGE = 2_000
"""Characters of the message of an error."""


class Failure(YmeraError):
    """The attempt has failed; `cause` decides whether there is another."""

    code = "failed"

    def __init__(self, message: str, cause: ErrorClass) -> None:
        super().__init__(message)
        self.cause = cause


class Retry(Failure):
    """Raise it to have the run tried again, later each time, up to its limit of attempts."""

    def __init__(self, message: str, *, cause: Literal["transient", "rate_limited"] = "transient") -> None:
        super().__init__(message, ErrorClass(cause))


class Fatal(Failure):
    """Raise it where trying again is pointless; `invalid`: because of the input."""

    def __init__(self, message: str, *, cause: Literal["fatal", "invalid"] = "fatal") -> None:
        super().__init__(message, ErrorClass(cause))


class Denied(Fatal):
    """An approval was not given, or does not allow this use of it."""


class QuestionExpired(Fatal):
    """Nobody answered in time."""


class QuestionWithdrawn(Fatal):
    """The question was taken back before anybody answered."""


class CallFailed(Fatal):
    """A run that was called for did not complete; `reply` says how it ended."""

    def __init__(self, message: str, reply: RunReply) -> None:
        super().__init__(message)
        self.reply = reply


def closed_without_answer(question: Question) -> Fatal:
    """What to raise for a question that was closed and not answered."""
    if question.state == "expired":
        return QuestionExpired(f"Nobody answered in time: {question.prompt}")
    return QuestionWithdrawn(f"The question was withdrawn: {question.prompt}")


def error_of(failure: BaseException) -> RunError:
    """What an exception that a handler let out means for its run, in one line without a traceback."""
    return RunError(cause=_cause(failure), message=_message(failure))


def _cause(failure: BaseException) -> ErrorClass:
    match failure:
        case Failure():
            return failure.cause
        case RunCanceled():
            return ErrorClass.CANCELED
        case BudgetExhausted():
            return ErrorClass.BUDGET_EXHAUSTED
        case RateLimited():
            return ErrorClass.RATE_LIMITED
        case YmeraError():
            return ErrorClass.TRANSIENT if failure.retryable else ErrorClass.FATAL
        case _:
            return ErrorClass.CRASHED


def _message(failure: BaseException) -> str:
    text = str(failure)
    if not isinstance(failure, YmeraError):
        text = f"{type(failure).__name__}: {text}" if text else type(failure).__name__
    return text.replace("\0", "\ufffd")[:MAX_MESSAGE] or type(failure).__name__
