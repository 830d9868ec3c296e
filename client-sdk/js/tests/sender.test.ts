/** Commands are carried out once, in the order of their rooms, through any losses and crashes. */

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { BASE_MS } from "../src/backoff.js";
import { localError, YmeraError } from "../src/errors.js";
import { EMPTY_STATE } from "../src/fold.js";
import { memoryStorage } from "../src/index.js";
import { MAX_AGE_MS, MAX_QUEUED, type QueuedCommand } from "../src/outbox.js";
import { LINGER_MS } from "../src/overlay.js";
import { MAX_FAULTS, Sender, type Rejection, type SenderHost } from "../src/sender.js";
import type { CommandStorage } from "../src/storage/storage.js";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});

afterEach(() => {
  vi.useRealTimers();
});

let calls = 0;

function entry(room: string, more: Partial<QueuedCommand> = {}): QueuedCommand {
  calls += 1;
  const id = String(calls).padStart(12, "0");
  const base = { id, account: "me", name: "task.create", payload: { room }, lane: room, optimistic: [] };
  return { ...base, calledAt: Date.now(), ...more };
}

type Answer = (id: string) => unknown;

/** A client and server around a sender: `answer` decides what happens to each request. */
class World implements SenderHost {
  readonly sender: Sender;
  readonly requests: string[] = [];
  readonly rejections: Rejection[] = [];
  readonly faults: unknown[] = [];
  readonly shown: string[] = [];
  online = true;
  answer: Answer = (id) => `result of ${id}`;

  constructor(storage: CommandStorage = memoryStorage()) {
    this.sender = new Sender(storage, this);
  }

  connected(): boolean {
    return this.online;
  }

  async request(_name: string, payload: object): Promise<unknown> {
    const { command_id } = payload as { command_id: string };
    this.requests.push(command_id);
    await Promise.resolve();
    return this.answer(command_id);
  }

  cursorOf(): number {
    return 0;
  }

  changed(rooms: Iterable<string>): void {
    this.shown.push(...rooms);
  }

  counted(): void {
    expect(this.sender.queued).toBeGreaterThanOrEqual(0);
  }

  rejected(rejection: Rejection): void {
    this.rejections.push(rejection);
  }

  faulted(error: unknown): void {
    this.faults.push(error);
  }
}

function refusal(code: "conflict" | "internal" | "rate_limited" | "unavailable", data = {}): YmeraError {
  const retryable = code !== "conflict";
  return new YmeraError({ code, message: code, retryable, data, correlation_id: "c" });
}

function refuse(error: YmeraError): Answer {
  return () => {
    throw error;
  };
}

describe("answers", () => {
  test("a command resolves with its result", async () => {
    const world = new World();
    await world.sender.connected("me");
    const command = entry("apollo");
    await expect(world.sender.call(command)).resolves.toBe(`result of ${command.id}`);
    expect(world.sender.queued).toBe(0);
  });

  test("a refusal rejects with its error, is told to listeners, and is not repeated", async () => {
    const world = new World();
    await world.sender.connected("me");
    world.answer = refuse(refusal("conflict"));
    const command = entry("apollo");
    await expect(world.sender.call(command)).rejects.toMatchObject({ code: "conflict", correlationId: "c" });
    expect(world.requests).toEqual([command.id]);
    expect(world.rejections).toMatchObject([{ name: "task.create", recovered: false }]);
  });

  test("a busy server is left alone for as long as it asks", async () => {
    const world = new World();
    await world.sender.connected("me");
    world.answer = refuse(refusal("rate_limited", { retry_after: 7 }));
    const answer = world.sender.call(entry("apollo"));
    await vi.advanceTimersByTimeAsync(6_999);
    expect(world.requests).toHaveLength(1);
    world.answer = () => "done";
    await vi.advanceTimersByTimeAsync(501);
    await expect(answer).resolves.toBe("done");
    expect(world.requests).toHaveLength(2);
    expect(new Set(world.requests).size).toBe(1);
  });

  test("a command that makes the server fail every time is given up, so that others may pass", async () => {
    const world = new World();
    await world.sender.connected("me");
    world.answer = refuse(refusal("internal"));
    const answer = world.sender.call(entry("apollo"));
    const outcome = expect(answer).rejects.toMatchObject({ code: "internal" });
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    await outcome;
    expect(world.requests).toHaveLength(MAX_FAULTS);
  });

  test("losing the connection is no failure: however often it happens, the command goes out again", async () => {
    const world = new World();
    await world.sender.connected("me");
    const answer = world.sender.call(entry("apollo"));
    for (let n = 0; n < 2 * MAX_FAULTS; n += 1) {
      world.answer = () => {
        world.online = false;
        throw localError("unavailable", "lost");
      };
      await vi.advanceTimersByTimeAsync(0);
      world.online = true;
      await world.sender.connected("me");
    }
    world.answer = refuse(refusal("internal"));
    await vi.advanceTimersByTimeAsync(0);
    world.online = true;
    await world.sender.connected("me");
    await vi.advanceTimersByTimeAsync(0);
    world.answer = () => "done";
    await vi.advanceTimersByTimeAsync(BASE_MS);
    await expect(answer).resolves.toBe("done");
  });

  test("after seven days a command gives up", async () => {
    const world = new World();
    world.online = false;
    await world.sender.connected("me");
    const outcome = expect(world.sender.call(entry("apollo"))).rejects.toMatchObject({
      code: "deadline_exceeded",
    });
    vi.setSystemTime(Date.now() + MAX_AGE_MS);
    world.online = true;
    await world.sender.connected("me");
    await outcome;
    expect(world.requests).toEqual([]);
  });

  test("a command that is queued already is not queued again", async () => {
    const world = new World();
    const command = entry("apollo");
    const answer = world.sender.call(command);
    await expect(world.sender.call(command)).rejects.toMatchObject({ code: "conflict" });
    await world.sender.connected("me");
    await expect(answer).resolves.toMatch(/^result/);
    expect(world.requests).toEqual([command.id]);
  });

  test("the queue is bounded", async () => {
    const world = new World();
    world.online = false;
    await world.sender.connected("me");
    const waiting = Array.from({ length: MAX_QUEUED }, () => world.sender.call(entry("apollo")));
    for (const each of waiting) each.catch(() => undefined);
    await expect(world.sender.call(entry("apollo"))).rejects.toMatchObject({ code: "limit_exceeded" });
    await world.sender.close();
  });
});

describe("optimism", () => {
  const optimistic = [{ room: "apollo", collection: "tasks", drop: "t1" }] as const;
  const state = { ...EMPTY_STATE, tasks: { t1: { id: "t1" } } } as unknown as typeof EMPTY_STATE;
  const shows = (world: World): boolean => "t1" in world.sender.overlays.show("apollo", state).tasks;

  test("a change shows at once, before anything is stored or sent", () => {
    const world = new World();
    void world.sender.call(entry("apollo", { optimistic }));
    expect(shows(world)).toBe(false);
    expect(world.shown).toEqual(["apollo"]);
  });

  test("it rolls back before the caller hears of the refusal", async () => {
    const world = new World();
    await world.sender.connected("me");
    world.answer = refuse(refusal("conflict"));
    const heard = world.sender.call(entry("apollo", { optimistic })).then(
      () => "carried out",
      () => (shows(world) ? "rolled back" : "still pending"),
    );
    expect(shows(world)).toBe(false);
    await expect(heard).resolves.toBe("rolled back");
  });

  test("it goes a while after the answer even if no event comes", async () => {
    const world = new World();
    await world.sender.connected("me");
    await world.sender.call(entry("apollo", { optimistic }));
    expect(shows(world)).toBe(false);
    await vi.advanceTimersByTimeAsync(LINGER_MS);
    expect(shows(world)).toBe(true);
  });

  test("what an earlier run left pending shows again", async () => {
    const storage = memoryStorage();
    await storage.add(entry("apollo", { optimistic }));
    const world = new World(storage);
    world.online = false;
    await world.sender.connected("me");
    expect(shows(world)).toBe(false);
    expect(world.sender.queued).toBe(1);
    expect(world.sender.caughtUp).toBe(false);
  });
});

describe("accounts", () => {
  test("one account's commands are never sent as another's, and wait for their own", async () => {
    const storage = memoryStorage();
    const world = new World(storage);
    world.online = false;
    await world.sender.connected("ada");
    const command = entry("apollo", { account: "ada" });
    const outcome = expect(world.sender.call(command)).rejects.toMatchObject({ code: "unauthenticated" });
    world.online = true;
    await world.sender.connected("grace");
    await outcome;
    expect(world.requests).toEqual([]);
    await world.sender.connected("ada");
    await vi.advanceTimersByTimeAsync(0);
    expect(world.requests).toEqual([command.id]);
  });

  test("a command called before the first sign-in goes out after it", async () => {
    const world = new World();
    const answer = world.sender.call(entry("apollo", { account: null }));
    await vi.advanceTimersByTimeAsync(0);
    expect(world.requests).toEqual([]);
    await world.sender.connected("me");
    await expect(answer).resolves.toMatch(/^result/);
  });

  test("signing out forgets what is queued", async () => {
    const storage = memoryStorage();
    const world = new World(storage);
    world.online = false;
    await world.sender.connected("me");
    const outcome = expect(world.sender.call(entry("apollo"))).rejects.toMatchObject({
      code: "unauthenticated",
    });
    await world.sender.forget();
    await outcome;
    expect(await storage.claim("me")).toEqual([]);
  });
});

describe("the storage", () => {
  test("a command that cannot be stored is refused and not sent", async () => {
    const storage = memoryStorage();
    storage.add = () => Promise.reject(new Error("the disk is full"));
    const world = new World(storage);
    await world.sender.connected("me");
    await expect(world.sender.call(entry("apollo"))).rejects.toMatchObject({ code: "internal" });
    expect(world.requests).toEqual([]);
  });

  test("nothing is sent before it is stored", async () => {
    const storage = memoryStorage();
    let store = (): void => undefined;
    storage.add = () => new Promise((resolve) => (store = resolve));
    const world = new World(storage);
    await world.sender.connected("me");
    const answer = world.sender.call(entry("apollo"));
    await vi.advanceTimersByTimeAsync(0);
    expect(world.requests).toEqual([]);
    store();
    await expect(answer).resolves.toMatch(/^result/);
  });

  test("a command answered while the storage is searched is not taken up again", async () => {
    const storage = memoryStorage();
    const world = new World(storage);
    await world.sender.connected("me");
    const command = entry("apollo");
    let find = (): void => undefined;
    storage.claim = () =>
      new Promise((resolve) => {
        find = () => {
          resolve([command]);
        };
      });
    const search = world.sender.claim();
    await world.sender.call(command);
    find();
    await search;
    await vi.advanceTimersByTimeAsync(0);
    expect(world.requests).toEqual([command.id]);
    expect(world.sender.queued).toBe(0);
  });

  test("a failure that no caller waits for is told to listeners", async () => {
    const storage = memoryStorage();
    const failure = new Error("the disk is gone");
    storage.remove = () => Promise.reject(failure);
    const world = new World(storage);
    await world.sender.connected("me");
    await world.sender.call(entry("apollo"));
    await vi.advanceTimersByTimeAsync(0);
    expect(world.faults).toEqual([failure]);
  });
});

const fates = ["done", "lost before", "lost after", "busy", "crashed before", "crashed after"] as const;
type Fate = (typeof fates)[number];

/** A server that carries out each id once, whatever happens to its questions and answers. */
class Ledger {
  readonly done: string[] = [];

  carryOut(id: string): string {
    if (!this.done.includes(id)) this.done.push(id);
    return id;
  }
}

/** Sends `rooms`' commands through the fates; a crash is a new sender on the same storage. */
async function live(
  rooms: readonly string[],
  script: readonly Fate[],
): Promise<[Ledger, QueuedCommand[], World]> {
  const storage = memoryStorage();
  const ledger = new Ledger();
  const remaining = [...script];
  let world = new World(storage);
  const crash = (): Promise<never> => {
    world = begin();
    return new Promise(() => undefined);
  };
  const lose = (): never => {
    world.online = false;
    throw localError("unavailable", "lost");
  };
  const answer: Answer = (id) => {
    const fate = remaining.shift() ?? "done";
    if (fate === "busy") throw refusal("unavailable");
    if (fate === "lost before") return lose();
    if (fate === "crashed before") return crash();
    const result = ledger.carryOut(id);
    return fate === "lost after" ? lose() : fate === "crashed after" ? crash() : result;
  };
  const begin = (): World => {
    const dead = world as World | null;
    if (dead !== null) dead.online = false;
    const next = new World(storage);
    next.answer = answer;
    void next.sender.connected("me");
    return next;
  };
  world = begin();
  const entries = rooms.map((room) => entry(room));
  for (const each of entries) {
    world.sender.call(each).catch(() => undefined);
    await vi.advanceTimersByTimeAsync(50);
    if (!world.online) {
      world.online = true;
      await world.sender.connected("me");
    }
  }
  for (let rounds = 0; rounds < 200 && (await storage.claim("me")).length > 0; rounds += 1) {
    world.online = true;
    await world.sender.connected("me");
    await vi.advanceTimersByTimeAsync(31_000);
  }
  expect(await storage.claim("me")).toEqual([]);
  return [ledger, entries, world];
}

test.each(fates)("crash point: %s", async (fate) => {
  const [ledger, entries, world] = await live(["a", "a", "b"], [fate]);
  expect(new Set(ledger.done)).toEqual(new Set(entries.map((each) => each.id)));
  expect(world.sender.queued).toBe(0);
  expect(world.sender.caughtUp).toBe(true);
});

test("through any sequence of losses and crashes each command is carried out, in its room's order", async () => {
  const rooms = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(rooms, fc.array(fc.constantFrom(...fates), { maxLength: 30 }), async (all, script) => {
      const [ledger, entries] = await live(all, script);
      for (const room of ["a", "b", "c"]) {
        const own = entries.filter((each) => each.lane === room).map((each) => each.id);
        expect(ledger.done.filter((id) => own.includes(id))).toEqual(own);
      }
    }),
    { numRuns: 60 },
  );
});
