/**
 * The names under which a run's questions and calls are found again by an attempt that begins anew.
 *
 * A name is made of what is asked, so that no attempt takes an answer for one to another question;
 * what is asked twice alike is told apart by its turn.
 */

import { createHash } from "node:crypto";

export class Keys {
  readonly #turns = new Map<string, number>();

  /** The name of the next one that is asked with this content. */
  next(content: unknown): string {
    const hash = createHash("sha256").update(canonical(content)).digest("hex").slice(0, 32);
    const turn = (this.#turns.get(hash) ?? 0) + 1;
    this.#turns.set(hash, turn);
    return `${hash}:${turn}`;
  }
}

/** JSON with sorted keys, the same for the same content. */
function canonical(content: unknown): string {
  return JSON.stringify(content, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
