"""Every SQL statement stands in persistence/ and says in its first line what it is called."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import handlers
import persistence
from persistence.database import STATEMENTS

RUNNERS = {"defer", "execute", "executemany", "fetch", "fetchrow", "fetchval", "cursor"}
SHAPED = {"fetch_one", "fetch_all"}
"""These take the SQL as their third argument, after the connection and the shape."""

PERSISTENCE = sorted(Path(persistence.__path__[0]).glob("*.py"))
HANDLERS = sorted(Path(handlers.__path__[0]).glob("*.py"))
SQL = re.compile(r"\s*(--|SELECT|INSERT|UPDATE|DELETE|WITH|LOCK|CREATE|ALTER|DROP|TRUNCATE|SET)\s")


def statements(module: Path) -> Iterator[tuple[int, str]]:
    """The line and the beginning of the SQL of each call that runs a statement."""
    for node in ast.walk(ast.parse(module.read_text())):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr in RUNNERS and node.args:
            yield node.lineno, beginning(node.args[0])
        elif isinstance(node.func, ast.Name) and node.func.id in SHAPED:
            yield node.lineno, beginning(node.args[2])


def beginning(node: ast.expr) -> str:
    """The text that an expression begins with, as far as it is written there."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=[first, *_]):
            return beginning(first)
        case ast.Name(id=name):
            return f"{{{name}}}"
    return ""


@pytest.mark.parametrize("module", PERSISTENCE, ids=lambda path: path.stem)
def test_a_statement_begins_with_its_module_and_name(module: Path) -> None:
    # `fetch_one`, `fetch_all` and a unit pass on the statement that they are given.
    passed_on = "{sql}" if module.stem in {"database", "unit"} else None
    named = re.compile(rf"-- {module.stem}\.[a-z_]+\n")
    wrong = [
        f"{module.name}:{line}: {sql[:60]!r}"
        for line, sql in statements(module)
        if sql != passed_on and not named.match(sql)
    ]
    assert wrong == []


def test_no_two_statements_have_one_name() -> None:
    names = Counter(
        sql.split("\n", 1)[0]
        for module in PERSISTENCE
        for _, sql in statements(module)
        if sql.startswith("-- ")
    )
    # Each connection keeps all of them prepared; lists have some variants.
    assert 50 < len(names) < STATEMENTS / 2
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("module", HANDLERS, ids=lambda path: path.stem)
def test_a_handler_holds_no_sql(module: Path) -> None:
    assert list(statements(module)) == []
    texts = [
        node.value
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [text for text in texts if SQL.match(text)] == []
