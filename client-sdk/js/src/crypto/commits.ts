/**
 * The commits of a room's membership log, as bytes and as values.
 *
 * Invariant: a commit is signed and hashed as the bytes that came. Whether a room allows it is for the
 * membership to say.
 */

import { check, Cx1Error } from "./errors.js";
import { DEVICE_ID, encodePin, readPin, type Pin } from "./links.js";
import { digest, FP, HASH, NONCE, sign, SIGNATURE, TAG, ZERO } from "./primitives.js";
import { concat, Reader, u16, u32, u64, u8, v16 } from "./wire.js";

export const VERSION = 1;
export const SUITE = 1;
/** Bytes; a thousand members can be added at once. */
export const MAX_COMMIT = 128 * 1024;
const WRAP = NONCE + 32 + TAG;
const DAY_SECS = 86_400;

/** What a member may do, in rising order. */
export const Role = { reader: 0, member: 1, admin: 2, owner: 3 } as const;
export type Role = (typeof Role)[keyof typeof Role];

/** What a newcomer can read of the time before. */
export const Access = { fromJoin: 0, shared: 1 } as const;
export type Access = (typeof Access)[keyof typeof Access];

/** Who may add. */
export const Adders = { admins: 0, members: 1 } as const;
export type Adders = (typeof Adders)[keyof typeof Adders];

/** Whether devices keep the secrets of epochs. */
export const Retention = { keep: 0, ephemeral: 1 } as const;
export type Retention = (typeof Retention)[keyof typeof Retention];

/** The room's rules; a new epoch is due after so many messages or seconds. */
export interface Policy {
  readonly op: "policy";
  readonly history: Access;
  readonly whoAdd: Adders;
  readonly retention: Retention;
  readonly rotateMsgs: number;
  readonly rotateSecs: number;
}

/** The rules of a room whose makers choose none. */
export const DEFAULT_POLICY: Policy = {
  op: "policy",
  history: Access.fromJoin,
  whoAdd: Adders.admins,
  retention: Retention.keep,
  rotateMsgs: 10_000,
  rotateSecs: 7 * DAY_SECS,
};

/** A new member, with the place in its chain at which its devices are taken. */
export interface Add {
  readonly op: "add";
  readonly fp: Uint8Array;
  readonly role: Role;
  readonly pin: Pin;
}

/** The end of another's membership. */
export interface Remove {
  readonly op: "remove";
  readonly fp: Uint8Array;
}

/** Another role for a member. */
export interface SetRole {
  readonly op: "role";
  readonly fp: Uint8Array;
  readonly role: Role;
}

/** The end of the author's membership; somebody else must rotate before anything is said. */
export interface Leave {
  readonly op: "leave";
}

/** A later place in a member's chain. */
export interface DevUp {
  readonly op: "devup";
  readonly fp: Uint8Array;
  readonly pin: Pin;
}

/** A new epoch for its own sake. */
export interface Rotate {
  readonly op: "rotate";
}

export type Op = Policy | Add | Remove | SetRole | Leave | DevUp | Rotate;

const NUMBERS = {
  policy: 1,
  add: 2,
  remove: 3,
  role: 4,
  leave: 5,
  devup: 6,
  rotate: 7,
} as const satisfies Readonly<Record<Op["op"], number>>;

/** What a commit that makes an epoch says about it. */
export interface Section {
  readonly shared: boolean;
  readonly keyCommit: Uint8Array;
  readonly prevWrap: Uint8Array;
  readonly recipsHash: Uint8Array;
  readonly boxesHash: Uint8Array;
}

/** How far its sender had applied the room's timeline, and the hash there. */
export interface Seen {
  readonly seq: bigint;
  readonly hash: Uint8Array;
}

/** What a commit says beside its ops. */
export interface CommitHead {
  readonly roomRef: Uint8Array;
  readonly cseq: number;
  readonly prev: Uint8Array;
  /** In force after it. */
  readonly epoch: number;
  readonly seen: Seen;
  /** When, in milliseconds since 1970, as its author says. */
  readonly ms: bigint;
  readonly authorFp: Uint8Array;
  readonly authorDev: Uint8Array;
}

/** One parsed commit; nothing about it has been verified. */
export interface Commit extends CommitHead {
  readonly ops: readonly Op[];
  readonly section: Section | null;
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

/** What the next commit names as `prev`, and the commit's item in the transcript. */
export function commitHash(commit: Commit): Uint8Array {
  return digest("cx1/commith", commit.body, commit.signature);
}

/** The room's name: the hash of its first commit. */
export function roomRefOf(genesis: Commit): Uint8Array {
  return digest("cx1/room", genesis.body);
}

/** Reads a commit, or refuses bytes that are none. */
export function parseCommit(raw: Uint8Array): Commit {
  check(raw.length <= MAX_COMMIT, "too_large", `a commit has at most ${MAX_COMMIT} bytes`);
  const reader = new Reader(raw);
  const versions = [reader.u8(), reader.u8()];
  check(versions[0] === VERSION && versions[1] === SUITE, "version", "this is no commit of cx1");
  const head: CommitHead = {
    roomRef: reader.fixed(HASH),
    cseq: reader.u32(),
    prev: reader.fixed(HASH),
    epoch: reader.u32(),
    seen: { seq: reader.u64(), hash: reader.fixed(HASH) },
    ms: reader.u64(),
    authorFp: reader.fixed(FP),
    authorDev: reader.fixed(DEVICE_ID),
  };
  const ops = Array.from({ length: reader.u16() }, () => readOp(reader));
  const section = reader.flag("has_epoch") ? readSection(reader) : null;
  const body = raw.slice(0, reader.at);
  const signature = reader.fixed(SIGNATURE);
  reader.end();
  return { ...head, ops, section, body, signature };
}

const READERS: ReadonlyMap<number, (reader: Reader) => Op> = new Map<number, (reader: Reader) => Op>([
  [NUMBERS.policy, readPolicy],
  [NUMBERS.add, readAdd],
  [NUMBERS.remove, (reader) => ({ op: "remove", fp: reader.fixed(FP) })],
  [NUMBERS.role, (reader) => ({ op: "role", fp: reader.fixed(FP), role: readRole(reader) })],
  [NUMBERS.leave, () => ({ op: "leave" })],
  [NUMBERS.devup, (reader) => ({ op: "devup", fp: reader.fixed(FP), pin: readPin(reader) })],
  [NUMBERS.rotate, () => ({ op: "rotate" })],
]);

/** Reads one op: its number, then its payload behind a length. */
export function readOp(reader: Reader): Op {
  const number = reader.u8();
  const read = READERS.get(number);
  if (read === undefined) throw new Cx1Error("value", `there is no op ${number}`);
  const inner = new Reader(reader.v16());
  const op = read(inner);
  inner.end();
  return op;
}

function readAdd(reader: Reader): Add {
  return { op: "add", fp: reader.fixed(FP), role: readRole(reader), pin: readPin(reader) };
}

function readRole(reader: Reader): Role {
  return reader.choice(Role, "the role");
}

function readPolicy(reader: Reader): Policy {
  const policy: Policy = {
    op: "policy",
    history: reader.choice(Access, "history"),
    whoAdd: reader.choice(Adders, "who_add"),
    retention: reader.choice(Retention, "retention"),
    rotateMsgs: reader.u32(),
    rotateSecs: reader.u32(),
  };
  check(policy.rotateMsgs > 0 && policy.rotateSecs > 0, "value", "a rotation after nothing is none");
  check(
    policy.retention === Retention.keep || policy.rotateSecs <= DAY_SECS,
    "value",
    "an ephemeral room rotates at least once a day",
  );
  return policy;
}

/** An op with its number, and its payload behind a length. */
export function encodeOp(op: Op): Uint8Array {
  return concat(u8(NUMBERS[op.op]), v16(encodePayload(op)));
}

function encodePayload(op: Op): Uint8Array {
  switch (op.op) {
    case "policy": {
      const rules = [op.history, op.whoAdd, op.retention].map(u8);
      return concat(...rules, u32(op.rotateMsgs), u32(op.rotateSecs));
    }
    case "add":
      return concat(op.fp, u8(op.role), encodePin(op.pin));
    case "remove":
      return op.fp;
    case "role":
      return concat(op.fp, u8(op.role));
    case "devup":
      return concat(op.fp, encodePin(op.pin));
    case "leave":
    case "rotate":
      return new Uint8Array();
  }
}

/** Reads what follows the mark that a commit makes an epoch. */
export function readSection(reader: Reader): Section {
  const shared = reader.flag("share");
  const keyCommit = reader.fixed(HASH);
  const prevWrap = reader.v16();
  check(prevWrap.length === 0 || prevWrap.length === WRAP, "value", `prev_wrap has 0 or ${WRAP} bytes`);
  return { shared, keyCommit, prevWrap, recipsHash: reader.fixed(HASH), boxesHash: reader.fixed(HASH) };
}

function encodeSection(section: Section): Uint8Array {
  const { keyCommit, prevWrap, recipsHash, boxesHash } = section;
  return concat(u8(Number(section.shared)), keyCommit, v16(prevWrap), recipsHash, boxesHash);
}

/** Signs a commit; nothing is checked here, the module for authors makes only valid ones. */
export function writeCommit(
  secret: Uint8Array,
  head: CommitHead,
  ops: readonly Op[],
  section: Section | null,
): Uint8Array {
  const body = concat(
    u8(VERSION),
    u8(SUITE),
    head.roomRef,
    u32(head.cseq),
    head.prev,
    u32(head.epoch),
    u64(head.seen.seq),
    head.seen.hash,
    u64(head.ms),
    head.authorFp,
    head.authorDev,
    u16(ops.length),
    ...ops.map(encodeOp),
    ...(section === null ? [u8(0)] : [u8(1), encodeSection(section)]),
  );
  return concat(body, sign(secret, "cx1/commit", body));
}

/** Signs the first commit of a room, which its author owns. */
export function writeFirstCommit(
  secret: Uint8Array,
  policy: Policy,
  owner: Add,
  author: { readonly deviceId: Uint8Array; readonly ms: bigint },
): Uint8Array {
  const head = {
    roomRef: ZERO,
    cseq: 0,
    prev: ZERO,
    epoch: 0,
    seen: { seq: 0n, hash: ZERO },
    ms: author.ms,
    authorFp: owner.fp,
    authorDev: author.deviceId,
  };
  return writeCommit(secret, head, [policy, owner], null);
}
