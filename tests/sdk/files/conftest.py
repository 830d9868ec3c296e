"""Ada's project, over a network that can fail, with small chunks so that little makes many."""

import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.sdk.network import Network
from ymera_client import Client, ProjectCreate
from ymera_client.transfer import chunks, uploads

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch, short_waits: None) -> None:
    monkeypatch.setattr(chunks, "CHUNK", MIB)
    monkeypatch.setattr(uploads, "PARALLEL_FROM", 4 * MIB)


@pytest.fixture
def bytes_of() -> Callable[[float], bytes]:
    """So many mebibytes, not twice the same."""
    source = random.Random(7)
    return lambda size: source.randbytes(int(size * MIB))


@pytest.fixture
def file(tmp_path: Path, bytes_of: Callable[[float], bytes]) -> Path:
    """A file of 8 MiB and a bit."""
    path = tmp_path / "moon.bin"
    path.write_bytes(bytes_of(8.1))
    return path


@pytest.fixture
async def client(network: Network, ada: str) -> AsyncIterator[Client]:
    async with Client(network.url, token=ada) as client:
        yield client


@pytest.fixture
async def room(client: Client) -> str:
    return (await client.call(ProjectCreate(name="Apollo"))).id
