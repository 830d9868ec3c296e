"""Who may do what, from the code that decides it: the handlers' needs and `access.role_in`."""

import handlers
from handlers.access import role_in
from handlers.dispatch import HANDLERS
from persistence.rooms import Entrance
from protocol.registry import COMMANDS, CommandSpec
from protocol.roles import RoomRole, WorkspaceRole
from protocol.rooms import RoomKind
from scripts.generator.markdown import splice, table

ADDED: tuple[RoomRole | None, ...] = (None, *RoomRole)
NOBODY: tuple[RoomRole | None, ...] = (None,)
ROOMS = (
    ("the workspace", RoomKind.WORKSPACE, False, NOBODY),
    ("a project", RoomKind.PROJECT, True, ADDED),
    ("a public channel", RoomKind.CHANNEL, False, ADDED),
    ("a private channel", RoomKind.CHANNEL, True, ADDED),
    ("a direct conversation", RoomKind.DIRECT, True, (None, RoomRole.EDITOR)),
    ("somebody else's inbox", RoomKind.INBOX, True, NOBODY),
)
"""The kinds of rooms, whether private, and as what members can be added to them."""


def render() -> str:
    """Return `docs/roles.md` with its tables brought up to date."""
    assert handlers.__all__  # what registers the handlers
    return splice("roles.md", "roles", f"## In rooms\n\n{_rooms()}\n## Commands\n\n{_commands()}")


def _rooms() -> str:
    rows = [
        [
            name,
            f"`{added}`" if added else "no",
            *(_held(kind, role, added, private=private) for role in WorkspaceRole),
        ]
        for name, kind, private, possible in ROOMS
        for added in possible
    ]
    return table(["room", "added to it", *(f"`{role}`" for role in WorkspaceRole)], rows)


def _held(kind: RoomKind, workspace_role: WorkspaceRole, added: RoomRole | None, *, private: bool) -> str:
    entrance = Entrance(
        id="room",
        kind=kind,
        head_seq=0,
        private=private,
        archived=False,
        deleted=False,
        member_id="member",
        active=True,
        workspace_role=workspace_role,
        role=added,
    )
    role = role_in(entrance)
    return f"`{role}`" if role else "–"


def _commands() -> str:
    rows = [
        [f"`{name}`", _needs(spec), f"`{spec.scope}`", (spec.type.__doc__ or "").partition("\n\n")[0]]
        for name, spec in sorted(COMMANDS.items())
    ]
    return table(["command", "takes at least", "token's scope", "what it does, and for whom"], rows)


def _needs(spec: CommandSpec) -> str:
    if spec.signal:
        return "the room, joined" if "room" in spec.type.__struct_fields__ else "a connection"
    needs = HANDLERS[spec.type].needs
    if needs is WorkspaceRole.GUEST:
        return "any role"
    return f"`{needs}` in the {'room' if isinstance(needs, RoomRole) else 'workspace'}"
