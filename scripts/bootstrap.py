"""Make the virtual environment `.venv` with pip in it, using nothing but Python's standard library.

Some distributions ship Python without ensurepip, so that `python3 -m venv` fails there; pip's own wheel is
then fetched from the package index, checked against its published digest and left to install itself.
"""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
import venv
from pathlib import Path
from urllib.parse import urljoin

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
MINIMUM = (3, 11)
PIP = "pip-25.3-py3-none-any.whl"
INDEX = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")


def main() -> None:
    """Make `.venv` unless it is there and whole."""
    if sys.version_info < MINIMUM:
        found = sys.version.split()[0]
        sys.exit(f"Python 3.11 or newer is needed and {sys.executable} is {found}; name one: make PYTHON=…")
    python = FOLDER / "bin" / "python"
    if python.exists():
        probe = subprocess.run([python, "-m", "pip", "--version"], check=False, capture_output=True)
        if probe.returncode == 0:
            return
    with_pip = importlib.util.find_spec("ensurepip") is not None
    venv.create(FOLDER, clear=True, symlinks=True, with_pip=with_pip)
    if not with_pip:
        with tempfile.TemporaryDirectory() as folder:
            wheel = _fetch_pip(Path(folder))
            subprocess.run([python, f"{wheel}/pip", "install", "--quiet", "--no-index", wheel], check=True)


def _fetch_pip(folder: Path) -> Path:
    page = f"{INDEX}/pip/"
    listing = json.loads(_read(page, {"Accept": "application/vnd.pypi.simple.v1+json"}))
    [entry] = [entry for entry in listing["files"] if entry["filename"] == PIP]
    content = _read(urljoin(page, entry["url"]), {})
    if hashlib.sha256(content).hexdigest() != entry["hashes"]["sha256"]:
        sys.exit(f"{PIP} arrived damaged; run the command again")
    wheel = folder / PIP
    wheel.write_bytes(content)
    return wheel


def _read(url: str, headers: dict[str, str]) -> bytes:
    # The address is the package index that the machine's owner set.
    request = urllib.request.Request(url, headers=headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
        content: bytes = response.read()
    return content


if __name__ == "__main__":
    main()
