/** Files of this machine as content to upload, and where to keep the addresses of unfinished uploads. For Node. */

import { open, type FileHandle } from "node:fs/promises";
import { basename, resolve } from "node:path";
import * as tus from "tus-js-client";

import { localError } from "../errors.js";
import type { Content } from "./content.js";
import type { UploadStorage } from "./files.js";

class LocalFile implements Content {
  readonly name: string;
  readonly size: number;
  readonly identity: string;
  readonly #path: string;
  readonly #file: FileHandle;

  constructor(path: string, file: FileHandle, size: number, changedAt: number) {
    this.name = basename(path);
    this.size = size;
    this.identity = `${path} ${size} ${changedAt}`;
    this.#path = path;
    this.#file = file;
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, this.size) - start));
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await this.#file.read(bytes, at, bytes.length - at, start + at);
      if (bytesRead === 0) throw localError("invalid", `${this.#path} has become shorter meanwhile.`);
      at += bytesRead;
    }
    return bytes;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** A file to upload, read piece by piece. Throws what Node throws if it cannot be opened. */
export async function fileContent(path: string): Promise<Content> {
  const whole = resolve(path);
  const file = await open(whole);
  const { size, mtimeMs } = await file.stat();
  return new LocalFile(whole, file, size, mtimeMs);
}

/** Keeps addresses of unfinished uploads in this file, for `new Client({ uploads })`. */
export function uploadStorage(path: string): UploadStorage {
  // Its own types leave it out, since it is there on Node only.
  const { FileUrlStorage } = tus as unknown as { FileUrlStorage: new (path: string) => UploadStorage };
  return new FileUrlStorage(path);
}
