"""A program written with the Python SDK that is in an encrypted room: it begins, or reads all that was said.

It prints one JSON line: its identity, or what it took from connecting until all was verified, decrypted, kept
and shown.
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from ymera_client import Client, KeyStore, LiveRoom

PATIENCE = 120.0


async def begin(client: Client) -> dict[str, object]:
    """Make an identity."""
    await client.connect()
    await client.sealed.wait_for(lambda sealed: sealed.status.state == "none", PATIENCE)
    await client.sealed.begin()
    me = client.sealed.status.me
    assert me is not None
    return {"fp": me.fp}


async def read(client: Client, room_id: str, last: int) -> dict[str, object]:
    """Come back, and have the room up to a seq; what stands there is shown, if it is a message."""
    begun, used = time.perf_counter(), time.process_time()
    await client.connect()
    async with client.room(room_id) as room:

        def shown(room: LiveRoom) -> bool:
            if room.cursor < last:
                return False
            return max((each["seq"] for each in room.state["messages"].values()), default=last) >= last

        await room.wait_for(shown, PATIENCE)
        seconds, used = time.perf_counter() - begun, time.process_time() - used
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {"seconds": seconds, "cpu_seconds": used, "peak_mib": peak}


async def main(url: str, token: str, store: Path, *reading: str) -> None:
    """Do the one, or with a room and the seq at its end the other."""
    client = Client(url, token=token, keys=KeyStore(store / "keys.db", key_file=store / "key"))
    try:
        told = await (read(client, reading[0], int(reading[1])) if reading else begin(client))
    finally:
        await client.close()
    print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), *sys.argv[4:]))
