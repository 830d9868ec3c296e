/**
 * A program on the JavaScript client that is in sealed rooms, for tests that attack it.
 *
 * `node victim.mjs URL TOKEN`; it says `{ready}` once it has an identity. Each line of its input is `{id, do, …}`,
 * answered with `{id, result}` or `{id, error: {code, fault}}`.
 */

import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";

import { Client, programToken } from "../../../client-sdk/js/dist/index.js";
import { memoryKeys } from "../../../client-sdk/js/dist/node.js";

const [url, token] = process.argv.slice(2);
const client = new Client({
  url,
  credentials: programToken(token),
  keys: memoryKeys(),
});

function until(watched, holds) {
  return new Promise((resolve) => {
    const look = () => {
      const found = holds();
      if (found === undefined || found === null || found === false) return;
      stop();
      resolve(found);
    };
    const stop = watched.subscribe(look);
    look();
  });
}

const deeds = {
  /** Why the room stands still, once it does. */
  async halted({ room }) {
    const view = client.sealed.room(room);
    return until(view, () => view.get()?.halted ?? null);
  },
  /** The mark at a seq, once there is one. */
  async mark({ room, seq }) {
    const view = client.sealed.room(room);
    return until(view, () =>
      view.get()?.marks.find((mark) => mark.seq === seq),
    );
  },
  /** The texts of the messages, once there are just so many. */
  async texts({ room, count }) {
    const live = client.room(room);
    await live.ready;
    const texts = () =>
      Object.values(live.state.messages)
        .sort((one, other) => one.seq - other.seq)
        .map((message) => message.text);
    return until(live, () => (texts().length === count ? texts() : null));
  },
  async say({ room, text }) {
    const message = await client.call("message.send", {
      room,
      id: randomUUID(),
      text,
    });
    return message.seq;
  },
  async alarm({ fault }) {
    const { status } = client.sealed;
    return until(status, () =>
      status.get().alarms.find((alarm) => alarm.fault === fault),
    );
  },
};

await client.connect();
await until(
  client.sealed.status,
  () => client.sealed.status.get().state === "none",
);
await client.sealed.begin();
console.log(JSON.stringify({ ready: client.me.id }));

for await (const line of createInterface({ input: process.stdin })) {
  const { id, do: deed, ...given } = JSON.parse(line);
  deeds[deed](given).then(
    (result) => console.log(JSON.stringify({ id, result })),
    (error) =>
      console.log(
        JSON.stringify({
          id,
          error: {
            code: error.code,
            fault: error.data?.fault ?? null,
            message: error.message,
          },
        }),
      ),
  );
}
await client.close();
