/**
 * Invitations by link: a secret behind the link's `#`, which the server never sees.
 *
 * Invariant: who was given the link proves it for one room and one identity; a member's client checks that
 * before it adds.
 */

import { check } from "./errors.js";
import { derive, equal } from "./primitives.js";
import { concat, fromText, Reader, toText } from "./wire.js";

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
  check(
    parts.length === 3 && parts.every((part) => part.length === PART),
    "encoding",
    `an invitation has three parts of ${PART} bytes`,
  );
  const reader = new Reader(concat(...parts));
  return { roomRef: reader.fixed(PART), inviterFp: reader.fixed(PART), secret: reader.fixed(PART) };
}

/** What the joiner posts. */
export function joinProof(invite: Invite, joinerFp: Uint8Array): Uint8Array {
  return derive(invite.secret, "cx1/join", invite.roomRef, joinerFp);
}

/** Refuses who was not given the link, or was given it for another room. */
export function checkProof(invite: Invite, joinerFp: Uint8Array, given: Uint8Array): void {
  check(equal(joinProof(invite, joinerFp), given), "invite_proof", "this is no proof of this invitation");
}
