"""Roles, ordered: a role can do all that the ones below it can."""

from enum import StrEnum
from functools import total_ordering


@total_ordering
class _Ordered(StrEnum):
    """Members compare by the order in which they are declared, lowest first."""

    @property
    def rank(self) -> int:
        return list(type(self)).index(self)

    def __lt__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.rank < other.rank


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
