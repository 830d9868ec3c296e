"""Stock python-socketio on aiohttp and uvloop, as its documentation sets it up.

Everybody but the publisher is in one room, `publish` goes to that room, `ask` is acknowledged. With the path
of a Redis socket as its argument, several of these serve one room through python-socketio's Redis manager.
"""

import json
import socket
import sys
from typing import Any

import socketio
import uvloop
from aiohttp import web

redis = sys.argv[1] if len(sys.argv) > 1 else None
manager = socketio.AsyncRedisManager(f"unix://{redis}") if redis else None
server = socketio.AsyncServer(async_mode="aiohttp", client_manager=manager, http_compression=False)


@server.event
async def connect(sid: str, environ: dict[str, Any]) -> None:
    """Put everybody but the publisher into the room."""
    if "publisher" not in environ["QUERY_STRING"]:
        await server.enter_room(sid, "room")


@server.event
async def publish(_: str, event: dict[str, Any]) -> None:
    """Send an event to the room."""
    await server.emit("event", event, room="room")


@server.event
async def ask(_: str, question: dict[str, Any]) -> dict[str, Any]:
    """Answer at once."""
    return {"ok": True, "result": question}


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    app = web.Application()
    server.attach(app)
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    uvloop.install()
    web.run_app(app, sock=listener, print=None, access_log=None)
