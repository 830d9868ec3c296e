"""Runs the steps on the connection that `upgrade` hands over; Alembic loads this file by its path."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
