/** How what cx1 numbers and names is called elsewhere: roles, policies, ids. */

import * as cx1 from "../crypto/index.js";
import type { RoomRole } from "../generated/protocol.js";
import type { SealedPolicy, SealedRole } from "./api.js";

const ROLES: readonly SealedRole[] = ["reader", "member", "admin", "owner"];
const OPEN_ROLES: readonly RoomRole[] = ["viewer", "editor", "manager", "manager"];

export function roleName(role: cx1.Role): SealedRole {
  return ROLES[role] ?? "reader";
}

/** The role as open rooms call it. */
export function openRole(role: cx1.Role): RoomRole {
  return OPEN_ROLES[role] ?? "viewer";
}

export function roleNumber(name: SealedRole): cx1.Role {
  return cx1.Role[name];
}

export function policyView(policy: cx1.Policy): SealedPolicy {
  const { rotateMsgs, rotateSecs } = policy;
  return {
    history: policy.history === cx1.Access.shared ? "shared" : "from_join",
    whoAdd: policy.whoAdd === cx1.Adders.members ? "members" : "admins",
    retention: policy.retention === cx1.Retention.ephemeral ? "ephemeral" : "keep",
    rotateMsgs,
    rotateSecs,
  };
}

/** A policy with some rules changed; an ephemeral one rotates once a day at least, and has no past to share. */
export function policyWith(before: cx1.Policy, changes: Partial<SealedPolicy>): cx1.Policy {
  const wished = { ...policyView(before), ...changes };
  const ephemeral = wished.retention === "ephemeral";
  return {
    op: "policy",
    history: wished.history === "shared" && !ephemeral ? cx1.Access.shared : cx1.Access.fromJoin,
    whoAdd: wished.whoAdd === "members" ? cx1.Adders.members : cx1.Adders.admins,
    retention: ephemeral ? cx1.Retention.ephemeral : cx1.Retention.keep,
    rotateMsgs: wished.rotateMsgs,
    rotateSecs: ephemeral ? Math.min(wished.rotateSecs, DAY_SECS) : wished.rotateSecs,
  };
}

const DAY_SECS = 86_400;

/** Bytes that the server shows; none where its text is not in its form, which is then refused as such. */
export function bytesOf(text: string): Uint8Array {
  try {
    return cx1.fromText(text);
  } catch (error) {
    if (error instanceof cx1.Cx1Error) return new Uint8Array();
    throw error;
  }
}

/** Bytes that stand as hex, as JSON and pages have them: base64url. */
export function cx1Text(hex: cx1.Hex): string {
  return cx1.toText(cx1.fromHex(hex));
}

/** And the other way round. Throws Cx1Error if it is no base64url. */
export function cx1Hex(text: string): cx1.Hex {
  return cx1.toHex(cx1.fromText(text));
}

/** The id that a header names, from the hex of its 16 bytes. */
export function uuidOf(hex: cx1.Hex): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The 16 bytes of an id. */
export function uuidBytes(id: string): Uint8Array {
  return cx1.fromHex(id.replaceAll("-", ""));
}
