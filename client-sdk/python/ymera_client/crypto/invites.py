"""Invitations by link: a secret behind the link's `#`, which the server never sees.

Who was given the link proves it for one room and one identity; a member's client checks that before it adds.
"""

from dataclasses import dataclass

from ymera_client.crypto.errors import Fault, require
from ymera_client.crypto.primitives import FP, HASH, KEY, derive, equal
from ymera_client.crypto.wire import from_text, to_text


@dataclass(frozen=True, slots=True)
class Invite:
    """What stands behind the `#`; the secret is 32 random bytes."""

    room_ref: bytes
    inviter_fp: bytes
    secret: bytes

    def fragment(self) -> str:
        """The text behind the `#`."""
        return ".".join(map(to_text, (self.room_ref, self.inviter_fp, self.secret)))


def parse_fragment(text: str) -> Invite:
    """Read the text behind the `#`."""
    parts = [from_text(each) for each in text.split(".", 3)]
    require(
        [len(each) for each in parts] == [HASH, FP, KEY],
        Fault.ENCODING,
        "an invitation has three parts of 32 bytes",
    )
    return Invite(*parts)


def proof(invite: Invite, joiner_fp: bytes) -> bytes:
    """What the joiner posts."""
    return derive(invite.secret, b"cx1/join", invite.room_ref, joiner_fp)


def check_proof(invite: Invite, joiner_fp: bytes, given: bytes) -> None:
    """Refuse who was not given the link, or was given it for another room."""
    require(equal(proof(invite, joiner_fp), given), Fault.INVITE_PROOF, "this is no proof of this invitation")
