"""The program `ymera-client mcp`: its settings from command line and environment, signals, exit statuses.

Standard output belongs to the protocol: whatever is to be said goes to standard error.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys

from ymera_client.agent.program import SIGNALS, setting, status_of
from ymera_client.errors import YmeraError
from ymera_client.generated import Capability
from ymera_client.mcp.desk import Desk
from ymera_client.mcp.transports import Http, Stdio, Transport
from ymera_client.transport import address

MIN_TOKEN = 20
"""Characters of the token that HTTP clients show."""
DESCRIPTION = "Does tasks as a coding assistant, which takes them itself."
INPUT = {"type": "object", "properties": {"instructions": {"type": "string", "title": "What is to be done"}}}
"""Tasks say all; a run without one says it in its instructions."""


def run(chosen: argparse.Namespace) -> None:
    """Serve until the client has gone or a signal comes, then hand back what is held.

    SystemExit with a message on standard error and a status of sysexits.h: 78 if a setting is missing or
    malformed, 77 if the agent's token is refused, 69 if no server is reached or the address cannot be had.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("mcp").setLevel(logging.WARNING)
    try:
        desk, transport = _desk(chosen), _transport(chosen)
        asyncio.run(_live(desk, transport))
    except (ValueError, OSError, YmeraError) as error:
        _say(error)
        sys.exit(_status(error))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


async def _live(desk: Desk, transport: Transport) -> None:
    async with desk:
        serving = asyncio.create_task(transport.serve(desk))
        stopped = asyncio.Event()
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        signaled = asyncio.create_task(stopped.wait())
        await asyncio.wait({serving, signaled, desk.ended}, return_when=asyncio.FIRST_COMPLETED)
        signaled.cancel()
        fault = desk.ended.exception() if desk.ended.done() else None
        transport.stop()
    if not transport.interruptible and not serving.done():
        # Its reading thread cannot be interrupted, and the interpreter would wait for it.
        _say(fault)
        logging.shutdown()
        os._exit(0 if fault is None else _status(fault))
    await serving
    if fault is not None:
        raise fault


def _desk(chosen: argparse.Namespace) -> Desk:
    url = address(setting("YMERA_URL", "the server's address"))
    token = setting("YMERA_TOKEN", "the agent's token, which agent.register has given")
    capability = Capability(
        name=chosen.capability, description=DESCRIPTION, concurrency=chosen.concurrency, input=INPUT
    )
    return Desk(url, token, capability)


def _transport(chosen: argparse.Namespace) -> Transport:
    if chosen.http is None:
        return Stdio()
    token = setting("YMERA_MCP_TOKEN", "a secret of your own, which MCP clients send as a bearer token")
    if len(token) < MIN_TOKEN:
        raise ValueError(f"YMERA_MCP_TOKEN: takes at least {MIN_TOKEN} characters that nobody can guess.")
    host, _, port = chosen.http.rpartition(":")
    if not port.isdecimal() or int(port) > 65_535:
        raise ValueError(f"--http: {chosen.http!r} is no address such as 127.0.0.1:8765, nor a port.")
    return Http(host.strip("[]") or "127.0.0.1", int(port), token, chosen.allow_host)


def _say(error: BaseException | None) -> None:
    if error is not None:
        print(f"ymera-client mcp: {error}", file=sys.stderr)  # noqa: T201 - it is a program


def _status(error: BaseException) -> int:
    return os.EX_UNAVAILABLE if isinstance(error, OSError) else status_of(error)
