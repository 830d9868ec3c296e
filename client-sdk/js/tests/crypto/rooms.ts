/** Somebody who is given a room of the vectors, item after item. */

import * as cx1 from "../../src/crypto/index.js";
import { big, bytes, record, text } from "./plain.js";

/** What stands at a seq: a `commit`, an `envelope` or a `stub`, at the next seq if it names none. */
export interface Item {
  readonly what: string;
  readonly raw: Uint8Array;
  readonly seq: bigint | null;
}

/** An error with the number of the item at which it happened. */
export class StepError extends Error {
  readonly at: number;
  readonly error: cx1.Cx1Error;

  constructor(at: number, error: cx1.Cx1Error) {
    super(`${error.message}, at item ${at}`);
    this.at = at;
    this.error = error;
  }
}

export function item(value: unknown): Item {
  const { what, raw, seq } = record(value);
  return { what: text(what), raw: bytes(raw), seq: seq === undefined ? null : big(seq) };
}

/** Has an error say at which item it happened. */
export function stepping<T>(at: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof cx1.Cx1Error) throw new StepError(at, error);
    throw error;
  }
}

/** A room from its commits. */
export function replay(directory: cx1.Directory, log: readonly Uint8Array[]): cx1.Room {
  const [first, ...others] = log;
  if (first === undefined) throw new Error("the case has no log");
  let room = stepping(0, () => cx1.foundRoom(first, directory));
  for (const [index, raw] of others.entries()) {
    room = stepping(index + 1, () =>
      cx1.applyToRoom(room, cx1.parseCommit(raw), directory, BigInt(index + 2)),
    );
  }
  return room;
}

/** A ring with the secrets that are given of the room's epochs. */
export function holding(
  ring: cx1.KeyRing,
  room: cx1.Room,
  secrets: Readonly<Record<string, unknown>>,
  ephemeral: boolean,
): cx1.KeyRing {
  return room.epochs.reduce((held, epoch) => {
    const secret = secrets[String(epoch.number)];
    return secret === undefined ? held : cx1.holdSecret(held, epoch, bytes(secret), { ephemeral });
  }, ring);
}

/** Takes items one after another, and remembers as a store does. */
export class Follower {
  readonly #directory: cx1.Directory;
  readonly #secrets: Readonly<Record<string, unknown>>;
  readonly #ephemeral: boolean;
  readonly #hashes = new Map<bigint, Uint8Array>();
  readonly #clientIds = new Set<cx1.Hex>();
  readonly #outcomes: object[] = [];
  #state: cx1.Timeline;
  #ring: cx1.KeyRing;

  constructor(
    state: cx1.Timeline,
    directory: cx1.Directory,
    secrets: Readonly<Record<string, unknown>>,
    ephemeral: boolean,
  ) {
    this.#state = state;
    this.#directory = directory;
    this.#secrets = secrets;
    this.#ephemeral = ephemeral;
    this.#hashes.set(state.seq, state.hash);
    this.#ring = holding(cx1.EMPTY_RING, state.room, secrets, ephemeral);
  }

  /** Takes further items; `first` is the number of the first of them. */
  follow(items: readonly Item[], first: number): void {
    for (const [index, each] of items.entries()) {
      stepping(first + index, () => {
        this.#take(each);
      });
      this.#hashes.set(this.#state.seq, this.#state.hash);
    }
  }

  /** Where the timeline stands, and what came of each envelope. */
  outcome(): object {
    const { seq, hash, room } = this.#state;
    return { seq, hash, epoch: room.epoch, outcomes: this.#outcomes };
  }

  #take({ what, raw, seq: at }: Item): void {
    const seq = at ?? this.#state.seq + 1n;
    const past: cx1.Past = {
      transcript: (asked) => this.#hashes.get(asked),
      hasClientId: (id) => this.#clientIds.has(cx1.toHex(id)),
    };
    if (what === "commit") {
      this.#state = cx1.applyCommit(this.#state, seq, raw, this.#directory, past);
      this.#ring = holding(this.#ring, this.#state.room, this.#secrets, this.#ephemeral);
      return;
    }
    const received =
      what === "stub"
        ? { ...cx1.receiveStub(this.#state, seq, raw, past), ring: this.#ring }
        : cx1.receive(this.#state, this.#ring, seq, raw, past);
    this.#state = received.timeline;
    this.#ring = received.ring;
    const { outcome } = received;
    const { header } = outcome.what === "deleted" ? outcome.stub : outcome.envelope;
    this.#clientIds.add(cx1.toHex(header.clientId));
    this.#outcomes.push(described(outcome));
  }
}

function described(outcome: cx1.Outcome): object {
  switch (outcome.what) {
    case "opened":
      return { opened: outcome.content.data, type: outcome.content.type };
    case "unreadable":
      return { unreadable: outcome.fault };
    case "waiting":
      return { waiting: outcome.envelope.header.epoch };
    case "deleted":
      return { deleted: outcome.stub.header.clientId };
  }
}
