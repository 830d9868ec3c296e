// A program written with the TypeScript SDK on Node that puts one large file into a room, and gets it back; in an
// encrypted one that is made for it, if the room is "sealed". It prints one JSON line: what either took of the clock,
// of the processor, and of memory at most.
import { randomBytes } from "node:crypto";
import { open, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Client, programToken } from "../.build/sdk/index.js";
import { fileContent, fileKeys, fileLanding } from "../.build/sdk/node.js";

const MIB = 1024 * 1024;

/** What comes of it, and what it took; names of figures begin with `name`. */
async function measured(name, mib, work) {
  // From here on the kernel notes anew how much memory there was at most.
  await writeFile("/proc/self/clear_refs", "5");
  const [begun, before] = [performance.now(), process.cpuUsage()];
  const found = await work();
  const seconds = (performance.now() - begun) / 1e3;
  const { user, system } = process.cpuUsage(before);
  const took = {
    mib_per_second: mib / seconds,
    cpu_ms_per_mib: (user + system) / 1e3 / mib,
    peak_mib: await peakMib(),
  };
  return [found, Object.fromEntries(Object.entries(took).map(([key, value]) => [`${name}_${key}`, value]))];
}

async function peakMib() {
  return Number(/^VmHWM:\s+(\d+)/m.exec(await readFile("/proc/self/status", "utf8"))[1]) / 1024;
}

/** Puts a file of so many MiB into a room, and gets it back. */
async function upAndDown(client, room, folder, mib) {
  const [source, copy] = [join(folder, "source"), join(folder, "copy")];
  const block = randomBytes(MIB);
  const given = await open(source, "w");
  for (let written = 0; written < mib; written += 1) await given.writeFile(block);
  await given.close();
  const content = await fileContent(source);
  const [file, up] = await measured("up", mib, () => client.files.upload(room, content).done);
  const [, down] = await measured("down", mib, () => client.files.save(file.id, fileLanding(copy)));
  await compare(copy, block, mib);
  await rm(source);
  await rm(copy);
  return { ...up, ...down };
}

async function compare(copy, block, mib) {
  const file = await open(copy);
  const found = Buffer.alloc(MIB);
  for (let read = 0; read < mib; read += 1) {
    await file.read(found, 0, MIB, read * MIB);
    if (!found.equals(block)) throw new Error(`other bytes came back in MiB ${read}`);
  }
  await file.close();
}

async function sealedRoom(client) {
  if ((await client.sealed.settled()) === "none") await client.sealed.begin();
  return client.sealed.createRoom({ form: "conversation", name: "Files" });
}

const [url, token, folder, room, mib] = process.argv.slice(2);
const keys = fileKeys({ folder: join(folder, "keys"), keyFile: join(folder, "key") });
const client = new Client({ url, credentials: programToken(token), keys });
await client.connect();
try {
  const where = room === "sealed" ? await sealedRoom(client) : room;
  console.log(JSON.stringify(await upAndDown(client, where, folder, Number(mib))));
} finally {
  await client.close();
}
