/** cx1 gives what the vectors say, which another implementation has written, and they are of everything. */

import { expect, test } from "vitest";

import { FAULTS } from "../../src/crypto/index.js";
import { CALLS } from "./calls.js";
import { expected, play, VECTORS, type Vector } from "./vectors.js";

/** What takes a thousand devices, or states that no bytes lead to; other tests show these. */
const LOCAL = ["too_many_devices", "key_deleted"];

test.each(VECTORS.map((vector) => [vector.name, vector] as const))("%s", { timeout: 60_000 }, (_, vector) => {
  expect(play(vector)).toEqual(expected(vector));
});

test("every call and every fault has a case", () => {
  expect(new Set(VECTORS.map((vector) => vector.case.run))).toEqual(new Set(CALLS.keys()));
  const refused = VECTORS.flatMap((vector) => vector.case.error?.fault ?? []);
  const shown = VECTORS.flatMap(unreadable);
  expect(new Set([...refused, ...shown, ...LOCAL])).toEqual(new Set<string>(FAULTS));
});

/** The faults that a timeline or a walk goes on after. */
function unreadable(vector: Vector): readonly string[] {
  const result = vector.case.result as {
    readonly outcomes?: readonly { readonly unreadable?: string }[];
    readonly broken?: string | null;
  } | null;
  const outcomes = (result?.outcomes ?? []).flatMap((each) => each.unreadable ?? []);
  return [...outcomes, ...(result?.broken === null || result?.broken === undefined ? [] : [result.broken])];
}
