"""Every check is needed: with any one of them taken away, some case no longer gives what it must."""

import ast
import importlib
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pytest

import ymera_client.crypto
from tests.sdk.crypto.limits import LIMITS, Limit
from tests.sdk.crypto.vectors import VECTORS, Vector
from ymera_client.crypto import errors
from ymera_client.crypto.errors import Cx1Error, Fault

FOLDER = Path(ymera_client.crypto.__file__).parent


class Site(NamedTuple):
    """A place in the code that refuses."""

    module: str
    line: int

    def __str__(self) -> str:
        return f"{self.module}:{self.line}"


def sites(name: str) -> list[Site]:
    """Where a function of `errors` is called: `require`, or `Cx1Error` to be raised."""
    return [
        Site(path.stem, node.lineno)
        for path in sorted(FOLDER.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if path.stem != "errors" and isinstance(node, ast.Call) and getattr(node.func, "id", "") == name
    ]


def site_of(frame: FrameType | None) -> Site:
    """The place of a frame."""
    assert frame is not None
    return Site(Path(frame.f_code.co_filename).stem, frame.f_lineno)


@cache
def reached() -> dict[Site, list[Vector | Limit]]:
    """Which cases are refused, or passed over, at which places."""
    found: dict[Site, list[Vector | Limit]] = defaultdict(list)
    current: list[Vector | Limit] = []
    original = Cx1Error.__init__

    def record(self: Cx1Error, *args: Any, **data: Any) -> None:
        original(self, *args, **data)
        frame = sys._getframe(1)
        raised = site_of(frame.f_back if frame.f_code.co_name == "require" else frame)
        if current[-1] not in found[raised]:
            found[raised].append(current[-1])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Cx1Error, "__init__", record)
        everything: list[Vector | Limit] = [*LIMITS, *VECTORS]
        for vector in everything:
            if vector.case["run"] != "stretch":
                current.append(vector)
                vector.play()
    return dict(found)


@contextmanager
def without(site: Site) -> Iterator[None]:
    """One check taken away."""

    def lax(condition: object, fault: Fault, detail: str, *data: Mapping[str, int | str]) -> None:
        if site_of(sys._getframe(1)) != site:
            original(condition, fault, detail, *data)

    original: Callable[..., None] = errors.require
    with pytest.MonkeyPatch.context() as patch:
        for path in FOLDER.glob("*.py"):
            module = importlib.import_module(f"ymera_client.crypto.{path.stem}")
            if path.stem != "errors" and hasattr(module, "require"):
                patch.setattr(module, "require", lax)
        yield


def changes(vector: Vector | Limit) -> bool:
    """Whether a case gives something else than it must. A crash is something else."""
    try:
        return bool(vector.play() != vector.expected())
    except Exception:  # noqa: BLE001 - whatever it is, it is not what the case says
        return True


@pytest.mark.parametrize("site", sites("require"), ids=str)
def test_a_check_taken_away_is_noticed(site: Site) -> None:
    cases = reached().get(site, [])
    assert cases, "no case is refused here"
    with without(site):
        assert any(map(changes, cases)), [each.name for each in cases]


@pytest.mark.parametrize("site", sites("Cx1Error"), ids=str)
def test_a_refusal_is_reached(site: Site) -> None:
    assert reached().get(site), "no case is refused here"


@pytest.mark.parametrize("name", ["verify", "equal"])
def test_a_comparison_that_says_yes_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In each module that uses it."""
    for path in sorted(FOLDER.glob("*.py")):
        module = importlib.import_module(f"ymera_client.crypto.{path.stem}")
        if path.stem == "primitives" or not hasattr(module, name):
            continue
        with monkeypatch.context() as patch:
            patch.setattr(module, name, lambda *_args: True)
            refused = [each for each in VECTORS if "error" in each.case and each.case["run"] != "stretch"]
            assert any(map(changes, refused)), path.stem
