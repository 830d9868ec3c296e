/**
 * A program on the JavaScript client that keeps its keys and its commands in files, for tests that ask it for things.
 *
 * `node program.mjs URL TOKEN FOLDER [plain|hasty]`; it says `{ready}` once it is connected, and knows how its device
 * stands unless it is `hasty`; `plain` has no keys. Each line of its input is
 * `{id, do, args}`, answered with `{id, result}` or `{id, error: {code, message}}`.
 */

import { join } from "node:path";
import { createInterface } from "node:readline";

import { Client, programToken } from "../../../client-sdk/js/dist/index.js";
import { fileStorage, uploadStorage } from "../../../client-sdk/js/dist/node.js";
import { fileStores } from "../../../client-sdk/js/dist/sealed/file.js";
import { inlineKeys } from "../../../client-sdk/js/dist/sealed/keys.js";

const [url, token, folder, mode] = process.argv.slice(2);
const stores = fileStores({ folder: join(folder, "stores"), keyFile: join(folder, "key") });
let store;
const client = new Client({
  url,
  credentials: programToken(token),
  storage: fileStorage(join(folder, "stores", "outbox")),
  uploads: uploadStorage(join(folder, "stores", "uploads")),
  ...(mode === "plain" ? {} : { keys: inlineKeys(async (account) => (store = await stores(account))) }),
});

function until(watched, holds) {
  return new Promise((resolve) => {
    const look = () => {
      const found = holds();
      if (!found) return;
      stop();
      resolve(found);
    };
    const stop = watched.subscribe(look);
    look();
  });
}

const deeds = {
  call: (name, payload) => client.call(name, payload),
  sealed: (method, ...args) => client.sealed[method](...args),
  /** Waits until something with this text is in a room. */
  async sees(room, text) {
    const live = client.room(room);
    await live.ready;
    await until(live, () => JSON.stringify(live.state).includes(text));
  },
  /** Waits until the member is in a room no more. */
  leaves: (room) => until(client.inbox, () => client.inbox.get("memberships", room) === undefined),
  /** Does what another member has asked for: compares digits, which are the same. */
  async verifies() {
    const { pairings } = client.sealed;
    const flow = await until(pairings, () => pairings.get().find((each) => each.state.get().step === "asked"));
    await flow.confirm();
    await until(flow.state, () => flow.state.get().step === "compare");
    await flow.confirm();
    await until(flow.state, () => flow.state.get().step === "done");
  },
  upload: (room, text, options) => client.files.upload(room, new Blob([text]), options).done,
  async download(id) {
    return (await (await client.files.download(id)).blob()).text();
  },
  /** All that the device keeps, decrypted: pairs of a name and a text. */
  async kept() {
    return (await store.list("")).map(([name, value]) => [name, Buffer.from(value).toString("utf8")]);
  },
};

await client.connect();
if (mode === undefined) await client.sealed.settled();
console.log(JSON.stringify({ ready: client.me.id }));

for await (const line of createInterface({ input: process.stdin })) {
  const { id, do: deed, args } = JSON.parse(line);
  Promise.resolve()
    .then(() => deeds[deed](...args))
    .then(
      (result) => console.log(JSON.stringify({ id, result })),
      ({ code, message }) => console.log(JSON.stringify({ id, error: { code: code ?? "failed", message } })),
    );
}
await client.close();
