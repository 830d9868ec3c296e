"""The SDK's copy of the end-to-end encryption, which imports nothing of the server and is audited once."""

from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "protocol" / "cx1"
NAMES = sorted(path.name for path in SOURCE.glob("*.py"))
HEADER = "# A copy of protocol/cx1/{name}, written by scripts/generate.py; do not edit.\n"


def render(name: str) -> str:
    """Return one module, as it is."""
    return HEADER.format(name=name) + (SOURCE / name).read_text(encoding="utf-8")
