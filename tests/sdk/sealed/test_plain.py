"""No client sends anything in the clear that is about an encrypted room, whichever command it is asked for.

A new command is tried here as soon as it is declared and has an example.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from protocol.registry import COMMANDS, CommandSpec
from tests.nodes import PATIENCE, NodeStarter
from tests.registry.script import shown
from tests.registry.test_plain import MEANT, ROOMS, SEALED, named
from tests.sdk.sealed.canaries import Canaries
from tests.sdk.sealed.day import Day, day
from tests.sdk.sealed.people import joins
from tests.sdk.sealed.program import Failed, Program
from tests.sdk.sealed.tap import Tap
from tests.servers import database
from ymera_client import Client, FileDelete, MessageSend, RoomCreate, TaskCreate, TaskDelete, YmeraError

pytestmark = pytest.mark.asyncio(loop_scope="module")
COLLECTIONS = {
    "message_id": ("messages",),
    "thread_id": ("messages",),
    "task_id": ("tasks",),
    "file_id": ("files",),
    "run_id": ("runs", "ended_runs"),
    "question_id": ("questions", "closed_questions"),
    "artifact_id": ("artifacts",),
}
"""What a field names, and where a client has such things."""
Call = Callable[[str, dict[str, Any]], Awaitable[Any]]
Path = tuple[str | int, ...]
SAID = {
    name: spec
    for name, spec in COMMANDS.items()
    if named(spec) in {*ROOMS, *COLLECTIONS}
    and not (spec.signal or name.startswith(SEALED) or name in {*MEANT, "room.leave"})
}
"""The commands that are about a room or something in it; none has the client leave it."""


@dataclass
class Scene:
    """An encrypted project with something of everything in it, and what clients and the server have sent."""

    its: Day
    tap: Tap
    calls: dict[str, Call]
    """Has a command carried out by one of the clients: Ada's and Cy's on Python, Bo's on TypeScript."""
    script: Program
    """The one without keys on TypeScript."""

    @property
    def canaries(self) -> Canaries:
        return self.its.canaries

    def payload(self, spec: CommandSpec, text: str) -> dict[str, Any] | None:
        """A command about something in the project that says this text wherever it can; None if nowhere."""
        payload = {name: value for name, value in shown(spec.name).items() if name != "command_id"}
        for field in payload:
            if field in ROOMS:
                payload[field] = self.its.room
            elif field in COLLECTIONS:
                payload[field] = self.some(field)
        written = _written(spec, payload, text)
        return None if written == payload else written

    def some(self, field: str) -> str:
        """The id of something in the project."""
        contents = self.its.ada.sealed.rooms.the(self.its.room).contents
        return next(str(each["id"]) for name in COLLECTIONS[field] for each in contents.all(name))

    def leaks(self, end: str) -> list[str]:
        """The names, with this end, of the canaries that were sent."""
        return sorted(name for name in self.canaries.found_in(self.tap.said()) if name.endswith(end))


def _fits(spec: CommandSpec, payload: dict[str, Any]) -> bool:
    try:
        msgspec.convert(payload, spec.type)
    except msgspec.ValidationError:
        return False
    return True


def _written(spec: CommandSpec, payload: dict[str, Any], text: str) -> dict[str, Any]:
    """The payload with the text in place of every one that may be any, and in every field that it lacks."""
    for path in [*_texts(payload), *((field,) for field in spec.type.__struct_fields__)]:
        if path[-1] not in {"command_id", *ROOMS, *COLLECTIONS}:
            tried = _with(payload, path, text)
            payload = tried if _fits(spec, tried) else payload
    return payload


def _texts(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where in a payload there are texts."""
    if isinstance(value, str):
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from _texts(each, (*path, key))


def _with(value: Any, path: Path, text: str) -> Any:
    if not path:
        return text
    key, *rest = path
    if isinstance(value, dict):
        return {**value, key: _with(value.get(key), tuple(rest), text)}
    return [_with(each, tuple(rest), text) if at == key else each for at, each in enumerate(value)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(
    postgres: str, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        dsn = await stack.enter_async_context(database(postgres, template=migrated))
        start = await stack.enter_async_context(NodeStarter(dsn, tmp_path_factory.mktemp("node")))
        server = await start()
        tokens = [(await server.admit(name))[1] for name in ("Olga", "Ada", "Bo", "Cy")]
        tap = await stack.enter_async_context(Tap(server.url))
        folder = tmp_path_factory.mktemp("clients")
        its = await stack.enter_async_context(day(Canaries(), (tap.url, tap.url), tokens, folder))
        for part in (its.plan, its.file, its.work):
            await part()
        await its.ada.sealed.add(its.room, {its.cy.me.id: "member"})
        await joins(its.cy, its.room)
        plain = await stack.enter_async_context(Client(tap.url, token=tokens[3]))
        script = await Program.start(tap.url, tokens[2], folder / "plain", "plain")
        stack.push_async_callback(script.close)
        calls: dict[str, Call] = {
            "python": its.ada.call_raw,
            "typescript": partial(its.bo.do, "call"),
            "python without keys": plain.call_raw,
            "typescript without keys": partial(script.do, "call"),
        }
        yield Scene(its, tap, calls, script)


async def refusal(call: Callable[..., Awaitable[Any]], *given: Any) -> str | None:
    """The code with which something is refused; None if it is not."""
    try:
        await call(*given)
    except (YmeraError, Failed) as error:
        return error.code
    return None


@pytest.mark.parametrize("who", ["python", "typescript"])
async def test_a_client_with_keys_seals_it_or_refuses_it(scene: Scene, who: str) -> None:
    ends = {}
    for name, spec in SAID.items():
        payload = scene.payload(spec, scene.canaries.text(f"{name}, by {who}"))
        if payload is not None:
            ends[name] = await refusal(scene.calls[who], name, payload)
    assert scene.leaks(f", by {who}") == []
    assert {None, "e2ee_room", "conflict"} <= set(ends.values()), ends
    assert not {"internal", "unavailable", "failed"} & set(ends.values()), ends


@pytest.mark.parametrize("who", ["python", "typescript"])
async def test_a_client_without_keys_refuses_it(scene: Scene, who: str) -> None:
    who = f"{who} without keys"
    ends = {}
    for name, spec in SAID.items():
        payload = scene.payload(spec, scene.canaries.text(f"{name}, by {who}"))
        if payload is not None and named(spec) in ROOMS:
            ends[name] = await refusal(scene.calls[who], name, payload)
    assert scene.leaks(f", by {who}") == []
    assert set(ends.values()) == {"e2ee_room"}, ends


@pytest.mark.parametrize("who", ["python", "typescript"])
async def test_what_is_said_of_something_that_is_gone_stays_here(scene: Scene, who: str) -> None:
    its, new = scene.its, scene.canaries.text
    task = await its.ada.call(TaskCreate(project_id=its.room, title="Soon gone"))
    file = await its.ada.files.upload(its.room, b"soon gone", name=f"gone for {who}")
    await its.ada.call(TaskDelete(task_id=task.id, version=task.version))
    await its.ada.call(FileDelete(file_id=file.id, forever=True))
    await its.ada.call(MessageSend(room=its.room, text=f"Gone for {who}."))
    await its.bo.do("sees", its.room, f"Gone for {who}.")
    said: dict[str, dict[str, Any]] = {
        "task.update": {"task_id": task.id, "version": task.version, "title": new(f"a title, by {who}")},
        "task.comment": {"task_id": task.id, "text": new(f"a comment, by {who}")},
        "file.rename": {"file_id": file.id, "name": new(f"a file, by {who}")},
    }
    for name, payload in said.items():
        assert await refusal(scene.calls[who], name, payload) == "not_found"
    assert scene.leaks(f", by {who}") == []


@pytest.mark.parametrize("who", ["python", "typescript", "python without keys", "typescript without keys"])
async def test_what_is_said_in_an_open_room_is_found(scene: Scene, who: str) -> None:
    its = scene.its
    created = await its.ada.call(RoomCreate(name=f"open to {who}", members=[its.bo.id]))
    await its.bo.do("sees", created.id, created.name)
    text = scene.canaries.text(f"open, by {who}")
    assert await refusal(scene.calls[who], "message.send", {"room": created.id, "text": text}) is None
    assert scene.leaks(f", by {who}") == [f"open, by {who}"]


async def test_what_is_said_by_a_client_that_has_just_started_is_sealed(scene: Scene) -> None:
    its, new = scene.its, scene.canaries.text
    message = await its.ada.call(MessageSend(room=its.room, text="Bo and Cy will be back at once."))
    task = await its.ada.call(TaskCreate(project_id=its.room, title="Be back"))
    await its.bo.do("sees", its.room, task.id)
    await its.sees(its.cy, task.id)

    def said(who: str) -> dict[str, dict[str, Any]]:
        react = {"message_id": message.id, "emoji": new(f"an emoji, at once by {who}")}
        comment = {"task_id": task.id, "text": new(f"a comment, at once by {who}")}
        send = {"room": its.room, "text": new(f"a message, at once by {who}")}
        return {"message.react": react, "task.comment": comment, "message.send": send}

    await its.bo.close()
    its.bo = await Program.start(its.urls[1], its.tokens[2], its.folder / "bo", "hasty")
    its.lifetime.push_async_callback(its.bo.close)
    scene.calls["typescript"] = partial(its.bo.do, "call")
    named = {"name": new("a file's name, at once by typescript"), "folder": "at once"}
    uploaded = its.bo.do("upload", its.room, new("a file, at once by typescript"), named)
    await asyncio.gather(uploaded, *(its.bo.do("call", *each) for each in said("typescript").items()))
    await its.cy.close()
    its.cy = Client(its.urls[1], token=its.tokens[3], keys=its.store("cy"))
    its.lifetime.push_async_callback(its.cy.close)
    await its.cy.connect()
    await asyncio.gather(*(its.cy.call_raw(*each) for each in said("python").items()))
    await its.sees(its.ada, its.text("a comment, at once by typescript"))
    await its.sees(its.ada, its.text("a comment, at once by python"))
    assert scene.leaks("at once by typescript") == scene.leaks("at once by python") == []


async def test_a_client_without_keys_that_has_just_started_refuses_it(scene: Scene) -> None:
    its, new = scene.its, scene.canaries.text
    async with Client(its.urls[1], token=its.tokens[3]) as client:
        said = {"room": its.room, "text": new("a message, at once without keys by python")}
        assert await refusal(client.call_raw, "message.send", said) == "e2ee_room"
    program = await Program.start(its.urls[1], its.tokens[2], its.folder / "again", "plain")
    try:
        said = {"room": its.room, "text": new("a message, at once without keys by typescript")}
        assert await refusal(partial(program.do, "call"), "message.send", said) == "e2ee_room"
        given = its.room, new("a file, at once without keys by typescript"), {"name": "a file"}
        assert await refusal(partial(program.do, "upload"), *given) == "e2ee_room"
    finally:
        await program.close()
    assert [name for who in ("python", "typescript") for name in scene.leaks(f"without keys by {who}")] == []


async def test_what_is_said_of_a_room_that_one_is_out_of_stays_here(scene: Scene) -> None:
    its, new = scene.its, scene.canaries.text
    message = await its.ada.call(MessageSend(room=its.room, text="Bo and Cy read this before they go."))
    await its.bo.do("sees", its.room, message.text)
    await its.sees(its.cy, message.text)
    await its.ada.sealed.remove(its.room, [its.bo.id, its.cy.me.id])
    await its.bo.do("leaves", its.room)
    await scene.script.do("leaves", its.room)
    await its.cy.sealed.wait_for(lambda sealed: sealed.rooms.get(its.room) is None, PATIENCE)
    calls = scene.calls | {"python": its.cy.call_raw}
    for who, call in calls.items():
        sent = {"room": its.room, "text": new(f"a message, later by {who}")}
        assert await refusal(call, "message.send", sent) in {"e2ee_room", "not_found"}
    for who in ("python", "typescript"):
        edit = {"message_id": message.id, "version": 1, "text": new(f"an edit, later by {who}")}
        assert await refusal(calls[who], "message.edit", edit) in {"e2ee_room", "not_found"}
    assert [name for who in calls for name in scene.leaks(f"later by {who}")] == []
