/** Vectors with something changed in them: bytes, texts, numbers, and what stands in lists. */

import { toHex } from "../../../src/crypto/index.js";
import type { Chance } from "../cast.js";
import { bytes } from "../plain.js";
import { VECTORS, type Vector } from "../vectors.js";
import type { Question } from "./peer.js";

/** Bytes that come from strangers, of any length. */
const WIRE = new Set([
  ...["raw", "log", "links", "agent", "owner", "boxes", "box", "sealed", "plaintext", "padded"],
  ...["anchor", "payload", "ops", "data"],
]);
const TEXTS = new Set(["text", "typed", "fragment"]);
/** Numbers that cost nothing, whatever they are. */
const NUMBERS = new Set(["number", "version", "least", "envelopes", "age_secs", "current", "seq"]);
/** What takes long, or depends on a file's whole pattern. */
const SKIPPED = new Set(["stretch", "seal_file", "open_file", "open_chunks"]);

const [FIRST, ...OTHERS] = VECTORS.filter(({ case: { run } }) => !SKIPPED.has(run));
if (FIRST === undefined) throw new Error("there are no vectors");
const CHOSEN: readonly [Vector, ...Vector[]] = [FIRST, ...OTHERS];

/** Some vector with one to three changes. */
export function mutated(chance: Chance): Question {
  const { name, case: original, chains } = chance.pick(CHOSEN);
  const input = structuredClone(original.input) as Record<string, unknown>;
  let total = true;
  for (let left = 1 + chance.below(3); left > 0; left--) total = change(input, chance) && total;
  return { case: { id: `mutated ${name}`, run: original.run, input }, chains, total };
}

/** A place in an input, and the name under which it, or the list that it is in, stands. */
interface Slot {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string | number;
  readonly name: string;
}

/** Changes something; returns whether strangers could have. */
function change(input: Record<string, unknown>, chance: Chance): boolean {
  const [first, ...others] = slotsOf(input, "");
  if (first === undefined) return true;
  const { holder, key, name } = chance.pick([first, ...others]);
  const value = (holder as Record<string | number, unknown>)[key];
  const put = (changed: unknown): void => {
    (holder as Record<string | number, unknown>)[key] = changed;
  };
  if (Array.isArray(value)) {
    put(reordered(value, chance));
    return false; // The log of a case about an epoch may now have none, which its call does not foresee.
  }
  if (typeof value === "number") {
    put(Math.max(0, value + chance.pick([-1, 1, 2, 1000])));
    return false;
  }
  if (typeof value !== "string") return true;
  if (name === "what") {
    put(chance.pick(["commit", "envelope", "stub"]));
    return true;
  }
  put(TEXTS.has(name) ? spelt(value, chance) : toHex(edited(bytes(value), chance, WIRE.has(name))));
  return TEXTS.has(name) || WIRE.has(name);
}

function slotsOf(holder: Record<string, unknown> | unknown[], under: string): Slot[] {
  const entries: [string | number, unknown][] = Array.isArray(holder)
    ? [...holder.entries()]
    : Object.entries(holder);
  return entries.flatMap(([key, value]): Slot[] => {
    const name = typeof key === "number" ? under : key;
    if (name === "chains" || name === "label" || name === "own") return [];
    if (typeof value === "number" && !NUMBERS.has(name)) return [];
    if (Array.isArray(value)) return [{ holder, key, name }, ...slotsOf(value, name)];
    if (typeof value === "object" && value !== null) {
      return slotsOf(value as Record<string, unknown>, name);
    }
    return value === "" || !["string", "number"].includes(typeof value) ? [] : [{ holder, key, name }];
  });
}

function reordered(values: readonly unknown[], chance: Chance): unknown[] {
  // The first of a log or timeline stays: without it there is no case.
  const at = 1 + chance.below(Math.max(1, values.length - 1));
  const value = values[at];
  if (value === undefined) return [...values];
  const without = values.toSpliced(at, 1);
  return chance.pick([
    () => without,
    () => values.toSpliced(at, 0, value),
    () => without.toSpliced(1 + chance.below(values.length - 1), 0, value),
    () => values.slice(0, at),
  ])();
}

function edited(raw: Uint8Array, chance: Chance, anyLength: boolean): Uint8Array {
  const at = chance.below(raw.length + 1);
  const flipped = (): Uint8Array =>
    raw.map((byte, index) => (index === at ? byte ^ (1 << chance.below(8)) : byte));
  if (!anyLength) return flipped();
  const inserted = [...chance.draw(chance.below(4))];
  const edges = [0, 0, 1, 255];
  return chance.pick([
    flipped,
    flipped,
    () => raw.map((byte, index) => (index === at ? chance.pick([0, ...edges]) : byte)),
    () => Uint8Array.from([...raw.subarray(0, at), ...inserted, ...raw.subarray(at + chance.below(4))]),
    () => raw.slice(0, at),
  ])();
}

const STRANGE = "A-_.=+ \n\té0OıßŁ٣ﬁ😀\ud800";

function spelt(text: string, chance: Chance): string {
  const at = chance.below(text.length + 1);
  const character = STRANGE.charAt(chance.below(STRANGE.length));
  return text.slice(0, at) + character + text.slice(at + chance.below(3));
}
