"""Roles, ordered: a role can do all that the ones below it can."""

from enum import StrEnum


class _Ordered(StrEnum):
    """Members compare by the order in which they are declared, lowest first.

    All four comparisons are written out: those of `str` would otherwise answer, by the alphabet.
    """

    rank: int

    def __init__(self, _: str) -> None:
        self.rank = len(type(self).__members__)

    def __lt__(self, other: object) -> bool:
        return self.rank < other.rank if type(other) is type(self) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.rank <= other.rank if type(other) is type(self) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self.rank > other.rank if type(other) is type(self) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self.rank >= other.rank if type(other) is type(self) else NotImplemented


class WorkspaceRole(_Ordered):
    """What an account is in the workspace."""

    GUEST = "guest"
    """Sees only the projects and rooms it was added to."""
    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"


class RoomRole(_Ordered):
    """What a member is in a project or a room."""

    VIEWER = "viewer"
    EDITOR = "editor"
    MANAGER = "manager"
