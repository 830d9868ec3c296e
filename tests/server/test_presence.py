"""Who is where: one picture from what this node sees and what the others say."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from protocol.presence import Presence as PresenceMessage
from protocol.presence import PresenceStatus
from server import presence as presences
from server.presence import NodeView, Presence
from tests.nodes import until

ONLINE, BUSY, AWAY = PresenceStatus.ONLINE, PresenceStatus.BUSY, PresenceStatus.AWAY


class Site:
    """A node's presence, what it told its clients, and what it told the other nodes."""

    def __init__(self) -> None:
        self.shown: list[PresenceMessage] = []
        self.said: list[tuple[str, NodeView]] = []
        self.presence = Presence(
            self.shown.append,
            lambda room, view: self.said.append((room, msgspec.json.decode(view, type=NodeView))),
        )

    def hear(self, node: str, *, ask: bool = False, **members: PresenceStatus) -> None:
        """What another node says of the room."""
        view = NodeView(members=members, ask=ask)
        self.presence.on_peer("room", node, msgspec.json.encode(view))

    async def shows(self, *, joined: dict[str, PresenceStatus], left: list[str]) -> None:
        await until(lambda: PresenceMessage(room="room", joined=joined, left=left) in self.shown)

    async def forgets(self, room: str) -> None:
        tables = (self.presence._here, self.presence._elsewhere, self.presence._shown)
        await until(lambda: not any(room in table for table in tables))


@pytest.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    monkeypatch.setattr(presences, "GATHER_SECONDS", 0.01)
    made = Site()
    made.presence.start()
    yield made
    await made.presence.close()


async def test_a_member_is_shown_as_on_the_most_reachable_connection(site: Site) -> None:
    site.presence.enter("room", "phone", "alice", AWAY)
    site.presence.enter("room", "laptop", "alice", BUSY)
    assert site.presence.view("room") == {"alice": BUSY}
    site.hear("other", alice=ONLINE, bob=AWAY)
    assert site.presence.view("room") == {"alice": ONLINE, "bob": AWAY}
    await site.shows(joined={"alice": ONLINE, "bob": AWAY}, left=[])
    site.presence.leave("room", "laptop")
    site.hear("other")
    await site.shows(joined={"alice": AWAY}, left=["bob"])


async def test_changes_are_gathered_and_only_differences_are_shown(site: Site) -> None:
    for number in range(presences.MAX_SHOWN):
        site.presence.enter("room", f"c{number}", f"m{number}", ONLINE)
    await until(lambda: bool(site.shown))
    site.presence.enter("room", "c0", "m0", BUSY)
    site.presence.leave("room", "c1")
    await site.shows(joined={"m0": BUSY}, left=["m1"])
    assert len(site.shown) == len(site.said) == 2


async def test_of_a_crowd_some_are_shown_and_stay_so(site: Site) -> None:
    for number in range(3 * presences.MAX_SHOWN):
        site.presence.enter("room", f"c{number}", f"m{number}", ONLINE)
    await until(lambda: bool(site.shown))
    first = set(site.shown[0].joined)
    assert len(first) == presences.MAX_SHOWN == len(site.said[0][1].members)
    site.presence.leave("room", "c0")
    await until(lambda: len(site.shown) > 1)
    assert site.shown[1].left == ["m0"]
    assert len(site.shown[1].joined) == 1
    shown = msgspec.json.decode(site.presence.shown("room"))["joined"]
    assert shown.keys() == first - {"m0"} | site.shown[1].joined.keys()


async def test_who_joins_is_told_of_those_already_shown(site: Site) -> None:
    site.presence.enter("room", "c", "alice", ONLINE)
    await until(lambda: bool(site.shown))
    greeting = site.presence.greeting("room")
    assert greeting.data == b'42["presence",{"room":"room","joined":{"alice":"online"},"left":[]}]'
    assert site.presence.greeting("room") is greeting
    site.presence.enter("room", "d", "bob", ONLINE)
    await until(lambda: len(site.shown) > 1)
    assert b"bob" in site.presence.greeting("room").data


async def test_a_node_that_comes_to_a_room_asks_and_is_answered(site: Site) -> None:
    site.presence.enter("room", "c", "alice", ONLINE)
    await until(lambda: bool(site.said))
    assert site.said == [("room", NodeView(members={"alice": ONLINE}, ask=True))]
    site.hear("other", ask=True, bob=ONLINE)
    assert site.said[1:] == [("room", NodeView(members={"alice": ONLINE}))]
    site.hear("other", bob=AWAY)
    assert len(site.said) == 2


async def test_a_room_without_anybody_here_is_forgotten(site: Site) -> None:
    site.hear("other", bob=ONLINE)
    assert site.presence.view("room") == {}
    site.presence.enter("room", "c", "alice", ONLINE)
    site.hear("other", bob=ONLINE)
    site.presence.leave("room", "c")
    site.presence.leave("room", "c")
    site.presence.leave("never", "c")
    await site.forgets("room")
    assert (site.said[-1][0], site.said[-1][1].members) == ("room", {})


async def test_a_node_that_is_silent_is_forgotten_with_its_people(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(presences, "RENEW_SECONDS", 0.02)
    site = Site()
    site.presence.start()
    site.presence.enter("room", "c", "alice", ONLINE)
    site.hear("dead", bob=ONLINE)
    site.hear("alive", carol=ONLINE)
    assert set(site.presence.view("room")) == {"alice", "bob", "carol"}
    # As if that had been long ago.
    nodes = site.presence._elsewhere["room"]
    for name, (at, members) in nodes.items():
        nodes[name] = (at - presences.FORGET_SECONDS, members)
    site.hear("alive", carol=ONLINE)
    await site.shows(joined={}, left=["bob"])
    assert site.presence.view("room") == {"alice": ONLINE, "carol": ONLINE}
    await until(lambda: len(site.said) > 1)
    await site.presence.close()


async def test_rooms_that_are_left_while_all_are_renewed_are_not_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(presences, "RENEW_SECONDS", 0.05)
    monkeypatch.setattr(presences, "GATHER_SECONDS", 0)
    rooms = [f"room {number}" for number in range(100)]
    renewing = asyncio.Event()

    def say(room: str, _: bytes) -> None:
        if room == rooms[0] and rooms[0] in presence._shown and not renewing.is_set():
            renewing.set()
            for other in rooms[1:]:
                presence.leave(other, "c")

    presence = Presence(lambda _: None, say)
    for room in rooms:
        presence.enter(room, "c", "alice", ONLINE)
    presence.start()
    await renewing.wait()
    await until(lambda: len(presence._here) == 1)
    said = asyncio.Event()
    monkeypatch.setattr(presence, "_tell_nodes", lambda *_: said.set())
    await said.wait()
    assert list(presence._shown) == rooms[:1]
    await presence.close()


async def test_views_that_cannot_be_read_change_nothing(site: Site) -> None:
    site.presence.enter("room", "c", "alice", ONLINE)
    for payload in (b"", b"{}", b'{"members":{"bob":"dancing"}}', b"\xff"):
        site.presence.on_peer("room", "other", payload)
    assert site.presence.view("room") == {"alice": ONLINE}


async def test_closing_tells_the_other_nodes_who_has_left() -> None:
    site = Site()
    site.presence.start()
    site.presence.enter("room", "c", "alice", ONLINE)
    await until(lambda: bool(site.said))
    site.presence.leave("room", "c")
    await site.presence.close()
    assert site.said[-1] == ("room", NodeView(members={}))
