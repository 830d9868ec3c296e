"""The store of files' bytes: a local folder, or a bucket of an S3-compatible server.

Keys: a content is `rooms/{room}/{sha256}-{blob}`, with its row's id in it, so that what is collected and what
is uploaded again at that moment are two objects. Its previews lie at `rooms/{room}/previews/{blob}/{name}`.
Memory stays flat: whatever is read or written goes through in pieces.
"""

import hashlib
import hmac
import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from persistence.staging import Disk, FolderStaging, PartStaging, Staging

STORE_FAILURES = (OSError, BaseError)
"""What is raised while the store is away, full or closed to this server."""
ROOMS = "rooms"
PIECE = 1024 * 1024
"""Bytes that are read at once."""
LISTED = 1_000
"""Objects that are listed at once."""
PATIENCE = timedelta(seconds=60)
"""How long one request to S3 may take."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where an S3-compatible server keeps the objects: `s3://bucket/prefix?endpoint=…&region=…`."""

    name: str
    prefix: str
    endpoint: str | None
    region: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a URL; ValueError says what is wrong with it."""
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.hostname:
            raise ValueError("is not of the form s3://bucket/prefix?endpoint=…&region=…")
        if parts.username is not None:
            raise ValueError("holds credentials; they have settings of their own")
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if unknown := options.keys() - {"endpoint", "region"}:
            raise ValueError(f"has the unknown option {min(unknown)}; there are endpoint and region")
        endpoint = options.get("endpoint")
        if endpoint is not None and not urlsplit(endpoint).hostname:
            raise ValueError("has an endpoint that is no URL")
        return cls(parts.netloc, unquote(parts.path).strip("/"), endpoint, options.get("region", "us-east-1"))


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key of S3 and its secret."""

    key_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that is there."""

    key: str
    modified: datetime


def content_key(room_id: str, sha256: bytes, blob_id: str) -> str:
    """The key of a content."""
    return f"{ROOMS}/{room_id}/{sha256.hex()}-{blob_id}"


def previews_prefix(room_id: str, blob_id: str) -> str:
    """What the keys of a content's previews begin with."""
    return f"{ROOMS}/{room_id}/previews/{blob_id}"


def preview_key(room_id: str, blob_id: str, name: str) -> str:
    """The key of a preview."""
    return f"{previews_prefix(room_id, blob_id)}/{name}"


class Storage:
    """Objects by key, and the staging of those to come. Make one with `in_folder` or `in_bucket`."""

    def __init__(self, store: LocalStore | S3Store, staging: Staging, disk: Disk) -> None:
        self.staging = staging
        self.disk = disk
        self._store = store
        self._folder: Path | None = None
        self._signer: _Signer | None = None

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """A store in a folder, which is made if it is not there."""
        disk = Disk()
        made = cls(LocalStore(folder, mkdir=True, automatic_cleanup=True), FolderStaging(folder, disk), disk)
        made._folder = folder
        return made

    @classmethod
    def in_bucket(cls, bucket: Bucket, credentials: Credentials | None, *, redirect: bool = False) -> Self:
        """A store in a bucket; without credentials, with those that AWS' own variables or the host give.

        With `redirect`, `sign` gives addresses from which clients can download without this server.
        """
        store = S3Store(
            bucket.name,
            prefix=bucket.prefix or None,
            endpoint=bucket.endpoint,
            region=bucket.region,
            access_key_id=None if credentials is None else credentials.key_id,
            secret_access_key=None if credentials is None else credentials.secret,
            client_options={
                "allow_http": (bucket.endpoint or "").startswith("http://"),
                "timeout": PATIENCE,
                "connect_timeout": timedelta(seconds=5),
            },
            retry_config={"max_retries": 5, "retry_timeout": PATIENCE},
        )
        disk = Disk()
        made = cls(store, PartStaging(store, disk), disk)
        if redirect and credentials is not None:
            made._signer = _Signer(bucket, credentials)
        return made

    def close(self) -> None:
        """End the threads; what they do is finished first."""
        self.disk.close()

    async def put(self, key: str, content: bytes) -> None:
        """Store a small object, whole or not at all."""
        await obstore.put_async(self._store, key, content, use_multipart=False)

    async def size(self, key: str) -> int:
        """How many bytes an object has. FileNotFoundError if there is none."""
        return (await obstore.head_async(self._store, key))["size"]

    async def stream(self, key: str, start: int = 0, length: int | None = None) -> AsyncGenerator[bytes]:
        """An object, or `length` bytes of it from `start`, in pieces. FileNotFoundError if there is none."""
        if length == 0:
            return
        whole = start == 0 and length is None
        end = 2**63 - 1 if length is None else start + length
        found = await obstore.get_async(self._store, key, options=None if whole else {"range": (start, end)})
        async for piece in found.stream(min_chunk_size=PIECE):
            yield bytes(piece)

    def path(self, key: str) -> Path | None:
        """Where an object is as a file, to which nobody may write; None if the store is no folder."""
        return None if self._folder is None else self._folder / key

    @asynccontextmanager
    async def on_disk(self, key: str) -> AsyncIterator[Path]:
        """An object as a file for the length of the block: it is the store's own, so nobody may write to it.

        FileNotFoundError if there is none.
        """
        path = self.path(key)
        if path is not None:
            yield path
            return
        descriptor, name = tempfile.mkstemp(prefix="ymera-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                async for piece in self.stream(key):
                    await self.disk.run(file.write, piece)
            yield Path(name)
        finally:
            await self.disk.run(os.unlink, name)

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; done also where there are none."""
        for key in keys:
            with suppress(FileNotFoundError):
                await obstore.delete_async(self._store, key)

    async def list(self, prefix: str) -> AsyncIterator[Sequence[Stored]]:
        """The objects below a prefix, at most 1,000 at once."""
        async for batch in obstore.list(self._store, prefix, chunk_size=LISTED):
            yield [Stored(found["path"], found["last_modified"]) for found in batch]

    def sign(self, key: str, *, seconds: int, disposition: str, media_type: str) -> str | None:
        """An address from which the object can be downloaded for a while; None if the server sends it."""
        if self._signer is None:
            return None
        answered = {"response-content-disposition": disposition, "response-content-type": media_type}
        return self._signer.sign(key, seconds, answered, datetime.now(UTC))


class _Signer:
    """Signs addresses as AWS Signature 4 says, with what S3 is to answer in them, which obstore cannot."""

    def __init__(self, bucket: Bucket, credentials: Credentials) -> None:
        self._credentials = credentials
        self._region = bucket.region
        endpoint = bucket.endpoint or f"https://s3.{bucket.region}.amazonaws.com"
        parts = urlsplit(endpoint)
        self._origin, self._host = f"{parts.scheme}://{parts.netloc}", parts.netloc
        self._path = "/".join(filter(None, [parts.path.rstrip("/"), bucket.name, bucket.prefix]))

    def sign(self, key: str, seconds: int, answered: dict[str, str], now: datetime) -> str:
        """The address of an object that is good for so many seconds from `now`."""
        day, moment = now.strftime("%Y%m%d"), now.strftime("%Y%m%dT%H%M%SZ")
        scope = f"{day}/{self._region}/s3/aws4_request"
        query = answered | {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{self._credentials.key_id}/{scope}",
            "X-Amz-Date": moment,
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": "host",
        }
        path = quote(f"/{self._path.lstrip('/')}/{key}")
        asked = urlencode(sorted(query.items()), quote_via=quote, safe="")
        request = f"GET\n{path}\n{asked}\nhost:{self._host}\n\nhost\nUNSIGNED-PAYLOAD"
        digest = hashlib.sha256(request.encode()).hexdigest()
        secret = f"AWS4{self._credentials.secret}".encode()
        for word in (day, self._region, "s3", "aws4_request"):
            secret = hmac.digest(secret, word.encode(), "sha256")
        signed = hmac.digest(secret, f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}".encode(), "sha256")
        return f"{self._origin}{path}?{asked}&X-Amz-Signature={signed.hex()}"
