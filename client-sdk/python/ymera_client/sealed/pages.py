"""A room's items page by page: the next page is on its way while the one before is applied."""

import asyncio

from ymera_client.courier import Courier
from ymera_client.generated import Items, SealedItems


class Pages:
    """Pages of one room. What was asked for ahead is only given to who asks for just that."""

    def __init__(self, courier: Courier, room_id: str) -> None:
        self._courier = courier
        self._room_id = room_id
        self._ahead: tuple[int, asyncio.Task[Items]] | None = None

    async def after(self, seq: int) -> Items:
        """What the server shows after a seq."""
        ahead = self._ahead
        if ahead is not None and ahead[0] == seq:
            self._ahead = None
            page = await ahead[1]
        else:
            await self.aclose()
            page = await self._ask(seq)
        if page.items and page.items[-1].seq < page.head:
            last = page.items[-1].seq
            self._ahead = last, asyncio.create_task(self._ask(last), name=f"ymera-items-{self._room_id}")
        return page

    async def aclose(self) -> None:
        """Give up what was asked for ahead."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead[1].cancel()
            await asyncio.gather(ahead[1], return_exceptions=True)

    async def _ask(self, seq: int) -> Items:
        return await self._courier(SealedItems(room=self._room_id, after_seq=seq))
