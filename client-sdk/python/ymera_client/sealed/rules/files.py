"""Files: adding, changing, moving and deleting them. Their bytes are objects; here is what there is to say.

A file has its versions with it, each with its object, newest last. As in open rooms no two files in a folder
have the same name, but beyond ASCII upper and lower case count as different, since languages do not agree on
them. In place of SHA-256 stands `pt_hash`, by which members tell contents apart.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from ymera_client.crypto.wire import from_text
from ymera_client.fold import Plain
from ymera_client.generated import MAX_FILES, MAX_VERSIONS, Fold
from ymera_client.sealed.rules import access, changes
from ymera_client.sealed.rules.about import LAST_MS, About, Contents, Data, Fact, raised, timestamp
from ymera_client.sealed.rules.refusals import invalid, limit_exceeded, not_found, refusal, stale, taken
from ymera_client.sealed.rules.rule import Rule
from ymera_client.sealed.rules.shapes import MAX_SAID

TRASH_DAYS = 30
"""How long a deleted file is said to stay, which is for the members to do."""
MAX_NAME = 255
KINDS = {
    "document": re.compile(
        r"application/(pdf|msword|rtf|epub\+zip|vnd\.oasis\.opendocument\.(text|presentation)"
        r"|vnd\.openxmlformats-officedocument\.(wordprocessingml|presentationml)\..*)|message/rfc822"
    ),
    "table": re.compile(
        r"text/(csv|tab-separated-values)|application/(vnd\.ms-excel|vnd\.oasis\.opendocument\.spreadsheet"
        r"|vnd\.openxmlformats-officedocument\.spreadsheetml\..*)"
    ),
    "code": re.compile(
        r"application/(json|javascript|xml|x-sh|toml|yaml)|text/(javascript|css|x-[a-z0-9.+-]+)"
    ),
    "archive": re.compile(r"application/(zip|gzip|x-tar|x-7z-compressed|x-bzip2|x-xz|zstd|vnd\.rar)"),
    "image": re.compile(r"image/.*"),
    "audio": re.compile(r"audio/.*"),
    "video": re.compile(r"video/.*"),
    "text": re.compile(r"text/.*"),
}
"""What a file is by the type that its author says; the first that fits counts."""


def add(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Add a file. Where its name is taken it gets a number, unless that is to be refused."""
    access.talk(contents, about, data["room"])
    changes.present(contents, {"task_id": data["task_id"]})
    if contents.get("files", data["id"]) is not None:
        raise taken()
    if len(contents.all("files")) >= MAX_FILES:
        raise limit_exceeded("files in a room", MAX_FILES)
    if data["conflict"] == "refuse":
        _refuse_taken(contents, data["folder"], data["name"])
    name = free_name(contents, data["folder"], data["name"])
    file = {
        "id": data["id"],
        "version": 0,
        "room": about.room,
        "task_id": data["task_id"],
        "folder": data["folder"],
        "name": name,
        "restricted": False,
        "created_by": about.sender,
        "created_at": about.at,
        "purge_at": None,
        "versions": [],
    }
    made = _with(about, file, _version(about, file, 1, data))
    return [Fact("file.created", {"file": _stamped(about, made)})]


def revise(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Give a file another content; beyond the most there can be the oldest version goes."""
    file = _open(contents, about, data["file_id"])
    if _digest(data["object"]) == file["sha256"]:
        return []
    return _changed(about, _with(about, file, _version(about, file, file["number"] + 1, data)), "uploaded")


def restore(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Make an old version the newest again, as a version of its own."""
    file = _open(contents, about, data["file_id"])
    old = next((each for each in file["versions"] if each["number"] == data["number"]), None)
    if old is None:
        raise not_found("version")
    if old["sha256"] == file["sha256"]:
        return []
    given = {name: old[name] for name in ("object", "media_type", "thumbnail")}
    number = file["number"] + 1
    version = _version(about, file, number, {**given, "run_id": None}, restored_from=old["number"])
    return _changed(about, _with(about, file, {**version, "reading": old["reading"]}), "restored")


def describe(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Say what a version says, which whoever has brought it has read. The first word about it counts."""
    file = _open(contents, about, data["file_id"])
    version = next((each for each in file["versions"] if each["number"] == data["number"]), None)
    if version is None:
        raise not_found("version")
    if version["created_by"] != about.sender:
        raise refusal("forbidden", "Only whoever has brought a version tells what is in it.")
    if sum(map(len, data["texts"])) > MAX_SAID:
        raise invalid("texts", f"must have at most {MAX_SAID} characters in all.")
    if version["reading"] is not None:
        return []
    reading = {name: value for name, value in data.items() if name not in {"file_id", "number"}}
    versions = [{**each, "reading": reading} if each is version else each for each in file["versions"]]
    changed = {**file, "versions": versions, "version": raised(about, file)}
    return [Fact("file.updated", {"file": changed, "cause": "analyzed"})]


def rename(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Give a file another name."""
    file = _current(_open(contents, about, data["file_id"]), data["version"])
    if data["name"] == file["name"]:
        return []
    _refuse_taken(contents, file["folder"], data["name"], file["id"])
    return _changed(about, {**file, "name": data["name"]}, "renamed")


def move(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Put a file into another folder, or at another task."""
    file = _current(_open(contents, about, data["file_id"]), data["version"])
    if (data["folder"], data["task_id"]) == (file["folder"], file["task_id"]):
        return []
    if data["task_id"] != file["task_id"]:
        changes.present(contents, {"task_id": data["task_id"]})
    if data["folder"] != file["folder"]:
        _refuse_taken(contents, data["folder"], file["name"], file["id"])
    return _changed(about, {**file, "folder": data["folder"], "task_id": data["task_id"]}, "moved")


def delete(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Put a file into the trash, or remove it for good, which is for managers and whoever made it."""
    file = _found(contents, about, data["file_id"])
    if data["forever"]:
        if file["created_by"] != about.sender and not access.may(about, "admin"):
            raise refusal("forbidden", "Only managers and whoever made a file remove it for good.")
        return [Fact("file.removed", {"file_id": file["id"]})]
    if file["purge_at"] is not None:
        return []
    return _changed(about, {**file, "purge_at": _later(about.at)}, "deleted")


def undelete(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Take a file out of the trash; it gets a number if its name was taken meanwhile."""
    file = _found(contents, about, data["file_id"])
    if file["purge_at"] is None:
        return []
    name = free_name(contents, file["folder"], file["name"])
    return _changed(about, {**file, "purge_at": None, "name": name}, "undeleted")


def free_name(contents: Contents, folder: str, name: str) -> str:
    """The name, with a number if it is taken in the folder, as in `report (2).pdf`."""
    names = {_same(file["name"]) for file in contents.all("files") if _lies_in(file, folder)}
    stem, ending = _stem(name)
    tried, number = name, 1
    while _same(tried) in names:
        number += 1
        suffix = f" ({number}){ending}"
        tried = stem[: MAX_NAME - len(suffix)] + suffix
    return tried


def named(contents: Contents, folder: str, name: str) -> Plain | None:
    """The file that has this name in a folder."""
    for file in contents.all("files"):
        if _lies_in(file, folder) and _same(file["name"]) == _same(name):
            return file
    return None


def objects_of(file: Plain | None) -> set[str]:
    """The ids of the objects that a file needs, thumbnails included."""
    versions = [] if file is None else file["versions"]
    blobs = [blob for version in versions for blob in (version["object"], version["thumbnail"]) if blob]
    return {blob["object_id"] for blob in blobs}


def _found(contents: Contents, about: About, key: str) -> Plain:
    file = contents.get("files", key)
    if file is None:
        raise not_found("file")
    access.talk(contents, about, file["room"], "file")
    return file


def _open(contents: Contents, about: About, key: str) -> Plain:
    file = _found(contents, about, key)
    if file["purge_at"] is not None:
        raise not_found("file")
    return file


def _current(file: Plain, version: int | None) -> Plain:
    if version is not None and version != file["version"]:
        raise stale("file", file)
    return file


def _version(
    about: About, file: Plain, number: int, data: Data, restored_from: int | None = None
) -> dict[str, Any]:
    return {
        "file_id": file["id"],
        "number": number,
        "name": file["name"],
        "bytes": data["object"]["size"],
        "sha256": _digest(data["object"]),
        "media_type": data["media_type"],
        "kind": next((kind for kind, types in KINDS.items() if types.fullmatch(data["media_type"])), "other"),
        "analysis": "done",
        "quality": None,
        "held": "",
        "label": "",
        "restored_from": restored_from,
        "run_id": data["run_id"],
        "created_by": about.sender,
        "created_at": about.at,
        "object": data["object"],
        "thumbnail": data["thumbnail"],
        "reading": None,
    }


def _with(about: About, file: Plain, version: Plain) -> dict[str, Any]:
    """A file with one more version, which it is as from now on."""
    shown = ("number", "bytes", "sha256", "media_type", "kind", "analysis", "quality", "held", "run_id")
    return {
        **file,
        **{name: version[name] for name in shown},
        "versions": [*file["versions"], version][-MAX_VERSIONS:],
        "updated_by": about.sender,
        "updated_at": about.at,
    }


def _changed(about: About, file: Plain, cause: str) -> list[Fact]:
    return [Fact("file.updated", {"file": _stamped(about, file), "cause": cause})]


def _stamped(about: About, file: Plain) -> dict[str, Any]:
    changed = {"version": raised(about, file), "updated_by": about.sender, "updated_at": about.at}
    return {**file, **changed}


def _refuse_taken(contents: Contents, folder: str, name: str, own: str | None = None) -> None:
    found = named(contents, folder, name)
    if found is not None and found["id"] != own:
        message = f"There is already a file «{name}» in that folder."
        raise refusal("conflict", message, file_id=found["id"])


def _lies_in(file: Plain, folder: str) -> bool:
    return bool(file["folder"] == folder and file["purge_at"] is None)


def _same(name: str) -> bytes:
    """What is the same of names that count as one: letters of ASCII in either case."""
    return name.encode().lower()


def _stem(name: str) -> tuple[str, str]:
    """A name without its number, and its ending."""
    found = re.fullmatch(r"(.+?)((?:\.[A-Za-z0-9]{1,10}){0,2})", name, re.DOTALL)
    assert found is not None
    stem, ending = found.groups()
    return re.sub(r" \([0-9]{1,6}\)$", "", stem) or stem, ending


def _digest(blob: Data) -> str:
    return from_text(blob["pt_hash"]).hex()


def _later(at: str) -> str:
    moment = datetime.fromisoformat(at).timestamp() * 1000
    return timestamp(min(round(moment) + round(timedelta(days=TRASH_DAYS).total_seconds()) * 1000, LAST_MS))


FOLDS = {
    "file.created": (Fold("put", "files", "file"),),
    "file.updated": (Fold("put", "files", "file"),),
    "file.removed": (Fold("drop", "files", "file_id"),),
}
"""What events do to the files that a sealed room holds; the state of an open one has none."""
RULES = {
    "file.add": Rule(add, entity="id"),
    "file.revise": Rule(revise, entity="file_id"),
    "file.describe": Rule(describe),
    "file.rename": Rule(rename, entity="file_id"),
    "file.move": Rule(move, entity="file_id"),
    "file.restore": Rule(restore, entity="file_id"),
    "file.delete": Rule(delete, entity="file_id"),
    "file.undelete": Rule(undelete, entity="file_id"),
}
