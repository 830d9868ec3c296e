"""A device's store of keys, as a program names it: a file, and where the key that encrypts it comes from.

One store is one device of one member. Processes do not share one; each is linked as a device of its own.
"""

import importlib
import os
from pathlib import Path

from nacl.utils import random

from ymera_client.crypto.primitives import KEY
from ymera_client.crypto.wire import from_text, to_text
from ymera_client.errors import Forbidden, KeysFailed
from ymera_client.sealed.cabinet import Cabinet, Transaction

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
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written whole under another name first: a file that was cut short would lose the store.
        draft = path.with_name(f"{path.name}.new")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(random(KEY))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    secret = path.read_bytes()
    if len(secret) != KEY:
        raise KeysFailed(f"key_file: {path} has {len(secret)} bytes; a key has {KEY}.")
    return secret


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
