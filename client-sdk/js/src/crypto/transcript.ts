/**
 * A room's timeline: what stands at each seq, in one order that all members can hold against one another.
 *
 * Invariant: `receive` takes one envelope through the steps of the specification, in order. What an honest
 * server would have refused throws `Cx1Error` and changes nothing; what only its sender can have spoilt is
 * passed over.
 */

import { parseCommit, Role, type Seen } from "./commits.js";
import { openContent, type Content } from "./content.js";
import {
  EnvelopeKind,
  eventHash,
  isSignedBy,
  parseEnvelope,
  parseStub,
  type Envelope,
  type Header,
  type Signed,
} from "./envelopes.js";
import { check, Cx1Error, type Fault } from "./errors.js";
import { applyToRoom, foundRoom, type Room, type Speaker } from "./membership.js";
import type { Directory } from "./operations.js";
import { digest, ZERO } from "./primitives.js";
import { Turner, type KeyRing } from "./ratchet.js";
import { same, toHex, u64, type Hex } from "./wire.js";

/**
 * What a store remembers of a room's timeline.
 *
 * It is asked for the `seen.seq` and the `clientId` of the item at hand, which can be looked up before.
 */
export interface Past {
  /** The hash of the transcript at a seq; undefined where it is not kept. */
  transcript(seq: bigint): Uint8Array | undefined;
  /** Whether an applied envelope of this room had this client_id. */
  hasClientId(clientId: Uint8Array): boolean;
}

/** Where a device stands: its next ctr in an epoch, and its last event in the room. */
export interface Cursor {
  readonly epoch: number;
  readonly ctr: bigint;
  readonly prev: Uint8Array;
}

/** Of a device that has said nothing yet. */
const FRESH: Cursor = { epoch: 0, ctr: 0n, prev: ZERO };

/** A room's timeline, applied up to and with `seq`. */
export interface Timeline {
  readonly room: Room;
  readonly seq: bigint;
  /** The transcript there. */
  readonly hash: Uint8Array;
  /** By device id. */
  readonly cursors: ReadonlyMap<Hex, Cursor>;
  /** The seq from which it was verified; what devices had said before is taken from their next envelope. */
  readonly anchor: bigint;
}

/** What came of an envelope. Of an unreadable one its sender, and nobody else, has spoilt the content. */
export type Outcome =
  | { readonly what: "opened"; readonly envelope: Envelope; readonly content: Content }
  | { readonly what: "unreadable"; readonly envelope: Envelope; readonly fault: Fault }
  | { readonly what: "waiting"; readonly envelope: Envelope }
  | { readonly what: "deleted"; readonly stub: Signed };

/** What came of an envelope and the states after it, to be stored in one transaction. */
export interface Received {
  readonly outcome: Outcome;
  readonly timeline: Timeline;
  readonly ring: KeyRing;
}

/** What came of envelopes in a row, up to the first that was refused, and the states after those. */
export interface Batch {
  readonly outcomes: readonly Outcome[];
  /** The transcript after each. */
  readonly hashes: readonly Uint8Array[];
  readonly timeline: Timeline;
  readonly ring: KeyRing;
  /** Of the envelope at the next seq, where one was refused. */
  readonly refusal: Cx1Error | null;
}

/** What is known of envelopes in a row before they are taken. */
export interface Known {
  /** The seqs of which only that is left. */
  readonly stubs?: ReadonlySet<bigint>;
  /** By place: the key that an envelope was found to be signed by, ahead of its turn, as `isClaimGood` does. */
  readonly signers?: readonly (Uint8Array | undefined)[];
}

/** The ctr of a device's next envelope in an epoch. */
export function nextCtr(cursor: Cursor, epoch: number): bigint {
  return cursor.epoch === epoch ? cursor.ctr : 0n;
}

/** What a sender says of how far it is. */
export function seenAt(timeline: Timeline): Seen {
  return { seq: timeline.seq, hash: timeline.hash };
}

/** Where a device stands; undefined if it may have spoken before the anchor. */
export function cursorOf(timeline: Timeline, deviceId: Uint8Array): Cursor | undefined {
  return timeline.cursors.get(toHex(deviceId)) ?? (timeline.anchor === 0n ? FRESH : undefined);
}

/** The transcript at a seq, from the one before and what stands there. */
export function itemHash(previous: Uint8Array, seq: bigint, item: Uint8Array): Uint8Array {
  return digest("cx1/t", previous, u64(seq), item);
}

/** The timeline of a room after its first commit, at seq 1. */
export function beginTimeline(raw: Uint8Array, directory: Directory): Timeline {
  const room = foundRoom(raw, directory);
  return { room, seq: 1n, hash: itemHash(room.ref, 1n, room.head), cursors: new Map(), anchor: 0n };
}

/** The timeline after a commit at `seq`. */
export function applyCommit(
  timeline: Timeline,
  seq: bigint,
  raw: Uint8Array,
  directory: Directory,
  past: Past,
): Timeline {
  checkNext(timeline, seq);
  const commit = parseCommit(raw);
  const room = applyToRoom(timeline.room, commit, directory, seq);
  const { seen } = commit;
  check(
    seen.seq >= timeline.room.commitSeq && seen.seq < seq,
    "commit_seen",
    "the author cannot have seen just so much when it committed",
  );
  check(remembers(timeline, seen, past), "commit_seen", "the author has seen another transcript");
  return { ...timeline, room, seq, hash: itemHash(timeline.hash, seq, room.head) };
}

/** Takes the envelope at `seq`: all the steps. */
export function receive(
  timeline: Timeline,
  ring: KeyRing,
  seq: bigint,
  raw: Uint8Array,
  past: Past,
): Received {
  const envelope = parseEnvelope(raw);
  const after = admit(timeline, seq, envelope, past);
  return { ...readAdmitted(envelope, ring), timeline: after };
}

/**
 * Takes envelopes that stand in a row from the next seq on, as `receive` would one after another.
 *
 * `past` is asked only for what stood before the batch.
 */
export function receiveAll(
  timeline: Timeline,
  ring: KeyRing,
  raws: readonly Uint8Array[],
  past: Past,
  { stubs, signers }: Known = {},
): Batch {
  const [recent, turner] = [new Recent(past), new Turner(ring)];
  const cursors = new Map(timeline.cursors);
  const outcomes: Outcome[] = [];
  let state = timeline;
  let refusal: Cx1Error | null = null;
  for (const [at, raw] of raws.entries()) {
    const seq = state.seq + 1n;
    try {
      const taken = stubs?.has(seq) === true ? parseStub(raw) : parseEnvelope(raw);
      state = admitted(state, seq, taken, recent, cursors, signers?.[at]);
      outcomes.push(isWhole(taken) ? readWith(turner, taken) : { what: "deleted", stub: taken });
      recent.remember(state, taken);
    } catch (error) {
      if (!(error instanceof Cx1Error)) throw error;
      refusal = error;
      break;
    }
  }
  return { outcomes, hashes: [...recent.hashes.values()], timeline: state, ring: turner.ring(), refusal };
}

/** Takes what is left of a deleted envelope; it is verified like a whole one. */
export function receiveStub(
  timeline: Timeline,
  seq: bigint,
  raw: Uint8Array,
  past: Past,
): { readonly outcome: Outcome; readonly timeline: Timeline } {
  const stub = parseStub(raw);
  return { outcome: { what: "deleted", stub }, timeline: admit(timeline, seq, stub, past) };
}

/** Steps 2 to 9 of receiving, which need no keys, and the timeline after the envelope. */
export function admit(timeline: Timeline, seq: bigint, signed: Signed, past: Past): Timeline {
  return admitted(timeline, seq, signed, past, new Map(timeline.cursors));
}

/** Step 10, now or when the key has come, of an envelope that was admitted. */
export function readAdmitted(envelope: Envelope, ring: KeyRing): Pick<Received, "outcome" | "ring"> {
  const turner = new Turner(ring);
  return { outcome: readWith(turner, envelope), ring: turner.ring() };
}

/** Steps 2 to 5: what `checkSpeaker` checks, and the signature, unless it is known whose that is. */
export function checkSender(room: Room, signed: Signed, signer?: Uint8Array): void {
  const { edPk } = checkSpeaker(room, signed.header);
  if (signer !== undefined && same(signer, edPk)) return;
  check(isSignedBy(signed, edPk), "envelope_signature", "the signature is not the sending device's");
}

/** Steps 2 to 4: the room, the epoch, the device and its member's role. */
export function checkSpeaker(room: Room, header: Header): Speaker {
  check(same(header.roomRef, room.ref), "room_other", "the envelope belongs to another room");
  const { epoch } = room;
  check(header.epoch >= epoch, "epoch_old", `epoch ${epoch} is in force`, { epoch });
  check(header.epoch <= epoch, "epoch_future", `epoch ${epoch} is in force`, { epoch });
  check(!room.leavePending, "leave_pending", "somebody has left, and no new epoch is made yet");
  const speaker = room.active.get(toHex(header.deviceId));
  if (speaker === undefined) {
    throw new Cx1Error("device_inactive", "the sender is no active device of a member");
  }
  const role = room.members.get(toHex(speaker.fp))?.role ?? Role.reader;
  check(role > Role.reader, "reader", "a reader may not post");
  return speaker;
}

/**
 * The timeline at what a trusted device's envelope says it had seen.
 *
 * `room` is the room after all commits up to there, and `edPk` the key of the device, an own one or a verified
 * member's. What follows is verified from here on.
 */
export function anchorTimeline(room: Room, envelope: Signed, edPk: Uint8Array): Timeline {
  const { seen, roomRef, epoch } = envelope.header;
  check(isSignedBy(envelope, edPk), "envelope_signature", "the signature is not the trusted device's");
  check(same(roomRef, room.ref), "room_other", "the envelope is of another room");
  check(room.commitSeq <= seen.seq, "anchor", "the room has commits from after the anchor");
  check(epoch === room.epoch, "anchor", "the room lacks commits from before the anchor");
  return { room, seq: seen.seq, hash: seen.hash, cursors: new Map(), anchor: seen.seq };
}

/**
 * Holds an older page against the transcript at its end, which must have been verified.
 *
 * `start` is where the page begins, as the server says it; `items` are the hashes of what stands in it.
 */
export function checkPage(start: Seen, items: readonly Uint8Array[], end: Seen): void {
  let { seq, hash } = start;
  for (const item of items) {
    seq += 1n;
    hash = itemHash(hash, seq, item);
  }
  check(seq === end.seq, "page", "the page does not reach the end that it must join");
  check(same(hash, end.hash), "page", "the page is not what stood there");
}

/** The past of a batch's envelope: what stands before it in the batch, and what the store remembers. */
class Recent implements Past {
  readonly hashes = new Map<bigint, Uint8Array>();
  readonly #clientIds = new Set<Hex>();
  readonly #past: Past;

  constructor(past: Past) {
    this.#past = past;
  }

  remember({ seq, hash }: Timeline, { header }: Signed): void {
    this.hashes.set(seq, hash);
    this.#clientIds.add(toHex(header.clientId));
  }

  transcript(seq: bigint): Uint8Array | undefined {
    return this.hashes.get(seq) ?? this.#past.transcript(seq);
  }

  hasClientId(clientId: Uint8Array): boolean {
    return this.#clientIds.has(toHex(clientId)) || this.#past.hasClientId(clientId);
  }
}

/** As `admit`; the timeline after it has these `cursors`, a copy of the one's before that is changed. */
function admitted(
  timeline: Timeline,
  seq: bigint,
  signed: Signed,
  past: Past,
  cursors: Map<Hex, Cursor>,
  signer?: Uint8Array,
): Timeline {
  const { header } = signed;
  checkNext(timeline, seq);
  check(header.kind !== EnvelopeKind.ephemeral, "kind", "an ephemeral envelope has no seq");
  checkSender(timeline.room, signed, signer);
  checkChain(timeline, seq, header);
  check(!past.hasClientId(header.clientId), "client_id", "the client_id has been used before");
  checkSeen(timeline, seq, header, past);
  const item = eventHash(signed);
  cursors.set(toHex(header.deviceId), { epoch: header.epoch, ctr: header.ctr + 1n, prev: item });
  const { room, anchor } = timeline;
  return { room, seq, hash: itemHash(timeline.hash, seq, item), cursors, anchor };
}

function isWhole(signed: Signed | Envelope): signed is Envelope {
  return "ciphertext" in signed;
}

function readWith(turner: Turner, envelope: Envelope): Outcome {
  const { epoch, deviceId, ctr } = envelope.header;
  try {
    const content = openContent(envelope, turner.take(epoch, deviceId, ctr));
    return { what: "opened", envelope, content };
  } catch (error) {
    if (!(error instanceof Cx1Error)) throw error;
    if (error.blame === "waiting") return { what: "waiting", envelope };
    return { what: "unreadable", envelope, fault: error.fault };
  }
}

function checkNext(timeline: Timeline, seq: bigint): void {
  check(seq === timeline.seq + 1n, "seq", `seq ${timeline.seq + 1n} comes next`);
}

/** Steps 6 and 7. */
function checkChain(timeline: Timeline, seq: bigint, header: Header): void {
  const cursor = cursorOf(timeline, header.deviceId);
  const { epochSeq } = timeline.room;
  if (cursor === undefined && epochSeq <= timeline.anchor) {
    const most = seq - epochSeq;
    check(header.ctr < most, "gap", "the epoch has had fewer envelopes than this", { expected: most - 1n });
    return;
  }
  const expected = cursor === undefined ? 0n : nextCtr(cursor, header.epoch);
  check(header.ctr >= expected, "replay", `ctr ${expected} comes next`, { expected });
  check(header.ctr <= expected, "gap", `ctr ${expected} comes next`, { expected });
  check(
    cursor === undefined || same(header.prev, cursor.prev),
    "sender_prev",
    "the device's envelope does not follow its last one",
  );
}

/** Step 9. */
function checkSeen(timeline: Timeline, seq: bigint, header: Header, past: Past): void {
  const { seen } = header;
  check(seen.seq >= timeline.room.epochSeq, "seen_stale", "the sender had not seen its own epoch begin");
  check(seen.seq < seq, "seen_future", "the sender had seen what is yet to come");
  check(remembers(timeline, seen, past), "seen_hash", "the sender has seen another transcript");
}

/** Whether the transcript at a seq is that of the timeline, or lies before where that was anchored. */
function remembers(timeline: Timeline, seen: Seen, past: Past): boolean {
  if (seen.seq === timeline.seq) return same(seen.hash, timeline.hash);
  if (seen.seq < timeline.anchor) return true;
  const ours = past.transcript(seen.seq);
  return ours !== undefined && same(seen.hash, ours);
}
