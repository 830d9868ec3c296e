/** How the client stands, for everyone to see, and for those who wait for a connection. */

import { Cell, type Readable } from "./emitter.js";
import { localError, type YmeraError } from "./errors.js";
import { Lifetime } from "./lifetime.js";

/**
 * How the client stands:
 * - `connecting`: on the way to the server for the first time;
 * - `catching_up`: connected; rooms are being joined or waiting commands sent;
 * - `live`: everything shown is current and everything asked is sent;
 * - `offline`: no connection, trying again; commands are queued;
 * - `signed_out`: the server refuses the client for good, as `error` says: the user must sign in
 *   (or the page be loaded anew for `unsupported_protocol`), then `connect()` again.
 */
export type Phase = "connecting" | "catching_up" | "live" | "offline" | "signed_out";

export interface Status {
  readonly phase: Phase;
  /** Commands without a final answer yet. */
  readonly queued: number;
  /** When the phase began, in milliseconds since 1970. */
  readonly since: number;
  /** Why the client is offline or signed out; null otherwise. */
  readonly error: YmeraError | null;
}

/** How many can wait for a connection at once. */
const MAX_WAITING = 1_000;

/** Keeps the status, until the client is closed. */
export class Standing {
  readonly #cell = new Cell<Status>({ phase: "offline", queued: 0, since: Date.now(), error: null });
  readonly #life = new Lifetime();
  #waiting = 0;

  get status(): Readable<Status> {
    return this.#cell;
  }

  get phase(): Phase {
    return this.#cell.get().phase;
  }

  /** Whether there is a connection: `catching_up` or `live`. */
  get connected(): boolean {
    return this.phase === "catching_up" || this.phase === "live";
  }

  get closed(): boolean {
    return this.#life.ended();
  }

  /** Enters a phase, unless it is the one it is in. */
  enter(phase: Phase, error: YmeraError | null = null): void {
    const before = this.#cell.get();
    if (before.phase === phase && before.error === error) return;
    const since = before.phase === phase ? before.since : Date.now();
    this.#cell.set({ ...before, phase, since, error });
  }

  /** Shows how many commands are queued. */
  count(queued: number): void {
    const before = this.#cell.get();
    if (before.queued !== queued) this.#cell.set({ ...before, queued });
  }

  /** Nobody waits any more. */
  close(): void {
    this.#life.end();
  }

  /** Resolves when there is a connection; rejects with YmeraError when there will be none. */
  reached(): Promise<void> {
    const now = this.#outlook();
    if (now !== null) return now;
    if (this.#waiting >= MAX_WAITING) {
      const message = `${MAX_WAITING} requests wait for a connection; wait until some are through.`;
      return Promise.reject(localError("limit_exceeded", message));
    }
    this.#waiting += 1;
    return new Promise((resolve) => {
      const look = (): void => {
        const outlook = this.#outlook();
        if (outlook === null) return;
        this.#waiting -= 1;
        for (const stop of stops) stop();
        resolve(outlook);
      };
      const stops = [this.#cell.subscribe(look), this.#life.onEnd(look)];
    });
  }

  /** Resolved while there is a connection, rejected if there will be none; null as long as that is open. */
  #outlook(): Promise<void> | null {
    if (this.closed) return Promise.reject(closedError());
    if (this.phase === "signed_out") {
      const { error } = this.#cell.get();
      return Promise.reject(error ?? localError("unauthenticated", "You signed out; sign in first."));
    }
    return this.connected ? Promise.resolve() : null;
  }
}

/** The error of what is asked of a client that was closed. */
export function closedError(): YmeraError {
  return localError("unavailable", "The client was closed.");
}
