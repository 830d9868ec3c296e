"""What is sealed is read with its own key alone."""

import pytest

from persistence.seal import Seal

KEY = b"k" * 32


def test_what_was_closed_is_opened_with_the_same_key() -> None:
    first, second = Seal(KEY).close(b"secret"), Seal(KEY).close(b"secret")
    assert first != second
    assert b"secret" not in first
    assert Seal(KEY).open(first) == Seal(KEY).open(second) == b"secret"


# What is sealed is different each time, which must not show in the tests' names: processes compare them.
@pytest.mark.parametrize(
    "sealed",
    [b"", b"x" * 100, Seal(b"o" * 32).close(b"secret")],
    ids=["nothing", "noise", "with another key"],
)
def test_what_was_closed_otherwise_stays_closed(sealed: bytes) -> None:
    assert Seal(KEY).open(sealed) is None


def test_what_was_changed_stays_closed() -> None:
    sealed = bytearray(Seal(KEY).close(b"secret"))
    sealed[-1] ^= 1
    assert Seal(KEY).open(bytes(sealed)) is None
