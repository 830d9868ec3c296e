/** The Python implementation of the rules as a child process that plays scripts. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import type { Script } from "./playing.js";

const ROOT = resolve(import.meta.dirname, "../../../../..");
const PYTHON = process.env["YMERA_PYTHON"] ?? join(ROOT, ".venv/bin/python");

export class Peer {
  readonly #process: ChildProcess & { readonly stdin: NodeJS.WritableStream };
  readonly #lines: AsyncIterator<string>;

  constructor() {
    const child = spawn(PYTHON, ["-m", "scripts.generator.rules.answering"], {
      cwd: ROOT,
      env: { ...process.env, PYTHONPATH: join(ROOT, "client-sdk/python") },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#process = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** What comes there of each step of a script. */
  async played(script: Script): Promise<unknown> {
    this.#process.stdin.write(`${JSON.stringify(script)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error("the other implementation has ended");
    return JSON.parse(line.value);
  }

  async end(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.stdin.end();
    await ended;
  }
}
