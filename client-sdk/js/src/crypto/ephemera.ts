/**
 * Ephemeral envelopes, such as "is typing": no seq, no place in a chain, kept by nobody.
 *
 * Invariant: whatever is wrong with one, it is dropped; the room goes on.
 */

import type { Author } from "./authoring.js";
import type { Seen } from "./commits.js";
import { openContent, padded, type Content } from "./content.js";
import { EnvelopeKind, NOTHING, parseEnvelope, writeEnvelope, type Envelope } from "./envelopes.js";
import { check } from "./errors.js";
import type { Room } from "./membership.js";
import { ZERO } from "./primitives.js";
import { ephemeralKey, type KeyRing } from "./ratchet.js";
import { checkSender } from "./transcript.js";
import { toHex, type Hex } from "./wire.js";

/** How far from now an ephemeral envelope may be, in milliseconds. */
export const WINDOW_MS = 120_000n;

/** The newest `sentMs` of each device, by its id. */
export type LastSent = ReadonlyMap<Hex, bigint>;

/** What is to be said in passing. `clientId` is 16 fresh random bytes. */
export interface Passing {
  readonly content: Content;
  readonly clientId: Uint8Array;
  readonly sentMs: bigint;
  readonly entityId?: Uint8Array;
}

/** Seals one under the epoch in force; `nonce` is 24 fresh random bytes. */
export function sealEphemeral(
  room: Room,
  ring: KeyRing,
  author: Author,
  message: Passing,
  place: { readonly seen: Seen; readonly nonce: Uint8Array },
): Uint8Array {
  const header = {
    kind: EnvelopeKind.ephemeral,
    roomRef: room.ref,
    epoch: room.epoch,
    deviceId: author.deviceId,
    ctr: 0n,
    prev: ZERO,
    seen: place.seen,
    clientId: message.clientId,
    entityId: message.entityId ?? NOTHING,
    baseVersion: 0,
    sentMs: message.sentMs,
  };
  const keys = { signing: author.secret, message: ephemeralKey(ring, room.epoch, author.deviceId) };
  return writeEnvelope(keys, header, padded(message.content), place.nonce);
}

/** What can be checked without keys; returns `last` after it. `nowMs` is now, since 1970. */
export function checkEphemeral(room: Room, envelope: Envelope, last: LastSent, nowMs: bigint): LastSent {
  const { kind, deviceId, sentMs } = envelope.header;
  check(kind === EnvelopeKind.ephemeral, "kind", "this kind of envelope has a seq");
  checkSender(room, envelope);
  const before = last.get(toHex(deviceId)) ?? -1n;
  check(sentMs > before, "sent_order", "the device has sent a later one, or this one before");
  check(
    sentMs - nowMs <= WINDOW_MS && nowMs - sentMs <= WINDOW_MS,
    "sent_time",
    "it is from over two minutes away",
  );
  return new Map(last).set(toHex(deviceId), sentMs);
}

/** Verifies and opens one, or refuses it. */
export function receiveEphemeral(
  room: Room,
  ring: KeyRing,
  raw: Uint8Array,
  last: LastSent,
  nowMs: bigint,
): { readonly envelope: Envelope; readonly content: Content; readonly last: LastSent } {
  const envelope = parseEnvelope(raw);
  const after = checkEphemeral(room, envelope, last, nowMs);
  const key = ephemeralKey(ring, envelope.header.epoch, envelope.header.deviceId);
  return { envelope, content: openContent(envelope, key), last: after };
}
