"""What each operation does: authorise, decide, write, record events; one module a noun."""

from handlers import (
    dependencies,
    imports,
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
from handlers.dispatch import check_complete

check_complete()

__all__ = [
    "dependencies",
    "imports",
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
