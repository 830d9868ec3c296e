"""What holds a document together: links within it and where they lead, its headings, its language."""

from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_LINKS = 20_000
"""Links and places that are read of one document."""


@dataclass(slots=True)
class Skeleton:
    """Links within a document by where they lead, the places that there are, and what else was declared."""

    links: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    headings: int = 0
    language: str | None = None
    """As it was declared, not guessed."""

    def link(self, target: str) -> None:
        """Add a link that should lead to a place."""
        if len(self.links) < MAX_LINKS:
            self.links.append(target[:500])

    def place(self, *names: str | None) -> None:
        """Add places that links can lead to."""
        if len(self.places) < MAX_LINKS:
            self.places.update(name[:500] for name in names if name)

    @property
    def broken(self) -> list[str]:
        """Links that lead nowhere; none can be told if there are more places than are read."""
        return (
            [] if len(self.places) >= MAX_LINKS else [link for link in self.links if link not in self.places]
        )


def quoted(names: Iterable[str]) -> str:
    """A few names for a reason."""
    return ", ".join(repr(name[:40]) for name in list(names)[:3])
