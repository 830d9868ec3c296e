/**
 * A room's timeline on this device: what stands at each seq, verified.
 *
 * Invariants: nothing is taken that `crypto/transcript` refuses; what was applied before a refusal stays applied,
 * and the item that was refused changes nothing. What is held here is what `take` and `unlock` say must be kept;
 * if it cannot be kept, the ledger is to be loaded anew. No I/O.
 */

import * as cx1 from "../crypto/index.js";
import type { ItemKind } from "../generated/protocol.js";
import { bare, commitEntry, described, Entries, envelopeEntry, Senders, type Entry } from "./entries.js";
import { pack, unpack, type Changes } from "./store.js";

/** What the server says stands at a seq. */
export interface RawItem {
  readonly seq: number;
  readonly kind: ItemKind;
  readonly raw: Uint8Array;
  /** Whose signature it was found to have, ahead of its turn. */
  readonly signer?: Uint8Array | undefined;
}

/** How far the room was applied, with the keys that are held. */
export interface Standing {
  readonly timeline: cx1.Timeline;
  readonly ring: cx1.KeyRing;
  /** Envelopes in the epoch in force. */
  readonly said: number;
  /** When the epoch in force was made, as its author says. */
  readonly epochMs: number;
  /** When epochs were found to have ended, by their numbers: of those that were made for an ephemeral room. */
  readonly ended: Readonly<Record<number, number>>;
  /** The last epoch whose chains were dropped: its secret is not to be had again. */
  readonly forgotten: number;
}

/** What the server shows is what no honest one would. */
export interface Refusal {
  readonly item: RawItem;
  readonly error: cx1.Cx1Error;
}

/** What came of some items. */
interface Applied {
  readonly entries: readonly Entry[];
  readonly refused: Refusal | null;
}

export interface Taken {
  readonly entries: readonly Entry[];
  readonly refused: Refusal | null;
  /** To be kept in one write. */
  readonly changes: Changes;
}

/** What applying items needs to know. */
export interface Surroundings {
  readonly directory: cx1.Directory;
  readonly nowMs: number;
  /** The secret of an epoch, if this device was given it before the log said that there is such an epoch. */
  secretOf(epoch: cx1.Epoch): Uint8Array | undefined;
}

/** Envelopes that are applied together: with few, what was read of them is given up before much is held. */
const MAX_RUN = 128;
const KEEP_CHAINS_MS = 1_000 * cx1.KEEP_CHAINS_SECS;

interface Head {
  readonly said: number;
  readonly epochMs: number;
  readonly ended: Readonly<Record<number, number>>;
  /** Stores of the first versions have none. */
  readonly forgotten?: number;
}

export class Ledger {
  readonly entries = new Entries();
  standing: Standing | null = null;
  readonly #room: string;
  /** Which room it is to be, if that was known before anything of it had arrived. */
  #meant: Uint8Array | null = null;
  readonly #past: cx1.Past = {
    transcript: (seq) => {
      const hash = this.entries.at(Number(seq))?.hash;
      return hash === undefined ? undefined : cx1.fromHex(hash);
    },
    hasClientId: (id) => this.entries.hasClientId(cx1.toHex(id)),
  };

  constructor(room: string) {
    this.#room = room;
  }

  /** The ledger of a room from what was kept, names with their values. */
  static load(room: string, kept: readonly (readonly [string, Uint8Array])[]): Ledger {
    const ledger = new Ledger(room);
    const values = new Map(kept);
    ledger.#meant = values.get(meantOf(room)) ?? null;
    for (const [name, value] of kept) {
      if (name.startsWith(`${prefixOf(room)}entries/`)) ledger.entries.put(unpack<Entry[]>(value));
    }
    const timeline = values.get(ledger.#name("timeline"));
    const head = values.get(ledger.#name("head"));
    if (timeline === undefined || head === undefined) return ledger;
    const loaded = cx1.loadTimeline(timeline);
    const keys = values.get(ledger.#name("keys"));
    const ring = keys === undefined ? cx1.EMPTY_RING : cx1.loadKeys(keys, loaded.room.epochs);
    ledger.standing = { timeline: loaded, ring, forgotten: 0, ...unpack<Head>(head) };
    return ledger;
  }

  /** The last seq applied; 0 before genesis. */
  get seq(): number {
    return this.standing === null ? 0 : Number(this.standing.timeline.seq);
  }

  get room(): cx1.Room | null {
    return this.standing?.timeline.room ?? null;
  }

  /** Whether secrets are deleted as soon as they have served. */
  get ephemeral(): boolean {
    return this.room !== null && isEphemeral(this.room);
  }

  /** Whether an envelope waits whose key is held by now. */
  get readable(): boolean {
    const ring = this.standing?.ring;
    return ring !== undefined && this.entries.missing().some((epoch) => ring.has(epoch));
  }

  /** Applies items in their order, up to the first that is refused. */
  take(items: readonly RawItem[], around: Surroundings): Taken {
    const before = this.standing;
    const entries: Entry[] = [];
    let refused: Refusal | null = null;
    for (let at = 0; at < items.length && refused === null;) {
      const run = runOf(items.slice(at, at + MAX_RUN));
      const applied = this.#apply(run, around);
      this.entries.put(applied.entries);
      entries.push(...applied.entries);
      refused = applied.refused;
      at += run.length;
    }
    return { entries, refused, changes: this.#changes(before, entries) };
  }

  /** Holds secrets of epochs and all that they open further back. The entries are those that can be read now. */
  unlock(secrets: ReadonlyMap<number, Uint8Array>): {
    readonly entries: readonly Entry[];
    readonly changes: Changes;
  } {
    const before = this.standing;
    if (before === null) return { entries: [], changes: new Map() };
    const { epochs } = before.timeline.room;
    let { ring } = before;
    for (const [number, secret] of [...secrets].sort(([one], [other]) => other - one)) {
      if (ring.has(number) || number > epochs.length) continue;
      try {
        const ephemeral = number === epochs.length ? this.ephemeral : number in before.ended;
        ({ ring } = cx1.unlockEpochs(ring, epochs, number, secret, { ephemeral }));
      } catch (error) {
        // A wrong secret is as none: whoever has the right one may still give it.
        if (!(error instanceof cx1.Cx1Error)) throw error;
      }
    }
    const opened: Entry[] = [];
    for (const seq of this.entries.waiting()) {
      const entry = this.entries.at(seq);
      if (entry?.raw === undefined || !ring.has(entry.epoch)) continue;
      const read = cx1.readAdmitted(cx1.parseEnvelope(cx1.fromText(entry.raw)), ring);
      ring = read.ring;
      opened.push({ ...bare(entry), ...described(read.outcome) });
    }
    this.standing = { ...before, ring };
    this.entries.put(opened);
    return { entries: opened, changes: this.#changes(before, opened) };
  }

  /** Forgets what was said at these seqs; that something was said stays known. */
  erase(seqs: readonly number[]): { readonly entries: readonly Entry[]; readonly changes: Changes } {
    const erased: Entry[] = [];
    for (const seq of seqs) {
      const entry = this.entries.at(seq);
      if (entry === undefined || entry.sort === "commit" || entry.sort === "erased") continue;
      erased.push({ ...bare(entry), sort: "erased" });
    }
    this.entries.put(erased);
    return { entries: erased, changes: this.#changes(this.standing, erased) };
  }

  /** Drops the chains of ephemeral epochs that ended over two days ago. */
  forgetChains(nowMs: number): Changes {
    const before = this.standing;
    if (before === null) return new Map();
    const left = Object.entries(before.ended).map(([number, at]) => [Number(number), at] as const);
    const due = left.filter(([, at]) => nowMs - at > KEEP_CHAINS_MS);
    if (due.length === 0) return new Map();
    const ring = due.reduce((held, [number]) => cx1.dropEpoch(held, number), before.ring);
    const ended = Object.fromEntries(left.filter((each) => !due.includes(each)));
    const forgotten = Math.max(before.forgotten, ...due.map(([number]) => number));
    this.standing = { ...before, ring, ended, forgotten };
    return this.#changes(before, []);
  }

  /** In how many milliseconds chains are to be dropped next; null if none are. */
  untilForgetting(nowMs: number): number | null {
    const ended = Object.values(this.standing?.ended ?? {});
    return ended.length === 0 ? null : Math.max(0, Math.min(...ended) + KEEP_CHAINS_MS + 1 - nowMs);
  }

  /** Applies a commit, or envelopes in a row. */
  #apply(run: readonly RawItem[], around: Surroundings): Applied {
    const [first] = run;
    if (first?.kind !== "commit") return this.#applyEnvelopes(run);
    try {
      return { entries: [this.#applyCommit(first, around)], refused: null };
    } catch (error) {
      if (error instanceof cx1.Cx1Error) return { entries: [], refused: { item: first, error } };
      throw error;
    }
  }

  /** Applies envelopes and stubs in a row, under the room that they all find. */
  #applyEnvelopes(run: readonly RawItem[]): Applied {
    const [first] = run;
    const { standing } = this;
    if (first === undefined) return { entries: [], refused: null };
    if (standing === null) {
      const error = new cx1.Cx1Error("genesis", "a room begins with a commit");
      return { entries: [], refused: { item: first, error } };
    }
    const next = this.seq + 1;
    const misplaced = run.findIndex(({ seq }, at) => seq !== next + at);
    const placed = misplaced < 0 ? run : run.slice(0, misplaced);
    const known = {
      stubs: new Set(placed.filter(({ kind }) => kind === "stub").map(({ seq }) => BigInt(seq))),
      signers: placed.map(({ signer }) => signer),
    };
    const raws = placed.map(({ raw }) => raw);
    const { timeline, ring } = standing;
    const batch = cx1.receiveAll(timeline, ring, raws, this.#past, known);
    const { entries, stale } = this.#entries(placed, batch, timeline.room);
    if (stale !== null) {
      // The one before it is the last that counts.
      const kept = this.#applyEnvelopes(placed.slice(0, entries.length));
      return { entries: kept.entries, refused: stale };
    }
    const said = standing.said + entries.length;
    this.standing = { ...standing, timeline: batch.timeline, ring: batch.ring, said };
    const item = run[entries.length];
    const error = batch.refusal ?? new cx1.Cx1Error("seq", `seq ${next + entries.length} comes next`);
    return { entries, refused: item === undefined ? null : { item, error } };
  }

  /** What envelopes of a batch come to, up to the first that was made from another version of its entity. */
  #entries(
    items: readonly RawItem[],
    batch: cx1.Batch,
    room: cx1.Room,
  ): { readonly entries: readonly Entry[]; readonly stale: Refusal | null } {
    const entries: Entry[] = [];
    const versions = new Map<cx1.Hex, number>();
    const senders = new Senders(room);
    for (const [at, outcome] of batch.outcomes.entries()) {
      const [item, hash] = [items[at], batch.hashes[at]];
      if (item === undefined || hash === undefined) break;
      const { header } = outcome.what === "deleted" ? outcome.stub : outcome.envelope;
      const entity = cx1.hasEntity(header) ? cx1.toHex(header.entityId) : "";
      let version = 0;
      if (entity !== "" && header.kind === cx1.EnvelopeKind.event) {
        try {
          version = cx1.versionAfter(header, versions.get(entity) ?? this.entries.versionOf(entity));
        } catch (error) {
          if (error instanceof cx1.Cx1Error) return { entries, stale: { item, error } };
          throw error;
        }
        versions.set(entity, version);
      }
      entries.push(envelopeEntry(item, outcome, cx1.toHex(hash), senders.of(header), { entity, version }));
    }
    return { entries, stale: null };
  }

  #applyCommit(item: RawItem, around: Surroundings): Entry {
    const before = this.standing;
    const { directory } = around;
    const seq = BigInt(item.seq);
    if (before === null && item.seq !== 1) throw new cx1.Cx1Error("seq", "a room begins at seq 1");
    const timeline =
      before === null
        ? cx1.beginTimeline(item.raw, directory)
        : cx1.applyCommit(before.timeline, seq, item.raw, directory, this.#past);
    if (this.#meant !== null && !cx1.equal(timeline.room.ref, this.#meant)) {
      const detail = "this is not the room that was made here, or that the invitation was to";
      throw new cx1.Cx1Error("room_other", detail);
    }
    const commit = cx1.parseCommit(item.raw);
    const fresh = before ?? { ring: cx1.EMPTY_RING, said: 0, epochMs: 0, ended: {}, forgotten: 0 };
    const standing = { ...fresh, timeline };
    this.standing = commit.section === null ? standing : renewed(standing, before, commit, around);
    return commitEntry(item.seq, commit, timeline.hash, before?.timeline.room ?? timeline.room);
  }

  /** What must be kept after these entries have changed. */
  #changes(before: Standing | null, entries: readonly Entry[]): Changes {
    const changes = new Map<string, Uint8Array>();
    for (const [name, value] of this.entries.segments(entries)) changes.set(this.#name(name), value);
    const { standing } = this;
    if (standing === null || standing === before) return changes;
    const { timeline, ring, said, epochMs, ended, forgotten } = standing;
    changes.set(this.#name("head"), pack({ said, epochMs, ended, forgotten } satisfies Head));
    if (timeline !== before?.timeline) changes.set(this.#name("timeline"), cx1.dumpTimeline(timeline));
    const turns = this.ephemeral || Object.keys(ended).length > 0;
    const turned = turns || ring.size !== before?.ring.size;
    if (ring !== before?.ring && turned) changes.set(this.#name("keys"), cx1.dumpKeys(ring));
    return changes;
  }

  #name(what: string): string {
    return `${prefixOf(this.#room)}${what}`;
  }
}

/** The name under which is kept which room it is to be: its ref. */
export function meantOf(room: string): string {
  return `${prefixOf(room)}meant`;
}

/** What the names of all that is kept of a room begin with. */
export function prefixOf(room: string): string {
  return `room/${room}/`;
}

/** The standing in the new epoch, with its secret if that is known. */
function renewed(
  standing: Standing,
  before: Standing | null,
  commit: cx1.Commit,
  around: Surroundings,
): Standing {
  const { epochs } = standing.timeline.room;
  const epoch = cx1.findEpoch(epochs, commit.epoch);
  const passed = before !== null && before.timeline.room.epoch > 0 && isEphemeral(before.timeline.room);
  const ended = passed ? { ...standing.ended, [epoch.number - 1]: around.nowMs } : standing.ended;
  const fresh = { ...standing, said: 0, epochMs: Number(commit.ms), ended };
  const secret = around.secretOf(epoch);
  if (secret === undefined) return fresh;
  try {
    const kept = { ephemeral: isEphemeral(standing.timeline.room) };
    return { ...fresh, ring: cx1.unlockEpochs(standing.ring, epochs, epoch.number, secret, kept).ring };
  } catch (error) {
    if (error instanceof cx1.Cx1Error) return fresh;
    throw error;
  }
}

function isEphemeral({ policy }: cx1.Room): boolean {
  return policy.retention === cx1.Retention.ephemeral;
}

/** What is applied together of these: the first, if it is a commit, or the envelopes and stubs in front of one. */
function runOf(items: readonly RawItem[]): readonly RawItem[] {
  const commit = items.findIndex(({ kind }) => kind === "commit");
  return commit < 0 ? items : items.slice(0, Math.max(commit, 1));
}

/** The fps and pins that a commit names, whose chains must be known to judge it. */
export function namedIn(commit: cx1.Commit): readonly { readonly fp: Uint8Array; readonly seq: number }[] {
  const named: { fp: Uint8Array; seq: number }[] = [{ fp: commit.authorFp, seq: 0 }];
  for (const op of commit.ops) {
    if (op.op === "add" || op.op === "devup") named.push({ fp: op.fp, seq: op.pin.seq });
  }
  return named;
}
