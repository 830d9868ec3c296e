/**
 * The closed set of what can be wrong, who is to blame for it, and what the wire calls it.
 *
 * Invariant: every check of cx1 goes through `check` or throws `Cx1Error` itself, so that each can be named,
 * tested and, in the tests, taken away.
 */

/** What the server answers where it can see the fault. */
export type Code =
  | "epoch_stale"
  | "commit_conflict"
  | "rotation_required"
  | "ctr_conflict"
  | "version_conflict"
  | "client_id_conflict"
  | "not_member"
  | "role"
  | "too_large"
  | "bad_signature"
  | "bad_transcript"
  | "malformed";

/**
 * What a client does about a fault.
 *
 * - `S`: an honest server would have refused it. Fetch again once, and if it stays, halt the room.
 * - `C`: the sender's doing. Go on, and show that something from there cannot be read.
 * - `waiting`: a key has not come yet. Go on, and read it when it does.
 * - `input`: this one thing is refused, a mistyped code or a damaged file. No room is touched by it.
 */
export type Blame = "S" | "C" | "waiting" | "input";

const TABLE = {
  // The form of bytes
  truncated: ["malformed", "S"],
  trailing: ["malformed", "S"],
  version: ["malformed", "S"],
  value: ["malformed", "S"],
  too_large: ["too_large", "S"],
  encoding: ["malformed", "input"],
  low_order: ["malformed", "S"],

  // Chains of identities
  chain_seq: ["commit_conflict", "S"],
  chain_prev: ["commit_conflict", "S"],
  chain_other: ["malformed", "S"],
  chain_truncated: ["malformed", "S"],
  chain_forked: ["malformed", "S"],
  chain_missing: ["malformed", "S"],
  owner: ["malformed", "S"],
  signer: ["bad_signature", "S"],
  link_signature: ["bad_signature", "S"],
  possession: ["bad_signature", "S"],
  recovery_only: ["role", "S"],
  device_known: ["malformed", "S"],
  device_unknown: ["malformed", "S"],
  key_version: ["malformed", "S"],

  // Commits
  room_other: ["malformed", "S"],
  commit_seq: ["commit_conflict", "S"],
  commit_prev: ["commit_conflict", "S"],
  commit_author: ["not_member", "S"],
  commit_device: ["not_member", "S"],
  commit_signature: ["bad_signature", "S"],
  commit_seen: ["bad_transcript", "S"],
  genesis: ["malformed", "S"],
  ops_empty: ["malformed", "S"],
  op_role: ["role", "S"],
  op_rank: ["role", "S"],
  op_target: ["not_member", "S"],
  member_already: ["malformed", "S"],
  removes_self: ["malformed", "S"],
  leave_alone: ["malformed", "S"],
  leave_epoch: ["malformed", "S"],
  last_owner: ["role", "S"],
  pin_rollback: ["malformed", "S"],
  rotation: ["rotation_required", "S"],
  epoch_number: ["epoch_stale", "S"],
  share: ["malformed", "S"],
  wrap_rule: ["malformed", "S"],
  recipients: ["malformed", "S"],
  too_many_devices: ["too_large", "S"],
  box_count: ["malformed", "S"],
  box_size: ["malformed", "S"],
  boxes: ["malformed", "S"],
  grant_epoch: ["epoch_stale", "S"],
  grant_device: ["not_member", "S"],

  // Secrets of epochs
  box: [null, "C"],
  box_content: [null, "C"],
  key_commit: [null, "C"],
  wrap: [null, "C"],
  epoch_unknown: [null, "input"],
  key_missing: [null, "waiting"],
  key_deleted: [null, "C"],

  // Envelopes and the transcript
  epoch_old: ["epoch_stale", "S"],
  epoch_future: ["epoch_stale", "S"],
  leave_pending: ["rotation_required", "S"],
  device_inactive: ["not_member", "S"],
  reader: ["role", "S"],
  envelope_signature: ["bad_signature", "S"],
  replay: ["ctr_conflict", "S"],
  gap: ["ctr_conflict", "S"],
  sender_prev: ["bad_transcript", "S"],
  client_id: ["client_id_conflict", "S"],
  seen_stale: ["bad_transcript", "S"],
  seen_future: ["bad_transcript", "S"],
  seen_hash: ["bad_transcript", "S"],
  seq: ["bad_transcript", "S"],
  anchor: ["bad_transcript", "S"],
  page: ["bad_transcript", "S"],
  base_version: ["version_conflict", "S"],
  aead: [null, "C"],
  padding: [null, "C"],
  content: [null, "C"],
  kind: ["malformed", "S"],
  sent_order: [null, "input"],
  sent_time: [null, "input"],

  // Files
  file_chunk: [null, "input"],
  file_truncated: [null, "input"],
  file_trailing: [null, "input"],
  file_size: [null, "input"],
  file_ciphertext: [null, "input"],
  file_plaintext: [null, "input"],

  // Recovery, backup, linking, verifying and inviting
  code_length: [null, "input"],
  code_character: [null, "input"],
  code_checksum: [null, "input"],
  backup_old: [null, "input"],
  backup_master: [null, "input"],
  backup_entry: [null, "input"],
  link_expired: [null, "input"],
  link_keys: [null, "input"],
  link_package: [null, "input"],
  link_chain: [null, "input"],
  sas_commit: [null, "input"],
  sas_reflected: [null, "input"],
  invite_proof: [null, "input"],
} as const satisfies Readonly<Record<string, readonly [Code | null, Blame]>>;

/** What exactly is wrong; the names are the same in every implementation. */
export type Fault = keyof typeof TABLE;

/** Every fault that there is. */
export const FAULTS = Object.keys(TABLE) as readonly Fault[];

/** What was read breaks a rule. Branch on `fault`, or on `blame` for what to do. */
export class Cx1Error extends Error {
  readonly fault: Fault;
  readonly detail: string;
  /** What the wire's code carries, such as `expected`. */
  readonly data: Readonly<Record<string, unknown>>;

  constructor(fault: Fault, detail: string, data: Readonly<Record<string, unknown>> = {}) {
    super(`${fault}: ${detail}`);
    this.name = "Cx1Error";
    this.fault = fault;
    this.detail = detail;
    this.data = data;
  }

  /** The code that the server answers; null where only a client can see the fault. */
  get code(): Code | null {
    return TABLE[this.fault][0];
  }

  get blame(): Blame {
    return TABLE[this.fault][1];
  }
}

/** Throws `Cx1Error` unless the condition holds. */
export function check(
  condition: boolean,
  fault: Fault,
  detail: string,
  data?: Readonly<Record<string, unknown>>,
): asserts condition {
  if (!condition) throw new Cx1Error(fault, detail, data);
}
