"""What a text is made of: headings, paragraphs, lists and code, in plain text and Markdown alike.

Blocks keep their order. Code and tables are told apart from prose, which alone is judged as language.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

MAX_CHARACTERS = 400_000
"""Of a text, that are judged."""

WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_HEADING = re.compile(r"(#{1,6})\s+(\S.*)")
_UNDERLINE = re.compile(r"(=|-|~|\^|\*)\1{2,}\s*$")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_ITEM = re.compile(r"\s{0,8}(?:[-*+•]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S")
_NOT_LANGUAGE = re.compile(
    r"`+[^`\n]{1,200}`+|\]\([^)\s]{1,500}\)|<[^<>\n]{1,200}>"
    r"|(?<!\S)\S{0,200}?(?:://|@)\S{1,500}|(?<!\S)\S{0,60}[\\/_=.:]\w\S{0,200}"
)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]*_]*\s+|(?<=[。！？])")


class BlockKind(StrEnum):
    """What a part of a text is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    CODE = "code"


@dataclass(frozen=True)
class Block:
    """A part of a text, `level` being 1 to 6 for a heading whose rank is known, else 0."""

    kind: BlockKind
    text: str
    level: int = 0

    @cached_property
    def language(self) -> str:
        """Its text, a figure standing for each piece of code, address and name of a file."""
        return _NOT_LANGUAGE.sub("0", self.text)

    @cached_property
    def words(self) -> list[str]:
        """Its words as language."""
        return WORD.findall(self.language)

    @property
    def sentences(self) -> list[str]:
        """Its sentences."""
        return [sentence for sentence in _SENTENCE_END.split(self.text) if sentence.strip()]


def blocks(text: str) -> list[Block]:
    """The parts of a text, in order."""
    found: list[Block] = []
    for chunk in _chunks(text):
        found.extend(_read(chunk))
    return found


def _chunks(text: str) -> list[list[str]]:
    """Lines between blank lines; what is between fences is one."""
    chunks: list[list[str]] = [[]]
    fenced = False
    for line in text.splitlines():
        if _FENCE.match(line):
            if not fenced:
                chunks.append([])
            chunks[-1].append(line)
            if fenced:
                chunks.append([])
            fenced = not fenced
        elif line.strip() or fenced:
            chunks[-1].append(line)
        else:
            chunks.append([])
    return [chunk for chunk in chunks if chunk]


def _read(lines: list[str]) -> list[Block]:
    if _FENCE.match(lines[0]) or _is_code(lines):
        return [Block(BlockKind.CODE, "\n".join(lines))]
    if heading := _HEADING.match(lines[0]):
        first = Block(BlockKind.HEADING, heading[2], len(heading[1]))
        return [first, *(_read(lines[1:]) if lines[1:] else [])]
    if len(lines) > 1 and _UNDERLINE.match(lines[1]) and len(lines[0]) < 120:
        first = Block(BlockKind.HEADING, lines[0].strip(), 1 if lines[1][0] == "=" else 2)
        return [first, *(_read(lines[2:]) if lines[2:] else [])]
    if len(lines) == 1 and _is_title(lines[0].strip()):
        return [Block(BlockKind.HEADING, lines[0].strip())]
    return _paragraphs(lines)


def _is_code(lines: list[str]) -> bool:
    """Indented as Markdown's code is, a table, or hardly any letters."""
    if all(line.startswith(("    ", "\t")) for line in lines):
        joined = "".join(lines)
        return sum(c.isalpha() or c.isspace() for c in joined) < 0.85 * len(joined)
    return all(line.lstrip().startswith(("|", "+-")) for line in lines)


def _is_title(line: str) -> bool:
    words = WORD.findall(line)
    return (
        0 < len(words) <= 12
        and len(line) <= 80
        and not line.endswith((".", ",", ";", ":", "!", "?", "…", "。"))
        and not set(line) & set("[]<>`={}|*")
        and not _ITEM.match(line)
        and (line[0].isupper() or line[0].isdigit() or line[0] == "§")
    )


def _paragraphs(lines: list[str]) -> list[Block]:
    """One paragraph, or the items of a list; lines of a paragraph are joined."""
    found: list[tuple[BlockKind, list[str]]] = []
    for line in lines:
        if _ITEM.match(line):
            found.append((BlockKind.ITEM, [line.strip()]))
        elif found:
            found[-1][1].append(line.strip())
        else:
            found.append((BlockKind.PARAGRAPH, [line.strip()]))
    return [Block(kind, " ".join(parts)) for kind, parts in found]
