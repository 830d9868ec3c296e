"""What is measured here is begun as ever: without measuring its coverage, which slows it down."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="package")
def unmeasured() -> Iterator[None]:
    """Programs that are begun here measure nothing of themselves."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("COVERAGE_PROCESS_")]:
            patch.delenv(name)
        yield
