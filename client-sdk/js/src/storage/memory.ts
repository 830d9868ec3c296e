/** Keeps commands for as long as the program runs. */

import type { QueuedCommand } from "../outbox.js";
import type { CommandStorage } from "./storage.js";

class MemoryStorage implements CommandStorage {
  readonly #commands = new Map<string, QueuedCommand>();

  claim(account: string): Promise<QueuedCommand[]> {
    const all = [...this.#commands.values()];
    return Promise.resolve(all.filter((command) => command.account === null || command.account === account));
  }

  add(command: QueuedCommand): Promise<void> {
    this.#commands.set(command.id, command);
    return Promise.resolve();
  }

  remove(id: string): Promise<void> {
    this.#commands.delete(id);
    return Promise.resolve();
  }

  clear(): Promise<void> {
    this.#commands.clear();
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export function memoryStorage(): CommandStorage {
  return new MemoryStorage();
}
