"""The rules of encrypted rooms: what content may look like, and scripts that hold all clients to the same.

No server checks what an envelope encrypts; every client does, by tables that are written from the protocol.
"""
