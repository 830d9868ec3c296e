/**
 * What pages and programs see of sealed rooms: `client.sealed`.
 *
 * Invariant: nothing here is a key. The one secret that passes through is the recovery code, which a person
 * must read and type. Every failure is a YmeraError; `data.fault` names the check of cx1 that failed, if one did.
 * Ids of members and rooms are those of the plain protocol; an `fp` or `deviceId` is base64url.
 */

import type { Readable } from "../emitter.js";
import type { YmeraError } from "../errors.js";
import type { Form } from "../generated/protocol.js";

/**
 * How this device stands:
 * - `off`: the client was made without `keys`; sealed rooms cannot be read;
 * - `starting`: the store is being opened, or the server was not reached yet;
 * - `none`: the member has no identity: `begin()`;
 * - `elsewhere`: it has one, and this device is not in it: link it or `recover(code)`;
 * - `ready`: this device reads and writes.
 */
export type SealedState = "off" | "starting" | "none" | "elsewhere" | "ready";

export interface SealedStatus {
  readonly state: SealedState;
  /** Null unless `ready`. */
  readonly me: { readonly fp: string; readonly deviceId: string } | null;
  /**
   * Whether the person has shown that it has the recovery code; until then `unkeptCode()` shows it. Null where only
   * another device can know: this one was linked.
   */
  readonly codeKept: boolean | null;
  /** Whether the secrets of rooms are backed up for the recovery code; false without a code to seal it with. */
  readonly backedUp: boolean;
  /** This device was in the identity, and was revoked. */
  readonly revoked: boolean;
  /** What a person has to be told: an identity whose chain went back or was forked, and the like. */
  readonly alarms: readonly Alarm[];
}

/** Something that no honest server does. */
export interface Alarm {
  readonly memberId: string | null;
  readonly fp: string;
  readonly fault: string;
  readonly message: string;
}

/**
 * What is known of who somebody is:
 * - `verified`: a number was compared with this identity;
 * - `unverified`: the server says that this identity is theirs, and nobody has compared;
 * - `changed`: another identity of theirs was verified, or known, before this one.
 */
export type Trust = "verified" | "unverified" | "changed";

/** What a member may do: `reader` may not write, `admin` adds and removes, `owner` everything. */
export type SealedRole = "reader" | "member" | "admin" | "owner";

/** A room's rules. */
export interface SealedPolicy {
  /** What newcomers read of the time before: everything, or nothing, as always in an `ephemeral` room. */
  readonly history: "shared" | "from_join";
  readonly whoAdd: "admins" | "members";
  /** Whether devices keep keys. Messages of an `ephemeral` room are gone from the server's copy for good. */
  readonly retention: "keep" | "ephemeral";
  /** A new epoch is made after so many messages. */
  readonly rotateMsgs: number;
  /** A new epoch is made after so many seconds. */
  readonly rotateSecs: number;
}

export interface NewSealedRoom {
  readonly form: Form;
  readonly name: string;
  readonly members?: readonly { readonly memberId: string; readonly role: SealedRole }[];
  /** `from_join`, `admins`, `keep` and the protocol's intervals where left out. */
  readonly history?: SealedPolicy["history"];
  readonly whoAdd?: SealedPolicy["whoAdd"];
  readonly retention?: SealedPolicy["retention"];
}

/** A device of an identity, as its signed chain has it. */
export interface SealedDevice {
  readonly id: string;
  readonly active: boolean;
  /** Whether it is this one. */
  readonly own: boolean;
}

export interface SealedMember {
  readonly fp: string;
  /** The server's word for whose identity this is; null if it does not say. */
  readonly memberId: string | null;
  readonly role: SealedRole;
  readonly trust: Trust;
  /** Whether it is an agent's; `owner` is then who it and its owner both say owns it, else null. */
  readonly agent: boolean;
  readonly owner: string | null;
  readonly devices: readonly SealedDevice[];
}

/**
 * Something in a room that is not shown like the rest:
 * - `unreadable`: its sender has made it so that nobody, or not this device, can read it;
 * - `waiting`: its key has not come yet;
 * - `void`: the room's rules refuse it, so that it changes nothing;
 * - `erased`: its content was deleted.
 */
export interface Mark {
  readonly seq: number;
  readonly kind: "unreadable" | "waiting" | "before" | "void" | "erased";
  /** Whose device has sent it. */
  readonly fp: string;
  readonly memberId: string | null;
  /** When, in milliseconds since 1970, as the sender says. */
  readonly at: number;
  /** The fault's or error's name, for programs. */
  readonly reason: string;
  /** The reason and the way out, for people. */
  readonly message: string;
  readonly wayOut: string;
}

/**
 * What a commit changed:
 * - `made`: the room, with its author as the owner;
 * - `added`, `role`: the targets are in it with `role`, or have it from then on;
 * - `removed`, `left`: the targets are out; who has left is the author;
 * - `rules`: the room's policy;
 * - `devices`: which devices of the targets take part;
 * - `keys`: nothing but the epoch.
 */
export interface SealedChange {
  readonly seq: number;
  readonly kind: "made" | "added" | "role" | "removed" | "left" | "rules" | "devices" | "keys";
  /** Whose device has signed it. */
  readonly fp: string;
  readonly memberId: string;
  /** When, in milliseconds since 1970, as its author says. */
  readonly at: number;
  readonly targets: readonly { readonly fp: string; readonly memberId: string }[];
  /** Of `added` and `role`; else null. */
  readonly role: SealedRole | null;
}

/** Why a room stands still: an honest server would not have sent this. */
export interface Halt {
  readonly seq: number;
  readonly fault: string;
  readonly code: string | null;
  readonly message: string;
}

/** Somebody who has answered an invitation's link and waits to be added. */
export interface SealedRequest {
  readonly id: string;
  readonly memberId: string;
  readonly fp: string;
  readonly at: string;
}

/** How a sealed room stands. A new object at each change. */
export interface SealedRoomView {
  readonly id: string;
  readonly form: Form;
  readonly roomRef: string;
  readonly policy: SealedPolicy;
  readonly role: SealedRole | null;
  readonly members: readonly SealedMember[];
  readonly epoch: number;
  /** Somebody has left; the next who writes makes a new epoch first. */
  readonly leavePending: boolean;
  /** Newest last; the last 500. */
  readonly marks: readonly Mark[];
  /** What commits have changed, newest last; the last 200. */
  readonly changes: readonly SealedChange[];
  readonly halted: Halt | null;
  /** Seqs applied, of those that there are. */
  readonly progress: { readonly applied: number; readonly head: number };
  readonly requests: readonly SealedRequest[];
}

/**
 * How two devices come together, step by step:
 * - `offered`: show `qr` (null in digits mode); the other one scans it;
 * - `asked`: another device asks; `confirm()` to go on with it, or `cancel()`;
 * - `waiting`: for the other side;
 * - `compare`: show the eight digits; `confirm()` if the other side shows the same;
 * - `done`, and `failed` with the reason.
 */
export type PairingStep =
  | { readonly step: "offered"; readonly qr: string; readonly expiresAt: number }
  | { readonly step: "asked" }
  | { readonly step: "waiting" }
  | { readonly step: "compare"; readonly digits: string }
  | { readonly step: "done" }
  | { readonly step: "failed"; readonly error: YmeraError };

/** Two devices that come together: one of them is new (`link`), or they are two people's (`verify`). */
export interface PairingFlow {
  readonly id: string;
  readonly purpose: "link" | "verify";
  /** The member at the other side; in `link` you. */
  readonly memberId: string;
  readonly state: Readable<PairingStep>;
  /** Goes on from `asked`, and says yes in `compare`. */
  confirm(): Promise<void>;
  /** Says in `compare` that the other side shows other digits, which ends it at both. */
  differ(): Promise<void>;
  /** Ends it, at the other side too if that can be told now. */
  cancel(): Promise<void>;
}

/** An invitation that this device has made, or whose link it was given. */
export interface SealedInviteOptions {
  /** How long it can be used; 72 if left out, 720 at most. */
  readonly hours?: number;
  /** How many can use it; 1 if left out. */
  readonly uses?: number;
  /** The role that they are given; `member` if left out. */
  readonly role?: SealedRole;
}

export interface SearchHit {
  readonly room: string;
  readonly collection: "messages" | "tasks" | "files";
  readonly id: string;
  readonly seq: number;
  /** All that is said; of a file the place, with U+0002 and U+0003 around what was found. */
  readonly text: string;
  /** Of a message: the one that it answers in a thread, and the task that it is a comment on. */
  readonly thread: string | null;
  readonly task: string | null;
  /** Of a file: what it is called, and the page with the place, from 1. */
  readonly file: { readonly name: string; readonly page: number } | null;
}

/** Sealed rooms of a client. */
export interface Sealed {
  readonly status: Readable<SealedStatus>;
  /** Resolves with how this device stands, once that is known: never with `starting`. */
  settled(): Promise<SealedState>;
  /** Pairings under way, those that others have begun included. */
  readonly pairings: Readable<readonly PairingFlow[]>;

  /** Makes an identity with this device in it. Resolves with the recovery code, in groups of four. */
  begin(): Promise<string>;
  /** The recovery code as long as the person has not shown that it has it; null then, and on other devices. */
  unkeptCode(): Promise<string | null>;
  /** The person types the code to show that it has it. Rejects with `invalid` if it is not the one. */
  confirmCode(typed: string): Promise<void>;
  /**
   * Brings this device in by the recovery code; the secrets come from the backup. On a device that is in already it
   * reads the backup alone.
   */
  recover(code: string): Promise<void>;
  /**
   * Gives the identity up for a new one, where code and devices are lost. Resolves with the new code; rejects with
   * `conflict` on a device that is in it.
   */
  beginAnew(): Promise<string>;

  /** The devices of the own identity. */
  devices(): Promise<readonly SealedDevice[]>;
  /** Puts a device out, and has every room make a new epoch. */
  revokeDevice(deviceId: string): Promise<void>;
  /** Endorses the identity of an agent that you own. */
  endorseAgent(memberId: string): Promise<void>;

  /** On a new device: shows a code for another device to scan. */
  linkByQr(): Promise<PairingFlow>;
  /** On a new device: asks the other devices, and compares eight digits. */
  linkByDigits(): Promise<PairingFlow>;
  /** On a device that is ready: brings in the device that shows this code. */
  linkScanned(qr: string): Promise<PairingFlow>;
  /** Compares eight digits with another member, live. */
  verifyByDigits(memberId: string): Promise<PairingFlow>;

  trust(memberId: string): Promise<Trust | null>;
  /** Sixty digits that are the same at both ends. Rejects with `not_found` without an identity. */
  safetyNumber(memberId: string): Promise<string>;
  /** Notes that the safety number was compared. */
  verify(memberId: string): Promise<void>;

  /** Resolves with the room's id. Members without an identity are refused with `not_found`. */
  createRoom(room: NewSealedRoom): Promise<string>;
  /** How a room stands; null until it is known. */
  room(id: string): Readable<SealedRoomView | null>;
  add(
    room: string,
    members: readonly { readonly memberId: string; readonly role: SealedRole }[],
  ): Promise<void>;
  remove(room: string, fps: readonly string[]): Promise<void>;
  setRole(room: string, fp: string, role: SealedRole): Promise<void>;
  setPolicy(room: string, policy: Partial<SealedPolicy>): Promise<void>;
  leave(room: string): Promise<void>;
  /**
   * Makes a new epoch for its own sake. As all changes of members and rules it rejects at once with `unavailable`
   * where there is no connection, and is not made later.
   */
  rotate(room: string): Promise<void>;
  /** Tries a halted room once more. */
  retry(room: string): Promise<void>;
  /** What was received where a room halted, as JSON, to be shown to somebody who can judge it. */
  evidence(room: string): Promise<string | null>;

  /** Resolves with the link, whose secret part the server never sees. */
  invite(room: string, options?: SealedInviteOptions): Promise<string>;
  /** Asks to be added by a link. Resolves with the id of the room, which opens when a member has added you. */
  acceptInvite(link: string): Promise<string>;
  /** Takes somebody's request to be added off the list: they are in by other means, or shall not come in. */
  dismiss(room: string, request: string): Promise<void>;

  /** Says something in passing, such as that somebody still works; nobody keeps it. Heard as `whispered`. */
  whisper(room: string, content: Readonly<Record<string, unknown>>): Promise<void>;
  /** On an agent's device: makes its identity, under its owner's recovery code. The owner endorses it. */
  beginAgent(ownerId: string): Promise<void>;

  /** Searches what this device has decrypted; newest first, 100 at most. `room` null: everywhere. */
  search(room: string | null, text: string): Promise<readonly SearchHit[]>;
}
