"""Web pages: links within them, their headings and their declared language, however broken they are."""

from html.parser import HTMLParser
from urllib.parse import unquote

from server.analysis.quality.skeleton import Skeleton

MAX_CHARACTERS = 4_000_000
"""Of a page that are read."""


class HypertextReader(HTMLParser):
    """Reads a page into a skeleton. `address` is its name among pages that link to each other."""

    def __init__(self, found: Skeleton, address: str = "") -> None:
        super().__init__()
        self._found = found
        self._address = address
        self.references: list[str] = []
        """What it links to outside of itself."""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        for name in ("id", "name") if tag == "a" else ("id",):
            if values.get(name):
                self._found.place(f"{self._address}#{values[name]}")
        if tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            self._found.headings += 1
        if tag == "html":
            self._found.language = values.get("lang") or values.get("xml:lang") or self._found.language
        href = values.get("href") if tag == "a" else values.get("src") if tag == "img" else None
        if href and href.startswith("#"):
            if href not in {"#", "#top"}:
                self._found.link(f"{self._address}#{unquote(href[1:])}")
        elif href and len(self.references) < 10_000:
            self.references.append(href)


def read_hypertext(text: str) -> Skeleton:
    """The skeleton of a single web page."""
    found = Skeleton()
    HypertextReader(found).feed(text[:MAX_CHARACTERS])
    return found
