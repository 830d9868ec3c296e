"""Who is who in a room: which member an identity speaks for, as far as the server can be believed.

Whose an identity is, is the server's word. Of several in a room at once that it gives to one member only the
first is taken for that member; the others are strangers, with ids of their own, until those before them are
gone. So nobody is given another's words, and everybody who has read the same log comes to the same.
"""

from uuid import UUID

from ymera_client.crypto.commits import Role
from ymera_client.crypto.primitives import digest
from ymera_client.crypto.wire import to_text
from ymera_client.sealed.directory import Directory


class Naming:
    """The identities in a room, in the order in which they came."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._roles: dict[bytes, Role] = {}
        self._holders: dict[str, bytes] = {}
        """Who is taken for a member."""

    def id_of(self, fp: bytes) -> str:
        """The id of whoever speaks with an identity: a member's, or a stranger's own."""
        known = self._directory.about(fp)
        if known is None or self._holders.get(known.member_id, fp) != fp:
            return stranger_id(fp)
        return known.member_id

    def name_of(self, fp: bytes) -> str:
        """What people call them."""
        known = self._directory.about(fp)
        if known is None or self._holders.get(known.member_id, fp) != fp:
            return f"Unknown {to_text(fp)[:8]}"
        return known.name

    def role_of(self, fp: bytes) -> Role:
        """The role of one who is in the room."""
        return self._roles[fp]

    def enter(self, fp: bytes, role: Role) -> None:
        """Somebody is in the room, with this role."""
        known, came = self._directory.about(fp), fp not in self._roles
        self._roles[fp] = role
        if known is not None and self._holders.setdefault(known.member_id, fp) != fp and came:
            self._directory.cry_twice(fp)

    def leave(self, fp: bytes) -> bytes | None:
        """Somebody is out; the identity that is taken for the same member from now on, if there is one."""
        self._roles.pop(fp, None)
        known = self._directory.about(fp)
        if known is None or self._holders.get(known.member_id) != fp:
            return None
        del self._holders[known.member_id]
        for other in self._roles:
            theirs = self._directory.about(other)
            if theirs is not None and theirs.member_id == known.member_id:
                self._holders[known.member_id] = other
                return other
        return None


def stranger_id(fp: bytes) -> str:
    """An id that no member has: a UUID of version 8, made of the identity."""
    value = int.from_bytes(digest(b"ymera/stranger", fp)[:16], "big")
    value = value & ~(0xF << 76) | 8 << 76
    return str(UUID(int=value & ~(0b11 << 62) | 0b10 << 62))
