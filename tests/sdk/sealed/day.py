"""A day in an encrypted project: everything that can be done there, each time with other words.

Ada works on the Python client, Bo on the TypeScript one, Cy comes by a link, and an agent has its own keys.
They are at two nodes. Nothing is done here by mistake: all of it is meant to be sealed.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.nodes import PATIENCE
from tests.sdk.sealed import kept
from tests.sdk.sealed.canaries import Canaries
from tests.sdk.sealed.people import joins
from tests.sdk.sealed.program import Program
from ymera_client import (
    Agent,
    AgentRegister,
    Client,
    EndedRun,
    Fatal,
    FileMove,
    FileRename,
    FileSearch,
    Form,
    ImportedTask,
    KeyStore,
    LiveRoom,
    MessageDelete,
    MessageEdit,
    MessageReact,
    MessageSend,
    Project,
    ProjectUpdate,
    Question,
    Run,
    RunAnswer,
    RunCreate,
    SqliteOutbox,
    TaskComment,
    TaskCreate,
    TaskDepend,
    TaskImport,
    TaskList,
    TaskStatus,
    TaskTransition,
    TaskUpdate,
)


@dataclass
class Day:
    """Who is there, and what they have said that nobody else may know."""

    canaries: Canaries
    urls: tuple[str, str]
    tokens: list[str]
    folder: Path
    stores: list[Path] = field(default_factory=list)
    """The Python devices' stores, each with its key beside it."""
    room: str = ""
    lifetime: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def come(self) -> None:
        """Everybody is there, each with an identity."""
        new = self.canaries.text
        self.ada = await self.device(self.tokens[1], "ada")
        self.bo = await Program.start(self.urls[1], self.tokens[2], self.folder / "bo")
        self.lifetime.push_async_callback(self.bo.close)
        self.cy = await self.device(self.tokens[3], "cy", node=1)
        self.codes = [await self.ada.sealed.begin() or "", await self.bo.do("sealed", "begin")]
        await self.cy.sealed.begin()
        name = new("the project's name")
        self.room = await self.ada.sealed.create_room(
            form=Form.PROJECT, name=name, members={self.bo.id: "member"}, history="shared"
        )
        await joins(self.ada, self.room)
        await self.bo.do("sees", self.room, name)

    async def device(self, token: str, name: str, node: int = 0) -> Client:
        """A client with its keys and its commands in files."""
        client = Client(
            self.urls[node],
            token=token,
            keys=self.store(name),
            outbox=SqliteOutbox(self.folder / "stores" / f"{name}.outbox"),
        )
        self.lifetime.push_async_callback(client.close)
        await client.connect()
        await client.sealed.wait_for(lambda sealed: sealed.status.state != "starting", PATIENCE)
        return client

    def store(self, name: str) -> KeyStore:
        """The store of a device of that name."""
        path = self.folder / "stores" / f"{name}.db"
        self.stores.append(path)
        return KeyStore(path, key_file=self.key_of(path))

    def key_of(self, store: Path) -> Path:
        return self.folder / "keys" / store.name

    def text(self, name: str) -> str:
        return self.canaries[name].decode()

    @property
    def devices(self) -> tuple[Path, Path]:
        """Where the clients keep what they keep; the keys of that are elsewhere."""
        return self.folder / "stores", self.folder / "bo" / "stores"

    async def sees(self, client: Client, text: str) -> None:
        """Wait until somebody on the Python client has read a text."""
        async with client.room(self.room) as room:
            await room.wait_for(lambda it: text in json.dumps(it.state, default=str), PATIENCE)

    async def talk(self) -> None:
        """Messages, a thread, a mention, an edit, a deletion, reactions, and what is said in passing."""
        new, call = self.canaries.text, self.ada.call
        mention = f"@[{new('a name in a mention')}]({self.bo.id})"
        root = await call(MessageSend(room=self.room, text=f"{mention}, {new('a message')}?"))
        await self.bo.do("sees", self.room, self.text("a message"))
        answer = {"room": self.room, "thread_id": root.id, "text": new("an answer from TypeScript")}
        said = await self.bo.do("call", "message.send", answer)
        await self.sees(self.ada, self.text("an answer from TypeScript"))
        await call(MessageReact(message_id=said["id"], emoji=new("a reaction")))
        await call(MessageEdit(message_id=root.id, text=new("an edited message"), version=root.version))
        gone = await call(MessageSend(room=self.room, text=new("a message that is deleted")))
        await call(MessageDelete(message_id=gone.id))
        await self.bo.do("sees", self.room, self.text("an edited message"))
        edit = {"message_id": said["id"], "text": new("an edit from TypeScript"), "version": said["version"]}
        await self.bo.do("call", "message.edit", edit)
        await self.sees(self.ada, self.text("an edit from TypeScript"))
        await self.ada.call_raw("typing.set", {"room": self.room, "typing": True})
        await self.bo.do("sealed", "whisper", self.room, {"typing": new("a whisper from TypeScript")})
        await self.ada.sealed.whisper(self.room, {"typing": new("a whisper from Python")})

    async def plan(self) -> None:
        """Tasks with all that can be written on them, and the project's own description."""
        new, call = self.canaries.text, self.ada.call
        async with self.ada.room(self.room) as room:
            (project,) = room.all(Project)
        described = new("the project's description")
        await call(ProjectUpdate(project_id=self.room, version=project.version, description=described))
        first = await call(
            TaskCreate(
                project_id=self.room,
                title=new("a task's title"),
                description=new("a task's description"),
                labels=[new("a label")],
                external_id=new("an external id"),
                assignees=[self.bo.id],
            )
        )
        written = {"title": new("a title from TypeScript"), "labels": [new("a label from TypeScript")]}
        second = await self.bo.do("call", "task.create", {"project_id": self.room, **written})
        await self.sees(self.ada, self.text("a title from TypeScript"))
        await call(TaskDepend(task_id=first.id, on=second["id"]))
        await call(TaskComment(task_id=first.id, text=new("a comment")))
        comment = {"task_id": second["id"], "text": new("a comment from TypeScript")}
        await self.bo.do("call", "task.comment", comment)
        changed = await call(TaskTransition(task_id=second["id"], status=TaskStatus.DONE))
        await call(TaskUpdate(task_id=changed.id, version=changed.version, title=new("a new title")))
        imported = ImportedTask(external_id=new("an imported id"), title=new("an imported title"))
        report = await call(TaskImport(project_id=self.room, tasks=[imported]))
        assert report.created == [imported.external_id]
        await self.sees(self.ada, self.text("an imported title"))

    async def file(self) -> None:
        """Files by both clients, each read by the other one."""
        new = self.canaries.text
        text = " ".join([new("a file's content")] * 5_000)
        self.canaries.add("the SHA-256 of a file", hashlib.sha256(text.encode()).digest())
        name, folder = f"{new('a file name')}.txt", new("a folder")
        file = await self.ada.files.upload(self.room, text.encode(), name=name, folder=folder)
        await self.bo.do("sees", self.room, self.text("an imported title"))
        await self.ada.call(MessageSend(room=self.room, text=new("beside a file"), files=[file.id]))
        await self.bo.do("sees", self.room, self.text("beside a file"))
        assert await self.bo.do("download", file.id) == text
        text = new("a content from TypeScript")
        options = {"name": new("a name from TypeScript"), "folder": new("a folder from TypeScript")}
        his = await self.bo.do("upload", self.room, text, options)
        attached = {"room": self.room, "text": new("beside his file"), "files": [his["id"]]}
        await self.bo.do("call", "message.send", attached)
        await self.sees(self.ada, self.text("beside his file"))
        assert await self.ada.files.read(his["id"]) == text.encode()
        await self.ada.call(FileRename(file_id=his["id"], name=new("another file name")))
        await self.ada.call(FileMove(file_id=his["id"], folder=new("another folder")))
        await self.ada.files.upload(self.room, new("another version").encode(), name="-", file_id=file.id)
        page = f"<html><p>{new('what a page says')}</p><!-- {new('what nobody reads')} --></html>"
        await self.ada.files.upload(self.room, page.encode(), name="page")
        theirs = await self.bo.do("upload", self.room, page, {"name": new("a page from TypeScript")})
        assert (theirs["media_type"], theirs["kind"]) == ("text/html", "text")

        def told(_: object) -> bool:
            found = self.ada.sealed.rooms.the(self.room).contents.get("files", theirs["id"])
            return found is not None and found["version"] == theirs["version"]

        await self.ada.sealed.wait_for(told, PATIENCE)

    async def search(self) -> None:
        """What is looked for is not told to anybody either."""
        new = self.canaries.text
        assert len(self.ada.sealed.search(self.text("an edited message"))) == 1
        assert len(await self.bo.do("sealed", "search", None, self.text("an edited message"))) == 1
        assert self.ada.sealed.search(new("a word looked for")) == []
        assert await self.bo.do("sealed", "search", self.room, new("a word looked for from TypeScript")) == []
        await self.ada.call(FileSearch(room=self.room, query=new("a file looked for")))
        said = self.text("what a page says")
        assert len((await self.ada.call(FileSearch(room=self.room, query=said))).hits) == 2
        query = {"room": self.room, "query": said}
        assert len((await self.bo.do("call", "file.search", query))["hits"]) == 2
        await self.ada.call(TaskList(project_id=self.room, query=new("a task looked for")))
        query = {"project_id": self.room, "query": new("a task looked for from TypeScript")}
        await self.bo.do("call", "task.list", query)

    async def meet(self) -> None:
        """A verification, invitations by both clients, a room made by Bo, and a member who goes again."""
        new = self.canaries.text
        flow = await self.ada.sealed.verify_by_digits(self.bo.id)
        checked = asyncio.create_task(self.bo.do("verifies"))
        await self.ada.sealed.wait_for(lambda _: flow.step.name == "compare", PATIENCE)
        await flow.confirm()
        await checked
        link = await self.ada.sealed.invite(self.room)
        self._keep("an invitation", link)
        await self.cy.sealed.accept_invite(link)
        await joins(self.cy, self.room)
        await self.sees(self.cy, self.text("a new title"))
        made = {"form": "conversation", "name": new("a conversation's name"), "retention": "ephemeral"}
        other = await self.bo.do("sealed", "createRoom", made)
        link = await self.bo.do("sealed", "invite", other)
        self._keep("an invitation from TypeScript", link)
        await self.bo.do("call", "message.send", {"room": other, "text": new("what nobody else has read")})
        await self.ada.sealed.accept_invite(link)
        await joins(self.ada, other)
        await self.ada.call(MessageSend(room=other, text=new("what is not kept")))
        await self.bo.do("sees", other, self.text("what is not kept"))
        await self.ada.sealed.remove(self.room, [self.cy.me.id])
        await self.ada.call(MessageSend(room=self.room, text=new("after somebody went")))

    def _keep(self, name: str, link: str) -> None:
        self.canaries.add(f"the link of {name}", link)
        self.canaries.add(f"the secret part of {name}", link.partition("#")[2])

    async def move(self) -> None:
        """A second device, by a code that it shows, and a third one by the recovery code."""
        second = await self.device(self.tokens[1], "ada's second", node=1)
        flow = await second.sealed.link_by_qr()
        self.canaries.add("a link's code", flow.step.qr)
        await self.ada.sealed.link_scanned(flow.step.qr)
        await second.sealed.wait_for(lambda sealed: sealed.status.state == "ready", PATIENCE)
        await self.sees(second, self.text("after somebody went"))
        await second.call(MessageSend(room=self.room, text=self.canaries.text("from a second device")))
        third = await self.device(self.tokens[1], "ada's third", node=1)
        await third.sealed.recover(self.codes[0])
        await self.sees(third, self.text("from a second device"))
        await third.call(MessageSend(room=self.room, text=self.canaries.text("from a third device")))
        await self.sees(self.ada, self.text("from a third device"))

    async def work(self) -> None:
        """An agent does a run with everything that it can report, and fails at another one."""
        new = self.canaries.text
        made = await self.ada.call(AgentRegister(name="Worker"))
        agent = worker(self.urls[1], made.token, self.store("agent"), self.canaries)
        async with agent.running(grace=0) as process, self.ada.room(self.room) as room:
            await asyncio.wait_for(asyncio.wrap_future(process.settled), PATIENCE)
            await self.ada.sealed.endorse_agent(made.agent.id)
            await self.ada.sealed.add(self.room, {made.agent.id: "member"})
            given = {"title": new("a run's input")}
            new("an answer")
            ordered = await self._order(made.agent.id, "write", given)
            (question,) = await room.wait_for(lambda it: it.all(Question), PATIENCE)
            answer = RunAnswer(question_id=question.id, answer=self.text("an answer"), comment=new("why so"))
            await self.ada.call(answer)
            assert await _end_of(room, ordered) == "completed"
            assert await _end_of(room, await self._order(made.agent.id, "fail", {})) == "failed"

    async def _order(self, agent_id: str, capability: str, given: dict[str, Any]) -> str:
        order = RunCreate(project_id=self.room, agent_id=agent_id, capability=capability, input=given)
        return (await self.ada.call(order)).id

    async def end(self) -> None:
        """Everybody goes, and what only they may know is looked for from now on."""
        holder = self.ada.sealed.rooms.the(self.room)
        for file in holder.contents.all("files"):
            self._note("a file", kept.of_file(file))
        directory = holder.ground.directory
        for code, member_id in zip(self.codes, (self.ada.me.id, self.bo.id), strict=True):
            chain = directory.histories[await directory.find(member_id)].newest
            self._note(f"the member {member_id}", kept.of_code(code, chain.salt))
        self._note("Bo", kept.of_program(await self.bo.do("kept"), self.folder / "bo"))
        await self.lifetime.aclose()
        for store in self.stores:
            self._note(store.stem, await kept.of_store(store, self.key_of(store)))

    def _note(self, whose: str, secrets: Any) -> None:
        for name, value in secrets:
            self.canaries.add(f"{whose}: {name}", value)


def worker(url: str, token: str, keys: KeyStore, canaries: Canaries) -> Agent:
    """An agent that says something wherever it can."""
    agent = Agent(url, token=token, keys=keys)
    new = canaries.text

    @agent.capability()
    async def write(run: Run, *, title: str) -> dict[str, str]:
        await run.progress(0.5, new("a note"))
        await run.output(new("a run's output"))
        run.log.info(new("a run's log"), about=new("a run's data"))
        await run.attach("notes.txt", new("an artifact"))
        await run.files.upload(new("an agent's file").encode(), name=new("an agent's file name"))
        await run.request(MessageSend(room=run.project_id, text=new("an agent's message")))
        said = await run.ask(new("a question"), choices=[canaries["an answer"].decode()])
        run.summary = new("a summary")
        return {"result": new("a run's result"), "of": title, "said": said}

    @agent.capability()
    async def fail(_: Run) -> None:
        raise Fatal(new("a failure"))

    return agent


async def _end_of(room: LiveRoom, run_id: str) -> str:
    """The state in which a run ends."""
    await room.wait_for(lambda it: it.get(EndedRun, run_id), PATIENCE)
    ended = room.get(EndedRun, run_id)
    assert ended is not None
    return ended.state


@asynccontextmanager
async def day(
    canaries: Canaries, urls: tuple[str, str], tokens: list[str], folder: Path
) -> AsyncIterator[Day]:
    """A day that ends with the block at the latest."""
    made = Day(canaries, urls, tokens, folder)
    async with made.lifetime:
        await made.come()
        yield made
