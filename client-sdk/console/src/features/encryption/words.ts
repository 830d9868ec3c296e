/** What the states of encrypted rooms are called, and what somebody may do in them. */

import type { Mark, SealedMember, SealedPolicy, SealedRole, SealedRoomView, Trust } from "@ymera/client";

export const SEALED_ROLES: readonly SealedRole[] = ["reader", "member", "admin", "owner"];

export const SEALED_ROLE_NAMES: Readonly<Record<SealedRole, string>> = {
  reader: "Reader",
  member: "Member",
  admin: "Admin",
  owner: "Owner",
};

export const TRUST_NAMES: Readonly<Record<Trust, string>> = {
  verified: "Verified",
  unverified: "Not verified",
  changed: "Keys changed",
};

export const TRUST_NOTES: Readonly<Record<Trust, string>> = {
  verified: "You have compared a number: these keys are theirs.",
  unverified: "The server says that these keys are theirs. Compare a number to be sure.",
  changed: "They have other keys than before. Compare a number before you write anything that matters.",
};

export const HISTORY_CHOICES: readonly (readonly [SealedPolicy["history"], string])[] = [
  ["from_join", "Only what comes after them"],
  ["shared", "Everything from the beginning"],
];

export const ADDER_CHOICES: readonly (readonly [SealedPolicy["whoAdd"], string])[] = [
  ["admins", "Admins and owners"],
  ["members", "Every member"],
];

export const RETENTION_CHOICES: readonly (readonly [SealedPolicy["retention"], string])[] = [
  ["keep", "Kept, so that history can be read"],
  ["ephemeral", "Deleted after use: gone for good"],
];

export const MARK_NAMES: Readonly<Record<Mark["kind"], readonly [one: string, more: string]>> = {
  unreadable: ["cannot be read", "cannot be read"],
  waiting: ["waits for its key", "wait for their keys"],
  before: ["was said before you could read here", "were said before you could read here"],
  void: ["has no effect", "have no effect"],
  erased: ["was deleted", "were deleted"],
};

/** What one may do in an encrypted room. Its members' devices all judge by the same rules, not the server. */
export interface Rights {
  /** Roles that one may give to whom one adds; none: one may not add. */
  readonly grants: readonly SealedRole[];
  readonly changesRoles: boolean;
  readonly changesRules: boolean;
  /** Whether one may put this member out. */
  readonly removes: (member: SealedMember) => boolean;
}

/** What the member of identity `fp` may do in a room. */
export function rightsIn(view: Pick<SealedRoomView, "role" | "policy">, fp: string | null): Rights {
  const { role, policy } = view;
  const rank = role === null ? -1 : SEALED_ROLES.indexOf(role);
  const owner = role === "owner";
  const admin = owner || role === "admin";
  const adds = admin || (role === "member" && policy.whoAdd === "members");
  return {
    grants: owner ? SEALED_ROLES : adds ? ["reader", "member"] : [],
    changesRoles: owner,
    changesRules: admin,
    removes: (member) => member.fp !== fp && (owner || (admin && SEALED_ROLES.indexOf(member.role) < rank)),
  };
}

/** What whoever is added now reads, after "they". */
export function whatNewcomersRead({ history, retention }: SealedPolicy): string {
  const everything = history === "shared" && retention !== "ephemeral";
  return everything ? "read everything from the beginning" : "read what comes from now on";
}

const HOUR = 3_600;

/** How often a room makes a new key, in words. */
export function rotationOf({ rotateMsgs, rotateSecs }: SealedPolicy): string {
  const hours = Math.round(rotateSecs / HOUR);
  const time = hours < 1 ? "hour" : hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
  return `After ${rotateMsgs.toLocaleString()} messages, or every ${time}, and whenever somebody leaves or loses a device.`;
}

/** The first characters of a long name of keys, enough to tell a person's devices apart. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}
