"""Access tokens: short-lived JWTs, signed with Ed25519 keys that all nodes share through the database.

Invariant: whatever one node signs, every node verifies, before and after a change of keys. A node that meets
an unknown key looks into the database again; only the holder of the secret key can sign.
"""

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.algorithms import OKPAlgorithm

from persistence import signing_keys
from persistence.database import Pool, clock
from persistence.ids import new_id
from persistence.seal import Seal
from persistence.signing_keys import SigningKey
from protocol.errors import ApiError, ErrorCode

logger = structlog.get_logger(__name__)

ALGORITHM = "EdDSA"
AUDIENCE = "ymera"
KEY_LIFE = timedelta(days=30)
"""How long a key signs."""
VERIFY_LONGER = timedelta(days=2)
"""How long it verifies after that: longer than any access token lives."""
LEEWAY_SECONDS = 5
"""By how much the clocks of nodes may differ."""
RELOAD_SECONDS = 1.0
"""An unknown key makes a node look into the database at most this often."""


def derive(secret_key: bytes, purpose: bytes) -> bytes:
    """A key of 32 bytes for one purpose (at most 16 bytes), from the one secret of the settings."""
    return hashlib.blake2b(key=secret_key, person=purpose, digest_size=32).digest()


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid access token says."""

    member_id: str
    session_id: str
    rotation: bytes
    """Hash of the refresh token that was issued together with it."""
    expires_at: float
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class _Signer:
    kid: str
    private_key: Ed25519PrivateKey
    retires_at: datetime


class Keyring:
    """Issues and verifies the access tokens of one workspace."""

    def __init__(self, pool: Pool, secret_key: bytes, workspace_id: str, lifetime_seconds: int) -> None:
        self.lifetime_seconds = lifetime_seconds
        self._pool = pool
        self._seal = Seal(derive(secret_key, b"signing-keys"))
        self._issuer = f"urn:uuid:{workspace_id}"
        self._keys: dict[str, SigningKey] = {}
        self._signer: _Signer | None = None
        self._loaded_at = float("-inf")

    async def issue(self, member_id: str, session_id: str, rotation: bytes) -> str:
        """An access token of a sign-in, good for `lifetime_seconds`."""
        signer = await self._current_signer()
        issued_at = int(time.time())
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "iat": issued_at,
            "exp": issued_at + self.lifetime_seconds,
            "sub": member_id,
            "sid": session_id,
            "rot": rotation.hex(),
        }
        return jwt.encode(claims, signer.private_key, ALGORITHM, {"kid": signer.kid})

    async def verify(self, token: str) -> Claims:
        """What a token says; ApiError `token_expired`, or `unauthenticated` for everything else."""
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = await self._key(kid) if isinstance(kid, str) else None
            if key is None:
                raise _refused()
            claims = jwt.decode(
                token,
                Ed25519PublicKey.from_public_bytes(key.public_key),
                [ALGORITHM],
                audience=AUDIENCE,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "aud", "iat", "exp", "sub", "sid", "rot"]},
            )
        except jwt.ExpiredSignatureError:
            raise ApiError(ErrorCode.TOKEN_EXPIRED, "The access token has expired; refresh it.") from None
        except jwt.PyJWTError:
            raise _refused() from None
        return Claims(claims["sub"], claims["sid"], bytes.fromhex(claims["rot"]), claims["exp"])

    async def jwks(self) -> dict[str, Any]:
        """The public keys, as a JSON Web Key Set."""
        await self._current_signer()
        await self._load()
        return {"keys": [_jwk(key) for key in self._keys.values()]}

    async def _key(self, kid: str) -> SigningKey | None:
        """The key with this id, if it still verifies."""
        if kid not in self._keys and time.monotonic() - self._loaded_at > RELOAD_SECONDS:
            await self._load()
        key = self._keys.get(kid)
        return key if key is not None and key.expires_at > datetime.now(UTC) else None

    async def _load(self) -> None:
        self._loaded_at = time.monotonic()
        self._keep(await signing_keys.unexpired(self._pool))

    def _keep(self, keys: list[SigningKey]) -> None:
        self._keys = {key.kid: key for key in keys}
        self._signer = next((signer for key in keys if (signer := self._open(key)) is not None), None)

    def _open(self, key: SigningKey) -> _Signer | None:
        """The signing half of a key that has not retired, if it was sealed with this node's secret."""
        if key.retires_at <= datetime.now(UTC):
            return None
        private = self._seal.open(key.sealed_private_key)
        if private is None:
            logger.warning("signing_key_sealed_with_another_secret_key", kid=key.kid)
            return None
        return _Signer(key.kid, Ed25519PrivateKey.from_private_bytes(private), key.retires_at)

    async def _current_signer(self) -> _Signer:
        if self._signer is None or self._signer.retires_at <= datetime.now(UTC):
            await self._rotate()
        assert self._signer is not None
        return self._signer

    async def _rotate(self) -> None:
        """Take the key that another node has made meanwhile, or make one."""
        async with self._pool.acquire() as tx, tx.transaction():
            await signing_keys.lock(tx)
            keys = await signing_keys.unexpired(tx)
            self._keep(keys)
            if self._signer is None:
                now = await clock(tx)
                key = self._new_key(now)
                await signing_keys.insert(tx, key, now)
                self._keep([key, *keys])
                logger.info("signing_key_made", kid=key.kid)

    def _new_key(self, now: datetime) -> SigningKey:
        private = Ed25519PrivateKey.generate()
        return SigningKey(
            kid=new_id(),
            public_key=private.public_key().public_bytes_raw(),
            sealed_private_key=self._seal.close(private.private_bytes_raw()),
            retires_at=now + KEY_LIFE,
            expires_at=now + KEY_LIFE + VERIFY_LONGER,
        )


def _jwk(key: SigningKey) -> dict[str, Any]:
    public = OKPAlgorithm.to_jwk(Ed25519PublicKey.from_public_bytes(key.public_key), as_dict=True)
    return {**public, "kid": key.kid, "alg": ALGORITHM, "use": "sig"}


def _refused() -> ApiError:
    return ApiError(ErrorCode.UNAUTHENTICATED, "The access token is not valid here; sign in again.")
