"""The shape of a rule: what one type of content means."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ymera_client.sealed.rules.about import About, Contents, Data, Fact, Means, Role

Apply: TypeAlias = Callable[[Contents, About, Data], list[Fact]]
Fill: TypeAlias = Callable[[Contents, About, Data, Means], Data]


@dataclass(frozen=True, slots=True)
class Rule:
    """One type of content."""

    apply: Apply
    """What comes of it; raises a YmeraError where it is refused. Must depend on nothing but its arguments."""
    needs: Role = "member"
    entity: str | None = None
    """The field with the id of the one thing that it is about, and that its envelope's header names."""
    fill: Fill | None = None
    """What its author adds to what was asked for, which has been validated."""
    erases: bool = False
    """Whether what it is about shall be erased on the server too."""
