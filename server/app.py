"""The node: everything wired together, started in order and stopped in reverse.

Reading order: `run` is the program, `node` the parts and their lifetimes.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import structlog
import uvloop
from aiohttp import web

from handlers import accounts
from handlers.dispatch import Dispatcher
from handlers.tools import Tools
from persistence import migrations, workspace
from persistence.database import OnQuery, Pool, clock, connect_pool
from persistence.ids import new_id
from persistence.quotas import Limits
from persistence.storage import Bucket, Credentials, Storage
from protocol.rooms import LoggedEvent
from server import context, credentials, embedded, greeting, logs, metrics, rest
from server.analysis.pool import Pool as Readers
from server.analyst import Analyst
from server.bus import Bus
from server.edge import Edge
from server.fanout import Fanout
from server.health import Health
from server.housekeeping import Housekeeping
from server.hub import Hub
from server.intake import Intake
from server.malware import Scanner
from server.pages import Pages
from server.receiving import Receiver
from server.redis_address import Client, RedisAddress
from server.renewal import Renewal
from server.scheduler import Scheduler
from server.settings import Settings, port_in_use
from server.siblings import Siblings
from server.tasks import Tasks

logger = structlog.get_logger(__name__)

LISTEN_BACKLOG = 4_096
"""Connections that wait to be accepted: those that find no place try again only after seconds."""


@dataclass(frozen=True, slots=True)
class Node:
    """A running server. `port` is the one it listens on, also where the settings said 0."""

    settings: Settings
    port: int
    pool: Pool
    fanout: Fanout
    hub: Hub
    dispatcher: Dispatcher
    health: Health

    @property
    def url(self) -> str:
        """The address on this machine."""
        return replace(self.settings, port=self.port, public_url=None).base_url

    async def open_set_up(self) -> str | None:
        """While there is no account: a new secret that makes the first one, in place of any before."""
        async with self.pool.acquire() as tx, tx.transaction():
            return await accounts.open_set_up(tx)


@asynccontextmanager
async def node(
    settings: Settings, dsn: str, *, redis_url: str | None = None, siblings: Siblings | None = None
) -> AsyncIterator[Node]:
    """A node that serves for the length of the block, on a migrated database.

    `redis_url` is that of an embedded Redis, used where the settings name none. With `siblings` it
    shares its port with other processes.
    """
    async with AsyncExitStack() as stack:
        pool = await connect_pool(dsn, size=settings.database_pool_size, on_query=_observe(settings))
        stack.push_async_callback(pool.close)
        workspace_id, generation = await _prepare(pool)
        node_id = new_id()

        fanout = Fanout(pool, node_id)
        stack.push_async_callback(fanout.close)
        shared, bus = await _redis(stack, settings.redis_url or redis_url, workspace_id, node_id, fanout)
        fanout.start(bus)
        hub = Hub(fanout, workspace_id)
        await hub.start()
        stack.push_async_callback(hub.close)

        async def publish(events: list[LoggedEvent]) -> None:
            for event in events:
                metrics.events.labels(event.type).inc()
            fanout.publish(events)
            scheduler.on_events(events)
            analyst.on_events(events)

        app = web.Application(client_max_size=settings.max_message_bytes)
        app[context.SETTINGS], app[context.POOL] = settings, pool
        app[context.PUBLISH], app[context.REDIS] = publish, shared
        app[context.STORE] = _store(stack, settings)
        rest.setup(app, workspace_id)
        health = Health(pool, bus, siblings)
        health.add_routes(app)
        dispatcher = Dispatcher(pool, publish, _tools(app, fanout))
        app[context.DISPATCHER], app[context.INTAKE] = dispatcher, _intake(app, dispatcher)
        stack.push_async_callback(dispatcher.close)
        scheduler = _scheduler(stack, pool, dispatcher, hub)
        analyst = _analyst(stack, app)
        edge = _edge(app, hub, dispatcher, generation)
        edge.start()
        edge.add_routes(app)
        Pages(files_url=settings.files_url).add_routes(app)
        port = await _listen(stack, app, settings, siblings)
        stack.push_async_callback(edge.drain, settings.shutdown_grace_seconds)
        _sample(stack, pool, fanout, hub, bus)
        _keep_house(stack, app)
        stack.callback(health.drain)
        yield Node(settings, port, pool, fanout, hub, dispatcher, health)


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is running."""
    logs.configure(settings)
    with embedded.database(settings, sole=True) as dsn:
        uvloop.run(_serve(settings, dsn))


async def _serve(settings: Settings, dsn: str) -> None:
    await migrations.upgrade(dsn)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with node(settings, dsn) as running:
        greeting.greet(replace(settings, port=running.port), await running.open_set_up())
        await stop.wait()
        logger.info("draining", grace_seconds=settings.shutdown_grace_seconds)


async def _prepare(pool: Pool) -> tuple[str, str]:
    """The workspace's id and the log's generation, made or renewed where need be."""
    async with pool.acquire() as tx, tx.transaction():
        found = await workspace.ensure(tx, workspace.DEFAULT_NAME, await clock(tx))
        if await workspace.check_generation(tx):
            logger.warning("log_generation_changed", reason="this is another database cluster")
        return found.id, await workspace.generation(tx)


async def _redis(
    stack: AsyncExitStack, url: str | None, workspace_id: str, node_id: str, fanout: Fanout
) -> tuple[Client | None, Bus | None]:
    if url is None:
        return None, None
    shared = await stack.enter_async_context(RedisAddress.parse(url).client())
    bus = Bus(url, workspace_id, node_id, fanout.on_message, on_recovered=fanout.repair_all)
    bus.start()
    stack.push_async_callback(bus.close)
    return shared, bus


def _edge(app: web.Application, hub: Hub, dispatcher: Dispatcher, generation: str) -> Edge:
    pool, keyring = app[context.POOL], app[context.KEYRING]
    return Edge(
        app[context.SETTINGS],
        hub,
        dispatcher,
        authenticate=partial(credentials.authenticate, pool, keyring),
        refresh=Renewal(pool, keyring, app[context.SIGN_IN]),
        workspace=partial(workspace.current, pool),
        generation=generation,
        throttle=app[context.LIMITS],
    )


def _scheduler(stack: AsyncExitStack, pool: Pool, dispatcher: Dispatcher, hub: Hub) -> Scheduler:
    scheduler = Scheduler(pool, dispatcher, hub.tell_instance)
    scheduler.start()
    stack.push_async_callback(scheduler.close)
    return scheduler


def _analyst(stack: AsyncExitStack, app: web.Application) -> Analyst:
    settings = app[context.SETTINGS]
    readers = Readers(settings.analysis_workers)
    stack.push_async_callback(readers.close)
    analyst = Analyst(
        app[context.POOL],
        app[context.DISPATCHER],
        app[context.STORE],
        readers,
        None if settings.clamav is None else Scanner.parse(settings.clamav),
        at_once=settings.analysis_workers,
    )
    analyst.start()
    stack.push_async_callback(analyst.close)
    return analyst


def _keep_house(stack: AsyncExitStack, app: web.Application) -> None:
    tasks = Tasks()
    retention = timedelta(hours=app[context.SETTINGS].log_retention_hours)
    housekeeping = Housekeeping(app[context.POOL], app[context.DISPATCHER], app[context.STORE], retention)
    tasks.spawn(housekeeping.run(), "housekeeping")
    stack.push_async_callback(tasks.close)


def _store(stack: AsyncExitStack, settings: Settings) -> Storage:
    if settings.storage_url is None:
        store = Storage.in_folder(settings.data_dir / "files")
    else:
        credentials = None
        if settings.storage_key_id is not None and settings.storage_secret is not None:
            credentials = Credentials(settings.storage_key_id, settings.storage_secret)
        bucket = Bucket.parse(settings.storage_url)
        store = Storage.in_bucket(bucket, credentials, redirect=settings.storage_redirect)
    stack.callback(store.close)
    return store


def _intake(app: web.Application, dispatcher: Dispatcher) -> Intake:
    keep_for = timedelta(days=app[context.SETTINGS].upload_days)
    receiver = Receiver(app[context.POOL], app[context.STORE], keep_for)
    return Intake(receiver, dispatcher, dispatcher.tools.limits)


def _tools(app: web.Application, fanout: Fanout) -> Tools:
    settings = app[context.SETTINGS]
    limits = Limits(
        room=settings.project_bytes, member=settings.member_daily_bytes, largest=settings.max_file_bytes
    )
    return Tools(
        settings.base_url,
        app[context.SEAL],
        link=app[context.FILE_LINKS].make,
        checked=settings.clamav is not None,
        limits=limits,
        tell=fanout.tell,
    )


async def _listen(
    stack: AsyncExitStack, app: web.Application, settings: Settings, siblings: Siblings | None
) -> int:
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(
        runner, settings.host, settings.port, reuse_port=siblings is not None, backlog=LISTEN_BACKLOG
    )
    try:
        await site.start()
    except OSError as error:
        raise port_in_use(settings, error) from error
    if siblings is not None:
        await siblings.listen(stack)
    port: int = runner.addresses[0][1]
    return port


def _observe(settings: Settings) -> OnQuery:
    """Counts and times statements; logs the slow ones by name."""

    def observe(name: str, seconds: float, error: BaseException | None) -> None:
        metrics.queries.observe((name,), seconds)
        if error is not None:
            metrics.query_errors.labels(name).inc()
        if seconds * 1000 > settings.slow_query_ms:
            logger.warning("slow_query", query=name, seconds=round(seconds, 3))

    return observe


def _sample(stack: AsyncExitStack, pool: Pool, fanout: Fanout, hub: Hub, bus: Bus | None) -> None:
    """Show this node's gauges in /metrics while it runs."""
    gauges: dict[str, tuple[str, Callable[[], float]]] = {
        "ymera_connections": ("Client connections.", lambda: len(hub)),
        "ymera_live_rooms": ("Rooms with somebody in them on this node.", lambda: fanout.rooms),
        "ymera_queued_packets": ("Packets that clients have yet to take.", hub.queued),
        "ymera_events_delivered": ("Events handed to live rooms.", lambda: fanout.delivered),
        "ymera_events_repaired": ("Events found by reading the log.", lambda: fanout.repaired),
        "ymera_pool_connections": ("Connections to PostgreSQL.", pool.get_size),
        "ymera_pool_idle_connections": ("Of those, idle.", pool.get_idle_size),
        "ymera_pool_max_connections": ("Most there can be.", pool.get_max_size),
    }
    if bus is not None:
        gauges["ymera_bus_backlog"] = ("Messages waiting for Redis.", lambda: bus.backlog)
        gauges["ymera_bus_dropped"] = ("Messages that Redis did not take.", lambda: bus.dropped)
        gauges["ymera_bus_deaf"] = ("1 while this node hears nothing.", lambda: float(bus.deaf))
    sampled = metrics.Sampled(gauges)
    metrics.REGISTRY.register(sampled)
    stack.callback(metrics.REGISTRY.unregister, sampled)
