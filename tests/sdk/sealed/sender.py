"""A program that says numbers in an encrypted room, from where it was stopped, and tells how far it is.

Arguments: the server, the token, the store of keys, its key file, the room and the last number.
"""

import asyncio
import sys

from ymera_client import Client, KeyStore, MessageSend
from ymera_client.sealed.room import SealedRoom

PATIENCE = 60.0
AT_ONCE = 8


def tell(number: int) -> None:
    """Say how far it is."""
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def quiet(room: SealedRoom | None) -> bool:
    """Whether all that was kept to be said is said and read."""
    return room is not None and room.caught_up and not len(room.outgoing)


async def main(url: str, token: str, store: str, key_file: str, room_id: str, last: int) -> None:
    """Say what is still to be said."""
    async with Client(url, token=token, keys=KeyStore(store, key_file=key_file)) as client:
        await client.sealed.wait_for(lambda sealed: quiet(sealed.rooms.get(room_id)), PATIENCE)
        room = client.sealed.rooms.the(room_id)
        said = max((int(each["text"]) for each in room.contents.all("messages")), default=0)
        tell(said)
        for first in range(said + 1, last + 1, AT_ONCE):
            some = range(first, min(first + AT_ONCE, last + 1))
            await asyncio.gather(*(client.call(MessageSend(room=room_id, text=str(n))) for n in some))
            tell(some[-1])


if __name__ == "__main__":
    url, token, store, key_file, room_id, last = sys.argv[1:]
    asyncio.run(main(url, token, store, key_file, room_id, int(last)))
