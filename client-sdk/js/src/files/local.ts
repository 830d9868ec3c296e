/** Files of this machine: as content to upload, and as places for what is downloaded. For Node. */

import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import { localError } from "../errors.js";
import { LockFile, syncFolder } from "../storage/lockfile.js";
import type { Content } from "./content.js";
import { BLOCK, type Landing } from "./landing.js";

const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants;

class LocalFile implements Content {
  readonly name: string;
  readonly size: number;
  readonly identity: string;
  readonly #path: string;
  readonly #file: FileHandle;
  /** Size and time of its last change. */
  readonly #state: string;

  constructor(path: string, file: FileHandle, size: number, state: string) {
    this.name = basename(path);
    this.size = size;
    this.identity = `${path} ${state}`;
    this.#path = path;
    this.#file = file;
    this.#state = state;
  }

  /** Throws YmeraError `conflict` once the file was changed: what is sent again must be what was sent before. */
  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, this.size) - start));
    const length = await filled(this.#file, start, bytes);
    if (length === bytes.length && (await stateOf(this.#file)) === this.#state) return bytes;
    throw localError("conflict", `${this.#path} has changed while it was uploaded. Upload it again.`);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** A file to upload, read piece by piece. Throws what Node throws if it cannot be opened. */
export async function fileContent(path: string): Promise<Content> {
  const whole = resolve(path);
  const file = await open(whole);
  const state = await stateOf(file);
  return new LocalFile(whole, file, Number(state.split(" ", 1)[0]), state);
}

async function stateOf(file: FileHandle): Promise<string> {
  const { size, mtimeNs } = await file.stat({ bigint: true });
  return `${size} ${mtimeNs}`;
}

class LocalLanding implements Landing {
  readonly #destination: string;
  /** Beside the destination, so that renaming it puts it there. */
  #path = "";
  #size = 0;
  #file: FileHandle | null = null;
  #lock: LockFile | null = null;

  constructor(destination: string) {
    this.#destination = resolve(destination);
  }

  async open(mark: string, secret: boolean): Promise<number> {
    const name = basename(this.#destination);
    const told = createHash("sha256").update(`${name}/${mark}`).digest("hex").slice(0, 16);
    this.#path = join(dirname(this.#destination), `.${name.slice(0, 50)}.${told}.part`);
    const lock = new LockFile(this.#path);
    await lock.take();
    try {
      this.#file = await open(this.#path, O_RDWR | O_CREAT | O_NOFOLLOW, secret ? 0o600 : 0o666);
      this.#size = (await this.#file.stat()).size;
    } catch (error) {
      await lock.release();
      throw error;
    }
    this.#lock = lock;
    return this.#size;
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(end - start);
    return bytes.subarray(0, await filled(this.#opened, start, bytes));
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#opened.write(bytes, at, bytes.length - at, this.#size);
      at += bytesWritten;
      this.#size += bytesWritten;
    }
  }

  async cut(size: number): Promise<void> {
    await this.#opened.truncate(size);
    this.#size = size;
  }

  async sha256(): Promise<string> {
    const hash = createHash("sha256");
    for (let at = 0; at < this.#size; at += BLOCK) {
      hash.update(await this.read(at, Math.min(at + BLOCK, this.#size)));
    }
    return hash.digest("hex");
  }

  async finish(): Promise<void> {
    await this.#opened.sync();
    await rename(this.#path, this.#destination);
    await syncFolder(dirname(this.#destination));
  }

  async discard(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
    await this.#lock?.release();
    this.#lock = null;
  }

  get #opened(): FileHandle {
    if (this.#file === null) throw localError("internal", "A landing was not opened.");
    return this.#file;
  }
}

/** Reads bytes from a place on, as many as there is room for; how many there are. */
async function filled(file: FileHandle, start: number, bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return at;
}

/**
 * A path of this machine for `client.files.save`. Until it is whole a file comes into a hidden one beside it, whose
 * name ends in `.part`. Throws YmeraError `conflict` if the same is saved there already, and what Node throws.
 */
export function fileLanding(path: string): Landing {
  return new LocalLanding(path);
}
