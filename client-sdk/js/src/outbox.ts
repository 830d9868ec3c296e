/**
 * The order in which commands go out, and which may go out now. No I/O, no timers.
 *
 * Invariants: within a lane (a room) at most one command is unanswered, so one that must be
 * tried again holds back all that come after it in its room; a command without a lane waits for
 * all before it and holds back all after it. At most MAX_IN_FLIGHT are unanswered in all.
 * Every command stays in until it is settled, and keeps its id however often it is sent. Order is
 * the order of ids, which are UUIDv7 and so of the time of the call.
 */

import type { OptimisticChange } from "./overlay.js";

/** A command as it is kept: JSON only, so that it survives the program. */
export interface QueuedCommand {
  /** The command's id, a UUIDv7; the same at every attempt. */
  readonly id: string;
  /** The member whose command it is; null if it was called before the first sign-in. */
  readonly account: string | null;
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** The room whose order it keeps; null if that is not known. */
  readonly lane: string | null;
  /** Milliseconds since 1970 by this machine's clock. */
  readonly calledAt: number;
  readonly optimistic: readonly OptimisticChange[];
}

export const MAX_IN_FLIGHT = 32;
export const MAX_QUEUED = 10_000;
/** How long a command may wait before it is given up: seven days, in milliseconds. */
export const MAX_AGE_MS = 7 * 24 * 3_600_000;

interface Slot {
  readonly command: QueuedCommand;
  state: "saving" | "waiting" | "sent";
  /** Failed attempts so far. */
  failures: number;
  /** Not to be sent again before this time, in milliseconds since 1970. */
  notBefore: number;
}

export class Outbox {
  readonly #slots = new Map<string, Slot>();
  readonly #lanes = new Map<string | null, Slot[]>();
  #sent = 0;

  get size(): number {
    return this.#slots.size;
  }

  /** All that are not settled, in order. */
  commands(): QueuedCommand[] {
    return [...this.#slots.values()].map((slot) => slot.command).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  has(id: string): boolean {
    return this.#slots.has(id);
  }

  /** Puts a command in its place. One that is still being saved holds the place but does not go out. */
  add(command: QueuedCommand, saved: boolean): void {
    const slot: Slot = { command, state: saved ? "waiting" : "saving", failures: 0, notBefore: 0 };
    this.#slots.set(command.id, slot);
    const lane = this.#lanes.get(command.lane) ?? [];
    this.#lanes.set(command.lane, lane);
    let place = lane.length;
    for (let before; (before = lane[place - 1]) !== undefined; place -= 1) {
      if (before.command.id < command.id || before.state === "sent") break;
    }
    lane.splice(place, 0, slot);
  }

  /** A command is safely kept and may go out. */
  saved(id: string): void {
    const slot = this.#slots.get(id);
    if (slot?.state === "saving") slot.state = "waiting";
  }

  /** Takes what may go out now, and counts it as sent. */
  take(now: number): QueuedCommand[] {
    const taken: QueuedCommand[] = [];
    for (const slot of this.#heads()) {
      if (this.#sent >= MAX_IN_FLIGHT) break;
      if (slot.state !== "waiting" || slot.notBefore > now) continue;
      slot.state = "sent";
      this.#sent += 1;
      taken.push(slot.command);
    }
    return taken;
  }

  /** An attempt failed, or its answer is lost. Returns the number of failures so far. */
  retry(id: string, failed: boolean): number {
    const slot = this.#slots.get(id);
    if (slot === undefined) return 0;
    this.#unsend(slot);
    if (failed) slot.failures += 1;
    return slot.failures;
  }

  /** Holds a command, and so its lane, back until `time`. */
  postpone(id: string, time: number): void {
    const slot = this.#slots.get(id);
    if (slot !== undefined) slot.notBefore = time;
  }

  /** A command has its final answer: it leaves. */
  settle(id: string): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    this.#unsend(slot);
    this.#slots.delete(id);
    const lane = this.#lanes.get(slot.command.lane) ?? [];
    lane.splice(lane.indexOf(slot), 1);
    if (lane.length === 0) this.#lanes.delete(slot.command.lane);
  }

  /** Commands that have waited too long, of those whose turn it is. */
  expired(now: number): QueuedCommand[] {
    return this.#heads()
      .filter(({ state, command }) => state === "waiting" && command.calledAt + MAX_AGE_MS <= now)
      .map((slot) => slot.command);
  }

  /** When the next postponed command may go out, in milliseconds since 1970; null if none waits for its time. */
  wakeAt(now: number): number | null {
    const times = this.#heads()
      .filter((slot) => slot.state === "waiting" && slot.notBefore > now)
      .map((slot) => slot.notBefore);
    return times.length === 0 ? null : Math.min(...times);
  }

  clear(): void {
    this.#slots.clear();
    this.#lanes.clear();
    this.#sent = 0;
  }

  /** The first of each lane that nothing before it holds back, in order. */
  #heads(): Slot[] {
    const barrier = this.#lanes.get(null)?.[0];
    if (barrier?.state === "sent") return [];
    const heads: Slot[] = [];
    for (const [name, lane] of this.#lanes) {
      const head = lane[0];
      if (name === null || head === undefined) continue;
      if (barrier === undefined || head.command.id < barrier.command.id) heads.push(head);
    }
    if (barrier !== undefined && heads.length === 0 && this.#sent === 0) return [barrier];
    return heads.sort((a, b) => (a.command.id < b.command.id ? -1 : 1));
  }

  #unsend(slot: Slot): void {
    if (slot.state !== "sent") return;
    slot.state = "waiting";
    this.#sent -= 1;
  }
}
