"""Sealing: what the server must be able to read again, and nobody who has only the database.

Invariant: without the key, what is sealed can be neither opened nor made.
"""

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox


class Seal:
    """Encrypts and authenticates secrets of one kind, with a key of 32 bytes that is for them alone."""

    def __init__(self, key: bytes) -> None:
        self._box = SecretBox(key)

    def close(self, secret: bytes) -> bytes:
        """The secret as it may be stored; each time another text."""
        return bytes(self._box.encrypt(secret))

    def open(self, sealed: bytes) -> bytes | None:
        """What `close` was given, or None if that was with another key."""
        try:
            return self._box.decrypt(sealed)
        except CryptoError:
            return None
