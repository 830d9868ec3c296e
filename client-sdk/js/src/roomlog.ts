/**
 * What a client knows of one room's log: the folded state and the cursor, which move together.
 *
 * Invariant: `state` is the fold of exactly the events 1..`cursor` of the log `generation`,
 * whatever was dropped, sent twice or reordered on the way. No I/O: `gap` says what to ask for.
 */

import { EMPTY_STATE, foldEvents, foldSnapshot, type RoomState } from "./fold.js";
import { MAX_EVENTS, type Joined, type LoggedEvent } from "./generated/protocol.js";

/** A place in a log: the last seq applied, and which log. */
export interface Position {
  readonly after_seq: number;
  readonly generation: string;
}

/** What is missing: nothing, the events after the cursor, or so much that joining again is better. */
export type Gap = null | "events" | "rejoin";

export class RoomLog {
  state: RoomState = EMPTY_STATE;
  #position: Position | null = null;
  /** The newest seq that is known to exist. */
  #head = 0;
  /** Events that came before their turn; at most MAX_EVENTS, the rest is asked for later. */
  readonly #early = new Map<number, LoggedEvent>();

  /** Where this log stands, to be named when joining; null before the first join. */
  get position(): Position | null {
    return this.#position;
  }

  /** The last seq applied; 0 before the first join. */
  get cursor(): number {
    return this.#position?.after_seq ?? 0;
  }

  get gap(): Gap {
    if (this.#position === null) return "rejoin";
    const behind = this.#head - this.cursor;
    if (behind <= 0) return null;
    return behind > MAX_EVENTS ? "rejoin" : "events";
  }

  /** Takes the answer to a join. Returns the events applied now, in order. */
  join(reply: Joined): LoggedEvent[] {
    if (reply.reset !== undefined) {
      this.state = foldSnapshot(reply.reset);
      this.#position = { after_seq: reply.head, generation: reply.generation };
    } else if (this.#position?.generation !== reply.generation) {
      this.clear();
      return [];
    }
    this.#head = Math.max(reply.head, ...this.#early.keys());
    return this.receive(reply.events ?? []);
  }

  /** Takes events of the room, in whatever order they came. Returns those applied now, in order. */
  receive(events: readonly LoggedEvent[]): LoggedEvent[] {
    const ready: LoggedEvent[] = [];
    for (const event of events) {
      this.see(event.seq);
      if (this.#position !== null && event.seq === this.cursor + ready.length + 1) ready.push(event);
      else if (event.seq > this.cursor && this.#early.size < MAX_EVENTS) this.#early.set(event.seq, event);
    }
    if (this.#position === null) return ready;
    for (let next; (next = this.#early.get(this.cursor + ready.length + 1)) !== undefined;) {
      ready.push(next);
    }
    if (ready.length === 0) return ready;
    this.state = foldEvents(this.state, ready);
    this.#position = { ...this.#position, after_seq: this.cursor + ready.length };
    for (const seq of this.#early.keys()) if (seq <= this.cursor) this.#early.delete(seq);
    return ready;
  }

  /** Learns that the room's log reaches at least to `head`. */
  see(head: number): void {
    this.#head = Math.max(this.#head, head);
  }

  /** Forgets what was heard of the log but not applied: the connection that brought it has ended. */
  disconnect(): void {
    this.#early.clear();
    this.#head = this.cursor;
  }

  /** Forgets everything, so that the next join brings a snapshot. */
  clear(): void {
    this.state = EMPTY_STATE;
    this.#position = null;
    this.#head = 0;
    this.#early.clear();
  }
}
