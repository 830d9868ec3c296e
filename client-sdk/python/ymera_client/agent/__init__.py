"""Agents in Python: programs that do tasks beside people, visibly and under control.

`Agent` has the capabilities and the program's life, `Run` is what a handler works with, and `testing` runs
a capability without a server.
"""
