/** Engines against a server that fails and lies, and stores that give out in the middle. */

import { expect, onTestFinished, test, vi } from "vitest";

import * as cx1 from "../../src/crypto/index.js";
import { localError } from "../../src/errors.js";
import type { QueuedCommand } from "../../src/index.js";
import { callOn, type Callable, type Engine } from "../../src/sealed/engine.js";
import { MemoryStore, type Changes, type SealedStore } from "../../src/sealed/store.js";
import { Script, started } from "./script.js";

const TEXTS = ["one", "two", "three"];

/** A store whose program ends at one of its writes: before it or after it, and then for good. */
class Mortal implements SealedStore {
  readonly #kept: MemoryStore;
  readonly #dies: { readonly at: number; readonly written: boolean };
  dead = false;
  /** Resolves when the program has ended. */
  readonly death: Promise<void>;
  #writes = 0;
  #die: () => void = () => undefined;

  constructor(kept: MemoryStore, dies: { readonly at: number; readonly written: boolean }) {
    this.#kept = kept;
    this.#dies = dies;
    this.death = new Promise((resolve) => {
      this.#die = resolve;
    });
  }

  get(name: string): Promise<Uint8Array | undefined> {
    return this.#kept.get(name);
  }

  list(prefix: string): Promise<readonly (readonly [string, Uint8Array])[]> {
    return this.#kept.list(prefix);
  }

  async write(changes: Changes): Promise<void> {
    if (this.dead) throw new Error("The program has ended.");
    this.#writes += 1;
    if (this.#writes < this.#dies.at) return this.#kept.write(changes);
    this.dead = true;
    if (this.#dies.written) await this.#kept.write(changes);
    this.#die();
    throw new Error("The program has ended.");
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function command(room: string, text: string, number: number): QueuedCommand {
  const id = `00000000-0000-7000-8000-00000000000${number}`;
  const payload = { room, id: `10000000-0000-4000-8000-00000000000${number}`, text };
  return {
    id,
    account: "ada",
    name: "message.send",
    payload,
    lane: room,
    calledAt: Date.now(),
    optimistic: [],
  };
}

function sayAll(engine: Engine, room: string): Promise<unknown> {
  return Promise.all(TEXTS.map((text, number) => engine.commands.call(room, command(room, text, number))));
}

async function texts(engine: Engine, room: string): Promise<readonly string[]> {
  const { items } = (await engine.commands.query(room, "room.history", { room })) as {
    items: { text: string }[];
  };
  return items.map(({ text }) => text).reverse();
}

/** A server with a room that is named, and what its one device has kept. */
async function founded(): Promise<{ script: Script; kept: MemoryStore; room: string }> {
  const [script, kept] = [new Script(), new MemoryStore()];
  const { engine, told } = await started(script, kept);
  await engine.identity.begin();
  const room = await engine.membership.create({ form: "conversation", name: "Room" });
  await engine.commands.open(room);
  await told.until("shown", ({ cursor, current }) => current && cursor === 3);
  await engine.session.stop();
  return { script, kept, room };
}

/** Different envelopes must never have been sealed for one place, whoever has seen which of them. */
function expectOnePerPlace(script: Script): void {
  const places = new Map<string, string>();
  for (const raw of script.posted) {
    const { epoch, ctr } = cx1.parseEnvelope(raw).header;
    const place = `${epoch} ${ctr}`;
    expect(places.get(place) ?? cx1.toText(raw)).toBe(cx1.toText(raw));
    places.set(place, cx1.toText(raw));
  }
}

test.each([true, false])(
  "however far a program comes, everything is said once and in order (written: %s)",
  { timeout: 60_000 },
  async (written) => {
    const { script: founding, kept: begun, room } = await founded();
    let at = 0;
    for (let finished = false; !finished; at += 1) {
      const [script, kept] = [founding.copy(), copyOf(begun)];
      const store = new Mortal(kept, { at: at + 1, written });
      const first = await started(script, store);
      const said = sayAll(first.engine, room).catch(() => undefined);
      await Promise.race([said, store.death]);
      finished = !store.dead;
      await first.engine.session.stop();
      await said;

      const { engine } = await started(script, kept);
      await sayAll(engine, room);
      expect(await texts(engine, room)).toEqual(TEXTS);
      expectOnePerPlace(script);
      await engine.session.stop();
    }
    expect(at).toBeGreaterThan(6);
  },
);

function copyOf(store: MemoryStore): MemoryStore {
  const copy = new MemoryStore();
  for (const [name, value] of store.kept) copy.kept.set(name, value);
  return copy;
}

test("what was sent and not answered is sent again as it was", async () => {
  const { script, kept, room } = await founded();
  const { engine } = await started(script, kept);
  let lost = 0;
  script.after = (name) => {
    if (name === "sealed.post" && lost++ === 0) throw localError("unavailable", "The answer is lost.");
  };
  const before = script.posted.length;
  await engine.commands.call(room, command(room, "one", 1));
  expect(await texts(engine, room)).toEqual(["one"]);
  expect(script.rooms.get(room)?.items).toHaveLength(4);
  expectOnePerPlace(script);
  expect(script.posted.length).toBeGreaterThan(before);
  await engine.session.stop();
});

/** A store that refuses a write once, and goes on. */
class Full extends MemoryStore {
  refuses: (changes: Changes) => boolean = () => false;

  override write(changes: Changes): Promise<void> {
    if (!this.refuses(changes)) return super.write(changes);
    this.refuses = () => false;
    return Promise.reject(new Error("The disk is full."));
  }
}

/** What is kept of things to be said. */
function queuedIn(store: MemoryStore): readonly (readonly [string, Uint8Array])[] {
  return [...store.kept].filter(([name]) => /[/](intent|sealed)[/]/.test(name));
}

test("what was said and could not be stored as said is, as soon as it can, and raises no alarm", async () => {
  const { script, kept, room } = await founded();
  const store = new Full();
  for (const [name, value] of kept.kept) store.kept.set(name, value);
  const { engine, told } = await started(script, store);
  store.refuses = (changes) =>
    [...changes].some(([name, value]) => name.includes("/sealed/") && value === null);
  await engine.commands.call(room, command(room, "one", 1));
  expect(await texts(engine, room)).toEqual(["one"]);
  expect(await told.until("status", () => true)).toMatchObject({ alarms: [] });
  expect(queuedIn(store)).toEqual([]);
  await engine.session.stop();
});

test("what an earlier run has left queued although it was said is not sent again, and has its answer", async () => {
  const { script, kept, room } = await founded();
  const first = await started(script, kept);
  const left: (readonly [string, Uint8Array])[] = [];
  script.before = (name) => {
    if (name === "sealed.post") left.push(...queuedIn(kept));
  };
  await first.engine.commands.call(room, command(room, "one", 1));
  await first.engine.session.stop();
  expect(left).toHaveLength(2);
  for (const [name, value] of left) kept.kept.set(name, value);

  const posted = script.posted.length;
  const { engine, told } = await started(script, kept);
  const { command: settled, error } = await told.until("settled", () => true);
  expect([settled.id, error]).toEqual([command(room, "one", 1).id, null]);
  await engine.commands.call(room, command(room, "two", 2));
  expect(await texts(engine, room)).toEqual(["one", "two"]);
  expect(script.posted).toHaveLength(posted + 1);
  expect(queuedIn(kept)).toEqual([]);
  await engine.session.stop();
});

test("what is said before the room could be opened has its answer", async () => {
  const { script, kept, room } = await founded();
  kept.kept.delete(`room/${room}/form`);
  // Until it was asked once more after the command was kept.
  let asked = 0;
  script.before = (name) => {
    if (name !== "sealed.get" || asked > 1) return;
    asked += queuedIn(kept).length;
    throw localError("unavailable", "Not now.");
  };
  const { engine } = await started(script, kept);
  await engine.commands.call(room, command(room, "one", 1));
  expect(await texts(engine, room)).toEqual(["one"]);
  await engine.session.stop();
});

test("a server that does not show what it has taken is asked again after a pause", async () => {
  const { script, kept, room } = await founded();
  vi.spyOn(Math, "random").mockReturnValue(1);
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  const { engine } = await started(script, kept);
  const [genesis] = script.rooms.get(room)?.items ?? [];
  if (genesis === undefined) return;
  const [right, times]: [string, number[]] = [genesis.body, []];
  script.before = (name, { envelope }) => {
    if (name !== "sealed.post") return;
    times.push(performance.now());
    // So it takes the envelope for one that has stood there for long.
    genesis.body = times.length < 3 ? (envelope as string) : right;
  };
  await engine.commands.call(room, command(room, "one", 1));
  // One of the pauses may be cut short, by something else that there was to do.
  expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(400);
  await engine.session.stop();
});

test("what the backup has not taken at once is put there later, once, and holds nothing up", async () => {
  const [script, kept] = [new Script(), new MemoryStore()];
  const { engine } = await started(script, kept);
  await engine.identity.begin();
  let puts = 0;
  script.before = (name) => {
    if (name === "backup.put" && puts++ < 2) throw localError("unavailable", "Not now.");
  };
  const room = await engine.membership.create({ form: "conversation", name: "Room" });
  expect(script.backed.size).toBe(0);
  await vi.waitFor(() => {
    expect(script.backed.size).toBe(1);
  }, 30_000);
  await engine.membership.rotate(room);
  await vi.waitFor(() => {
    expect(script.backed.size).toBe(2);
  }, 30_000);
  await engine.commands.call(room, command(room, "one", 1));
  expect(puts).toBe(4);
  await engine.session.stop();
});

test("who waits for a room that cannot go on hears why, and what was queued is said once it can", async () => {
  const { script, kept, room } = await founded();
  let refuses = true;
  script.before = (name) => {
    if (refuses && name === "sealed.items") throw localError("forbidden", "Not you.");
  };
  const { engine } = await started(script, kept);
  await expect(engine.commands.call(room, command(room, "one", 1))).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(engine.membership.rotate(room)).rejects.toMatchObject({ code: "forbidden" });
  refuses = false;
  await engine.membership.rotate(room);
  await vi.waitFor(async () => {
    expect(await texts(engine, room)).toEqual(["one"]);
  });
  await engine.session.stop();
});

test("what cannot be done without a connection is refused at once, and not done later", async () => {
  const { script, kept, room } = await founded();
  const { engine } = await started(script, kept);
  await engine.membership.rotate(room);
  const commits = (): number =>
    script.rooms.get(room)?.items.filter(({ kind }) => kind === "commit").length ?? 0;
  const before = commits();
  // The server falls silent while the room asks for what is new, so that its turn does not come.
  let silent = true;
  script.before = (name) => {
    if (silent && name === "sealed.items") throw localError("unavailable", "Not now.");
  };
  await engine.session.ephemeral("heads", { heads: { [room]: 100 } });
  const waiting = engine.membership.rotate(room);
  await engine.session.disconnected();
  await expect(waiting).rejects.toMatchObject({ code: "unavailable" });
  await expect(engine.membership.rotate(room)).rejects.toMatchObject({ code: "unavailable" });
  silent = false;
  await engine.session.connected();
  await engine.commands.call(room, command(room, "one", 1));
  expect(commits()).toBe(before);
  await engine.membership.rotate(room);
  expect(commits()).toBe(before + 1);
  await engine.session.stop();
});

test("a room in which the server has changed a byte stands still, until it shows the right one", async () => {
  const { script, kept, room } = await founded();
  const other = await started(script, kept);
  await sayAll(other.engine, room);
  await other.engine.session.stop();
  const last = script.rooms.get(room)?.items.at(-1);
  if (last === undefined) return;
  const right = last.body;
  const raw = cx1.fromText(right);
  raw[raw.length - 1] = (raw[raw.length - 1] ?? 0) ^ 1;
  last.body = cx1.toText(raw);

  const fresh = new MemoryStore();
  for (const [name, value] of kept.kept) if (!name.startsWith("room/")) fresh.kept.set(name, value);
  let asked = 0;
  script.before = (name) => {
    if (name === "sealed.items") asked += 1;
  };
  const { engine, told } = await started(script, fresh);
  await engine.commands.open(room);
  const { view } = await told.until("view", ({ view: each }) => each.halted !== null);
  expect(view.halted).toMatchObject({ fault: "envelope_signature", code: "bad_signature", seq: last.seq });
  expect(asked).toBe(2);
  expect(JSON.parse((await engine.membership.evidence(room)) ?? "")).toMatchObject({
    item: last.body,
    applied: 5,
  });
  expect(await texts(engine, room)).toEqual(["one", "two"]);
  await engine.session.stop();

  // It stands still over a restart, too.
  const again = await started(script, fresh);
  await again.engine.commands.open(room);
  await again.told.until("view", ({ view: each }) => each.halted !== null);
  last.body = right;
  await again.engine.membership.retry(room);
  await again.told.until("view", ({ view: each }) => each.halted === null && each.progress.applied === 6);
  expect(await texts(again.engine, room)).toEqual(TEXTS);
  await again.engine.session.stop();
});

test("each page is asked for while the one before is applied, and again behind one that was refused", async () => {
  const { script, kept, room } = await founded();
  const other = await started(script, kept);
  await sayAll(other.engine, room);
  await other.engine.session.stop();
  const fresh = new MemoryStore();
  for (const [name, value] of kept.kept) if (!name.startsWith("room/")) fresh.kept.set(name, value);
  const bad = script.rooms.get(room)?.items[4];
  if (bad === undefined) return;
  const right = bad.body;
  const raw = cx1.fromText(right);
  raw[raw.length - 1] = (raw[raw.length - 1] ?? 0) ^ 1;
  bad.body = cx1.toText(raw);

  script.page = 1;
  const asked: number[] = [];
  script.before = (name, payload) => {
    if (name !== "sealed.items") return;
    asked.push(Number(payload["after_seq"]));
    // It has shown the wrong byte once.
    if (asked.includes(5)) bad.body = right;
  };
  const { engine, told } = await started(script, fresh);
  await engine.commands.open(room);
  const { view } = await told.until("view", ({ view: each }) => each.progress.applied === 6);
  expect(view.halted).toBeNull();
  expect(asked.slice(0, 8)).toEqual([0, 1, 2, 3, 4, 5, 4, 5]);
  expect(await texts(engine, room)).toEqual(TEXTS);
  await engine.session.stop();
});

test("a shorter log than was seen is a reason to stand still", async () => {
  const { script, kept, room } = await founded();
  const first = await started(script, kept);
  await sayAll(first.engine, room);
  await first.engine.session.stop();
  script.rooms.get(room)?.items.pop();
  const { engine, told } = await started(script, kept);
  await engine.commands.open(room);
  const { view } = await told.until("view", ({ view: each }) => each.halted !== null);
  expect(view.halted).toMatchObject({ fault: "seq", code: "bad_transcript" });
  await expect(engine.commands.whisper(room, { type: "beat" })).rejects.toMatchObject({
    code: "bad_transcript",
  });
  await engine.session.stop();
});

test("own messages that the store does not remember are applied, and told", async () => {
  const { script, kept, room } = await founded();
  const old = copyOf(kept);
  const first = await started(script, kept);
  await sayAll(first.engine, room);
  await first.engine.session.stop();
  const { engine, told } = await started(script, old);
  const status = await told.until("status", ({ alarms }) => alarms.length > 0);
  expect(status.alarms).toMatchObject([{ fault: "device_copied", memberId: "ada" }]);
  await engine.commands.open(room);
  await engine.commands.call(room, command(room, "four", 4));
  expect(await texts(engine, room)).toEqual([...TEXTS, "four"]);
  expectOnePerPlace(script);
  await engine.session.stop();
});

test("a room that the member was taken out of unseen says so, and is taken up anew with the member", async () => {
  const { script, kept, room } = await founded();
  const { engine, told } = await started(script, kept);
  const before = engine.session.room(room);
  await engine.session.disconnected();
  let out = true;
  script.before = (name) => {
    if (!out) return;
    if (name === "room.join") throw localError("not_found", "There is no such room.");
    if (name === "sealed.items") throw localError("unavailable", "Not now.");
  };
  await engine.session.connected();
  await vi.waitFor(() => {
    expect(before.lost).not.toBeNull();
  });
  await expect(engine.commands.call(room, command(room, "one", 1))).rejects.toMatchObject({
    code: "e2ee_room",
  });
  // As for who had taken the room in hand before that.
  await expect(before.outgoing.say(command(room, "one", 1))).rejects.toMatchObject({ code: "not_found" });

  out = false;
  await engine.session.follow([room]);
  await engine.commands.open(room);
  await told.until("shown", ({ current }) => current);
  await engine.commands.call(room, command(room, "two", 2));
  expect(await texts(engine, room)).toEqual(["two"]);
  await engine.session.stop();
});

test("what a room says late that is followed anew by now does not end the new one", async () => {
  const { script, kept, room } = await founded();
  const { engine } = await started(script, kept);
  const before = engine.session.room(room);
  await engine.session.follow([]);
  await engine.session.follow([room]);
  before.evict(localError("not_found", "There is no such room."));
  expect(engine.session.room(room)).not.toBe(before);
  await engine.commands.call(room, command(room, "one", 1));
  expect(await texts(engine, room)).toEqual(["one"]);
  await engine.session.stop();
});

test("a tab with another version of the page is told that it has one", async () => {
  const { engine } = await started(new Script(), new MemoryStore());
  for (const name of ["begin", "identity.begun", "keys.begin"]) {
    expect(() => callOn(engine, name as Callable, [])).toThrow("another version of this page");
  }
  await engine.session.stop();
});

test("a room whose making was not answered has its name as soon as it is found", async () => {
  const [script, kept] = [new Script(), new MemoryStore()];
  const { engine } = await started(script, kept);
  await engine.identity.begin();
  script.after = (name) => {
    if (name === "sealed.create") throw localError("unavailable", "The connection was lost.");
  };
  const making = engine.membership.create({ form: "conversation", name: "Plans" });
  await expect(making).rejects.toMatchObject({ code: "unavailable" });
  script.after = () => undefined;
  await engine.session.stop();
  const again = await started(script, kept);
  const [room = ""] = script.rooms.keys();
  await again.engine.commands.open(room);
  await vi.waitFor(async () => {
    const shown = await again.engine.commands.query(room, "room.get", { room });
    expect(shown).toMatchObject({ name: "Plans" });
  });
  await again.engine.session.stop();
});

test("of a room that the server refused to make nothing is kept", async () => {
  const [script, kept] = [new Script(), new MemoryStore()];
  const { engine } = await started(script, kept);
  await engine.identity.begin();
  script.before = (name) => {
    if (name === "sealed.create") throw localError("limit_exceeded", "There are too many rooms.");
  };
  const making = engine.membership.create({ form: "conversation", name: "Plans" });
  await expect(making).rejects.toMatchObject({ code: "limit_exceeded" });
  expect([...kept.kept.keys()].filter((name) => name.startsWith("room/"))).toEqual([]);
  await engine.session.stop();
});
