"""Celery on Redis, as its documentation sets it up: a worker, or the load that gives it jobs.

`worker SOCKET early|late POOL CONCURRENCY` says one line when it is ready. `load SOCKET early|late COUNT`
enqueues jobs one after the other, waits until the results of all are there, and prints JSON lines as
`bench/crew.py` does. `early` acknowledges a job before it is done, as Celery comes; `late` when it has been.
"""

import json
import sys
import time
from typing import Any

import celery
from celery.signals import worker_ready
from redis import Redis

LOOK_SECONDS = 0.01
QUEUE, RESULTS = 0, 1
"""The databases in Redis for jobs and for their results."""


def _app(redis: str, acknowledged: str) -> tuple[celery.Celery, Any]:
    late = acknowledged == "late"
    app = celery.Celery("jobs")
    app.conf.update(
        broker_url=f"redis+socket://{redis}?virtual_host={QUEUE}",
        result_backend=f"redis+socket://{redis}?virtual_host={RESULTS}",
        task_acks_late=late,
        task_reject_on_worker_lost=late,
        broker_connection_retry_on_startup=True,
        worker_redirect_stdouts=False,
    )

    @app.task(name="nothing")
    def nothing() -> None:
        """Do nothing."""

    return app, nothing


def _work(redis: str, acknowledged: str, pool: str, concurrency: str) -> None:
    app, _ = _app(redis, acknowledged)
    worker_ready.connect(lambda **_: print(json.dumps({"port": 0}), flush=True), weak=False)
    app.worker_main(
        ["--quiet", "worker", "--loglevel", "error", "--pool", pool, "--concurrency", concurrency]
    )


def _load(redis: str, acknowledged: str, number: str) -> None:
    _, nothing = _app(redis, acknowledged)
    count = int(number)
    with Redis(unix_socket_path=redis, db=RESULTS) as results:
        results.flushdb()
        nothing.delay()
        _wait(results, 1)
        results.flushdb()
        _say("start")
        begun = time.perf_counter()
        for _ in range(count):
            nothing.delay()
        given = time.perf_counter()
        _wait(results, count)
        done = time.perf_counter()
        _say("stop")
    sample = {"runs_per_second": count / (done - begun), "enqueued_per_second": count / (given - begun)}
    _say("result", sample=sample)


def _wait(results: Any, count: int) -> None:
    """Return when there are so many results."""
    while results.dbsize() < count:
        time.sleep(LOOK_SECONDS)


def _say(line: str, **more: Any) -> None:
    print(json.dumps({"line": line, **more}), flush=True)


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "worker":
        _work(*rest)
    else:
        _load(*rest)
