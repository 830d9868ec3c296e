"""Tasks from other systems' files: CSV and JSON, read whole and checked row by row.

A source is all right, or `SourceError` says everything that is wrong with it, each with its place and
how to mend it; so an import never takes half a file.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import orjson

from protocol.errors import ApiError
from protocol.fields import MAX_ASSIGNEES, Email, Name, Text
from protocol.tasks import ImportedTask
from protocol.wire import convert

MAX_BYTES = 64 * 1024 * 1024
"""Of one file."""
DELIMITERS = ",;\t|"
FIELDS = (
    *("external_id", "title", "description", "status", "priority", "labels", "estimate", "due"),
    *("parent", "assignees", "depends_on"),
)
"""The columns of a CSV file and the keys of a JSON object; `id` is another name of `external_id`."""
LISTS = ("labels", "assignees", "depends_on")
"""In CSV their values are separated by semicolons."""
WORDS = ("status", "priority")
"""Written freely: «In Progress» is in_progress."""
CLEARED = ("estimate", "due", "parent")
"""Fields that an empty cell or null empties; others are left as they are."""


class SourceError(Exception):
    """What is wrong with files, one text each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Row:
    """A task, the e-mail addresses of its assignees or None to leave those as they are, and its place."""

    task: ImportedTask
    emails: list[str] | None
    place: str


@dataclass(frozen=True, slots=True)
class Source:
    """What a file holds. `project` is the name that it gives its project, if it does."""

    path: Path
    rows: list[Row]
    project: str | None = None
    description: str = ""
    ignored: tuple[str, ...] = ()
    """Columns or keys that mean nothing here."""


class _Project(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    description: Text = ""


class _Assigned(msgspec.Struct, frozen=True, kw_only=True):
    assignees: Annotated[list[Email], msgspec.Meta(max_length=MAX_ASSIGNEES)]


def read_text(path: Path) -> str:
    """A file's text without its byte order mark."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceError([f"{path}: is larger than {MAX_BYTES // 1024**2} MiB; split it."])
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SourceError([f"{path}: cannot be read: {error.strerror}."]) from None
    except UnicodeDecodeError as error:
        raise SourceError([f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8."]) from None


def read_csv(path: Path) -> Source:
    """The rows of a CSV file with a header; its delimiter is the one that the header has most of."""
    text = read_text(path)
    header_line = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        lines = list(_lines(reader))
    except csv.Error as error:
        raise SourceError([f"{path}:{reader.line_num}: {error}; check the quotes around here."]) from None
    if not lines:
        raise SourceError([f"{path}: is empty; the first line names the columns."])
    (_, header), *body = lines
    columns = _columns(path, header)
    objects = []
    problems = []
    for line, cells in body:
        if len(cells) > len(header):
            problems.append(
                f"{path}:{line}: has {len(cells)} cells under {len(header)} columns; "
                f"quote cells that have a «{delimiter}» in them."
            )
        padded = cells + [""] * (len(header) - len(cells))
        objects.append((f"{path}:{line}", {name: _cell(name, padded[at]) for name, at in columns.items()}))
    ignored = tuple(name for at, name in enumerate(header) if at not in columns.values() and name.strip())
    return Source(path, _rows(objects, problems), ignored=ignored)


def read_json(path: Path) -> Source:
    """An array of objects, an object with `tasks` and perhaps `project`, or an object a line."""
    text = read_text(path)
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if (found := _json_lines(path, text)) is None:
            raise _no_json(path, error.lineno, error) from None
        return _json_source(path, found, {})
    if isinstance(content, dict) and "tasks" not in content:
        return _json_source(path, [(f"{path}:1", content)], {})
    tasks = content["tasks"] if isinstance(content, dict) else content
    if not isinstance(tasks, list):
        raise SourceError([f"{path}: must be a list of objects, or an object with such a list in «tasks»."])
    places = [(f"{path}: tasks[{index}]", task) for index, task in enumerate(tasks)]
    return _json_source(path, places, content if isinstance(content, dict) else {})


def _lines(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the number of its first line."""
    line = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def _columns(path: Path, header: Sequence[str]) -> dict[str, int]:
    """Where each field stands; ApiError if one is missing or stands twice."""
    names = [cell.strip().lower().replace(" ", "_").replace("-", "_") for cell in header]
    if "external_id" not in names:
        names = ["external_id" if name == "id" else name for name in names]
    problems = [
        f"{path}:1: has the column «{field}» {names.count(field)} times; leave one."
        for field in FIELDS
        if names.count(field) > 1
    ]
    problems += [
        f"{path}:1: has no column «{field}»; it has {', '.join(header)}."
        for field in ("external_id", "title")
        if field not in names
    ]
    if problems:
        raise SourceError(problems)
    return {field: names.index(field) for field in FIELDS if field in names}


def _cell(field: str, cell: str) -> Any:
    """A cell as the JSON value that it stands for."""
    if field in LISTS:
        return [part.strip() for part in cell.split(";") if part.strip()]
    if field == "description":
        return cell
    value = cell.strip()
    if field == "estimate" and value:
        try:
            return float(value)
        except ValueError:
            return value
    return value or None


def _json_lines(path: Path, text: str) -> list[tuple[str, Any]] | None:
    """An object from each line; None if the first line is none."""
    found: list[tuple[str, Any]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                found.append((f"{path}:{number}", orjson.loads(line)))
            except orjson.JSONDecodeError as error:
                if not found:
                    return None
                raise _no_json(path, number, error) from None
    return found


def _no_json(path: Path, line: int, error: orjson.JSONDecodeError) -> SourceError:
    return SourceError([f"{path}:{line}:{error.colno}: is no JSON: {error.msg}."])


def _json_source(path: Path, objects: Sequence[tuple[str, Any]], around: dict[str, Any]) -> Source:
    problems = [f"{place}: must be an object." for place, content in objects if not isinstance(content, dict)]
    if problems:
        raise SourceError(problems)
    ignored: dict[str, None] = {}
    tasks = []
    for place, content in objects:
        task = dict(content)
        if "external_id" not in task and "id" in task:
            task["external_id"] = task.pop("id")
        ignored |= dict.fromkeys(name for name in task if name not in FIELDS)
        tasks.append((place, {name: value for name, value in task.items() if name in FIELDS}))
    project = _project(path, around.get("project"))
    return Source(
        path,
        _rows(tasks, []),
        project=project.name if project else None,
        description=project.description if project else "",
        ignored=tuple(ignored),
    )


def _project(path: Path, project: Any) -> _Project | None:
    if project is None:
        return None
    try:
        return convert({"name": project} if isinstance(project, str) else project, _Project)
    except ApiError as error:
        raise SourceError([f"{path}: project.{error.message}"]) from None


def _rows(objects: Sequence[tuple[str, dict[str, Any]]], problems: list[str]) -> list[Row]:
    rows = []
    for place, fields in objects:
        try:
            rows.append(_row(place, fields))
        except ApiError as error:
            problems.append(f"{place}:{_complaint(error, fields)}")
    if problems:
        raise SourceError(problems)
    return rows


def _row(place: str, fields: dict[str, Any]) -> Row:
    given = {name: _plain(name, value) for name, value in fields.items()}
    given = {name: value for name, value in given.items() if value is not None or name in CLEARED}
    emails = None
    if "assignees" in given:
        emails = convert({"assignees": given.pop("assignees")}, _Assigned).assignees
    return Row(convert(given, ImportedTask), emails, place)


def _plain(field: str, value: Any) -> Any:
    """A value in the protocol's spelling."""
    if field in WORDS and isinstance(value, str):
        return value.strip().lower().replace(" ", "_").replace("-", "_")
    if field in {"external_id", "parent"} and isinstance(value, int):
        return str(value)
    if field == "depends_on" and isinstance(value, list):
        return [str(each) if isinstance(each, int) else each for each in value]
    return value


def _complaint(error: ApiError, fields: dict[str, Any]) -> str:
    """What is wrong with a row's field, and what stands there."""
    value = fields.get(str(error.data.get("path", "")).partition("[")[0])
    if not isinstance(value, str | int | float):
        return error.message
    shown = str(value) if len(str(value)) <= 40 else f"{str(value)[:40]}…"
    return f"{error.message.removesuffix('.')}, not «{shown}»."
