/**
 * The links of a user's or agent's signed chain, as bytes and as values.
 *
 * Invariant: what is signed and hashed is the bytes as they came; a parsed link keeps them.
 */

import { check, Cx1Error } from "./errors.js";
import { digest, FP, KEY, sign, SIGNATURE, ZERO } from "./primitives.js";
import { concat, Reader, u32, u64, u8, v16 } from "./wire.js";

const VERSION = 1;
const SALT = 16;
export const DEVICE_ID = 16;
/** The signer of a link that the recovery key signed. */
export const RECOVERY = new Uint8Array(DEVICE_ID);

/** Whose chain it is. */
export const Kind = { human: 0, agent: 1 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** A place in a chain that somebody has verified and keeps. */
export interface Pin {
  readonly seq: number;
  readonly head: Uint8Array;
}

/** The first link: the identity is the hash of its body. `ownerFp` is an agent's, else 32 zero bytes. */
export interface Genesis {
  readonly type: "genesis";
  readonly kind: Kind;
  readonly recoveryPk: Uint8Array;
  /** Of Argon2id, 16 bytes. */
  readonly salt: Uint8Array;
  readonly edPk: Uint8Array;
  readonly xPk: Uint8Array;
  readonly ownerFp: Uint8Array;
}

/** A new device, with the proof that it holds its signing key. */
export interface DeviceAdd {
  readonly type: "device_add";
  readonly edPk: Uint8Array;
  readonly xPk: Uint8Array;
  readonly possession: Uint8Array;
}

/** A device that is out of use for good. */
export interface DeviceRevoke {
  readonly type: "device_revoke";
  readonly deviceId: Uint8Array;
}

/** A new key for boxes; `version` counts up by one. */
export interface DeviceRekey {
  readonly type: "device_rekey";
  readonly deviceId: Uint8Array;
  readonly version: number;
  readonly xPk: Uint8Array;
}

/** A new recovery key, of a new code. */
export interface RecoveryRotate {
  readonly type: "recovery_rotate";
  readonly recoveryPk: Uint8Array;
  readonly salt: Uint8Array;
}

/** The owner's half of "agent of". */
export interface AgentEndorse {
  readonly type: "agent_endorse";
  readonly agentFp: Uint8Array;
}

export type Payload = Genesis | DeviceAdd | DeviceRevoke | DeviceRekey | RecoveryRotate | AgentEndorse;

const NUMBERS = {
  genesis: 1,
  device_add: 2,
  device_revoke: 3,
  device_rekey: 4,
  recovery_rotate: 5,
  agent_endorse: 6,
} as const satisfies Readonly<Record<Payload["type"], number>>;

/** One parsed link; nothing about it has been verified. */
export interface Link {
  readonly fp: Uint8Array;
  readonly seq: number;
  readonly prev: Uint8Array;
  /** When, in milliseconds since 1970, as the signer says. */
  readonly ms: bigint;
  readonly signer: Uint8Array;
  readonly payload: Payload;
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

/** Where a link stands in its chain, and who signs it. */
export interface LinkPlace {
  readonly fp: Uint8Array;
  readonly seq: number;
  readonly prev: Uint8Array;
  readonly ms: bigint;
  readonly signer: Uint8Array;
}

export function readPin(reader: Reader): Pin {
  return { seq: reader.u32(), head: reader.fixed(FP) };
}

export function encodePin(pin: Pin): Uint8Array {
  return concat(u32(pin.seq), pin.head);
}

/** What the next link names as `prev`, and the head of a chain that ends in this link. */
export function linkHash(link: Link): Uint8Array {
  return digest("cx1/ulinkh", link.body, link.signature);
}

/** Reads a link, or refuses bytes that are none. */
export function parseLink(raw: Uint8Array): Link {
  const reader = new Reader(raw);
  check(reader.u8() === VERSION, "version", "this is no link of cx1");
  const number = reader.u8();
  const place = { fp: reader.fixed(FP), seq: reader.u32(), prev: reader.fixed(FP) };
  const signed = { ms: reader.u64(), signer: reader.fixed(DEVICE_ID) };
  const payload = readPayload(number, reader.v16());
  const body = raw.slice(0, reader.at);
  const signature = reader.fixed(SIGNATURE);
  reader.end();
  return { ...place, ...signed, payload, body, signature };
}

/** Reads the payload of a type of link. */
export function readPayload(number: number, raw: Uint8Array): Payload {
  const reader = new Reader(raw);
  const payload = payloadOf(number, reader);
  reader.end();
  return payload;
}

function payloadOf(number: number, reader: Reader): Payload {
  switch (number) {
    case NUMBERS.genesis:
      return readGenesis(reader);
    case NUMBERS.device_add: {
      const keys = { edPk: reader.fixed(KEY), xPk: reader.fixed(KEY) };
      return { type: "device_add", ...keys, possession: reader.fixed(SIGNATURE) };
    }
    case NUMBERS.device_revoke:
      return { type: "device_revoke", deviceId: reader.fixed(DEVICE_ID) };
    case NUMBERS.device_rekey: {
      const which = { deviceId: reader.fixed(DEVICE_ID), version: reader.u32() };
      return { type: "device_rekey", ...which, xPk: reader.fixed(KEY) };
    }
    case NUMBERS.recovery_rotate:
      return { type: "recovery_rotate", recoveryPk: reader.fixed(KEY), salt: reader.fixed(SALT) };
    case NUMBERS.agent_endorse:
      return { type: "agent_endorse", agentFp: reader.fixed(FP) };
    default:
      throw new Cx1Error("value", `there is no type of link ${number}`);
  }
}

function readGenesis(reader: Reader): Genesis {
  return {
    type: "genesis",
    kind: reader.choice(Kind, "the kind of identity"),
    recoveryPk: reader.fixed(KEY),
    salt: reader.fixed(SALT),
    edPk: reader.fixed(KEY),
    xPk: reader.fixed(KEY),
    ownerFp: reader.fixed(FP),
  };
}

function encodePayload(payload: Payload): Uint8Array {
  switch (payload.type) {
    case "genesis":
      return concat(
        u8(payload.kind),
        payload.recoveryPk,
        payload.salt,
        payload.edPk,
        payload.xPk,
        payload.ownerFp,
      );
    case "device_add":
      return concat(payload.edPk, payload.xPk, payload.possession);
    case "device_revoke":
      return payload.deviceId;
    case "device_rekey":
      return concat(payload.deviceId, u32(payload.version), payload.xPk);
    case "recovery_rotate":
      return concat(payload.recoveryPk, payload.salt);
    case "agent_endorse":
      return payload.agentFp;
  }
}

/** Signs a link; nothing is checked here, `append` of identities makes only valid ones. */
export function writeLink(secret: Uint8Array, payload: Payload, place: LinkPlace): Uint8Array {
  const body = concat(
    u8(VERSION),
    u8(NUMBERS[payload.type]),
    place.fp,
    u32(place.seq),
    place.prev,
    u64(place.ms),
    place.signer,
    v16(encodePayload(payload)),
  );
  return concat(body, sign(secret, "cx1/ulink", body));
}

/** Signs the first link of a chain with the secret key of its device. */
export function writeGenesis(secret: Uint8Array, payload: Genesis, ms: bigint): Uint8Array {
  return writeLink(secret, payload, { fp: ZERO, seq: 0, prev: ZERO, ms, signer: RECOVERY });
}

/** What a new device signs: its keys, for the link at exactly this place. */
export function possessed(
  place: Pick<LinkPlace, "fp" | "seq" | "prev">,
  keys: Pick<DeviceAdd, "edPk" | "xPk">,
): readonly Uint8Array[] {
  return [place.fp, u32(place.seq), place.prev, keys.edPk, keys.xPk];
}

/** The proof that a new device holds its signing key, `secret`. */
export function provePossession(
  secret: Uint8Array,
  place: Pick<LinkPlace, "fp" | "seq" | "prev">,
  keys: Pick<DeviceAdd, "edPk" | "xPk">,
): Uint8Array {
  return sign(secret, "cx1/pop", ...possessed(place, keys));
}
