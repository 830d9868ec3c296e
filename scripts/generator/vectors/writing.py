"""Writes the vectors: every case with what comes of it, found by running it."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Any

from scripts.generator.vectors import (
    envelopes,
    epochs,
    files,
    hostilities,
    identities,
    linking,
    primitives,
    recovery,
    refusals,
    rooms,
    timelines,
)
from scripts.generator.vectors.cases import Case, plain, play

FOLDER = "client-sdk/vectors/cx1"
MODULES: dict[str, tuple[Any, ...]] = {
    "envelopes": (envelopes,),
    "epochs": (epochs,),
    "files": (files,),
    "identities": (identities,),
    "linking": (linking,),
    "primitives": (primitives,),
    "recovery": (recovery,),
    "rooms": (rooms, refusals),
    "timelines": (timelines, hostilities),
}
"""By file, the modules with its cases; the first says what it is about, and has its chains."""
ABOUT = [
    "What every implementation of cx1 makes of given bytes; docs/encryption.md specifies it.",
    "Each case names a call in `run` and its `input`; `result` or `error` is what comes of it, exactly.",
    "Byte strings are hex. `chains` in an input names those at the top of the file, to be verified first.",
    "`at` in an error is the number, from 0, of the item of the list at which it happened.",
    "The calls are those of scripts/generator/vectors. Written by scripts/generate.py; do not edit.",
]


def outputs() -> dict[str, Callable[[], str]]:
    """Each file of the vectors with the function that gives its text."""
    return {f"{FOLDER}/{name}.json": partial(render, name) for name in MODULES}


def render(name: str) -> str:
    """One file: what it is about, its chains, and a case in each line."""
    modules = MODULES[name]
    chains = plain(modules[0].chains()) if hasattr(modules[0], "chains") else {}
    cases = chain.from_iterable(module.cases() for module in modules)
    lines = ",\n".join(map(_line, _played(cases, chains)))
    head = json.dumps({"about": [modules[0].__doc__.strip(), *ABOUT], "chains": chains}, indent=2)
    return f'{head[:-2]},\n  "cases": [\n{lines}\n  ]\n}}\n'


def _played(cases: Iterable[Case], chains: dict[str, list[str]]) -> Iterator[Case]:
    names: set[str] = set()
    for case in cases:
        if case["id"] in names:
            raise ValueError(f"two cases are called {case['id']}")
        names.add(case["id"])
        found = play(case, chains)
        meant = case.get("error")
        if {**found.get("error", {}), "at": 0} != {**(meant or {}), "at": 0}:
            raise ValueError(f"{case['id']} is meant to give {meant or 'a result'}, and gives {found}")
        yield case | found


def _line(case: Case) -> str:
    return "    " + json.dumps(case, ensure_ascii=False)
