"""Every setting of the program, read from the environment once and never changed afterwards.

The fields of `Settings` are the one table: parsing, `ymera config` and the table in the documentation all
come from it, so a setting cannot exist in one of them and be missing from another.
"""

import base64
import binascii
import difflib
import ipaddress
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from platformdirs import user_data_path

from persistence.storage import Bucket
from server.malware import Scanner
from server.redis_address import RedisAddress

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Item = TypeVar("Item")

SECRET_KEY_BYTES = 32
MAX_BYTES = 2**53 - 1
LIST_LIMIT = 100
MAX_WORKERS = 64
MASK = "********"


class SettingsError(Exception):
    """One or more settings cannot be used; `problems` has one line for each, naming the variable."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def number(text: str, *, low: int, high: int) -> int:
    """Read a whole number between `low` and `high`."""
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise ValueError("is not a whole number")
    if not low <= int(text) <= high:
        raise ValueError(f"is outside {low} to {high}")
    return int(text)


def size(text: str, *, low: int = 1) -> int:
    """Read a number of bytes of at least `low`: `20 GiB`, `500MiB`, or without a unit."""
    match = re.fullmatch(r"([0-9]{1,12}) ?(|B|KiB|MiB|GiB|TiB)", text)
    if match is None:
        raise ValueError("is no number of bytes with B, KiB, MiB, GiB, TiB or nothing after it")
    count = int(match[1]) << 10 * ("B", "KiB", "MiB", "GiB", "TiB").index(match[2] or "B")
    if not low <= count <= MAX_BYTES:
        raise ValueError(f"is outside {low} to {MAX_BYTES} bytes")
    return count


def choice(text: str, *, among: tuple[str, ...]) -> str:
    """Read one of a few words, in any case."""
    if text.casefold() not in among:
        raise ValueError(f"is none of {', '.join(among)}")
    return text.casefold()


def host(text: str) -> str:
    """Read an IP address or host name to listen on."""
    if not re.fullmatch(r"[A-Za-z0-9._:-]{1,253}", text):
        raise ValueError("is neither an IP address nor a host name")
    return text


def directory(text: str) -> Path:
    """Read the path of a folder that exists or can be created."""
    path = Path(text).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError("is a file, not a folder")
    return path


def address(text: str, *, schemes: tuple[str, ...]) -> str:
    """Read the URL of another server."""
    parts = urlsplit(text)
    if parts.scheme not in schemes:
        raise ValueError(f"does not start with {' or '.join(scheme + '://' for scheme in schemes)}")
    if not (parts.netloc or parts.path.strip("/") or parts.query):
        raise ValueError("names no host")
    _port_of(text)
    return text


def redis_url(text: str) -> str:
    """Read the URL of a Redis, of Sentinels or of a Redis Cluster."""
    RedisAddress.parse(text)
    return text


def bucket_url(text: str) -> str:
    """Read the URL of a bucket."""
    Bucket.parse(text)
    return text


def scanner(text: str) -> str:
    """Read where ClamAV's daemon listens."""
    Scanner.parse(text)
    return text


def credential(text: str) -> str:
    """Read the id or the secret of an access key."""
    if not re.fullmatch(r"[A-Za-z0-9+/=_.-]{1,200}", text):
        raise ValueError("has other characters than letters, digits and + / = _ . -, or more than 200")
    return text


def origin(text: str) -> str:
    """Read a web origin: scheme, host and port, without a path."""
    parts = urlsplit(text.rstrip("/"))
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError("is not an origin with http:// or https:// and a host")
    if parts.path or parts.query or parts.fragment:
        raise ValueError("has a path; an origin ends after the host and port")
    _port_of(text)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def network(text: str) -> Network:
    """Read one IP address or CIDR range."""
    return ipaddress.ip_network(text)


def listed(text: str, *, each: Callable[[str], Item]) -> tuple[Item, ...]:
    """Read a comma-separated list, at most 100 long; empty entries are ignored."""
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    if len(entries) > LIST_LIMIT:
        raise ValueError(f"has {len(entries)} entries, more than {LIST_LIMIT}")
    items = []
    for entry in entries:
        try:
            items.append(each(entry))
        except ValueError as error:
            raise ValueError(f"entry {entry!r} cannot be used: {error}") from None
    return tuple(items)


def key(text: str) -> bytes:
    """Read a key of 32 bytes, written as 64 hexadecimal digits or as base64."""
    try:
        if re.fullmatch(r"[0-9a-fA-F]{64}", text):
            return bytes.fromhex(text)
        decoded = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        raise ValueError("is neither 64 hexadecimal digits nor base64") from None
    if len(decoded) != SECRET_KEY_BYTES:
        raise ValueError(f"has {len(decoded)} bytes instead of {SECRET_KEY_BYTES}")
    return decoded


def switch(text: str) -> bool:
    """Read on or off."""
    return choice(text, among=("off", "on")) == "on"


def _port_of(text: str) -> int | None:
    """Return the port in a URL; ValueError when it is no port."""
    try:
        return urlsplit(text).port
    except ValueError:
        raise ValueError("has a port that is not a number up to 65535") from None


@dataclass(frozen=True, slots=True)
class Variable:
    """What the table knows of one environment variable."""

    name: str
    parse: Callable[[str], Any]
    meaning: str
    example: str
    default_text: str
    secret: bool


def setting(
    name: str,
    parse: Callable[[str], Any],
    meaning: str,
    *,
    default: Any,
    example: str | None = None,
    default_text: str | None = None,
    secret: bool = False,
) -> Any:
    """Declare a field of `Settings`; secrets stay out of its repr."""
    shown = str(default) if default_text is None else default_text
    variable = Variable(name, parse, meaning, shown if example is None else example, shown, secret)
    made = {"default_factory": default} if callable(default) else {"default": default}
    return field(**made, repr=not secret, metadata={"variable": variable})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The checked settings of one node; durations are seconds unless the name says otherwise."""

    host: str = setting(
        "YMERA_HOST",
        host,
        "Address to listen on; 0.0.0.0 accepts connections from other machines.",
        default="127.0.0.1",
    )
    port: int = setting(
        "YMERA_PORT",
        partial(number, low=0, high=65535),
        "TCP port to listen on; 0 takes any free one.",
        default=8080,
    )
    data_dir: Path = setting(  # noqa: RUF009 - setting() returns a dataclass field
        "YMERA_DATA_DIR",
        directory,
        "Folder with everything worth a backup: embedded database, files, key.",
        default=partial(user_data_path, "ymera"),
        default_text="the platform's data folder, ~/.local/share/ymera on Linux",
        example="/var/lib/ymera",
    )
    database_url: str | None = setting(
        "YMERA_DATABASE_URL",
        partial(address, schemes=("postgresql", "postgres")),
        "PostgreSQL 15 or newer to use in place of the embedded one.",
        default=None,
        default_text="embedded PostgreSQL in the data folder",
        example="postgresql://ymera:password@db.example.org/ymera",
        secret=True,
    )
    redis_url: str | None = setting(
        "YMERA_REDIS_URL",
        redis_url,
        "Redis through which several nodes tell each other what happened: a server, Sentinels or a Cluster.",
        default=None,
        default_text="none for a single process, an embedded one for several workers",
        example="redis://:password@redis.example.org:6379/0",
        secret=True,
    )
    workers: int = setting(
        "YMERA_WORKERS",
        partial(number, low=1, high=MAX_WORKERS),
        "Processes that serve on this machine, about one a core; serve --workers says the same.",
        default=1,
        example="4",
    )
    public_url: str | None = setting(
        "YMERA_PUBLIC_URL",
        origin,
        "Address that people type; links in invitations start with it.",
        default=None,
        default_text="http:// with the host and port above",
        example="https://ymera.example.org",
    )
    cors_origins: tuple[str, ...] = setting(
        "YMERA_CORS_ORIGINS",
        partial(listed, each=origin),
        "Other web origins whose pages may use this server, with commas between them.",
        default=(),
        default_text="none",
        example="https://app.example.org,http://localhost:5173",
    )
    secret_key: bytes | None = setting(
        "YMERA_SECRET_KEY",
        key,
        "Key of 32 bytes, hexadecimal or base64, sealing sessions and signing keys; equal on all nodes.",
        default=None,
        default_text="made once, in the data folder",
        example="the output of: openssl rand -hex 32",
        secret=True,
    )
    log_format: Literal["auto", "console", "json"] = setting(
        "YMERA_LOG_FORMAT",
        partial(choice, among=("auto", "console", "json")),
        "Form of log lines: console, json, or auto for console on a terminal and json elsewhere.",
        default="auto",
        example="json",
    )
    log_level: Literal["debug", "info", "warning", "error"] = setting(
        "YMERA_LOG_LEVEL",
        partial(choice, among=("debug", "info", "warning", "error")),
        "Least severe level that is logged: debug, info, warning or error.",
        default="info",
    )
    database_pool_size: int = setting(
        "YMERA_DATABASE_POOL_SIZE",
        partial(number, low=2, high=500),
        "Most connections to PostgreSQL that one node opens.",
        # Measured from 2 to 20 with 100 commands under way, on two cores that did other work too. Messages
        # share transactions and need two or three. Of other commands 10 connections carried out half as many
        # again as 4 or 6; 20 carried out fewer, with longer waits.
        default=10,
    )
    slow_query_ms: int = setting(
        "YMERA_SLOW_QUERY_MS",
        partial(number, low=1, high=600_000),
        "Queries slower than this many milliseconds are logged with their name.",
        default=200,
    )
    log_retention_hours: int = setting(
        "YMERA_LOG_RETENTION_HOURS",
        partial(number, low=1, high=8_760),
        "Hours for which a client that was away gets what it missed; after that it gets the whole state.",
        default=72,
    )
    command_rate: int = setting(
        "YMERA_COMMAND_RATE",
        partial(number, low=1, high=100_000),
        "Commands a second that one connection may send for long.",
        default=200,
    )
    command_burst: int = setting(
        "YMERA_COMMAND_BURST",
        partial(number, low=1, high=1_000_000),
        "Commands that one connection may send at once before the rate applies.",
        default=400,
    )
    member_command_rate: int = setting(
        "YMERA_MEMBER_COMMAND_RATE",
        partial(number, low=1, high=1_000_000),
        "Commands a second that one member may send for long over all connections and nodes.",
        default=1_000,
    )
    member_connect_burst: int = setting(
        "YMERA_MEMBER_CONNECT_BURST",
        partial(number, low=1, high=1_000_000),
        "Connections that one member may make at once over all nodes; then ten more each second.",
        default=200,
    )
    connect_rate: int = setting(
        "YMERA_CONNECT_RATE",
        partial(number, low=1, high=100_000),
        "Clients a second that one node lets in for long, ten times as many at once; others come back later.",
        default=500,
    )
    max_connections: int = setting(
        "YMERA_MAX_CONNECTIONS",
        partial(number, low=1, high=1_000_000),
        "Clients that one node serves at once.",
        default=50_000,
    )
    max_message_bytes: int = setting(
        "YMERA_MAX_MESSAGE_BYTES",
        partial(number, low=65_536, high=100_000_000),
        "Largest message or request body accepted, in bytes.",
        default=1_000_000,
    )
    compression: bool = setting(
        "YMERA_COMPRESSION",
        switch,
        "Whether large messages go compressed to clients that offer permessage-deflate: on or off.",
        default=False,
        default_text="off",
        example="on",
    )
    trusted_proxies: tuple[Network, ...] = setting(
        "YMERA_TRUSTED_PROXIES",
        partial(listed, each=network),
        "Proxies, as addresses or CIDR ranges, whose X-Forwarded-For is believed.",
        default=(),
        default_text="none",
        example="10.0.0.0/8,127.0.0.1",
    )
    shutdown_grace_seconds: int = setting(
        "YMERA_SHUTDOWN_GRACE_SECONDS",
        partial(number, low=0, high=600),
        "Seconds that running commands get to finish when the server is told to stop.",
        default=10,
    )
    access_token_seconds: int = setting(
        "YMERA_ACCESS_TOKEN_SECONDS",
        partial(number, low=10, high=86_400),
        "Life of an access token, in seconds.",
        default=600,
    )
    refresh_token_days: int = setting(
        "YMERA_REFRESH_TOKEN_DAYS",
        partial(number, low=1, high=365),
        "Days after which somebody who has not been back signs in again.",
        default=30,
    )
    storage_url: str | None = setting(
        "YMERA_STORAGE_URL",
        bucket_url,
        "S3-compatible bucket for files, in which nothing else lies; endpoint and region are optional.",
        default=None,
        default_text="the folder files in the data folder",
        example="s3://bucket/prefix?endpoint=https://s3.example.org&region=eu-central-1",
        secret=True,
    )
    storage_key_id: str | None = setting(
        "YMERA_STORAGE_KEY_ID",
        credential,
        "Id of the bucket's access key.",
        default=None,
        default_text="what AWS_ACCESS_KEY_ID or the host says",
        example="AKIAIOSFODNN7EXAMPLE",
    )
    storage_secret: str | None = setting(
        "YMERA_STORAGE_SECRET",
        credential,
        "Secret of the bucket's access key.",
        default=None,
        default_text="what AWS_SECRET_ACCESS_KEY or the host says",
        example="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        secret=True,
    )
    storage_redirect: bool = setting(
        "YMERA_STORAGE_REDIRECT",
        switch,
        "Whether clients download right from the bucket, which they must then reach: on or off.",
        default=False,
        default_text="off",
        example="on",
    )
    files_url: str | None = setting(
        "YMERA_FILES_URL",
        origin,
        "Another origin that leads to this server, from which browsers get files.",
        default=None,
        default_text="the public address",
        example="https://files.example.org",
    )
    max_file_bytes: int = setting(
        "YMERA_MAX_FILE_BYTES",
        size,
        "Largest file that is accepted, in bytes.",
        default=20 * 2**30,
        default_text="20 GiB",
    )
    project_bytes: int = setting(
        "YMERA_PROJECT_BYTES",
        size,
        "Bytes that the files of a project or channel may take, unless it has a quota of its own.",
        default=100 * 2**30,
        default_text="100 GiB",
    )
    member_daily_bytes: int = setting(
        "YMERA_MEMBER_DAILY_BYTES",
        size,
        "Bytes that a member may send in 24 hours, unless there is a quota for them.",
        default=50 * 2**30,
        default_text="50 GiB",
    )
    upload_days: int = setting(
        "YMERA_UPLOAD_DAYS",
        partial(number, low=1, high=90),
        "Days for which an upload can be resumed after its last byte.",
        default=7,
    )
    analysis_workers: int = setting(
        "YMERA_ANALYSIS_WORKERS",
        partial(number, low=0, high=32),
        "Processes of a node that read uploaded files; 0 leaves that to other nodes.",
        default=1,
        example="2",
    )
    clamav: str | None = setting(
        "YMERA_CLAMAV",
        scanner,
        "ClamAV's daemon, which checks files before anybody can download them.",
        default=None,
        default_text="none; files are not checked",
        example="unix:///run/clamav/clamd.ctl",
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Return the settings in `environ`; an empty variable counts as unset.

        Raises `SettingsError` with every problem at once.
        """
        values: dict[str, Any] = {}
        problems: list[str] = []
        for each in fields(cls):
            variable = variable_of(each)
            text = environ.get(variable.name, "").strip()
            if not text:
                continue
            try:
                values[each.name] = variable.parse(text)
            except ValueError as error:
                shown = "its value" if variable.secret else repr(text[:80])
                problems.append(f"{variable.name}: {shown} {error}; for example {variable.example}")
        if problems:
            raise SettingsError(problems)
        return cls(**values)

    @property
    def base_url(self) -> str:
        """The address that people type, without a trailing slash."""
        if self.public_url is not None:
            return self.public_url
        name = "localhost" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104
        return f"http://[{name}]:{self.port}" if ":" in name else f"http://{name}:{self.port}"

    def welcomes(self, origin: str, host: str) -> bool:
        """Whether pages of this origin may use the server which they address as `host`."""
        return origin in {self.base_url, *self.cors_origins, f"http://{host}", f"https://{host}"}


def port_in_use(settings: Settings, error: OSError) -> SettingsError:
    """The problem that the server cannot listen where the settings say."""
    problem = (
        f"YMERA_PORT: cannot listen on {settings.host}:{settings.port} ({error.strerror}); "
        "stop what uses it, or choose another, for example 8081"
    )
    return SettingsError([problem])


def variable_of(settings_field: "Field[Any]") -> Variable:
    """Return the environment variable behind a field of `Settings`."""
    variable: Variable = settings_field.metadata["variable"]
    return variable


def variables() -> list[Variable]:
    """Return every environment variable the program reads, in the order of the documentation."""
    return [variable_of(each) for each in fields(Settings)]


def misspelt(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the set variables that look like a misspelt setting, each with the name probably meant."""
    known = [variable.name for variable in variables()]
    near = {
        name: difflib.get_close_matches(name, known, n=1, cutoff=0.85)
        for name in environ
        if name.startswith("YMERA") and not name.startswith("YMERA_TEST_") and name not in known
    }
    return {name: matches[0] for name, matches in near.items() if matches}


def describe(settings: Settings) -> list[dict[str, str | None]]:
    """Return one row a setting, fit to be shown: name, value with secrets masked, default and meaning."""
    return [
        {
            "name": variable_of(each).name,
            "value": _shown(getattr(settings, each.name), secret=variable_of(each).secret),
            "default": variable_of(each).default_text,
            "meaning": variable_of(each).meaning,
        }
        for each in fields(settings)
    ]


def _shown(value: object, *, secret: bool) -> str | None:
    if value is None or value == ():
        return None
    if secret:
        return without_password(value) if isinstance(value, str) and "://" in value else MASK
    if isinstance(value, tuple):
        return ",".join(str(item) for item in value)
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def without_password(text: str) -> str:
    """Return a URL with the password and the query, which may hold one too, masked."""
    # Not by urlsplit, which refuses lists of hosts with an IPv6 address among them.
    scheme, _, rest = text.partition("#")[0].partition("://")
    authority = re.split("[/?]", rest, maxsplit=1)[0]
    login, at, hosts = authority.rpartition("@")
    user, colon, _ = login.partition(":")
    place = re.sub(r"(?i)(password=)[^&]*", rf"\1{MASK}", rest[len(authority) :])
    return f"{scheme}://{user}{colon}{MASK if colon else ''}{at}{hosts}{place}"


def secret_key(settings: Settings) -> bytes:
    """Return the node's key: the one set, else the one in the data folder, made at the first call.

    Raises `SettingsError` when the stored key was damaged; a new one would lock everybody out silently.
    """
    if settings.secret_key is not None:
        return settings.secret_key
    path = secret_key_path(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place, so that two nodes starting at once agree on one whole key.
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    if not path.exists():
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(SECRET_KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    try:
        return key(path.read_text().strip())
    except ValueError as error:
        raise SettingsError([f"{path}: the stored key {error}; restore it from a backup"]) from None


def secret_key_path(settings: Settings) -> Path:
    """Return the file that holds the key when none is set."""
    return settings.data_dir / "secret.key"
