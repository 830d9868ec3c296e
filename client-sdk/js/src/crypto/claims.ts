/**
 * Who has signed envelopes, found out ahead of their turn and of the room's other checks: in another thread,
 * where there is one.
 *
 * Invariant: a claim is good by the same parsing and the same check as when its envelope is taken, and it names the
 * key, so that it says nothing for an envelope which turns out to be due from another.
 */

import { deviceIdOf, isSignedBy, parseEnvelope, parseStub } from "./envelopes.js";
import { Cx1Error } from "./errors.js";
import type { Room } from "./membership.js";
import { toHex } from "./wire.js";

/** That a key has signed an envelope, or a stub; plain data, which can be posted. */
export interface Claim {
  readonly raw: Uint8Array;
  readonly stub: boolean;
  readonly edPk: Uint8Array;
}

/** What an envelope claims, as far as a room knows its device; undefined where it does not. */
export function claimOf(room: Room, raw: Uint8Array, stub: boolean): Claim | undefined {
  const speaker = room.active.get(toHex(deviceIdOf(raw)));
  return speaker === undefined ? undefined : { raw, stub, edPk: speaker.edPk };
}

/** Whether it is one, and signed by that key. */
export function isClaimGood({ raw, stub, edPk }: Claim): boolean {
  try {
    return isSignedBy(stub ? parseStub(raw) : parseEnvelope(raw), edPk);
  } catch (error) {
    if (error instanceof Cx1Error) return false;
    throw error;
  }
}
