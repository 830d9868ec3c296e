"""The URLs by which a Redis is named: what they mean, and what is said of those that mean nothing."""

from pathlib import Path
from typing import Any

import pytest

from server.redis_address import FAILURES, RedisAddress
from server.settings import Settings, SettingsError, without_password
from tests.servers import redis_cluster, redis_sentinel, redis_server

HOSTS = (("one", 26379), ("two", 5), ("::1", 6))


@pytest.mark.parametrize(
    ("url", "kind", "hosts", "service", "options"),
    [
        (
            "redis://:p%40ss@cache:7/2",
            "server",
            (),
            "",
            {"password": "p@ss", "host": "cache", "port": 7, "db": 2},
        ),
        (
            "redis://ada:pass@cache",
            "server",
            (),
            "",
            {"username": "ada", "password": "pass", "host": "cache"},
        ),
        ("redis+sentinel://ada:pass@one,two:5,[::1]:6/ymera/3", "sentinel", HOSTS, "ymera", {"db": 3}),
        (
            "rediss+cluster://:pass@one:1,two",
            "cluster",
            (("one", 1), ("two", 6379)),
            "",
            {"password": "pass"},
        ),
        ("redis+cluster://one/0", "cluster", (("one", 6379),), "", {"db": 0}),
        ("unix:///run/redis.sock?db=3", "server", (), "", {"path": "/run/redis.sock", "db": 3}),
    ],
)
def test_what_urls_mean(
    url: str, kind: str, hosts: tuple[tuple[str, int], ...], service: str, options: dict[str, Any]
) -> None:
    found = RedisAddress.parse(url)
    assert (found.kind, found.hosts, found.service) == (kind, hosts, service)
    assert found.options.items() >= options.items()
    assert "pass" not in repr(found)


def test_sentinels_may_have_a_password_of_their_own() -> None:
    found = RedisAddress.parse("redis+sentinel://:one@host/ymera?sentinel_password=two")
    assert (found.options["password"], found.sentinel_options["password"]) == ("one", "two")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("localhost:6379", "does not start with redis, rediss, unix"),
        ("redis+sentry://host", "does not start with"),
        ("redis://", "names no host"),
        ("unix://", "names no socket"),
        ("redis://cache:port", "a port that is not a number up to 65535"),
        ("redis://cache:70000", "a port that is not a number up to 65535"),
        ("redis://one,two", "names several hosts"),
        ("redis+cluster://one,,two", "has a host that is none"),
        ("redis+cluster://" + ",".join(["host"] * 51), "names 51 hosts, more than 50"),
        ("redis+cluster://host/1", "a Cluster has none but 0"),
        ("redis://host/zero", "a database that is no number"),
        ("redis+sentinel://host", "names no service"),
        ("redis://:hunter#2@host", "in a password that is %23"),
        ("redis://host?db=x", "cannot be read: Invalid value for 'db'"),
        ("redis://host?colour=red", "an option behind the question mark"),
    ],
)
def test_what_means_nothing_is_said(url: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem) as caught:
        Settings.from_environ({"YMERA_REDIS_URL": url})
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://ada:pass@cache:7/2", "redis://ada:********@cache:7/2"),
        ("unix://:pass@/run/redis.sock", "unix://:********@/run/redis.sock"),
        (
            "redis+sentinel://:p,a@a,[::1]:6/s?sentinel_password=x",
            "redis+sentinel://:********@a,[::1]:6/s?sentinel_password=********",
        ),
        ("redis+cluster://one,two", "redis+cluster://one,two"),
    ],
)
def test_passwords_are_not_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown


@pytest.mark.parametrize("start", [redis_server, redis_cluster, redis_sentinel])
async def test_a_client_reaches_every_kind(start: Any, tmp_path: Path) -> None:
    with start(tmp_path) as found:
        address = RedisAddress.parse(found.url)
        async with address.client() as client:
            await client.set("name", "value")
            assert await client.get("name") == b"value"
            assert await client.eval("return redis.call('GET', KEYS[1])", 1, "name") == b"value"
            assert (await client.info("server"))["redis_version"] >= "7"
        masters = await address.masters()
        assert len(masters) == (3 if start is redis_cluster else 1)


@pytest.mark.parametrize(
    "url", ["redis+cluster://127.0.0.1:1", "redis+sentinel://127.0.0.1:1/ymera", "redis://127.0.0.1:1"]
)
async def test_a_client_may_be_made_before_its_redis_is_there(url: str) -> None:
    address = RedisAddress.parse(url)
    async with address.client() as client:
        with pytest.raises(FAILURES):
            await client.get("name")
    with pytest.raises(FAILURES):
        await address.connection((await address.masters())[0]).connect()  # type: ignore[no-untyped-call]
