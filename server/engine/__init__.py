"""Engine.IO 4 on aiohttp: sessions over HTTP long polling and WebSocket, and the step from one to the other.

Reading order: `websocket` is frames without a socket, `packet` what sessions exchange, `session` one client,
`server` the handshakes and heartbeats, `takeover` where aiohttp's interfaces end.
"""
