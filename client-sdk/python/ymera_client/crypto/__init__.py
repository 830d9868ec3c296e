"""cx1: end-to-end encrypted rooms, as pure functions over bytes and immutable states.

No module here reads a clock, a random source, a file or a socket: time, nonces and seeds are arguments.
`docs/encryption.md` is the specification, `client-sdk/vectors/cx1/` what every implementation is held to.
"""
