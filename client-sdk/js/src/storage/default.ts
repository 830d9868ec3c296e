/** The storage that a client gets if it names none. */

import type { Server } from "../server.js";
import { indexedDbStorage } from "./indexeddb.js";
import { memoryStorage } from "./memory.js";
import type { CommandStorage } from "./storage.js";

/** IndexedDB, one database for each server, where there is such a thing; else memory. */
export function defaultStorage({ origin, prefix }: Server): CommandStorage {
  const exists = typeof indexedDB !== "undefined";
  return exists ? indexedDbStorage(`ymera ${origin}${prefix}`) : memoryStorage();
}
