/**
 * Whether content looks as it must: no server has checked it, and all clients have to agree on it.
 *
 * What is let through is the same in every language: lengths in code points, whole numbers as such however they
 * were written, no half surrogate pairs, no field that is not known.
 */

import type { YmeraError } from "../../errors.js";
import { invalid } from "./refusals.js";

/** What a value must be; `words` say it to whoever reads an error. */
export type Shape =
  | TextShape
  | NumberShape
  | ListShape
  | ObjectShape
  | AnyShape
  | (Named & { readonly kind: "flag" | "day" | "time" })
  | (Named & { readonly kind: "word"; readonly options: readonly string[] })
  | (Named & { readonly kind: "map"; readonly of: Shape })
  | (Named & { readonly kind: "either"; readonly of: readonly Shape[] });

interface Named {
  readonly words: string;
  /** Whether null will do. */
  readonly nullable?: boolean;
}

interface TextShape extends Named {
  readonly kind: "text";
  /** Code points. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
}

interface NumberShape extends Named {
  readonly kind: "number";
  readonly whole: boolean;
  readonly min: number;
  readonly max: number;
}

interface AnyShape extends Named {
  readonly kind: "any";
}

interface ListShape extends Named {
  readonly kind: "list";
  readonly of: Shape;
  readonly min: number;
  readonly max?: number;
}

/** An object with these fields and no others. */
export interface ObjectShape extends Named {
  readonly kind: "object";
  readonly fields: Readonly<Record<string, Field>>;
}

interface Field {
  readonly shape: Shape;
  readonly required?: boolean;
  readonly default?: unknown;
}

const SURROGATE = /[\ud800-\udfff]/u;
const DAY = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const TIME = /^([0-9-]{10})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z$/;
/** Characters of an unknown field's name that an error repeats. */
const SHOWN = 80;
const compiled = new Map<string, RegExp>();

/** The value with defaults filled in and numbers in one form; `invalid` names the path at fault. */
export function validated(shape: Shape, value: unknown, path = ""): unknown {
  if (value === null && shape.nullable === true) return null;
  switch (shape.kind) {
    case "list":
      return list(shape, value, path);
    case "map":
      return map(shape, value, path);
    case "either":
      return either(shape, value, path);
    case "object":
      return object(shape, value, path);
    case "any":
      return any(shape, value, path);
    case "number":
      if (!isNumber(shape, value)) throw wrong(shape, path);
      // Zero has one form.
      return value === 0 ? 0 : value;
    default:
      if (!fits(shape, value)) throw wrong(shape, path);
      return value;
  }
}

/** Whether a text has that pattern, with code points for characters. */
export function matches(pattern: string, text: string): boolean {
  let found = compiled.get(pattern);
  if (found === undefined) compiled.set(pattern, (found = new RegExp(pattern, "u")));
  return found.test(text);
}

function wrong(shape: Shape, path: string): YmeraError {
  return invalid(path, `must be ${shape.words}.`);
}

function fits(
  shape: Exclude<Shape, NumberShape | AnyShape | ListShape | ObjectShape>,
  value: unknown,
): boolean {
  if (shape.kind === "flag") return typeof value === "boolean";
  if (typeof value !== "string") return false;
  switch (shape.kind) {
    case "text":
      return isText(shape, value);
    case "word":
      return shape.options.includes(value);
    case "day":
      return isDay(value);
    case "time":
      return isDay(TIME.exec(value)?.[1] ?? "");
    default:
      return false;
  }
}

function isText({ min = 0, max = Infinity, pattern }: TextShape, text: string): boolean {
  if (SURROGATE.test(text)) return false;
  const { length } = Array.from(text);
  return min <= length && length <= max && (pattern === undefined || matches(pattern, text));
}

function isNumber({ whole, min, max }: NumberShape, value: unknown): value is number {
  return typeof value === "number" && min <= value && value <= max && (!whole || Number.isInteger(value));
}

function isDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = (DAY.exec(text) ?? []).slice(1).map(Number);
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
}

function daysOf(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2) return leap ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function list(shape: ListShape, value: unknown, path: string): unknown[] {
  const { min, max = Infinity } = shape;
  if (!Array.isArray(value) || value.length < min || value.length > max) throw wrong(shape, path);
  return value.map((each, place) => validated(shape.of, each, `${path}[${place}]`));
}

/** Whatever JSON can say, with zero in one form. */
function any(shape: AnyShape, value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((each, place) => any(shape, each, `${path}[${place}]`));
  if (isRecord(value)) return map({ ...shape, kind: "map", of: shape }, value, path);
  if (typeof value === "string" && SURROGATE.test(value)) throw wrong(shape, path);
  return value === 0 ? 0 : value;
}

function map(shape: Shape & { kind: "map" }, value: unknown, path: string): Record<string, unknown> {
  if (!isRecord(value) || Object.keys(value).some((key) => SURROGATE.test(key))) throw wrong(shape, path);
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, validated(shape.of, each, path)]),
  );
}

/** One of several kinds of JSON, of which no two are the same. */
function either(shape: Shape & { kind: "either" }, value: unknown, path: string): unknown {
  const option = shape.of.find(({ kind }) =>
    kind === "list" ? Array.isArray(value) : typeof value === "string",
  );
  if (option === undefined) throw wrong(shape, path);
  return validated(option, value, path);
}

function object(shape: ObjectShape, value: unknown, path: string): Record<string, unknown> {
  if (!isRecord(value)) throw wrong(shape, path);
  refuseUnknown(value, shape.fields, path);
  const found: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(shape.fields)) {
    const at = under(path, name);
    if (Object.hasOwn(value, name)) found[name] = validated(field.shape, value[name], at);
    else if (field.required === true) throw invalid(at, `is missing; it must be ${field.shape.words}.`);
    else if ("default" in field) found[name] = field.default;
  }
  return found;
}

function refuseUnknown(value: object, fields: ObjectShape["fields"], path: string): void {
  const [unknown] = Object.keys(value)
    .filter((name) => !Object.hasOwn(fields, name))
    .sort();
  if (unknown === undefined) return;
  const name = unknown.replace(/[^ -~]/gu, "?").slice(0, SHOWN);
  const known = Object.keys(fields).sort().join(", ");
  throw invalid(under(path, name), `there is no such field; there are ${known}.`);
}

function under(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
