"""The server's judgement of cx1, which docs/encryption.md specifies: bytes and states in, states out.

Nothing here reads or writes anything, holds a key, or shares code with the SDKs: it is a second opinion on
the same bytes. Everything that is wrong is a `Refused` with the fault that the vectors name.
"""
