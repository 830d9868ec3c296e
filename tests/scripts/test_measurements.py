"""Measurements that a killed process had only begun to write do not get among the others."""

import subprocess
import sys
from pathlib import Path

from tests.measurements import remove_torn


def measured(folder: Path, name: str) -> Path:
    """What a process measured that ended well."""
    path = folder / name
    measuring = ["-m", "coverage", "run", "--branch", f"--data-file={path}", "-m", "json.tool", "--help"]
    subprocess.run([sys.executable, *measuring], check=True, cwd=folder, capture_output=True)
    return path


def test_what_was_only_begun_is_removed(tmp_path: Path) -> None:
    whole = measured(tmp_path, ".coverage.whole")
    content = whole.read_bytes()
    torn = {tmp_path / ".coverage.empty": b"", tmp_path / ".coverage.header": content[:100]}
    torn[tmp_path / ".coverage.half"] = content[: len(content) // 8192 * 4096]
    for path, begun in torn.items():
        path.write_bytes(begun)
    together = measured(tmp_path, ".coverage")
    assert set(remove_torn(together)) == set(torn)
    assert {each.name for each in tmp_path.iterdir()} == {whole.name, together.name}
