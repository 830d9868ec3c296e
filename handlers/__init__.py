"""What each operation does: authorise, decide, write, record events; one module a noun."""

from handlers import (
    agents,
    calls,
    dependencies,
    imports,
    instances,
    invitations,
    members,
    memberships,
    messages,
    money,
    notifications,
    projects,
    questions,
    queue,
    reports,
    rooms,
    runs,
    tasks,
    triggers,
    workspace,
)
from handlers.dispatch import check_complete

check_complete()

__all__ = [
    "agents",
    "calls",
    "dependencies",
    "imports",
    "instances",
    "invitations",
    "members",
    "memberships",
    "messages",
    "money",
    "notifications",
    "projects",
    "questions",
    "queue",
    "reports",
    "rooms",
    "runs",
    "tasks",
    "triggers",
    "workspace",
]
