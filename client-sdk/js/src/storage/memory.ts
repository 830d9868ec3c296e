/** Keeps commands for as long as the program runs. */

import type { Entry } from "../outbox.js";
import type { CommandStorage } from "./storage.js";

class MemoryStorage implements CommandStorage {
  readonly #entries = new Map<string, Entry>();

  claim(account: string): Promise<Entry[]> {
    const all = [...this.#entries.values()];
    return Promise.resolve(all.filter((entry) => entry.account === null || entry.account === account));
  }

  add(entry: Entry): Promise<void> {
    this.#entries.set(entry.id, entry);
    return Promise.resolve();
  }

  remove(id: string): Promise<void> {
    this.#entries.delete(id);
    return Promise.resolve();
  }

  clear(): Promise<void> {
    this.#entries.clear();
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export function memoryStorage(): CommandStorage {
  return new MemoryStorage();
}
