"""Writes what is derived from the protocol; nothing here is needed at run time."""
