/**
 * One attempt at a run, from its acceptance to its one last report.
 *
 * The handler ends it, by returning or throwing. A handler that does not end although its run is stopped is
 * left behind: what it still does reaches nobody.
 */

import { isYmeraError } from "../errors.js";
import type { Capability, ErrorClass, RunControl, RunOffer } from "../generated/protocol.js";
import { Conversation } from "./conversation.js";
import { workingOn } from "./current.js";
import { Fatal, Retry, type StopReason } from "./errors.js";
import { RunFiles } from "./files.js";
import type { Lease, Link } from "./link.js";
import { Reports, type Warn } from "./reports.js";
import { Run } from "./run.js";
import { fit, shorten } from "./text.js";

/**
 * How long a handler may go on after its run was stopped, in milliseconds. The server takes the last report of
 * a canceled run for 15 seconds.
 */
export const STOP_MS: Readonly<Record<StopReason, number>> = {
  canceled: 8_000,
  released: 3_000,
  lost: 0,
  budget_exhausted: 0,
};

const MAX_MESSAGE = 2_000;
const MAX_SUMMARY = 500;
/** Refusals that mean that the offer is not to be had any more. */
const TOO_LATE = new Set(["fenced", "run_canceled", "conflict", "illegal_transition", "not_found"]);

/** A handler, whatever the types of its input and result. */
export type AnyHandler = (run: Run, input: never) => unknown;

/** Something that an agent can do. */
export interface Skill {
  readonly capability: Capability;
  readonly handler: AnyHandler;
}

/** What a handler came to. */
type Outcome =
  | { readonly kind: "returned"; readonly result: unknown }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "overdue" | "not_begun" };

export class Attempt {
  readonly lease: Lease;
  readonly #run: Run;
  readonly #work: () => unknown;
  readonly #link: Link;
  readonly #warn: Warn;
  readonly #reports: Reports;
  readonly #conversation: Conversation;

  constructor(offer: RunOffer, skill: Skill, link: Link, warn: Warn) {
    const { id, project_id, capability } = offer.run;
    this.lease = { run_id: id, fence: offer.fence, project_id, capability };
    this.#link = link;
    this.#warn = (message, error) => {
      warn(`Run ${id} (${capability}): ${message}`, error);
    };
    this.#reports = new Reports(link, offer, this.#warn);
    this.#conversation = new Conversation(this.#reports, offer);
    const files = new RunFiles(link.files, this.#reports, offer);
    this.#run = new Run(offer, this.#reports, this.#conversation, files);
    this.#work = () => skill.handler(this.#run, offer.input as never);
  }

  /** Whether it waits for a person or another run. */
  get waiting(): boolean {
    return this.#conversation.waiting;
  }

  stop(reason: StopReason): void {
    this.#reports.stop(reason);
  }

  /** What it waited for may have come. */
  lookAgain(): void {
    this.#conversation.lookAgain();
  }

  /** Takes up what the server tells of the run. */
  hear(control: RunControl): void {
    if (control.kind === "cancel") this.stop("canceled");
    else if (control.kind === "lost") this.stop("lost");
    else this.#conversation.hear(control);
  }

  /** Accepts the run, has it done, and reports how it ended. Never rejects. */
  async carryOut(): Promise<void> {
    if (!(await this.#accept())) return;
    try {
      // It may have been stopped on its way.
      const begin = this.#reports.stopped === null;
      await this.#report(begin ? await this.#outcome() : { kind: "not_begun" });
    } catch (error) {
      const gone = isYmeraError(error) && TOO_LATE.has(error.code);
      if (!gone) this.#warn("its end could not be reported", error);
    } finally {
      this.#reports.narration.stop();
      this.#link.letGo(this.lease);
    }
  }

  async #accept(): Promise<boolean> {
    try {
      const { canceling } = await this.#reports.accept();
      this.#link.hold(this.lease);
      if (canceling) this.stop("canceled");
      return true;
    } catch (error) {
      const gone = this.#reports.stopped !== null || (isYmeraError(error) && TOO_LATE.has(error.code));
      if (!gone) this.#warn("it could not be accepted", error);
      return false;
    }
  }

  /** What the handler comes to; `overdue` if it goes on for too long after the run was stopped. */
  #outcome(): Promise<Outcome> {
    const { signal } = this.#reports;
    return new Promise((resolve) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const stopped = (): void => {
        const ms = STOP_MS[this.#reports.stopped ?? "lost"];
        timer = setTimeout(resolve, ms, { kind: "overdue" });
      };
      signal.addEventListener("abort", stopped, { once: true });
      if (signal.aborted) stopped();
      void this.#handle()
        .then(resolve)
        .finally(() => {
          clearTimeout(timer);
          signal.removeEventListener("abort", stopped);
        });
    });
  }

  async #handle(): Promise<Outcome> {
    try {
      const result = await workingOn(this.lease, this.#work);
      // What JSON cannot carry is the handler's fault, so it is found here.
      return { kind: "returned", result: JSON.parse(JSON.stringify(result ?? null)) as unknown };
    } catch (error) {
      return { kind: "threw", error };
    }
  }

  async #report(outcome: Outcome): Promise<void> {
    if (this.#reports.ended) return;
    if (this.#reports.stopped === null) await this.#tellAll();
    const { stopped } = this.#reports;
    if (stopped === "lost" || stopped === "budget_exhausted") return;
    if (outcome.kind === "returned") await this.#complete(outcome.result);
    else if (stopped === "released")
      await this.#reports.last("run.release", { reason: "Its process is stopping." });
    else if (stopped === "canceled") await this.#fail(lastWords(outcome), "canceled");
    else if (outcome.kind === "threw") await this.#failed(outcome.error);
  }

  async #failed(error: unknown): Promise<void> {
    const cause = causeOf(error);
    if (cause === "crashed") this.#warn("its handler threw", error);
    await this.#fail(describe(error), cause);
  }

  /** Sends what was told and is not sent, unless the run is stopped meanwhile. */
  async #tellAll(): Promise<void> {
    await this.#reports.orStopped(this.#reports.narration.flush()).catch(() => undefined);
  }

  async #complete(result: unknown): Promise<void> {
    const summary = shorten(fit(this.#run.summary), MAX_SUMMARY);
    try {
      await this.#reports.last("run.complete", { result, ...(summary === "" ? {} : { summary }) });
    } catch (error) {
      if (!isYmeraError(error, "invalid") && !isYmeraError(error, "too_large")) throw error;
      this.#warn("its result was refused", error);
      await this.#fail(`The result was refused: ${error.message}`, "fatal");
    }
  }

  async #fail(message: string, cause: ErrorClass): Promise<void> {
    await this.#reports.last("run.fail", { message: shorten(fit(message), MAX_MESSAGE), cause });
  }
}

/** What is said of a canceled run's end. */
function lastWords(outcome: Outcome): string {
  if (outcome.kind === "threw") return describe(outcome.error);
  if (outcome.kind === "overdue") return "It was stopped; its handler went on and was left behind.";
  return "It was stopped before it began.";
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return `Thrown: ${String(error)}`;
  const named =
    error instanceof Retry || error instanceof Fatal ? error.message : `${error.name}: ${error.message}`;
  return named === "" ? error.name : named;
}

function causeOf(error: unknown): ErrorClass {
  if (error instanceof Retry) return error.rateLimited ? "rate_limited" : "transient";
  if (error instanceof Fatal) return error.invalid ? "invalid" : "fatal";
  if (isYmeraError(error, "rate_limited")) return "rate_limited";
  // What encrypted rooms do not have will not be there next time either.
  if (isYmeraError(error, "e2ee_room")) return "fatal";
  return isYmeraError(error) && error.retryable ? "transient" : "crashed";
}
