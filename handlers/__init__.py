"""What each operation does: authorise, decide, write, record events; one module a noun."""
