"""Objects of encrypted rooms: files of which the server knows nothing but how large they are."""

from persistence.migrations.runner import run_script

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_script(__file__)
