/** Signatures that another thread checks, and what becomes of questions when it is not there. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import * as cx1 from "../../src/crypto/index.js";
import { End, type Message } from "../../src/sealed/channel.js";
import { Verifier, type Thread } from "../../src/sealed/verifier.js";
import { Person, Stage } from "../crypto/cast.js";

const ANN = new Person("ann");
const BOB = new Person("bob");

/** The other end in this thread; it answers once it has been told to wake. */
class Beside implements Thread {
  onmessage: Thread["onmessage"] = null;
  onerror: Thread["onerror"] = null;
  readonly terminate = vi.fn();
  silent = false;
  readonly #end = new End(
    {
      post: (data) => {
        this.onmessage?.call(this as never, { data } as MessageEvent);
      },
    },
    {
      ask: (_, [claims]) => Promise.resolve((claims as readonly cx1.Claim[]).map(cx1.isClaimGood)),
      notice: () => undefined,
    },
  );

  readonly postMessage = (message: Message): void => {
    if (!this.silent) this.#end.take(message);
  };

  wake(): void {
    this.#end.notify("awake", null);
  }

  fail(): void {
    this.onerror?.call(this as never, new Event("error") as ErrorEvent);
  }
}

/** What two people say, as claims; the last has a signature that is nobody's. */
function claims(): readonly cx1.Claim[] {
  const stage = new Stage(ANN, [BOB]);
  const raws = [ANN, BOB, ANN].map((by) => stage.say(by, "more"));
  raws[2]?.set([(raws[2].at(-1) ?? 0) ^ 1], raws[2].length - 1);
  const { room } = stage.timeline;
  return raws.flatMap((raw) => cx1.claimOf(room, raw, false) ?? []);
}

function standing(): { readonly verifier: Verifier; readonly threads: Beside[] } {
  const threads: Beside[] = [];
  const verifier = new Verifier(() => {
    const thread = new Beside();
    threads.push(thread);
    return thread;
  });
  return { verifier, threads };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("a thread is asked once it is awake, and given up when it has rested", async () => {
  const { verifier, threads } = standing();
  expect(await verifier.check(claims())).toBeNull();
  verifier.prepare();
  verifier.prepare();
  expect(threads).toHaveLength(1);
  expect(await verifier.check(claims())).toBeNull();
  threads[0]?.wake();
  expect(await verifier.check(claims())).toEqual([true, true, false]);
  vi.advanceTimersByTime(9_000);
  expect(await verifier.check([])).toEqual([]);
  vi.advanceTimersByTime(9_000);
  expect(threads[0]?.terminate).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2_000);
  expect(threads[0]?.terminate).toHaveBeenCalledOnce();
  verifier.prepare();
  expect(threads).toHaveLength(2);
});

test("what a thread does not answer before it goes is left to who asks", async () => {
  const { verifier, threads } = standing();
  verifier.prepare();
  threads[0]?.wake();
  if (threads[0] !== undefined) threads[0].silent = true;
  const asked = verifier.check(claims());
  verifier.close();
  expect(await asked).toBeNull();
});

test("a thread that fails is not begun again", async () => {
  const { verifier, threads } = standing();
  verifier.prepare();
  threads[0]?.wake();
  threads[0]?.fail();
  verifier.prepare();
  expect(threads).toHaveLength(1);
  expect(await verifier.check(claims())).toBeNull();
});
