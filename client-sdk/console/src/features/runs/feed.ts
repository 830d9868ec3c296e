/**
 * A run's history, kept whole while it is watched: what was, page by page, then what happens.
 *
 * Invariant: each event once, in the room's order. Whatever a lost connection may have cost is asked for
 * again from the last page on.
 */

import type { Client, LoggedEvent } from "@ymera/client";
import { useEffect, useMemo, useSyncExternalStore } from "react";

import { useClient } from "#/app/client";

import { concerns } from "./scene";

const PAGE = 200;

export interface History {
  events: readonly LoggedEvent[];
  /** Everything there was has arrived. */
  complete: boolean;
  error: unknown;
}

export class RunFeed {
  readonly #client: Client;
  readonly #room: string;
  readonly #run: string;
  readonly #listeners = new Set<() => void>();
  #history: History = { events: [], complete: false, error: null };
  #cursor: string | null = null;
  #loading = false;

  constructor(client: Client, room: string, run: string) {
    this.#client = client;
    this.#room = room;
    this.#run = run;
  }

  readonly get = (): History => this.#history;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Follows the run until the returned function is called. */
  start(): () => void {
    let phase = this.#client.status.get().phase;
    const stops = [
      this.#client.on("event", (event) => {
        if (event.room === this.#room && concerns(event, this.#run)) this.#take([event]);
      }),
      this.#client.status.subscribe(() => {
        const before = phase;
        phase = this.#client.status.get().phase;
        if (phase === "live" && before !== "live") void this.load();
      }),
    ];
    void this.load();
    return () => stops.forEach((stop) => stop());
  }

  /** Asks for what there is from the last page on. */
  async load(): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    try {
      for (;;) {
        const query = { run_id: this.#run, cursor: this.#cursor, limit: PAGE };
        const page = await this.#client.call("run.history", query, { wait: true });
        this.#take(page.items);
        if (page.next === null) break;
        this.#cursor = page.next;
      }
      this.#show({ ...this.#history, complete: true, error: null });
    } catch (error) {
      this.#show({ ...this.#history, error });
    } finally {
      this.#loading = false;
    }
  }

  #take(more: readonly LoggedEvent[]): void {
    this.#show({ ...this.#history, events: joined(this.#history.events, more) });
  }

  #show(history: History): void {
    this.#history = history;
    for (const listener of this.#listeners) listener();
  }
}

/** Both together in order, each event once. */
export function joined(events: readonly LoggedEvent[], more: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const last = events.at(-1)?.seq ?? 0;
  const first = more[0]?.seq ?? 0;
  if (first > last && more.every((event, index) => index === 0 || event.seq > (more[index - 1]?.seq ?? 0)))
    return [...events, ...more];
  const bySeq = new Map([...events, ...more].map((event) => [event.seq, event]));
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

/** A run's history, growing as the run goes on. */
export function useFeed(projectId: string, runId: string): History & { reload: () => void } {
  const client = useClient();
  const feed = useMemo(() => new RunFeed(client, projectId, runId), [client, projectId, runId]);
  useEffect(() => feed.start(), [feed]);
  const history = useSyncExternalStore(feed.subscribe, feed.get);
  return { ...history, reload: () => void feed.load() };
}
