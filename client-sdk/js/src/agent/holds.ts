/**
 * The runs of encrypted rooms that a process has or is about to take, and what becomes of them.
 *
 * What the rooms say counts: a run is kept as long as its newest attempt is this process's. Where they say nothing
 * any more it is given up before another process may take it.
 */

import type { Id } from "../generated/protocol.js";
import { waits, type SealedRun } from "../sealed/rules/endings.js";
import type { Lease, LinkListener } from "./link.js";
import type { Workplace } from "./workplace.js";

/** Parts of the time that a process may be silent: when it gives a sign, and when it gives a run up. */
const SIGN_AFTER = 1 / 3;
const GIVE_UP_AFTER = 2 / 3;

interface Hold {
  readonly lease: Lease;
  /** It was claimed, and its handler is at work. */
  accepted: boolean;
  /** What was told of it already. */
  lost: boolean;
  canceling: boolean;
  /** It waits for people, or another run. */
  waiting: boolean;
  /** A sign of it is under way. */
  signing: boolean;
  /** It was said that its handler holds up the event loop. */
  blamed: boolean;
}

export class Holds {
  readonly #places: ReadonlyMap<Id, Workplace>;
  readonly #listener: LinkListener;
  readonly #all = new Map<string, Hold>();

  /** Of runs in these rooms; `listener` hears what its handlers have to know. */
  constructor(places: ReadonlyMap<Id, Workplace>, listener: LinkListener) {
    this.#places = places;
    this.#listener = listener;
  }

  get size(): number {
    return this.#all.size;
  }

  /** How many take a handler's place: all but those that wait. */
  get atWork(): number {
    return [...this.#all.values()].filter(({ waiting }) => !waiting).length;
  }

  /** Those that were offered to handlers and are not claimed yet. */
  get offered(): readonly Lease[] {
    return [...this.#all.values()].filter(({ accepted }) => !accepted).map(({ lease }) => lease);
  }

  /** Notes that a handler holds up the event loop: whether it is one of these, and whether that is news. */
  blame(lease: Lease): "news" | "known" | "other" {
    const hold = this.#all.get(keyOf(lease));
    if (hold === undefined) return "other";
    const known = hold.blamed;
    hold.blamed = true;
    return known ? "known" : "news";
  }

  /** What is at work of a run; undefined if nothing is. */
  leaseOf(run: Id): Lease | undefined {
    return [...this.#all.values()].find(({ lease, accepted }) => accepted && lease.run_id === run)?.lease;
  }

  /** Whether this process is at a run, or about to be. */
  covers(run: SealedRun): boolean {
    return [...this.#all.values()].some(
      ({ lease, lost }) =>
        lease.run_id === run.id && (lease.fence > run.attempt || (lease.fence === run.attempt && !lost)),
    );
  }

  offer(lease: Lease): void {
    const told = { lost: false, canceling: false, waiting: false, blamed: false };
    this.#all.set(keyOf(lease), { lease, accepted: false, signing: false, ...told });
  }

  accept(lease: Lease): void {
    const hold = this.#all.get(keyOf(lease));
    if (hold !== undefined) hold.accepted = true;
  }

  remove(lease: Pick<Lease, "run_id" | "fence">): void {
    this.#all.delete(keyOf(lease));
  }

  /** Tells those at work what has become of their runs. `instance` is what rooms call this process. */
  attend(instance: Id): void {
    for (const hold of this.#all.values()) {
      const place = this.#places.get(hold.lease.project_id);
      if (hold.lost || place?.current === false) continue;
      const run = place?.run(hold.lease.run_id);
      if (run === undefined || isOver(run, hold, instance)) this.#lose(hold);
      else if (hold.accepted) this.#follow(run, hold);
    }
  }

  /**
   * Has `sign` given of what is at work and has been silent for a while; gives up what others may take soon, where
   * they are to wait for `seconds`.
   */
  tend(seconds: number, sign: (lease: Lease) => Promise<void>): void {
    for (const hold of this.#all.values()) {
      const run = this.#places.get(hold.lease.project_id)?.run(hold.lease.run_id);
      if (!hold.accepted || hold.lost || run?.attempt !== hold.lease.fence) continue;
      // While it waits nobody takes it over.
      if (waits(run) || run.heard_at === null) continue;
      const silent = (Date.now() - Date.parse(run.heard_at)) / 1_000 / seconds;
      if (silent > GIVE_UP_AFTER) this.#lose(hold);
      else if (silent >= SIGN_AFTER && !hold.signing) {
        hold.signing = true;
        void sign(hold.lease).finally(() => (hold.signing = false));
      }
    }
  }

  #follow(run: SealedRun, hold: Hold): void {
    if (run.canceling && !hold.canceling) this.#listener.canceling([hold.lease]);
    // Answers and replies are told as they come; those whose news were missed are asked for.
    if (hold.waiting && !waits(run)) this.#listener.answered([hold.lease]);
    hold.canceling = run.canceling;
    hold.waiting = waits(run);
  }

  #lose(hold: Hold): void {
    hold.lost = true;
    this.#listener.lost([hold.lease]);
  }
}

function isOver(run: SealedRun, { lease, accepted }: Hold, instance: Id): boolean {
  // The room may not show the claim yet.
  if (run.attempt !== lease.fence) return run.attempt > lease.fence;
  return accepted && run.instance_id !== instance;
}

function keyOf({ run_id, fence }: Pick<Lease, "run_id" | "fence">): string {
  return `${run_id}:${fence}`;
}
