"""Namespaces: who is let in, who is told of it, and that one client's nonsense is its own."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from server import sockets as sockets_module
from server.sockets import Refused, Socket
from tests.conformance.server import Running, serve
from tests.conformance.visitor import Visitor, Wire, ended, frames, masked, opened, text, wire
from tests.nodes import until


class Door:
    """A namespace that lets nobody in before it is opened, and remembers what it was told."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.refusal: Refused | None = None
        self.asking = 0
        self.most_asking = 0
        self.told: dict[str, list[str]] = defaultdict(list)
        """What it was told of each socket, by id."""

    async def connecting(self, socket: Socket, _: Any) -> None:
        self.told[socket.id].append("connecting")
        self.asking += 1
        self.most_asking = max(self.most_asking, self.asking)
        try:
            await self.opened.wait()
        finally:
            self.asking -= 1
        if self.refusal is not None:
            raise self.refusal

    def connected(self, socket: Socket) -> None:
        self.told[socket.id].append("connected")

    def received(self, socket: Socket, name: str, *_: Any) -> None:
        self.told[socket.id].append(name)

    def disconnected(self, socket: Socket) -> None:
        self.told[socket.id].append("disconnected")

    def directness_changed(self, socket: Socket) -> None:
        """Nobody but the socket writes."""


@pytest.fixture
async def door() -> Door:
    return Door()


@pytest.fixture
async def guarded(door: Door) -> AsyncIterator[Running]:
    """A server whose main namespace is behind the door."""
    async with serve(namespaces={"/": door}, attachments=0) as running:
        yield running


@pytest.fixture
async def client(guarded: Running) -> AsyncIterator[Visitor]:
    async with Visitor(guarded.sockets_url) as visitor:
        yield visitor


async def test_a_namespace_is_told_in_order(client: Visitor, door: Door) -> None:
    door.opened.set()
    async with client.websocket() as socket:
        await opened(socket)
        await socket.send_str("40")
        assert (await text(socket)).startswith("40")
        await socket.send_str('42["hello"]')
        await socket.send_str("41")
        await socket.send_str("41")
        await until(lambda: [*door.told.values()] == [["connecting", "connected", "hello", "disconnected"]])


@pytest.mark.parametrize("data", [None, {"why": "because"}])
async def test_a_refusal_says_why_and_another_try_is_free(client: Visitor, door: Door, data: Any) -> None:
    door.opened.set()
    door.refusal = Refused("Not you", data)
    async with client.websocket() as socket:
        await opened(socket)
        await socket.send_str("40")
        told = '{"message":"Not you"}' if data is None else '{"message":"Not you","data":{"why":"because"}}'
        assert await text(socket) == f"44{told}"
        door.refusal = None
        await socket.send_str("40")
        assert (await text(socket)).startswith("40")
    assert ["connecting"] in door.told.values()


async def test_a_client_that_comes_and_goes_is_let_in_once_at_a_time(
    client: Visitor, guarded: Running, door: Door
) -> None:
    async with client.websocket() as socket:
        await opened(socket)
        await socket.send_str("40")
        await until(lambda: door.asking == 1)
        await socket.send_str("41")
        # It must wait for what it asked for first.
        await socket.send_str("40")
        assert await ended(socket) == 1002
    assert door.most_asking == 1
    door.opened.set()
    await until(lambda: [*door.told.values()] == [["connecting", "disconnected"]])
    assert guarded.sockets.idle == {}


async def test_who_left_while_being_let_in_may_come_again(
    client: Visitor, guarded: Running, door: Door
) -> None:
    async with client.websocket() as socket:
        await opened(socket)
        await socket.send_str("40")
        await until(lambda: door.asking == 1)
        await socket.send_str("41")
        await socket.send_str("41")
        # Nothing answers those; this one shows that they have been read.
        await socket.send_str("40/none")
        assert await text(socket) == '44/none,{"message":"Invalid namespace"}'
        door.opened.set()
        await until(lambda: [*door.told.values()] == [["connecting", "disconnected"]])
        assert len(guarded.sockets.idle) == 1
        await socket.send_str("40")
        assert (await text(socket)).startswith("40")
        assert guarded.sockets.idle == {}
    await until(lambda: [*door.told.values()][1:] == [["connecting", "connected", "disconnected"]])


async def test_a_session_that_ends_while_it_is_let_in_leaves_nothing(
    client: Visitor, guarded: Running, door: Door
) -> None:
    async with client.websocket() as socket:
        await opened(socket)
        await socket.send_str("40")
        await until(lambda: door.asking == 1)
    await until(lambda: guarded.sockets.engine.sessions == {})
    door.opened.set()
    await until(lambda: [*door.told.values()] == [["connecting", "disconnected"]])
    assert guarded.sockets.idle == {}


@pytest.mark.parametrize(
    "packet",
    [
        "40",
        '42["early"]',
        "43[]",
        '40["no object"]',
        '451-["x",{"_placeholder":true,"num":0}]',
        "450-[5]",
        "42[]",
        "44{}",
    ],
)
async def test_what_comes_out_of_turn_ends_the_session(client: Visitor, door: Door, packet: str) -> None:
    async with client.websocket() as socket:
        await opened(socket)
        await socket.send_str("40")
        await until(lambda: door.asking == 1)
        await socket.send_str(packet)
        assert await ended(socket) == 1002


async def test_those_who_show_nothing_are_hung_up_and_those_who_wait_are_not() -> None:
    door = Door()
    async with (
        serve(namespaces={"/": door}, connect_seconds=0.05) as running,
        Visitor(running.sockets_url) as silent,
        Visitor(running.sockets_url) as asking,
        Visitor(running.sockets_url) as parted,
        silent.websocket() as first,
        asking.websocket() as second,
        parted.websocket() as third,
    ):
        await second.send_str("40")
        door.opened.set()
        await third.send_str("40")
        await third.send_str("41")
        await opened(second)
        assert (await text(second)).startswith("40")
        assert await ended(first) == await ended(third) == 1000
        await second.send_str('42["still here"]')
        await until(lambda: any("still here" in told for told in door.told.values()))


async def test_namespaces_are_apart_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets_module, "MAX_NAMESPACES", 2)
    async with serve() as running, Visitor(running.sockets_url) as visitor, visitor.websocket() as socket:
        await opened(socket)
        for name in ("", "/custom,"):
            await socket.send_str(f"40{name}")
            assert (await text(socket)).startswith(f'40{name}{{"sid":')
        assert {await text(socket), await text(socket)} == {'42["auth",{}]', '42/custom,["auth",{}]'}
        await socket.send_str("41")
        await socket.send_str('42/custom,["message",1]')
        assert await text(socket) == '42/custom,["message-back",1]'
        await socket.send_str('42["message",1]')
        assert await ended(socket) == 1002


async def test_attachments_come_at_once_or_not_at_all(running: Running) -> None:
    async def refused(*messages: str | bytes) -> None:
        async with Visitor(running.sockets_url) as visitor, visitor.websocket() as socket:
            await opened(socket)
            await socket.send_str("40")
            for message in messages:
                await (socket.send_str(message) if isinstance(message, str) else socket.send_bytes(message))
            assert await ended(socket) == 1002

    await refused(b"of nothing")
    await refused('453-["message"]')
    await refused('451-["message",{"_placeholder":true,"num":0}]', '42["message"]')
    await refused('451-["message",{"_placeholder":true,"num":1}]', b"one")
    await refused('451-["message",{"_placeholder":true,"num":0}]', b"one", b"two")
    await refused('451-["message",' + "[" * 1_000 + "]" * 1_001, b"deep")


async def test_a_whole_conversation_over_polling_has_its_attachments(running: Running) -> None:
    async with Visitor(running.sockets_url) as visitor:
        await visitor.open()
        assert await visitor.post("40") == (200, "ok")
        assert (await visitor.poll())[1].startswith('40{"sid"')
        assert await visitor.poll() == (200, '42["auth",{}]')
        packet = '451-5["message-with-ack",{"_placeholder":true,"num":0}]'
        assert await visitor.post(f"{packet}\x1ebAQID") == (200, "ok")
        assert await visitor.poll() == (200, '461-5[{"_placeholder":true,"num":0}]\x1ebAQID')


class Fuzzed:
    """A server that malformed packets are sent to, and somebody who goes on beside them."""

    def __init__(self) -> None:
        self.faults: list[dict[str, Any]] = []

    async def start(self) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, fault: self.faults.append(fault))
        self._serving = serve(max_bytes=10_000)
        self.running = await self._serving.__aenter__()
        self._connecting = wire(f"{self.running.sockets_url}&transport=websocket", frames("40"))
        self.bystander: Wire = await self._connecting.__aenter__()
        assert str((await self.bystander.messages(3))[2]) == '42["auth",{}]'

    async def stop(self) -> None:
        await self._connecting.__aexit__(None, None, None)
        await self._serving.__aexit__(None, None, None)

    async def attack(self, data: bytes) -> None:
        """Send bytes over a connection of their own, and see that they are read and nothing else changes."""
        async with wire(f"{self.running.sockets_url}&transport=websocket", frames("40") + data) as socket:
            socket.writer.write(masked(0x88))
            await socket.end()
        self.bystander.writer.write(frames('421["message-with-ack",1]'))
        assert await self.bystander.messages(1) == ["431[1]"]
        assert self.faults == []

    async def attack_by_polling(self, body: bytes) -> None:
        """Send a body in a session of its own."""
        async with Visitor(self.running.sockets_url) as visitor:
            await visitor.open()
            assert (await visitor.post("40"))[0] == 200
            assert (await visitor.post(body))[0] in {200, 400}
            await visitor.post("1")
        assert self.faults == []


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[tuple[Fuzzed, asyncio.Runner]]:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        target = Fuzzed()
        runner.run(target.start())
        yield target, runner
        runner.run(target.stop())


signs = st.sampled_from("4012356[]{},b\x1eé")
words = st.sampled_from(
    ["42", "45", "1-", '["message"]', '["message"', ',{"_placeholder":true,"num":0}', '"\\ud800"', "NaN"]
)
nonsense = st.lists(signs | words, max_size=8).map("".join)
messages = st.one_of(
    nonsense.map(lambda said: masked(0x81, said.encode())),
    nonsense.map(lambda said: masked(0x81, f"4{said}".encode())),
    st.binary(max_size=20).map(lambda said: masked(0x82, said)),
    st.binary(max_size=20),
)


@given(st.lists(messages, max_size=5).map(b"".join))
def test_nonsense_ends_at_most_its_own_session(fuzzed: tuple[Fuzzed, asyncio.Runner], data: bytes) -> None:
    target, runner = fuzzed
    runner.run(target.attack(data))


@given(nonsense.map(str.encode) | st.binary(max_size=60))
def test_nonsense_in_a_body_ends_at_most_its_own_session(
    fuzzed: tuple[Fuzzed, asyncio.Runner], body: bytes
) -> None:
    target, runner = fuzzed
    runner.run(target.attack_by_polling(body))
