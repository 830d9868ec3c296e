"""Encrypted rooms: identities, what stands in rooms, boxes, backups, pairing and invitations."""

from persistence.migrations.runner import run_script

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_script(__file__)
