/** What every storage promises, and what each of them promises besides. */

import "fake-indexeddb/auto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { openIndexedDb, memoryStorage, type CommandStorage, type QueuedCommand } from "../src/index.js";
import { fileStorage } from "../src/node.js";

let folder: string;
let names = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ymera-storage-"));
  names += 1;
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await rm(folder, { recursive: true });
});

function entry(id: string, account: string | null = "me"): QueuedCommand {
  const payload = { room: "apollo", text: "Grüße 🚀\n" };
  return { id, account, name: "message.send", payload, lane: "apollo", calledAt: 1, optimistic: [] };
}

async function ids(storage: CommandStorage, account = "me"): Promise<string[]> {
  return (await storage.claim(account)).map((each) => each.id).toSorted();
}

const kinds: Record<string, () => CommandStorage | Promise<CommandStorage>> = {
  memory: memoryStorage,
  file: () => fileStorage(join(folder, "deep", "outbox.jsonl")),
  IndexedDB: () => openIndexedDb(`test ${names}`),
};

describe.each(Object.entries(kinds))("%s", (_, make) => {
  test("gives back what was added, unchanged, until it is removed", async () => {
    const storage = await make();
    expect(await storage.claim("me")).toEqual([]);
    await storage.add(entry("c1"));
    await storage.add(entry("c2"));
    expect((await storage.claim("me")).toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      entry("c1"),
      entry("c2"),
    ]);
    await storage.remove("c1");
    await storage.remove("unknown");
    expect(await ids(storage)).toEqual(["c2"]);
    await storage.close();
  });

  test("gives nobody the commands of another account, and everybody those of none", async () => {
    const storage = await make();
    await storage.add(entry("c1", "ada"));
    await storage.add(entry("c2", "grace"));
    await storage.add(entry("c3", null));
    expect(await ids(storage, "ada")).toEqual(["c1", "c3"]);
    expect(await ids(storage, "grace")).toEqual(["c2", "c3"]);
    await storage.close();
  });

  test("forgets when told to", async () => {
    const storage = await make();
    await storage.add(entry("c1"));
    await storage.clear();
    expect(await ids(storage)).toEqual([]);
    await storage.add(entry("c2"));
    expect(await ids(storage)).toEqual(["c2"]);
    await storage.close();
  });

  test("takes many at once", async () => {
    const storage = await make();
    const all = Array.from({ length: 500 }, (_, n) => `c${String(n).padStart(3, "0")}`);
    await Promise.all(all.map((id) => storage.add(entry(id))));
    expect(await ids(storage)).toEqual(all);
    await Promise.all(all.slice(1).map((id) => storage.remove(id)));
    expect(await ids(storage)).toEqual(["c000"]);
    await storage.close();
  });
});

describe.each(["file", "IndexedDB"])("%s, over restarts", (kind) => {
  const make = (): CommandStorage | Promise<CommandStorage> => kinds[kind]?.() ?? memoryStorage();

  test("keeps what was added and not what was removed", async () => {
    const first = await make();
    await first.add(entry("c1"));
    await first.add(entry("c2"));
    await first.remove("c1");
    await first.close();
    const second = await make();
    expect(await second.claim("me")).toEqual([entry("c2")]);
    await second.clear();
    await second.close();
    const third = await make();
    expect(await ids(third)).toEqual([]);
    await third.close();
  });
});

describe("a file", () => {
  const path = (): string => join(folder, "outbox.jsonl");

  test("belongs to one client at a time, in this process and in others", async () => {
    const first = fileStorage(path());
    await first.add(entry("c1"));
    await expect(fileStorage(path()).claim("me")).rejects.toMatchObject({ code: "conflict" });
    await first.close();
    const other = spawn("sleep", ["60"]);
    await writeFile(`${path()}.lock`, String(other.pid));
    await expect(fileStorage(path()).claim("me")).rejects.toThrow(/Another client uses/);
    other.kill("SIGKILL");
    await once(other, "exit");
    const second = fileStorage(path());
    expect(await ids(second)).toEqual(["c1"]);
    await second.close();
  });

  test("survives a line that a crash has cut off", async () => {
    const first = fileStorage(path());
    await first.add(entry("c1"));
    await first.close();
    const whole = await readFile(path(), "utf8");
    for (let length = 1; length < whole.length; length += 1) {
      await writeFile(path(), whole + whole.slice(0, length));
      const again = fileStorage(path());
      expect(await ids(again)).toEqual(["c1"]);
      await again.close();
    }
  });

  test("that something else has damaged is refused by line, not read in part", async () => {
    await writeFile(path(), `${JSON.stringify({ add: entry("c1") })}\n{"broken\n`);
    await expect(fileStorage(path()).claim("me")).rejects.toThrow(/outbox\.jsonl:2 is not a command/);
  });

  test("is rewritten when most of it no longer matters", async () => {
    const storage = fileStorage(path());
    await storage.add(entry("kept"));
    for (let round = 0; round < 30; round += 1) {
      const all = Array.from({ length: 100 }, (_, n) => `c${round}-${n}`);
      await Promise.all(all.map((id) => storage.add(entry(id))));
      await Promise.all(all.map((id) => storage.remove(id)));
    }
    const line = JSON.stringify({ add: entry("c10-10") }).length;
    expect((await stat(path())).size).toBeLessThan(3_000 * line);
    expect(await ids(storage)).toEqual(["kept"]);
    await storage.close();
  });

  test("can be read by its owner alone", async () => {
    const storage = fileStorage(path());
    await storage.add(entry("c1"));
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    await storage.close();
  });

  test("holds every command that was acknowledged when the program is killed at any moment", async () => {
    const program = `
      import { fileStorage } from ${JSON.stringify(new URL("../dist/node.js", import.meta.url).href)};
      const storage = fileStorage(${JSON.stringify(path())});
      for (let n = 0; ; n += 1) {
        const id = "c" + String(n).padStart(6, "0");
        await storage.add({ id, account: "me", name: "x", payload: {}, lane: null, calledAt: 1, optimistic: [] });
        process.stdout.write(id + "\\n");
        if (n % 3 === 2) await storage.remove(id);
      }`;
    for (let round = 0; round < 3; round += 1) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
      let output = "";
      await new Promise<void>((resolve) => {
        child.stdout.on("data", (data: Buffer) => {
          output += data.toString();
          if (output.split("\n").length > 40 * (round + 1)) resolve();
        });
      });
      child.kill("SIGKILL");
      await once(child, "exit");
      const printed = output.split("\n").slice(0, -1);
      const expected = printed.slice(0, -1).filter((_, n) => n % 3 !== 2);
      const storage = fileStorage(path());
      expect(await ids(storage)).toEqual(expect.arrayContaining(expected));
      await storage.clear();
      await storage.close();
    }
  });
});

describe("IndexedDB without Web Locks, as on pages that are not secure", () => {
  test("every tab may take what is there", async () => {
    const tab = (): Promise<CommandStorage> => openIndexedDb(`tabs ${names}`);
    vi.stubGlobal("navigator", {});
    const first = await tab();
    await first.add(entry("c1"));
    const second = await tab();
    expect(await ids(second)).toEqual(["c1"]);
    await first.close();
    await second.close();
  });
});
