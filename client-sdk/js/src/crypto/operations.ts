/**
 * What each op of a commit does to a room's members and policy, and who may do it.
 *
 * Invariant: ops are performed in their order, each under the roles that those before it have left; the state
 * that was given is never changed.
 */

import {
  Access,
  Adders,
  Retention,
  Role,
  type Add,
  type DevUp,
  type Op,
  type Policy,
  type Remove,
} from "./commits.js";
import { check, Cx1Error } from "./errors.js";
import { activeIds, stateAt, type Chain, type History } from "./identity.js";
import type { Pin } from "./links.js";
import { equal } from "./primitives.js";
import { toHex, type Hex } from "./wire.js";

/** Verified chains by fp; there must be one for everybody whom a log names. */
export type Directory = ReadonlyMap<Hex, History>;

/** A member: its role, the pinned place in its chain, and the first epoch that was made for it too. */
export interface Member {
  readonly fp: Uint8Array;
  readonly role: Role;
  readonly pin: Pin;
  readonly since: number;
}

/** A room's members and policy after the ops of one commit so far. */
export interface Draft {
  readonly authorFp: Uint8Array;
  readonly directory: Directory;
  /** That the commit makes, if it makes one. */
  readonly epoch: number;
  readonly policy: Policy;
  readonly members: ReadonlyMap<Hex, Member>;
  /** Who has been a member, with the last pin. */
  readonly former: ReadonlyMap<Hex, Pin>;
  readonly done: ReadonlySet<Op["op"]>;
  /** Whether a device that could read no longer may. */
  readonly revoked: boolean;
  /** Whether a member has a further device. */
  readonly enlarged: boolean;
}

/** A member's chain; refuses where it is not known. */
export function chainOf(directory: Directory, fp: Uint8Array): History {
  const history = directory.get(toHex(fp));
  if (history === undefined) {
    throw new Cx1Error("chain_missing", "the chain of a member is not known", { fp: toHex(fp) });
  }
  return history;
}

/** A member's chain at a pin; refuses where the chain is not known that far, or is another. */
export function chainAt(directory: Directory, fp: Uint8Array, pin: Pin): Chain {
  return stateAt(chainOf(directory, fp), pin);
}

/** Whether the ops need a new epoch. A device cannot be granted one whose secret all have deleted. */
export function mustRotate(draft: Draft): boolean {
  const rotating: readonly Op["op"][] = ["policy", "add", "remove", "rotate"];
  const ephemeral = draft.policy.retention === Retention.ephemeral;
  return rotating.some((op) => draft.done.has(op)) || draft.revoked || (ephemeral && draft.enlarged);
}

/** What `share` says in the epoch that the commit makes. */
export function isShared(draft: Draft): boolean {
  return draft.policy.history === Access.shared || !draft.done.has("add");
}

/** Whether the new epoch's secret opens the one before. */
export function wrapsPrevious(draft: Draft): boolean {
  const keeps = draft.policy.retention === Retention.keep;
  return isShared(draft) && keeps && !draft.done.has("policy") && draft.epoch > 1;
}

/** The draft after the ops of a commit by its author, a member; refuses what the author may not do. */
export function perform(draft: Draft, ops: readonly Op[]): Draft {
  check(ops.length > 0, "ops_empty", "a commit has at least one op");
  check(
    ops.length === 1 || !ops.some((op) => op.op === "leave"),
    "leave_alone",
    "leaving is a commit of its own",
  );
  const after = ops.reduce(
    (before, op) => ({ ...performed(before, op), done: new Set([...before.done, op.op]) }),
    draft,
  );
  check(
    [...after.members.values()].some((member) => member.role === Role.owner),
    "last_owner",
    "a room keeps at least one owner",
  );
  return after;
}

function performed(draft: Draft, op: Op): Draft {
  switch (op.op) {
    case "policy":
      requireRole(draft, Role.admin);
      return { ...draft, policy: op };
    case "add":
      return added(draft, op);
    case "remove":
      return removed(draft, op);
    case "role":
      requireRole(draft, Role.owner);
      return withMember(draft, { ...memberOf(draft, op.fp), role: op.role });
    case "leave":
      return withoutMember(draft, authorOf(draft));
    case "devup":
      return repinned(draft, op);
    case "rotate":
      return draft; // Any member may, and nothing but the epoch changes.
  }
}

function authorOf(draft: Draft): Member {
  return memberOf(draft, draft.authorFp);
}

function requireRole(draft: Draft, least: Role): Role {
  const { role } = authorOf(draft);
  check(role >= least, "op_role", `only a member of role ${least} or above may do this`);
  return role;
}

/** A member after the ops so far; refuses a target that is none. */
export function memberOf(draft: Draft, fp: Uint8Array): Member {
  const member = draft.members.get(toHex(fp));
  if (member === undefined) throw new Cx1Error("op_target", "the op is about nobody in this room");
  return member;
}

function withMember(draft: Draft, member: Member): Draft {
  return { ...draft, members: new Map(draft.members).set(toHex(member.fp), member) };
}

function withoutMember(draft: Draft, member: Member): Draft {
  const key = toHex(member.fp);
  const members = new Map(draft.members);
  members.delete(key);
  return { ...draft, members, former: new Map(draft.former).set(key, member.pin) };
}

function added(draft: Draft, op: Add): Draft {
  const anybody = draft.policy.whoAdd === Adders.members;
  const role = requireRole(draft, anybody ? Role.member : Role.admin);
  check(role === Role.owner || op.role <= Role.member, "op_rank", "only an owner adds admins and owners");
  const key = toHex(op.fp);
  check(!draft.members.has(key), "member_already", "they are a member already");
  const before = draft.former.get(key);
  check(
    before === undefined || op.pin.seq >= before.seq,
    "pin_rollback",
    "the chain of a former member was pinned further on",
  );
  chainAt(draft.directory, op.fp, op.pin);
  const former = new Map(draft.former);
  former.delete(key);
  return withMember({ ...draft, former }, { fp: op.fp, role: op.role, pin: op.pin, since: draft.epoch });
}

function removed(draft: Draft, op: Remove): Draft {
  const role = requireRole(draft, Role.admin);
  check(!equal(op.fp, draft.authorFp), "removes_self", "who goes cannot make the next epoch; leave instead");
  const target = memberOf(draft, op.fp);
  check(role === Role.owner || target.role < role, "op_rank", "an admin removes only those of a lower role");
  return withoutMember(draft, target);
}

function repinned(draft: Draft, op: DevUp): Draft {
  const member = memberOf(draft, op.fp);
  check(op.pin.seq > member.pin.seq, "pin_rollback", "the chain is pinned this far already");
  const before = activeIds(chainAt(draft.directory, op.fp, member.pin));
  const after = activeIds(chainAt(draft.directory, op.fp, op.pin));
  return {
    ...withMember(draft, { ...member, pin: op.pin }),
    revoked: draft.revoked || [...before].some((id) => !after.has(id)),
    enlarged: draft.enlarged || [...after].some((id) => !before.has(id)),
  };
}
