/** Chains of ephemeral rooms on a clock that is set: each is gone two days after its epoch, and stays gone. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import * as cx1 from "../../src/crypto/index.js";
import type { Engine } from "../../src/sealed/engine.js";
import { MemoryStore } from "../../src/sealed/store.js";
import { Script, started, type Told } from "./script.js";

const HOUR = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
});

afterEach(() => {
  vi.useRealTimers();
});

interface Kept {
  readonly script: Script;
  readonly store: MemoryStore;
  readonly room: string;
}

/** What a store holds of a room's epochs: their numbers, and whether each is held as a secret. */
function held({ store, room }: Kept): Readonly<Record<number, boolean>> {
  const [keys, timeline] = [store.kept.get(`room/${room}/keys`), store.kept.get(`room/${room}/timeline`)];
  if (keys === undefined || timeline === undefined) return {};
  const ring = cx1.loadKeys(keys, cx1.loadTimeline(timeline).room.epochs);
  return Object.fromEntries([...ring].map(([number, { secret }]) => [number, secret !== null]));
}

async function current(told: Told, seq: number): Promise<void> {
  await told.until("shown", (shown) => shown.current && shown.cursor >= seq);
}

async function opened({ script, store, room }: Kept): Promise<Engine> {
  const { engine, told } = await started(script, store);
  await engine.commands.open(room);
  await current(told, script.rooms.get(room)?.items.length ?? 0);
  return engine;
}

/** A store with nothing of any room in it, as a device has that sees them for the first time. */
function without({ script, store, room }: Kept): Kept {
  const fresh = new MemoryStore();
  for (const [name, value] of store.kept) if (!name.startsWith("room/")) fresh.kept.set(name, value);
  return { script, store: fresh, room };
}

/** An ephemeral room that is in its second epoch. */
async function founded(): Promise<{ readonly kept: Kept; readonly engine: Engine }> {
  const [script, store] = [new Script(), new MemoryStore()];
  const { engine } = await started(script, store);
  await engine.identity.begin();
  const room = await engine.membership.create({ form: "conversation", name: "Room", retention: "ephemeral" });
  await engine.membership.rotate(room);
  return { kept: { script, store, room }, engine };
}

test("a device that stays connected drops the chains of an epoch two days after its end", async () => {
  const { kept, engine } = await founded();
  await vi.advanceTimersByTimeAsync(47 * HOUR);
  expect(held(kept)).toEqual({ 1: false, 2: false });
  await vi.advanceTimersByTimeAsync(2 * HOUR);
  expect(held(kept)).toEqual({ 2: false });
  await engine.session.stop();
});

test("what was dropped does not come back from the boxes that the server still has", async () => {
  const { kept, engine } = await founded();
  await vi.advanceTimersByTimeAsync(49 * HOUR);
  await engine.session.stop();
  expect(kept.script.rooms.get(kept.room)?.boxes.map(({ epoch }) => epoch)).toContain(1);
  const again = await opened(kept);
  await again.membership.rotate(kept.room);
  expect(held(kept)).toEqual({ 2: false, 3: false });
  await again.session.stop();
});

test("of several epochs that came at once, each that has ended is dropped", async () => {
  const { kept, engine } = await founded();
  await engine.membership.rotate(kept.room);
  await engine.session.stop();
  const late = without(kept);
  const other = await opened(late);
  expect(held(late)).toEqual({ 1: false, 2: false, 3: false });
  await vi.advanceTimersByTimeAsync(49 * HOUR);
  expect(held(late)).toEqual({ 3: false });
  await other.session.stop();
});

test("in a room that keeps from now on, the secrets of what was said before are held by nobody", async () => {
  const { kept, engine } = await founded();
  await engine.membership.setPolicy(kept.room, { retention: "keep" });
  await engine.membership.rotate(kept.room);
  expect(held(kept)).toEqual({ 1: false, 2: false, 3: true, 4: true });
  await engine.session.stop();

  // A device whose boxes come late has been told the policy before the secrets.
  const late = without(kept);
  const boxes = kept.script.rooms.get(kept.room)?.boxes ?? [];
  const withheld = boxes.splice(0);
  await (await opened(late)).session.stop();
  expect(held(late)).toEqual({});
  boxes.push(...withheld);
  const other = await opened(late);
  expect(held(late)).toEqual({ 1: false, 2: false, 3: true, 4: true });
  await vi.advanceTimersByTimeAsync(49 * HOUR);
  expect(held(late)).toEqual({ 3: true, 4: true });
  await other.session.stop();
});

test("a connection that lasts has the key for boxes renewed each week", async () => {
  const { kept, engine } = await founded();
  const links = (): number => kept.script.linksOf("ada");
  const before = links();
  await vi.advanceTimersByTimeAsync(6 * 24 * HOUR);
  expect(links()).toBe(before);
  await vi.advanceTimersByTimeAsync(2 * 24 * HOUR);
  expect(links()).toBe(before + 1);
  await engine.session.stop();
  await vi.advanceTimersByTimeAsync(8 * 24 * HOUR);
  expect(links()).toBe(before + 1);
});
