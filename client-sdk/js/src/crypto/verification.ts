/**
 * Checking that nobody stands between: eight digits compared live, or sixty digits at any time.
 *
 * Invariant: each side of the eight digits has committed to its keys before it sees the other's, so whoever
 * stands between has one guess in a hundred million for each try.
 */

import { check } from "./errors.js";
import { agree, derive, digest, equal, KEY, longDigest } from "./primitives.js";
import { toHex, toNumber, u8 } from "./wire.js";

const DIGITS = 8;
const GROUPS = 12;

/** What the digits are compared for. */
export const Purpose = {
  /** A's id is the hash of the new device's keys, B's the fp of its user. */
  link: 1,
  /** Both ids are fps. */
  verify: 2,
} as const;
export type Purpose = (typeof Purpose)[keyof typeof Purpose];

/** One side: its id, the public half of a key made for this try, and 32 random bytes. */
export interface Party {
  readonly id: Uint8Array;
  readonly ePk: Uint8Array;
  readonly nonce: Uint8Array;
}

/** What the first side, A, sends first. */
export function commitment(a: Party): Uint8Array {
  requireSizes(a);
  return digest("cx1/sascommit", a.ePk, a.nonce);
}

/** What B checks when A reveals: that it is what A had committed to. */
export function checkCommitment(committed: Uint8Array, a: Party): void {
  check(equal(commitment(a), committed), "sas_commit", "the other side has changed its key");
}

/** What both sides agree on, for the digits and for a package. */
export function sharedSecret(ownSecret: Uint8Array, otherPk: Uint8Array, ownPk: Uint8Array): Uint8Array {
  check(!equal(ownPk, otherPk), "sas_reflected", "the other side sent this side's key back");
  return agree(ownSecret, otherPk);
}

/** What both sides show. */
export function digits(shared: Uint8Array, linkId: Uint8Array, purpose: Purpose, a: Party, b: Party): string {
  [a, b].forEach(requireSizes);
  const parts = [linkId, u8(purpose), a.id, b.id, a.ePk, b.ePk, a.nonce, b.nonce];
  const number = toNumber(derive(shared, "cx1/sas", ...parts)) % 10n ** BigInt(DIGITS);
  return number.toString().padStart(DIGITS, "0");
}

/** Twelve groups of five digits, the same on both sides. */
export function safetyNumber(oneFp: Uint8Array, otherFp: Uint8Array): string {
  const inOrder = toHex(oneFp) < toHex(otherFp) ? [oneFp, otherFp] : [otherFp, oneFp];
  const data = longDigest("cx1/safety", ...inOrder);
  return Array.from({ length: GROUPS }, (_, group) => {
    const number = toNumber(data.subarray(5 * group, 5 * group + 5)) % 100_000n;
    return number.toString().padStart(5, "0");
  }).join(" ");
}

/** Refuses fields of another length, which cut elsewhere would be the same bytes. */
function requireSizes(party: Party): void {
  check(
    [party.id, party.ePk, party.nonce].every((field) => field.length === KEY),
    "value",
    `an id, a key and a nonce have ${KEY} bytes each`,
  );
}
