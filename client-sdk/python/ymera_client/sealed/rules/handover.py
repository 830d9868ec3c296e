"""What newcomers to a room that keeps its past to itself are given: what is in force, published again.

It puts what they do not have, and changes nothing. Who was there before has it all and takes nothing from it,
so nobody can slip anything in; newcomers trust in it who added them, which their client says by `newcomer`.
"""

import json
from collections.abc import Collection, Iterator
from typing import Any

from ymera_client.fold import Plain
from ymera_client.generated import MAX_TASKS
from ymera_client.sealed.rules.about import About, Contents, Data, Fact
from ymera_client.sealed.rules.refusals import invalid, limit_exceeded
from ymera_client.sealed.rules.rule import Rule
from ymera_client.sealed.rules.tasks import checked_rank

HOMES = {
    "rooms": ("room.created", "room", "id"),
    "projects": ("project.created", "project", "id"),
    "tasks": ("task.created", "task", "project_id"),
    "runs": ("run.created", "run", "project_id"),
    "questions": ("question.asked", "question", "project_id"),
    "closed_questions": ("question.closed", "question", "project_id"),
}
"""By collection: the event that puts an entity, its field for that, and the entity's with the room's id."""
MOST_BYTES = 150_000
"""JSON of entities in one command, in UTF-8. The rest of an envelope's 256 KiB is for what wraps them."""


def take_over(contents: Contents, about: About, data: Data) -> list[Fact]:
    """Put the entities that a newcomer does not have."""
    entities: dict[str, list[Plain]] = data["entities"]
    for collection, (_, _, home) in HOMES.items():
        for index, entity in enumerate(entities[collection]):
            path = f"entities.{collection}[{index}]"
            if entity[home] != about.room:
                raise invalid(f"{path}.{home}", "must be the id of this room.")
            if "rank" in entity:
                checked_rank(entity["rank"], f"{path}.rank")
    if not about.newcomer:
        return []
    if len(contents.all("tasks")) + len(entities["tasks"]) > MAX_TASKS:
        raise limit_exceeded("tasks in a project", MAX_TASKS)
    return list(_missing(contents, entities))


def _missing(contents: Contents, entities: dict[str, list[Plain]]) -> Iterator[Fact]:
    for collection, (kind, field, _) in HOMES.items():
        found: set[str] = set()
        for entity in entities[collection]:
            if entity["id"] not in found and contents.get(collection, entity["id"]) is None:
                found.add(entity["id"])
                named = {"question_id": entity["id"]} if collection == "closed_questions" else {}
                yield Fact(kind, {field: entity, **named})


def handed_over(contents: Contents) -> list[Plain]:
    """What to publish for newcomers: commands of type `sealed.state`, each small enough for one envelope."""
    pieces: list[dict[str, list[Any]]] = []
    size = MOST_BYTES
    for collection in HOMES:
        for entity in sorted(_in_force(contents, collection), key=lambda each: str(each["id"])):
            more = len(json.dumps(entity, ensure_ascii=False).encode())
            if size + more > MOST_BYTES:
                pieces.append({name: [] for name in HOMES})
                size = 0
            pieces[-1][collection].append(entity)
            size += more
    return [{"type": "sealed.state", "data": {"entities": piece}} for piece in pieces]


def _in_force(contents: Contents, collection: str) -> Collection[Plain]:
    """What still matters: of what was answered, what a run that goes on may ask once more."""
    found = contents.all(collection)
    if collection != "closed_questions":
        return found
    return [each for each in found if contents.get("runs", each["run_id"]) is not None]


RULES = {"sealed.state": Rule(take_over)}
