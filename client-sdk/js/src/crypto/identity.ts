/**
 * Chains of identities: who may sign what, and which devices are active after each link.
 *
 * A `Chain` is the state after one link and a `History` is all of them, since rooms pin places in the past.
 * Invariant: a revoked device is never active again, and what was once verified can only be extended.
 */

import { check, Cx1Error } from "./errors.js";
import {
  DEVICE_ID,
  Kind,
  linkHash,
  parseLink,
  possessed,
  provePossession,
  RECOVERY,
  writeLink,
  type DeviceAdd,
  type DeviceRekey,
  type Link,
  type Payload,
  type Pin,
} from "./links.js";
import { digest, equal, requireUsable, verify, ZERO } from "./primitives.js";
import { toHex, type Hex } from "./wire.js";

export const MAX_LINKS = 1 << 16;
/** How often a device makes itself a new key for boxes, in seconds. */
export const REKEY_SECS = 7 * 86_400;
/** How long it keeps the old one, in seconds. */
export const KEEP_OLD_KEY_SECS = 30 * 86_400;

/** A device as its chain has it; `version` counts its keys for boxes from 0. */
export interface Device {
  readonly id: Uint8Array;
  readonly edPk: Uint8Array;
  readonly xPk: Uint8Array;
  readonly version: number;
  readonly active: boolean;
}

/** An identity after one of its links. */
export interface Chain {
  readonly fp: Uint8Array;
  readonly kind: Kind;
  readonly ownerFp: Uint8Array;
  readonly recoveryPk: Uint8Array;
  readonly salt: Uint8Array;
  /** By id, with those revoked. */
  readonly devices: ReadonlyMap<Hex, Device>;
  /** The fps of those it has endorsed. */
  readonly agents: ReadonlySet<Hex>;
  readonly pin: Pin;
}

/** A verified chain, with its state after every link; there is always a first. */
export type History = readonly [Chain, ...Chain[]];

/** Who signs a link: a device, or the recovery key under the id `RECOVERY`. */
export interface Signer {
  readonly id: Uint8Array;
  readonly secret: Uint8Array;
}

/** The id of a device, which binds it to its user. */
export function deviceId(fp: Uint8Array, edPk: Uint8Array): Uint8Array {
  return digest("cx1/dev", fp, edPk).slice(0, DEVICE_ID);
}

/** The state after the last link. */
export function newestState(history: History): Chain {
  return history.at(-1) ?? history[0];
}

/** The state at a pin; refuses one that this chain does not reach or does not contain. */
export function stateAt(history: History, pin: Pin): Chain {
  const state = history[pin.seq];
  if (state === undefined) {
    throw new Cx1Error("chain_truncated", "the chain ends before the pinned link", { seq: pin.seq });
  }
  check(equal(state.pin.head, pin.head), "chain_forked", "another link is pinned here", { seq: pin.seq });
  return state;
}

/** The devices in use, in no order that means anything. */
export function activeDevices(chain: Chain): readonly Device[] {
  return [...chain.devices.values()].filter((device) => device.active);
}

/** The ids of the devices in use. */
export function activeIds(chain: Chain): ReadonlySet<Hex> {
  return new Set(activeDevices(chain).map((device) => toHex(device.id)));
}

/** Verifies a chain from its genesis; with `fp`, that it is theirs, and with `pin`, that it extends that. */
export function verifyChain(
  links: readonly Uint8Array[],
  expected: { readonly fp?: Uint8Array; readonly pin?: Pin } = {},
): History {
  const [first, ...others] = links;
  if (first === undefined) throw new Cx1Error("chain_truncated", "the chain is empty");
  const history = extendChain([genesis(parseLink(first))], others);
  const { fp, pin } = expected;
  check(fp === undefined || equal(fp, history[0].fp), "chain_other", "this is the chain of another identity");
  if (pin !== undefined) stateAt(history, pin);
  return history;
}

/** Verifies further links of a chain. */
export function extendChain(history: History, links: readonly Uint8Array[]): History {
  const states: [Chain, ...Chain[]] = [...history];
  for (const raw of links) {
    check(states.length < MAX_LINKS, "too_large", `a chain has at most ${MAX_LINKS} links`);
    states.push(after(newestState(states), parseLink(raw)));
  }
  return states;
}

/** Signs the next link of a chain, and refuses one that it does not allow. */
export function appendLink(history: History, payload: Payload, signer: Signer, ms: bigint): Uint8Array {
  const { fp, pin } = newestState(history);
  const place = { fp, seq: pin.seq + 1, prev: pin.head, ms, signer: signer.id };
  const raw = writeLink(signer.secret, payload, place);
  extendChain(history, [raw]);
  return raw;
}

/** What the new device hands to the one that appends it; `secret` is its signing key. */
export function newDevice(
  history: History,
  secret: Uint8Array,
  keys: { readonly edPk: Uint8Array; readonly xPk: Uint8Array },
): DeviceAdd {
  const { fp, pin } = newestState(history);
  const place = { fp, seq: pin.seq + 1, prev: pin.head };
  return { type: "device_add", ...keys, possession: provePossession(secret, place, keys) };
}

/** Whether both sides say that one is the other's agent. */
export function isAgentOf(agent: Chain, owner: Chain): boolean {
  return agent.kind === Kind.agent && equal(agent.ownerFp, owner.fp) && owner.agents.has(toHex(agent.fp));
}

function genesis(link: Link): Chain {
  const first = link.payload;
  if (first.type !== "genesis") throw new Cx1Error("genesis", "a chain begins with a genesis link");
  check(
    link.seq === 0 && equal(link.fp, ZERO) && equal(link.prev, ZERO) && equal(link.signer, RECOVERY),
    "genesis",
    "the seq, fp, prev and signer of a genesis link are zero",
  );
  check(
    equal(first.ownerFp, ZERO) === (first.kind === Kind.human),
    "owner",
    "an agent names its owner, and a human names none",
  );
  requireUsable(first.xPk);
  check(
    verify(first.edPk, link.signature, "cx1/ulink", link.body),
    "link_signature",
    "the genesis link is not signed by its device",
  );
  const fp = digest("cx1/user", link.body);
  const { kind, ownerFp, recoveryPk, salt, edPk, xPk } = first;
  const device = { id: deviceId(fp, edPk), edPk, xPk, version: 0, active: true };
  const devices = new Map([[toHex(device.id), device]]);
  const pin = { seq: 0, head: linkHash(link) };
  return { fp, kind, ownerFp, recoveryPk, salt, devices, agents: new Set(), pin };
}

/** The state after a link; refuses one that does not follow or may not. */
function after(chain: Chain, link: Link): Chain {
  const expected = chain.pin.seq + 1;
  check(equal(link.fp, chain.fp), "chain_other", "the link belongs to another identity");
  check(link.seq === expected, "chain_seq", `link ${expected} comes next`, { expected });
  check(equal(link.prev, chain.pin.head), "chain_prev", "the link follows another one");
  check(
    verify(signingKey(chain, link), link.signature, "cx1/ulink", link.body),
    "link_signature",
    "the signature is not the signer's",
  );
  return { ...applied(chain, link), pin: { seq: link.seq, head: linkHash(link) } };
}

function signingKey(chain: Chain, link: Link): Uint8Array {
  const recovery = equal(link.signer, RECOVERY);
  check(
    recovery || link.payload.type !== "recovery_rotate",
    "recovery_only",
    "only the recovery key replaces the recovery key",
  );
  if (recovery) return chain.recoveryPk;
  const device = chain.devices.get(toHex(link.signer));
  if (device === undefined) throw new Cx1Error("signer", "the signer is no device of this chain");
  check(device.active, "signer", "the signer has been revoked");
  return device.edPk;
}

function applied(chain: Chain, link: Link): Chain {
  const { payload } = link;
  switch (payload.type) {
    case "device_add":
      return withDevice(chain, added(chain, link, payload));
    case "device_revoke":
      return withDevice(chain, { ...inUse(chain, payload.deviceId), active: false });
    case "device_rekey":
      return withDevice(chain, rekeyed(chain, link.signer, payload));
    case "recovery_rotate":
      return { ...chain, recoveryPk: payload.recoveryPk, salt: payload.salt };
    case "agent_endorse":
      return { ...chain, agents: new Set([...chain.agents, toHex(payload.agentFp)]) };
    case "genesis":
      throw new Cx1Error("genesis", "a chain has one genesis link");
  }
}

function withDevice(chain: Chain, device: Device): Chain {
  return { ...chain, devices: new Map(chain.devices).set(toHex(device.id), device) };
}

function inUse(chain: Chain, id: Uint8Array): Device {
  const device = chain.devices.get(toHex(id));
  if (device === undefined) throw new Cx1Error("device_unknown", "the chain has no such device");
  check(device.active, "device_unknown", "the device has been revoked before");
  return device;
}

function added(chain: Chain, link: Link, payload: DeviceAdd): Device {
  const { edPk, xPk, possession } = payload;
  const id = deviceId(chain.fp, edPk);
  check(!chain.devices.has(toHex(id)), "device_known", "the chain has, or had, a device of this key");
  check(
    verify(edPk, possession, "cx1/pop", ...possessed(link, payload)),
    "possession",
    "the new device has not proved that it holds its key, for this place of this chain",
  );
  requireUsable(xPk);
  return { id, edPk, xPk, version: 0, active: true };
}

function rekeyed(chain: Chain, signer: Uint8Array, payload: DeviceRekey): Device {
  check(equal(payload.deviceId, signer), "device_unknown", "a device replaces only its own key for boxes");
  const device = inUse(chain, payload.deviceId);
  const expected = device.version + 1;
  check(payload.version === expected, "key_version", `key version ${expected} comes next`, { expected });
  requireUsable(payload.xPk);
  return { ...device, xPk: payload.xPk, version: payload.version };
}
