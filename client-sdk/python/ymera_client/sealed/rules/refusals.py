"""Refusals, in the words of the server: whoever breaks a rule hears the same in open and in sealed rooms."""

from typing import Any

from ymera_client.errors import BY_CODE, YmeraError


def refusal(code: str, message: str, **data: Any) -> YmeraError:
    """The error of that code of the protocol."""
    return BY_CODE[code](message, data=data)


def invalid(path: str, problem: str) -> YmeraError:
    """`invalid`, with the path of the field at fault, such as `title` or `labels[2]`."""
    return refusal("invalid", f"{path or 'The content'}: {problem}", path=path)


def not_found(noun: str) -> YmeraError:
    """`not_found`, for a thing that the room does not have."""
    return refusal("not_found", f"There is no such {noun}, or you have no access to it.", noun=noun)


def stale(noun: str, current: Any) -> YmeraError:
    """`conflict` for a change of an old version; `data["current"]` holds the newest."""
    message = f"The {noun} has changed since you read it. Take the current version and try again."
    return refusal("conflict", message, current=current)


def taken() -> YmeraError:
    """`conflict` for an id that something has already."""
    return refusal("conflict", "This id is taken; choose another or leave it out.")


def limit_exceeded(what: str, limit: int) -> YmeraError:
    """`limit_exceeded`, for a count of `what` (a plural) that is at its bound."""
    return refusal("limit_exceeded", f"There can be at most {limit} {what}.", limit=limit, what=what)
