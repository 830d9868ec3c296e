/**
 * What a device knows of what stands at each seq of a room, and how it is found again.
 *
 * Invariant: there is one entry for each seq, and what is looked up by client_id, by entity or as waiting is what
 * the entries say. What stands in them was verified by whoever puts them here.
 */

import * as cx1 from "../crypto/index.js";
import { pack } from "./store.js";

/** What is known of what stands at a seq. */
export type Sort = "commit" | "opened" | "waiting" | "unreadable" | "erased";

/** What a commit did to a member: `role` is the one after it, null if they are out. */
export interface RoleChange {
  readonly fp: cx1.Hex;
  readonly role: cx1.Role | null;
  readonly joined: boolean;
}

/** What stands at a seq. `role` is the sender's there; `ms` is when, as the sender says. JSON only. */
export interface Entry {
  readonly seq: number;
  readonly sort: Sort;
  readonly fp: cx1.Hex;
  readonly role: cx1.Role;
  readonly ms: number;
  /** The transcript here. */
  readonly hash: cx1.Hex;
  readonly epoch: number;
  readonly device: cx1.Hex;
  /** Of an envelope; empty for a commit. */
  readonly clientId: cx1.Hex;
  readonly entity: cx1.Hex;
  readonly version: number;
  /** Of the envelope; 0 for a commit. */
  readonly kind: number;
  /** The JSON of a command, once it could be read. */
  readonly content?: string;
  /** Of a commit. */
  readonly changes?: readonly RoleChange[];
  /** Of a commit: whether it sets the room's rules. */
  readonly ruled?: boolean;
  /** Of a commit: whose devices it takes as they are by then. */
  readonly repinned?: readonly cx1.Hex[];
  /** Of a commit: false if who was added by it reads nothing of what was before. */
  readonly shared?: boolean;
  /** Why it cannot be read. */
  readonly fault?: string;
  /** The envelope as base64url, as long as it waits for its key. */
  readonly raw?: string;
}

/** Entries that are kept under one name. */
const SEGMENT = 64;

export class Entries {
  /** By seq, from 1 on. */
  readonly #all: Entry[] = [];
  readonly #clientIds = new Set<cx1.Hex>();
  /** By entity: where envelopes about it stand. */
  readonly #about = new Map<cx1.Hex, number[]>();
  readonly #waiting = new Set<number>();

  at(seq: number): Entry | undefined {
    return this.#all[seq - 1];
  }

  /** All that stands behind a seq, in order. */
  after(seq: number): readonly Entry[] {
    return this.#all.slice(seq);
  }

  /** The version of an entity, by the hex of its id: how many envelopes about it there are. */
  versionOf(entity: cx1.Hex): number {
    return this.seqsOf(entity).length;
  }

  /** Where envelopes about an entity stand. */
  seqsOf(entity: cx1.Hex): readonly number[] {
    return this.#about.get(entity) ?? [];
  }

  /** Whether an envelope with this client_id was applied. */
  hasClientId(clientId: cx1.Hex): boolean {
    return this.#clientIds.has(clientId);
  }

  /** Where envelopes stand that wait for their keys, in order. */
  waiting(): readonly number[] {
    return [...this.#waiting].sort((one, other) => one - other);
  }

  /** The epochs that envelopes wait for, newest first. */
  missing(): readonly number[] {
    const epochs = new Set<number>();
    for (const seq of this.#waiting) {
      const entry = this.at(seq);
      if (entry !== undefined) epochs.add(entry.epoch);
    }
    return [...epochs].sort((one, other) => other - one);
  }

  /** Puts entries at their seqs, in place of what was known there. */
  put(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.version > 0 && this.at(entry.seq) === undefined) this.#count(entry);
      this.#all[entry.seq - 1] = entry;
      if (entry.clientId !== "") this.#clientIds.add(entry.clientId);
      if (entry.sort === "waiting") this.#waiting.add(entry.seq);
      else this.#waiting.delete(entry.seq);
    }
  }

  /** What must be kept after these have changed, by names. */
  segments(changed: readonly Entry[]): ReadonlyMap<string, Uint8Array> {
    const numbers = new Set(changed.map(({ seq }) => Math.floor((seq - 1) / SEGMENT)));
    return new Map(
      Array.from(numbers, (number) => [
        `entries/${String(number).padStart(10, "0")}`,
        pack(this.#all.slice(number * SEGMENT, (number + 1) * SEGMENT)),
      ]),
    );
  }

  #count({ entity, seq }: Entry): void {
    const seqs = this.#about.get(entity);
    if (seqs === undefined) this.#about.set(entity, [seq]);
    else seqs.push(seq);
  }
}

type Sender = Pick<Entry, "device" | "fp" | "role">;

/** Who has sent envelopes under one state of a room, each device looked up once. */
export class Senders {
  readonly #room: cx1.Room;
  readonly #known = new Map<cx1.Hex, Sender>();

  constructor(room: cx1.Room) {
    this.#room = room;
  }

  of(header: cx1.Header): Sender {
    const device = cx1.toHex(header.deviceId);
    let sender = this.#known.get(device);
    if (sender === undefined) {
      const { fp } = cx1.checkSpeaker(this.#room, header);
      sender = { device, fp: cx1.toHex(fp), role: roleOf(this.#room, fp) };
      this.#known.set(device, sender);
    }
    return sender;
  }
}

/** The entry of an envelope or a stub that was taken. */
export function envelopeEntry(
  { seq, raw }: { readonly seq: number; readonly raw: Uint8Array },
  outcome: cx1.Outcome,
  hash: cx1.Hex,
  sender: Sender,
  about: Pick<Entry, "entity" | "version">,
): Entry {
  const { header } = outcome.what === "deleted" ? outcome.stub : outcome.envelope;
  return {
    seq,
    ...sender,
    ms: Number(header.sentMs),
    hash,
    epoch: header.epoch,
    clientId: cx1.toHex(header.clientId),
    ...about,
    kind: header.kind,
    ...described(outcome),
    ...(outcome.what === "waiting" ? { raw: cx1.toText(raw) } : {}),
  };
}

/** The entry of a commit that was applied; `before` is the room that its author stood in. */
export function commitEntry(seq: number, commit: cx1.Commit, hash: Uint8Array, before: cx1.Room): Entry {
  return {
    seq,
    sort: "commit",
    fp: cx1.toHex(commit.authorFp),
    role: roleOf(before, commit.authorFp),
    ms: Number(commit.ms),
    hash: cx1.toHex(hash),
    epoch: commit.epoch,
    device: cx1.toHex(commit.authorDev),
    clientId: "",
    entity: "",
    version: 0,
    kind: 0,
    changes: changesOf(commit),
    ruled: commit.ops.some(({ op }) => op === "policy"),
    repinned: commit.ops.flatMap((op) => (op.op === "devup" ? [cx1.toHex(op.fp)] : [])),
    shared: commit.section?.shared ?? true,
  };
}

/** An entry without what was said. */
export function bare(
  entry: Entry,
): Omit<Entry, "content" | "fault" | "raw" | "changes" | "ruled" | "repinned" | "shared"> {
  const { seq, sort, fp, role, ms, hash, epoch, device, clientId, entity, version, kind } = entry;
  return { seq, sort, fp, role, ms, hash, epoch, device, clientId, entity, version, kind };
}

const TEXT = new TextDecoder();

/** What came of an envelope, as its entry says it. */
export function described(outcome: cx1.Outcome): Pick<Entry, "sort" | "content" | "fault"> {
  switch (outcome.what) {
    case "opened":
      return outcome.content.type === cx1.ContentType.json
        ? { sort: "opened", content: TEXT.decode(outcome.content.data) }
        : { sort: "opened" };
    case "unreadable":
      return { sort: "unreadable", fault: outcome.fault };
    case "waiting":
      return { sort: "waiting" };
    case "deleted":
      return { sort: "erased" };
  }
}

function roleOf(room: cx1.Room, fp: Uint8Array): cx1.Role {
  return room.members.get(cx1.toHex(fp))?.role ?? cx1.Role.reader;
}

function changesOf(commit: cx1.Commit): readonly RoleChange[] {
  const changes: RoleChange[] = [];
  for (const op of commit.ops) {
    if (op.op === "add") changes.push({ fp: cx1.toHex(op.fp), role: op.role, joined: true });
    else if (op.op === "role") changes.push({ fp: cx1.toHex(op.fp), role: op.role, joined: false });
    else if (op.op === "remove") changes.push({ fp: cx1.toHex(op.fp), role: null, joined: false });
    else if (op.op === "leave") changes.push({ fp: cx1.toHex(commit.authorFp), role: null, joined: false });
  }
  return changes;
}
