"""The subcommand `ymera-client mcp`, described also where its extra is not installed."""

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no other name


def add_mcp(subparsers: "Subparsers") -> None:
    """`ymera-client mcp`: an MCP server for a coding assistant."""
    parser = subparsers.add_parser(
        "mcp",
        help="let a coding assistant work over MCP, as the agent whose YMERA_TOKEN it is, at YMERA_URL",
    )
    parser.add_argument(
        "--capability", default="assist", help="what the agent is able to do, by name (%(default)s)"
    )
    parser.add_argument(
        "--concurrency", type=int, default=1, help="runs that it works on at once (%(default)s)"
    )
    parser.add_argument(
        "--http",
        metavar="[HOST:]PORT",
        help="serve streamable HTTP, by default on 127.0.0.1, instead of standard input and output; "
        "clients show the bearer token in YMERA_MCP_TOKEN",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a further host name by which HTTP clients may address it, as behind a proxy; may be repeated",
    )
    parser.set_defaults(carry_out=_carry_out)


def _carry_out(chosen: argparse.Namespace) -> None:
    try:
        from ymera_client.mcp import program  # noqa: PLC0415 - it needs the extra
    except ModuleNotFoundError as error:
        sys.exit(f"ymera-client mcp: {error}: install the extra with pip install 'ymera-client[mcp]'")
    program.run(chosen)
