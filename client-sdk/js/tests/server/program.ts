/** A program of its own process that uses the built package. */

import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { onTestFinished } from "vitest";

// Inside the package, where its own name leads to it.
const PACKAGE = new URL("../../", import.meta.url).pathname;

export class Program {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  /** What it has written to its standard error so far. */
  errors = "";
  readonly #lines: AsyncIterator<string>;
  /** Resolves when it has ended. */
  readonly ended: Promise<unknown>;

  /** Runs a module, of this source or in this file, until the test ends. */
  constructor(source: string | { readonly file: string }, env: Readonly<Record<string, string>> = {}) {
    const what = typeof source === "string" ? ["--input-type=module", "-e", source] : [source.file];
    const child = spawn(process.execPath, what, {
      cwd: PACKAGE,
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.process = child;
    this.ended = once(child, "exit");
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.on("data", (text: Buffer) => (this.errors += text.toString()));
    onTestFinished(() => void child.kill("SIGKILL"));
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error(`the program ended: ${this.errors}`);
    return next.value;
  }

  tell(line: string): void {
    this.process.stdin.write(`${line}\n`);
  }

  /** Sends it a signal, and waits for its end. Its exit code; null if a signal has ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.process.kill(signal);
    await this.ended;
    return this.process.exitCode;
  }
}
