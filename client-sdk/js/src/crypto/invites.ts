/**
 * Invitations by link: a secret behind the link's `#`, which the server never sees.
 *
 * Invariant: who was given the link proves it for one room and one identity; a member's client checks that
 * before it adds.
 */

import { Cx1Error, check } from "./errors.js";
import { derive, equal } from "./primitives.js";
import { fromText, toText } from "./wire.js";

const PART = 32;

/** What stands behind the `#`; the secret is 32 random bytes. */
export interface Invite {
  readonly roomRef: Uint8Array;
  readonly inviterFp: Uint8Array;
  readonly secret: Uint8Array;
}

/** The text behind the `#`. */
export function inviteFragment(invite: Invite): string {
  return [invite.roomRef, invite.inviterFp, invite.secret].map(toText).join(".");
}

/** Reads the text behind the `#`. */
export function parseFragment(text: string): Invite {
  const parts = text.split(".", 4).map(fromText);
  const [roomRef, inviterFp, secret, ...others] = parts;
  if (roomRef === undefined || inviterFp === undefined || secret === undefined || others.length > 0) {
    throw new Cx1Error("encoding", "an invitation has three parts");
  }
  check(
    parts.every((part) => part.length === PART),
    "encoding",
    "each part of an invitation has 32 bytes",
  );
  return { roomRef, inviterFp, secret };
}

/** What the joiner posts. */
export function joinProof(invite: Invite, joinerFp: Uint8Array): Uint8Array {
  return derive(invite.secret, "cx1/join", invite.roomRef, joinerFp);
}

/** Refuses who was not given the link, or was given it for another room. */
export function checkProof(invite: Invite, joinerFp: Uint8Array, given: Uint8Array): void {
  check(equal(joinProof(invite, joinerFp), given), "invite_proof", "this is no proof of this invitation");
}
