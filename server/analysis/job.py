"""What a worker and the pool that gives it work agree on."""

from dataclasses import dataclass

from msgspec import Struct

READY = "ready"
"""What a worker says once it takes jobs."""
RESULT = "reading"
"""The file that holds what was read, as MessagePack, in the folder of its job."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the reading of one file may take."""

    cpu_seconds: int = 30
    wall_seconds: float = 60.0
    memory: int = 1024 * 1024 * 1024
    """Bytes of address space, on top of what the program itself takes up."""
    output: int = 64 * 1024 * 1024
    """Bytes of each file that is written."""
    files: int = 64
    """That are open at a time."""


class Job(Struct):
    """A file to be read, what somebody called it, and the folder for what comes out."""

    path: str
    name: str
    folder: str
    limits: Limits
