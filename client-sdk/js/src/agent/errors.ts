/** What a handler throws to say how it failed, and what is thrown in a handler whose run cannot go on. */

import type { Question, RunReply } from "../generated/protocol.js";

/**
 * Why a run is not a handler's any more:
 * - `canceled`: somebody stopped it; what the handler still returns or throws is its last report;
 * - `lost`: another attempt has begun, or the run has ended;
 * - `budget_exhausted`: a budget does not bear it, and it has failed;
 * - `released`: this process is stopping and hands it back.
 */
export type StopReason = "canceled" | "lost" | "budget_exhausted" | "released";

const STOPPED: Readonly<Record<StopReason, string>> = {
  canceled: "Somebody has stopped the run.",
  lost: "The run is no longer this process's.",
  budget_exhausted: "A budget does not bear the run.",
  released: "The process is stopping; the run is handed back.",
};

/** Thrown by everything that a stopped run is asked for, and the reason of its `signal`. Let it pass. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  readonly reason: StopReason;

  constructor(reason: StopReason, options?: ErrorOptions) {
    super(STOPPED[reason], options);
    this.reason = reason;
  }
}

/** Thrown by a handler: the world was at fault, the run is tried again later. */
export class Retry extends Error {
  override readonly name = "Retry";
  /** Somebody else's limit is the reason: the pauses between the attempts are longer. */
  readonly rateLimited: boolean;

  constructor(message: string, options: ErrorOptions & { readonly rateLimited?: boolean } = {}) {
    super(message, options);
    this.rateLimited = options.rateLimited ?? false;
  }
}

/** Thrown by a handler: it cannot be done, and is not tried again. */
export class Fatal extends Error {
  override readonly name: string = "Fatal";
  /** The input makes no sense. */
  readonly invalid: boolean;

  constructor(message: string, options: ErrorOptions & { readonly invalid?: boolean } = {}) {
    super(message, options);
    this.invalid = options.invalid ?? false;
  }
}

/** An approval was refused, or does not allow what it was to be used for. */
export class Denied extends Fatal {
  override readonly name = "Denied";
}

/** A question that nobody answered in time, or that was withdrawn. */
export class Unanswered extends Fatal {
  override readonly name = "Unanswered";
  readonly question: Question;

  constructor(question: Question) {
    super(`The question was not answered, it is ${question.state}: ${question.prompt}`);
    this.question = question;
  }
}

/** A run that was called for did not complete. */
export class CallFailed extends Fatal {
  override readonly name = "CallFailed";
  readonly reply: RunReply;

  constructor(capability: string, reply: RunReply) {
    const why = reply.error === null ? "" : `: ${reply.error.message}`;
    super(`The call of ${capability} ended as ${reply.state}${why}`);
    this.reply = reply;
  }
}
