"""Quotas: how much is there and was sent, and limits that admins set."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handlers.tools import DEFAULT_LIMITS
from persistence import uploads
from persistence.ids import new_id
from persistence.uploads import Upload
from protocol.errors import ErrorCode
from protocol.uploads import UploadTarget
from tests import filing
from tests.world import World


async def test_what_is_there_and_what_was_sent_is_shown(world: World, project: str) -> None:
    now = datetime.now(UTC)
    for name, content in (("a.md", "four"), ("copy of a.md", "four"), ("b.md", "longer")):
        await filing.put(world, world.bob, project, name, content)
    deleted = await filing.put(world, world.bob, project, "c.md", "gone")
    await world.run(world.bob, "file.delete", file_id=deleted.id)
    for hours, sent in ((1, 20), (23, 3), (25, 1_000)):
        await world.pool.execute(
            "INSERT INTO sent_bytes (member_id, hour, bytes) VALUES ($1, $2, $3)",
            world.bob.id,
            now - timedelta(hours=hours),
            sent,
        )
    under_way = Upload(
        id=new_id(),
        member_id=world.bob.id,
        target=UploadTarget(room=project, name="d.md"),
        length=500,
        expires_at=now + timedelta(days=1),
    )
    lock_id = new_id()
    async with world.pool.acquire() as tx:
        await uploads.insert(tx, under_way, lock_id, now)
        await uploads.advance(tx, under_way.id, lock_id, 100, timedelta(days=1))
    shown = await world.run(world.bob, "file.quota", room=project)
    limits = DEFAULT_LIMITS
    assert shown == {
        # A content counts once, and what is in the trash counts too.
        "room": {"bytes": 4 + 6 + 4, "reserved": 500, "limit": limits.room},
        "member": {"bytes": 20 + 3 + 100, "reserved": 400, "limit": limits.member},
        "largest": limits.largest,
    }
    await world.run(world.bob, "file.delete", file_id=deleted.id, forever=True)
    theirs = await world.run(world.guest, "file.quota", room=project)
    assert theirs["room"] == {"bytes": 4 + 6, "reserved": 500, "limit": limits.room}
    assert theirs["member"] == {"bytes": 0, "reserved": 0, "limit": limits.member}


async def test_admins_set_limits_and_take_them_back(world: World, project: str) -> None:
    set_quota: dict[str, Any] = {"room": project, "limit": 2**40}
    assert (await world.run(world.admin, "file.set_quota", **set_quota))["limit"] == 2**40
    assert (await world.run(world.admin, "file.set_quota", **set_quota | {"limit": 0}))["limit"] == 0
    member = await world.run(world.admin, "file.set_quota", member_id=world.guest.id, limit=7)
    assert member["limit"] == 7
    shown = await world.run(world.guest, "file.quota", room=project)
    assert (shown["room"]["limit"], shown["member"]["limit"]) == (0, 7)
    assert (await world.run(world.admin, "file.set_quota", room=project))["limit"] == DEFAULT_LIMITS.room
    back = await world.run(world.admin, "file.set_quota", member_id=world.guest.id)
    assert back["limit"] == DEFAULT_LIMITS.member
    assert world.published == []


@pytest.mark.parametrize("named", ["nothing", "both"])
async def test_a_limit_is_for_a_room_or_a_member(world: World, project: str, named: str) -> None:
    subjects = {} if named == "nothing" else {"room": project, "member_id": world.bob.id}
    error = await world.refused(ErrorCode.INVALID, world.admin, "file.set_quota", **subjects, limit=1)
    assert error.data["path"] == "room"


async def test_a_limit_is_for_what_an_admin_knows(world: World, project: str) -> None:
    private = await world.run(world.alice, "room.create", name="aside", private=True)
    for subject in ({"room": private["id"]}, {"room": new_id()}, {"member_id": new_id()}):
        await world.refused(ErrorCode.NOT_FOUND, world.admin, "file.set_quota", **subject, limit=1)
    await world.refused(ErrorCode.FORBIDDEN, world.alice, "file.set_quota", room=project, limit=1)
