/**
 * Keeps a device's secrets in IndexedDB, each encrypted under a key of WebCrypto that no script can read.
 *
 * Invariant: names stand in the clear and say no more than the server knows; a value opens only under its own
 * name. Each write is one transaction that the browser has on disk before it resolves.
 */

import { openDB, type DBSchema, type IDBPDatabase } from "idb";

import { concat, utf8 } from "../crypto/wire.js";
import type { Changes, OpenStore, SealedStore } from "./store.js";

interface Schema extends DBSchema {
  /** The one key, under "at rest". */
  keys: { key: string; value: CryptoKey };
  values: { key: string; value: Uint8Array };
}

type Database = IDBPDatabase<Schema>;

const AT_REST = "at rest";
const NONCE = 12;
/** Follows every name that begins with a prefix. */
const END = "\uffff";

/** Stores in the databases whose names begin so, one for each account. */
export function indexedDbStores(name: string): OpenStore {
  return async (account) => {
    const database = await openDB<Schema>(`${name} ${account}`, 1, {
      upgrade(fresh) {
        fresh.createObjectStore("keys");
        fresh.createObjectStore("values");
      },
    });
    return new IndexedDbStore(database, await keyOf(database));
  };
}

class IndexedDbStore implements SealedStore {
  readonly #database: Database;
  readonly #key: CryptoKey;

  constructor(database: Database, key: CryptoKey) {
    this.#database = database;
    this.#key = key;
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const kept = await this.#database.get("values", name);
    return kept === undefined ? undefined : this.#open(name, kept);
  }

  async list(prefix: string): Promise<readonly (readonly [string, Uint8Array])[]> {
    const range = IDBKeyRange.bound(prefix, prefix + END);
    const transaction = this.#database.transaction("values");
    const [names, values] = await Promise.all([
      transaction.store.getAllKeys(range),
      transaction.store.getAll(range),
    ]);
    return Promise.all(
      names.map(async (name, at) => [name, await this.#open(name, values[at] ?? new Uint8Array())] as const),
    );
  }

  async write(changes: Changes): Promise<void> {
    const sealed = await Promise.all(
      Array.from(changes, async ([name, value]) => [name, value && (await this.#seal(name, value))] as const),
    );
    const transaction = this.#database.transaction("values", "readwrite", { durability: "strict" });
    for (const [name, value] of sealed) {
      // Awaited as a whole below: a transaction ends when nothing is asked of it for a moment.
      void (value === null ? transaction.store.delete(name) : transaction.store.put(value, name));
    }
    await transaction.done;
  }

  close(): Promise<void> {
    this.#database.close();
    return Promise.resolve();
  }

  async #seal(name: string, value: Uint8Array): Promise<Uint8Array> {
    const iv = crypto.getRandomValues(new Uint8Array(NONCE));
    const algorithm = { name: "AES-GCM", iv, additionalData: owned(utf8(name)) };
    return concat(iv, new Uint8Array(await crypto.subtle.encrypt(algorithm, this.#key, owned(value))));
  }

  async #open(name: string, kept: Uint8Array): Promise<Uint8Array> {
    const iv = owned(kept.subarray(0, NONCE));
    const algorithm = { name: "AES-GCM", iv, additionalData: owned(utf8(name)) };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, this.#key, owned(kept.subarray(NONCE))));
  }
}

/** The database's key, made when it is first asked for. */
async function keyOf(database: Database): Promise<CryptoKey> {
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
  const transaction = database.transaction("keys", "readwrite");
  const kept = await transaction.store.get(AT_REST);
  if (kept === undefined) await transaction.store.put(fresh, AT_REST);
  await transaction.done;
  return kept ?? fresh;
}

/** Bytes in a buffer of their own, as WebCrypto's types want them. */
function owned(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data);
}
