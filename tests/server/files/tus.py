"""A tus client that does what it is told, right or wrong, and no more."""

import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from tests.api import Answer, Api

UPLOADS = "/api/files/uploads"
BYTES = "application/offset+octet-stream"


def metadata(**pairs: str) -> str:
    """Pairs as tus clients write them."""
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in pairs.items())


def checksum(algorithm: str, data: bytes) -> str:
    """A checksum as tus clients write it."""
    digest = hashlib.new(algorithm, data, usedforsecurity=False).digest()
    return f"{algorithm} {base64.b64encode(digest).decode()}"


@dataclass
class Tus:
    """Somebody who uploads to a room."""

    api: Api
    token: str
    room: str

    async def ask(
        self, method: str, path: str, data: bytes | AsyncIterator[bytes] | None = None, **headers: Any
    ) -> Answer:
        """What a request is answered; `_` in header names stands for `-`."""
        sent = {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {self.token}"}
        sent |= {name.replace("_", "-"): str(value) for name, value in headers.items()}
        async with self.api.session.request(method, path, data=data, headers=sent) as response:
            raw = await response.read()
            decoded = await response.json() if response.content_type == "application/json" and raw else raw
            return Answer(response.status, decoded, response.headers)

    async def create(self, length: int | None, name: str = "file.bin", /, **more: Any) -> Answer:
        """The answer to a new upload. Further words go into the metadata, capitalised ones are headers."""
        headers = {key: value for key, value in more.items() if key[0].isupper()}
        pairs = {key: value for key, value in more.items() if key not in headers}
        size = {"Upload_Defer_Length": 1} if length is None else {"Upload_Length": length}
        described = metadata(room=self.room, filename=name, **pairs)
        return await self.ask("POST", UPLOADS, **{"Upload_Metadata": described, **size, **headers})

    async def begin(self, length: int | None, name: str = "file.bin", /, **more: Any) -> str:
        """The address of a new upload."""
        answer = await self.create(length, name, **more)
        assert answer.status == 201, answer
        return answer.headers["Location"]

    async def patch(
        self, address: str, offset: int, data: bytes | AsyncIterator[bytes], **headers: Any
    ) -> Answer:
        """The answer to further bytes."""
        return await self.ask(
            "PATCH", address, data, **{"Upload_Offset": offset, "Content_Type": BYTES, **headers}
        )

    async def offset(self, address: str) -> int:
        """How far an upload is."""
        answer = await self.ask("HEAD", address)
        assert answer.status == 200, answer
        return int(answer.headers["Upload-Offset"])

    async def upload(self, data: bytes, name: str = "file.bin", /, **more: Any) -> str:
        """The id of a file that is uploaded in one go."""
        address = await self.begin(len(data), name, **more)
        answer = await self.patch(address, 0, data)
        assert answer.status == 204, answer
        return answer.headers["YMERA-File"]

    async def download(self, file_id: str, **headers: Any) -> bytes:
        """A file's content."""
        answer = await self.ask("GET", f"/api/files/{file_id}/content", **headers)
        assert answer.status in {200, 206}, answer
        assert isinstance(answer.body, bytes)
        return answer.body
