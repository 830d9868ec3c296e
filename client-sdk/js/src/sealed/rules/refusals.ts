/** Refusals, in the words of the server: whoever breaks a rule hears the same in open and in sealed rooms. */

import { YmeraError } from "../../errors.js";
import { RETRYABLE, type ErrorCode } from "../../generated/protocol.js";

/** The error of that code of the protocol. */
export function refusal(
  code: ErrorCode,
  message: string,
  data: Readonly<Record<string, unknown>> = {},
): YmeraError {
  return new YmeraError({ code, message, data, retryable: RETRYABLE.has(code), correlation_id: "" });
}

/** `invalid`, with the path of the field at fault, such as `title` or `labels[2]`. */
export function invalid(path: string, problem: string): YmeraError {
  return refusal("invalid", `${path || "The content"}: ${problem}`, { path });
}

/** `not_found`, for a thing that the room does not have. */
export function notFound(noun: string): YmeraError {
  return refusal("not_found", `There is no such ${noun}, or you have no access to it.`, { noun });
}

/** `conflict` for a change of an old version; `data.current` holds the newest. */
export function stale(noun: string, current: unknown): YmeraError {
  const message = `The ${noun} has changed since you read it. Take the current version and try again.`;
  return refusal("conflict", message, { current });
}

/** `conflict` for an id that something has already. */
export function taken(): YmeraError {
  return refusal("conflict", "This id is taken; choose another or leave it out.");
}

/** `limit_exceeded`, for a count of `what` (a plural) that is at its bound. */
export function limitExceeded(what: string, limit: number): YmeraError {
  return refusal("limit_exceeded", `There can be at most ${limit} ${what}.`, { limit, what });
}
