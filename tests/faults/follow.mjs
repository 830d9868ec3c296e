/**
 * A program on the JavaScript client: follows a room and says, in lines of JSON, where it stands.
 *
 * `node follow.mjs URL TOKEN ROOM`; each line of its input is a seq, answered with the state once it is reached.
 */

import { createInterface } from "node:readline";

import { Client, programToken } from "../../client-sdk/js/dist/index.js";

const [url, token, id] = process.argv.slice(2);
const client = new Client({ url, credentials: programToken(token) });
await client.connect();
const room = client.room(id);
await room.ready;
console.log(JSON.stringify({ cursor: room.cursor }));

for await (const line of createInterface({ input: process.stdin })) {
  const head = Number(line);
  await new Promise((resolve) => {
    const look = () => {
      if (room.cursor >= head) resolve();
    };
    room.subscribe(look);
    look();
  });
  console.log(JSON.stringify({ cursor: room.cursor, state: room.state }));
}
await client.close();
