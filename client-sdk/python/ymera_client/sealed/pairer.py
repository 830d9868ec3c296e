"""What pairings do to the device on which they run: let it in, hand over secrets, note who is verified."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ymera_client.crypto.linking import Package, Secret
from ymera_client.sealed.ground import Ground

if TYPE_CHECKING:
    from ymera_client.sealed.own import OwnDevice


class Pairer:
    """The device, as pairings need it."""

    def __init__(self, ground: Ground, sealed: "OwnDevice") -> None:
        self.ground = ground
        self._sealed = sealed

    @property
    def member_id(self) -> str:
        return self._sealed.member().id

    def changed(self) -> None:
        self._sealed.notify()

    def secrets(self) -> Sequence[Secret]:
        """The secrets of rooms, newest epochs first, so that what is left out is what is oldest."""
        found = [
            (number, Secret(room.standing.timeline.room.ref, number, secret))
            for room in self._sealed.rooms
            if room.standing is not None
            for number, secret in room.standing.keys.secrets().items()
        ]
        return [secret for _, secret in sorted(found, key=lambda each: each[0], reverse=True)]

    async def handed(self, package: Package) -> None:
        await self.ground.backups.take_over(package)

    async def linked(self) -> None:
        await self._sealed.settle()

    async def verified(self, fp: bytes) -> None:
        await self.ground.directory.confirm(fp)
        await self.ground.backups.keep_trust(self.ground.directory.histories[fp], verified=True)
