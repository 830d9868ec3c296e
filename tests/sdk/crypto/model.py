"""A room as the rules of the specification have it, in sets and numbers: no bytes, keys or signatures.

It is written apart from the code that it is held against. A device is its member's name and a number.
"""

from dataclasses import dataclass, field

READER, MEMBER, ADMIN, OWNER = range(4)
Device = tuple[str, int]


@dataclass
class People:
    """Everybody's devices after each link of their chains."""

    chains: dict[str, list[frozenset[int]]]
    made: dict[str, int] = field(default_factory=dict)

    @classmethod
    def with_one_device(cls, *names: str) -> "People":
        return cls({name: [frozenset({0})] for name in names}, dict.fromkeys(names, 1))

    def devices(self, name: str, seq: int = -1) -> frozenset[int]:
        return self.chains[name][seq]

    def pin(self, name: str) -> int:
        return len(self.chains[name]) - 1


@dataclass(frozen=True)
class Deed:
    """What one commit with one op tries; `role` and `pin` where the op has them."""

    author: str
    device: int
    op: str
    target: str = ""
    role: int = MEMBER
    pin: int = 0
    epoch: bool = False


@dataclass(frozen=True)
class ModelEpoch:
    """Whose devices got the secret, and whether it opens the one before."""

    recipients: frozenset[Device]
    wraps: bool


@dataclass
class Model:
    """Members with their roles and pins, and the epochs so far."""

    people: People
    shared: bool
    members_add: bool
    ephemeral: bool
    roles: dict[str, int]
    pins: dict[str, int]
    former: dict[str, int] = field(default_factory=dict)
    pending: bool = False
    epochs: list[ModelEpoch] = field(default_factory=list)

    def active(self) -> frozenset[Device]:
        return frozenset(
            (name, number) for name in self.roles for number in self.people.devices(name, self.pins[name])
        )

    def allows(self, deed: Deed) -> bool:
        """Whether the rules let this commit in."""
        if deed.author not in self.roles or not self._signs(deed):
            return False
        if not getattr(self, f"_may_{deed.op}")(deed):
            return False
        if deed.op == "leave":
            return not deed.epoch
        return deed.epoch or not (self._must_rotate(deed) or not self.epochs)

    def do(self, deed: Deed) -> None:
        """A commit that is allowed."""
        if deed.op == "add":
            self.roles[deed.target], self.pins[deed.target] = deed.role, deed.pin
            self.former.pop(deed.target, None)
        elif deed.op in {"remove", "leave"}:
            gone = deed.target if deed.op == "remove" else deed.author
            self.former[gone] = self.pins.pop(gone)
            del self.roles[gone]
        elif deed.op == "role":
            self.roles[deed.target] = deed.role
        elif deed.op == "devup":
            self.pins[deed.target] = deed.pin
        self.pending |= deed.op == "leave"
        if deed.epoch:
            self.pending = False
            wraps = bool(self.epochs) and not self.ephemeral and (self.shared or deed.op != "add")
            self.epochs.append(ModelEpoch(self.active(), wraps))

    def may_speak(self, name: str, device: int) -> bool:
        known = (name, device) in self.active()
        return bool(self.epochs) and not self.pending and known and self.roles[name] >= MEMBER

    def readable(self, device: Device) -> set[int]:
        """The epochs that a device has come to read: those it got, and what they open."""
        found: set[int] = set()
        for number, epoch in enumerate(self.epochs, 1):
            if device in epoch.recipients:
                first = number
                while self.epochs[first - 1].wraps:
                    first -= 1
                found |= set(range(first, number + 1))
        return found

    def _signs(self, deed: Deed) -> bool:
        own = deed.op == "devup" and deed.target == deed.author
        pin = deed.pin if own else self.pins[deed.author]
        return deed.device in self.people.devices(deed.author, pin)

    def _must_rotate(self, deed: Deed) -> bool:
        if deed.op != "devup":
            return deed.op in {"add", "remove", "rotate"}
        old, new = (self.people.devices(deed.target, pin) for pin in (self.pins[deed.target], deed.pin))
        return bool(old - new) or (self.ephemeral and old != new)

    def _may_add(self, deed: Deed) -> bool:
        role = self.roles[deed.author]
        able = role >= (MEMBER if self.members_add else ADMIN)
        fits = role == OWNER or deed.role <= MEMBER
        onward = deed.pin >= self.former.get(deed.target, 0)
        return able and fits and onward and deed.target not in self.roles

    def _may_remove(self, deed: Deed) -> bool:
        role, target = self.roles[deed.author], self.roles.get(deed.target)
        if target is None or role < ADMIN or deed.target == deed.author:
            return False
        return (role == OWNER or target < role) and self._owned_without(deed.target)

    def _may_role(self, deed: Deed) -> bool:
        known = deed.target in self.roles
        stays = deed.role == OWNER or self._owned_without(deed.target)
        return self.roles[deed.author] == OWNER and known and stays

    def _may_leave(self, deed: Deed) -> bool:
        return self._owned_without(deed.author)

    def _may_devup(self, deed: Deed) -> bool:
        return deed.target in self.roles and deed.pin > self.pins[deed.target]

    def _may_rotate(self, _deed: Deed) -> bool:
        return True

    def _owned_without(self, name: str) -> bool:
        return any(role == OWNER for other, role in self.roles.items() if other != name)
