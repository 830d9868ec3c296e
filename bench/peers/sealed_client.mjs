// A page written with the TypeScript SDK, with its keys in a worker, that is in an encrypted room: it begins, or reads
// all that was said.
import { Client, memoryStorage, programToken, workerKeys } from "../../client-sdk/js/src/index.ts";

/** Makes an identity. */
async function begin(client) {
  await client.connect();
  const { status } = client.sealed;
  await until(status, () => status.get().state === "none");
  await client.sealed.begin();
  await until(status, () => status.get().me !== null);
  return { fp: status.get().me.fp };
}

/** Comes back, and has the room up to a seq; what stands there is shown, if it is a message. */
async function read(client, id, last) {
  const begun = performance.now();
  await client.connect();
  const [room, view] = [client.room(id), client.sealed.room(id)];
  await until(view, () => (view.get()?.progress.applied ?? 0) >= last);
  const seqs = () => Object.values(room.state.messages ?? {}).map(({ seq }) => seq);
  await until(room, () => seqs().length === 0 || Math.max(...seqs()) >= last);
  return { seconds: (performance.now() - begun) / 1e3 };
}

function until(source, condition) {
  return new Promise((resolve) => {
    const look = () => {
      if (!condition()) return;
      stop();
      resolve();
    };
    const stop = source.subscribe(look);
    look();
  });
}

async function run(token, id, last) {
  const worker = () => new Worker("/assets/worker.mjs", { type: "module" });
  const keys = workerKeys({ worker });
  const client = new Client({ credentials: programToken(token), storage: memoryStorage(), keys });
  try {
    return await (id === undefined ? begin(client) : read(client, id, last));
  } finally {
    await client.close();
  }
}

globalThis.run = run;
