"""From an upload to what is known of it: the whole way, with real processes that read."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from persistence import analyses
from tests.nodes import NodeStarter, RunningNode, StockClient, until
from tests.server.test_malware import EICAR, daemon

LETTER = (
    "Dear Margaret,\n\nthe guidance computer was restarted five times during the descent, "
    "and each time it dropped the jobs that were least important. The crew landed safely.\n\n"
    "Yours sincerely,\nGene\n"
) * 3
READING: dict[str, Any] = {"analysis_workers": 1}


@dataclass(frozen=True)
class Sender:
    """A member with a project, who uploads to it."""

    running: RunningNode
    client: StockClient
    http: aiohttp.ClientSession
    room: str

    async def send(self, name: str, content: bytes) -> dict[str, Any]:
        """Upload a small file."""
        query = {"room": self.room, "filename": name}
        async with self.http.post("/api/files", params=query, data=content) as response:
            assert response.status == 201, await response.text()
            made: dict[str, Any] = await response.json()
            return made

    async def read(self, path: str) -> tuple[int, bytes]:
        """What the server answers to a download."""
        async with self.http.get(path) as response:
            return response.status, await response.read()

    async def analyzed(self, file_id: str) -> dict[str, Any]:
        """The details of a file, once its room has heard that it was read."""
        await self.client.wait_for(
            "event",
            lambda event: (
                event["type"] == "file.updated"
                and event["data"]["cause"] == "analyzed"
                and event["data"]["file"]["id"] == file_id
            ),
        )
        details: dict[str, Any] = await self.client.do("file.get", file_id=file_id)
        return details


@asynccontextmanager
async def sender(running: RunningNode) -> AsyncIterator[Sender]:
    """A new member with a new project, in whose room it is."""
    _, token = await running.admit("Gene")
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        running.client(token) as client,
        aiohttp.ClientSession(running.url, headers=headers) as http,
    ):
        project = await client.do("project.create", name="Apollo")
        await client.do("room.join", room=project["id"])
        yield Sender(running, client, http, project["id"])


async def test_a_letter_is_described_scored_and_found(node: NodeStarter) -> None:
    async with sender(await node(**READING)) as gene:
        made = await gene.send("letter.bin", LETTER.encode())
        assert (made["analysis"], made["quality"]) == ("pending", None)
        details = await gene.analyzed(made["id"])
        assert details["file"]["media_type"].startswith("text/plain")  # by content, not by name
        assert details["description"]["language"] == "en"
        assert 0 < details["file"]["quality"] == details["description"]["quality"]["score"] <= 100
        found = await gene.client.do("file.search", query='"guidance computers" restarting')
        assert [hit["file"]["id"] for hit in found["hits"]] == [made["id"]]
        assert "\x02restarted\x03" in found["hits"][0]["snippet"]
        text = await gene.client.do("file.text", file_id=made["id"])
        assert text == {"page": 1, "pages": 1, "text": LETTER}


async def test_a_picture_gets_a_thumbnail_without_what_it_tells_of_its_place(node: NodeStarter) -> None:
    image = Image.effect_noise((1600, 1000), 90).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = "Tranquility Base"
    exif.get_ifd(0x8825)[2] = (0.0, 41.0, 15.0)
    bytes_ = io.BytesIO()
    image.save(bytes_, "JPEG", exif=exif)
    async with sender(await node(**READING)) as gene:
        made = await gene.send("moon.jpg", bytes_.getvalue())
        details = await gene.analyzed(made["id"])
        assert details["file"]["kind"] == "image"
        assert "Tranquility Base" in str(details["description"]["metadata"])
        assert details["description"]["previews"][0]["name"] == "thumbnail"
        status, content = await gene.read(f"/api/files/{made['id']}/previews/thumbnail")
        assert status == 200
        thumbnail = Image.open(io.BytesIO(content))
        assert max(thumbnail.size) <= 512
        assert not thumbnail.getexif()
        assert b"Tranquility" not in content


async def test_what_cannot_be_read_says_why_and_stays_a_file(node: NodeStarter) -> None:
    async with sender(await node(**READING)) as gene:
        made = await gene.send("broken.pdf", b"%PDF-1.7\nnothing of it is true")
        details = await gene.analyzed(made["id"])
        assert details["file"]["analysis"] == "failed"
        assert details["description"]["error"]
        assert (await gene.read(f"/api/files/{made['id']}/content"))[0] == 200


async def test_infected_files_are_held_and_others_only_until_they_were_checked(
    node: NodeStarter, tmp_path: Path
) -> None:
    address = f"unix://{tmp_path}/clamd.ctl"
    async with daemon(tmp_path), sender(await node(clamav=address, **READING)) as gene:
        good, bad = await gene.send("good.txt", b"good"), await gene.send("bad.txt", EICAR)
        assert "checked" in good["held"]
        assert "checked" in bad["held"]
        assert (await gene.analyzed(good["id"]))["file"]["held"] == ""
        details = await gene.analyzed(bad["id"])
        assert "Eicar-Test-Signature" in details["file"]["held"]
        assert details["description"]["findings"][0]["kind"] == "malware"
        assert (await gene.read(f"/api/files/{good['id']}/content")) == (200, b"good")
        status, content = await gene.read(f"/api/files/{bad['id']}/content")
        assert status == 403
        assert b"Eicar-Test-Signature" in content
        assert EICAR not in content


async def test_what_a_scanner_cannot_say_is_asked_again_and_held_until_then(
    node: NodeStarter, tmp_path: Path
) -> None:
    running = await node(clamav=f"unix://{tmp_path}/clamd.ctl", **READING)
    async with sender(running) as gene:
        made = await gene.send("good.txt", b"good")
        pool = running.node.pool
        for _ in range(analyses.ATTEMPTS + 1):
            await until(lambda: _given_back(pool))
            # Instead of waiting until the pause is over.
            await pool.execute("UPDATE analyses SET claimed_until = now()")
        await until(lambda: _given_back(pool))
        assert (await gene.read(f"/api/files/{made['id']}/content"))[0] == 403
        async with daemon(tmp_path):
            await pool.execute("UPDATE analyses SET claimed_until = now()")
            assert (await gene.analyzed(made["id"]))["file"]["held"] == ""


async def _given_back(pool: Any) -> bool:
    """Whether a content waits for the end of its pause, without an attempt that counts."""
    given_back: bool = await pool.fetchval("SELECT attempts = 0 AND claimed_until > now() FROM analyses")
    return given_back


async def test_a_room_does_not_wait_while_what_a_file_says_is_written(
    node: NodeStarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.analyst.WRITTEN", 2)
    async with sender(await node(**READING)) as gene:
        made = await gene.send("letters.txt", (LETTER * 200).encode())
        pool = gene.running.node.pool
        async with pool.acquire() as tx, tx.transaction():
            await tx.execute("SELECT FROM rooms FOR UPDATE")
            await until(lambda: _written(pool, len(LETTER) * 200))
        details = await gene.analyzed(made["id"])
        pages = details["description"]["pages"]
        assert pages > 2
        texts = [await gene.client.do("file.text", file_id=made["id"], page=n + 1) for n in range(pages)]
        assert "".join(each["text"] for each in texts) == LETTER * 200


async def _written(pool: Any, characters: int) -> bool:
    written: int | None = await pool.fetchval("SELECT sum(length(text)) FROM file_texts")
    return written == characters


async def test_a_content_whose_reader_died_is_read_by_another_node(node: NodeStarter) -> None:
    idle = await node(analysis_workers=0)
    async with sender(idle) as gene:
        made = await gene.send("letter.txt", LETTER.encode())
        # As a node that is killed while it reads leaves it.
        assert len(await analyses.claim(idle.node.pool, 5, timedelta(seconds=0.5))) == 1
        await node(**READING)
        assert (await gene.analyzed(made["id"]))["file"]["analysis"] == "done"


async def test_what_kills_every_reader_is_given_up(node: NodeStarter) -> None:
    idle = await node(analysis_workers=0)
    async with sender(idle) as gene:
        made = await gene.send("letter.txt", LETTER.encode())
        for _ in range(analyses.ATTEMPTS):
            assert await analyses.claim(idle.node.pool, 5, timedelta(0))
        await node(**READING)
        details = await gene.analyzed(made["id"])
        assert details["file"]["analysis"] == "failed"
        assert "attempts" in details["description"]["error"]


async def test_the_same_content_is_read_once_for_all_its_files(node: NodeStarter) -> None:
    async with sender(await node(**READING)) as gene:
        first = await gene.send("a.txt", LETTER.encode())
        second = await gene.send("b.txt", LETTER.encode())
        assert (await gene.analyzed(first["id"]))["file"]["analysis"] == "done"
        details = await gene.client.do("file.get", file_id=second["id"])
        assert details["file"]["analysis"] == "done"
        alike = await gene.client.do("file.similar", file_id=first["id"])
        assert [each["file"]["id"] for each in alike["files"]] == [second["id"]]
        assert await gene.running.node.pool.fetchval("SELECT count(*) FROM analyses") == 1


async def test_what_a_scanner_never_says_stays_held(node: NodeStarter, tmp_path: Path) -> None:
    """A file that the scanner refuses, as one that is too large for it, gets out by a manager alone."""
    address = f"unix://{tmp_path}/clamd.ctl"
    async with (
        daemon(tmp_path, lambda _: b"INSTREAM size limit exceeded. ERROR\0"),
        sender(await node(clamav=address, **READING)) as gene,
    ):
        made = await gene.send("large.txt", b"large")
        pool = gene.running.node.pool
        for attempt in range(1, analyses.ATTEMPTS + 1):
            await until(lambda attempt=attempt: _attempts(pool, attempt))  # type: ignore[misc]
            # Instead of waiting until its claim is over.
            await pool.execute("UPDATE analyses SET claimed_until = now()")
        details = await gene.analyzed(made["id"])
        assert details["file"]["analysis"] == "failed"
        assert "malware" in details["file"]["held"]
        assert (await gene.read(f"/api/files/{made['id']}/content"))[0] == 403
        await gene.client.do("file.hold", file_id=made["id"])
        assert (await gene.read(f"/api/files/{made['id']}/content"))[0] == 200


async def _attempts(pool: Any, wanted: int) -> bool:
    attempts: int = await pool.fetchval("SELECT attempts FROM analyses")
    return attempts >= wanted
