"""How one side of a pairing ends it for both: a step of one byte, which no other step can be.

The server, which hands it on, could make one up; it could withhold any other step as well.
"""

from enum import IntEnum

from ymera_client.crypto.wire import to_text, u8

LAST_STEP = 9
"""The last that the server takes."""


class Ending(IntEnum):
    """Why somebody has ended a pairing."""

    CALLED_OFF = 1
    DIFFER = 2


ENDINGS = {to_text(u8(each)): each for each in Ending}
"""By the bodies of the steps that say so."""

ANSWERED = "Answered on another device."
SUPERSEDED = "Another pairing was begun on this device."

_TOLD = "Nothing was confirmed; begin another pairing, and if they differ again, somebody stands between you."
OWN_WORDS = {
    Ending.CALLED_OFF: "You have called the pairing off.",
    Ending.DIFFER: f"You have said that the digits differ. {_TOLD}",
}
THEIR_WORDS = {
    Ending.CALLED_OFF: "The other side has called the pairing off.",
    Ending.DIFFER: f"The other side says that the digits differ. {_TOLD}",
}
