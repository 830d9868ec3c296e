"""Writes the vectors of the rules: scripts, with what comes of each step, found by playing them."""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType

from scripts.generator.rules.scenes import (
    files,
    handover,
    imports,
    messages,
    ranks,
    rooms,
    runs,
    shapes,
    tasks,
    waiting,
)
from scripts.generator.rules.stage import Script, written

FOLDER = "client-sdk/vectors/content"
MODULES: dict[str, ModuleType] = {
    "files": files,
    "handover": handover,
    "imports": imports,
    "messages": messages,
    "ranks": ranks,
    "rooms": rooms,
    "runs": runs,
    "shapes": shapes,
    "tasks": tasks,
    "waiting": waiting,
}
ABOUT = [
    "What comes of commands in sealed rooms, one after another; docs/encryption.md has the table of them.",
    "A script starts with `contents`, by collection. Each step has what is known `about` it, and what",
    "it `comes` to: `events`, to be folded before the next step, or `refusal`: then it changes nothing.",
    "What a step does is in `run`; see scripts/generator/rules/playing.py.",
    "Written by scripts/generate.py; do not edit.",
]


def outputs() -> dict[str, Callable[[], str]]:
    """Each file of the vectors with the function that gives its text."""
    return {f"{FOLDER}/{name}.json": partial(render, name) for name in MODULES}


def render(name: str) -> str:
    """One file: what it is about, and its scripts with a step in each line."""
    module = MODULES[name]
    about = json.dumps([(module.__doc__ or "").strip(), *ABOUT], indent=4)[:-1] + "  ]"
    scripts = ",\n".join(map(_text, written(module.__name__)))
    return f'{{\n  "about": {about},\n  "scripts": [\n{scripts}\n  ]\n}}\n'


def _text(script: Script) -> str:
    head = {"name": script.name, "comment": script.comment}
    contents = ",\n".join(f"        {_json(name)}: [{each}]" for name, each in _contents(script))
    steps = ",\n".join(f"        {_json(step)}" for step in script.steps)
    return (
        f"    {{\n      {_json(head)[1:-1]},\n"
        f'      "contents": {{\n{contents}\n      }},\n      "steps": [\n{steps}\n      ]\n    }}'
    )


def _contents(script: Script) -> Iterator[tuple[str, str]]:
    for name, entities in script.contents.items():
        yield name, ", ".join(map(_json, entities))


def _json(value: object) -> str:
    # Half a surrogate pair can only be written as an escape.
    text = json.dumps(value, ensure_ascii=False)
    return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)
