/**
 * Where a client's keys are, and the engine that works with them.
 *
 * A client asks over a `KeysLine`, and cannot tell whether the engine runs in the same program, in a worker, or in
 * the worker of another tab.
 */

import { callOn, Engine, type Callable, type Called } from "./engine.js";
import type { Notices } from "./channel.js";
import { asYmeraError } from "./faults.js";
import { memoryStores, type OpenStore } from "./store.js";

/** A client, as keys need it. */
export interface KeysHost {
  /** Asks the server. Rejects with YmeraError. */
  readonly request: (name: string, payload: object) => Promise<unknown>;
  readonly notice: <K extends keyof Notices>(name: K, value: Notices[K]) => void;
  /** The engine is another one, or in another place: what was open has to be opened again. */
  renewed(): void;
  /** The engine has failed, where nobody waits for an answer. */
  failed(error: unknown): void;
  /** Where the server's pages are, for links. */
  readonly origin: string;
}

export interface KeysLine {
  /** Rejects with YmeraError. */
  ask<C extends Callable>(method: C, ...args: Parameters<Called<C>>): ReturnType<Called<C>>;
  close(): Promise<void>;
}

/** A client's keys: `memoryKeys()`, on Node `fileKeys(…)`, in browsers `workerKeys(…)`. */
export interface Keys {
  attach(host: KeysHost): KeysLine;
}

/** Keys whose engine runs in this program. */
export function inlineKeys(open: OpenStore): Keys {
  return {
    attach: ({ request, notice, origin }) => {
      const engine = new Engine({ request, notify: notice }, open, origin);
      return {
        ask: (method, ...args) => asked(engine, method, args) as never,
        close: () => engine.session.stop(),
      };
    },
  };
}

/** Keys that last as long as the program: for tests, and for programs that begin anew each time. */
export function memoryKeys(): Keys {
  return inlineKeys(memoryStores());
}

async function asked(engine: Engine, method: Callable, args: readonly unknown[]): Promise<unknown> {
  try {
    return await callOn(engine, method, args);
  } catch (error) {
    throw asYmeraError(error);
  }
}
