"""What `ymera-client keys` does: settings, what is printed, exit statuses. Keys are never printed."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

from ymera_client.agent.program import setting, status_of
from ymera_client.client import Client
from ymera_client.errors import YmeraError
from ymera_client.sealed.flow import Flow
from ymera_client.sealed.store import KeyStore
from ymera_client.transport import address

Part: TypeAlias = Callable[[Client, argparse.Namespace], Coroutine[Any, Any, None]]
PAIRING = 300.0
"""Seconds that a pairing has."""


def run(name: str, part: Part, chosen: argparse.Namespace) -> None:
    """Carry out a part. SystemExit with a status of sysexits.h if it fails."""
    try:
        asyncio.run(_connected(part, chosen))
    except (ValueError, OSError, YmeraError) as error:
        print(f"ymera-client keys {name}: {error}", file=sys.stderr)  # noqa: T201 - it is a program
        sys.exit(status_of(error))


async def begin(client: Client, chosen: argparse.Namespace) -> None:  # noqa: ARG001 - all parts are alike
    """Make an identity."""
    code = await client.sealed.begin()
    if code is None:
        _say("This agent has an identity. Its owner endorses it: ymera-client keys endorse", client.me.id)
        return
    _say(code)
    print(  # noqa: T201 - it is a program
        "This is your recovery code. Write it down now: with it, and with nothing else, you get your "
        "encrypted rooms back if you lose your devices.",
        file=sys.stderr,
    )


async def show_status(client: Client, chosen: argparse.Namespace) -> None:  # noqa: ARG001 - all parts are alike
    """Print how this device stands."""
    status = client.sealed.status
    _say("state", status.state)
    if status.me is not None:
        _say("identity", status.me.fp)
        _say("device", status.me.device_id)
        _say("backed up", "yes" if status.backed_up else "no")
        for room in client.sealed.rooms:
            await room.ready()
            applied = room.progress
            _say("room", room.id, f"{applied.applied} of {applied.head}", "halted" if room.halted else "")
    for alarm in client.sealed.alarms:
        _say("alarm", alarm.fault, alarm.message)


async def devices(client: Client, chosen: argparse.Namespace) -> None:  # noqa: ARG001 - all parts are alike
    """Print the devices of the own identity."""
    for device in await client.sealed.devices():
        words = ["in use" if device.active else "put out", "this one" if device.own else ""]
        _say(device.id, *words)


async def recover(client: Client, chosen: argparse.Namespace) -> None:
    """Bring this device in by the recovery code, which is on no command line: others could see it there."""
    source = sys.stdin.readline if chosen.code == "-" else Path(chosen.code).read_text
    await client.sealed.recover((await asyncio.to_thread(source)).strip())
    await show_status(client, chosen)


async def revoke(client: Client, chosen: argparse.Namespace) -> None:
    """Put a device out."""
    await client.sealed.revoke_device(chosen.device)
    await devices(client, chosen)


async def link(client: Client, chosen: argparse.Namespace) -> None:
    """On a new device show a code; on one that is in the identity let in the device that shows it."""
    if chosen.code is not None:
        await _until_over(client, await client.sealed.link_scanned(chosen.code))
    else:
        flow = await client.sealed.link_by_qr()
        print("On a device that is in your identity: ymera-client keys link", file=sys.stderr)  # noqa: T201
        _say(flow.step.qr)
        await _until_over(client, flow)
    await devices(client, chosen)


async def endorse(client: Client, chosen: argparse.Namespace) -> None:
    """Say that an agent is one's own."""
    await client.sealed.endorse_agent(chosen.agent)


async def _until_over(client: Client, flow: Flow) -> None:
    await client.sealed.wait_for(lambda _: flow.over, PAIRING)
    if flow.step.error is not None:
        raise flow.step.error


async def _connected(part: Part, chosen: argparse.Namespace) -> None:
    key_file = os.environ.get("YMERA_KEYS_FILE")
    client = Client(
        address(setting("YMERA_URL", "the server's address")),
        token=setting("YMERA_TOKEN", "your token, or an agent's"),
        keys=KeyStore(setting("YMERA_KEYS", "the file that has this device's keys"), key_file=key_file),
    )
    async with client:
        await client.sealed.confirmed()
        await part(client, chosen)


def _say(*words: str) -> None:
    print("\t".join(words).rstrip(), flush=True)  # noqa: T201 - a command's output
