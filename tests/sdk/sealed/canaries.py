"""Texts and secrets that must turn up nowhere, and a search for them in whatever form they were written.

All are looked for at once: fifty thousand patterns take as long as one. Nothing compressed can be searched.
"""

import base64
import json
import secrets
import string
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote_from_bytes

LETTERS = 20
"""Of a canary that is a text: 94 bits, which are nowhere by chance."""
HEAD = 8
"""Bytes by which patterns are found. Every pattern has at least so many."""


class Canaries:
    """What is looked for, each by a name that says what it is."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}
        self._patterns: dict[int, list[tuple[bytes, str]]] = {}

    def text(self, name: str) -> str:
        """A new text to be written somewhere."""
        made = "".join(secrets.choice(string.ascii_lowercase) for _ in range(LETTERS))
        self.add(name, made)
        return made

    def add(self, name: str, value: str | bytes) -> None:
        """Look for this too."""
        raw = value.encode() if isinstance(value, str) else value
        assert len(raw) >= HEAD, f"{name} is too short to be looked for"
        self._values[name] = raw
        self._patterns = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __getitem__(self, name: str) -> bytes:
        return self._values[name]

    def found_in(self, data: bytes) -> set[str]:
        """The names of those that are somewhere in there."""
        if not self._patterns:
            self._patterns = _by_head(self._values)
        heads, met = frozenset(self._patterns), set[int]()
        for shift in range(min(HEAD, len(data))):
            whole = len(data) - (len(data) - shift) % HEAD
            met |= heads.intersection(memoryview(data)[shift:whole].cast("Q"))
        return {name for head in met for pattern, name in self._patterns[head] if pattern in data}


def forms(raw: bytes) -> set[bytes]:
    """What a value looks like written by one program, and that written once more by another one."""
    once = {raw, *_spelt(raw)}
    return once | {again for form in once for encode in ENCODINGS for again in encode(form)}


def _spelt(raw: bytes) -> Iterable[bytes]:
    for encode in ENCODINGS:
        yield from encode(raw)
    yield from _listed(raw)
    yield from (quoted := repr(raw).encode()[2:-1], json.dumps(raw.decode("latin-1")).encode()[1:-1])
    yield quoted.replace(b"\\", b"\\\\")
    if (text := _letters(raw)) is not None:
        yield from (text.upper().encode(), text.capitalize().encode())
        yield from (text.encode("utf-16-le"), text.encode("utf-16-be"))
        yield "".join(f"\\u{ord(letter):04x}" for letter in text).encode()


def _letters(raw: bytes) -> str | None:
    return raw.decode() if raw.isascii() and raw.decode().isprintable() else None


def _hex(raw: bytes) -> Iterable[bytes]:
    yield from (raw.hex().encode(), raw.hex().upper().encode())


def _base64(raw: bytes) -> Iterable[bytes]:
    """At each of the three places where it can begin within a group, without what its neighbours change."""
    for before in range(3):
        written = base64.b64encode(bytes(before) + raw)
        first = (before * 8 + 5) // 6
        last = (before + len(raw)) * 8 // 6
        yield written[first:last]
        yield base64.urlsafe_b64encode(bytes(before) + raw)[first:last]


def _percent(raw: bytes) -> Iterable[bytes]:
    for untouched in ("", "/", "!'()*"):
        yield quote_from_bytes(raw, safe=untouched).encode()
    yield from (b"".join(b"%%%02x" % byte for byte in raw), b"".join(b"%%%02X" % byte for byte in raw))


def _listed(raw: bytes) -> Iterable[bytes]:
    """As numbers, as when an array of bytes is printed."""
    for between in (",", ", "):
        yield between.join(str(byte) for byte in raw).encode()
    yield ",".join(f'"{at}":{byte}' for at, byte in enumerate(raw)).encode()


ENCODINGS: tuple[Callable[[bytes], Iterable[bytes]], ...] = (_hex, _base64, _percent)


def _by_head(values: dict[str, bytes]) -> dict[int, list[tuple[bytes, str]]]:
    patterns = defaultdict(list)
    for name, raw in values.items():
        for form in forms(raw):
            patterns[_head(form)].append((form, name))
    return patterns


def _head(pattern: bytes) -> int:
    (head,) = memoryview(pattern[:HEAD]).cast("Q")
    return int(head)
