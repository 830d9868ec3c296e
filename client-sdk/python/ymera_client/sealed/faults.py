"""What cx1 refuses, as the errors that programs catch: the code of the wire and `data["fault"]`."""

from collections.abc import Iterator
from contextlib import contextmanager

from ymera_client.crypto.errors import Blame, Cx1Error
from ymera_client.errors import BY_CODE, Invalid, Unavailable, YmeraError


def raised(refusal: Cx1Error) -> YmeraError:
    """The typed error of a refusal; what only a client sees is `invalid`, a missing key `unavailable`."""
    data = {"fault": refusal.fault.label, **refusal.data}
    if refusal.code is not None:
        return BY_CODE[refusal.code.value](refusal.detail, data=data)
    if refusal.blame is Blame.WAITING:
        return Unavailable(f"{refusal.detail}.", data=data)
    return Invalid(f"{refusal.detail}.", data=data)


@contextmanager
def refusals_raised() -> Iterator[None]:
    """Have what cx1 refuses in the block raised as the typed error."""
    try:
        yield
    except Cx1Error as refusal:
        raise raised(refusal) from refusal
