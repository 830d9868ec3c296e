"""Agents, their runs, and what both need."""

from persistence.migrations.runner import run_script

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_script(__file__)
