import { isYmeraError } from "@ymera/client";

import { toast } from "#/ui/toast";

/** One sentence that says what went wrong and what to do. */
export function messageOf(error: unknown): string {
  if (isYmeraError(error)) {
    const message = error.message.charAt(0).toUpperCase() + error.message.slice(1);
    return error.code === "internal" ? `${message} Quote ${error.correlationId} to your operator.` : message;
  }
  return error instanceof Error ? error.message : String(error);
}

/** Tells a failure in passing: what did not happen, and why. */
export function report(title: string, error: unknown): void {
  toast(title, { tone: "bad", detail: messageOf(error) });
}

/** Lets a change run by itself; if it is refused, the shown state has rolled back and this says why. */
export function act(change: Promise<unknown>, failure: string): void {
  change.catch((error: unknown) => report(failure, error));
}
