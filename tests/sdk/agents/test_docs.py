"""The tutorial's code does what it says: as one program on a real server, and in its own tests."""

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.agents.office import Office
from ymera_client.generated import RunState

TUTORIAL = Path(__file__).parents[3] / "docs" / "agents.md"
START = 'if __name__ == "__main__":\n    agent.run()\n'


def code() -> list[str]:
    """The tutorial's Python, block by block."""
    return re.findall(
        r"^```python\n(.*?)^```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


def program() -> str:
    """All of it as one module, which runs when everything is there."""
    first, *others = code()
    assert START in first
    return "".join([first.replace(START, ""), *others, START])


def test_the_first_program_is_short() -> None:
    assert len(code()[0].strip().splitlines()) <= 20


async def test_its_tests_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tutorial.py"
    path.write_text(program(), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    tutorial = vars(importlib.import_module("tutorial"))
    monkeypatch.delitem(sys.modules, "tutorial")
    tests = [test for name, test in tutorial.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        await test()


async def test_its_capabilities_work(office: Office, tmp_path: Path) -> None:
    module = tmp_path / "tutorial.py"
    module.write_text(program(), encoding="utf-8")
    (tmp_path / "data").write_bytes(b"some bytes")
    async with office.program(await office.hire(), str(module)):
        short = await office.ended(await office.order("summarise", description="one two", max_words=1))
        assert (short.result, short.run.summary) == ({"summary": "one"}, "1 of 2 words")
        hashed = await office.ended(await office.order("fingerprint", path=str(tmp_path / "data")))
        assert str(hashed.result).startswith("0d22cdcc")
        file = await office.alice.files.upload(office.room.id, b"one\ntwo\n", name="lines")
        counted = await office.ended(await office.order("count_lines", file_id=file.id))
        assert (counted.result, counted.files[0].name) == (2, "lines.txt")
        ordered = await office.order("order_pizza")
        answers: list[tuple[str, Any]] = [
            ("Which", "Funghi"),
            ("Where", {"street": "Elm Street"}),
            ("Allow order?", True),
        ]
        for prompt, answer in answers:
            await office.answer(ordered, answer, prompt)
        assert (await office.ended(ordered)).result == "Funghi to Elm Street"
        briefed = await office.ended(await office.order("brief", description="one two three four"))
        assert briefed.run.state is RunState.COMPLETED
        published = await office.finds(lambda run: run.previous_id == briefed.run.id)
        assert published.result == "one two three (Three words will do.)"
