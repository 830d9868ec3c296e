/** The vectors that every SDK folds alike, and what JavaScript adds: sharing and immutability. */

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";

import { EMPTY_STATE, foldEvents, foldSnapshot, type Snapshot } from "../src/fold.js";
import { RoomLog } from "../src/roomlog.js";
import type { LoggedEvent } from "../src/index.js";
import { event } from "./events.js";

type Plain = Record<string, Record<string, unknown>>;

interface Case {
  name: string;
  state: Plain;
  cursor: number;
  reset?: { head: number; collections: Snapshot };
  events: LoggedEvent[];
  expected: { state: Plain; cursor: number; gap: boolean };
}

const { cases } = JSON.parse(readFileSync(new URL("../../vectors/fold.json", import.meta.url), "utf8")) as {
  cases: Case[];
};

/** A log at a given state and cursor. */
function logAt(state: Plain, cursor: number): RoomLog {
  const log = new RoomLog();
  const joined = { room: "apollo", kind: "project", role: "editor", generation: "g", head: cursor } as const;
  log.join({ ...joined, reset: {} });
  log.state = { ...EMPTY_STATE, ...state };
  return log;
}

/** An empty collection equals an absent one. */
function filled(state: object): Plain {
  return Object.fromEntries(
    Object.entries(state as Plain).filter(([, entities]) => Object.keys(entities).length > 0),
  );
}

test("there are vectors", () => {
  expect(cases.length).toBeGreaterThan(30);
});

test.each(cases)("vector: $name", ({ state, cursor, reset, events, expected }) => {
  const log = logAt(state, cursor);
  if (reset !== undefined) {
    const { head, collections } = reset;
    log.join({ room: "apollo", kind: "project", role: "editor", generation: "h", head, reset: collections });
  }
  for (const event of events) log.receive([event]);
  expect(filled(log.state)).toEqual(filled(expected.state));
  expect(log.cursor).toBe(expected.cursor);
  expect(log.gap !== null).toBe(expected.gap);
});

test.each(cases)("vector in one batch: $name", ({ state, cursor, reset, events, expected }) => {
  if (reset !== undefined) return;
  const log = logAt(state, cursor);
  log.receive(events);
  expect(filled(log.state)).toEqual(filled(expected.state));
  expect(log.cursor).toBe(expected.cursor);
});

test("a fold shares what did not change and leaves the state before as it was", () => {
  const before = foldSnapshot({ tasks: [{ id: "t1" }, { id: "t2" }], messages: [{ id: "m1", seq: 1 }] });
  const frozen = structuredClone(before);
  const after = foldEvents(before, [event(2, "task.blocked", { task: { id: "t2", blocked: true } })]);
  expect(before).toEqual(frozen);
  expect(after).not.toBe(before);
  expect(after.tasks).not.toBe(before.tasks);
  expect(after.tasks["t1"]).toBe(before.tasks["t1"]);
  expect(after.messages).toBe(before.messages);
});

test("a fold that changes nothing returns the same state", () => {
  const before = foldSnapshot({ tasks: [{ id: "t1" }] });
  expect(foldEvents(before, [event(2, "task.deleted", { task_id: "t9" }), event(3, "novel", {})])).toBe(
    before,
  );
});

test("the newest hundred messages stay, by whatever batches they come, are changed and come again", () => {
  const id = fc.integer({ min: 0, max: 400 }).map((number) => `m${number}`);
  const step = fc.oneof(
    fc.record({ said: id, late: fc.integer({ min: -400, max: 600 }) }),
    fc.record({ changed: id }),
  );
  const steps = fc.array(step, { minLength: 300, maxLength: 600, size: "max" });
  fc.assert(
    fc.property(steps, (all) => {
      const events = all.map((each, at) =>
        "said" in each
          ? event(at, "message.sent", { message: { id: each.said, seq: at - Math.max(0, each.late) } })
          : event(at, "message.sent", { message: null, thread: { id: each.changed, seq: at } }),
      );
      const one = events.reduce((state, each) => foldEvents(state, [each]), EMPTY_STATE);
      expect(foldEvents(EMPTY_STATE, events)).toEqual(one);
    }),
    { numRuns: 20, endOnFailure: true },
  );
});

test("an id cannot reach the prototype of the table", () => {
  const evil = JSON.parse('{"task": {"id": "__proto__", "polluted": true}}') as Record<string, unknown>;
  const after = foldEvents(EMPTY_STATE, [event(1, "task.created", evil)]);
  expect(Object.getPrototypeOf(after.tasks)).toBe(Object.prototype);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test("twenty thousand tasks fold fast enough to catch up with a thousand events at once", () => {
  const tasks = Array.from({ length: 20_000 }, (_, n) => ({ id: `t${n}`, version: 1 }));
  const before = foldSnapshot({ tasks });
  const events = Array.from({ length: 1_000 }, (_, n) =>
    event(n + 1, "task.updated", { task: { id: `t${n * 7}`, version: 2 } }),
  );
  const startedAt = performance.now();
  const after = foldEvents(before, events);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(Object.values(after.tasks).filter((task) => task.version === 2)).toHaveLength(1_000);
});
