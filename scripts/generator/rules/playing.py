"""Plays scripts of commands by the rules, as any client would, and says what comes of each.

A script has what the room holds at first, by collection, and steps. What a step does is in `run`:

- `say`: interpret `command`, with `about` it;
- `ask`: complete `command` as its author, and interpret that; `able` is what agents have declared, by their
  ids, where it matters;
- `stub`: take in an envelope of which only the header is left;
- `part`: take `member` off all tasks.

An author draws ids of its own from the number of the step. An implementation in another language needs no
more than this to use the vectors.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ymera_client.errors import YmeraError
from ymera_client.sealed.rules import (
    FOLDS,
    About,
    Fact,
    Means,
    entity,
    erased,
    erases,
    interpret,
    prepare,
    unassigned,
)

Json = dict[str, Any]


class Whole:
    """All that a room holds, with nothing left out for being old."""

    def __init__(self, collections: Mapping[str, Iterable[Json]]) -> None:
        self.collections: dict[str, dict[str, Json]] = {
            name: {entity["id"]: entity for entity in entities} for name, entities in collections.items()
        }

    def get(self, collection: str, key: str) -> Json | None:
        return self.collections.get(collection, {}).get(key)

    def all(self, collection: str) -> Collection[Json]:
        return self.collections.get(collection, {}).values()

    def fold(self, facts: Iterable[Fact]) -> None:
        """Take in what came of a command."""
        for fact in facts:
            for step in FOLDS.get(fact.type, ()):
                if (value := fact.data.get(step.field)) is not None:
                    self._take(step.step, self.collections.setdefault(step.collection, {}), value)

    def _take(self, step: str, table: dict[str, Json], value: Any) -> None:
        if step == "drop":
            table.pop(value, None)
        elif step == "put":
            table[value["id"]] = value
        elif value["id"] in table:
            table[value["id"]] = {**table[value["id"]], **value}


def uid(number: int) -> str:
    """The id of that number."""
    return f"00000000-0000-7000-8000-{number:012x}"


def about_of(given: Json) -> About:
    """What is known of a command, as a script says it."""
    return About(**given)


class Player:
    """A room in which a script is played."""

    def __init__(self, contents: Mapping[str, Iterable[Json]]) -> None:
        self.whole = Whole(contents)
        self.counted: dict[str, int] = {}
        """How many envelopes named an entity, as the server counts."""

    def play(self, step: Json) -> Json:
        """What comes of a step: `events` or `refusal`; of `ask` also `command`, `entity` and `erases`."""
        about = about_of(step["about"])
        try:
            if step["run"] == "ask":
                return self._ask(step, about)
            return self._told(self._facts(step, about), about.entity)
        except YmeraError as refused:
            return refusal(refused)

    def _facts(self, step: Json, about: About) -> list[Fact]:
        if step["run"] == "stub":
            return erased(self.whole, about)
        if step["run"] == "part":
            return unassigned(self.whole, about, step["member"])
        return interpret(self.whole, step["command"], about)

    def _ask(self, step: Json, about: About) -> Json:
        ids = map(uid, range(0x10000 * about.seq, 0x10000 * (about.seq + 1)))
        able = step.get("able", {})
        means = Means(lambda: next(ids), lambda agent_id: able.get(agent_id, ()))
        made = prepare(self.whole, step["command"], about, means)
        named = entity(made)
        asked = {"command": made, "entity": named, "erases": erases(self.whole, made)}
        counted = about._replace(entity=named, base_version=self.counted.get(named or "", 0))
        try:
            return {**asked, **self._told(interpret(self.whole, made, counted), named)}
        except YmeraError as refused:
            return {**asked, **refusal(refused)}

    def _told(self, facts: list[Fact], named: str | None) -> Json:
        self.whole.fold(facts)
        if named is not None:
            self.counted[named] = self.counted.get(named, 0) + 1
        return {"events": [{"type": fact.type, "data": fact.data} for fact in facts]}


def refusal(refused: YmeraError) -> Json:
    """A refusal as scripts say it."""
    return {"refusal": {"code": refused.code, "message": refused.message, "data": refused.data}}


def played(script: Json) -> Iterator[Json]:
    """What comes of each step of a script."""
    player = Player(script["contents"])
    for step in script["steps"]:
        yield player.play(step)
