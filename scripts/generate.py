"""Write everything that is derived from the protocol, or with --check say what is out of date.

The protocol is declared once, in `protocol/`; types, tables and references elsewhere are copies that nobody
edits. Exit status: 0 when all is (now) up to date, 1 when --check found stale files.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "client-sdk" / "python")]

from scripts.generator import examples, python, reference, roles, settings, typescript  # noqa: E402 - needs the path set above
from scripts.generator.rules import shapes  # noqa: E402 - needs the path set above
from scripts.generator.rules import writing as scripts  # noqa: E402 - needs the path set above
from scripts.generator.vectors import writing  # noqa: E402 - needs the path set above

OUTPUTS: dict[str, Callable[[], str]] = {
    "client-sdk/js/src/generated/protocol.ts": typescript.render,
    "client-sdk/js/src/generated/shapes.ts": shapes.render_typescript,
    "client-sdk/js/tests/generated/examples.ts": examples.render,
    "client-sdk/python/ymera_client/generated.py": python.render,
    "client-sdk/python/ymera_client/sealed/rules/shapes.py": shapes.render_python,
    **scripts.outputs(),
    **writing.outputs(),
    "docs/operations.md": settings.render,
    "docs/protocol.md": reference.render,
    "docs/roles.md": roles.render,
}
"""Each derived file with the function that gives its text."""


def stale() -> dict[Path, str]:
    """The files whose text is not what the sources give, with what it should be."""
    wanted = {ROOT / name: render() for name, render in OUTPUTS.items()}
    return {
        path: text
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }


def main() -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is stale")
    check = parser.parse_args().check
    files = stale()
    for path, text in files.items():
        print(f"{'stale' if check else 'wrote'} {path.relative_to(ROOT)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if check and files:
        print("Run `make generate` and commit the result.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
