/**
 * Who belongs to a room: the state machine that every commit passes.
 *
 * Invariants: the state follows from the signed log alone. A commit is applied whole or refused whole; one that
 * gives the right to read, or takes it, makes an epoch, whose recipients are exactly the members' active devices.
 */

import {
  commitHash,
  parseCommit,
  Role,
  roomRefOf,
  type Add,
  type Commit,
  type Policy,
  type Section,
} from "./commits.js";
import { inOrder, MAX_RECIPIENTS, reach, recipsHash, type Epoch, type Recipient } from "./epochs.js";
import { check, Cx1Error } from "./errors.js";
import { activeDevices, type Chain } from "./identity.js";
import type { Pin } from "./links.js";
import {
  chainAt,
  isShared,
  memberOf,
  mustRotate,
  perform,
  wrapsPrevious,
  type Directory,
  type Draft,
  type Member,
} from "./operations.js";
import { equal, verify, ZERO } from "./primitives.js";
import { toHex, type Hex } from "./wire.js";

/** An active device: whose it is, and what it signs with. */
export interface Speaker extends Recipient {
  readonly edPk: Uint8Array;
}

/** A room after one of its commits. */
export interface Room {
  readonly ref: Uint8Array;
  readonly cseq: number;
  /** The hash of the last commit. */
  readonly head: Uint8Array;
  /** Where in the timeline that commit stands. */
  readonly commitSeq: bigint;
  /** Where the commit stands that made the epoch in force; 0 before the first. */
  readonly epochSeq: bigint;
  /** The number of the epoch in force; 0 before the first. */
  readonly epoch: number;
  readonly policy: Policy;
  /** By fp. */
  readonly members: ReadonlyMap<Hex, Member>;
  /** Who has been a member, with the last pin, so that no later one goes back behind it. */
  readonly former: ReadonlyMap<Hex, Pin>;
  /** By device id: who may sign. */
  readonly active: ReadonlyMap<Hex, Speaker>;
  /** Whether somebody left since the last epoch was made: nothing may be said until the next. */
  readonly leavePending: boolean;
  /** From epoch 1 on. */
  readonly epochs: readonly Epoch[];
}

/** The room after its first commit, which stands at seq 1 of its timeline. */
export function foundRoom(raw: Uint8Array, directory: Directory): Room {
  const commit = parseCommit(raw);
  const [policy, owner] = firstOps(commit);
  checkSignature(commit, chainAt(directory, owner.fp, owner.pin));
  const member: Member = { fp: owner.fp, role: Role.owner, pin: owner.pin, since: 1 };
  const members = new Map([[toHex(owner.fp), member]]);
  return {
    ref: roomRefOf(commit),
    cseq: 0,
    head: commitHash(commit),
    commitSeq: 1n,
    epochSeq: 0n,
    epoch: 0,
    policy,
    members,
    former: new Map(),
    active: speakersOf(members, directory),
    leavePending: false,
    epochs: [],
  };
}

/** The room after a commit at `seq` of its timeline; `seen` is for the transcript to check. */
export function applyToRoom(room: Room, commit: Commit, directory: Directory, seq: bigint): Room {
  check(seq > room.commitSeq, "seq", "a commit stands behind the one before");
  checkPlace(room, commit);
  const before = draftOf(room, commit.authorFp, directory);
  checkSignature(commit, chainAt(directory, commit.authorFp, authorPin(before, commit)));
  const draft = perform(before, commit.ops);
  const active = speakersOf(draft.members, directory);
  check(
    active.size <= MAX_RECIPIENTS,
    "too_many_devices",
    `a room has at most ${MAX_RECIPIENTS} active devices`,
  );
  checkRotation(room, commit, draft);
  const { section } = commit;
  const left = room.leavePending || draft.done.has("leave");
  return {
    ref: room.ref,
    cseq: commit.cseq,
    head: commitHash(commit),
    commitSeq: seq,
    epochSeq: section === null ? room.epochSeq : seq,
    epoch: commit.epoch,
    policy: draft.policy,
    members: draft.members,
    former: draft.former,
    active,
    leavePending: section === null && left,
    epochs: section === null ? room.epochs : [...room.epochs, newEpoch(room, section, draft, active)],
  };
}

/** The room as a commit by this member finds it. */
export function draftOf(room: Room, authorFp: Uint8Array, directory: Directory): Draft {
  check(room.members.has(toHex(authorFp)), "commit_author", "the author is no member");
  const { policy, members, former } = room;
  const nothing = { done: new Set<never>(), revoked: false, enlarged: false };
  return { authorFp, directory, epoch: room.epoch + 1, policy, members, former, ...nothing };
}

/** The devices that are active at the members' pins, by their ids. */
export function speakersOf(
  members: ReadonlyMap<Hex, Member>,
  directory: Directory,
): ReadonlyMap<Hex, Speaker> {
  const speakers = new Map<Hex, Speaker>();
  for (const { fp, pin } of members.values()) {
    for (const { id, edPk } of activeDevices(chainAt(directory, fp, pin))) {
      speakers.set(toHex(id), { fp, deviceId: id, edPk });
    }
  }
  return speakers;
}

/** For whom an epoch is, in the order of its boxes. */
export function recipientsOf(active: ReadonlyMap<Hex, Speaker>): readonly Recipient[] {
  return inOrder(Array.from(active.values(), ({ fp, deviceId }) => ({ fp, deviceId })));
}

/** Refuses a grant to a device that is not active here, or of an epoch from before what it may read. */
export function checkGrant(room: Room, number: number, target: Recipient): void {
  const speaker = room.active.get(toHex(target.deviceId));
  const member = room.members.get(toHex(target.fp));
  if (speaker === undefined) throw new Cx1Error("grant_device", "the device is not active in this room");
  if (member === undefined || !equal(speaker.fp, target.fp)) {
    throw new Cx1Error("grant_device", "the device is another member's");
  }
  const { epoch } = room;
  check(number >= 1 && number <= epoch, "grant_epoch", "there is no such epoch", { epoch });
  const first = reach(room.epochs, member.since);
  check(number >= first, "grant_epoch", `they may read from epoch ${first} on`, { epoch });
}

function firstOps(commit: Commit): readonly [Policy, Add] {
  check(
    equal(commit.roomRef, ZERO) && commit.cseq === 0 && equal(commit.prev, ZERO) && commit.epoch === 0,
    "genesis",
    "room_ref, cseq, prev and epoch of a first commit are zero",
  );
  check(
    commit.seen.seq === 0n && equal(commit.seen.hash, ZERO) && commit.section === null,
    "genesis",
    "a first commit has seen nothing and makes no epoch",
  );
  const [policy, owner, ...others] = commit.ops;
  if (policy?.op !== "policy" || owner?.op !== "add" || owner.role !== Role.owner || others.length > 0) {
    throw new Cx1Error("genesis", "a first commit sets the policy and adds an owner, and does nothing else");
  }
  check(equal(owner.fp, commit.authorFp), "genesis", "the first owner is the author");
  return [policy, owner];
}

function checkPlace(room: Room, commit: Commit): void {
  check(equal(commit.roomRef, room.ref), "room_other", "the commit belongs to another room");
  const expected = room.cseq + 1;
  const head = toHex(room.head);
  check(commit.cseq === expected, "commit_seq", `commit ${expected} comes next`, { head });
  check(equal(commit.prev, room.head), "commit_prev", "the commit follows another", { head });
}

/** Where the author's device must be active: at the pin that the commit itself brings, if it does. */
function authorPin(draft: Draft, commit: Commit): Pin {
  const brought = commit.ops.findLast((op) => op.op === "devup" && equal(op.fp, commit.authorFp));
  return brought?.op === "devup" ? brought.pin : memberOf(draft, commit.authorFp).pin;
}

function checkSignature(commit: Commit, chain: Chain): void {
  const device = chain.devices.get(toHex(commit.authorDev));
  if (device === undefined) throw new Cx1Error("commit_device", "the author has no such device");
  check(device.active, "commit_device", "the author's device has been revoked");
  check(
    verify(device.edPk, commit.signature, "cx1/commit", commit.body),
    "commit_signature",
    "the signature is not the author's",
  );
}

function checkRotation(room: Room, commit: Commit, draft: Draft): void {
  const rotates = commit.section !== null;
  check(!(rotates && draft.done.has("leave")), "leave_epoch", "who leaves must not make the next epoch");
  check(rotates || !(mustRotate(draft) || room.epoch === 0), "rotation", "these ops need a new epoch");
  check(
    commit.epoch === room.epoch + Number(rotates),
    "epoch_number",
    "`epoch` is not the one in force after the commit",
    { epoch: room.epoch },
  );
}

function newEpoch(room: Room, section: Section, draft: Draft, active: ReadonlyMap<Hex, Speaker>): Epoch {
  const shared = isShared(draft);
  check(section.shared === shared, "share", `share must be ${Number(shared)}`);
  const wraps = wrapsPrevious(draft);
  check(
    section.prevWrap.length > 0 === wraps,
    "wrap_rule",
    wraps ? "prev_wrap is missing" : "prev_wrap must be empty",
  );
  const recipients = recipientsOf(active);
  check(
    equal(section.recipsHash, recipsHash(recipients)),
    "recipients",
    "the recipients are not the active devices of all members",
  );
  const { keyCommit, prevWrap, boxesHash } = section;
  return { number: draft.epoch, roomRef: room.ref, keyCommit, prevWrap, recipients, boxesHash };
}
