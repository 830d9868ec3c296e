/** What cx1 refuses, as the errors that programs catch: the code of the wire and `data.fault`. */

import { Cx1Error } from "../crypto/errors.js";
import { isYmeraError, localError, YmeraError } from "../errors.js";
import { RETRYABLE, type ErrorCode } from "../generated/protocol.js";

/** The error of a refusal; what only a client can see is `invalid`, and a missing key `unavailable`. */
export function raised(refusal: Cx1Error): YmeraError {
  const code = refusal.code ?? (refusal.blame === "waiting" ? "unavailable" : "invalid");
  return faultError(code, `${refusal.detail}.`, { fault: refusal.fault, ...refusal.data }, refusal);
}

/** Reads what a person has pasted; `invalid` with these words if it is damaged. */
export async function pasted<T>(read: () => T | Promise<T>, words: string): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Cx1Error)) throw error;
    throw faultError("invalid", words, { fault: error.fault, ...error.data }, error);
  }
}

/** Whatever was thrown, as a YmeraError. */
export function asYmeraError(error: unknown): YmeraError {
  if (isYmeraError(error)) return error;
  if (error instanceof Cx1Error) return raised(error);
  return localError("internal", "The client failed.", error);
}

/** An error of the client's own making, with data for programs. */
export function faultError(
  code: ErrorCode,
  message: string,
  data: Readonly<Record<string, unknown>>,
  cause?: unknown,
): YmeraError {
  const body = { code, message, retryable: RETRYABLE.has(code), data, correlation_id: "" };
  return new YmeraError(body, cause === undefined ? undefined : { cause });
}
