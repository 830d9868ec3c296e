/**
 * Keeps commands in a file, for programs on Node: lines of JSON, appended and forced to disk.
 *
 * Invariant: what `add` has resolved for is in the file, whatever crashes. A last line without
 * its end is a command whose `add` never resolved, and is dropped. The file is rewritten beside
 * itself and renamed, so that there is always a whole one. One running program has it at a time.
 */

import { mkdir, open, readFile, rename, type FileHandle } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { localError } from "../errors.js";
import type { QueuedCommand } from "../outbox.js";
import { isCode, LockFile, syncFolder } from "./lockfile.js";
import type { CommandStorage } from "./storage.js";

type Line = { readonly add: QueuedCommand } | { readonly remove: string };

/** Lines that no longer matter before the file is rewritten without them. */
const MAX_WASTE = 1_000;

class FileStorage implements CommandStorage {
  readonly #path: string;
  readonly #lock: LockFile;
  readonly #commands = new Map<string, QueuedCommand>();
  #opening: Promise<void> | null = null;
  #file: FileHandle | null = null;
  /** Lines in the file. */
  #length = 0;
  /** A write failed half way: the file is to be rewritten before anything is appended. */
  #torn = false;
  #waiting: string[] = [];
  /** The write that will take what waits; null if none is planned. */
  #batch: Promise<void> | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = resolve(path);
    this.#lock = new LockFile(this.#path);
  }

  async claim(account: string): Promise<QueuedCommand[]> {
    await this.#open();
    const all = [...this.#commands.values()];
    return all.filter((command) => command.account === null || command.account === account);
  }

  async add(command: QueuedCommand): Promise<void> {
    await this.#open();
    this.#commands.set(command.id, command);
    try {
      await this.#append({ add: command });
    } catch (error) {
      this.#commands.delete(command.id);
      throw error;
    }
  }

  async remove(id: string): Promise<void> {
    await this.#open();
    if (this.#commands.delete(id)) await this.#append({ remove: id });
  }

  async clear(): Promise<void> {
    await this.#open();
    this.#commands.clear();
    this.#torn = true;
    await this.#append({ remove: "" });
  }

  async close(): Promise<void> {
    if (this.#opening === null) return;
    await this.#opening;
    await this.#last;
    await this.#file?.close();
    await this.#lock.release();
  }

  #open(): Promise<void> {
    this.#opening ??= (async () => {
      await mkdir(dirname(this.#path), { recursive: true });
      await this.#lock.take();
      for (const command of await read(this.#path)) this.#commands.set(command.id, command);
      await this.#rewrite();
    })();
    return this.#opening;
  }

  /** Writes a line, together with all that are asked for while the disk is busy. */
  #append(line: Line): Promise<void> {
    this.#waiting.push(`${JSON.stringify(line)}\n`);
    this.#batch ??= this.#last.then(() => {
      this.#batch = null;
      return this.#write(this.#waiting.splice(0));
    });
    this.#last = this.#batch.catch(() => undefined);
    return this.#batch;
  }

  async #write(lines: readonly string[]): Promise<void> {
    const waste = this.#length - this.#commands.size;
    if (this.#torn || this.#file === null || waste > MAX_WASTE + this.#commands.size) {
      await this.#rewrite();
      return;
    }
    try {
      await this.#file.appendFile(lines.join(""));
      await this.#file.datasync();
      this.#length += lines.length;
    } catch (error) {
      this.#torn = true;
      throw error;
    }
  }

  /** Replaces the file by one that holds what is kept and nothing else. */
  async #rewrite(): Promise<void> {
    const commands = [...this.#commands.values()];
    const beside = `${this.#path}.new`;
    const file = await open(beside, "w", 0o600);
    await file.writeFile(commands.map((command) => `${JSON.stringify({ add: command })}\n`).join(""));
    await file.sync();
    await rename(beside, this.#path);
    await syncFolder(dirname(this.#path));
    await this.#file?.close();
    this.#file = file;
    this.#length = commands.length;
    this.#torn = false;
  }
}

/** Keeps commands in this file. No other running client may use it. */
export function fileStorage(path: string): CommandStorage {
  return new FileStorage(path);
}

async function read(path: string): Promise<Iterable<QueuedCommand>> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (isCode(error, "ENOENT")) return "";
    throw error;
  });
  const commands = new Map<string, QueuedCommand>();
  const lines = text.split("\n").slice(0, -1);
  for (const [index, text] of lines.entries()) {
    const line = parse(text);
    if (line === null)
      throw localError("internal", `${path}:${index + 1} is not a command; repair or remove the file.`);
    if ("add" in line) commands.set(line.add.id, line.add);
    else commands.delete(line.remove);
  }
  return commands.values();
}

function parse(text: string): Line | null {
  try {
    const line = JSON.parse(text) as Partial<Record<"add" | "remove", unknown>> | null;
    if (typeof line?.remove === "string") return { remove: line.remove };
    const command = line?.add as Partial<QueuedCommand> | undefined;
    return typeof command?.id === "string" && typeof command.name === "string"
      ? { add: command as QueuedCommand }
      : null;
  } catch {
    return null;
  }
}
