"""Refresh tokens: what they are made of, and which one may be used when.

A token names its sign-in, carries a secret and is sealed with a code, so that an old one can be told from
an invented one without keeping the old ones. Each follows from the one before it: a client whose answer was
lost, and every tab of a browser, get the same successor.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import uuid
from datetime import datetime, timedelta
from enum import Enum, auto

from persistence.ids import secret_hash
from persistence.sessions import Session

PREFIX = "ymr_"
RETRY = timedelta(seconds=10)
"""How long after a rotation the token before it is taken for a retry."""
_SECRET, _CODE = 32, 16


class Verdict(Enum):
    """What a presented token of an unended sign-in is."""

    NEWEST = auto()
    RETRY = auto()
    """The one before the newest, a moment after: the answer with the newest was lost or is on its way."""
    OVERTAKEN = auto()
    """As `RETRY`, but the newest has arrived, so its holder need not ask."""
    REUSED = auto()
    """An older one: somebody has a copy."""


class RefreshTokens:
    """Makes and recognises refresh tokens; `key` has 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def first(self, session_id: str) -> str:
        """The first token of a sign-in."""
        return self._token(uuid.UUID(session_id).bytes, secrets.token_bytes(_SECRET))

    def next(self, token: str) -> str:
        """The token that follows a genuine one; always the same."""
        raw = _raw(token)
        assert raw is not None
        secret = hashlib.blake2b(raw, key=self._key, digest_size=_SECRET, person=b"refresh-next").digest()
        return self._token(raw[:16], secret)

    def session_of(self, token: str) -> str | None:
        """The id of the sign-in that a token was made for; None if it was not made here."""
        raw = _raw(token)
        if raw is None or not hmac.compare_digest(raw[-_CODE:], self._code(raw[:-_CODE])):
            return None
        return str(uuid.UUID(bytes=raw[:16]))

    def judge(self, session: Session, token: str, now: datetime) -> Verdict:
        """What a genuine token is to its sign-in."""
        if hmac.compare_digest(secret_hash(token), session.refresh_hash):
            return Verdict.NEWEST
        precedes = hmac.compare_digest(secret_hash(self.next(token)), session.refresh_hash)
        if not precedes or now > session.rotated_at + RETRY:
            return Verdict.REUSED
        return Verdict.OVERTAKEN if session.confirmed else Verdict.RETRY

    def _token(self, session_id: bytes, secret: bytes) -> str:
        body = session_id + secret
        return PREFIX + _text(body + self._code(body))

    def _code(self, body: bytes) -> bytes:
        return hashlib.blake2b(body, key=self._key, digest_size=_CODE, person=b"refresh-code").digest()


def _raw(token: str) -> bytes | None:
    if not token.startswith(PREFIX) or not token.isascii():
        return None
    text = token.removeprefix(PREFIX)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    # Text that differs only in bits which decoding ignores is not a token that was given out.
    return raw if len(raw) == 16 + _SECRET + _CODE and _text(raw) == text else None


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
