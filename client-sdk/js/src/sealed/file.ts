/**
 * Keeps a device's secrets in an encrypted file, for programs on Node.
 *
 * A line is one write: the nonce and AES-256-GCM of its changes. Invariant: what `write` has resolved for is on
 * disk; a last line without its end is a write that never resolved, and is dropped. The file is rewritten beside
 * itself and renamed. One running program has it at a time.
 */

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { chmod, mkdir, open, readFile, rename, writeFile, type FileHandle } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { localError } from "../errors.js";
import { isCode, LockFile, syncFolder } from "../storage/lockfile.js";
import { inlineKeys, type Keys } from "./keys.js";
import { change, listed, type Changes, type OpenStore, type SealedStore } from "./store.js";

const KEY = 32;
const NONCE = 12;
const TAG = 16;
/** Lines that are too many before the file is rewritten as one. */
const MAX_LINES = 2_000;

/** Where the files are, and the key that encrypts them: one of `keyFile` and `key`. */
export interface FileKeysOptions {
  /** A folder; each account has a file in it. */
  readonly folder: string;
  /** A file with the key, 32 bytes as base64; made if it is not there. Keep it elsewhere than the folder. */
  readonly keyFile?: string;
  /** The key itself, 32 bytes. */
  readonly key?: Uint8Array;
}

/** Keys in files. Their options say all of them, so that an agent's connection can use them in its own thread. */
export interface FileKeys extends Keys {
  readonly options: FileKeysOptions;
}

/** Keys in files, one for each account. No two running clients share one. */
export function fileKeys(options: FileKeysOptions): FileKeys {
  return { options, ...inlineKeys(fileStores(options)) };
}

/** Stores in encrypted files, one for each account. */
export function fileStores({ folder, keyFile, key }: FileKeysOptions): OpenStore {
  if ((keyFile === undefined) === (key === undefined)) {
    throw localError("invalid", "Name a file with the key, `keyFile`, or give the key itself, `key`.");
  }
  return async (account) => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const secret = keyFile === undefined ? checked(key ?? [], "key") : await keyOf(keyFile);
    return FileStore.open(join(folder, `${account}.sealed`), secret);
  };
}

class FileStore implements SealedStore {
  readonly #path: string;
  readonly #key: Buffer;
  readonly #lock: LockFile;
  readonly #kept = new Map<string, Uint8Array>();
  #file: FileHandle | null = null;
  #lines = 0;
  /** A write failed half way: the file is to be rewritten before anything is appended. */
  #torn = false;
  #closed = false;
  #last: Promise<void> = Promise.resolve();

  private constructor(path: string, key: Buffer) {
    this.#path = resolve(path);
    this.#key = key;
    this.#lock = new LockFile(this.#path);
  }

  static async open(path: string, key: Buffer): Promise<FileStore> {
    const store = new FileStore(path, key);
    await store.#lock.take();
    try {
      await store.#load();
      await store.#rewrite();
    } catch (error) {
      await store.#lock.release();
      throw error;
    }
    return store;
  }

  get(name: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#kept.get(name));
  }

  list(prefix: string): Promise<readonly (readonly [string, Uint8Array])[]> {
    return Promise.resolve(listed(this.#kept, prefix));
  }

  /** One after another; what fails is not held either. */
  write(changes: Changes): Promise<void> {
    // The file may be another program's by now.
    if (this.#closed) return Promise.reject(localError("unavailable", "The store was closed."));
    const written = this.#last.then(() => this.#append(changes));
    this.#last = written.catch(() => undefined);
    return written;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    await this.#file?.close();
    this.#file = null;
    await this.#lock.release();
  }

  async #append(changes: Changes): Promise<void> {
    if (this.#torn || this.#file === null || this.#lines > MAX_LINES) await this.#rewrite();
    try {
      await this.#file?.appendFile(encrypt(this.#key, changes));
      await this.#file?.datasync();
    } catch (error) {
      this.#torn = true;
      throw error;
    }
    this.#lines += 1;
    change(this.#kept, changes);
  }

  async #load(): Promise<void> {
    const text = await readFile(this.#path, "utf8").catch((error: unknown) => {
      if (isCode(error, "ENOENT")) return "";
      throw error;
    });
    for (const [index, line] of text.split("\n").slice(0, -1).entries()) {
      try {
        change(this.#kept, decrypt(this.#key, line));
      } catch (error) {
        const message = `${this.#path}:${index + 1} does not open with this key; name the key that it was made with.`;
        throw localError("internal", message, error);
      }
    }
  }

  /** Replaces the file by one that holds what is kept and nothing else. */
  async #rewrite(): Promise<void> {
    const beside = `${this.#path}.new`;
    const file = await open(beside, "w", 0o600);
    await file.writeFile(encrypt(this.#key, this.#kept));
    await file.sync();
    await rename(beside, this.#path);
    await syncFolder(dirname(this.#path));
    await this.#file?.close();
    this.#file = file;
    this.#lines = 1;
    this.#torn = false;
  }
}

function encrypt(key: Buffer, changes: Changes): string {
  const fields = Array.from(changes, ([name, value]) => [
    name,
    value && Buffer.from(value).toString("base64"),
  ]);
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const body = Buffer.concat([cipher.update(JSON.stringify(fields), "utf8"), cipher.final()]);
  return `${Buffer.concat([nonce, body, cipher.getAuthTag()]).toString("base64")}\n`;
}

function decrypt(key: Buffer, line: string): Changes {
  const data = Buffer.from(line, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, data.subarray(0, NONCE));
  decipher.setAuthTag(data.subarray(-TAG));
  const body = Buffer.concat([decipher.update(data.subarray(NONCE, -TAG)), decipher.final()]);
  const fields = JSON.parse(body.toString("utf8")) as readonly (readonly [string, string | null])[];
  return new Map(
    fields.map(([name, value]) => [
      name,
      value === null ? null : new Uint8Array(Buffer.from(value, "base64")),
    ]),
  );
}

async function keyOf(path: string): Promise<Buffer> {
  try {
    await mkdir(dirname(resolve(path)), { recursive: true });
    await writeFile(path, `${randomBytes(KEY).toString("base64")}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  }
  await chmod(path, 0o600);
  return checked(
    Buffer.from((await readFile(path, "utf8")).trim(), "base64"),
    `the key in ${path}, as base64,`,
  );
}

function checked(key: ArrayLike<number>, what: string): Buffer {
  if (key.length === KEY) return Buffer.from(key);
  throw localError("invalid", `${what} must have ${KEY} bytes, not ${key.length}.`);
}
