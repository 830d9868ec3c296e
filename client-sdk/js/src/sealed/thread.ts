/**
 * A worker with the engine in it, as the tab has it that leads.
 *
 * Invariant: nothing that it was asked stays without an answer once it was terminated.
 */

import { localError } from "../errors.js";
import { End, type Message } from "./channel.js";
import type { KeysHost } from "./keys.js";

export class EngineThread {
  /** Rejects when the worker does not load, or breaks; never resolves. */
  readonly failure: Promise<never>;
  readonly #worker: Worker;
  readonly #end: End;
  /** Resolves when it can be asked. */
  readonly #awake: Promise<void>;

  constructor(worker: Worker, host: KeysHost, told: (name: string, value: unknown) => void) {
    let awake: () => void = () => undefined;
    this.#awake = new Promise((resolve) => (awake = resolve));
    this.#worker = worker;
    this.#end = new End(
      {
        post: (message) => {
          worker.postMessage(message);
        },
      },
      {
        ask: (_method, [name, payload]) => host.request(name as string, payload as object),
        notice: (name, value) => {
          if (name === "awake") awake();
          else told(name, value);
        },
      },
    );
    worker.onmessage = ({ data }: MessageEvent<Message>) => {
      this.#end.take(data);
    };
    this.failure = new Promise((_resolve, reject) => {
      worker.onerror = () => {
        const message =
          "What works with the keys of encrypted rooms has failed. It is begun again by itself.";
        reject(localError("unavailable", message));
      };
    });
  }

  /** Opens the store of an account, among those of that name. */
  async start(name: string, origin: string, account: string): Promise<void> {
    await this.#awake;
    await this.#end.ask("configure", name, origin);
    await this.#end.ask("session.start", account);
  }

  ask(method: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.#end.ask(method, ...args);
  }

  /** Has the engine let go of its store. */
  async stop(): Promise<void> {
    await Promise.race([this.#end.ask("session.stop"), this.failure]).catch(() => undefined);
  }

  terminate(): void {
    this.#worker.terminate();
    this.#end.close(localError("unavailable", "The client was closed."));
  }
}
