import type { Client, LoggedEvent } from "@ymera/client";
import { expect, it } from "vitest";

import { joined, RunFeed } from "./feed";

function event(seq: number, run = "run"): LoggedEvent {
  return { room: "room", seq, type: "run.logged", at: "", actor: null, data: { run_id: run } };
}

/** A client as far as a feed needs it: pages of history, a phase, and events to tell. */
function setting(pages: Record<string, { items: LoggedEvent[]; next: string | null }>) {
  const asked: (string | null)[] = [];
  const told = new Set<(event: LoggedEvent) => void>();
  const moved = new Set<() => void>();
  let phase = "live";
  const client = {
    call: (_name: string, { cursor }: { cursor: string | null }) => {
      asked.push(cursor);
      return Promise.resolve(pages[cursor ?? "first"]);
    },
    on: (_name: string, listener: (event: LoggedEvent) => void) => (
      told.add(listener),
      () => told.delete(listener)
    ),
    status: {
      get: () => ({ phase }),
      subscribe: (listener: () => void) => (moved.add(listener), () => moved.delete(listener)),
    },
  } as unknown as Client;
  return {
    client,
    asked,
    tell: (each: LoggedEvent) => told.forEach((listener) => listener(each)),
    move: (next: string) => {
      phase = next;
      moved.forEach((listener) => listener());
    },
  };
}

const seqs = (feed: RunFeed) => feed.get().events.map(({ seq }) => seq);

async function settled(feed: RunFeed): Promise<void> {
  while (!feed.get().complete) await new Promise<void>((done) => feed.subscribe(done));
}

it("pages through what was and joins what happens meanwhile, each once", async () => {
  const { client, tell, asked } = setting({
    first: { items: [event(1), event(2)], next: "b" },
    b: { items: [event(5), event(9)], next: null },
  });
  const feed = new RunFeed(client, "room", "run");
  const stop = feed.start();
  tell(event(9));
  tell(event(7, "another"));
  tell(event(12));
  await settled(feed);
  expect(seqs(feed)).toEqual([1, 2, 5, 9, 12]);
  expect(asked).toEqual([null, "b"]);
  stop();
  tell(event(13));
  expect(seqs(feed)).toEqual([1, 2, 5, 9, 12]);
});

it("asks again from the last page on after a lost connection", async () => {
  const pages = {
    first: { items: [event(1)], next: "b" as string | null },
    b: { items: [event(2)], next: null as string | null },
  };
  const { client, move, asked } = setting(pages);
  const feed = new RunFeed(client, "room", "run");
  feed.start();
  await settled(feed);
  pages.b.items.push(event(3));
  move("offline");
  move("live");
  await new Promise<void>((done) => feed.subscribe(done));
  expect(seqs(feed)).toEqual([1, 2, 3]);
  expect(asked).toEqual([null, "b", "b"]);
});

it("joins in order whatever comes late", () => {
  expect(joined([event(1), event(4)], [event(3), event(2), event(4)]).map(({ seq }) => seq)).toEqual([
    1, 2, 3, 4,
  ]);
});
