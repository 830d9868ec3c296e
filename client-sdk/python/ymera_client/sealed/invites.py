"""Invitations by link: made, answered, and the answers checked.

Who answers is added only if they prove that they were given the link's secret, for this room and this
identity; who does counts as verified, and so does the inviter whom the link names.
"""

import logging
import re
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from nacl.utils import random

from ymera_client.crypto.commits import Add, Op, Role
from ymera_client.crypto.errors import Cx1Error
from ymera_client.crypto.invites import Invite, check_proof, parse_fragment, proof
from ymera_client.crypto.membership import Room
from ymera_client.crypto.primitives import KEY, equal
from ymera_client.crypto.wire import from_text, to_text
from ymera_client.errors import Invalid, YmeraError
from ymera_client.generated import (
    JoinRequest,
    SealedInviteAnswer,
    SealedInviteCreate,
    SealedInviteDismiss,
    SealedInviteGet,
    SealedInviteRequests,
)
from ymera_client.outbox import new_id
from ymera_client.sealed.cabinet import Transaction
from ymera_client.sealed.ground import Ground
from ymera_client.sealed.ledger import mean
from ymera_client.sealed.records import pack, unpack

if TYPE_CHECKING:
    from ymera_client.sealed.room import SealedRoom

log = logging.getLogger(__name__)
LINK = re.compile(r"/i/([0-9a-f-]{36})#(\S+)$")
DAMAGED = "link: it is incomplete or has been changed. Copy the whole link and try again."


class Made(Struct, array_like=True, frozen=True):
    """What is kept of an invitation that this device has made."""

    secret: bytes
    role: int


async def invite(room: "SealedRoom", url: str, *, hours: int, uses: int, role: Role) -> str:
    """Make an invitation: the link. Its secret part is known to this device and to who is given it."""
    ground, secret, invite_id = room.ground, random(KEY), new_id()
    made = pack(Made(secret, int(role)))
    await ground.cabinet.transact(lambda transaction: transaction.put("invite", made, invite_id.encode()))
    await ground.courier(SealedInviteCreate(id=invite_id, room=room.id, hours=hours, uses=uses))
    link = Invite(room.settled.timeline.room.ref, ground.keychain.author.fp, secret)
    return f"{url}/i/{invite_id}#{link.fragment()}"


async def accept(ground: Ground, link: str) -> str:
    """Answer an invitation: the id of its room, which opens once a member's device has added one."""
    found = LINK.search(link.strip())
    if found is None:
        raise Invalid("link: this is no link of an invitation.", data={"path": "link"})
    try:
        invited = parse_fragment(found[2])
    except Cx1Error as refusal:
        raise Invalid(DAMAGED, data={"path": "link", "fault": refusal.fault.label}) from refusal
    shown = await ground.courier(SealedInviteGet(id=found[1]))
    if not equal(from_text(shown.room_ref), invited.room_ref):
        raise Invalid("link: the server's invitation is to another room than the link's.")
    own = ground.keychain.author.fp
    given = to_text(proof(invited, own))
    await ground.cabinet.transact(lambda transaction: mean(transaction, shown.room, invited.room_ref))
    await ground.courier(SealedInviteAnswer(invite_id=found[1], fp=to_text(own), proof=given))
    await ground.directory.fetch(invited.inviter_fp)
    await ground.directory.confirm(invited.inviter_fp)
    return shown.room


async def attend(room: "SealedRoom") -> None:
    """Add those who prove to have had an invitation of this device; take false proofs off the list.

    A request that cannot be answered, as one that another has dismissed meanwhile, stops nothing else.
    """
    for request in await room.ground.courier(SealedInviteRequests(room=room.id)):
        kept = await room.ground.cabinet.transact(partial(_made, request.invite_id))
        if kept is None:
            continue
        try:
            await _answer(room, request, unpack(kept, Made))
        except Cx1Error as refusal:
            log.warning("A request to join room %s is not answered: %s", room.id, refusal)
        except YmeraError as error:
            if error.retryable or room.halted is not None:
                raise
            log.warning("A request to join room %s is not answered: %s", room.id, error)


def _made(invite_id: str, transaction: Transaction) -> bytes | None:
    return transaction.get("invite", invite_id.encode())


async def _answer(room: "SealedRoom", request: JoinRequest, made: Made) -> None:
    ground, fp = room.ground, from_text(request.fp)
    invited = Invite(room.settled.timeline.room.ref, ground.keychain.author.fp, made.secret)
    try:
        check_proof(invited, fp, from_text(request.proof))
    except Cx1Error:
        await ground.courier(SealedInviteDismiss(id=request.id))
        return
    await ground.directory.fetch(fp)

    def wish(state: Room) -> list[Op]:
        newest = ground.directory.histories[fp].newest
        return [] if fp in state.members else [Add(fp, Role(made.role), newest.pin)]

    await room.governing.commit(wish)
    await ground.directory.confirm(fp)
    await ground.backups.keep_trust(ground.directory.histories[fp], verified=True)
    await ground.courier(SealedInviteDismiss(id=request.id))
