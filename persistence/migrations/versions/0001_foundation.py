"""The first shape: workspaces, identity, projects, tasks, rooms and the event log."""

from persistence.migrations.runner import run_script

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_script(__file__)
