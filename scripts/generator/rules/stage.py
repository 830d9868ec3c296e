"""Where scripts are written: people in a room, who say one thing after another, and what is to come of it."""

from collections.abc import Callable, Iterable
from typing import Any

from scripts.generator.rules.playing import Json, Player, uid
from ymera_client.sealed.rules import entity, timestamp

ROOM = uid(1)
ALICE, BOB, CAROL, ROB, STRANGER, AGENT, SPARE = map(uid, range(0xA, 0x11))
ROLES = {ALICE: "owner", BOB: "admin", CAROL: "member", ROB: "reader", STRANGER: "member"}
"""Bob is an admin and Rob a reader. The stranger is in no room."""
ROLES |= {AGENT: "member", SPARE: "member"}
"""Two agents, for scripts that let them in."""
NAMES = {ALICE: "Alice", BOB: "Bob", CAROL: "Carol", ROB: "Rob"}
BEGUN_MS = 1_767_225_600_000
MINUTE_MS = 60_000

Scene = Callable[["Script"], None]


class Script:
    """A room and what happens in it. Each step is played as it is written."""

    def __init__(self, name: str, comment: str, form: str) -> None:
        self.name = name
        self.comment = comment
        self.form = form
        self.contents: dict[str, list[Json]] = {"participants": [_participant(who) for who in NAMES]}
        self.player = Player(self.contents)
        self.steps: list[Json] = []

    def holds(self, collection: str, *entities: Json) -> None:
        """Let the room hold something before anything is said."""
        self.contents.setdefault(collection, []).extend(entities)
        self.player = Player(self.contents)

    def say(
        self, who: str, kind: str, *, but: str | None = None, about: Json | None = None, **data: Any
    ) -> Json:
        """Somebody says something, complete; `but` is the code that it is refused with."""
        return self.tell(who, {"type": kind, "data": data}, but=but, about=about)

    def tell(self, who: str, command: Json, *, but: str | None = None, about: Json | None = None) -> Json:
        """Somebody's envelope has this in it, whatever it is."""
        named = entity(command)
        known = {"entity": named, "base_version": self.player.counted.get(named or "", 0)}
        return self._add("say", who, {**known, **(about or {})}, but, command=command)

    def ask(
        self,
        who: str,
        kind: str,
        /,
        *,
        but: str | None = None,
        about: Json | None = None,
        able: Json | None = None,
        **data: Any,
    ) -> Json:
        """Somebody's client is asked for something, which it completes and says.

        `able` are the capabilities of agents, by their ids.
        """
        more = {} if able is None else {"able": able}
        return self._add("ask", who, about or {}, but, command={"type": kind, "data": data}, **more)

    def stub(self, who: str, named: str | None, *, base_version: int = 0) -> Json:
        """An envelope of somebody's is there as a stub only."""
        return self._add("stub", who, {"entity": named, "base_version": base_version}, None)

    def part(self, by: str, who: str) -> Json:
        """Somebody leaves, or is removed."""
        return self._add("part", by, {}, None, member=who)

    def see(self, collection: str, key: str) -> Json:
        """What the room holds now."""
        found = self.player.whole.get(collection, key)
        assert found is not None, f"{self.name}: there is no {key} among {collection}"
        return found

    def _add(self, run: str, who: str, about: Json, but: str | None, **more: Any) -> Json:
        seq = len(self.steps) + 3
        known = {
            "sender": who,
            "role": ROLES[who],
            "seq": seq,
            "at": timestamp(BEGUN_MS + seq * MINUTE_MS),
            "room": ROOM,
            "form": self.form,
            "entity": None,
            "base_version": 0,
            "newcomer": False,
            **about,
        }
        step = {"run": run, "about": known, **more}
        came = self.player.play(step)
        code = came.get("refusal", {}).get("code")
        if code != but:
            raise ValueError(f"{self.name}, seq {seq}: meant to be {but or 'taken'}, and gives {came}")
        self.steps.append({**step, "comes": came})
        return came


def scene(form: str = "project") -> Callable[[Scene], Scene]:
    """Mark a function as the writer of a script; its docstring says what it shows."""

    def mark(write: Scene) -> Scene:
        SCENES.setdefault(write.__module__, []).append((write, form))
        return write

    return mark


SCENES: dict[str, list[tuple[Scene, str]]] = {}


def written(module: str) -> Iterable[Script]:
    """The scripts of a module."""
    for write, form in SCENES[module]:
        script = Script(write.__name__.replace("_", " "), (write.__doc__ or "").strip(), form)
        write(script)
        yield script


def _participant(who: str) -> Json:
    role = {"owner": "manager", "admin": "manager", "member": "editor", "reader": "viewer"}[ROLES[who]]
    return {
        "id": who,
        "name": NAMES[who],
        "kind": "person",
        "role": role,
        "joined_at": timestamp(BEGUN_MS),
        "until": None,
        "task_id": None,
    }
