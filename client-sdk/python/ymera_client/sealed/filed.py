"""What a client is asked about the files of sealed rooms, answered by what this device has read.

Files are looked for by their names: nobody but members has ever seen what is in them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ymera_client.errors import Invalid, NotFound
from ymera_client.fold import Plain
from ymera_client.sealed.paging import page
from ymera_client.sealed.rules import Contents

THUMBNAIL = "thumbnail"
MAX_FOLDERS = 1_000
"""Folders that one answer holds."""
HITS = 20


class Filing(Protocol):
    """A room, as far as it is asked about its files."""

    @property
    def contents(self) -> Contents:
        """All that it holds."""

    @property
    def open_role(self) -> str:
        """The own role, as open rooms call it."""


Answer = Callable[[Filing, Mapping[str, Any]], Any]


def info(file: Plain) -> dict[str, Any]:
    """A file as an open room's is, without its objects."""
    return {name: value for name, value in file.items() if name != "versions"}


def version_of(file: Plain, number: int | None) -> Plain:
    """A version of a file, the newest if none is named. NotFound if it has none of that number."""
    wanted = file["number"] if number is None else number
    for version in file["versions"]:
        if version["number"] == wanted:
            found: Plain = version
            return found
    raise NotFound("The file has no such version.", data={"noun": "version"})


def _shown(version: Plain) -> dict[str, Any]:
    return {name: value for name, value in version.items() if name not in {"object", "thumbnail"}}


def _get(room: Filing, payload: Mapping[str, Any]) -> Any:
    file = _found(room, payload)
    version = version_of(file, payload.get("number"))
    thumbnail = version["thumbnail"]
    previews = [] if thumbnail is None else [{"name": THUMBNAIL, **_size(thumbnail)}]
    description = {
        "media_type": version["media_type"],
        "kind": version["kind"],
        "language": None,
        "pages": None,
        "characters": 0,
        "metadata": {},
        "quality": None,
        "findings": [],
        "previews": previews,
        "error": "",
    }
    return {
        "file": info(file),
        "version": _shown(version),
        "access": room.open_role,
        "description": description,
        "grants": [],
    }


def _size(thumbnail: Plain) -> dict[str, int]:
    return {"width": thumbnail["width"], "height": thumbnail["height"]}


def _versions(room: Filing, payload: Mapping[str, Any]) -> Any:
    versions: Sequence[Plain] = _found(room, payload)["versions"]
    return page([_shown(version) for version in reversed(versions)], payload)


def _list(room: Filing, payload: Mapping[str, Any]) -> Any:
    wanted = {name: value for name, value in payload.items() if value is not None}
    trash = bool(payload.get("trash"))
    files = [
        info(file)
        for file in room.contents.all("files")
        if (file["purge_at"] is not None) == trash
        and all(check(file, wanted[name]) for name, check in FILTERS.items() if name in wanted)
    ]
    sort = str(payload.get("sort") or "name")
    files.sort(key=_sorting(sort), reverse=bool(payload.get("descending")))
    return page(files, payload)


def _sorting(field: str) -> Callable[[Plain], Any]:
    def key(file: Plain) -> Any:
        value = file[field]
        return value is None, value.casefold() if isinstance(value, str) else value or 0, file["id"]

    return key


def _folders(room: Filing, payload: Mapping[str, Any]) -> Any:
    above = f"{payload['folder']}/" if payload.get("folder") else ""
    found: dict[str, dict[str, Any]] = {}
    for file in room.contents.all("files"):
        if file["purge_at"] is None and file["folder"].startswith(above) and len(file["folder"]) > len(above):
            path = above + file["folder"][len(above) :].partition("/")[0]
            entry = found.setdefault(path, {"path": path, "files": 0, "bytes": 0, "updated_at": ""})
            entry["files"] += 1
            entry["bytes"] += file["bytes"]
            entry["updated_at"] = max(entry["updated_at"], file["updated_at"])
    folders = sorted(found.values(), key=lambda each: (str(each["path"]).casefold(), str(each["path"])))
    return {"folders": folders[:MAX_FOLDERS]}


def _search(room: Filing, payload: Mapping[str, Any]) -> Any:
    words = str(payload.get("query") or "").casefold().split()
    if not words:
        raise Invalid("query: say at least one word to look for.", data={"path": "query"})
    kind = payload.get("kind")
    found = [
        file
        for file in room.contents.all("files")
        if file["purge_at"] is None
        and (kind is None or file["kind"] == kind)
        and all(word in file["name"].casefold() for word in words)
    ]
    found.sort(key=lambda file: (str(file["updated_at"]), str(file["id"])), reverse=True)
    hits = [{"file": info(file), "page": 1, "snippet": file["name"]} for file in found]
    return {"hits": hits[: int(payload.get("limit") or HITS)]}


def _found(room: Filing, payload: Mapping[str, Any]) -> Plain:
    found = room.contents.get("files", str(payload["file_id"]))
    if found is None:
        raise NotFound("There is no such file in the room.", data={"noun": "file"})
    return found


FILTERS: dict[str, Callable[[Plain, Any], bool]] = {
    "folder": lambda file, value: file["folder"] == value,
    "task_id": lambda file, value: file["task_id"] == value,
    "run_id": lambda file, value: any(version["run_id"] == value for version in file["versions"]),
    "kind": lambda file, value: file["kind"] == value,
    "query": lambda file, value: value.casefold() in file["name"].casefold(),
}
ANSWERS: dict[str, Answer] = {
    "file.list": _list,
    "file.folders": _folders,
    "file.get": _get,
    "file.versions": _versions,
    "file.search": _search,
}
