"""Members: the people and agents of the workspace."""

from enum import StrEnum

from msgspec import UNSET, UnsetType

from protocol.fields import Cursor, Email, Id, Name, Page, PageSize, Search, Timestamp, Version
from protocol.registry import (
    Command,
    Entity,
    Event,
    Scope,
    collection,
    command,
    event,
    put,
    query,
)
from protocol.roles import WorkspaceRole


class MemberKind(StrEnum):
    """Whether a member is a human or a program."""

    PERSON = "person"
    AGENT = "agent"


class MemberSort(StrEnum):
    """What a list of members can be sorted by."""

    NAME = "name"
    JOINED = "created_at"


@collection("members")
class Member(Entity):
    """A person or an agent. `email` is null for everyone but admins and oneself."""

    version: Version
    name: Name
    kind: MemberKind
    role: WorkspaceRole
    email: Email | None
    active: bool
    """False once removed; the name stays for what the member wrote."""
    created_at: Timestamp


@query("member.get")
class MemberGet(Command[Member]):
    """One member. Guests see themselves and those they share a room with."""

    member_id: Id


@query("member.list")
class MemberList(Command[Page[Member]]):
    """Members by name or by time of joining."""

    query: Search | None = None
    """Part of a name."""
    role: WorkspaceRole | None = None
    kind: MemberKind | None = None
    sort: MemberSort = MemberSort.NAME
    descending: bool = False
    cursor: Cursor | None = None
    limit: PageSize = 50


@command("member.update")
class MemberUpdate(Command[Member]):
    """Rename yourself; admins rename anyone."""

    member_id: Id
    version: Version
    name: Name | UnsetType = UNSET


@command("member.set_role", scope=Scope.ADMIN)
class MemberSetRole(Command[Member]):
    """Give a member a workspace role. Admins, up to their own role; the last owner stays owner."""

    member_id: Id
    role: WorkspaceRole


@command("member.remove", scope=Scope.ADMIN)
class MemberRemove(Command[Member]):
    """Remove a member: its sessions and tokens end at once and its connections close."""

    member_id: Id


@event("member.added", put("members", "member"))
class MemberAdded(Event):
    """In the workspace's room: somebody joined."""

    member: Member


@event("member.updated", put("members", "member"))
class MemberUpdated(Event):
    """A member has another name or role."""

    member: Member


@event("member.removed", put("members", "member"), evicts="member_id")
class MemberRemoved(Event):
    """Somebody is no longer in the workspace; `member` is the entity with `active` false."""

    member_id: Id
    member: Member
