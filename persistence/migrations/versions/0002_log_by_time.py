"""The event log is divided by time; what a task's history needs outlives its part of the log."""

from persistence.migrations.runner import run_script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_script(__file__)
