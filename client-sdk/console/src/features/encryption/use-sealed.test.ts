import type { Client, SealedRoomView } from "@ymera/client";
import { expect, it } from "vitest";

import { isReadUp, together, whoHasKeys } from "./use-sealed";

it("asks about every member, as many at once as the server takes", async () => {
  const asked: number[] = [];
  const client = {
    call: (_: string, { members }: { members: string[] }) => {
      asked.push(members.length);
      return Promise.resolve(members.filter((id) => id.endsWith("0")).map((id) => ({ id })));
    },
  } as unknown as Client;
  const everyone = Array.from({ length: 450 }, (_, each) => `${each}`);
  const keyed = await whoHasKeys(client, everyone);
  expect(asked).toEqual([200, 200, 50]);
  expect(keyed).toHaveLength(45);
  expect(keyed.at(-1)).toBe("440");
});

function value<T>(first: T) {
  let now = first;
  const listeners = new Set<() => void>();
  return {
    get: () => now,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set: (next: T) => {
      now = next;
      listeners.forEach((listener) => listener());
    },
  };
}

it("tells of several values as one, which is another list only when one of them has changed", () => {
  const [one, other] = [value(1), value(2)];
  const both = together([one, other]);
  let told = 0;
  const stop = both.subscribe(() => (told += 1));
  const before = both.get();
  expect(before).toEqual([1, 2]);
  expect(both.get()).toBe(before);
  other.set(3);
  expect(both.get()).toEqual([1, 3]);
  stop();
  one.set(5);
  expect(told).toBe(1);
});

it("knows a room that is still being read from one that was, or that stands still", () => {
  const room = (applied: number, head: number, halted = false) =>
    ({ progress: { applied, head }, halted: halted ? {} : null }) as SealedRoomView;
  expect([null, room(1, 2), room(2, 2), room(1, 2, true)].map(isReadUp)).toEqual([false, false, true, true]);
});
