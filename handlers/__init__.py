"""What each operation does: authorise, decide, write, record events; one module a noun."""

from handlers import memberships, messages, notifications, projects, rooms, tasks

__all__ = ["memberships", "messages", "notifications", "projects", "rooms", "tasks"]
