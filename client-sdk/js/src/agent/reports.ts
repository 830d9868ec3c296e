/**
 * One attempt's reports: each names it, and each refusal that takes the run away stops the attempt.
 *
 * Once stopped, nothing is reported but one last time, and everything that waits rejects with Stopped.
 */

import { isYmeraError } from "../errors.js";
import type { CommandName, Commands, ErrorCode, RunOffer, RunStanding } from "../generated/protocol.js";
import { Stopped, type StopReason } from "./errors.js";
import type { Link } from "./link.js";
import { Narration, type Fields, type Telling } from "./narration.js";

/** Commands that are reports of an attempt. */
export type ReportName = {
  [N in CommandName]: Commands[N]["payload"] extends { run_id: string; fence: number } ? N : never;
}[CommandName];

/** Where faults go that no caller hears of. */
export type Warn = (message: string, error: unknown) => void;

const TAKEN_AWAY: Partial<Record<ErrorCode, StopReason>> = {
  fenced: "lost",
  run_canceled: "canceled",
  budget_exhausted: "budget_exhausted",
};

export class Reports {
  /** Aborted, with Stopped, when the run is to be stopped. */
  readonly signal: AbortSignal;
  readonly narration: Narration;
  readonly #link: Link;
  readonly #attempt: { readonly project_id: string; readonly run_id: string; readonly fence: number };
  readonly #abort = new AbortController();
  readonly #warn: Warn;
  /** What is told no more, since the server does not take it. */
  readonly #muted = new Set<Telling["name"]>();
  #ended = false;

  constructor(link: Link, { run, fence }: RunOffer, warn: Warn) {
    this.#link = link;
    this.#attempt = { project_id: run.project_id, run_id: run.id, fence };
    this.#warn = warn;
    this.signal = this.#abort.signal;
    this.narration = new Narration((telling) => this.#tell(telling));
  }

  /** Why the attempt is to stop; null if it is not. */
  get stopped(): StopReason | null {
    return this.signal.aborted ? (this.signal.reason as Stopped).reason : null;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Throws Stopped once the run is stopped, and an error once it has ended. */
  check(): void {
    this.signal.throwIfAborted();
    if (this.#ended) throw new Error("The run has ended; nothing more can be reported of it.");
  }

  /** Takes the run; what the server says to that counts, also if the run is stopped meanwhile. */
  accept(): Promise<RunStanding> {
    return this.#send("run.accept", {});
  }

  /** Reports, and returns the server's answer. Throws Stopped, or YmeraError if it is refused. */
  async send<N extends ReportName>(
    name: N,
    fields: Fields<Commands[N]["payload"]>,
  ): Promise<Commands[N]["reply"]> {
    this.check();
    return this.orStopped(this.#send(name, fields));
  }

  /** Reports what was told before, then this. */
  async sendAfterAll<N extends ReportName>(
    name: N,
    fields: Fields<Commands[N]["payload"]>,
  ): Promise<Commands[N]["reply"]> {
    this.check();
    await this.orStopped(this.narration.flush());
    return this.send(name, fields);
  }

  /** Reports for the last time, also of a run that is stopped. Throws YmeraError if it is refused. */
  async last<N extends ReportName>(
    name: N,
    fields: Fields<Commands[N]["payload"]>,
  ): Promise<Commands[N]["reply"]> {
    if (this.#ended) throw new Error("The run has ended already.");
    this.#ended = true;
    try {
      return await this.#send(name, fields);
    } catch (error) {
      this.#ended = false;
      throw error;
    }
  }

  /** Asks something that is no report. */
  async ask<N extends CommandName>(name: N, payload: Commands[N]["payload"]): Promise<Commands[N]["reply"]> {
    this.check();
    return this.orStopped(this.#link.send(name, payload));
  }

  /** Stops the attempt, the first time that it is said. */
  stop(reason: StopReason): void {
    if (this.signal.aborted || this.#ended) return;
    this.narration.stop();
    this.#abort.abort(new Stopped(reason));
  }

  /** What comes of `work`; Stopped, if the run is stopped before. */
  orStopped<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const stopped = (): void => {
        reject(this.signal.reason as Stopped);
      };
      if (this.signal.aborted) stopped();
      this.signal.addEventListener("abort", stopped, { once: true });
      work.then(resolve, reject).finally(() => {
        this.signal.removeEventListener("abort", stopped);
      });
    });
  }

  async #send<N extends ReportName>(
    name: N,
    fields: Fields<Commands[N]["payload"]>,
  ): Promise<Commands[N]["reply"]> {
    // The fields and the attempt together are the payload, which the compiler cannot see for any name.
    const payload = { ...fields, ...this.#attempt } as unknown as Commands[N]["payload"];
    try {
      return await this.#link.send(name, payload, this.#attempt.run_id);
    } catch (error) {
      const reason = isYmeraError(error) ? TAKEN_AWAY[error.code] : undefined;
      if (reason !== undefined) this.stop(reason);
      throw error;
    }
  }

  async #tell({ name, fields }: Telling): Promise<void> {
    if (this.#muted.has(name)) return;
    try {
      await this.#send(name, fields);
    } catch (error) {
      if (this.stopped !== null) return;
      // Where a piece is missing the server takes no more; nor does it where a limit is reached.
      if (name === "run.output" || isYmeraError(error, "limit_exceeded")) this.#muted.add(name);
      this.#warn(`${name} was refused`, error);
    }
  }
}
