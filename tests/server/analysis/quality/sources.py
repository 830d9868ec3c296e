"""Code and what spoils it: Python's library, the project's sources in its languages, and data as text."""

import ast
import io
import json
import random
import re
import sysconfig
import tokenize
from collections.abc import Callable
from pathlib import Path

from protocol.files import ContentKind
from server.analysis.content import Content
from tests.server.analysis.quality.pairs import PROJECT, Folder, Pair, Pairs, generator

LIBRARY = Path(sysconfig.get_path("stdlib"))
MODULES = [
    "bisect",
    "calendar",
    "fractions",
    "graphlib",
    "heapq",
    "queue",
    "sched",
    "shlex",
    "textwrap",
    "wave",
]
OWN = ["server/bucket.py", "server/children.py", "server/links.py", "handlers/access.py", "protocol/files.py"]
OTHERS = {
    "client-sdk/js/src/backoff.ts": "text/x-typescript",
    "client-sdk/js/src/rooms.ts": "text/x-typescript",
    "client-sdk/js/src/outbox.ts": "text/x-typescript",
    "client-sdk/js/src/sender.ts": "text/x-typescript",
    "bench/load/options.c": "text/x-c",
    "bench/load/message.c": "text/x-c",
    "bench/load/wire.c": "text/x-c",
}
DATA = {
    "deploy/compose.yaml": "application/yaml",
    "deploy/prometheus.yml": "application/yaml",
    "deploy/grafana/dashboards/ymera.json": "application/json",
    "client-sdk/js/tsconfig.json": "application/json",
    "bench/results/fanout.json": "application/json",
    "pyproject.toml": "application/toml",
}

Defect = Callable[[random.Random, str], str | None]


def pairs(folder: Folder) -> Pairs:
    python = {f"{name}.py": LIBRARY / f"{name}.py" for name in MODULES} | {
        name: PROJECT / name for name in OWN
    }
    for name, path in python.items():
        yield from _spoiled(folder, name, path.read_text(), "text/x-python", PYTHON_DEFECTS)
    for name, media_type in OTHERS.items():
        yield from _spoiled(folder, name, (PROJECT / name).read_text(), media_type, OTHER_DEFECTS)
    for name, media_type in DATA.items():
        yield from _spoiled(folder, name, (PROJECT / name).read_text()[:200_000], media_type, DATA_DEFECTS)


def _spoiled(folder: Folder, name: str, text: str, media_type: str, defects: dict[str, Defect]) -> Pairs:
    good = _stored(folder, name, text, media_type)
    for defect, spoil in defects.items():
        spoiled = spoil(generator(name, defect), text)
        if spoiled is not None:
            assert spoiled != text, (name, defect)
            yield Pair(name, defect, good, _stored(folder, name, spoiled, media_type))


def _stored(folder: Folder, name: str, text: str, media_type: str) -> Content:
    kind = ContentKind.TEXT if media_type.startswith("application/") else ContentKind.CODE
    return folder.text(name, text, kind=kind, media_type=media_type)


def python_bracket_lost(random_: random.Random, text: str) -> str:
    """One bracket less, of those that are code."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    row, column = random_.choice([token.start for token in tokens if token.string in {")", "]", "}"}])
    lines = text.splitlines(keepends=True)
    lines[row - 1] = lines[row - 1][:column] + lines[row - 1][column + 1 :]
    return "".join(lines)


def bracket_lost(random_: random.Random, text: str) -> str:
    """One bracket less, of those that end a line, which hardly any comment or string does."""
    at = random_.choice([match.start(1) for match in re.finditer(r"([)}\]])[;,:]?\n", text)])
    return text[:at] + text[at + 1 :]


def colon_lost(random_: random.Random, text: str) -> str:
    at = random_.choice(
        [match.end() for match in re.finditer(r"\n {0,8}(def|class|if|for|while) [^\n]*(?=:\n)", text)]
    )
    return text[:at] + text[at + 1 :]


def unused(random_: random.Random, text: str) -> str:
    """Imports that nothing needs, and a variable in some functions."""
    lines = text.splitlines()
    bodies = [
        node.body[0].lineno - 1 for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)
    ]
    for at in sorted(random_.sample(bodies, min(len(bodies), 4)), reverse=True):
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        lines.insert(at, f"{indent}left_over = None")
    return "\n".join([*lines, "", "import zipimport", "import xmlrpc.client, colorsys", ""])


def indentation_mangled(random_: random.Random, text: str) -> str:
    """Tabs for spaces and odd steps in some lines."""
    lines = text.splitlines()
    indented = [i for i, line in enumerate(lines) if line[:1] in {" ", "\t"} and line.strip()]
    for i in random_.sample(indented, max(2, len(indented) // 8)):
        bare = lines[i].lstrip()
        depth = len(lines[i].expandtabs(4)) - len(bare.expandtabs(4))
        lines[i] = random_.choice([" " * (depth + 1), " " * depth + " \t", "   "]) + bare
    return "\n".join(lines) + "\n"


def nested(random_: random.Random, text: str) -> str | None:
    """The bodies of most functions within five conditions."""
    tree = ast.parse(text)
    class_ = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and len(node.body) > 1]
    if len(class_) < 3:
        return None
    for function in class_:
        body = function.body
        for level in range(5):
            body = [ast.If(test=ast.Name(f"condition_{level}"), body=body, orelse=[])]
        function.body = body
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def undocumented(random_: random.Random, text: str) -> str | None:
    """No docstrings and no comments."""
    tree = ast.parse(text)
    gone: set[int] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module)
            and ast.get_docstring(node)
            and len(node.body) > 1
        ):
            gone |= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    lines = [line for i, line in enumerate(text.splitlines(), 1) if i not in gone]
    return "\n".join(lines) + "\n" if gone else None


def copied(random_: random.Random, text: str) -> str:
    """A third of it again at the end."""
    lines = text.splitlines()
    tail = lines[-max(12, len(lines) // 3) :]
    return "\n".join([*lines, "", *tail]) + "\n"


def uncommented(random_: random.Random, text: str) -> str | None:
    """No comments."""
    spoiled = re.sub(r"/\*.*?\*/|^\s*//[^\n]*\n", "", text, flags=re.DOTALL | re.MULTILINE)
    return spoiled if spoiled != text else None


def braces_nested(random_: random.Random, text: str) -> str:
    """All of it within six blocks."""
    inner = "\n".join("    " * 6 + line if line else line for line in text.splitlines())
    opening = "\n".join("    " * level + "if (condition) {" for level in range(6))
    closing = "\n".join("    " * level + "}" for level in reversed(range(6)))
    return f"{opening}\n{inner}\n{closing}\n"


def lines_joined(random_: random.Random, text: str) -> str:
    """Lines that go on far to the right."""
    lines = text.splitlines()
    for i in sorted(random_.sample(range(0, len(lines) - 8, 8), max(1, len(lines) // 40)), reverse=True):
        lines[i : i + 8] = [" ".join(line.strip() for line in lines[i : i + 8])]
    return "\n".join(lines) + "\n"


def cut_off(random_: random.Random, text: str) -> str:
    """The end is missing, from within a value."""
    return text[: len(text) * 2 // 3].rstrip() + ' "'


def key_repeated(random_: random.Random, text: str) -> str | None:
    """Half of the keys of its first object twice; only JSON lets that pass."""
    if not text.lstrip().startswith("{"):
        return None
    found = json.loads(text)
    again = ",".join(f"{json.dumps(key)}: null" for key in list(found)[: max(1, len(found) // 2)])
    return "{" + again + "," + text.lstrip()[1:]


def tabbed(random_: random.Random, text: str) -> str | None:
    """Tabs among the spaces of the indentation, which YAML forbids."""
    lines = text.splitlines()
    for i in range(0, len(lines), 3):
        if lines[i].startswith("  "):
            lines[i] = "\t" + lines[i].lstrip()
    spoiled = "\n".join(lines) + "\n"
    return spoiled if spoiled != text and "\t" in spoiled else None


PYTHON_DEFECTS: dict[str, Defect] = {
    "bracket lost": python_bracket_lost,
    "colon lost": colon_lost,
    "unused names": unused,
    "indentation mangled": indentation_mangled,
    "deeply nested": nested,
    "undocumented": undocumented,
    "copied": copied,
}
OTHER_DEFECTS: dict[str, Defect] = {
    "bracket lost": bracket_lost,
    "indentation mangled": indentation_mangled,
    "deeply nested": braces_nested,
    "undocumented": uncommented,
    "copied": copied,
    "lines joined": lines_joined,
}
DATA_DEFECTS: dict[str, Defect] = {
    "cut off": cut_off,
    "keys repeated": key_repeated,
    "tabs among spaces": tabbed,
}
