"""What a client is asked about the files of sealed rooms, answered by what this device has read."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ymera_client.errors import NotFound
from ymera_client.fold import Plain
from ymera_client.sealed.hits import find, said
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
    return {name: value for name, value in version.items() if name not in {"object", "thumbnail", "reading"}}


def _get(room: Filing, payload: Mapping[str, Any]) -> Any:
    file = _found(room, payload)
    version = version_of(file, payload.get("number"))
    thumbnail = version["thumbnail"]
    previews = [] if thumbnail is None else [{"name": THUMBNAIL, **_size(thumbnail)}]
    texts, reading = said(version), version["reading"]
    description = {
        "media_type": version["media_type"],
        "kind": version["kind"],
        "language": None,
        "pages": len(texts) or None,
        "characters": sum(map(len, texts)),
        "metadata": {} if reading is None or not texts else _counts(reading),
        "quality": None,
        "findings": [],
        "previews": previews,
        "error": "" if reading is None else reading["error"],
    }
    return {
        "file": info(file),
        "version": _shown(version),
        "access": room.open_role,
        "description": description,
        "grants": [],
    }


def _counts(reading: Plain) -> dict[str, Any]:
    """How much a version says; `page_count` is that of all pages, of which not all may have been told."""
    return {
        "word_count": reading["words"],
        "page_count": reading["pages"],
        **({} if reading["whole"] else {"truncated": True}),
    }


def _text(room: Filing, payload: Mapping[str, Any]) -> Any:
    texts = said(version_of(_found(room, payload), payload.get("number")))
    page = int(payload.get("page") or 1)
    if page > len(texts):
        raise NotFound("There is no such page.", data={"noun": "page"})
    return {"page": page, "pages": len(texts), "text": texts[page - 1]}


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
    kind = payload.get("kind")
    files = [file for file in room.contents.all("files") if kind is None or file["kind"] == kind]
    hits = find(files, str(payload.get("query") or ""))[: int(payload.get("limit") or HITS)]
    return {"hits": [{"file": info(hit.file), "page": hit.page, "snippet": hit.snippet} for hit in hits]}


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
    "file.text": _text,
}
