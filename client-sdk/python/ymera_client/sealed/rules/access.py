"""What a command is about, fetched and found open to change: the counterpart of the server's `access`."""

from ymera_client.errors import YmeraError
from ymera_client.fold import Plain
from ymera_client.sealed.rules.about import About, Contents, Role
from ymera_client.sealed.rules.refusals import not_found, refusal

RANKS: tuple[Role, ...] = ("reader", "member", "admin", "owner")
OPEN_ROLES = {"reader": "viewer", "member": "editor", "admin": "manager", "owner": "manager"}
"""The roles of a sealed room as open rooms call them."""


def may(about: About, needs: Role) -> bool:
    """Whether the sender has that role, or a higher one."""
    return RANKS.index(about.role) >= RANKS.index(needs)


def too_little(about: About, needs: Role) -> YmeraError:
    """`forbidden` for who lacks a role."""
    wanted, own = OPEN_ROLES[needs], OPEN_ROLES[about.role]
    return refusal("forbidden", f"This takes the role «{wanted}» here; yours is «{own}».")


def conversation(contents: Contents, about: About, room: str) -> Plain | None:
    """The room's entity, None before it has a name; `not_found` unless it is this one and no project."""
    if room != about.room or about.form != "conversation":
        raise not_found("channel")
    return contents.get("rooms", room)


def project(contents: Contents, about: About, room: str) -> Plain | None:
    """The project's entity, None before it has a name; `not_found` unless it is this room, and a project."""
    if room != about.room or about.form != "project":
        raise not_found("project")
    return contents.get("projects", room)


def open_project(contents: Contents, about: About, room: str) -> None:
    """Refuse what is about another project, or an archived one."""
    found = project(contents, about, room)
    if found is not None and found["state"] == "archived":
        message = "The project is archived; make it active again to change it."
        raise refusal("conflict", message)


def talk(contents: Contents, about: About, room: str, noun: str = "room") -> None:
    """Refuse what is said in another room, or in an archived one."""
    if room != about.room:
        raise not_found(noun)
    named = contents.get("rooms", room) or {}
    planned = contents.get("projects", room) or {}
    if named.get("archived") or planned.get("state") == "archived":
        raise refusal("conflict", "The room is archived; nothing can be said in it.")


def message(contents: Contents, about: About, key: str) -> Plain:
    """A message of the room."""
    found = contents.get("messages", key)
    if found is None:
        raise not_found("message")
    talk(contents, about, found["room"], "message")
    return found


def task(contents: Contents, about: About, key: str) -> Plain:
    """A task of the room, in which work may go on."""
    found = contents.get("tasks", key)
    if found is None or about.form != "project":
        raise not_found("task")
    open_project(contents, about, found["project_id"])
    return found


def admitted(contents: Contents, member_ids: list[str]) -> list[str]:
    """Those of the members who are in the room, each once, in the order given."""
    return [key for key in dict.fromkeys(member_ids) if contents.get("participants", key) is not None]
