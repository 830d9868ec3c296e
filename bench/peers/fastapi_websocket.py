"""Plain WebSockets on FastAPI and uvicorn, in the way of its documentation's broadcast example.

What comes on /publish goes to everyone on /room, what comes on /echo comes back.
"""

import json
import socket

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
room: dict[WebSocket, None] = {}


@app.websocket("/room")
async def listen(websocket: WebSocket) -> None:
    """Be in the room until the connection ends."""
    await websocket.accept()
    room[websocket] = None
    try:
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        del room[websocket]


@app.websocket("/publish")
async def publish(websocket: WebSocket) -> None:
    """Send each message to the room."""
    await websocket.accept()
    try:
        while True:
            text = json.dumps(await websocket.receive_json())
            for member in list(room):
                await member.send_text(text)
    except WebSocketDisconnect:
        return


@app.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    """Return each message."""
    await websocket.accept()
    try:
        while True:
            await websocket.send_json(await websocket.receive_json())
    except WebSocketDisconnect:
        return


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    config = uvicorn.Config(
        app, loop="uvloop", ws_per_message_deflate=False, log_level="warning", access_log=False
    )
    uvicorn.Server(config).run(sockets=[listener])
