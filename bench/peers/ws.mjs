// Plain WebSockets on Node: what comes on /publish goes to everyone on /room, what comes on /echo comes back.
import { WebSocketServer } from "ws";

const room = new Set();
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", backlog: 4096, perMessageDeflate: false });
server.on("connection", (socket, request) => {
  if (request.url === "/room") {
    room.add(socket);
    socket.on("close", () => room.delete(socket));
  } else if (request.url === "/publish") {
    socket.on("message", (data) => {
      const text = JSON.stringify(JSON.parse(data));
      for (const member of room) member.send(text);
    });
  } else {
    socket.on("message", (data) => socket.send(JSON.stringify(JSON.parse(data))));
  }
});
server.on("listening", () => console.log(JSON.stringify({ port: server.address().port })));
