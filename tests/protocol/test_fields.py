"""Fields take what they say they take, at their bounds and just past them, in Python and in JavaScript."""

import json
import subprocess
from typing import Annotated, Any, get_origin

import msgspec
import pytest

from protocol import fields
from scripts import node

ID = "0198c2d4-7a10-7c3e-9b1f-2f6f0c9a4e11"
ALIASES = {name: kind for name, kind in vars(fields).items() if get_origin(kind) is Annotated}
GOOD: dict[str, list[Any]] = {
    "Id": [ID],
    "Name": ["a", "a" * 100, "Ada Lovelace", " a ", "日本語", "🚀"],
    "Title": ["a" * 300],
    "Topic": ["", "two\nlines", "a" * 300],
    "Text": ["", "\n", "a" * 20_000],
    "Body": ["a", "a\n", "\n a", "a" * 20_000],
    "Label": ["needs review", "a" * 40],
    "Emoji": ["🚀", ":rocket:", "👩‍🚀"],
    "Search": ["a" * 200],
    "Cursor": ["", "a" * 600],
    "Email": ["a@b", "ada@example.org", "a" * 242 + "@example.org"],
    "Password": ["a" * 10, "a" * 256, " " * 10],
    "Secret": ["a", "a" * 4_096],
    "ExternalId": ["JIRA-1", "a" * 200],
    "Version": [1, 2**53 - 1],
    "Seq": [0, 2**53 - 1],
    "Hours": [0, 0.25, 100_000],
    "Timestamp": ["2026-03-01T09:30:00Z", "2026-03-01T09:30:00.123456+02:00"],
    "Day": ["2026-02-28"],
    "PageSize": [1, 200],
    "Json": [{}, {"anything": [1, None, {"deep": True}]}],
    "Schema": [{}, {"type": "object"}],
    "Note": ["", "two\nlines", "a" * 500],
    "Money": [0, 10**15],
    "Tokens": [0, 10**12],
    "Seconds": [0, 0.25, 10**9],
    "Share": [0, 0.4, 1],
    "CapabilityName": ["a", "check_trajectory", "Orbit-2.fit", "a" * 60],
    "Fence": [1, 2**31 - 1],
    "FileName": ["a", ".env", "...", "a b.tar.gz", "日本語.txt", "a" * 255],
    "Folder": ["", "a", "a/b", "...", "a b/.c", "/".join(["a"] * 32)],
    "Digest": ["0" * 64, "0123456789abcdef" * 4],
    "PreviewName": ["thumbnail", "page-1", "a" * 20],
    "Bytes": [0, 2**53 - 1],
    "Ordinal": [1, 2**31 - 1],
    "LinkBytes": ["AA", "-_8", "A" * 1_334],
    "CommitBytes": ["AA", "A" * 174_763],
    "EnvelopeBytes": ["AA", "A" * 349_926],
    "Box": ["A" * 192],
    "PairingBytes": ["AA", "A" * 349_526],
    "EntryBytes": ["AA", "A" * 1_334],
    "EntryKey": ["a", "epoch_7-A", "a" * 64],
    "Epoch": [0, 2**32 - 1],
    "Fingerprint": ["A" * 43, "A" * 42 + "E"],
    "DeviceId": ["A" * 22, "A" * 21 + "Q"],
}
BAD: dict[str, list[Any]] = {
    "Id": ["", ID.upper(), ID + "\n", ID[:-1], f" {ID}", ID.replace("-", ""), 7, None],
    "Name": ["", " ", "\t", "a\n", "a\tb", "a\x00", "a\x7f", "a" * 101, 7, None],
    "Title": ["", "a\nb", "a\n", "a" * 301],
    "Topic": ["a\x00", "a" * 301],
    "Text": ["a\x00", "a" * 20_001],
    "Body": ["", " \n ", "\x00", "a\x00", "a" * 20_001],
    "Label": ["", " ", "a" * 41],
    "Emoji": ["", "a b", "a\n", "a" * 33],
    "Search": ["", " ", "a" * 201],
    "Cursor": ["a" * 601, 1],
    "Email": ["@", "a@", "@b", "a b@c", "a@b@c", "a@b\n", "a" * 243 + "@example.org"],
    "Password": ["a" * 9, "a" * 257, "a" * 10 + "\x00"],
    "Secret": ["", "a" * 4_097],
    "ExternalId": ["", " ", "a" * 201],
    "Version": [0, 2**53, 1.5, "1", True],
    "Seq": [-1, 2**53, True],
    "Hours": [-0.1, 100_000.1, float("nan"), float("inf"), "1", True],
    "Timestamp": ["2026-03-01T09:30:00", "2026-03-01", "yesterday", 0],
    "Day": ["2026-02-30", "2026-3-1", "20260301", 0],
    "PageSize": [0, 201],
    "Json": [[], "{}", 7, None],
    "Schema": [True, "{}", None],
    "Note": ["a\x00", "a" * 501, None],
    "Money": [-1, 10**15 + 1, 0.5, "1", True],
    "Tokens": [-1, 10**12 + 1, 0.5, True],
    "Seconds": [-0.1, 10**9 + 1, float("nan"), float("inf"), True],
    "Share": [-0.1, 1.1, float("nan"), True],
    "CapabilityName": ["", "1st", "_a", "a b", "a/b", "é", "a\n", "a" * 61],
    "Fence": [0, 2**31, 1.5, True],
    "FileName": ["", ".", "..", "a/b", "a\\b", "a\x00", "a\n", "a ", "a" * 256, 7, None],
    "Folder": ["/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a\\b", "a\n", "/".join(["a"] * 33), None],
    "Digest": ["", "0" * 63, "0" * 65, "A" * 64, "0" * 64 + "\n", None],
    "PreviewName": ["", "Page", "a/b", "a.b", "a\n", "a" * 21],
    "Bytes": [-1, 2**53, 0.5, True],
    "Ordinal": [0, 2**31, 1.5, True],
    "LinkBytes": ["", "A", "AB", "AA==", "AA\n", "A+A", "A" * 1_336, 7, None],
    "CommitBytes": ["", "AAAAA", "A" * 174_766],
    "EnvelopeBytes": ["", "AAAAA", "A" * 349_928],
    "Box": ["", "A" * 191, "A" * 194],
    "PairingBytes": ["", "AAB", "A" * 349_528],
    "EntryBytes": ["", "AA/A", "A" * 1_336],
    "EntryKey": ["", "a b", "a\n", "a" * 65],
    "Epoch": [-1, 2**32, 0.5],
    "Fingerprint": ["", "A" * 42, "A" * 44, "A" * 42 + "B", "A" * 42 + "="],
    "DeviceId": ["", "A" * 21, "A" * 23, "A" * 21 + "B"],
}


def takes(name: str, value: Any) -> bool:
    try:
        msgspec.convert(value, ALIASES[name])
    except msgspec.ValidationError:
        return False
    return True


def test_every_kind_of_field_is_tried() -> None:
    assert set(GOOD) == set(BAD) == set(ALIASES)


@pytest.mark.parametrize("name", ALIASES)
def test_a_field_takes_what_is_within_its_bounds(name: str) -> None:
    assert [value for value in GOOD[name] if not takes(name, value)] == []


@pytest.mark.parametrize("name", ALIASES)
def test_a_field_refuses_what_is_outside_its_bounds(name: str) -> None:
    assert [value for value in BAD[name] if takes(name, value)] == []


def test_javascript_reads_the_patterns_alike() -> None:
    cases = [
        [kind.__metadata__[0].pattern, value, matches(kind.__metadata__[0].pattern, value)]
        for name, kind in ALIASES.items()
        for value in GOOD[name] + BAD[name]
        if kind.__metadata__[0].pattern and isinstance(value, str)
    ]
    script = """
        const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
        const wrong = cases.filter(([source, text, taken]) => new RegExp(source, "u").test(text) !== taken);
        console.log(JSON.stringify(wrong));
    """
    done = subprocess.run(
        ["node", "-e", script],
        input=json.dumps(cases),
        env=node.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == []


def matches(pattern: str, value: str) -> bool:
    try:
        msgspec.convert(value, Annotated[str, msgspec.Meta(pattern=pattern)])
    except msgspec.ValidationError:
        return False
    return True
