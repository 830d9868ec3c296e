"""What each operation does: authorise, decide, write, record events; one module a noun."""

from handlers import (
    invitations,
    members,
    memberships,
    messages,
    notifications,
    projects,
    rooms,
    tasks,
    workspace,
)

__all__ = [
    "invitations",
    "members",
    "memberships",
    "messages",
    "notifications",
    "projects",
    "rooms",
    "tasks",
    "workspace",
]
