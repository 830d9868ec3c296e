"""Files: their contents, versions, grants, uploads, and what was read from them."""

from persistence.migrations.runner import run_script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_script(__file__)
