/**
 * The keys that a device holds of one room: secrets of epochs, and where each sender's chain stands.
 *
 * Invariant: with an epoch's secret any message's key can be derived again. Of an ephemeral room only the
 * chains are held, turned past every key that was used, so that it cannot.
 */

import { acceptSecret, contextOf, findEpoch, walkBack, type Epoch } from "./epochs.js";
import { Cx1Error } from "./errors.js";
import { derive } from "./primitives.js";
import { toHex, u64, type Hex } from "./wire.js";

/** How long after its end the chains of an ephemeral room's epoch are kept for what comes late, in seconds. */
export const KEEP_CHAINS_SECS = 48 * 3600;

/** A sender's chain, turned to the message `ctr`. */
export interface Strand {
  readonly ctr: bigint;
  readonly key: Uint8Array;
}

/** What is held of one epoch; `secret` is null where it has been deleted. */
export interface EpochKeys {
  readonly epoch: Epoch;
  readonly secret: Uint8Array | null;
  /** By device id. */
  readonly strands: ReadonlyMap<Hex, Strand>;
  /** Keys of ephemeral envelopes by device id, where the secret has been deleted. */
  readonly ephemeral: ReadonlyMap<Hex, Uint8Array>;
}

/** What is held of a room's epochs, by their numbers. */
export type KeyRing = ReadonlyMap<number, EpochKeys>;

export const EMPTY_RING: KeyRing = new Map();

/** The secrets held, for backup and grants. */
export function secretsOf(ring: KeyRing): ReadonlyMap<number, Uint8Array> {
  const secrets = new Map<number, Uint8Array>();
  for (const [number, { secret }] of ring) if (secret !== null) secrets.set(number, secret);
  return secrets;
}

/** Keeps the secret of an epoch, or in an ephemeral room only what follows from it. */
export function holdSecret(
  ring: KeyRing,
  epoch: Epoch,
  secret: Uint8Array,
  { ephemeral }: { readonly ephemeral: boolean },
): KeyRing {
  acceptSecret(epoch, secret);
  if (ring.has(epoch.number)) return ring;
  const devices = ephemeral ? epoch.recipients.map((each) => each.deviceId) : [];
  return new Map(ring).set(epoch.number, {
    epoch,
    secret: ephemeral ? null : secret,
    strands: new Map(devices.map((id) => [toHex(id), firstStrand(epoch, secret, id)])),
    ephemeral: new Map(devices.map((id) => [toHex(id), deriveEphemeral(epoch, secret, id)])),
  });
}

/** Keeps a secret and all that it opens further back, and says what stopped it if a wrap was bad. */
export function unlockEpochs(
  ring: KeyRing,
  epochs: readonly Epoch[],
  number: number,
  secret: Uint8Array,
  kept: { readonly ephemeral: boolean },
): { readonly ring: KeyRing; readonly broken: Cx1Error | null } {
  const { secrets, broken } = walkBack(epochs, secret, number, ring);
  let held = ring;
  for (const [found, older] of secrets) held = holdSecret(held, findEpoch(epochs, found), older, kept);
  return { ring: held, broken };
}

/** Forgets an epoch. */
export function dropEpoch(ring: KeyRing, number: number): KeyRing {
  const left = new Map(ring);
  left.delete(number);
  return left;
}

/**
 * The key of a message, and the ring turned past it.
 *
 * `ctr` must have been verified: every step up to it costs a hash.
 */
export function takeKey(
  ring: KeyRing,
  number: number,
  deviceId: Uint8Array,
  ctr: bigint,
): { readonly key: Uint8Array; readonly ring: KeyRing } {
  const turner = new Turner(ring);
  return { key: turner.take(number, deviceId, ctr), ring: turner.ring() };
}

/** Takes the keys of many messages, on copies of the chains; the ring that it was given stays as it is. */
export class Turner {
  #from: KeyRing;
  readonly #strands = new Map<number, Map<Hex, Strand>>();

  constructor(ring: KeyRing) {
    this.#from = ring;
  }

  /** The key of a message, whose `ctr` must have been verified: every step up to it costs a hash. */
  take(number: number, deviceId: Uint8Array, ctr: bigint): Uint8Array {
    const keys = keysOf(this.#from, number);
    const strands = this.#strands.get(number) ?? new Map(keys.strands);
    this.#strands.set(number, strands);
    const id = toHex(deviceId);
    const held = strands.get(id);
    const before = held !== undefined && held.ctr <= ctr ? held : strandAgain(keys, deviceId);
    const strand = turnTo(before, ctr);
    strands.set(id, turnTo(strand, ctr + 1n));
    return messageKey(strand);
  }

  /** The ring turned past every key that was taken; what is taken later leaves this one as it is. */
  ring(): KeyRing {
    const ring = new Map(this.#from);
    for (const [number, strands] of this.#strands) {
      ring.set(number, { ...keysOf(this.#from, number), strands });
    }
    this.#strands.clear();
    this.#from = ring;
    return ring;
  }
}

/** The key of a device's ephemeral envelopes. */
export function ephemeralKey(ring: KeyRing, number: number, deviceId: Uint8Array): Uint8Array {
  const keys = keysOf(ring, number);
  if (keys.secret !== null) return deriveEphemeral(keys.epoch, keys.secret, deviceId);
  const key = keys.ephemeral.get(toHex(deviceId));
  if (key === undefined) {
    throw new Cx1Error("key_deleted", "the device was no recipient when the secret was deleted");
  }
  return key;
}

/** A device's chain at the beginning of an epoch. */
export function firstStrand(epoch: Epoch, secret: Uint8Array, deviceId: Uint8Array): Strand {
  return { ctr: 0n, key: derive(secret, "cx1/chain", contextOf(epoch), deviceId) };
}

/** The one key of a device's ephemeral envelopes in an epoch. */
export function deriveEphemeral(epoch: Epoch, secret: Uint8Array, deviceId: Uint8Array): Uint8Array {
  return derive(secret, "cx1/eph", contextOf(epoch), deviceId);
}

/** The chain at a later message. */
export function turnTo(strand: Strand, ctr: bigint): Strand {
  let { key } = strand;
  for (let at = strand.ctr; at < ctr; at++) key = derive(key, "cx1/next");
  return { ctr, key };
}

/** The key of the message that the chain is turned to. */
export function messageKey(strand: Strand): Uint8Array {
  return derive(strand.key, "cx1/msg", u64(strand.ctr));
}

function keysOf(ring: KeyRing, number: number): EpochKeys {
  const keys = ring.get(number);
  if (keys === undefined) {
    throw new Cx1Error("key_missing", `the secret of epoch ${number} has not come yet`, { epoch: number });
  }
  return keys;
}

/** The chain from its beginning, where it can be made again. */
function strandAgain(keys: EpochKeys, deviceId: Uint8Array): Strand {
  if (keys.secret === null) {
    throw new Cx1Error("key_deleted", "the key of this message has been deleted, or never was");
  }
  return firstStrand(keys.epoch, keys.secret, deviceId);
}
