/** Where a device's secrets are kept: whole, encrypted, and by one program at a time. */

import "fake-indexeddb/auto";
import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { fileStores } from "../../src/sealed/file.js";
import { indexedDbStores } from "../../src/sealed/indexeddb.js";
import { memoryStores, type OpenStore } from "../../src/sealed/store.js";

const SECRET = new TextEncoder().encode("a secret of some length");

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ymera-keys-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

function inFolder(folder: string): OpenStore {
  return fileStores({ folder, keyFile: join(folder, "key") });
}

test.each([
  ["memory", () => Promise.resolve(memoryStores())],
  ["a file", async () => inFolder(await newFolder())],
  ["IndexedDB", () => Promise.resolve(indexedDbStores(crypto.randomUUID()))],
])("what was written is there when it is opened again: %s", async (_, make) => {
  const open = await make();
  const store = await open("ada");
  await store.write(
    new Map([
      ["b/2", SECRET],
      ["b/1", SECRET],
      ["c", SECRET],
    ]),
  );
  await store.write(
    new Map([
      ["c", null],
      ["a", new Uint8Array([1])],
    ]),
  );
  await store.close();
  const again = await open("ada");
  expect((await again.list("b/")).map(([name]) => name)).toEqual(["b/1", "b/2"]);
  expect(new Uint8Array((await again.get("b/1")) ?? [])).toEqual(SECRET);
  expect(await again.get("c")).toBeUndefined();
  expect(await again.get("a")).toEqual(new Uint8Array([1]));
  await again.close();
  const other = await open("grace");
  expect(await other.list("")).toEqual([]);
  await other.close();
});

test("a file shows neither values nor names, opens with its own key only, and for one program at a time", async () => {
  const folder = await newFolder();
  const open = inFolder(folder);
  const store = await open("ada");
  await store.write(new Map([["room/1/keys", SECRET]]));
  await expect(open("ada")).rejects.toMatchObject({ code: "conflict" });
  await store.close();
  const text = await readFile(join(folder, "ada.sealed"), "utf8");
  const decoded = text
    .split("\n")
    .map((line) => Buffer.from(line, "base64").toString("latin1"))
    .join();
  for (const hidden of ["secret", "room/1"]) expect(text + decoded).not.toContain(hidden);
  const foreign = fileStores({ folder, keyFile: join(folder, "other key") });
  await expect(foreign("ada")).rejects.toMatchObject({ code: "internal" });
});

test("a file that was closed is left as it is, since another program may have it", async () => {
  const open = inFolder(await newFolder());
  const store = await open("ada");
  const last = store.write(new Map([["a", SECRET]]));
  const closed = store.close();
  await expect(store.write(new Map([["b", SECRET]]))).rejects.toMatchObject({ code: "unavailable" });
  await Promise.all([last, closed]);
  const next = await open("ada");
  await next.write(new Map([["c", SECRET]]));
  await expect(store.write(new Map([["b", SECRET]]))).rejects.toMatchObject({ code: "unavailable" });
  await next.close();
  const again = await open("ada");
  expect((await again.list("")).map(([name]) => name)).toEqual(["a", "c"]);
  await again.close();
});

test("a key is given as bytes or by a file, and is one of 32 bytes", async () => {
  const folder = await newFolder();
  const key = crypto.getRandomValues(new Uint8Array(32));
  const store = await fileStores({ folder, key })("ada");
  await store.write(new Map([["a", SECRET]]));
  await store.close();
  await writeFile(join(folder, "key"), Buffer.from(key).toString("base64"));
  const again = await inFolder(folder)("ada");
  expect(await again.get("a")).toEqual(SECRET);
  await again.close();
  expect((await stat(join(folder, "ada.sealed"))).mode & 0o077).toBe(0);
  await expect(fileStores({ folder, key: key.subarray(1) })("ada")).rejects.toMatchObject({
    code: "invalid",
    message: expect.stringContaining("32 bytes, not 31") as unknown,
  });
  expect(() => fileStores({ folder })).toThrow("keyFile");
  expect(() => fileStores({ folder, keyFile: join(folder, "key"), key })).toThrow("keyFile");
});

test("a file whose program has died is free, also for a program of the same id", async () => {
  const folder = await newFolder();
  const open = inFolder(folder);
  await (await open("ada")).close();
  for (const left of [`${process.pid} another`, "999999999 another", ""]) {
    await writeFile(join(folder, "ada.sealed.lock"), left);
    await (await open("ada")).close();
  }
});

test("a write that was cut off is as if it had not been", async () => {
  const folder = await newFolder();
  const open = inFolder(folder);
  const store = await open("ada");
  await store.write(new Map([["a", SECRET]]));
  await store.write(new Map([["b", SECRET]]));
  await store.close();
  const path = join(folder, "ada.sealed");
  const whole = await readFile(path, "utf8");
  await truncate(path, whole.length - 5);
  const cut = await open("ada");
  expect((await cut.list("")).map(([name]) => name)).toEqual(["a"]);
  await cut.close();
  await appendFile(path, "bm90aGluZw==\n");
  await expect(open("ada")).rejects.toMatchObject({ code: "internal" });
});

test("what IndexedDB holds is encrypted under a key that cannot be taken out, each under its own name", async () => {
  const name = crypto.randomUUID();
  const store = await indexedDbStores(name)("ada");
  await store.write(new Map([["a", SECRET]]));
  await store.close();
  const database = await new Promise<IDBDatabase>((resolve) => {
    const opening = indexedDB.open(`${name} ada`);
    opening.onsuccess = () => {
      resolve(opening.result);
    };
  });
  const read = <T>(table: string, key: string): Promise<T> =>
    new Promise((resolve) => {
      const asked = database.transaction(table).objectStore(table).get(key) as IDBRequest<T>;
      asked.onsuccess = () => {
        resolve(asked.result);
      };
    });
  const kept = await read<Uint8Array<ArrayBuffer>>("values", "a");
  expect(Buffer.from(kept).includes(Buffer.from(SECRET))).toBe(false);
  const key = await read<CryptoKey>("keys", "at rest");
  await expect(crypto.subtle.exportKey("raw", key)).rejects.toThrow();
  database.transaction("values", "readwrite").objectStore("values").put(kept, "b");
  database.close();
  const again = await indexedDbStores(name)("ada");
  await expect(again.get("b")).rejects.toThrow();
  await again.close();
});
