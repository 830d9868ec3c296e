/**
 * One running client has a file at a time, by a lock file beside it.
 *
 * A program that has died has it no longer. Process ids are given again, above all in containers, so a program
 * knows its own locks by a mark that all of its threads share.
 */

import { randomUUID } from "node:crypto";
import { open, readFile, rm, writeFile } from "node:fs/promises";
import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";

import { localError } from "../errors.js";

const MARK = "ymera.lockfile.program";
/** This program's, which threads that it starts from here on inherit. */
const program = (getEnvironmentData(MARK) as string | undefined) ?? randomUUID();
setEnvironmentData(MARK, program);

export class LockFile {
  readonly #path: string;

  /** For the file of this absolute path. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Makes sure that no other client has the file; throws YmeraError `conflict` if one does. */
  async take(): Promise<void> {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      try {
        await writeFile(this.#lock, `${process.pid} ${program}`, { flag: "wx", mode: 0o600 });
        return;
      } catch (error) {
        if (!isCode(error, "EEXIST")) throw error;
        const [pid, owner] = (await readFile(this.#lock, "utf8").catch(() => "")).split(" ");
        if (Number(pid) === process.pid ? owner === program : isRunning(Number(pid))) break;
        await rm(this.#lock, { force: true });
      }
    }
    throw localError("conflict", `Another client uses ${this.#path}; give each its own file.`);
  }

  async release(): Promise<void> {
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
