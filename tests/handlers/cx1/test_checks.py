"""Every check is needed: with any of them, or any part of one, taken away, some case is judged otherwise."""

import ast
import importlib
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

import handlers.cx1
from handlers.cx1.errors import Refused
from tests.handlers.cx1.limits import LIMITS, Limit
from tests.handlers.cx1.vectors import VECTORS, Vector

FOLDER = Path(handlers.cx1.__file__).parent
MODULES = ("reader", "links", "identity", "commits", "rules", "membership", "envelopes")
SHIFTED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
Case = Vector | Limit
CASES: list[Case] = [*LIMITS, *VECTORS]
Part = ast.stmt | ast.expr


@dataclass(frozen=True)
class Mutant:
    """A function of which one thing is otherwise."""

    module: str
    function: str
    line: int
    what: str
    code: CodeType

    def __str__(self) -> str:
        return f"{self.module}:{self.line}-{self.what}"

    @contextmanager
    def instead(self) -> Iterator[None]:
        """Have it in place of the right one."""
        right = function_of(self.module, self.function)
        kept = right.__code__
        right.__code__ = self.code
        try:
            yield
        finally:
            right.__code__ = kept


def function_of(module: str, name: str) -> FunctionType:
    """A function or method of the validator, by its name within the module."""
    found: Any = importlib.import_module(f"handlers.cx1.{module}")
    for part in name.split("."):
        found = vars(found)[part]
    found = found.fget if isinstance(found, property) else found
    assert isinstance(found, FunctionType)
    return found


def variants(node: Part) -> Iterator[tuple[str, Part]]:
    """What may stand for a node if a check is to be taken away, or a part of one."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="require"))):
            yield "unchecked", ast.Pass()
        case ast.Raise():
            yield "passed-over", ast.Pass()
        case ast.BoolOp():
            for index in range(len(node.values)):
                rest = [value for at, value in enumerate(node.values) if at != index]
                yield f"without-{index}", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        case ast.Compare():
            for index, operator in enumerate(node.ops):
                if type(operator) in SHIFTED:
                    ops = [*node.ops[:index], SHIFTED[type(operator)](), *node.ops[index + 1 :]]
                    yield f"shifted-{index}", ast.Compare(node.left, ops, node.comparators)


class Replace(ast.NodeTransformer):
    """Puts another node in the place of one."""

    def __init__(self, line: int, column: int, kind: type[Part], other: Part) -> None:
        self._place = line, column, kind
        self._other = other

    def generic_visit(self, node: ast.AST) -> ast.AST:
        place = getattr(node, "lineno", None), getattr(node, "col_offset", None), type(node)
        return ast.copy_location(self._other, node) if place == self._place else super().generic_visit(node)


def mutants() -> Iterator[Mutant]:
    """All of all modules."""
    for module in MODULES:
        path = FOLDER / f"{module}.py"
        tree = ast.parse(path.read_text(encoding="utf-8"))
        classes = [each for each in tree.body if isinstance(each, ast.ClassDef)]
        for prefix, body in [("", tree.body), *((f"{each.name}.", each.body) for each in classes)]:
            for function in body:
                if isinstance(function, ast.FunctionDef):
                    yield from of_function(module, tree, function, f"{prefix}{function.name}")


def of_function(module: str, tree: ast.Module, function: ast.FunctionDef, name: str) -> Iterator[Mutant]:
    """Those of one function."""
    for node in (each for each in ast.walk(function) if isinstance(each, Part)):
        for what, other in variants(node):
            changed = Replace(node.lineno, node.col_offset, type(node), other).visit(deepcopy(tree))
            compiled = compile(ast.fix_missing_locations(changed), str(FOLDER / f"{module}.py"), "exec")
            yield Mutant(module, name, node.lineno, what, code_of(compiled, name))


def code_of(compiled: CodeType, name: str) -> CodeType:
    """The code of a function within that of its module."""
    for part in name.split("."):
        inner = [each for each in compiled.co_consts if isinstance(each, CodeType)]
        compiled = next(each for each in inner if each.co_name == part)
    return compiled


@cache
def refusing() -> dict[tuple[str, str], list[Case]]:
    """Which cases are refused within which functions."""
    found: dict[tuple[str, str], list[Case]] = defaultdict(list)
    current: list[Case] = []
    original = Refused.__init__

    def record(self: Refused, *args: Any, **data: Any) -> None:
        original(self, *args, **data)
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            path = Path(frame.f_code.co_filename)
            if path.parent == FOLDER:
                found[path.stem, frame.f_code.co_qualname].append(current[-1])
            frame = frame.f_back

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Refused, "__init__", record)
        for case in CASES:
            current.append(case)
            case.play()
    return found


def judged_otherwise(case: Case) -> bool:
    """Whether a case gives something else than it must. A crash is something else."""
    try:
        return bool(case.play() != case.expected())
    except Exception:  # noqa: BLE001 - whatever it is, it is not what the case says
        return True


def test_every_check_and_every_part_of_one_is_needed() -> None:
    survivors = []
    for mutant in mutants():
        likely = refusing()[mutant.module, mutant.function]
        with mutant.instead():
            if not any(map(judged_otherwise, chain(likely, CASES))):
                survivors.append(str(mutant))
    assert survivors == []


def test_the_cases_are_judged_rightly_with_nothing_taken_away() -> None:
    assert not [case.name for case in CASES if judged_otherwise(case)]
