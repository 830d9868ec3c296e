// @tus/server with @tus/file-store, as their documentation sets them up: files in the folder named, which is made.
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

const server = new Server({ path: "/files", datastore: new FileStore({ directory: process.argv[2] }) });
const listening = server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  console.log(JSON.stringify({ port: listening.address().port }));
});
