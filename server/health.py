"""Whether this node lives, whether it should get traffic, and what it measures."""

from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from persistence.database import Pool, reachable
from server.bus import Bus
from server.metrics import REGISTRY
from server.siblings import Siblings

DATABASE_SECONDS = 2.0


@dataclass(slots=True)
class Health:
    """A node's answers to load balancers and Prometheus."""

    pool: Pool
    bus: Bus | None
    siblings: Siblings | None = None
    draining: bool = False

    def drain(self) -> None:
        """Be not ready from now on."""
        self.draining = True

    async def checks(self) -> dict[str, str]:
        """What readiness stands on; each value is `ok` or what is wrong."""
        latency = await reachable(self.pool, DATABASE_SECONDS)
        found = {
            "database": "ok" if latency is not None else "does not answer",
            "serving": "ok" if not self.draining else "is shutting down",
        }
        if self.bus is not None:
            found["redis"] = "ok" if not self.bus.deaf else "this node hears nothing through Redis"
        return found

    async def live(self, _: web.Request) -> web.Response:
        """`GET /health/live`: 200 as long as the process can answer."""
        return _json(200, {"status": "live"})

    async def ready(self, _: web.Request) -> web.Response:
        """`GET /health/ready`: 200, or 503 and why this node should get no new clients."""
        checks = await self.checks()
        good = all(value == "ok" for value in checks.values())
        return _json(200 if good else 503, {"status": "ready" if good else "not ready", "checks": checks})

    async def metrics(self, _: web.Request) -> web.Response:
        """`GET /metrics`: in Prometheus' text format, of all workers where there are several."""
        body = generate_latest(REGISTRY) if self.siblings is None else await self.siblings.metrics()
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    def add_routes(self, app: web.Application) -> None:
        """Serve the three."""
        app.router.add_get("/health/live", self.live)
        app.router.add_get("/health/ready", self.ready)
        app.router.add_get("/metrics", self.metrics)


def _json(status: int, body: Any) -> web.Response:
    return web.Response(
        status=status,
        body=orjson.dumps(body),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
