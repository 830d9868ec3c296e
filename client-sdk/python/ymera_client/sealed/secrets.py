"""The secrets of a room's epochs on this device: where they come from, and to whom they are passed on.

A secret counts only if the log commits to it, whoever gave it. What is lacking is asked for; what others lack
and may read is granted to them, to the own devices first.
"""

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from nacl.utils import random

from ymera_client.crypto.authoring import seal_boxes
from ymera_client.crypto.epochs import Epoch, Recipient, box_version, find, open_box, reach
from ymera_client.crypto.errors import Cx1Error
from ymera_client.crypto.membership import check_grant
from ymera_client.crypto.primitives import KEY
from ymera_client.crypto.wire import from_text, to_text
from ymera_client.errors import YmeraError
from ymera_client.generated import SealedBoxes, SealedGrant, SealedWant, SealedWants, Want
from ymera_client.sealed.cabinet import Transaction
from ymera_client.sealed.ledger import Standing, unlock
from ymera_client.sealed.records import Entry

if TYPE_CHECKING:
    from ymera_client.sealed.room import SealedRoom


log = logging.getLogger(__name__)
MAX_WANTS = 200
"""Wants that are kept; what is beyond is asked for again."""


class Secrets:
    """What this device holds of a room's epochs, and what it does for those who hold less."""

    def __init__(self, room: "SealedRoom") -> None:
        self._room = room
        self._asked: set[int] = set()
        self._looked = 0
        """The newest epoch for which boxes were asked for."""
        self._fresh = True
        """Whether boxes may have come that were not looked at."""
        self._wants: list[Want] = []
        self._listen = True
        """Whether there may be wants that were not heard."""
        self._backed: set[int] | None = None
        """The epochs whose secrets are in the backup; None before the store was asked."""

    def refresh(self) -> None:
        """Boxes or wants may have come that nobody told of."""
        self._fresh = self._listen = True
        self._asked.clear()

    def granted(self) -> None:
        """A box has come."""
        self._fresh = True
        self._room.wake()

    def wanted(self, want: Want) -> None:
        """A device lacks secrets."""
        if len(self._wants) < MAX_WANTS:
            self._wants.append(want)
        else:
            self._listen = True
        self._room.wake()

    async def gather(self) -> None:
        """Open the boxes for this device, where a secret is lacking."""
        standing = self._room.standing
        lacking = self._lacking()
        if standing is None or not lacking:
            return
        newest = standing.timeline.room.epoch
        if self._fresh or newest > self._looked:
            # First, so that a grant that is told of meanwhile is fetched too.
            self._fresh = False
            try:
                boxes = await self._from_boxes(lacking[0])
            except YmeraError:
                self._fresh = True
                raise
            self._looked = newest
            await self.hold(boxes)
        if lacking := self._lacking():
            epochs = standing.timeline.room.epochs
            await self.hold(await self._room.ground.backups.secrets(find(epochs, each) for each in lacking))

    async def hold(self, secrets: Mapping[int, bytes]) -> None:
        """Keep secrets that fit the log, and read what waited for them."""
        standing = self._room.standing
        if standing is None or not secrets:
            return

        def work(transaction: Transaction) -> tuple[Standing, list[Entry]]:
            return unlock(transaction, self._room.id, standing, secrets)

        self._room.standing, entries = await self._room.ground.cabinet.transact(work)
        self._room.reopen(entries)

    async def tend(self) -> None:
        """Ask for what is lacking, and grant what others lack."""
        await self._ask()
        if self._listen:
            self._listen = False
            try:
                self._wants = await self._room.ground.courier(SealedWants(room=self._room.id))
            except YmeraError:
                self._listen = True
                raise
        wants, self._wants = self._wants, []
        own = to_text(self._room.ground.keychain.author.fp)
        for want in sorted(wants, key=lambda each: each.fp != own):
            with suppress(Cx1Error):
                await self.grant(Recipient(from_text(want.fp), from_text(want.device_id)))

    async def grant(self, target: Recipient) -> None:
        """Give a device what it may read: the newest secrets of each stretch, from which it walks back."""
        room, standing = self._room, self._room.settled
        timeline, held = standing.timeline, standing.keys.secrets()
        own = room.ground.keychain.author.device_id
        speaker = timeline.room.active.get(target.device_id)
        if target.device_id == own or speaker is None:
            return
        for number in _tops(timeline.room.epochs, held, reach(timeline.room.epochs, 1)):
            with suppress(Cx1Error, YmeraError):
                check_grant(timeline.room, number, target)
                boxes = seal_boxes(
                    held[number],
                    [target],
                    room.ground.directory.histories,
                    room_ref=timeline.room.ref,
                    number=number,
                    seed=random(KEY),
                )
                await room.ground.courier(
                    SealedGrant(
                        room=room.id,
                        epoch=number,
                        fp=to_text(target.fp),
                        device_id=to_text(target.device_id),
                        box=to_text(boxes[0]),
                    )
                )

    async def back_up(self) -> None:
        """Back up the secrets that have come since the last time; what fails is tried again."""
        room, standing = self._room, self._room.standing
        if standing is None or standing.ephemeral or not room.ground.backups.exists:
            return
        cabinet, epochs = room.ground.cabinet, standing.timeline.room.epochs
        if self._backed is None:
            kept = await cabinet.transact(lambda transaction: list(transaction.each("backed", room.id)))
            self._backed = {int.from_bytes(key, "big") for key, _ in kept}
        fresh = {
            number: secret for number, secret in standing.keys.secrets().items() if number not in self._backed
        }
        if not fresh:
            return
        try:
            await room.ground.backups.keep_secrets(
                {find(epochs, number): secret for number, secret in fresh.items()}
            )
        except YmeraError as error:
            if error.retryable:
                raise
            # The room goes on all the same.
            log.warning("Keys of room %s are not in the backup: %s", room.id, error)
            return

        def note(transaction: Transaction) -> None:
            for number in fresh:
                transaction.put("backed", b"", number.to_bytes(4, "big"), room.id)

        await cabinet.transact(note)
        self._backed |= fresh.keys()

    @property
    def first(self) -> int:
        """The first epoch whose secret can come to this device. What was said before stays closed to it."""
        standing, author = self._room.standing, self._room.ground.keychain.author
        member = None if standing is None else standing.timeline.room.members.get(author.fp)
        if standing is None or member is None:
            return 1
        room = standing.timeline.room
        if not standing.ephemeral:
            return reach(room.epochs, max(1, member.since))
        device = Recipient(author.fp, author.device_id)
        return next((each.number for each in room.epochs if device in each.recipients), room.epoch + 1)

    def _lacking(self) -> list[int]:
        """The epochs that this device may read and has no secret of."""
        standing = self._room.standing
        if standing is None:
            return []
        room = standing.timeline.room
        member = room.members.get(self._room.ground.keychain.author.fp)
        if member is None or room.epoch == 0:
            return []
        first = max(reach(room.epochs, max(1, member.since)), standing.forgotten + 1)
        return [number for number in range(first, room.epoch + 1) if number not in standing.keys.epochs]

    async def _from_boxes(self, first: int) -> dict[int, bytes]:
        room, standing = self._room, self._room.settled
        own = room.ground.keychain.author.device_id
        secrets: dict[int, bytes] = {}
        answer = await room.ground.courier(
            SealedBoxes(room=room.id, device_id=to_text(own), from_epoch=first)
        )
        for each in answer:
            with suppress(Cx1Error):
                epoch, box = find(standing.timeline.room.epochs, each.epoch), from_text(each.box)
                x_secret = room.ground.keychain.box_secret(box_version(box))
                if x_secret is not None:
                    secrets[each.epoch] = open_box(epoch, box, device_id=own, x_secret=x_secret)
        return secrets

    async def _ask(self) -> None:
        """Ask the others for the newest secret that is lacking; they grant what goes with it."""
        lacking = self._lacking()
        standing = self._room.standing
        if not lacking or standing is None or standing.ephemeral or lacking[-1] in self._asked:
            return
        own = self._room.ground.keychain.author.device_id
        if own not in standing.timeline.room.active:
            return
        self._asked.add(lacking[-1])
        await self._room.ground.courier(
            SealedWant(room=self._room.id, device_id=to_text(own), epoch=lacking[-1])
        )


def _tops(epochs: tuple[Epoch, ...], held: Mapping[int, bytes], first: int) -> Iterable[int]:
    """Of the epochs held, those that cannot be walked to from the one after."""
    for number in sorted(held, reverse=True):
        follows = number < len(epochs) and number + 1 in held and epochs[number].prev_wrap
        if number >= first and not follows:
            yield number
