/** Values of cx1 as the vectors have them: byte strings in hex, names with underscores, keys in order. */

import { Cx1Error, toHex } from "../../src/crypto/index.js";

export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain };

/** A value as JSON. What only tells one kind of value from another is left out. */
export function plain(value: unknown): Plain {
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean" || typeof value === "number" || typeof value === "string") return value;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof Cx1Error) return value.fault;
  if (value instanceof Set) return [...value].map(plain).sort();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object") throw new Error(`${typeof value} is nothing that the vectors hold`);
  const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([name, each]) => [underscored(String(name)), plain(each)]));
}

export function bytes(hex: unknown): Uint8Array {
  return Uint8Array.from(Buffer.from(text(hex), "hex"));
}

export function text(value: unknown): string {
  if (typeof value !== "string") throw new TypeError(`a text was expected, not ${typeof value}`);
  return value;
}

export function number(value: unknown): number {
  if (typeof value !== "number") throw new TypeError(`a number was expected, not ${typeof value}`);
  return value;
}

export function big(value: unknown): bigint {
  return BigInt(number(value));
}

export function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError("a list was expected");
  return value;
}

export function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw new TypeError("an object was expected");
  return value as Readonly<Record<string, unknown>>;
}

export function byteStrings(value: unknown): readonly Uint8Array[] {
  return list(value).map(bytes);
}

function underscored(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
