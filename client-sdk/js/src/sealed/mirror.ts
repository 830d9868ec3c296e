/**
 * A sealed room's content in the page, as the engine shows it.
 *
 * Invariant: the state is the fold of exactly what the engine has shown up to `cursor`; where something was
 * missed, it is opened anew.
 */

import { EMPTY_STATE, foldEvents, type RoomState } from "../fold.js";
import type { LoggedEvent } from "../generated/protocol.js";
import type { QueuedCommand } from "../outbox.js";
import type { Opened, Shown } from "./channel.js";

/** Who is told of what a sealed room shows. */
export interface Shows {
  /** These events were applied (none: the state is another one). */
  applied(room: string, content: Content, events: readonly LoggedEvent[]): void;
  /** Commands of an earlier run wait to be said. */
  pending(commands: readonly QueuedCommand[]): void;
}

/** What a sealed room holds at a seq. */
export interface Content {
  readonly state: RoomState;
  readonly cursor: number;
}

export class Mirror {
  readonly room: string;
  /** Resolves when all that was there is shown for the first time, or when the mirror is closed. */
  readonly ready: Promise<void>;
  readonly #shows: Shows;
  #content: Content = { state: EMPTY_STATE, cursor: 0 };
  #opened = false;
  /** Something was shown before the engine's answer to the opening. */
  #early = false;
  /** The engine had nothing when the room was opened: once it has, it is to be opened again. */
  #empty = false;
  #closed = false;
  #arrived: () => void = () => undefined;

  constructor(room: string, shows: Shows) {
    this.room = room;
    this.#shows = shows;
    this.ready = new Promise((resolve) => {
      this.#arrived = resolve;
    });
  }

  /** Begins with what the engine has; false if something was shown meanwhile, so that it must be opened anew. */
  open({ state, cursor, current, pending }: Opened): boolean {
    const early = this.#early;
    this.#early = false;
    if (this.#closed) return true;
    this.#empty = state === null;
    if (state === null) return true;
    if (early || (this.#opened && cursor < this.#content.cursor)) return false;
    this.#opened = true;
    if (pending.length > 0) this.#shows.pending(pending);
    this.#move({ state, cursor }, [], current);
    return true;
  }

  /** Takes what is shown now; false if something was missed, so that it must be opened anew. */
  take({ after, cursor, events, state, current }: Shown): boolean {
    if (this.#closed) return true;
    if (state !== null) this.#opened = true;
    else if (!this.#opened && this.#empty) return (this.#empty = false);
    else if (!this.#opened) this.#early = true;
    else if (after !== this.#content.cursor) return false;
    if (this.#opened) {
      this.#move({ state: state ?? foldEvents(this.#content.state, events), cursor }, events, current);
    }
    return true;
  }

  /** The engine is another one, and has to be asked anew. */
  renew(): void {
    this.#opened = this.#early = false;
  }

  close(): void {
    this.#closed = true;
    this.#arrived();
  }

  #move(content: Content, events: readonly LoggedEvent[], current: boolean): void {
    this.#content = content;
    this.#shows.applied(this.room, content, events);
    if (current) this.#arrived();
  }
}
