/**
 * Keeps commands in IndexedDB, so that they survive a reload.
 *
 * Each client (each tab) owns the commands it has added, under a name of its own, and holds a
 * Web Lock of that name for as long as it lives. Whoever can get the lock of another name knows
 * that its owner is gone, and takes its commands over; whoever can't, waits for it. So no two tabs send the same command.
 * Where there are no Web Locks everything counts as left behind: a command may then be sent
 * twice, which its id makes harmless.
 */

import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import { v7 as uuidv7 } from "uuid";

import type { QueuedCommand } from "../outbox.js";
import type { CommandStorage } from "./storage.js";

interface Kept {
  readonly owner: string;
  readonly command: QueuedCommand;
}

interface Schema extends DBSchema {
  commands: { key: string; value: Kept; indexes: { owner: string } };
}

type Database = IDBPDatabase<Schema>;

/** Keeps commands in the database of that name. Throws what IndexedDB throws where it does not work. */
export async function openIndexedDb(name: string): Promise<CommandStorage> {
  const owner = uuidv7();
  const database = await openDB<Schema>(name, 1, {
    upgrade(database) {
      const store = database.createObjectStore("commands", { keyPath: "command.id" });
      store.createIndex("owner", "owner");
    },
  });
  return new IndexedDbStorage(database, owner, await hold(lockOf(name, owner)));
}

class IndexedDbStorage implements CommandStorage {
  readonly #database: Database;
  readonly #owner: string;
  readonly #letGo: () => void;
  /** The owners whose end is waited for. */
  readonly #awaited = new Set<string>();
  readonly #closed = new AbortController();

  constructor(database: Database, owner: string, letGo: () => void) {
    this.#database = database;
    this.#owner = owner;
    this.#letGo = letGo;
  }

  async claim(account: string, left?: () => void): Promise<QueuedCommand[]> {
    for (const owner of await this.#owners()) {
      if (owner === this.#owner || (await this.#inherit(owner)) || left === undefined) continue;
      void this.#await(owner, left);
    }
    const own = await this.#database.getAllFromIndex("commands", "owner", this.#owner);
    return own
      .map((kept) => kept.command)
      .filter((command) => command.account === null || command.account === account);
  }

  async add(command: QueuedCommand): Promise<void> {
    await this.#database.put("commands", { owner: this.#owner, command });
  }

  async remove(id: string): Promise<void> {
    await this.#database.delete("commands", id);
  }

  async clear(): Promise<void> {
    const transaction = this.#database.transaction("commands", "readwrite");
    for (const id of await transaction.store.index("owner").getAllKeys(this.#owner)) {
      await transaction.store.delete(id);
    }
    await transaction.done;
  }

  close(): Promise<void> {
    this.#closed.abort();
    this.#database.close();
    this.#letGo();
    return Promise.resolve();
  }

  async #owners(): Promise<string[]> {
    const found: string[] = [];
    const index = this.#database.transaction("commands").store.index("owner");
    for (let at = await index.openKeyCursor(null, "nextunique"); at !== null; at = await at.continue()) {
      found.push(at.key);
    }
    return found;
  }

  /** Takes over the commands of an owner that is gone. Returns whether it is. */
  async #inherit(owner: string): Promise<boolean> {
    const move = async (): Promise<void> => {
      const transaction = this.#database.transaction("commands", "readwrite");
      for (const kept of await transaction.store.index("owner").getAll(owner)) {
        await transaction.store.put({ ...kept, owner: this.#owner });
      }
      await transaction.done;
    };
    const locks = webLocks();
    if (locks === undefined) {
      await move();
      return true;
    }
    return await locks.request(lockOf(this.#database.name, owner), { ifAvailable: true }, async (lock) => {
      if (lock !== null) await move();
      return lock !== null;
    });
  }

  /** Calls `left` once this owner is gone. */
  async #await(owner: string, left: () => void): Promise<void> {
    if (this.#awaited.has(owner)) return;
    this.#awaited.add(owner);
    const { signal } = this.#closed;
    try {
      await webLocks()?.request(lockOf(this.#database.name, owner), { signal }, () => undefined);
      left();
    } catch {
      // This client has ended first.
    } finally {
      this.#awaited.delete(owner);
    }
  }
}

/** Takes a lock until the end of the page. Returns the way to let go of it earlier. */
function hold(name: string): Promise<() => void> {
  const locks = webLocks();
  if (locks === undefined) return Promise.resolve(() => undefined);
  return new Promise((resolve, reject) => {
    const untilLetGo = (): Promise<void> =>
      new Promise((letGo) => {
        resolve(letGo);
      });
    locks.request(name, untilLetGo).catch(reject);
  });
}

function lockOf(database: string, owner: string): string {
  return `${database} ${owner}`;
}

function webLocks(): LockManager | undefined {
  return (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
}
