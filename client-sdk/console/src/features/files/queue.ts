/**
 * Files on their way: a few at a time, the others in turn, until they are cleared away.
 *
 * They belong to the client, not to a page: they go on while one looks at something else.
 */

import type { Client, Readable } from "@ymera/client";

/** Files of a queue that are on their way at once; more would only share the line. */
const AT_ONCE = 3;

export type EntryState = "queued" | "running" | "done" | "failed";

/** What moves a file. */
interface Running<Made> {
  readonly done: Promise<Made>;
  abort(): void;
}

/** One file in a queue. Replaced at each change but those of its progress. */
export interface Entry<Job, Move, Made> {
  /** Those that came later have higher ones, in whichever queue. */
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  readonly job: Job;
  readonly state: EntryState;
  readonly move: Move | null;
  /** What has come of it. */
  readonly made: Made | null;
  readonly error: unknown;
}

/** Whatever a queue has. */
export type AnyEntry = Entry<unknown, unknown, unknown>;

let next = 1;

export class Queue<Job, Move extends Running<Made>, Made> implements Readable<
  readonly Entry<Job, Move, Made>[]
> {
  readonly #begin: (job: Job) => Move;
  readonly #listeners = new Set<() => void>();
  #entries: readonly Entry<Job, Move, Made>[] = [];

  constructor(begin: (job: Job) => Move) {
    this.#begin = begin;
  }

  readonly get = (): readonly Entry<Job, Move, Made>[] => this.#entries;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes files in. Returns their entries' ids. */
  put(files: readonly Pick<Entry<Job, Move, Made>, "name" | "bytes" | "job">[]): number[] {
    const fresh = { state: "queued", move: null, made: null, error: null } as const;
    const entries = files.map((file) => ({ ...file, ...fresh, id: next++ }));
    this.#publish([...this.#entries, ...entries]);
    this.#advance();
    return entries.map(({ id }) => id);
  }

  /** Ends one and takes it out. */
  cancel(id: number): void {
    this.find(id)?.move?.abort();
    this.#publish(this.#entries.filter((entry) => entry.id !== id));
    this.#advance();
  }

  /** Has one that failed take its turn again. */
  again(id: number, job: Job): void {
    this.#change(id, { state: "queued", move: null, error: null, job });
    this.#advance();
  }

  /** Takes out what has ended. */
  clear(): void {
    this.#publish(this.#entries.filter(isOpen));
  }

  find(id: number): Entry<Job, Move, Made> | undefined {
    return this.#entries.find((entry) => entry.id === id);
  }

  #advance(): void {
    const running = this.#entries.filter(({ state }) => state === "running").length;
    const waiting = this.#entries.filter(({ state }) => state === "queued");
    for (const entry of waiting.slice(0, Math.max(0, AT_ONCE - running))) this.#start(entry);
  }

  #start({ id, job }: Entry<Job, Move, Made>): void {
    try {
      const move = this.#begin(job);
      this.#change(id, { state: "running", move });
      move.done.then(
        (made) => this.#ended(id, { state: "done", made }),
        (error: unknown) => this.#ended(id, { state: "failed", error }),
      );
    } catch (error) {
      this.#change(id, { state: "failed", error });
    }
  }

  #ended(id: number, change: Partial<Entry<Job, Move, Made>>): void {
    this.#change(id, change);
    this.#advance();
  }

  #change(id: number, change: Partial<Entry<Job, Move, Made>>): void {
    this.#publish(this.#entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)));
  }

  #publish(entries: readonly Entry<Job, Move, Made>[]): void {
    this.#entries = entries;
    for (const listener of this.#listeners) listener();
  }
}

/** Whether one has yet to end. */
export function isOpen({ state }: AnyEntry): boolean {
  return state === "queued" || state === "running";
}

/** Gives each client a queue of its own, which is there for as long as the window. */
export function forEachClient<Q extends Readable<readonly AnyEntry[]>>(
  make: (client: Client) => Q,
): (client: Client) => Q {
  const made = new WeakMap<Client, Q>();
  return (client) => {
    let queue = made.get(client);
    if (!queue) {
      made.set(client, (queue = make(client)));
      warnBeforeLeaving(queue);
    }
    return queue;
  };
}

/** What is under way would have to be chosen again, which is not what one expects of closing a window. */
function warnBeforeLeaving(queue: Readable<readonly AnyEntry[]>): void {
  window.addEventListener("beforeunload", (event) => {
    if (queue.get().some(isOpen)) event.preventDefault();
  });
}
