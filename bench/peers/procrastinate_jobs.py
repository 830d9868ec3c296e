"""procrastinate on PostgreSQL, as its documentation sets it up: a worker, or the load that gives it jobs.

`worker DSN CONCURRENCY` says one line when it listens. `load DSN COUNT` enqueues jobs, twenty at a time,
waits until all are done, and prints JSON lines as `bench/crew.py` does.
"""

import asyncio
import json
import sys
import time
from typing import Any

import procrastinate

ENQUEUING = 20
LOOK_SECONDS = 0.01


def _app(dsn: str, connections: int) -> procrastinate.App:
    connector = procrastinate.PsycopgConnector(conninfo=dsn, min_size=1, max_size=connections)
    app = procrastinate.App(connector=connector)

    @app.task(name="nothing")
    async def nothing() -> None:
        """Do nothing."""

    return app


async def _work(dsn: str, concurrency: int) -> None:
    app = _app(dsn, min(concurrency + 2, ENQUEUING))
    async with app.open_async():
        if not await app.check_connection_async():
            await app.schema_manager.apply_schema_async()
        print(json.dumps({"port": 0}), flush=True)
        await app.run_worker_async(concurrency=concurrency)


async def _load(dsn: str, count: int) -> None:
    app = _app(dsn, ENQUEUING)
    async with app.open_async():
        await app.connector.execute_query_async("TRUNCATE procrastinate_jobs CASCADE")
        _say("start")
        begun = time.perf_counter()
        numbers = iter(range(count))

        async def enqueue() -> None:
            for _ in numbers:
                await app.configure_task("nothing").defer_async()

        await asyncio.gather(*(enqueue() for _ in range(ENQUEUING)))
        given = time.perf_counter()
        while await _left(app):  # noqa: ASYNC110 -- it is PostgreSQL that knows
            await asyncio.sleep(LOOK_SECONDS)
        done = time.perf_counter()
        _say("stop")
    sample = {"runs_per_second": count / (done - begun), "enqueued_per_second": count / (given - begun)}
    _say("result", sample=sample)


async def _left(app: procrastinate.App) -> int:
    row = await app.connector.execute_query_one_async(
        "SELECT count(*) AS left FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
    )
    left: int = row["left"]
    return left


def _say(line: str, **more: Any) -> None:
    print(json.dumps({"line": line, **more}), flush=True)


if __name__ == "__main__":
    what, dsn, number = sys.argv[1:]
    asyncio.run({"worker": _work, "load": _load}[what](dsn, int(number)))
