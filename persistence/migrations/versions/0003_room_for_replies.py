"""Commands are claimed with a short row, into which the reply is written later."""

from persistence.migrations.runner import run_script

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_script(__file__)
