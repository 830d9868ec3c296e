"""The analyst: has what was uploaded read and checked, and tells the files' rooms what came of it.

Every node has one; which of them reads a content is settled in PostgreSQL. Contents are read by processes of
their own (`server.analysis`), never here. One whose reading dies with its node is claimed by another node,
and given up after some attempts.
"""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from functools import partial

import structlog

from handlers import filing
from handlers.dispatch import Context, Dispatcher
from persistence import analyses, file_texts, files, storage
from persistence.analyses import ATTEMPTS, UNCHECKABLE, Outcome, Unread
from persistence.database import DATABASE_FAILURES, Pool
from persistence.storage import STORE_FAILURES, Storage
from protocol.files import AnalysisState, ContentKind, FileCause, FileDescription, Finding
from protocol.rooms import LoggedEvent
from server import metrics
from server.analysis.pool import Pool as Readers
from server.analysis.pool import PoolError
from server.analysis.reading import PREVIEW_SUFFIX, Reading
from server.malware import AwayError, ScanError, Scanner
from server.tasks import Tasks

logger = structlog.get_logger(__name__)

LOOK_SECONDS = 2.0
"""How often it looks for contents of which no event told it."""
LEASE = timedelta(minutes=15)
"""How long a claimed content is another node's: longer than fetching, checking and reading one may take."""
PAUSE = timedelta(minutes=1)
"""After which a content is claimed again that could not be read through no fault of its own."""
WRITTEN = 100
"""Pages that are written at once; those of the largest files take seconds."""
TOLD = 100
"""Files with one content that are told of its reading; the others show it when they are next looked at."""
WAKING = frozenset({"file.created", "file.updated"})


class Analyst:
    """One node's share of the reading, `at_once` contents at a time."""

    def __init__(
        self,
        pool: Pool,
        dispatcher: Dispatcher,
        store: Storage,
        readers: Readers,
        scanner: Scanner | None,
        *,
        at_once: int,
    ) -> None:
        self._pool = pool
        self._dispatcher = dispatcher
        self._store = store
        self._readers = readers
        self._scanner = scanner
        self._at_once = at_once
        self._tasks = Tasks()
        self._due = asyncio.Event()

    def start(self) -> None:
        """Begin to look."""
        for number in range(self._at_once):
            self._tasks.spawn(self._work(), f"analyst {number}")

    async def close(self) -> None:
        """Stop; what is being read is left to the next who looks."""
        await self._tasks.close()

    def on_events(self, events: Iterable[LoggedEvent]) -> None:
        """Notice what this node has committed."""
        if any(event.type in WAKING and event.data["file"]["analysis"] == "pending" for event in events):
            self._due.set()

    async def _work(self) -> None:
        while True:
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._due.wait()
            except TimeoutError:
                pass
            self._due.clear()
            try:
                while unread := await analyses.claim(self._pool, 1, LEASE):
                    await self._attend(unread[0])
            except DATABASE_FAILURES:
                logger.warning("analyst_failed", exc_info=True)
            except Exception:
                metrics.errors.labels("analyst").inc()
                logger.exception("analyst_failed")

    async def _attend(self, unread: Unread) -> None:
        """Read a content and keep what came of it; what fails for a while is claimed again later."""
        if unread.attempts > ATTEMPTS:
            reading = Reading(media_type="application/octet-stream", kind=ContentKind.OTHER)
            reading.error = f"It could not be read in {ATTEMPTS} attempts."
            # Whoever keeps scanners from a verdict gets nothing out by that.
            await self._finish(unread, reading, None, held="" if self._scanner is None else UNCHECKABLE)
            return
        key = storage.content_key(unread.room_id, unread.sha256, unread.blob_id)
        try:
            async with self._store.on_disk(key) as path:
                found = None if self._scanner is None else await self._scanner.scan(path)
                async with self._readers.read(path, unread.name) as (reading, folder):
                    for preview in reading.previews:
                        content = await asyncio.to_thread(
                            (folder / f"{preview.name}{PREVIEW_SUFFIX}").read_bytes
                        )
                        kept = storage.preview_key(unread.room_id, unread.blob_id, preview.name)
                        await self._store.put(kept, content)
        except (PoolError, ScanError, *STORE_FAILURES) as error:
            logger.warning("analysis_delayed", blob=unread.blob_id, error=str(error))
            if isinstance(error, AwayError) or not isinstance(error, ScanError | FileNotFoundError):
                await analyses.give_back(self._pool, unread.blob_id, PAUSE)
            return
        held = "" if found is None else f"Malware was found in it: {found}."
        await self._finish(unread, reading, found, held=held)

    async def _finish(self, unread: Unread, reading: Reading, found: str | None, *, held: str) -> None:
        outcome = _outcome(reading, found, held)
        if found is not None:
            logger.warning("malware_found", blob=unread.blob_id, room=unread.room_id, rule=found)
        # The texts first, and step by step, while nobody has to wait for the room's lock.
        for start in range(0, max(len(reading.pages), 1), WRITTEN):
            some = reading.pages[start : start + WRITTEN]
            await self._dispatcher.attend(
                partial(_write, blob_id=unread.blob_id, pages=some, language=reading.language, after=start)
            )
        await self._dispatcher.attend(partial(_keep, unread=unread, outcome=outcome))
        metrics.files_read.labels(reading.kind, outcome.state).inc()


async def _write(ctx: Context, blob_id: str, pages: list[str], language: str | None, after: int) -> None:
    await file_texts.put(ctx.tx, blob_id, pages, language, after=after)


async def _keep(ctx: Context, unread: Unread, outcome: Outcome) -> None:
    await ctx.lock(unread.room_id)
    if not await analyses.finish(ctx.tx, unread.blob_id, outcome):
        return
    for file_id in await files.of_blob(ctx.tx, unread.blob_id, TOLD):
        await filing.told(ctx, file_id, FileCause.ANALYZED)


def _outcome(reading: Reading, found: str | None, held: str) -> Outcome:
    malware = [] if found is None else [Finding(kind="malware", rule=found, page=None, line=None)]
    description = FileDescription(
        media_type=reading.media_type,
        kind=reading.kind,
        language=reading.language,
        pages=len(reading.pages) or None,
        characters=sum(map(len, reading.pages)),
        metadata=reading.metadata,
        quality=reading.quality,
        findings=[*malware, *reading.findings],
        previews=reading.previews,
        error=reading.error,
    )
    return Outcome(
        state=AnalysisState.FAILED if reading.error else AnalysisState.DONE,
        description=description,
        fingerprint=reading.fingerprint,
        look=reading.look,
        held=held,
    )
