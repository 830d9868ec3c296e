"""The command `ymera-client`."""

import json
import sys
from pathlib import Path

import pytest

from tests.sdk.agents.office import EXAMPLES, Office
from ymera_client.cli import main


def test_capabilities_are_printed_as_they_are_declared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(EXAMPLES)
    monkeypatch.setattr(sys, "path", list(sys.path))
    main(["capabilities", "pipeline:writer"])
    (declared,) = json.loads(capsys.readouterr().out)
    assert declared["name"] == "write_briefing"
    assert declared["input"]["required"] == ["title"]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("nowhere", "No module named 'nowhere'"),
        ("reporter:writer", "reporter has no agent by the name 'writer'"),
        ("json", "json has no agent by the name 'agent'"),
    ],
)
def test_what_is_no_agent_is_said_to_be_none(
    monkeypatch: pytest.MonkeyPatch, where: str, message: str
) -> None:
    monkeypatch.chdir(EXAMPLES)
    monkeypatch.setattr(sys, "path", list(sys.path))
    with pytest.raises(SystemExit, match=message):
        main(["run", where])


def test_a_wrong_command_line_shows_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["walk"])
    assert ended.value.code == 2
    assert "invalid choice: 'walk'" in capsys.readouterr().err


async def test_an_agent_is_run_by_its_module(office: Office) -> None:
    command = ("-m", "ymera_client", "run", "text_analyser", "--grace", "1")
    async with office.program(await office.hire(), *command, cwd=Path(EXAMPLES)):
        seen = await office.ended(await office.order("analyse_text", description="Short."))
    assert seen.result
    assert seen.result["words"] == 1
