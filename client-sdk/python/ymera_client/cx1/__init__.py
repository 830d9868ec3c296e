# A copy of protocol/cx1/__init__.py, written by scripts/generate.py; do not edit.
"""cx1: end-to-end encrypted rooms, as pure functions over bytes and immutable states.

No module here reads a clock, a random source, a file or a socket: time, nonces and seeds are arguments.
The server validates with the same code, without keys. `docs/encryption.md` is the specification.
"""
