import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import servers
from bench.carrier import Body, Line
from bench.files import MIB, SMALL, Amount, Offer, Ymera, download, upload
from bench.generator import UnsoundError

SIZE = 3 * MIB


@pytest.fixture(scope="module")
def site() -> Iterator[Ymera]:
    with servers.serving(servers.YMERA, "--members", "1") as server:
        yield Ymera(server)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "source"
    path.write_bytes(os.urandom(SIZE))
    return path


@pytest.mark.parametrize("amount", [Amount(2, 2, SIZE), Amount(3, 4, SMALL)])
def test_everything_goes_up_and_is_counted(site: Ymera, source: Path, amount: Amount) -> None:
    sample = upload(site, amount, source)

    count = amount.lines * amount.each
    assert sample["mib_per_second"] == pytest.approx(sample["files_per_second"] * amount.size / MIB)
    assert sample["cpu_ms_per_file"] * count == pytest.approx(
        sample["cpu_ms_per_mib"] * count * amount.size / MIB
    )
    assert sample["peak_mib"] > 20
    assert sample["load_cpu_share"] > 0
    assert not [path for path in (site.server.folder / "files").rglob("*") if path.is_file()]


def test_what_comes_down_is_what_went_up(site: Ymera, source: Path) -> None:
    body = Body(source, SIZE)
    with site.line() as line:
        offer = Offer(site, site.send(line, body))
        assert line.sha256(offer.path) == body.sha256() != Body(source, SIZE).sha256()

    whole = download(offer, Amount(2, 2, SIZE), SIZE)
    ranges = download(offer, Amount(4, 3, MIB), SIZE)

    assert whole["mib_per_second"] > 0
    assert ranges["cpu_ms_per_file"] > 0


def test_a_refusal_is_no_sample(site: Ymera) -> None:
    with Line(site.server.ports[0], {}) as stranger, pytest.raises(UnsoundError, match="answered by 401"):
        stranger.ask("GET", "/api/files/0193d2e6-0000-7000-8000-000000000001/content")
