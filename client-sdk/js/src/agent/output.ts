/**
 * A run's output on its way: what was written and is not sent, cut into pieces that the server takes.
 *
 * The server counts characters, JavaScript UTF-16 units; pieces and offsets are in characters.
 */

import { MAX_OUTPUT, MAX_OUTPUT_CHUNK } from "../generated/protocol.js";
import { fit, split } from "./text.js";

export interface Piece {
  readonly text: string;
  /** Where it begins in the output, in characters. */
  readonly offset: number;
}

export class Output {
  #text = "";
  /** The first half of a character whose second half comes with the next text. */
  #half = "";
  /** Characters that were taken, and that were written. */
  #taken = 0;
  #written = 0;

  get empty(): boolean {
    return this.#text === "";
  }

  /** Adds text. One character beyond what the server keeps is let through, so that it knows of the rest. */
  write(text: string): void {
    const room = MAX_OUTPUT + 1 - this.#written;
    if (room <= 0) return;
    let whole = this.#half + text.slice(0, 2 * room);
    this.#half = /[\ud800-\udbff]$/.exec(whole)?.[0] ?? "";
    whole = whole.slice(0, whole.length - this.#half.length);
    const { head, length } = split(fit(whole), room);
    this.#text += head;
    this.#written += length;
  }

  /** Takes the next piece; null if there is none. */
  take(): Piece | null {
    if (this.empty) return null;
    const { head, length } = split(this.#text, MAX_OUTPUT_CHUNK);
    const offset = this.#taken;
    this.#text = this.#text.slice(head.length);
    this.#taken += length;
    return { text: head, offset };
  }
}
