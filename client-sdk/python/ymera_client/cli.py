"""The command `ymera-client`: runs agents, carries files, and what else ships with the package.

Each subcommand is a function that adds its parser and sets `carry_out`, the function that gets the parsed
arguments; `COMMANDS` lists them.
"""

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ymera_client.agent.agent import Agent
from ymera_client.mcp.command import add_mcp
from ymera_client.sealed.command import add_keys, told_apart
from ymera_client.transfer.command import add_download, add_upload

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no other name

WHERE = "module, or module:name; by default its `agent`"


def main(arguments: Sequence[str] | None = None) -> None:
    """Carry out a command line; SystemExit with a message if it makes no sense."""
    parser = argparse.ArgumentParser(prog="ymera-client", description="Programs of a YMERA workspace.")
    subparsers = parser.add_subparsers(required=True, metavar="command")
    for add in COMMANDS:
        add(subparsers)
    chosen = parser.parse_args(told_apart(sys.argv[1:] if arguments is None else arguments))
    chosen.carry_out(chosen)


def add_run(subparsers: "Subparsers") -> None:
    """`ymera-client run module:agent`: an agent that a module defines."""
    parser = subparsers.add_parser(
        "run", help="run an agent: YMERA_URL and YMERA_TOKEN say where and as whom"
    )
    parser.add_argument("agent", help=WHERE)
    parser.add_argument("--grace", type=float, default=30.0, help="seconds to finish what runs (%(default)s)")
    parser.set_defaults(carry_out=lambda chosen: find(chosen.agent).run(grace=chosen.grace))


def add_capabilities(subparsers: "Subparsers") -> None:
    """`ymera-client capabilities module:agent`: what it can do, as JSON."""
    parser = subparsers.add_parser("capabilities", help="print what an agent can do, with its JSON Schemas")
    parser.add_argument("agent", help=WHERE)
    parser.set_defaults(carry_out=lambda chosen: print_capabilities(find(chosen.agent)))


COMMANDS: list[Callable[["Subparsers"], None]] = [
    add_run,
    add_capabilities,
    add_mcp,
    add_upload,
    add_download,
    add_keys,
]


def find(where: str) -> Agent:
    """The agent that a module holds. SystemExit with a message if there is none."""
    module, _, name = where.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(module), name or "agent", None)
    except ModuleNotFoundError as error:
        sys.exit(f"ymera-client: {where}: {error}")
    if not isinstance(found, Agent):
        sys.exit(f"ymera-client: {module} has no agent by the name {name or 'agent'!r}")
    return found


def print_capabilities(agent: Agent) -> None:
    """Print what an agent can do as JSON."""
    declared = [handler.capability for handler in agent.handlers.values()]
    print(msgspec.json.format(msgspec.json.encode(declared)).decode())  # noqa: T201 - a command's output
