/**
 * What a run tells as it goes along: progress, output and log lines, sent in the background.
 *
 * At most one report is under way at a time, and at most four a second of output and of progress: output is
 * joined, of progress the newest counts. What waits is bounded by what the server keeps of one run.
 */

import {
  MAX_LOG_LINES,
  type LogLevel,
  type RunLog,
  type RunOutput,
  type RunProgress,
} from "../generated/protocol.js";
import { Output } from "./output.js";

/** Between two reports of output, or of progress, in milliseconds. */
export const PACE_MS = 250;
/** Log lines that wait to be sent; further ones are counted and left out. */
export const MAX_LINES_WAITING = 200;

/** A report without what names its attempt. */
export type Fields<R> = Omit<R, "project_id" | "run_id" | "fence" | "command_id">;

export type Telling =
  | { readonly name: "run.progress"; readonly fields: Fields<RunProgress> }
  | { readonly name: "run.output"; readonly fields: Fields<RunOutput> }
  | { readonly name: "run.log"; readonly fields: Fields<RunLog> };

export class Narration {
  readonly #send: (telling: Telling) => Promise<void>;
  readonly #output = new Output();
  readonly #lines: Fields<RunLog>[] = [];
  #progress: Fields<RunProgress> | null = null;
  #logged = 0;
  #leftOut = 0;
  /** When output and progress may be sent next, in milliseconds since 1970. */
  readonly #due = { output: 0, progress: 0 };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | null = null;
  /** How many wait for everything to be sent. */
  #hurry = 0;
  #stopped = false;

  /** `send` never rejects: what becomes of a report is its affair. */
  constructor(send: (telling: Telling) => Promise<void>) {
    this.#send = send;
  }

  progress(change: Fields<RunProgress>): void {
    this.#progress = { ...this.#progress, ...change };
    this.#advance();
  }

  output(text: string): void {
    this.#output.write(text);
    this.#advance();
  }

  log(level: LogLevel, message: string, data: Readonly<Record<string, unknown>> | null): void {
    if (this.#logged >= MAX_LOG_LINES) return;
    if (this.#lines.length >= MAX_LINES_WAITING) {
      this.#leftOut += 1;
      return;
    }
    this.#logged += 1;
    this.#lines.push({ level, message, data });
    this.#advance();
  }

  /** Resolves when everything that was told is sent. */
  async flush(): Promise<void> {
    this.#hurry += 1;
    try {
      while (this.#sending !== null || this.#waits) {
        this.#advance();
        await this.#sending;
      }
    } finally {
      this.#hurry -= 1;
    }
  }

  /** Sends nothing more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  get #waits(): boolean {
    const lines = this.#lines.length + this.#leftOut;
    return !this.#stopped && (lines > 0 || this.#progress !== null || !this.#output.empty);
  }

  #advance(): void {
    if (this.#stopped || this.#sending !== null) return;
    clearTimeout(this.#timer);
    this.#sending = this.#sendDue().finally(() => {
      this.#sending = null;
      this.#sleep();
    });
  }

  async #sendDue(): Promise<void> {
    for (let telling; (telling = this.#next()) !== null;) await this.#send(telling);
  }

  /** Comes back when what waits may be sent. */
  #sleep(): void {
    if (!this.#waits) return;
    const times = [
      ...(this.#lines.length + this.#leftOut > 0 ? [0] : []),
      ...(this.#progress === null ? [] : [this.#due.progress]),
      ...(this.#output.empty ? [] : [this.#due.output]),
    ];
    this.#timer = setTimeout(
      () => {
        this.#advance();
      },
      Math.max(0, Math.min(...times) - Date.now()),
    );
  }

  #next(): Telling | null {
    if (this.#stopped) return null;
    return this.#nextLine() ?? this.#nextProgress() ?? this.#nextOutput();
  }

  #nextLine(): Telling | null {
    const line = this.#lines.shift();
    if (line !== undefined) return { name: "run.log", fields: line };
    if (this.#leftOut === 0) return null;
    const message = `${this.#leftOut} lines came too fast and are left out.`;
    this.#leftOut = 0;
    return { name: "run.log", fields: { level: "warning", message } };
  }

  #nextProgress(): Telling | null {
    const fields = this.#progress;
    if (fields === null || !this.#isDue("progress")) return null;
    this.#progress = null;
    return { name: "run.progress", fields };
  }

  #nextOutput(): Telling | null {
    if (this.#output.empty || !this.#isDue("output")) return null;
    const fields = this.#output.take();
    return fields === null ? null : { name: "run.output", fields };
  }

  #isDue(what: "output" | "progress"): boolean {
    const now = Date.now();
    if (this.#hurry === 0 && now < this.#due[what]) return false;
    this.#due[what] = now + PACE_MS;
    return true;
  }
}
