/**
 * The states that a device keeps between processes, as bytes.
 *
 * They are the device's own: the caller encrypts them at rest, and what comes back is taken as it was, with
 * nothing verified again. The form is this implementation's alone and has a version.
 *
 * Invariant: a loaded state goes on exactly as the one that was dumped; bytes that are no such state are refused
 * with `StoredError`.
 */

import { encodeOp, readOp, Role, type Policy } from "./commits.js";
import { compareRecipients, findEpoch, inOrder, type Epoch, type Recipient } from "./epochs.js";
import { Cx1Error } from "./errors.js";
import type { Chain, Device, History } from "./identity.js";
import { DEVICE_ID, encodePin, Kind, readPin } from "./links.js";
import type { Room, Speaker } from "./membership.js";
import type { Member } from "./operations.js";
import { FP, HASH, KEY } from "./primitives.js";
import type { EpochKeys, KeyRing, Strand } from "./ratchet.js";
import type { Cursor, Timeline } from "./transcript.js";
import { concat, fromHex, joined, Reader, toHex, u32, u64, u8, v16, type Hex } from "./wire.js";

const FORM = 1;
const SALT = 16;

/** What was dumped; its number stands in front, so that one is not taken for another. */
const Sort = { chain: 1, history: 2, room: 3, timeline: 4, keys: 5 } as const;
type Sort = keyof typeof Sort;

/** Bytes from the device's own store are not what this version has stored: fetch the state anew. */
export class StoredError extends Error {
  override readonly name = "StoredError";
}

/** An identity after one of its links. */
export function dumpChain(chain: Chain): Uint8Array {
  return concat(front("chain"), encodeChain(chain));
}

/** What `dumpChain` was given, or `StoredError`. */
export function loadChain(data: Uint8Array): Chain {
  return opened("chain", data, readChain);
}

/** A verified chain with its state after every link: the first, then what each later one changed. */
export function dumpHistory(history: History): Uint8Array {
  const [first, ...later] = history;
  const changes = later.map((state, index) => encodeChange(history[index] ?? first, state));
  return concat(front("history"), encodeChain(first), listed(changes));
}

/** What `dumpHistory` was given, or `StoredError`. */
export function loadHistory(data: Uint8Array): History {
  return opened("history", data, (reader) => {
    let newest = readChain(reader);
    const states: [Chain, ...Chain[]] = [newest];
    for (let left = reader.u32(); left > 0; left--) states.push((newest = readChange(reader, newest)));
    return states;
  });
}

/** A room after one of its commits. It changes with commits only. */
export function dumpRoom(room: Room): Uint8Array {
  return concat(front("room"), encodeRoom(room));
}

/** What `dumpRoom` was given, or `StoredError`. */
export function loadRoom(data: Uint8Array): Room {
  return opened("room", data, readRoom);
}

/** A timeline with its room and where each device stands. */
export function dumpTimeline(timeline: Timeline): Uint8Array {
  const { seq, hash, anchor, cursors, room } = timeline;
  const place = [u64(seq), hash, u64(anchor)];
  return concat(front("timeline"), ...place, mapped(cursors, encodeCursor), encodeRoom(room));
}

/** What `dumpTimeline` was given, or `StoredError`. */
export function loadTimeline(data: Uint8Array): Timeline {
  return opened("timeline", data, (reader) => ({
    seq: reader.u64(),
    hash: reader.fixed(HASH),
    anchor: reader.u64(),
    cursors: readMap(reader, DEVICE_ID, readCursor),
    room: readRoom(reader),
  }));
}

/**
 * The keys of a room: secret, for the caller to encrypt.
 *
 * Where an epoch's secret is held, senders' chains are made again from it and left out; so in a room that keeps
 * this changes only when a secret comes, and in an ephemeral one with every key that is taken.
 */
export function dumpKeys(ring: KeyRing): Uint8Array {
  return concat(front("keys"), listed([...ring.values()].map(encodeEpochKeys)));
}

/** The ring that `dumpKeys` was given, or `StoredError`; `epochs` are its room's. */
export function loadKeys(data: Uint8Array, epochs: readonly Epoch[]): KeyRing {
  return opened("keys", data, (reader) => {
    const held = readList(reader, () => readEpochKeys(reader, epochs));
    return new Map(held.map((keys) => [keys.epoch.number, keys]));
  });
}

function front(sort: Sort): Uint8Array {
  return concat(u8(FORM), u8(Sort[sort]));
}

/** Has whatever is wrong with stored bytes be a fault of the store, and nobody's in the room. */
function opened<T>(sort: Sort, data: Uint8Array, read: (reader: Reader) => T): T {
  try {
    const reader = new Reader(data);
    const found = [reader.u8(), reader.u8()];
    if (found[0] !== FORM || found[1] !== Sort[sort]) {
      const wanted = [FORM, Sort[sort]].join();
      throw new StoredError(`no stored ${sort}: ${wanted} stands in front of one, not ${found.join()}`);
    }
    const state = read(reader);
    reader.end();
    return state;
  } catch (error) {
    if (error instanceof Cx1Error) throw new StoredError(`the stored ${sort} is damaged: ${error.detail}`);
    throw error;
  }
}

function listed(items: readonly Uint8Array[]): Uint8Array {
  return joined([u32(items.length), ...items]);
}

/** Values behind their keys, which are all of one length. */
function mapped<T>(values: ReadonlyMap<Hex, T>, encode: (value: T) => Uint8Array): Uint8Array {
  return listed(Array.from(values, ([key, value]) => concat(fromHex(key), encode(value))));
}

function readList<T>(reader: Reader, read: (reader: Reader) => T): T[] {
  const items: T[] = [];
  for (let left = reader.u32(); left > 0; left--) items.push(read(reader));
  return items;
}

function readMap<T>(reader: Reader, size: number, read: (reader: Reader) => T): Map<Hex, T> {
  return new Map(readList(reader, () => [toHex(reader.fixed(size)), read(reader)]));
}

function encodeChain(chain: Chain): Uint8Array {
  const { fp, kind, ownerFp, recoveryPk, salt, pin, devices, agents } = chain;
  const about = [fp, u8(kind), ownerFp, recoveryPk, salt, encodePin(pin)];
  return concat(...about, listed([...devices.values()].map(encodeDevice)), listed([...agents].map(fromHex)));
}

function readChain(reader: Reader): Chain {
  return {
    fp: reader.fixed(FP),
    kind: reader.choice(Kind, "the kind of identity"),
    ownerFp: reader.fixed(FP),
    recoveryPk: reader.fixed(KEY),
    salt: reader.fixed(SALT),
    pin: readPin(reader),
    devices: readDevices(reader),
    agents: new Set(readAgents(reader)),
  };
}

function encodeChange(before: Chain, after: Chain): Uint8Array {
  const { pin, recoveryPk, salt } = after;
  const devices = [...after.devices].filter(([id, device]) => before.devices.get(id) !== device);
  const agents = [...after.agents].filter((fp) => !before.agents.has(fp));
  const changed = listed(devices.map(([, device]) => encodeDevice(device)));
  return concat(encodePin(pin), recoveryPk, salt, changed, listed(agents.map(fromHex)));
}

function readChange(reader: Reader, before: Chain): Chain {
  return {
    ...before,
    pin: readPin(reader),
    recoveryPk: reader.fixed(KEY),
    salt: reader.fixed(SALT),
    devices: new Map([...before.devices, ...readDevices(reader)]),
    agents: new Set([...before.agents, ...readAgents(reader)]),
  };
}

function encodeDevice({ id, edPk, xPk, version, active }: Device): Uint8Array {
  return concat(id, edPk, xPk, u32(version), u8(Number(active)));
}

function readDevice(reader: Reader): Device {
  return {
    id: reader.fixed(DEVICE_ID),
    edPk: reader.fixed(KEY),
    xPk: reader.fixed(KEY),
    version: reader.u32(),
    active: reader.flag("active"),
  };
}

function readDevices(reader: Reader): ReadonlyMap<Hex, Device> {
  return new Map(readList(reader, readDevice).map((device) => [toHex(device.id), device]));
}

function readAgents(reader: Reader): readonly Hex[] {
  return readList(reader, () => toHex(reader.fixed(FP)));
}

function encodeRoom(room: Room): Uint8Array {
  return concat(
    ...[room.ref, u32(room.cseq), room.head, u64(room.commitSeq), u64(room.epochSeq)],
    ...[encodeOp(room.policy), u8(Number(room.leavePending))],
    listed([...room.members.values()].map(encodeMember)),
    mapped(room.former, encodePin),
    listed([...room.active.values()].map(encodeSpeaker)),
    listed(encodeEpochs(room.epochs)),
  );
}

function readRoom(reader: Reader): Room {
  const ref = reader.fixed(HASH);
  const room = {
    ref,
    cseq: reader.u32(),
    head: reader.fixed(HASH),
    commitSeq: reader.u64(),
    epochSeq: reader.u64(),
    policy: readPolicy(reader),
    leavePending: reader.flag("leavePending"),
    members: new Map(readList(reader, readMember).map((member) => [toHex(member.fp), member])),
    former: readMap(reader, FP, readPin),
    active: new Map(readList(reader, readSpeaker).map((speaker) => [toHex(speaker.deviceId), speaker])),
    epochs: readEpochs(reader, ref),
  };
  return { ...room, epoch: room.epochs.length };
}

function readPolicy(reader: Reader): Policy {
  const op = readOp(reader);
  if (op.op !== "policy") throw new StoredError(`the stored room is damaged: ${op.op} is no policy`);
  return op;
}

function encodeMember({ fp, role, pin, since }: Member): Uint8Array {
  return concat(fp, u8(role), encodePin(pin), u32(since));
}

function readMember(reader: Reader): Member {
  return {
    fp: reader.fixed(FP),
    role: reader.choice(Role, "the role"),
    pin: readPin(reader),
    since: reader.u32(),
  };
}

function encodeSpeaker({ fp, deviceId, edPk }: Speaker): Uint8Array {
  return concat(fp, deviceId, edPk);
}

function readSpeaker(reader: Reader): Speaker {
  return { fp: reader.fixed(FP), deviceId: reader.fixed(DEVICE_ID), edPk: reader.fixed(KEY) };
}

/** Each with those who came and went since the one before: few, where all together are very many. */
function encodeEpochs(epochs: readonly Epoch[]): readonly Uint8Array[] {
  return epochs.map(({ keyCommit, prevWrap, boxesHash, recipients }, index) => {
    const { came, gone } = turnover(epochs[index - 1]?.recipients ?? [], recipients);
    const changes = [listed(came.map(encodeRecipient)), listed(gone.map(u32))];
    return concat(keyCommit, v16(prevWrap), boxesHash, ...changes);
  });
}

/** Who is new among recipients, and the places of those who are there no more. */
function turnover(
  before: readonly Recipient[],
  after: readonly Recipient[],
): { readonly came: readonly Recipient[]; readonly gone: readonly number[] } {
  const came: Recipient[] = [];
  const gone: number[] = [];
  let next = 0;
  for (const [place, each] of before.entries()) {
    let other = after[next];
    while (other !== undefined && compareRecipients(other, each) < 0) {
      came.push(other);
      other = after[++next];
    }
    if (other !== undefined && compareRecipients(other, each) === 0) next += 1;
    else gone.push(place);
  }
  return { came: [...came, ...after.slice(next)], gone };
}

function readEpochs(reader: Reader, roomRef: Uint8Array): readonly Epoch[] {
  const epochs: Epoch[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    epochs.push({
      number: epochs.length + 1,
      roomRef,
      keyCommit: reader.fixed(HASH),
      prevWrap: reader.v16(),
      boxesHash: reader.fixed(HASH),
      recipients: readRecipients(reader, epochs.at(-1)?.recipients ?? []),
    });
  }
  return epochs;
}

function readRecipients(reader: Reader, before: readonly Recipient[]): readonly Recipient[] {
  const came = readList(reader, readRecipient);
  const gone = new Set(readList(reader, () => reader.u32()));
  if (came.length === 0 && gone.size === 0) return before;
  return inOrder([...before.filter((_, place) => !gone.has(place)), ...came]);
}

function encodeRecipient({ fp, deviceId }: Recipient): Uint8Array {
  return concat(fp, deviceId);
}

function readRecipient(reader: Reader): Recipient {
  return { fp: reader.fixed(FP), deviceId: reader.fixed(DEVICE_ID) };
}

function encodeEpochKeys({ epoch, secret, strands, ephemeral }: EpochKeys): Uint8Array {
  if (secret !== null) return concat(u32(epoch.number), u8(1), secret);
  const chains = mapped(strands, (strand) => concat(u64(strand.ctr), strand.key));
  return concat(
    u32(epoch.number),
    u8(0),
    chains,
    mapped(ephemeral, (key) => key),
  );
}

function readEpochKeys(reader: Reader, epochs: readonly Epoch[]): EpochKeys {
  const epoch = findEpoch(epochs, reader.u32());
  if (reader.flag("whether the secret is held")) {
    return { epoch, secret: reader.fixed(KEY), strands: new Map(), ephemeral: new Map() };
  }
  const strands = readMap(reader, DEVICE_ID, (): Strand => ({ ctr: reader.u64(), key: reader.fixed(KEY) }));
  return { epoch, secret: null, strands, ephemeral: readMap(reader, DEVICE_ID, () => reader.fixed(KEY)) };
}

function encodeCursor({ epoch, ctr, prev }: Cursor): Uint8Array {
  return concat(u32(epoch), u64(ctr), prev);
}

function readCursor(reader: Reader): Cursor {
  return { epoch: reader.u32(), ctr: reader.u64(), prev: reader.fixed(HASH) };
}
