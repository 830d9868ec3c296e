"""Labelled cases: of a good and a spoiled copy of the same file, the spoiled one must score lower."""

from collections import Counter
from pathlib import Path

import pytest

from server.analysis.content import Content
from server.analysis.quality import assess
from tests.server.analysis.quality import papers, pictures, sheets, sources, texts
from tests.server.analysis.quality.pairs import Folder, Pair

SHARE = 0.95
MIN_PAIRS = 150


def score(content: Content, known: dict[int, int]) -> int:
    if id(content) not in known:
        quality = assess(content)
        assert quality is not None
        known[id(content)] = quality.score
    return known[id(content)]


def test_spoiled_copies_score_lower(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Folder(tmp_path)
    pairs: list[Pair] = []
    lost: list[str] = []
    known: dict[int, int] = {}
    for cases in (texts, papers, pictures, sheets, sources):
        for pair in cases.pairs(folder):
            pairs.append(pair)
            good, spoiled = score(pair.good, known), score(pair.spoiled, known)
            if spoiled >= good:
                lost.append(f"{pair.kind}: {pair.source}, {pair.defect}: {good} → {spoiled}")
    by_kind = Counter(pair.kind for pair in pairs)
    lost_by_kind = Counter(line.partition(":")[0] for line in lost)
    with capsys.disabled():
        shares = (f"{kind} {count - lost_by_kind[kind]}/{count}" for kind, count in by_kind.items())
        print(f"\nspoiled copies that score lower: {', '.join(shares)}")  # noqa: T201 -- the figure itself is of interest
    assert len(pairs) >= MIN_PAIRS
    assert len(lost) <= (1 - SHARE) * len(pairs), lost
    for kind, count in by_kind.items():
        assert count >= 20
        assert lost_by_kind[kind] <= 0.1 * count, lost
