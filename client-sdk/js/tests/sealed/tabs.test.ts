/** Tabs that cannot lead, and tabs that leave on their way there: the lead goes on to who can, and nothing hangs. */

import { beforeEach, expect, onTestFinished, test, vi } from "vitest";

import { localError } from "../../src/errors.js";
import { End, type Message } from "../../src/sealed/channel.js";
import type { KeysLine } from "../../src/sealed/keys.js";
import { workerKeys } from "../../src/sealed/tabs.js";

/** Web Locks with one lock: one has it, the others stand in a row. */
class Locks {
  readonly #row: (() => void)[] = [];
  #held = false;

  readonly request = async (
    _name: string,
    { signal }: { readonly signal: AbortSignal },
    work: () => Promise<void>,
  ): Promise<void> => {
    await new Promise<void>((resolve, reject) => {
      this.#row.push(resolve);
      signal.addEventListener("abort", () => {
        const at = this.#row.indexOf(resolve);
        if (at >= 0) this.#row.splice(at, 1);
        reject(new Error("It was called off."));
      });
      this.#next();
    });
    try {
      await work();
    } finally {
      this.#held = false;
      this.#next();
    }
  };

  /** Whether nobody has the lock or waits for it. */
  get free(): boolean {
    return !this.#held && this.#row.length === 0;
  }

  #next(): void {
    if (this.#held) return;
    const next = this.#row.shift();
    this.#held = next !== undefined;
    next?.();
  }
}

type Answer = (method: string) => Promise<unknown>;

/** A worker whose engine answers as a test wants. */
class FakeWorker {
  onmessage: ((event: { readonly data: Message }) => void) | null = null;
  onerror: (() => void) | null = null;
  terminated = false;
  readonly asked: string[] = [];
  readonly #end: End;

  constructor(answer: Answer) {
    const post = (data: Message): void => {
      queueMicrotask(() => {
        if (!this.terminated) this.onmessage?.({ data });
      });
    };
    const ask: Answer = (method) => {
      this.asked.push(method);
      return answer(method);
    };
    this.#end = new End({ post }, { ask, notice: () => undefined });
  }

  awake(): void {
    this.#end.notify("awake", null);
  }

  postMessage(message: Message): void {
    queueMicrotask(() => {
      this.#end.take(message);
    });
  }

  terminate(): void {
    this.terminated = true;
  }
}

/** Tabs, each with the workers that it has made; the `made`-th of a tab begins as it is told. */
function newTab(begin: (worker: FakeWorker, made: number) => void, answer: Answer = sound) {
  const workers: FakeWorker[] = [];
  const host = {
    request: () => Promise.reject(localError("internal", "There is no server.")),
    notice: () => undefined,
    renewed: vi.fn(),
    failed: vi.fn(),
    origin: "https://x.example",
  };
  const worker = (): Worker => {
    const made = new FakeWorker(answer);
    workers.push(made);
    begin(made, workers.length);
    return made as unknown as Worker;
  };
  const line: KeysLine = workerKeys({ worker, name }).attach(host);
  onTestFinished(() => line.close());
  return { line, host, workers };
}

const sound: Answer = (method) => Promise.resolve(method === "identity.devices" ? [] : undefined);
const broken: Answer = (method) =>
  method === "session.start" ? Promise.reject(new Error("There is no IndexedDB here.")) : sound(method);
const awake = (worker: FakeWorker): void => {
  worker.awake();
};
const fails = (worker: FakeWorker): void => {
  queueMicrotask(() => worker.onerror?.());
};

let locks: Locks;
/** So that no test hears the tabs of another. */
let name: string;

beforeEach(() => {
  locks = new Locks();
  name = crypto.randomUUID();
  // The person is asked, and does not answer.
  const storage = { persist: () => new Promise(() => undefined) };
  vi.stubGlobal("navigator", { locks, storage });
  vi.stubGlobal("isSecureContext", true);
  onTestFinished(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
});

test("a tab leads while the person has not said whether the browser may keep what there is", async () => {
  const { line } = newTab(awake);
  await line.ask("session.start", "ada");
  expect(await line.ask("identity.devices")).toEqual([]);
});

test("where the store of one tab does not open another leads, and the first asks it", async () => {
  // It is long until it tries again.
  vi.spyOn(Math, "random").mockReturnValue(1_000);
  const first = newTab(awake, broken);
  await first.line.ask("session.start", "ada");
  const waiting = expect(first.line.ask("identity.devices")).rejects.toMatchObject({
    code: "unavailable",
    message: "Encrypted rooms could not be opened in this browser. It is tried again by itself.",
  });
  const second = newTab(awake);
  await second.line.ask("session.start", "ada");
  await waiting;
  await vi.waitFor(() => {
    expect(first.host.renewed).toHaveBeenCalled();
  });
  expect(await first.line.ask("identity.devices")).toEqual([]);
  expect(second.workers[0]?.asked).toContain("identity.devices");
  expect(first.workers[0]?.terminated).toBe(true);
});

test("whatever is asked of a tab that cannot lead is refused, until it can", async () => {
  const { line, host, workers } = newTab((worker, made) => {
    if (made === 1) fails(worker);
    else worker.awake();
  });
  // It is long until it tries again.
  vi.spyOn(Math, "random").mockReturnValue(1_000);
  await line.ask("session.start", "ada");
  const refused = { code: "unavailable", message: expect.stringContaining("begun again") as unknown };
  await expect(line.ask("identity.devices")).rejects.toMatchObject(refused);
  await expect(line.ask("identity.devices")).rejects.toMatchObject(refused);
  expect(host.failed).toHaveBeenCalledOnce();
  // The next connection does not wait.
  await line.ask("session.start", "ada");
  await vi.waitFor(() => {
    expect(host.renewed).toHaveBeenCalled();
  });
  expect(await line.ask("identity.devices")).toEqual([]);
  expect(workers.map(({ terminated }) => terminated)).toEqual([true, false]);
});

test("a tab that cannot lead tries again by itself, also after it has led", async () => {
  const { line, host, workers } = newTab((worker, made) => {
    if (made < 3) fails(worker);
    else worker.awake();
  });
  vi.spyOn(Math, "random").mockReturnValue(0);
  await line.ask("session.start", "ada");
  await vi.waitFor(() => {
    expect(host.renewed).toHaveBeenCalledOnce();
  });
  workers[2]?.onerror?.();
  await vi.waitFor(() => {
    expect(host.renewed).toHaveBeenCalledTimes(2);
  });
  expect(await line.ask("identity.devices")).toEqual([]);
  expect(workers.map(({ terminated }) => terminated)).toEqual([true, true, true, false]);
});

test("a tab that is closed before its engine runs leaves no engine, and another can lead", async () => {
  const first = newTab(() => undefined);
  await first.line.ask("session.start", "ada");
  const asked = expect(first.line.ask("identity.devices")).rejects.toMatchObject({ code: "unavailable" });
  const second = newTab(awake);
  await second.line.ask("session.start", "ada");
  await first.line.close();
  await asked;
  expect(first.workers.map(({ terminated }) => terminated)).toEqual([true]);
  expect(await second.line.ask("identity.devices")).toEqual([]);
  await expect(first.line.ask("identity.devices")).rejects.toMatchObject({ code: "unavailable" });
});

test("a tab that changes its account while it opens a store has one engine, of the new account", async () => {
  let opens: () => void = () => undefined;
  const opening = new Promise<void>((resolve) => (opens = resolve));
  let starts = 0;
  const { line, workers } = newTab(awake, (method) =>
    method === "session.start" && starts++ === 0 ? opening : sound(method),
  );
  await line.ask("session.start", "ada");
  await vi.waitFor(() => {
    expect(starts).toBe(1);
  });
  await Promise.all([line.ask("session.start", "grace"), line.ask("session.start", "linus")]);
  opens();
  expect(await line.ask("identity.devices")).toEqual([]);
  expect(workers.map(({ terminated }) => terminated)).toEqual([true, false]);
  await line.close();
  expect(workers.map(({ terminated }) => terminated)).toEqual([true, true]);
  expect(workers[1]?.asked).toContain("session.stop");
  expect(locks.free).toBe(true);
});
