/** The Python implementation as a child process that answers cases. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import type { Case, Chains } from "../vectors.js";

const ROOT = resolve(import.meta.dirname, "../../../../..");
const PYTHON = process.env["YMERA_PYTHON"] ?? join(ROOT, ".venv/bin/python");

/** A case with the chains that it may name, and how it was made. */
export interface Question {
  readonly case: Case;
  readonly chains: Chains;
  /** Whether every byte of it could have come from a stranger, so that nothing may crash. */
  readonly total: boolean;
}

export class Peer {
  readonly #process: ChildProcess & { readonly stdin: NodeJS.WritableStream };
  readonly #lines: AsyncIterator<string>;

  constructor() {
    const child = spawn(PYTHON, ["-m", "scripts.generator.vectors.answering"], {
      cwd: ROOT,
      env: { ...process.env, PYTHONPATH: join(ROOT, "client-sdk/python") },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#process = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** What the other implementation makes of these, in their order. */
  async answers(questions: readonly Question[]): Promise<readonly unknown[]> {
    const lines = questions.map(({ case: asked, chains }) => JSON.stringify({ case: asked, chains }));
    this.#process.stdin.write(`${lines.join("\n")}\n`);
    const answers: unknown[] = [];
    for (const { case: asked } of questions) {
      const line = await this.#lines.next();
      if (line.done === true) throw new Error(`the other implementation ended at ${asked.id}`);
      answers.push(JSON.parse(line.value));
    }
    return answers;
  }

  async end(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.stdin.end();
    await ended;
  }
}
