/** When a connection is tried again, without a server to connect to. */

import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { BASE_MS, CAP_MS } from "../src/backoff.js";
import { Connection, type ConnectionListener } from "../src/connection.js";
import { localError } from "../src/errors.js";
import { programToken } from "../src/index.js";
import { Server } from "../src/server.js";
import { Session } from "../src/session.js";
import { onWake } from "../src/wake.js";

/** A page that the browser tells of its waking. */
class Page extends EventTarget {
  visibilityState = "visible";
}

let url: string;
let connection: Connection;
let losses: { waits: number[]; next: () => Promise<void> };

/** Notes when each attempt fails. */
function listenerOf(note: () => void): ConnectionListener {
  return { opened: vi.fn(), lost: note, events: vi.fn(), ephemeral: vi.fn() };
}

beforeEach(async () => {
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  url = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
  closed.close();
  await once(closed, "close");
  // A whole wait each time, so that it can be told from none.
  vi.spyOn(Math, "random").mockReturnValue(0.999_999);
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
  const server = new Server(url);
  let wake = (): void => undefined;
  const waits: number[] = [];
  let count = 0;
  let last = Date.now();
  const note = (): void => {
    count += 1;
    waits.push(Date.now() - last);
    last = Date.now();
    wake();
  };
  losses = {
    waits,
    next: () => {
      const seen = count;
      return new Promise((resolve) => {
        wake = resolve;
        if (count > seen) resolve();
      });
    },
  };
  connection = new Connection(server, new Session(server, programToken("ymt_x")), listenerOf(note));
});

afterEach(() => {
  connection.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test("waits double from half a second up to half a minute, and begin anew with a new start", async () => {
  for (const waits of [9, 2]) {
    connection.start();
    await losses.next();
    for (let n = 0; n < waits; n += 1) {
      const bound = Math.min(CAP_MS, BASE_MS * 2 ** n);
      const seen = losses.waits.length;
      const lost = losses.next();
      vi.advanceTimersByTime(0.99 * bound);
      await new Promise((resolve) => setImmediate(resolve));
      expect(losses.waits).toHaveLength(seen);
      vi.advanceTimersByTime(0.01 * bound);
      await lost;
    }
    connection.stop();
  }
});

test.each(["online", "pageshow", "visibilitychange"])("%s ends a wait at once", async (name) => {
  const page = new Page();
  vi.stubGlobal("document", page);
  const window = new EventTarget();
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
  vi.stubGlobal("removeEventListener", window.removeEventListener.bind(window));
  connection.start();
  await losses.next();
  const source = name === "visibilitychange" ? page : window;
  const lost = losses.next();
  source.dispatchEvent(new Event(name));
  await lost;
  expect(losses.waits).toEqual([0, 0]);
  connection.stop();
  source.dispatchEvent(new Event(name));
  expect(losses.waits).toHaveLength(2);
});

test("a page that is hidden does not wake", () => {
  const page = new Page();
  vi.stubGlobal("document", page);
  vi.stubGlobal("addEventListener", vi.fn());
  const woken = vi.fn();
  onWake(woken);
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
  expect(woken).not.toHaveBeenCalled();
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  expect(woken).toHaveBeenCalledOnce();
});

test("a token that cannot be had for good ends it; one that cannot be had now does not", async () => {
  const server = new Server(url);
  const outcomes: [string, boolean][] = [];
  for (const code of ["unavailable", "rate_limited", "unauthenticated", "forbidden", "invalid"] as const) {
    const source = { ...programToken("x"), renew: () => Promise.reject(localError(code, code)) };
    const own = await new Promise<Connection>((resolve) => {
      const lost = (_: unknown, final: boolean): void => {
        outcomes.push([code, final]);
        resolve(started);
      };
      const session = new Session(server, source);
      const started = new Connection(server, session, { ...listenerOf(vi.fn()), lost });
      started.start();
    });
    own.stop();
  }
  expect(outcomes).toEqual([
    ["unavailable", false],
    ["rate_limited", false],
    ["unauthenticated", true],
    ["forbidden", true],
    ["invalid", true],
  ]);
});
