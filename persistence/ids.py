"""Ids and secrets."""

import base64
import hashlib
import secrets

import uuid_utils


def new_id() -> str:
    """A fresh UUIDv7: sortable by time of creation."""
    return str(uuid_utils.uuid7())


def new_secret(prefix: str = "") -> str:
    """256 random bits as text, to be shown once and stored only as `secret_hash`."""
    return prefix + base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()


def secret_hash(secret: str) -> bytes:
    """What is stored of a random secret: 32 bytes of BLAKE2b. Not for passwords."""
    return hashlib.blake2b(secret.encode(), digest_size=32, person=b"ymera-secret").digest()
