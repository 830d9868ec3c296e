/** The one error type that callers see, whether the server refused or the client could not ask. */

import { RETRYABLE, type ErrorBody, type ErrorCode } from "./generated/protocol.js";

/** A refused or failed request. Branch on `code`; show `message`. */
export class YmeraError extends Error {
  /** One of the protocol's closed set. */
  readonly code: ErrorCode;
  /** Whether the same request, unchanged, may succeed later. */
  readonly retryable: boolean;
  /** What a program needs to react, by code: `path`, `current`, `allowed`, `retry_after` and so on. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Stands in the server's log lines of this request; empty if it never reached the server. */
  readonly correlationId: string;

  constructor(body: ErrorBody, options?: ErrorOptions) {
    super(body.message, options);
    this.name = "YmeraError";
    this.code = body.code;
    this.retryable = body.retryable;
    this.data = body.data;
    this.correlationId = body.correlation_id;
  }
}

/** An error of the client's own making, in the shape of the server's. */
export function localError(code: ErrorCode, message: string, cause?: unknown): YmeraError {
  const body = { code, message, retryable: RETRYABLE.has(code), data: {}, correlation_id: "" };
  return new YmeraError(body, cause === undefined ? undefined : { cause });
}

/** Whether `error` is a YmeraError, of that code if one is named. */
export function isYmeraError(error: unknown, code?: ErrorCode): error is YmeraError {
  return error instanceof YmeraError && (code === undefined || error.code === code);
}

/** Whether a value from the network has the shape of an error's body. */
export function isErrorBody(value: unknown): value is ErrorBody {
  if (typeof value !== "object" || value === null) return false;
  const body = value as Partial<Record<keyof ErrorBody, unknown>>;
  return (
    typeof body.code === "string" &&
    typeof body.message === "string" &&
    typeof body.retryable === "boolean" &&
    typeof body.data === "object" &&
    body.data !== null &&
    typeof body.correlation_id === "string"
  );
}

/** Seconds that the server asks to be left alone for, if it said so. */
export function retryAfter(error: YmeraError): number | null {
  const seconds = error.data["retry_after"];
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
