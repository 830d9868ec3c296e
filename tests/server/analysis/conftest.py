"""Readers of files: in this process, where only what they find matters, and in a pool as servers have it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from server.analysis import reader
from server.analysis.pool import Pool
from server.analysis.reading import Reading

Reader = Callable[..., Reading]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder for previews."""
    folder = tmp_path / "previews"
    folder.mkdir()
    return folder


@pytest.fixture
def read(tmp_path: Path, out: Path) -> Reader:
    """Reads content, or a file, in this process."""

    def read(content: bytes | Path, name: str = "file") -> Reading:
        path = content if isinstance(content, Path) else tmp_path / "content"
        if isinstance(content, bytes):
            path.write_bytes(content)
        return reader.read(path, name, out, lambda _: None)

    return read


@pytest.fixture(scope="module")
async def pool() -> AsyncIterator[Pool]:
    async with Pool(2) as pool:
        yield pool
