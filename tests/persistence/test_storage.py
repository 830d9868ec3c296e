"""Addresses of buckets, and those that are signed."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Botos

from persistence.storage import Bucket, Credentials, Storage, _Signer


def test_a_bucket_is_read_from_a_url() -> None:
    assert Bucket.parse("s3://files/a/b?endpoint=https://s3.example.org:9000&region=eu-1") == Bucket(
        "files", "a/b", "https://s3.example.org:9000", "eu-1"
    )
    assert Bucket.parse("s3://files") == Bucket("files", "", None, "us-east-1")


@pytest.mark.parametrize("name", ["moon.txt", "Übermut & «Sterne».pdf", 'a";b.txt', "%41+ .txt"])
def test_signed_addresses_are_those_that_amazons_own_library_makes(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = Bucket("files", "some/where", "https://s3.example.org:9000", "eu-1")
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    answered = {
        "response-content-disposition": f"attachment; filename*=UTF-8''{name}",
        "response-content-type": "text/plain",
    }
    ours = _Signer(bucket, Credentials("key", "secret")).sign("rooms/r/c", 300, answered, now)

    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: now.replace(tzinfo=None))
    request = AWSRequest("GET", "https://s3.example.org:9000/files/some/where/rooms/r/c", params=answered)
    S3SigV4QueryAuth(Botos("key", "secret"), "s3", "eu-1", expires=300).add_auth(request)
    assert urlsplit(ours).path == urlsplit(request.url).path
    assert dict(parse_qsl(urlsplit(ours).query)) == dict(parse_qsl(urlsplit(request.url).query))


async def test_a_folder_signs_nothing(tmp_path: Path) -> None:
    store = Storage.in_folder(tmp_path)
    assert store.sign("rooms/r/c", seconds=1, disposition="", media_type="") is None


async def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    store = Storage.in_folder(tmp_path)
    with pytest.raises(FileNotFoundError):
        await store.size("rooms/r/c")
    with pytest.raises(FileNotFoundError):
        await anext(store.stream("rooms/r/c"))
    await store.delete(["rooms/r/c"])
    await store.staging.discard("nothing")
