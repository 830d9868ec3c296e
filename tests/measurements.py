"""What processes measured of the code they ran, before it is put together.

A process that is killed while it writes its measurements leaves a file that is none; tests kill processes at
any moment. What such a one ran is measured in others that do the same.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

PATIENCE = 1.0
"""Seconds that a file may be locked by whoever writes it."""


def remove_torn(measured: Path) -> list[Path]:
    """Remove the files of processes beside `measured` that are not whole, and return them."""
    torn = [each for each in measured.parent.glob(f"{measured.name}.*") if not _whole(each)]
    for each in torn:
        each.unlink(missing_ok=True)
    return torn


def _whole(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", timeout=PATIENCE, uri=True)) as file:
            begun = file.execute("SELECT version FROM coverage_schema").fetchone()
            return begun is not None and file.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        return False
