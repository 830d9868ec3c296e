"""The process that reads a PDF: from its standard input, a line of JSON for each page to its standard output.

It stands alone and is started by its path, so that nothing but pypdf is loaded.
"""

import json
import logging
import sys
from contextlib import suppress
from io import BytesIO

MAX_SECONDS = 15
"""Of processor time."""
MAX_MEMORY = 1024 * 1024 * 1024
MAX_PAGES = 500
MAX_CHARACTERS = 400_000
"""Of all pages that are read."""


def bound() -> None:
    """Have the system end this process when it takes too much."""
    # There is no such module on Windows, where only the time counts that the parent waits.
    with suppress(ImportError):
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def tell(**what: str) -> None:
    """Write a line that is there even if this process ends right after."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read, as far as it goes."""
    bound()
    content = sys.stdin.buffer.read()
    logging.disable(logging.CRITICAL)
    from pypdf import PdfReader  # noqa: PLC0415

    left = MAX_CHARACTERS
    try:
        for number, page in enumerate(PdfReader(BytesIO(content)).pages):
            if number >= MAX_PAGES or left <= 0:
                tell(problem=f"Only its first {number} pages were read.")
                return
            text = page.extract_text()[:left]
            left -= len(text)
            tell(page=text)
    except MemoryError:
        tell(problem="It takes more memory than it may.")
    except Exception as error:  # noqa: BLE001 - a library raises anything on what is broken
        tell(problem=f"It is broken: {type(error).__name__}.")


if __name__ == "__main__":
    main()
