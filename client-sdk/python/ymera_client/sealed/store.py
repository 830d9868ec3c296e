"""A device's store of keys, as a program names it: a file, and where the key that encrypts it comes from.

One store is one device of one member. Processes do not share one; each is linked as a device of its own.
"""

import importlib
import logging
import os
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from nacl.utils import random

from ymera_client.crypto.primitives import KEY
from ymera_client.crypto.wire import from_text, to_text
from ymera_client.errors import Forbidden, KeysFailed
from ymera_client.sealed.cabinet import Cabinet, Transaction

log = logging.getLogger(__name__)
SERVICE = "ymera-client"


class KeyStore:
    """Where a device's keys and what it has decrypted are kept, encrypted, in a file of mode 0600.

    The key of the file is in `key_file` (made there if it is missing, 32 bytes, mode 0600), else in the
    system's keyring, for which the package `keyring` has to be installed. Without `path` all is in memory,
    and the device is lost with the process.
    """

    def __init__(
        self, path: str | os.PathLike[str] | None = None, *, key_file: str | os.PathLike[str] | None = None
    ) -> None:
        self._path = None if path is None else Path(path)
        self._key_file = None if key_file is None else Path(key_file)
        self.cabinet = Cabinet(self._path, self._secret)

    async def claim(self, member_id: str) -> None:
        """Bind the store to this member. Forbidden if it is another one's."""
        owner = member_id.encode()

        def claim(transaction: Transaction) -> bytes:
            if (found := transaction.get("owner")) is not None:
                return found
            transaction.put("owner", owner)
            return owner

        if await self.cabinet.transact(claim) != owner:
            raise Forbidden(
                f"The {self.cabinet.name} is another member's. Give each account a store of its own."
            )

    def _secret(self) -> bytes:
        if self._path is None:
            return random(KEY)
        if self._key_file is not None:
            return _from_file(self._key_file)
        return _from_keyring(str(self._path.absolute()))


def _from_file(path: Path) -> bytes:
    if not path.exists():
        _make(path)
    elif os.name == "posix" and path.stat().st_mode & 0o077:
        log.warning("key_file: others on this machine may read %s; make its mode 0600.", path)
    secret = path.read_bytes()
    if len(secret) != KEY:
        raise KeysFailed(f"key_file: {path} has {len(secret)} bytes; a key has {KEY}.")
    return secret


def _make(path: Path) -> None:
    """Make a file with a key, whole or not at all. Of several processes that do, one does it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(random(KEY))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.unlink(draft)  # noqa: PTH108 - mkstemp gives its path as text


def _from_keyring(account: str) -> bytes:
    try:
        keyring = importlib.import_module("keyring")
    except ModuleNotFoundError:
        raise KeysFailed(
            "There is no keyring to keep the store's key in. Install the package `keyring`, or name a file "
            "for it with key_file=…"
        ) from None
    if (kept := keyring.get_password(SERVICE, account)) is not None:
        return from_text(kept)
    secret = random(KEY)
    keyring.set_password(SERVICE, account, to_text(secret))
    return secret
