/**
 * One running program has a file at a time, by a lock file beside it.
 *
 * A program that has died has it no longer.
 */

import { open, readFile, rm, writeFile } from "node:fs/promises";

import { localError } from "../errors.js";

/** Files in use by this process, whose own id in a lock file tells nothing. */
const inUse = new Set<string>();

export class LockFile {
  readonly #path: string;

  /** For the file of this absolute path. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Makes sure that no other program has the file; throws YmeraError `conflict` if one does. */
  async take(): Promise<void> {
    for (let attempt = 0; attempt < 2 && !inUse.has(this.#path); attempt += 1) {
      try {
        await writeFile(this.#lock, String(process.pid), { flag: "wx", mode: 0o600 });
        inUse.add(this.#path);
        return;
      } catch (error) {
        if (!isCode(error, "EEXIST")) throw error;
        const owner = Number(await readFile(this.#lock, "utf8").catch(() => ""));
        if (owner !== process.pid && isRunning(owner)) break;
        await rm(this.#lock, { force: true });
      }
    }
    throw localError("conflict", `Another client uses ${this.#path}; give each its own file.`);
  }

  async release(): Promise<void> {
    inUse.delete(this.#path);
    await rm(this.#lock, { force: true });
  }

  get #lock(): string {
    return `${this.#path}.lock`;
  }
}

/** Has the names in a folder survive a crash. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  await folder.sync();
  await folder.close();
}

/** Whether `error` is the system's of that code. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return isCode(error, "EPERM");
  }
}
