"""What is written between the tags of XML and HTML, read from the beginning to the end, once.

No document is built, nothing is fetched, and no entity is expanded but those that stand for one character.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": "\xa0"}
HIDDEN = {"script", "style", "template", "noscript"}
"""Elements of HTML that nobody reads."""
BLOCKS = frozenset(
    (
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "caption",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
    )
)
"""Elements of HTML after and before which another line begins."""

_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-z]{2,4});")
_NAME = re.compile(r"/?([A-Za-z][^\s/>]*)")
_BLANK = re.compile(r"[ \t\xa0]+")
_LINES = re.compile(r" ?\n[ \n]*")


class Piece(NamedTuple):
    """A text, or a tag as it stands between < and >."""

    text: str
    is_tag: bool

    @property
    def name(self) -> str:
        """What a tag is called, with its prefix."""
        found = _NAME.match(self.text)
        return "" if found is None else found[1]

    @property
    def begins(self) -> bool:
        """Whether an element begins with it."""
        return not self.text.startswith("/")

    @property
    def ends(self) -> bool:
        """Whether one ends with it; it may be the same one."""
        return self.text.startswith("/") or self.text.endswith("/")

    def attribute(self, name: str) -> str:
        """The value of an attribute; empty if there is none."""
        found = re.search(rf"""\s{re.escape(name)}\s*=\s*(?:"([^"]*)"|'([^']*)')""", self.text)
        return "" if found is None else plain(found[1] or found[2] or "")


def pieces(said: str) -> Iterator[Piece]:
    """Texts and tags in their order. What is not closed ends it."""
    at = 0
    while at < len(said):
        start = said.find("<", at)
        if start < 0:
            yield Piece(plain(said[at:]), is_tag=False)
            return
        if start > at:
            yield Piece(plain(said[at:start]), is_tag=False)
        opening, closing = next(
            (
                pair
                for pair in (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"))
                if said.startswith(pair[0], start)
            ),
            ("<", ">"),
        )
        end = said.find(closing, start + len(opening))
        if end < 0:
            return
        inside = said[start + len(opening) : end]
        if opening == "<![CDATA[":
            yield Piece(inside, is_tag=False)
        elif opening == "<":
            yield Piece(inside, is_tag=True)
        at = end + len(closing)


def plain(said: str) -> str:
    """A text with the characters that its entities stand for."""
    return _ENTITY.sub(_character, said) if "&" in said else said


def words_of(said: str) -> str:
    """What a page of HTML says, without markup."""
    parts: list[str] = []
    hidden = ""
    for piece in pieces(said):
        if not piece.is_tag:
            parts.append("" if hidden else piece.text.replace("\n", " "))
            continue
        name = piece.name.lower()
        if hidden:
            hidden = "" if piece.ends and name == hidden else hidden
        elif name in HIDDEN and piece.begins:
            hidden = name
        elif name in BLOCKS:
            parts.append("\n")
    return _LINES.sub("\n", _BLANK.sub(" ", "".join(parts))).strip()


def _character(found: re.Match[str]) -> str:
    name = found[1]
    if not name.startswith("#"):
        return ENTITIES.get(name, found[0])
    code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return chr(code) if code <= 0x10FFFF else found[0]
