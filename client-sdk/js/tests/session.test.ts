/** However many ask for a token at once, it is renewed once. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { localError } from "../src/errors.js";
import type { Access, CredentialSource } from "../src/index.js";
import { Server } from "../src/server.js";
import { Session } from "../src/session.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Credentials whose answers come when they are told to. */
class Source implements CredentialSource {
  readonly cookie = false;
  readonly asked: { resolve: (access: Access) => void; reject: (error: Error) => void }[] = [];

  renew(): Promise<Access> {
    return new Promise((resolve, reject) => {
      this.asked.push({ resolve, reject });
    });
  }

  accept(): Promise<void> {
    return Promise.resolve();
  }

  end(): Promise<void> {
    return Promise.resolve();
  }
}

function sessionOf(source: Source): Session {
  return new Session(new Server("http://localhost:1"), source);
}

test("all who ask while a token is on its way get that one", async () => {
  const source = new Source();
  const session = sessionOf(source);
  const asked = [session.token(), session.renew(), session.token(), session.renew()];
  expect(source.asked).toHaveLength(1);
  source.asked[0]?.resolve({ token: "t1", expiresIn: 600 });
  expect(await Promise.all(asked)).toEqual(["t1", "t1", "t1", "t1"]);
  expect(await session.token()).toBe("t1");
  expect(source.asked).toHaveLength(1);
});

test("a failure is told to all who asked, and the next one asks anew", async () => {
  const source = new Source();
  const session = sessionOf(source);
  const asked = [session.token(), session.token()];
  source.asked[0]?.reject(localError("unavailable", "down"));
  expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const again = session.token();
  source.asked[1]?.resolve({ token: "t1", expiresIn: 600 });
  expect(await again).toBe("t1");
});

test("a token that has run out is renewed, one that cannot run out is not", async () => {
  const source = new Source();
  const session = sessionOf(source);
  const first = session.token();
  source.asked[0]?.resolve({ token: "t1", expiresIn: 600 });
  await first;
  vi.advanceTimersByTime(599_999);
  expect(await session.token()).toBe("t1");
  vi.advanceTimersByTime(1);
  const second = session.token();
  source.asked[1]?.resolve({ token: "t2", expiresIn: null });
  expect(await second).toBe("t2");
  vi.advanceTimersByTime(10 ** 12);
  expect(await session.token()).toBe("t2");
});

test("a refused token is replaced, unless that has happened already", async () => {
  const source = new Source();
  const session = sessionOf(source);
  const first = session.token();
  source.asked[0]?.resolve({ token: "t1", expiresIn: 600 });
  await first;
  session.refused("t0");
  expect(await session.token()).toBe("t1");
  session.refused("t1");
  const second = session.token();
  source.asked[1]?.resolve({ token: "t2", expiresIn: 600 });
  expect(await second).toBe("t2");
});

test("an address that is none is refused with a word on how it should look", () => {
  expect(() => new Server("localhost")).toThrow(/must be like https:\/\/host:port, not "localhost"/);
  expect(new Server("https://work.example.org/ymera/")).toEqual({
    origin: "https://work.example.org",
    prefix: "/ymera",
  });
});
