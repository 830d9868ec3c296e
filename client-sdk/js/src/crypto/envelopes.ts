/**
 * Envelopes: a clear, signed header and a padded, encrypted content.
 *
 * Invariant: the signature covers the header and the hash of the ciphertext, so it can be checked without keys
 * and stays good when the ciphertext has been deleted.
 */

import { SUITE, VERSION, type Seen } from "./commits.js";
import { check } from "./errors.js";
import { DEVICE_ID } from "./links.js";
import { digest, encrypt, HASH, NONCE, sign, SIGNATURE, TAG, verify, ZERO } from "./primitives.js";
import { concat, fixed, Reader, same, u32, u64, u8 } from "./wire.js";

export const HEADER = 180;
export const ID = 16;
/** Where the device stands in a header. */
const DEVICE_AT = 40;
/** The entity of what is about none. */
export const NOTHING = new Uint8Array(ID);
export const MAX_CIPHERTEXT = 256 * 1024;
/** Bytes of content that surely fit, padded and encrypted. */
export const MAX_CONTENT = MAX_CIPHERTEXT - TAG - 64;

/** What an envelope is in the life of its room; an ephemeral one takes no seq and is kept by nobody. */
export const EnvelopeKind = { event: 1, update: 2, snapshot: 3, ephemeral: 4 } as const;
export type EnvelopeKind = (typeof EnvelopeKind)[keyof typeof EnvelopeKind];

/** What the server sees of a message. */
export interface Header {
  readonly kind: EnvelopeKind;
  readonly roomRef: Uint8Array;
  readonly epoch: number;
  readonly deviceId: Uint8Array;
  /** Of the device in the epoch, from 0, without gaps. */
  readonly ctr: bigint;
  /** The device's last event in the room; zero before its first. */
  readonly prev: Uint8Array;
  readonly seen: Seen;
  /** 16 random bytes of the sender's, by which it knows its message again. */
  readonly clientId: Uint8Array;
  readonly entityId: Uint8Array;
  /** Of the entity, which the content changes; 0 to make it. */
  readonly baseVersion: number;
  readonly sentMs: bigint;
}

/** What stays of an envelope when its ciphertext is deleted, and all that its verification needs. */
export interface Signed {
  readonly header: Header;
  /** The header as it came. */
  readonly head: Uint8Array;
  readonly ctHash: Uint8Array;
  readonly signature: Uint8Array;
}

/** A whole envelope. */
export interface Envelope extends Signed {
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** Its item in the transcript, and what the device's next event names as `prev`. */
export function eventHash(signed: Signed): Uint8Array {
  return digest("cx1/event", signed.head, signed.ctHash, signed.signature);
}

/** Whether this key signed it. */
export function isSignedBy(signed: Signed, edPk: Uint8Array): boolean {
  return verify(edPk, signed.signature, "cx1/env", signed.head, signed.ctHash);
}

/** The stub that is kept after deletion, 276 bytes. */
export function stubOf(signed: Signed): Uint8Array {
  return concat(signed.head, signed.ctHash, signed.signature);
}

/** Reads an envelope, or refuses bytes that are none. */
export function parseEnvelope(raw: Uint8Array): Envelope {
  const reader = new Reader(raw);
  const head = reader.fixed(HEADER);
  const header = parseHeader(head);
  const nonce = reader.fixed(NONCE);
  const size = reader.u32();
  check(size <= MAX_CIPHERTEXT, "too_large", `a ciphertext has at most ${MAX_CIPHERTEXT} bytes`);
  const ciphertext = reader.fixed(size);
  const signature = reader.fixed(SIGNATURE);
  reader.end();
  return { header, head, ctHash: digest("cx1/ct", nonce, ciphertext), signature, nonce, ciphertext };
}

/** Reads what is kept of a deleted envelope. */
export function parseStub(raw: Uint8Array): Signed {
  const reader = new Reader(raw);
  const head = reader.fixed(HEADER);
  const header = parseHeader(head);
  const stub = { header, head, ctHash: reader.fixed(HASH), signature: reader.fixed(SIGNATURE) };
  reader.end();
  return stub;
}

/** Reads a header of 180 bytes. */
export function parseHeader(head: Uint8Array): Header {
  const reader = new Reader(head);
  const versions = [reader.u8(), reader.u8()];
  check(versions[0] === VERSION && versions[1] === SUITE, "version", "this is no envelope of cx1");
  const kind = reader.choice(EnvelopeKind, "the kind of envelope");
  check(reader.u8() === 0, "value", "the fourth byte is zero");
  const header: Header = {
    kind,
    roomRef: reader.fixed(HASH),
    epoch: reader.u32(),
    deviceId: reader.fixed(DEVICE_ID),
    ctr: reader.u64(),
    prev: reader.fixed(HASH),
    seen: { seq: reader.u64(), hash: reader.fixed(HASH) },
    clientId: reader.fixed(ID),
    entityId: reader.fixed(ID),
    baseVersion: reader.u32(),
    sentMs: reader.u64(),
  };
  reader.end();
  checkHeader(header);
  return header;
}

/** Whether the header names something that the envelope is about. */
export function hasEntity(header: Header): boolean {
  return !same(header.entityId, NOTHING);
}

/** The 180 bytes that are signed. */
export function encodeHeader(header: Header): Uint8Array {
  return concat(
    u8(VERSION),
    u8(SUITE),
    u8(header.kind),
    u8(0),
    fixed(header.roomRef, HASH),
    u32(header.epoch),
    fixed(header.deviceId, DEVICE_ID),
    u64(header.ctr),
    fixed(header.prev, HASH),
    u64(header.seen.seq),
    fixed(header.seen.hash, HASH),
    fixed(header.clientId, ID),
    fixed(header.entityId, ID),
    u32(header.baseVersion),
    u64(header.sentMs),
  );
}

/** The device that an envelope or stub which is yet to be read says it is from; of other bytes what stands there. */
export function deviceIdOf(raw: Uint8Array): Uint8Array {
  return raw.subarray(DEVICE_AT, DEVICE_AT + DEVICE_ID);
}

/** Encrypts and signs; nothing is checked here, the module for sending makes only valid ones. */
export function writeEnvelope(
  keys: { readonly signing: Uint8Array; readonly message: Uint8Array },
  header: Header,
  padded: Uint8Array,
  nonce: Uint8Array,
): Uint8Array {
  const head = encodeHeader(header);
  const ciphertext = encrypt(keys.message, nonce, padded, head);
  check(ciphertext.length <= MAX_CIPHERTEXT, "too_large", `a content has at most ${MAX_CONTENT} bytes`);
  const signature = sign(keys.signing, "cx1/env", head, digest("cx1/ct", nonce, ciphertext));
  return concat(head, nonce, u32(ciphertext.length), ciphertext, signature);
}

/** The version of the entity after this event; refuses one that was made from another than `current`. */
export function versionAfter(header: Header, current: number): number {
  check(header.baseVersion === current, "base_version", `the entity is at version ${current}`, { current });
  return current + 1;
}

function checkHeader(header: Header): void {
  check(header.epoch > 0, "value", "nothing is said before the first epoch");
  if (header.kind === EnvelopeKind.ephemeral) {
    check(header.ctr === 0n && same(header.prev, ZERO), "value", "an ephemeral envelope stands in no chain");
  }
  const entity = hasEntity(header);
  const ofDocument = header.kind === EnvelopeKind.update || header.kind === EnvelopeKind.snapshot;
  check(!ofDocument || entity, "value", "the document is not named");
  const versioned = header.kind === EnvelopeKind.event && entity;
  check(versioned || header.baseVersion === 0, "value", "only an event about an entity has a version");
}
