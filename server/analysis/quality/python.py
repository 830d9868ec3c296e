"""Python: whether it parses, how tangled its functions are, what it says of itself, and what ruff finds.

Nothing of it is imported or run: it is parsed by `ast`, and linted from standard input with fixed rules,
whatever configuration lies about.
"""

import ast
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import msgspec

from server.analysis.quality.layout import judge_layout, judge_repetition
from server.analysis.quality.marks import Mark, decay

LINT_SECONDS = 10.0
RUFF = Path(sys.executable).with_name("ruff")
COMMAND = (
    *(
        str(RUFF),
        "check",
        "--isolated",
        "--no-cache",
        "--exit-zero",
        "--ignore-noqa",
        "--stdin-filename",
        "file.py",
    ),
    *("--select", "E,W,F,B,C4,PIE,PLE,PLW,RET,SIM", "--ignore", "PLW2901,SIM105,SIM108"),
    *("--line-length", "120", "--target-version", "py313", "--statistics", "--output-format", "json", "-"),
)
_BUGS = ("F", "B", "E7", "E9", "PLE", "invalid")
_BRANCHES = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.IfExp,
    ast.comprehension,
    ast.match_case,
)
_NESTING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

Function = ast.FunctionDef | ast.AsyncFunctionDef


class _Statistic(msgspec.Struct):
    """How often a rule was broken, as ruff says it."""

    code: str | None
    name: str
    count: int


def judge_python(text: str) -> list[Mark]:
    """The marks of a module of Python."""
    lines = text.splitlines()
    marks = [judge_layout(lines, weight=0.1), judge_repetition(lines, weight=0.1)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return [*_broken(error), *marks]
    syntax = Mark("syntax", 100, 0.3, f"It parses as Python {sys.version_info[0]}.{sys.version_info[1]}.")
    return [syntax, _complexity(tree, len(lines)), *_lint(text, lines), _documentation(tree), *marks]


def _broken(error: Exception) -> list[Mark]:
    where = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else str(error)
    rest = "Not to be told of what does not parse."
    return [
        Mark("syntax", 0, 0.3, f"It does not parse: {where}."),
        Mark("complexity", 0, 0.15, rest),
        Mark("lint", 0, 0.25, rest),
        Mark("documentation", 0, 0.1, rest),
    ]


def _complexity(tree: ast.Module, lines: int) -> Mark:
    """McCabe's number (1976), nesting and length of functions, the longer ones counting more."""
    functions = [node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)]
    parts: list[tuple[float, int]] = []
    worst = (0, "")
    for function in functions:
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        number, depth = _paths(function), _depth(function)
        parts.append((max(0, number - 6) / 8 + max(0, depth - 2) / 2 + max(0, length - 50) / 60, length))
        worst = max(worst, (number, f"; {function.name}() has {number} paths and is {depth} levels deep"))
    if not functions:
        parts.append((max(0, _depth(tree) - 2) / 2 + max(0, _paths(tree) - 6) / 8, lines))
    burden = sum(much * length for much, length in parts) / max(1, sum(length for _, length in parts))
    return Mark("complexity", decay(burden, 1.0), 0.15, f"{len(functions)} functions{worst[1]}.")


def _within(root: ast.AST) -> Iterator[tuple[ast.AST, int]]:
    """What is in a function, and how deep, without the functions in it."""
    waiting = [(child, 0) for child in ast.iter_child_nodes(root)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, _FUNCTIONS):
            continue
        # `elif` is an `if` within the `else` of another, but reads as being beside it.
        beside = {id(node.orelse[0])} if isinstance(node, ast.If) and len(node.orelse) == 1 else set()
        inner = depth + isinstance(node, _NESTING)
        yield node, inner
        waiting += [
            (child, depth if id(child) in beside and isinstance(child, ast.If) else inner)
            for child in ast.iter_child_nodes(node)
        ]


def _paths(root: ast.AST) -> int:
    boolean = sum(len(node.values) - 1 for node, _ in _within(root) if isinstance(node, ast.BoolOp))
    return 1 + boolean + sum(isinstance(node, _BRANCHES) for node, _ in _within(root))


def _depth(root: ast.AST) -> int:
    return max((depth for _, depth in _within(root)), default=0)


def _documentation(tree: ast.Module) -> Mark:
    """Docstrings of the module, and of public classes and functions."""
    public = [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.ClassDef, *_FUNCTIONS)) and not node.name.startswith("_")
    ]
    said = sum(ast.get_docstring(node, clean=False) is not None for node in [tree, *public])
    names = 1 + len(public)
    return Mark(
        "documentation",
        100 * said / names,
        0.1,
        f"{said} of {names} public names have a docstring.",
    )


def _lint(text: str, lines: list[str]) -> list[Mark]:
    """What ruff finds; nothing where it is not installed or cannot be started."""
    try:
        done = subprocess.run(
            COMMAND,
            input=text.encode("utf-8", errors="replace"),
            capture_output=True,
            timeout=LINT_SECONDS,
            env={"RAYON_NUM_THREADS": "1", "NO_COLOR": "1"},
            check=False,
        )
    except OSError:
        return []
    except subprocess.TimeoutExpired:
        return [Mark("lint", 0, 0.25, f"Ruff took longer than {LINT_SECONDS:.0f} seconds.")]
    if done.returncode:
        return [Mark("lint", 0, 0.25, f"Ruff gave up on it with status {done.returncode}.")]
    try:
        # Where nothing was found, nothing is said.
        found = msgspec.json.decode(done.stdout or b"[]", type=list[_Statistic])
    except msgspec.DecodeError:
        return [Mark("lint", 0, 0.25, "Ruff gave up on it.")]
    bugs = [one for one in found if (one.code or "invalid").startswith(_BUGS)]
    likely, style = sum(one.count for one in bugs), sum(one.count for one in found if one not in bugs)
    names = ", ".join(f"{one.name} ({one.count})" for one in sorted(found, key=lambda one: -one.count)[:3])
    return [
        Mark(
            "lint",
            decay(100 * (likely + 0.3 * style) / max(10, len(lines)), 4),
            0.25,
            f"Ruff finds {likely} likely mistakes and {style} matters of style in {len(lines):,} lines"
            f"{': ' + names if names else ''}.",
        )
    ]
