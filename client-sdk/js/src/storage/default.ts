/** The storage that a client gets if it names none. */

import type { Server } from "../server.js";
import { openIndexedDb } from "./indexeddb.js";
import { memoryStorage } from "./memory.js";
import type { CommandStorage } from "./storage.js";

/** IndexedDB, one database for each server, where there is one that works; else memory. */
export async function defaultStorage({ origin, prefix }: Server): Promise<CommandStorage> {
  if (typeof indexedDB === "undefined") return memoryStorage();
  try {
    return await openIndexedDb(`ymera ${origin}${prefix}`);
  } catch {
    // As in some private windows: what is queued then lasts as long as the page, like the sign-in.
    return memoryStorage();
  }
}
