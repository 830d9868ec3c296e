"""Backups: kept for their owner, in versions of which an older one never comes back."""

from typing import Any

from protocol.errors import ErrorCode
from protocol.wire import to_base64
from tests.world import World

MASTER = to_base64(b"m" * 72)


def entries(*keys: str, body: bytes = b"e" * 72) -> list[dict[str, Any]]:
    return [{"key": key, "body": to_base64(body)} for key in keys]


async def test_entries_are_added_and_replaced(world: World) -> None:
    await world.refused(ErrorCode.NOT_FOUND, world.alice, "backup.get")
    await world.run(world.alice, "backup.put", ver=1, master=MASTER, entries=entries("b", "a"))
    await world.run(world.alice, "backup.put", ver=1, master=MASTER, entries=entries("b", body=b"new"))
    found = await world.run(world.alice, "backup.get")
    assert found == {
        "ver": 1,
        "master": MASTER,
        "entries": entries("a") + entries("b", body=b"new"),
        "next": None,
    }
    await world.refused(ErrorCode.NOT_FOUND, world.bob, "backup.get")


async def test_a_new_version_takes_the_place_of_the_old_one_for_good(world: World) -> None:
    await world.run(world.alice, "backup.put", ver=1, master=MASTER, entries=entries("old"))
    other = to_base64(b"n" * 72)
    await world.run(world.alice, "backup.put", ver=2, master=other, entries=entries("new"))
    refusal = await world.refused(
        ErrorCode.VERSION_CONFLICT, world.alice, "backup.put", ver=1, master=MASTER, entries=entries("old")
    )
    assert refusal.data == {"current": 2}
    found = await world.run(world.alice, "backup.get")
    assert (found["ver"], found["master"], found["entries"]) == (2, other, entries("new"))


async def test_a_large_one_comes_in_pages(world: World) -> None:
    keys = [f"k{number:04}" for number in range(1_100)]
    for start in range(0, 1_100, 500):
        part = entries(*keys[start : start + 500])
        await world.run(world.alice, "backup.put", ver=1, master=MASTER, entries=part)
    read, after = [], None
    while True:
        page = await world.run(world.alice, "backup.get", after=after)
        read += [entry["key"] for entry in page["entries"]]
        if (after := page["next"]) is None:
            break
    assert read == keys
