/**
 * Keeps commands in IndexedDB, so that they survive a reload.
 *
 * Each client (each tab) owns the commands it has added, under a name of its own, and holds a
 * Web Lock of that name for as long as it lives. Whoever can get the lock of another name knows
 * that its owner is gone, and takes its commands over. So no two tabs send the same command.
 * Where there are no Web Locks everything counts as left behind: a command may then be sent
 * twice, which its id makes harmless.
 */

import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import { v7 as uuidv7 } from "uuid";

import type { Entry } from "../outbox.js";
import type { CommandStorage } from "./storage.js";

interface Kept {
  readonly owner: string;
  readonly entry: Entry;
}

interface Schema extends DBSchema {
  commands: { key: string; value: Kept; indexes: { owner: string } };
}

type Database = IDBPDatabase<Schema>;

class IndexedDbStorage implements CommandStorage {
  readonly #name: string;
  readonly #owner = uuidv7();
  readonly #opening: Promise<Database>;
  #letGo: () => void = () => undefined;

  constructor(name: string) {
    this.#name = name;
    this.#opening = this.#open();
    // Each use of the database tells of the failure.
    this.#opening.catch(() => undefined);
  }

  async claim(account: string): Promise<Entry[]> {
    const database = await this.#opening;
    for (const owner of await owners(database)) {
      if (owner !== this.#owner) await this.#inherit(database, owner);
    }
    const own = await database.getAllFromIndex("commands", "owner", this.#owner);
    return own
      .map((kept) => kept.entry)
      .filter((entry) => entry.account === null || entry.account === account);
  }

  async add(entry: Entry): Promise<void> {
    const database = await this.#opening;
    await database.put("commands", { owner: this.#owner, entry });
  }

  async remove(id: string): Promise<void> {
    await (await this.#opening).delete("commands", id);
  }

  async clear(): Promise<void> {
    const database = await this.#opening;
    const transaction = database.transaction("commands", "readwrite");
    for (const id of await transaction.store.index("owner").getAllKeys(this.#owner)) {
      await transaction.store.delete(id);
    }
    await transaction.done;
  }

  async close(): Promise<void> {
    const database = await this.#opening;
    database.close();
    this.#letGo();
  }

  async #open(): Promise<Database> {
    await this.#hold();
    return openDB<Schema>(this.#name, 1, {
      upgrade(database) {
        const store = database.createObjectStore("commands", { keyPath: "entry.id" });
        store.createIndex("owner", "owner");
      },
    });
  }

  /** Takes the lock of this owner, until `close` or the end of the page. */
  #hold(): Promise<void> {
    const locks = webLocks();
    if (locks === undefined) return Promise.resolve();
    const released = new Promise<void>((resolve) => {
      this.#letGo = resolve;
    });
    return new Promise((resolve, reject) => {
      locks
        .request(this.#lock(this.#owner), () => {
          resolve();
          return released;
        })
        .catch(reject);
    });
  }

  /** Takes over the commands of an owner that is gone. */
  async #inherit(database: Database, owner: string): Promise<void> {
    const move = async (): Promise<void> => {
      const transaction = database.transaction("commands", "readwrite");
      for (const kept of await transaction.store.index("owner").getAll(owner)) {
        await transaction.store.put({ ...kept, owner: this.#owner });
      }
      await transaction.done;
    };
    const locks = webLocks();
    if (locks === undefined) await move();
    else {
      await locks.request(this.#lock(owner), { ifAvailable: true }, async (lock) => {
        if (lock !== null) await move();
      });
    }
  }

  #lock(owner: string): string {
    return `${this.#name} ${owner}`;
  }
}

export function indexedDbStorage(name: string): CommandStorage {
  return new IndexedDbStorage(name);
}

async function owners(database: Database): Promise<string[]> {
  const found: string[] = [];
  const index = database.transaction("commands").store.index("owner");
  for (let at = await index.openKeyCursor(null, "nextunique"); at !== null; at = await at.continue()) {
    found.push(at.key);
  }
  return found;
}

function webLocks(): LockManager | undefined {
  return (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
}
