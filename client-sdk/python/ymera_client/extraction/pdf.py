"""PDF, read by pypdf where it is installed, in a process of its own.

A PDF can ask for any amount of time and memory, so who reads it can be ended: whatever comes of that process,
what it has said before counts.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from ymera_client.extraction.extraction import Extraction, Unreadable, found
from ymera_client.extraction.kinds import PDF

MAX_SECONDS = 20
"""How long it may take."""
CHILD = Path(__file__).with_name("pdf_process.py")
KEPT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV")
"""What the process gets to know of this one's environment."""


def extract_pdf(content: bytes) -> Extraction:
    """What a PDF says, page by page; only its type where pypdf is missing."""
    if find_spec("pypdf") is None or not sys.executable:
        return Extraction(PDF)
    return found(PDF, _pages(content))


def _pages(content: bytes) -> Iterator[str]:
    environ = {name: os.environ[name] for name in KEPT if name in os.environ}
    command = [sys.executable, "-P", str(CHILD)]
    problem = ""
    try:
        # It writes no more than it has been told to.
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=MAX_SECONDS, env=environ, check=False
        )
        said = done.stdout
        if done.returncode:
            problem = "It takes more time or memory than it may."
    except subprocess.TimeoutExpired as late:
        said, problem = late.stdout or b"", "Reading it took too long."
    for line in said.splitlines(keepends=True):
        if line.endswith(b"\n"):
            told = json.loads(line)
            yield from [told["page"]] if "page" in told else []
            problem = told.get("problem", problem)
    if problem:
        raise Unreadable(problem)
