"""Members in tests of sealed rooms: an account, and the devices on which it is used."""

from pathlib import Path

from tests.nodes import PATIENCE
from ymera_client import Client, KeyStore, MessageSend


class Person:
    """A member with a first device, which `begin` has put into an identity, and any number of others."""

    def __init__(self, url: str, token: str, folder: Path) -> None:
        self.url = url
        self.token = token
        self.folder = folder
        self.code = ""
        self.client: Client
        self._clients: list[Client] = []

    async def begin(self) -> None:
        self.client = await self.device("first")
        self.code = await self.client.sealed.begin() or ""

    async def device(self, name: str, url: str | None = None) -> Client:
        """A client with the store of keys of that name, connected."""
        client = Client(url or self.url, token=self.token, keys=self.store(name))
        self._clients.append(client)
        await client.connect()
        await client.sealed.wait_for(lambda sealed: sealed.status.state != "starting", PATIENCE)
        return client

    def store(self, name: str) -> KeyStore:
        return KeyStore(self.folder / f"{name}.db", key_file=self.folder / f"{name}.key")

    @property
    def id(self) -> str:
        return self.client.me.id

    async def close(self) -> None:
        for client in self._clients:
            await client.close()


async def says(client: Client, room_id: str, text: str) -> str:
    """The id of a message that the client has sent."""
    return (await client.call(MessageSend(room=room_id, text=text))).id


async def reads(client: Client, room_id: str, *texts: str) -> None:
    """Wait until the client has read just these messages in the room."""
    async with client.room(room_id) as room:

        def read() -> list[str]:
            messages = sorted(room.state["messages"].values(), key=lambda each: each["seq"])
            return [each["text"] for each in messages]

        try:
            await room.wait_for(lambda _: read() == list(texts), PATIENCE)
        except TimeoutError:
            raise AssertionError(f"read {read()} instead of {list(texts)}") from None


async def joins(client: Client, room_id: str) -> None:
    """Wait until the client has the room, read up to its end."""
    await client.sealed.wait_for(
        lambda sealed: (room := sealed.rooms.get(room_id)) and room.known and room.caught_up, PATIENCE
    )
