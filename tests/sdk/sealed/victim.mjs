/**
 * A program on the JavaScript client that is in sealed rooms, for tests that attack it.
 *
 * `node victim.mjs URL TOKEN [idle]`; it says `{ready}` once it has begun an identity, or if it is to be idle, once it
 * knows how it stands. Each line of its input is `{id, do, …}`, answered with `{id, result}` or
 * `{id, error: {code, fault}}`.
 */

import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";

import { Client, programToken } from "../../../client-sdk/js/dist/index.js";
import { memoryKeys } from "../../../client-sdk/js/dist/node.js";

const [url, token, idle] = process.argv.slice(2);
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

const whispers = [];
const heard = new Set();
client.on("whispered", ({ memberId, content }) => {
  whispers.push({ from: memberId, ...content });
  for (const look of heard) look();
});

const deeds = {
  /** One of the calls of `client.sealed`, by its name. */
  sealed: ({ method, args }) => client.sealed[method](...args),
  async begins({ how, args = [] }) {
    const flow = await client.sealed[how](...args);
    return { id: flow.id, ...flow.state.get() };
  },
  /** What a pairing shows once it is at this step, or has failed. */
  async flow({ flow: id, step }) {
    const { pairings } = client.sealed;
    const flow = await until(pairings, () =>
      pairings.get().find((each) => each.id === id),
    );
    const shown = await until(flow.state, () => {
      const now = flow.state.get();
      return now.step === step || now.step === "failed" ? now : null;
    });
    return shown.step === "failed"
      ? {
          step: "failed",
          fault: shown.error.data?.fault ?? shown.error.code,
          why: shown.error.message,
        }
      : shown;
  },
  async confirm({ flow: id }) {
    await client.sealed.pairings
      .get()
      .find((each) => each.id === id)
      .confirm();
  },
  differ: ({ flow: id }) =>
    client.sealed.pairings
      .get()
      .find((each) => each.id === id)
      .differ(),
  state: () => client.sealed.status.get().state,
  async became({ state }) {
    await until(
      client.sealed.status,
      () => client.sealed.status.get().state === state,
    );
  },
  /** The members of a room, once there are so many. */
  async members({ room, count }) {
    const view = client.sealed.room(room);
    return until(view, () =>
      view.get()?.members.length === count ? view.get().members : null,
    );
  },
  /** The content of a room, once all up to a seq is in it. */
  async content({ room, seq }) {
    const live = client.room(room);
    await live.ready;
    const view = client.sealed.room(room);
    await until(view, () => (view.get()?.progress.applied ?? 0) >= seq);
    await until(live, () => live.cursor >= seq);
    return live.state;
  },
  call: ({ name, payload }) => client.call(name, payload),
  /** What was whispered, once it is so much. */
  whispers: ({ count }) =>
    until(
      { subscribe: (look) => (heard.add(look), () => heard.delete(look)) },
      () => (whispers.length >= count ? whispers : null),
    ),
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
  async shows({ room, form }) {
    const view = client.sealed.room(room);
    await until(view, () => view.get()?.form === form);
  },
  async alarm({ fault }) {
    const { status } = client.sealed;
    return until(status, () =>
      status.get().alarms.find((alarm) => alarm.fault === fault),
    );
  },
};

const answer = async (deed) => deed();

await client.connect();
if (idle) await client.sealed.settled();
else {
  await until(
    client.sealed.status,
    () => client.sealed.status.get().state === "none",
  );
  await client.sealed.begin();
}
console.log(JSON.stringify({ ready: client.me.id }));

for await (const line of createInterface({ input: process.stdin })) {
  const { id, do: deed, ...given } = JSON.parse(line);
  answer(() => deeds[deed](given)).then(
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
