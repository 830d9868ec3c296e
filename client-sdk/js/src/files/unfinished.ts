/**
 * Where unfinished uploads are, kept in a folder of this machine. For Node.
 *
 * Invariant: each upload has a file of its own, which is written beside itself and renamed. So whatever ends the
 * program leaves the others as they were, and programs can share a folder.
 */

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { PreviousUpload } from "tus-js-client";
import { v7 as uuidv7 } from "uuid";

import { isCode } from "../storage/lockfile.js";
import type { UploadStorage } from "./files.js";

/** Uploads that are remembered; of more, the oldest are sent anew. */
const MAX_KEPT = 10_000;
const SUFFIX = ".upload";
/** As tus-js-client begins the keys of its own storages, behind which the fingerprint comes. */
const KEY = "tus::";

type Kept = Omit<PreviousUpload, "urlStorageKey">;

class UploadFolder implements UploadStorage {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  findAllUploads(): Promise<PreviousUpload[]> {
    return this.#find("");
  }

  findUploadsByFingerprint(fingerprint: string): Promise<PreviousUpload[]> {
    return this.#find(markOf(fingerprint));
  }

  async addUpload(fingerprint: string, upload: Kept): Promise<string> {
    const key = `${KEY}${fingerprint}::${uuidv7()}`;
    const path = this.#pathOf(key);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#prune();
    await writeFile(`${path}.new`, JSON.stringify({ ...upload, urlStorageKey: key }), { mode: 0o600 });
    await rename(`${path}.new`, path);
    return key;
  }

  async removeUpload(key: string): Promise<void> {
    await rm(this.#pathOf(key), { force: true });
  }

  /** Those whose names end like this. */
  async #find(mark: string): Promise<PreviousUpload[]> {
    const names = (await this.#names()).filter((name) => name.endsWith(`${mark}${SUFFIX}`));
    const found: PreviousUpload[] = [];
    for (const name of names) {
      const upload = uploadIn(await readFile(join(this.#folder, name), "utf8").catch(() => ""));
      if (upload !== null) found.push(upload);
    }
    return found;
  }

  /** By time: names begin with it. */
  async #names(): Promise<string[]> {
    try {
      return (await readdir(this.#folder)).sort();
    } catch (error) {
      if (isCode(error, "ENOENT")) return [];
      throw error;
    }
  }

  async #prune(): Promise<void> {
    const names = await this.#names();
    for (const name of names.slice(0, Math.max(0, names.length - MAX_KEPT + 1))) {
      await rm(join(this.#folder, name), { force: true });
    }
  }

  #pathOf(key: string): string {
    const at = key.lastIndexOf("::");
    return join(this.#folder, `${key.slice(at + 2)}-${markOf(key.slice(KEY.length, at))}${SUFFIX}`);
  }
}

function markOf(fingerprint: string): string {
  return createHash("sha256").update(fingerprint).digest("hex").slice(0, 32);
}

/** What a file says; null if a crash of the machine has left nothing of it, or another program has removed it. */
function uploadIn(text: string): PreviousUpload | null {
  try {
    return JSON.parse(text) as PreviousUpload;
  } catch {
    return null;
  }
}

/** Keeps addresses of unfinished uploads in this folder, for `new Client({ uploads })`. */
export function uploadStorage(folder: string): UploadStorage {
  return new UploadFolder(folder);
}
