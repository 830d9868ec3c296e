"""The truth: SQL over PostgreSQL, the event log and its migrations.

One module a noun, plain async functions whose first argument is the connection.
"""
