"""Texts and what spoils them: the project's documentation, packages' descriptions, Python's manual."""

import random
import re
import string
from collections.abc import Callable
from importlib import metadata
from pydoc_data.topics import topics

from protocol.files import ContentKind
from tests.server.analysis.quality.pairs import PROJECT, Folder, Pair, Pairs, generator

DOCUMENTS = [
    "README.md", "docs/architecture.md", "docs/agents.md", "docs/import.md", "docs/mcp.md",
    "docs/adr/0015-commands-commit-in-groups.md",
]  # fmt: skip
DESCRIPTIONS = ["aiohttp", "alembic", "attrs", "coverage", "hypothesis", "msgspec", "psutil", "structlog"]
TOPICS = ["objects", "try", "import", "formatstrings"]
MAX_CHARACTERS = 16_000


def pairs(folder: Folder) -> Pairs:
    for name, text in _texts().items():
        media_type = "text/markdown" if name.endswith(".md") else "text/plain"
        for defect, spoil in DEFECTS.items():
            spoiled = spoil(generator(name, defect), text)
            if spoiled is None:
                continue
            files = [
                folder.text(name, one, kind=ContentKind.TEXT, media_type=media_type, language="en")
                for one in (text, spoiled)
            ]
            yield Pair(name, defect, files[0], files[1])


def _texts() -> dict[str, str]:
    found = {name: (PROJECT / name).read_text() for name in DOCUMENTS}
    for name in DESCRIPTIONS:
        described = metadata.distribution(name).read_text("METADATA") or ""
        found[f"{name}.md"] = described.partition("\n\n")[2]
    found |= {f"{name}.txt": topics[name] for name in TOPICS}
    found["LICENSE.txt"] = (PROJECT / "LICENSE").read_text()
    return {name: text[:MAX_CHARACTERS] for name, text in found.items()}


def _paragraphs(text: str) -> list[str]:
    return [part for part in re.split(r"\n\s*\n", text) if part.strip()]


def typos(random_: random.Random, text: str, share: float = 0.08) -> str:
    """Letters swapped, left out, doubled or replaced in some words."""

    def spoil(match: re.Match[str]) -> str:
        word = match[0]
        if random_.random() > share:
            return word
        at = random_.randrange(1, len(word) - 1)
        letter = random_.choice(string.ascii_lowercase)
        return random_.choice(
            [
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
            ]
        )

    return re.sub(r"\b[A-Za-z][a-z]{3,}\b", spoil, text)


def shuffled(random_: random.Random, text: str) -> str | None:
    """Paragraphs in any order; a text of a few cannot be told apart from another of a few."""
    parts = _paragraphs(text)
    if len(parts) < 20:
        return None
    random_.shuffle(parts)
    return "\n\n".join(parts)


def duplicated(random_: random.Random, text: str) -> str:
    """A third of the paragraphs twice."""
    parts = _paragraphs(text)
    for part in random_.sample(parts, max(1, len(parts) // 3)):
        parts.insert(random_.randrange(len(parts)), part)
    longest = max(parts, key=len)
    return "\n\n".join([*parts, longest])


def without_headings(random_: random.Random, text: str) -> str | None:
    """What stands under other headings runs on; not for texts that had hardly any."""
    lines = text.splitlines()
    marked = {
        i for i, line in enumerate(lines)
        if re.match(r"#{1,6} ", line)
        or (i + 1 < len(lines) and line.strip() and re.match(r"[=\-~*^]{4,}\s*$", lines[i + 1]))
    }  # fmt: skip
    rules = {i + 1 for i in marked if not lines[i].startswith("#")}
    if len(marked) < 3:
        return None
    return "\n".join(line for i, line in enumerate(lines) if i not in marked | rules)


def line_noise(random_: random.Random, text: str) -> str:
    """Lines of signs between the lines, as from a bad connection or a binary file."""
    lines = text.splitlines()
    for _ in range(max(3, len(lines) // 12)):
        junk = "".join(random_.choices("#$%^&*~|<>{}[]@!?+=\\\x07\ufffdQxz7", k=random_.randrange(12, 60)))
        lines.insert(random_.randrange(len(lines)), junk)
    return "\n".join(lines)


def walled(random_: random.Random, text: str) -> str:
    """No paragraphs any more."""
    return re.sub(r"\s+", " ", text)


def misdecoded(random_: random.Random, text: str) -> str:
    """Scanned badly: figures for letters."""
    swaps = {"l": "1", "o": "0", "e": "c", "i": "!"}
    return "".join(swaps[c] if c in swaps and random_.random() < 0.08 else c for c in text)


Defect = Callable[[random.Random, str], str | None]
DEFECTS: dict[str, Defect] = {
    "typos": typos,
    "paragraphs shuffled": shuffled,
    "paragraphs twice": duplicated,
    "headings removed": without_headings,
    "line noise": line_noise,
    "one wall": walled,
    "read badly": misdecoded,
}
