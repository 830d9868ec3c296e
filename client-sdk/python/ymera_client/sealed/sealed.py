"""`client.sealed`: the own identity and devices, and the rooms that are encrypted between devices."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Unpack

import msgspec

from ymera_client.crypto.commits import Policy, parse_commit, room_ref
from ymera_client.crypto.wire import to_text
from ymera_client.errors import NotFound
from ymera_client.fold import Plain
from ymera_client.generated import (
    COMMANDS,
    Form,
    IdentityExtended,
    PairingSent,
    SealedCreate,
    SealedGranted,
    SealedInviteAnswered,
    SealedWanted,
    SealedWhispered,
)
from ymera_client.outbox import new_id
from ymera_client.sealed import invites, local, membership
from ymera_client.sealed.faults import refusals_raised
from ymera_client.sealed.files import sweep
from ymera_client.sealed.ledger import mean
from ymera_client.sealed.membership import Rules
from ymera_client.sealed.own import OwnDevice
from ymera_client.sealed.room import SealedRoom
from ymera_client.sealed.rules.interpreter import RULES
from ymera_client.sealed.view import (
    History,
    Retained,
    RoleName,
    RoomView,
    WhoAdds,
)
from ymera_client.sealed.views import room_view

Heard = SealedGranted | SealedWanted | SealedWhispered | IdentityExtended | SealedInviteAnswered | PairingSent
HEARD: dict[str, type[Heard]] = {
    "sealed.granted": SealedGranted,
    "sealed.wanted": SealedWanted,
    "sealed.whispered": SealedWhispered,
    "identity.extended": IdentityExtended,
    "sealed_invite.answered": SealedInviteAnswered,
    "pairing.sent": PairingSent,
}
"""What the server sends by itself, outside of logs."""


class Sealed(OwnDevice):
    """The sealed rooms of a client, and the keys by which this device is in them.

    Errors are YmeraErrors with the code of the wire and, where a check of the encryption failed, its name in
    `data["fault"]`. Ids of members and rooms are those of the protocol; `fp` and device ids are base64url.
    """

    async def invite(self, room_id: str, *, hours: int = 72, uses: int = 1, role: RoleName = "member") -> str:
        """Make a link by which somebody is added, as soon as a client of yours runs; it is a secret."""
        room = self.rooms.the(room_id)
        await room.ready()
        number = membership.NUMBERS[role]
        return await invites.invite(room, self._url, hours=hours, uses=uses, role=number)

    async def accept_invite(self, link: str) -> str:
        """Ask to be added by a link; the id of the room, which opens when a member's device has added you."""
        room_id = await invites.accept(self._ready(), link)
        self.rooms.remember([room_id])
        return room_id

    async def create_room(
        self,
        *,
        form: Form,
        name: str,
        members: Mapping[str, RoleName] | None = None,
        history: History = "from_join",
        who_add: WhoAdds = "admins",
        retention: Retained = "keep",
    ) -> str:
        """Make a sealed room with these members, by their ids; its id. NotFound if one has no identity."""
        ground = self._ready()
        policy = membership.policy(Policy(), {"history": history, "who_add": who_add, "retention": retention})
        roles = dict(members or {})
        roles.pop(self.member().id, None)
        found = [(await ground.directory.find(member_id), role) for member_id, role in roles.items()]
        with refusals_raised():
            genesis, written = membership.founded(ground, policy, found)
        room_id = new_id()
        ref = room_ref(parse_commit(genesis))
        await ground.cabinet.transact(lambda transaction: mean(transaction, room_id, ref))
        await self._courier(
            SealedCreate(
                id=room_id,
                form=form,
                genesis=to_text(genesis),
                commit=to_text(written.raw),
                boxes=[to_text(box) for box in written.boxes],
            )
        )
        room = self.rooms.found(room_id)
        kind, field = ("project", "project_id") if form is Form.PROJECT else ("room", "room")
        await room.say(f"{kind}.update", {field: room_id, "version": None, "name": name})
        return room_id

    def room(self, room_id: str) -> RoomView | None:
        """How a sealed room stands; None while nothing of it has arrived, or you are not in it."""
        room = self.rooms.get(room_id)
        return None if room is None else room_view(room)

    async def add(self, room_id: str, members: Mapping[str, RoleName]) -> None:
        """Add members, by their ids, with the newest of their devices. NotFound if one has no identity."""
        room, directory = self.rooms.the(room_id), self._ready().directory
        found = [(await directory.find(member_id), role) for member_id, role in members.items()]
        await room.do(lambda: membership.add(room, found))

    async def remove(self, room_id: str, members: Sequence[str]) -> None:
        """Put members out. They read nothing that is written from then on, and keep what they had."""
        room = self.rooms.the(room_id)
        await room.ready()
        fps = [fp for member_id in members for fp in self._fps(room, member_id)]
        await room.do(lambda: membership.remove(room, fps))

    async def set_role(self, room_id: str, member_id: str, role: RoleName) -> None:
        """Give a member another role; only owners do."""
        room = self.rooms.the(room_id)
        await room.ready()
        for fp in self._fps(room, member_id):
            await room.do(partial(membership.set_role, room, fp, role))

    async def set_policy(self, room_id: str, **changes: Unpack[Rules]) -> None:
        """Change the room's rules; those left out stay. Admins."""
        room = self.rooms.the(room_id)
        await room.do(lambda: membership.set_policy(room, changes))

    async def leave(self, room_id: str) -> None:
        """Leave a room. Somebody else makes the next epoch before anything more is said there."""
        room = self.rooms.the(room_id)
        await room.do(lambda: membership.leave(room))

    async def whisper(self, room_id: str, content: Mapping[str, Any]) -> None:
        """Say something in passing, such as that somebody still works; nobody keeps it.

        Who listens hears it as `client.on("whispered", …)`. `content` is what JSON can hold. YmeraError if
        it was not sent; whether anybody has heard it nobody knows.
        """
        await self.rooms.the(room_id).whispers.say(content)

    async def rotate(self, room_id: str) -> None:
        """Make a new epoch for its own sake. Without a connection it waits for one, as all changes do."""
        room = self.rooms.the(room_id)
        await room.do(lambda: membership.rotate(room))

    async def retry(self, room_id: str) -> None:
        """Try a halted room once more."""
        await self.rooms.the(room_id).retry()

    async def evidence(self, room_id: str) -> str | None:
        """What was received where a room halted, as JSON for somebody who can judge it, or None."""
        return await self.rooms.the(room_id).evidence()

    def search(self, text: str, room_id: str | None = None) -> list[tuple[str, str, Plain]]:
        """Messages, tasks and files with all these words that this device has read, at most 100.

        The newest first, each with its room's id and its collection. Files are found by name and by text, and
        have a `page` and a `snippet`, with U+0002 and U+0003 around what was found. Nothing is sent.
        """
        rooms = list(self.rooms) if room_id is None else [self.rooms.the(room_id)]
        hits = [
            (room.id, collection, entity)
            for room in rooms
            for collection, entity in local.search(room.contents, text)
        ]
        return sorted(hits, key=lambda hit: str(hit[2]["created_at"]), reverse=True)[:100]

    async def carry_out(self, room: SealedRoom, name: str, payload: dict[str, Any]) -> Any:
        """The plain result of a command or query about a sealed room; nothing of it is sent in plain."""
        known = COMMANDS.get(name)
        if known is not None and not known.WRITES:
            await room.ready()
            return local.answer(room, name, payload)
        if name == "room.leave":
            return await room.do(lambda: membership.leave(room))
        if name not in RULES:
            raise local.refused(room.id, name)
        data = {field: value for field, value in payload.items() if field != "command_id"}
        before = local.named(room.contents, data)
        read = await room.say(name, data, str(payload.get("command_id") or ""))
        await sweep(room, before)
        return local.reply(room.contents, name, data, before, read)

    @property
    def undecided(self) -> bool:
        """Whether this device may seal, and is yet to hear which of the member's rooms are sealed."""
        return self._ground is not None and not self.rooms.seen

    def see(self, memberships: Mapping[str, Mapping[str, Any]]) -> None:
        """The inbox says which rooms the member is in."""
        self.rooms.see(memberships)

    def hear(self, name: str, data: Any) -> bool:
        """The server has sent something by itself; whether it was about identities or secrets."""
        if name not in HEARD:
            return False
        if name == "pairing.sent":
            if self._pairings is not None:
                self._pairings.hear(msgspec.convert(data, PairingSent).pairing)
        elif self._ground is not None and self._state == "ready":
            heard: Heard = msgspec.convert(data, HEARD[name])
            match heard:
                case SealedGranted(room=room_id, device_id=device_id):
                    self.rooms.granted(room_id, device_id)
                case SealedWanted(room=room_id, want=want):
                    self.rooms.wanted(room_id, want)
                case IdentityExtended(identity=identity):
                    self.rooms.extended(identity)
                case SealedInviteAnswered(room=room_id):
                    self.rooms.answered(room_id)
                case SealedWhispered(room=room_id, envelope=envelope):
                    self.rooms.whispered(room_id, envelope)
        return True

    def _fps(self, room: SealedRoom, member_id: str) -> list[bytes]:
        """The identities by which a member is in a room. NotFound if they are not."""
        naming = room.reading.naming
        fps = [fp for fp in room.settled.timeline.room.members if naming.id_of(fp) == member_id]
        if not fps:
            raise NotFound("This is nobody in the room.")
        return fps
