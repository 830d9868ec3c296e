/** Which command may go out when: order within a room, at most 32 in all, none lost or doubled. */

import fc from "fast-check";
import { expect, test } from "vitest";

import { MAX_AGE_MS, MAX_IN_FLIGHT, Outbox, type QueuedCommand } from "../src/outbox.js";

/** A command; its id stands for the time of its call, as a UUIDv7 does. */
function entry(number: number, lane: string | null = "apollo", calledAt = 0): QueuedCommand {
  const id = String(number).padStart(6, "0");
  return { id, account: "me", name: "task.create", payload: {}, lane, calledAt, optimistic: [] };
}

function ids(entries: readonly QueuedCommand[]): number[] {
  return entries.map((each) => Number(each.id));
}

function outboxOf(...entries: QueuedCommand[]): Outbox {
  const outbox = new Outbox();
  for (const each of entries) outbox.add(each, true);
  return outbox;
}

test("one command of a room is out at a time, in the order of their calls", () => {
  const outbox = outboxOf(entry(1), entry(2), entry(3, "gemini"));
  expect(ids(outbox.take(0))).toEqual([1, 3]);
  expect(outbox.take(0)).toEqual([]);
  outbox.settle("000001");
  expect(ids(outbox.take(0))).toEqual([2]);
});

test("a command that must be tried again holds back those after it in its room, not others", () => {
  const outbox = outboxOf(entry(1), entry(2), entry(3, "gemini"), entry(4, "gemini"));
  outbox.take(0);
  expect(outbox.retry("000001", true)).toBe(1);
  outbox.postpone("000001", 500);
  outbox.settle("000003");
  expect(ids(outbox.take(499))).toEqual([4]);
  expect(outbox.wakeAt(499)).toBe(500);
  expect(ids(outbox.take(500))).toEqual([1]);
  expect(outbox.wakeAt(500)).toBeNull();
});

test("a command of no room waits for all before it and holds back all after it", () => {
  const outbox = outboxOf(entry(1), entry(2, null), entry(3, "gemini"));
  expect(ids(outbox.take(0))).toEqual([1]);
  outbox.settle("000001");
  expect(ids(outbox.take(0))).toEqual([2]);
  expect(outbox.take(0)).toEqual([]);
  outbox.settle("000002");
  expect(ids(outbox.take(0))).toEqual([3]);
});

test("what is not saved yet does not go out, and neither does what comes after it", () => {
  const outbox = new Outbox();
  outbox.add(entry(1), false);
  outbox.add(entry(2), true);
  expect(outbox.take(0)).toEqual([]);
  outbox.saved("000001");
  expect(ids(outbox.take(0))).toEqual([1]);
});

test("at most 32 are out", () => {
  const outbox = outboxOf(...Array.from({ length: 40 }, (_, n) => entry(n, `room ${n}`)));
  expect(outbox.take(0)).toHaveLength(MAX_IN_FLIGHT);
  outbox.settle("000000");
  expect(ids(outbox.take(0))).toEqual([MAX_IN_FLIGHT]);
});

test("commands taken over from elsewhere stand where their time puts them", () => {
  const outbox = outboxOf(entry(5), entry(6));
  outbox.add(entry(3), true);
  expect(ids(outbox.take(0))).toEqual([3]);
  outbox.add(entry(2), true);
  expect(outbox.take(0)).toEqual([]);
  outbox.settle("000003");
  expect(ids(outbox.take(0))).toEqual([2]);
  expect(ids(outbox.commands())).toEqual([2, 5, 6]);
});

test("nor do those taken over overtake or join what is out already", () => {
  const outbox = outboxOf(entry(5));
  expect(ids(outbox.take(0))).toEqual([5]);
  outbox.add(entry(3, null), true);
  expect(outbox.take(0)).toEqual([]);
  outbox.settle("000005");
  expect(ids(outbox.take(0))).toEqual([3]);
  outbox.add(entry(2, "gemini"), true);
  expect(outbox.take(0)).toEqual([]);
  outbox.settle("000003");
  expect(ids(outbox.take(0))).toEqual([2]);
});

test("a command gives up after seven days, but not while its answer is on the way", () => {
  const outbox = outboxOf(entry(1, "apollo", 1_000));
  expect(outbox.expired(MAX_AGE_MS + 999)).toEqual([]);
  expect(ids(outbox.expired(MAX_AGE_MS + 1_000))).toEqual([1]);
  outbox.take(0);
  expect(outbox.expired(MAX_AGE_MS + 1_000)).toEqual([]);
});

const action = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("add" as const), lane: fc.constantFrom("a", "b", "c", null) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("answer" as const), pick: fc.nat() }) },
  fc.record({ kind: fc.constant("fail" as const), pick: fc.nat(), wait: fc.nat(50) }),
  fc.record({ kind: fc.constant("lose" as const) }),
);

test("whatever happens, order holds within rooms, every command is answered once, and all are in the end", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
      const outbox = new Outbox();
      const out = new Map<string, QueuedCommand>();
      const added: QueuedCommand[] = [];
      const answered: QueuedCommand[] = [];
      let now = 0;
      const send = (): void => {
        for (const each of outbox.take(now)) {
          expect(out.has(each.id)).toBe(false);
          out.set(each.id, each);
        }
        const lanes = [...out.values()].map((each) => each.lane);
        expect(new Set(lanes).size).toBe(lanes.length);
        if (lanes.includes(null)) expect(lanes).toEqual([null]);
      };
      const answer = (each: QueuedCommand): void => {
        out.delete(each.id);
        outbox.settle(each.id);
        answered.push(each);
      };
      const one = (pick: number): QueuedCommand | undefined =>
        [...out.values()][pick % Math.max(1, out.size)];
      for (const next of actions) {
        now += 10;
        if (next.kind === "add") {
          const each = entry(added.length, next.lane);
          added.push(each);
          outbox.add(each, true);
        } else if (next.kind === "lose") {
          for (const id of out.keys()) outbox.retry(id, false);
          out.clear();
        } else {
          const each = one(next.pick);
          if (each !== undefined && next.kind === "answer") answer(each);
          else if (each !== undefined && next.kind === "fail") {
            out.delete(each.id);
            outbox.retry(each.id, true);
            outbox.postpone(each.id, now + next.wait);
          }
        }
        send();
      }
      for (let rounds = 0; outbox.size > 0 && rounds < 1_000; rounds += 1) {
        now += 100;
        send();
        for (const each of [...out.values()]) answer(each);
      }
      expect(answered).toHaveLength(added.length);
      for (const lane of ["a", "b", "c"]) {
        const order = (all: QueuedCommand[]): string[] =>
          all.filter((each) => each.lane === lane || each.lane === null).map((each) => each.id);
        expect(order(answered)).toEqual(order(added));
      }
    }),
  );
});
