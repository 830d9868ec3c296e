"""What every room of a device stands on: its store, its way to the server, its keys, and the identities
known.
"""

from dataclasses import dataclass

from ymera_client.courier import Courier
from ymera_client.sealed.backup import Backups
from ymera_client.sealed.cabinet import Cabinet
from ymera_client.sealed.directory import Directory
from ymera_client.sealed.keychain import Keychain


@dataclass(frozen=True, slots=True)
class Ground:
    """Shared by all rooms of a device."""

    cabinet: Cabinet
    courier: Courier
    directory: Directory
    keychain: Keychain
    backups: Backups
