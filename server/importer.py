"""`ymera import`: tasks from files into projects, as if a member had entered them.

Everything goes through the commands' own handlers, in one transaction: an import is done whole or not at
all, and a dry run is an import that is undone at the end. The server may run meanwhile; its nodes find
the events in the log. Tasks are known by their external ids, so the same import again changes nothing.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import msgspec

from handlers.dispatch import Caller, Dispatcher, Request
from persistence import members, migrations
from persistence.database import DATABASE_FAILURES, Connection, connect_pool, plan_afresh
from persistence.ids import new_id
from protocol.errors import ApiError
from protocol.fields import MAX_IMPORT, MAX_TASKS
from protocol.projects import Project
from protocol.registry import Scope
from protocol.rooms import LoggedEvent
from protocol.tasks import ImportReport
from protocol.wire import command_spec, decode_command
from server import embedded, networks, sources
from server.settings import Settings
from server.sources import Row, Source, SourceError

READERS: dict[str, Callable[[Path], Source]] = {
    "csv": sources.read_csv,
    "json": sources.read_json,
    "psplib": networks.read_psplib,
    "patterson": networks.read_patterson,
}
SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".sm": "psplib",
    ".rcp": "patterson",
}
SHOWN_PROBLEMS = 20
PROGRESS_SECONDS = 1.0

Item = tuple[Row, dict[str, Any]]
"""A row, and what of it one command takes."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `ymera import` understands."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    target = parser.add_mutually_exclusive_group()
    target.add_argument(
        "--project",
        metavar="NAME",
        help="the project, made if there is none; else one is named after each file",
    )
    target.add_argument("--project-id", metavar="ID", help="a project that is there")
    parser.add_argument(
        "--format", choices=sorted(READERS), help="what the files are; else their names' endings say"
    )
    parser.add_argument(
        "--as", dest="actor", metavar="EMAIL", help="the account that imports; else the first owner's"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")


async def run(args: argparse.Namespace, settings: Settings) -> int:
    """Import the files; 0 if all is done, 1 if anything is wrong, which is then written to stderr."""
    try:
        read = [_reader(path, args.format)(path) for path in args.files]
        plans = _plans(read, args.project, args.project_id)
        for source in read:
            if source.ignored:
                print(f"{source.path}: ignoring {', '.join(source.ignored)}", file=sys.stderr)
        with embedded.database(settings) as dsn:
            await migrations.upgrade(dsn)
            outcomes = await _import(dsn, plans, args.actor, dry_run=args.dry_run)
    except SourceError as error:
        for problem in error.problems[:SHOWN_PROBLEMS]:
            print(f"ymera import: {problem}", file=sys.stderr)
        if (more := len(error.problems) - SHOWN_PROBLEMS) > 0:
            print(f"ymera import: and {more} more", file=sys.stderr)
        print("ymera import: nothing was imported", file=sys.stderr)
        return 1
    for outcome in outcomes:
        print(outcome)
    if args.dry_run:
        print("This was a dry run: nothing was written.")
    return 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The rows for one project: that of `project_id`, else that of the name, which may have to be made."""

    name: str
    project_id: str | None
    description: str = ""
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan."""

    project: Project
    created: int
    updated: int
    unchanged: int

    def __str__(self) -> str:
        return (
            f"{self.project.name}: {self.created} created, {self.updated} updated, {self.unchanged} unchanged"
        )


def _reader(path: Path, chosen: str | None) -> Callable[[Path], Source]:
    name = chosen or SUFFIXES.get(path.suffix.lower())
    if name is None:
        raise SourceError([f"{path}: its name does not say what it is; name it with --format."])
    return READERS[name]


def _plans(read: Sequence[Source], name: str | None, project_id: str | None) -> list[Plan]:
    """The sources by project, each looked through for what makes no sense together."""
    plans: dict[str, Plan] = {}
    for source in read:
        own = name or source.project or source.path.stem
        key = "" if project_id else own.casefold()
        plan = plans.setdefault(key, Plan(own, project_id, source.description))
        plan.rows.extend(source.rows)
    problems = [problem for plan in plans.values() for problem in _problems(plan)]
    if problems:
        raise SourceError(problems)
    return list(plans.values())


def _problems(plan: Plan) -> list[str]:
    try:
        decode_command(command_spec("project.create"), {"name": plan.name})
    except ApiError as error:
        return [f"the project «{plan.name}»: {error.message}"]
    if len(plan.rows) > MAX_TASKS:
        return [f"the project «{plan.name}»: {len(plan.rows)} tasks; there can be {MAX_TASKS}."]
    problems = []
    places: dict[str, str] = {}
    for row in plan.rows:
        first = places.setdefault(row.task.external_id, row.place)
        if first != row.place:
            problems.append(f"{row.place}:external_id: «{row.task.external_id}» stands at {first} already.")
    for relation in ("depends_on", "parent"):
        try:
            _ordered(plan.rows, relation)
        except CycleError as error:
            circle: list[str] = error.args[1][::-1]
            way = " → ".join([*circle[:10], *(["…"] if len(circle) > 10 else [])])
            problems.append(f"{places[circle[0]]}:{relation}: goes in a circle: {way}.")
    return problems


def _ordered(rows: Sequence[Row], relation: str) -> list[Row]:
    """The rows that say something of a relation, each after those that it names; CycleError if in vain."""
    told = {row.task.external_id: row for row in rows if getattr(row.task, relation) is not msgspec.UNSET}
    graph = {name: _names(getattr(row.task, relation)) for name, row in told.items()}
    return [told[name] for name in TopologicalSorter(graph).static_order() if name in told]


def _names(value: str | list[str] | None) -> list[str]:
    if isinstance(value, list):
        return value
    return [value] if value else []


async def _import(dsn: str, plans: Sequence[Plan], email: str | None, *, dry_run: bool) -> list[Outcome]:
    try:
        pool = await connect_pool(dsn, size=1)
        async with pool, pool.acquire() as tx:
            transaction = tx.transaction(isolation="read_committed")
            await transaction.start()
            try:
                await plan_afresh(tx)
                work = Work(tx, Dispatcher(pool, _publish_nothing), await _caller(tx, email))
                outcomes = [await work.carry_out(plan) for plan in plans]
            except BaseException:
                await transaction.rollback()
                raise
            await (transaction.rollback() if dry_run else transaction.commit())
            return outcomes
    except DATABASE_FAILURES as error:
        raise SourceError([f"the database: {str(error) or 'no answer in time'}; try again."]) from error


async def _publish_nothing(_: list[LoggedEvent]) -> None:
    """Nodes that run find the events in the log."""


async def _caller(tx: Connection, email: str | None) -> Caller:
    if email is None:
        member_id = await members.first_owner(tx)
        missing = "there is no account yet; start the server and make the first one."
    else:
        found = await members.account(tx, email)
        member_id = found and found.member_id
        missing = f"--as: no account has the address {email}."
    if member_id is None:
        raise SourceError([missing])
    return Caller(member_id, None, Scope.WRITE, new_id())


class Progress:
    """Says on stderr how far the work is, once a second, if it takes longer than that."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._said = time.monotonic()

    def advance(self, count: int) -> None:
        """So many more are done."""
        self._done += count
        if time.monotonic() - self._said > PROGRESS_SECONDS and self._done < self._total:
            print(f"{self._done * 100 // self._total} % …", file=sys.stderr)
            self._said = time.monotonic()


@dataclass(frozen=True, slots=True)
class Work:
    """An import on its way: the transaction, and who imports."""

    tx: Connection
    dispatcher: Dispatcher
    caller: Caller

    async def carry_out(self, plan: Plan) -> Outcome:
        """Find or make the plan's project and import its rows; SourceError says which row is refused."""
        assignees = await self._assignees(plan.rows)
        try:
            project = await self._project(plan)
        except ApiError as error:
            raise SourceError([f"the project «{plan.name}»: {error.message}"]) from None
        batches = _batches(plan.rows, assignees)
        progress = Progress(sum(map(len, batches)))
        created: set[str] = set()
        updated: set[str] = set()
        for batch in batches:
            report = await self._send(project.id, batch)
            created.update(report.created)
            updated.update(report.updated)
            progress.advance(len(batch))
        updated -= created
        unchanged = len(plan.rows) - len(created) - len(updated)
        return Outcome(project, len(created), len(updated), unchanged)

    async def _call(self, command_name: str, **payload: Any) -> Any:
        spec = command_spec(command_name)
        command = decode_command(spec, payload)
        (reply,), _ = await self.dispatcher.carry_out(self.tx, [Request(self.caller, spec, command)])
        return msgspec.json.decode(reply, type=spec.reply)

    async def _project(self, plan: Plan) -> Project:
        if plan.project_id is not None:
            found: Project = await self._call("project.get", project_id=plan.project_id)
            return found
        named: list[Project] = []
        cursor = None
        while True:
            page = await self._call("project.list", query=plan.name, limit=200, cursor=cursor)
            named += [
                row.project for row in page.items if row.project.name.casefold() == plan.name.casefold()
            ]
            if (cursor := page.next) is None:
                break
        if len(named) > 1:
            ids = ", ".join(project.id for project in named)
            raise SourceError(
                [f"{len(named)} projects are called «{plan.name}»; name one with --project-id: {ids}."]
            )
        if named:
            return named[0]
        made: Project = await self._call("project.create", name=plan.name, description=plan.description)
        return made

    async def _assignees(self, rows: Sequence[Row]) -> dict[str, str]:
        """The members whom the rows name: ids by address in lower case."""
        named = {email for row in rows for email in row.emails or []}
        found = await members.with_emails(self.tx, named)
        problems = [
            f"{row.place}:assignees: no account has the address {email}; add it or leave it out."
            for row in rows
            for email in row.emails or []
            if email.lower() not in found
        ]
        if problems:
            raise SourceError(problems)
        return found

    async def _send(self, project_id: str, batch: Sequence[Item]) -> ImportReport:
        try:
            report: ImportReport = await self._call(
                "task.import", project_id=project_id, tasks=[fields for _, fields in batch]
            )
        except ApiError as error:
            raise SourceError([_located(error, batch)]) from None
        return report


def _batches(rows: Sequence[Row], assignees: dict[str, str]) -> list[list[Item]]:
    """The rows as commands take them.

    Where one command does not take all, tasks come first, in their order, and then what connects them,
    each after those that it names: so nothing goes in a circle on the way that does not at the end.
    """
    items = [(row, _fields(row, assignees)) for row in rows]
    if len(items) <= MAX_IMPORT:
        return [items] if items else []
    whole = dict(zip((row.task.external_id for row in rows), items, strict=True))
    relations = ("depends_on", "parent")
    bare = [(row, {name: fields[name] for name in fields if name not in relations}) for row, fields in items]
    batches = _cut(bare)
    for relation in relations:
        names = ("external_id", relation)
        linked = [whole[row.task.external_id] for row in _ordered(rows, relation)]
        batches += _cut([(row, {name: fields[name] for name in names}) for row, fields in linked])
    return batches


def _cut(items: Sequence[Item]) -> list[list[Item]]:
    return [list(items[at : at + MAX_IMPORT]) for at in range(0, len(items), MAX_IMPORT)]


def _fields(row: Row, assignees: dict[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(row.task)
    if row.emails is not None:
        fields["assignees"] = [assignees[email.lower()] for email in row.emails]
    return fields


def _located(error: ApiError, batch: Sequence[Item]) -> str:
    """A refusal with the place of the row in its file instead of its place in the command."""
    path = str(error.data.get("path", ""))
    for at, (row, _) in enumerate(batch):
        if path.startswith(f"tasks[{at}]."):
            return f"{row.place}:{error.message.removeprefix(f'tasks[{at}].')}"
    return error.message
