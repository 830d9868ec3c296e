"""From what cx1 refuses to what the wire answers."""

from collections.abc import Iterator
from contextlib import contextmanager

from handlers.cx1.errors import Refused
from protocol.errors import ApiError, ErrorCode


@contextmanager
def judged() -> Iterator[None]:
    """Turn a `Refused` into the ApiError of its code; `data.fault` says which rule it is."""
    try:
        yield
    except Refused as refusal:
        code = ErrorCode(refusal.code or ErrorCode.MALFORMED)
        raise ApiError(code, refusal.message, fault=refusal.fault, **refusal.data) from None
