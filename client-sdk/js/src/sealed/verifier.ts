/**
 * A second thread that checks signatures, while the first applies what came before: half of a long catch-up is
 * signatures, and the order in which they are checked does not matter.
 *
 * Invariant: it holds no keys and decides nothing. What it does not answer is checked by who asks, when it is due.
 */

import type { Claim } from "../crypto/claims.js";
import { localError } from "../errors.js";
import { End, type Message } from "./channel.js";

/** A thread that answers `verify`, as `sealed/worker` does. */
export type Thread = Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror">;

/** After so long without a question the thread is given up. */
const REST_MS = 10_000;

export class Verifier {
  readonly #make: () => Thread;
  #thread: { readonly worker: Thread; readonly end: End } | null = null;
  #awake = false;
  #broken = false;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(make: () => Thread) {
    this.#make = make;
  }

  /** There is going to be much to check: begins the thread. */
  prepare(): void {
    this.#defer();
    if (this.#thread !== null || this.#broken) return;
    const worker = this.#make();
    const end = new End(
      {
        post: (message) => {
          worker.postMessage(message);
        },
      },
      {
        ask: () => Promise.reject(localError("internal", "The verifier asks nothing.")),
        notice: () => {
          this.#awake = true;
        },
      },
    );
    worker.onmessage = ({ data }: { readonly data: Message }) => {
      end.take(data);
    };
    worker.onerror = () => {
      this.#broken = true;
      this.close();
    };
    this.#thread = { worker, end };
  }

  /** Which of the claims are good; null if the thread is not there, or goes. */
  async check(claims: readonly Claim[]): Promise<readonly boolean[] | null> {
    if (this.#thread === null || !this.#awake) return null;
    this.#defer();
    try {
      return (await this.#thread.end.ask("verify", claims)) as readonly boolean[];
    } catch {
      return null;
    }
  }

  /** Gives the thread up. */
  close(): void {
    clearTimeout(this.#rest);
    this.#thread?.worker.terminate();
    this.#thread?.end.close(localError("unavailable", "The verifier was given up."));
    this.#thread = null;
    this.#awake = false;
  }

  #defer(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.close();
    }, REST_MS);
  }
}
