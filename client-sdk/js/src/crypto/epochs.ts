/**
 * Epochs: who can read them, and the secret of each in boxes, wraps, grants and backups.
 *
 * Invariant: a secret, whatever its source, counts only if it fits the `keyCommit` that the signed log has for
 * its epoch.
 */

import { check, Cx1Error } from "./errors.js";
import { DEVICE_ID } from "./links.js";
import {
  decryptFramed,
  derive,
  digest,
  encryptFramed,
  equal,
  HASH,
  KEY,
  seal,
  SEAL,
  unseal,
} from "./primitives.js";
import { compareBytes, concat, Reader, toHex, u32, utf8, v16 } from "./wire.js";

export const MAX_RECIPIENTS = 1000;
const BOX_LABEL = utf8("cx1/box\0");
/** Bytes of every box: 144. */
export const BOX = 4 + BOX_LABEL.length + HASH + 4 + DEVICE_ID + KEY + SEAL;

/** A device that an epoch is for. */
export interface Recipient {
  readonly fp: Uint8Array;
  readonly deviceId: Uint8Array;
}

/** Which epoch of which room. */
export interface EpochName {
  readonly roomRef: Uint8Array;
  readonly number: number;
}

/** What the log says of an epoch. */
export interface Epoch extends EpochName {
  readonly keyCommit: Uint8Array;
  /** Empty if the epoch does not open the one before. */
  readonly prevWrap: Uint8Array;
  /** In the order of their boxes. */
  readonly recipients: readonly Recipient[];
  readonly boxesHash: Uint8Array;
}

/** What every secret of an epoch is bound to. */
export function contextOf(epoch: EpochName): Uint8Array {
  return concat(epoch.roomRef, u32(epoch.number));
}

/** One text for a recipient, by which it is found in a set. */
export function recipientKey(recipient: Recipient): string {
  return toHex(recipient.fp) + toHex(recipient.deviceId);
}

/** Which of two recipients comes first: negative, zero or positive, for sorting. */
export function compareRecipients(one: Recipient, other: Recipient): number {
  if (one === other) return 0;
  return compareBytes(one.fp, other.fp) || compareBytes(one.deviceId, other.deviceId);
}

/** Recipients in the order of their boxes. */
export function inOrder(recipients: readonly Recipient[]): readonly Recipient[] {
  return [...recipients].sort(compareRecipients);
}

/** The hash that every verifier recomputes from the members' chains. */
export function recipsHash(recipients: readonly Recipient[]): Uint8Array {
  return digest("cx1/recips", ...recipients.flatMap((each) => [each.fp, each.deviceId]));
}

/** The hash of all boxes, in the order of the recipients. */
export function boxesHash(boxes: readonly Uint8Array[]): Uint8Array {
  return digest("cx1/boxes", ...boxes.map(v16));
}

/** What the author of an epoch publishes, so that nobody can be given another secret. */
export function keyCommit(secret: Uint8Array, epoch: EpochName): Uint8Array {
  return derive(secret, "cx1/keycommit", contextOf(epoch));
}

/** Returns the secret if it is this epoch's. */
export function acceptSecret(epoch: Epoch, secret: Uint8Array): Uint8Array {
  check(secret.length === KEY, "key_commit", `a secret has ${KEY} bytes`);
  check(
    equal(keyCommit(secret, epoch), epoch.keyCommit),
    "key_commit",
    "this is not the secret that the log commits to",
  );
  return secret;
}

/** The secret for one device; `version` is that of its `xPk`, `seed` is 32 fresh random bytes. */
export function sealBox(
  secret: Uint8Array,
  epoch: EpochName,
  device: { readonly id: Uint8Array; readonly xPk: Uint8Array; readonly version: number },
  seed: Uint8Array,
): Uint8Array {
  const plaintext = concat(BOX_LABEL, contextOf(epoch), device.id, secret);
  return concat(u32(device.version), seal(device.xPk, seed, plaintext));
}

/** Which of the device's keys opens a box. */
export function boxVersion(box: Uint8Array): number {
  check(box.length === BOX, "box", `a box has ${BOX} bytes`);
  return new Reader(box).u32();
}

/** The secret of an epoch from a box or a grant for this device. */
export function openBox(
  epoch: Epoch,
  box: Uint8Array,
  device: { readonly id: Uint8Array; readonly xSecret: Uint8Array },
): Uint8Array {
  const plaintext = unseal(device.xSecret, box.subarray(4), "box");
  const about = plaintext.subarray(0, -KEY);
  check(
    equal(about, concat(BOX_LABEL, contextOf(epoch), device.id)),
    "box_content",
    "the box is of another room, epoch or device",
  );
  return acceptSecret(epoch, plaintext.slice(-KEY));
}

/** Holds the boxes that came with a commit against it; needs no keys. */
export function checkBoxes(epoch: Epoch, boxes: readonly Uint8Array[]): void {
  check(boxes.length === epoch.recipients.length, "box_count", "there is one box for each recipient");
  checkBoxSizes(boxes);
  check(equal(boxesHash(boxes), epoch.boxesHash), "boxes", "these are not the boxes that the commit names");
}

/** Refuses a box or grant of another length than all have. */
export function checkBoxSizes(boxes: readonly Uint8Array[]): void {
  check(
    boxes.every((each) => each.length === BOX),
    "box_size",
    `a box has ${BOX} bytes`,
  );
}

/** The previous epoch's secret for those who have the secret of `epoch`. */
export function wrap(
  secret: Uint8Array,
  previous: Uint8Array,
  epoch: EpochName,
  nonce: Uint8Array,
): Uint8Array {
  return encryptFramed(wrapKey(secret, epoch), nonce, previous, contextOf(epoch));
}

/** The secret of the epoch before this one. */
export function unwrap(epoch: Epoch, secret: Uint8Array, previous: Epoch): Uint8Array {
  const opened = decryptFramed(wrapKey(secret, epoch), epoch.prevWrap, contextOf(epoch), "wrap");
  return acceptSecret(previous, opened);
}

/** What a walk back has found, and what stopped it if a wrap was bad. */
export interface Walk {
  readonly secrets: ReadonlyMap<number, Uint8Array>;
  readonly broken: Cx1Error | null;
}

/**
 * Follows the wraps back from an epoch to one whose secret is known or that has no wrap.
 *
 * `epochs` are the room's, in order from epoch 1. The secrets found include the one given.
 */
export function walkBack(
  epochs: readonly Epoch[],
  secret: Uint8Array,
  number: number,
  known: { has(number: number): boolean },
): Walk {
  let epoch = findEpoch(epochs, number);
  let held = acceptSecret(epoch, secret);
  const secrets = new Map([[number, held]]);
  while (epoch.prevWrap.length > 0 && epoch.number > 1 && !known.has(epoch.number - 1)) {
    const previous = findEpoch(epochs, epoch.number - 1);
    try {
      held = unwrap(epoch, held, previous);
    } catch (error) {
      if (error instanceof Cx1Error) return { secrets, broken: error };
      throw error;
    }
    secrets.set(previous.number, held);
    epoch = previous;
  }
  return { secrets, broken: null };
}

/** An epoch of the log, which are all there from 1 on. */
export function findEpoch(epochs: readonly Epoch[], number: number): Epoch {
  const epoch = epochs[number - 1];
  if (epoch === undefined) throw new Cx1Error("epoch_unknown", `the log has no epoch ${number}`);
  return epoch;
}

/** The earliest epoch that whoever has this one's secret can walk back to. */
export function reach(epochs: readonly Epoch[], number: number): number {
  let first = number;
  while (first > 1 && findEpoch(epochs, first).prevWrap.length > 0) first -= 1;
  return first;
}

function wrapKey(secret: Uint8Array, epoch: EpochName): Uint8Array {
  return derive(secret, "cx1/prev", contextOf(epoch));
}
