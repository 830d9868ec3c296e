// Socket.IO on Node, as its documentation sets it up: everybody but the publisher is in one room, `publish` goes to that room,
// `ask` is acknowledged. Options: --engine ws|eiows, --redis SOCKET with --adapter pubsub|streams.
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { Server } from "socket.io";

const { values } = parseArgs({
  options: {
    engine: { type: "string", default: "ws" },
    redis: { type: "string" },
    adapter: { type: "string", default: "pubsub" },
  },
});

const options = { perMessageDeflate: false, httpCompression: false, serveClient: false };
if (values.engine === "eiows") options.wsEngine = (await import("eiows")).Server;
if (values.redis) {
  const { createClient } = await import("redis");
  const client = createClient({ socket: { path: values.redis } });
  await client.connect();
  if (values.adapter === "streams") {
    const { createAdapter } = await import("@socket.io/redis-streams-adapter");
    options.adapter = createAdapter(client);
  } else {
    const { createAdapter } = await import("@socket.io/redis-adapter");
    const subscriber = client.duplicate();
    await subscriber.connect();
    options.adapter = createAdapter(client, subscriber);
  }
}

const server = createServer();
const io = new Server(server, options);
io.on("connection", (socket) => {
  if (!socket.handshake.query.publisher) socket.join("room");
  socket.on("publish", (event) => io.to("room").emit("event", event));
  socket.on("ask", (question, answer) => answer({ ok: true, result: question }));
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  console.log(JSON.stringify({ port: server.address().port }));
});
