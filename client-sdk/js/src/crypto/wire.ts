/**
 * Reading and writing bytes: big-endian integers, fixed fields and `v16`; nothing optional or left over.
 *
 * Invariants: a read gives a value or throws `Cx1Error`, whatever the bytes; what was read is a copy, which no
 * later change of the source reaches.
 */

import { check, Cx1Error } from "./errors.js";

/** Bytes as lower-case hex: how byte strings are keys of maps. Its order is that of the bytes. */
export type Hex = string;

/** Takes fields off the front of a byte string. */
export class Reader {
  readonly #data: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  /** How many bytes have been read. */
  get at(): number {
    return this.#at;
  }

  /** How many bytes have not been read. */
  get left(): number {
    return this.#data.length - this.#at;
  }

  fixed(size: number): Uint8Array {
    const start = this.#skip(size);
    return this.#data.slice(start, start + size);
  }

  u8(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#skip(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#skip(4));
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#skip(8));
  }

  /** Bytes behind their u16 length. */
  v16(): Uint8Array {
    return this.fixed(this.u16());
  }

  /** A u8 that must be one of `allowed`. */
  choice<T extends number>(allowed: Readonly<Record<string, T>>, what: string): T {
    const value = this.u8();
    const found = Object.values(allowed).find((each) => each === value);
    if (found === undefined) throw new Cx1Error("value", `${what} is ${value}, which has no meaning`);
    return found;
  }

  /** A u8 that must be 0 or 1. */
  flag(what: string): boolean {
    return this.choice({ no: 0, yes: 1 }, what) === 1;
  }

  /** Refuses bytes that are left over. */
  end(): void {
    check(this.left === 0, "trailing", `${this.left} bytes follow the last field`);
  }

  #skip(size: number): number {
    check(size <= this.left, "truncated", `${size} bytes expected at offset ${this.#at}, ${this.left} left`);
    const start = this.#at;
    this.#at += size;
    return start;
  }
}

/** One byte string of several. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return joined(parts);
}

/** One byte string of any number of others, which may be more than a call has arguments. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A field as it is; one of another length is the caller's mistake, which would move all that follow. */
export function fixed(data: Uint8Array, size: number): Uint8Array {
  if (data.length !== size) throw new RangeError(`A field has ${data.length} bytes instead of ${size}.`);
  return data;
}

export function u8(value: number): Uint8Array {
  return unsigned(value, 1);
}

export function u16(value: number): Uint8Array {
  return unsigned(value, 2);
}

export function u32(value: number): Uint8Array {
  return unsigned(value, 4);
}

/** Where a number is written before it is copied: a view of its own would cost more than the number. */
const NUMBER = new Uint8Array(8);
const NUMBER_VIEW = new DataView(NUMBER.buffer);

export function u64(value: bigint): Uint8Array {
  if (BigInt.asUintN(64, value) !== value) throw new RangeError(`${value} is no unsigned integer of 8 bytes`);
  NUMBER_VIEW.setBigUint64(0, value);
  return NUMBER.slice();
}

/** The bytes behind their u16 length. */
export function v16(data: Uint8Array): Uint8Array {
  return concat(u16(data.length), data);
}

/** Big-endian. A number that does not fit is the caller's mistake, and must not be cut to one that does. */
function unsigned(value: number, size: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value >= 256 ** size) {
    throw new RangeError(`${value} is no unsigned integer of ${size} bytes`);
  }
  return Uint8Array.from({ length: size }, (_, at) => value >>> (8 * (size - 1 - at)));
}

/** Whether two byte strings that anybody may know are the same; secrets are compared by `equal`. */
export function same(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

/** Which of two byte strings of one length comes first: negative, zero or positive. Not for secrets. */
export function compareBytes(one: Uint8Array, other: Uint8Array): number {
  if (one === other) return 0;
  const at = one.findIndex((byte, index) => byte !== other[index]);
  return (one[at] ?? 0) - (other[at] ?? 0);
}

/** A byte string as one big-endian number. */
export function toNumber(data: Uint8Array): bigint {
  return data.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

const ENCODER = new TextEncoder();

/** The bytes of a text in UTF-8. */
export function utf8(text: string): Uint8Array {
  return ENCODER.encode(text);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function toHex(data: Uint8Array): Hex {
  let text = "";
  for (const byte of data) text += HEX[byte] ?? "";
  return text;
}

/** The bytes of a key that `toHex` has made. */
export function fromHex(text: Hex): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = (digitOf(text.charCodeAt(2 * at)) << 4) | digitOf(text.charCodeAt(2 * at + 1));
  }
  return bytes;
}

/** The value of a lower-case hex digit, by its code. */
function digitOf(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Bytes as they stand in JSON: base64url without padding. */
export function toText(data: Uint8Array): string {
  let text = "";
  let held = 0;
  let bits = 0;
  for (const byte of data) {
    held = ((held & 0x3f) << 8) | byte;
    for (bits += 8; bits >= 6; bits -= 6) text += ALPHABET.charAt((held >> (bits - 6)) & 0x3f);
  }
  return bits === 0 ? text : text + ALPHABET.charAt((held << (6 - bits)) & 0x3f);
}

/** The value of each character of base64url, by its code; -1 of any other. */
const VALUES = Int8Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code)));

/** Reads base64url without padding, in its one canonical form only. */
export function fromText(text: string): Uint8Array {
  check(text.length % 4 !== 1, "encoding", "no byte string has a base64url form of this length");
  const data = new Uint8Array(Math.floor((text.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let index = 0; index < text.length; index++) {
    const value = VALUES[text.charCodeAt(index)] ?? -1;
    if (value < 0) throw new Cx1Error("encoding", "a character does not belong to base64url");
    held = ((held & 0xff) << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    data[at++] = (held >> bits) & 0xff;
  }
  check((held & ((1 << bits) - 1)) === 0, "encoding", "bits beyond the last byte are set");
  return data;
}
