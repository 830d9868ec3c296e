"""Generated files are written where they are stale, named where they must not be, and always the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import generate


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree with one file that is up to date, one that is stale and one that is missing."""
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    names = ("good.txt", "stale.txt", "deep/missing.txt")
    monkeypatch.setattr(generate, "OUTPUTS", dict.fromkeys(names, lambda: "new"))
    (tmp_path / "good.txt").write_text("new")
    (tmp_path / "stale.txt").write_text("old")
    return tmp_path


def test_check_names_what_is_stale_and_leaves_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    assert generate.main() == 1
    printed = capsys.readouterr().out
    assert "stale stale.txt" in printed
    assert "stale deep/missing.txt" in printed
    assert "good.txt" not in printed
    assert (root / "stale.txt").read_text() == "old"
    assert not (root / "deep").exists()


def test_what_is_stale_is_written_once(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["generate.py"])
    assert generate.main() == 0
    assert (root / "deep" / "missing.txt").read_text() == (root / "stale.txt").read_text() == "new"
    capsys.readouterr()
    assert generate.main() == 0
    assert capsys.readouterr().out == ""


def test_the_order_of_sets_does_not_show() -> None:
    command = [sys.executable, "scripts/generate.py", "--check"]
    # Without measuring its coverage, which takes several times as long as the rest.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    # The check of generated files among the linters has the order of another seed, a new one each time.
    environment = kept | {"PYTHONHASHSEED": "1"}
    done = subprocess.run(
        command, cwd=generate.ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == ""
    assert done.returncode == 0, done.stderr
