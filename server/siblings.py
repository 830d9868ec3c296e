"""The worker processes of one server, as one of them sees them.

They share a port, so a scrape of `/metrics` reaches any one of them. That one asks all, each of which also
listens on a socket in a folder of its user alone, and answers with a label `worker` on every sample.
"""

import asyncio
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import structlog
from aiohttp import web
from prometheus_client import generate_latest

from server.metrics import REGISTRY

logger = structlog.get_logger(__name__)

SCRAPE_SECONDS = 2.0
_LABELS = re.compile(r"^([A-Za-z_:][A-Za-z0-9_:]*)\{", re.MULTILINE)
_BARE = re.compile(r"^([A-Za-z_:][A-Za-z0-9_:]*) ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Siblings:
    """Worker `number` of those with sockets in `folder`."""

    number: int
    folder: Path

    async def listen(self, stack: AsyncExitStack) -> None:
        """Answer whichever of them is asked, until the stack is closed."""
        app = web.Application()
        app.router.add_get("/metrics", _own)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        path = self.folder / f"{self.number}.sock"
        # A worker that was killed leaves its socket behind.
        path.unlink(missing_ok=True)
        await web.UnixSite(runner, str(path)).start()

    async def metrics(self) -> bytes:
        """The metrics of all workers that answer."""
        sockets = sorted(self.folder.glob("[0-9]*.sock"))
        texts = await asyncio.gather(*(_ask(path) for path in sockets))
        return labelled({path.stem: text for path, text in zip(sockets, texts, strict=True)}).encode()


def labelled(texts: dict[str, str]) -> str:
    """Several workers' metrics in Prometheus' text format as one, each sample with its worker's number."""
    families: dict[str, list[str]] = {}
    for worker, text in texts.items():
        for family in text.split("# HELP ")[1:]:
            meaning, kind, samples = family.split("\n", 2)
            own = _LABELS.sub(rf'\1{{worker="{worker}",', samples)
            own = _BARE.sub(rf'\1{{worker="{worker}"}} ', own)
            families.setdefault(f"# HELP {meaning}\n{kind}\n", []).append(own)
    return "".join(head + "".join(samples) for head, samples in families.items())


async def _own(_: web.Request) -> web.Response:
    return web.Response(body=generate_latest(REGISTRY))


async def _ask(path: Path) -> str:
    """A worker's metrics; nothing of one that is just being started again."""
    timeout = aiohttp.ClientTimeout(total=SCRAPE_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(path)), timeout=timeout) as http,
            http.get("http://worker/metrics") as answer,
        ):
            return await answer.text()
    except (aiohttp.ClientError, TimeoutError) as error:
        logger.warning("worker_not_scraped", worker=path.stem, error=repr(error))
        return ""
