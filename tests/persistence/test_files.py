"""How files are found where they are many."""

import asyncpg
import pytest

from persistence import files
from persistence.files import Viewer
from protocol.files import FileList, FileSort
from protocol.roles import RoomRole
from tests.handlers.conftest import project
from tests.world import World

__all__ = ["project"]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", [FileSort.NAME, FileSort.UPDATED])
async def test_a_page_is_read_in_its_order_and_not_sorted_out_of_all(
    world: World, project: str, sort: FileSort, descending: bool
) -> None:
    listed: list[asyncpg.connection.LoggedQuery] = []
    query = FileList(room=project, sort=sort, descending=descending)
    viewer = Viewer(world.guest.id, RoomRole.VIEWER)
    async with world.pool.acquire() as tx:
        with tx.query_logger(listed.append):
            await files.page(tx, query, viewer)
        await tx.execute("SET enable_sort = off; SET enable_seqscan = off; SET enable_bitmapscan = off")
        (asked,) = listed
        plan = await tx.fetch(f"EXPLAIN {asked.query}", *asked.args)
    assert not [row[0] for row in plan if "Sort" in row[0]], "\n".join(row[0] for row in plan)
