"""Stock clients of tus upload to it unchanged: tus-js-client, Uppy in a browser, tuspy."""

import asyncio
import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright
from tusclient.client import TusClient

from scripts import chromium, node
from tests.nodes import NodeStarter
from tests.server.files.conftest import Site
from tests.server.files.tus import Tus

HERE = Path(__file__).parent
PACKAGE = HERE.parents[2] / "client-sdk" / "js"
DATA = random.Random(4).randbytes(1_000_000)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "moon.bin"
    path.write_bytes(DATA)
    return path


async def scripted(name: str, stock: str) -> str:
    """What one of the scripts beside this file prints when it runs in the package with the stock clients."""
    folder = node.folder()
    program = shutil.which("node", path=None if folder is None else str(folder))
    assert program is not None, "there is no Node"
    process = await asyncio.create_subprocess_exec(
        *(program, "--input-type=module", "-"),
        cwd=PACKAGE,
        env={**os.environ, "STOCK": stock},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaints = await process.communicate((HERE / name).read_bytes())
    assert process.returncode == 0, complaints.decode()
    return said.decode()


async def tus_js(tus: Tus, path: Path, way: str) -> Any:
    stock = {
        "url": tus.api.running.url,
        "token": tus.token,
        "room": tus.room,
        "way": way,
        "path": str(path),
        "storage": str(path.with_name("urls.json")),
    }
    return json.loads(await scripted("tus.mjs", json.dumps(stock)))


@pytest.mark.parametrize("way", ["chunked", "whole", "parallel", "unknown", "overridden"])
async def test_tus_js_client_uploads(tus: Tus, file: Path, way: str) -> None:
    done = await tus_js(tus, file, way)
    assert await tus.download(done["file"]) == DATA


async def test_tus_js_client_resumes_where_it_was(tus: Tus, file: Path) -> None:
    done = await tus_js(tus, file, "resumed")
    assert 300_000 <= done["before"] < len(DATA)
    assert await tus.download(done["file"]) == DATA


async def test_tus_js_client_ends_an_upload(site: Site, tus: Tus, file: Path) -> None:
    done = await tus_js(tus, file, "terminated")
    assert (await tus.ask("HEAD", done["url"])).status == 404


async def test_tuspy_uploads(site: Site, anywhere: Tus, file: Path) -> None:
    headers = {"Authorization": f"Bearer {anywhere.token}"}

    def upload() -> str:
        client = TusClient(f"{anywhere.api.running.url}/api/files/uploads", headers=headers)
        described = {"room": anywhere.room, "filename": "moon.bin"}
        with file.open("rb") as stream:
            options = {"file_stream": stream, "chunk_size": 300_000, "upload_checksum": True}
            uploader = client.uploader(**options, metadata=described)
            uploader.upload(stop_at=600_000)
            resumed = client.uploader(**options, url=uploader.url)
            assert resumed.offset == 600_000
            resumed.upload()
            return str(uploader.url)

    address = (await asyncio.to_thread(upload)).removeprefix(anywhere.api.running.url)
    head = await anywhere.ask("HEAD", address)
    assert await anywhere.download(head.headers["YMERA-File"]) == DATA


UPPY = """async ({url, token, room, size}) => {
    const bytes = new Uint8Array(size).map((_, index) => index % 251);
    const uppy = new stock.Uppy();
    const files = [];
    uppy.use(stock.Tus, {
        endpoint: `${url}/api/files/uploads`,
        headers: {Authorization: `Bearer ${token}`},
        chunkSize: 300_000,
        retryDelays: [0, 100, 500],
        onAfterResponse: (_, response) => {
            const file = response.getHeader('YMERA-File');
            if (file) files.push(file);
        },
    });
    uppy.setMeta({room});
    uppy.addFile({name: 'moon.bin', type: 'image/png', data: new Blob([bytes])});
    const dropped = {name: 'note.txt', type: 'text/plain', data: new Blob(['hello'])};
    uppy.addFile({...dropped, meta: {relativePath: 'a/b/note.txt'}});
    const result = await uppy.upload();
    return {files, failed: result.failed.map((file) => String(file.error)), done: result.successful.length};
}"""


async def test_uppy_uploads_from_a_page_of_another_origin(
    site: Site, node: NodeStarter, tmp_path: Path
) -> None:
    await scripted("bundle.mjs", str(tmp_path))
    elsewhere = await node(analysis_workers=0)
    tus = await site.start(cors_origins=(elsewhere.url,))
    path = os.environ.get("YMERA_TEST_CHROMIUM") or str(chromium.find())
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=arguments)
        page = await (await browser.new_context(bypass_csp=True)).new_page()
        await page.goto(f"{elsewhere.url}/api/setup")
        await page.add_script_tag(path=tmp_path / "stock.js")
        asked = {"url": tus.api.running.url, "token": tus.token, "room": tus.room, "size": len(DATA)}
        result = await page.evaluate(UPPY, asked)
        await browser.close()
    assert (result["failed"], result["done"]) == ([], 2)
    found = [(await site.do(site.ada.id, "file.get", file_id=each))["file"] for each in result["files"]]
    by_name = {file["name"]: file for file in found}
    assert by_name["note.txt"]["folder"] == "a/b"
    expected = bytes(index % 251 for index in range(len(DATA)))
    assert await tus.download(by_name["moon.bin"]["id"]) == expected
