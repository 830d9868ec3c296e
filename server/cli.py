"""The `ymera` command: what an operator does with the program, one function a subcommand.

Exit status: 0 done, 1 it failed, 2 it was asked wrongly (arguments or settings).
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version

from persistence import migrations
from persistence.migrations import MigrationError
from server import accounts, doctor, embedded, importer, workers
from server.embedded import EmbeddedError
from server.settings import MAX_WORKERS, Settings, SettingsError, describe, number

DONE, FAILED, MISUSED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options, Settings.from_environ(os.environ))
    except SettingsError as error:
        for problem in error.problems:
            print(f"ymera: {problem}", file=sys.stderr)
        return MISUSED
    except (EmbeddedError, MigrationError) as error:
        print(f"ymera: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return FAILED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ymera",
        description="A workspace server in which people and programs work on the same projects, live.",
        epilog="Settings come from the environment; 'ymera config' lists them with their meaning.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('ymera')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    serve = commands.add_parser(
        "serve",
        help="run the server",
        description="Run the server until it is interrupted or terminated; it then finishes what is running.",
    )
    serve.add_argument(
        "--workers",
        type=_workers,
        metavar="N",
        help="processes that serve, about one a core; default: YMERA_WORKERS, or 1",
    )
    serve.set_defaults(run=_serve)

    migrate = commands.add_parser(
        "migrate",
        help="bring the database to this version's shape",
        description="Bring the database to this version's shape. 'serve' does so too as it starts; run this "
        "first where the server's own database account may not change tables.",
    )
    migrate.set_defaults(run=_migrate)

    config = commands.add_parser(
        "config",
        help="print the settings",
        description="Print every setting with its value, default and meaning; secrets are masked.",
    )
    config.add_argument("--json", action="store_true", help="print a JSON list for programs")
    config.set_defaults(run=_config)

    importing = commands.add_parser(
        "import",
        help="bring in projects and tasks from files",
        description="Bring in tasks with their dependencies from CSV, JSON and project scheduling files, all "
        "of them or none. The same import again changes nothing.",
    )
    importer.add_arguments(importing)
    importing.set_defaults(run=_import)

    account = commands.add_parser(
        "account",
        help="make an account, or give one another password",
        description="Make an account, or give one another password, from the machine itself.",
    )
    accounts.add_arguments(account)
    account.set_defaults(run=accounts.run)

    check = commands.add_parser(
        "doctor",
        help="check that the server can run here, and say how to mend what is wrong",
        description="Check settings, data folder, database, Redis, console and clock. The exit status is 1 "
        "when something has to be mended.",
    )
    check.set_defaults(run=_doctor)
    return parser


def _workers(text: str) -> int:
    try:
        return number(text, low=1, high=MAX_WORKERS)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} {error}") from None


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    settings = replace(settings, workers=options.workers or settings.workers)
    if settings.workers > 1:
        workers.run(settings)
        return DONE
    # Here, so that the other commands need not wait for the whole server to be imported.
    from server import app  # noqa: PLC0415

    app.run(settings)
    return DONE


def _migrate(_: argparse.Namespace, settings: Settings) -> int:
    with embedded.database(settings) as dsn:
        before = asyncio.run(migrations.current(dsn))
        asyncio.run(migrations.upgrade(dsn))
    after = migrations.head()
    print(
        f"already at step {after}" if before == after else f"migrated from {before or 'nothing'} to {after}"
    )
    return DONE


def _config(options: argparse.Namespace, settings: Settings) -> int:
    rows = describe(settings)
    if options.json:
        print(json.dumps(rows, indent=2))
        return DONE
    for row in rows:
        print(f"{row['name']}={row['value'] or ''}\n    {row['meaning']}\n    Default: {row['default']}\n")
    return DONE


def _import(options: argparse.Namespace, settings: Settings) -> int:
    return asyncio.run(importer.run(options, settings))


def _doctor(_: argparse.Namespace, settings: Settings) -> int:
    findings = asyncio.run(doctor.examine(settings, os.environ))
    for finding in findings:
        print(finding)
    return FAILED if any(finding.verdict is doctor.Verdict.BROKEN for finding in findings) else DONE
