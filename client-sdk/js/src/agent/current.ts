/**
 * Which run's handler is at work where the program stands.
 *
 * Another thread that finds the event loop blocked looks it up under this name while it stands still.
 */

import { AsyncLocalStorage } from "node:async_hooks";

import type { Lease } from "./link.js";

export const CURRENT_RUN = "ymera.agent.current-run";

const current = new AsyncLocalStorage<Lease>();

Object.defineProperty(globalThis, Symbol.for(CURRENT_RUN), {
  value: () => current.getStore() ?? null,
  configurable: true,
});

/** Does `work` as that run's. */
export function workingOn<T>(lease: Lease, work: () => T): T {
  return current.run(lease, work);
}
