/** How long is waited for a server that says nothing: a connection that is gone without a word ends some time. */

import { localError, type YmeraError } from "../errors.js";

/** After so many milliseconds in which nothing moves a request is given up, and may be tried again. */
export const SILENCE_MS = 60_000;

/** Why it was given up. */
export function fallenSilent(): YmeraError {
  return localError("unavailable", "The server has fallen silent.");
}

/** What comes of a promise, unless the signal is aborted before. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const end = (): void => {
      reject(signal.reason as Error);
    };
    const settle = (): void => {
      signal.removeEventListener("abort", end);
    };
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    work.finally(settle).then(resolve, reject);
  });
}
