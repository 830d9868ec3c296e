/**
 * Making commits: the rules for verifying them, used the other way round.
 *
 * Invariant: what is written here has been applied to the author's own state of the room before it is returned,
 * so a client never sends what others would refuse.
 */

import {
  parseCommit,
  Role,
  writeCommit,
  writeFirstCommit,
  type Add,
  type Op,
  type Policy,
  type Section,
  type Seen,
} from "./commits.js";
import {
  boxesHash,
  keyCommit,
  recipientKey,
  recipsHash,
  sealBox,
  wrap,
  type EpochName,
  type Recipient,
} from "./epochs.js";
import { Cx1Error } from "./errors.js";
import { activeIds, newestState } from "./identity.js";
import type { Pin } from "./links.js";
import { applyToRoom, draftOf, foundRoom, recipientsOf, speakersOf, type Room } from "./membership.js";
import {
  chainAt,
  chainOf,
  isShared,
  mustRotate,
  perform,
  wrapsPrevious,
  type Directory,
  type Draft,
} from "./operations.js";
import { derive } from "./primitives.js";
import { toHex } from "./wire.js";

/** A device that signs commits and envelopes; `secret` is its signing key. */
export interface Author {
  readonly fp: Uint8Array;
  readonly deviceId: Uint8Array;
  readonly secret: Uint8Array;
}

/** What a new epoch is made of, all random: 32 bytes as its secret, 24 for the wrap, 32 for boxes. */
export interface Fresh {
  readonly secret: Uint8Array;
  readonly wrapNonce: Uint8Array;
  readonly boxSeed: Uint8Array;
}

/** When and on what a commit is made. */
export interface Occasion {
  readonly seen: Seen;
  readonly ms: bigint;
  /** Makes an epoch. */
  readonly fresh?: Fresh;
  /** The secret of the epoch in force, which only an epoch that is not shared can do without. */
  readonly previous?: Uint8Array;
}

/** A commit with the boxes to send beside it, one for each recipient in their order. */
export interface Written {
  readonly raw: Uint8Array;
  readonly boxes: readonly Uint8Array[];
}

/** The first commit of a new room, whose owner is the author. */
export function writeFirst(
  author: Author,
  pin: Pin,
  policy: Policy,
  ms: bigint,
  directory: Directory,
): Uint8Array {
  const owner: Add = { op: "add", fp: author.fp, role: Role.owner, pin };
  const raw = writeFirstCommit(author.secret, policy, owner, { deviceId: author.deviceId, ms });
  foundRoom(raw, directory);
  return raw;
}

/** The next commit of a room; it makes an epoch where the occasion has what one is made of. */
export function writeNext(
  room: Room,
  author: Author,
  ops: readonly Op[],
  directory: Directory,
  occasion: Occasion,
): Written {
  const draft = perform(draftOf(room, author.fp, directory), ops);
  const made = sectionOf(room, draft, occasion);
  const head = {
    roomRef: room.ref,
    cseq: room.cseq + 1,
    prev: room.head,
    epoch: room.epoch + Number(made.section !== null),
    seen: occasion.seen,
    ms: occasion.ms,
    authorFp: author.fp,
    authorDev: author.deviceId,
  };
  const raw = writeCommit(author.secret, head, ops, made.section);
  applyToRoom(room, parseCommit(raw), directory, occasion.seen.seq + 1n);
  return { raw, boxes: made.boxes };
}

/** Whether these ops must be committed with a new epoch. */
export function needsEpoch(
  room: Room,
  authorFp: Uint8Array,
  ops: readonly Op[],
  directory: Directory,
): boolean {
  return mustRotate(perform(draftOf(room, authorFp, directory), ops)) || room.epoch === 0;
}

/**
 * What must be committed before anything is sent, by the newest chains known; mostly nothing.
 *
 * `envelopes` have been sent in the epoch in force, which is `ageSecs` old.
 */
export function dueOps(
  room: Room,
  directory: Directory,
  epoch: { readonly envelopes: number; readonly ageSecs: number },
): readonly Op[] {
  const ops: Op[] = [];
  for (const [, { fp, pin }] of [...room.members].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const latest = newestState(chainOf(directory, fp));
    const pinned = activeIds(chainAt(directory, fp, pin));
    const now = activeIds(latest);
    const same = pinned.size === now.size && [...pinned].every((id) => now.has(id));
    if (!same) ops.push({ op: "devup", fp, pin: latest.pin });
  }
  const { rotateMsgs, rotateSecs } = room.policy;
  if (room.leavePending || epoch.envelopes >= rotateMsgs || epoch.ageSecs >= rotateSecs) {
    ops.push({ op: "rotate" });
  }
  return ops;
}

/** The devices that came after the epoch in force was made, and need a grant to read it. */
export function ungranted(room: Room): readonly Recipient[] {
  const had = new Set((room.epochs.at(-1)?.recipients ?? []).map(recipientKey));
  return recipientsOf(room.active).filter((each) => !had.has(recipientKey(each)));
}

/** The boxes, or grants, of an epoch's secret under the newest keys of these devices. */
export function sealBoxes(
  secret: Uint8Array,
  recipients: readonly Recipient[],
  directory: Directory,
  epoch: EpochName,
  seed: Uint8Array,
): readonly Uint8Array[] {
  return recipients.map(({ fp, deviceId }) => {
    const device = newestState(chainOf(directory, fp)).devices.get(toHex(deviceId));
    if (device === undefined) throw new Cx1Error("device_unknown", "the chain has no such device");
    return sealBox(secret, epoch, device, derive(seed, "cx1/boxseed", deviceId));
  });
}

function sectionOf(
  room: Room,
  draft: Draft,
  { fresh, previous }: Occasion,
): { readonly section: Section | null; readonly boxes: readonly Uint8Array[] } {
  if (fresh === undefined) return { section: null, boxes: [] };
  const epoch = { roomRef: room.ref, number: draft.epoch };
  const recipients = recipientsOf(speakersOf(draft.members, draft.directory));
  const boxes = sealBoxes(fresh.secret, recipients, draft.directory, epoch, fresh.boxSeed);
  const section = {
    shared: isShared(draft),
    keyCommit: keyCommit(fresh.secret, epoch),
    prevWrap: wrapsPrevious(draft) ? wrapped(fresh, previous, epoch) : new Uint8Array(),
    recipsHash: recipsHash(recipients),
    boxesHash: boxesHash(boxes),
  };
  return { section, boxes };
}

function wrapped(fresh: Fresh, previous: Uint8Array | undefined, epoch: EpochName): Uint8Array {
  if (previous === undefined) {
    throw new Cx1Error("key_missing", `the secret of epoch ${epoch.number - 1} is needed to share it`);
  }
  return wrap(fresh.secret, previous, epoch, fresh.wrapNonce);
}
