"""Encrypted rooms: what both SDKs' cores do in a second, catching up, new epochs, and what the server pays.

A message has 200 bytes of content. Beside the cores stands libsodium alone in the same language: one
XChaCha20-Poly1305 and one Ed25519 signature of as many bytes, without header, chain, transcript or padding.
On the server, `sealed.post` stands beside `message.send` in a room with the same members on the same node.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import uvloop

from bench import cores, machine
from bench.absence import Absence, absences
from bench.cores import Core
from bench.forum import Forum, Say, forum
from bench.generator import Sample
from bench.parcel import Shelf, shelves
from bench.rounds import Plan, Results, alternate
from bench.stage import Hall

MESSAGES = 10_000
DEVICES = (10, 1_000)
TASKS = {
    "seal": "seal",
    "seal, libsodium alone": "encrypt",
    "open, one by one": "open",
    "open, libsodium alone": "decrypt",
    "catch-up of {messages}, core alone": "catch_up",
}
"""What is done with the messages of a room of ten devices."""
ROTATIONS = {
    "new epoch for {devices} devices, made": "rotate",
    "new epoch for {devices} devices, applied": "take_rotation",
}
"""What is done with the keys of a large room."""
UNDER_WAY = {1: 300, 32: 3_200}
"""Messages of a round on the server, by how many are under way."""


@dataclass(frozen=True, slots=True)
class Speech:
    """Messages of one kind on one node."""

    name: str
    forum: Forum
    say: Say


def spoken(speech: Speech, under_way: int, count: int) -> Sample:
    """One round of them."""
    return uvloop.run(speech.forum.talk(speech.say, under_way, count))


def _whole(results: Results, messages: int, mib: int) -> None:
    """Whole clients: coming back, and a large file."""
    with absences(messages) as away:
        alternate(results, f"catch-up of {messages:,}, whole client", away, Absence.back)
    with shelves() as made:
        alternate(results, f"file of {mib:,} MiB", made, partial(Shelf.carry, mib=mib))


def measure(plan: Plan) -> Results:
    """The cores first, then whole clients, then the server."""
    results = Results("sealed", plan)
    messages, devices = (500, (10, 40)) if plan.quick else (MESSAGES, DEVICES)
    with TemporaryDirectory(prefix="ymera-bench-") as folder, cores.standing() as standing:
        room = Path(folder) / "room.json"
        Hall.of(devices[0]).write(room, messages)
        _cores(results, standing, TASKS, room, messages=f"{messages:,}")
        Hall.of(devices[1]).write(room, 1)
        _cores(results, standing, ROTATIONS, room, devices=f"{devices[1]:,}")
    _whole(results, messages, 64 if plan.quick else 1_024)
    with ExitStack() as stack:
        # The load is in this process; what it starts is put elsewhere, or may use every core.
        forums = {each: stack.enter_context(forum(each)) for each in devices}
        machine.pin(psutil.Process(), machine.LOAD_CORE)
        for number, each in forums.items():
            taking = [Speech("YMERA", each, each.sealed)]
            case = f"new epoch for {number:,} devices, taken by the server"
            alternate(results, case, taking, lambda speech: uvloop.run(speech.forum.rotate()))
        for number, each in forums.items():
            speeches = [Speech("message.send", each, each.plain), Speech("sealed.post", each, each.sealed)]
            for under_way, count in UNDER_WAY.items():
                turn = partial(spoken, under_way=under_way, count=count // 10 if plan.quick else count)
                alternate(results, f"{number:,} devices, {under_way} under way", speeches, turn)
    return results


def _cores(
    results: Results, standing: Sequence[Core], tasks: dict[str, str], room: Path, **named: str
) -> None:
    for case, task in tasks.items():
        alternate(results, case.format(**named), standing, partial(cores.sample, room=room, task=task))
