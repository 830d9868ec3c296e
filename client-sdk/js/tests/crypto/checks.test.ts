/**
 * Every check is needed: with any one of them taken away, some case no longer gives what it must.
 *
 * What refuses and what compares is put behind probes, which know their caller by its line.
 */

import { readdirSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type Sodium from "libsodium-wrappers-sumo";
import ts from "typescript";
import { describe, expect, test, vi } from "vitest";

import type * as Errors from "../../src/crypto/errors.js";
import { LIMITS } from "./limits.js";
import { expected, play, VECTORS } from "./vectors.js";

const SOURCES = new URL("../../src/crypto/", import.meta.url);

const probe = vi.hoisted(() => ({
  /** The place of the check that is taken away, or of the comparison that says yes. */
  without: null as string | null,
  reached: null as ((site: string) => void) | null,
  /** The place in the sources, but for a file that only passes on, from which a probe was called. */
  caller(passing: string): string {
    const frames = (new Error().stack ?? "").split("\n");
    const places = frames.flatMap((frame) => /src\/crypto\/(\w+\.ts:\d+)/.exec(frame)?.[1] ?? []);
    return places.find((place) => !place.startsWith(passing)) ?? "";
  },
}));

vi.mock("../../src/crypto/errors.js", async (importOriginal) => {
  const original = await importOriginal<typeof Errors>();
  class Cx1Error extends original.Cx1Error {
    constructor(fault: Errors.Fault, detail: string, data?: Readonly<Record<string, unknown>>) {
      super(fault, detail, data);
      probe.reached?.(probe.caller("errors.ts"));
    }
  }
  const check = (condition: boolean, ...rest: ConstructorParameters<typeof Cx1Error>): void => {
    if (!condition && probe.caller("errors.ts") !== probe.without) throw new Cx1Error(...rest);
  };
  return { ...original, Cx1Error, check };
});

vi.mock("libsodium-wrappers-sumo", async (importOriginal) => {
  const { default: sodium } = await importOriginal<{ default: typeof Sodium }>();
  await sodium.ready;
  const lenient = (holds: boolean): boolean => {
    if (holds) return true;
    const site = probe.caller("primitives.ts");
    probe.reached?.(site);
    return site === probe.without;
  };
  const memcmp: typeof sodium.memcmp = (one, other) => lenient(sodium.memcmp(one, other));
  const verify: typeof sodium.crypto_sign_verify_detached = (...given) =>
    lenient(sodium.crypto_sign_verify_detached(...given));
  return { default: { ...sodium, memcmp, crypto_sign_verify_detached: verify } };
});

/** Something that has an outcome, and the one that it must have. */
interface Trial {
  readonly name: string;
  /** Whether it has. A crash is another outcome. */
  holds(): boolean;
}

const TRIALS: readonly Trial[] = [
  ...LIMITS.map(({ name, fault, deed }) => ({ name, holds: () => faultOf(deed) === fault })),
  ...VECTORS.filter((vector) => vector.case.run !== "stretch").map((vector) => ({
    name: vector.name,
    holds: () =>
      isDeepStrictEqual(
        outcome(() => play(vector)),
        expected(vector),
      ),
  })),
];

function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

function faultOf(deed: () => unknown): unknown {
  const ended = outcome(deed);
  return ended instanceof Error && "fault" in ended ? ended.fault : null;
}

/** Which trials come to each place that refuses, or to a comparison that says no. */
const REACHED: ReadonlyMap<string, ReadonlySet<Trial>> = (() => {
  const found = new Map<string, Set<Trial>>();
  for (const trial of TRIALS) {
    probe.reached = (site) => found.set(site, (found.get(site) ?? new Set()).add(trial));
    expect(trial.holds(), trial.name).toBe(true);
  }
  probe.reached = null;
  return found;
})();

/** Where something is called, as `file:line`. */
function sitesOf(name: string): readonly string[] {
  const files = readdirSync(SOURCES).filter((file) => file !== "errors.ts");
  return files.flatMap((file) => {
    const source = ts.createSourceFile(
      file,
      readFileSync(new URL(file, SOURCES), "utf8"),
      ts.ScriptTarget.ES2022,
    );
    const sites: string[] = [];
    const visit = (node: ts.Node): void => {
      const called = ts.isCallExpression(node) || ts.isNewExpression(node);
      if (called && ts.isIdentifier(node.expression) && node.expression.text === name) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
        sites.push(`${file}:${line + 1}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return sites;
  });
}

describe.each(["check", "equal", "verify"])("%s", (name) => {
  test.each(sitesOf(name))("is needed at %s", (site) => {
    const trials = [...(REACHED.get(site) ?? [])];
    expect(
      trials.map((trial) => trial.name),
      "no case is refused here",
    ).not.toEqual([]);
    probe.without = site;
    try {
      expect(
        trials.every((trial) => trial.holds()),
        trials.map((trial) => trial.name).join(),
      ).toBe(false);
    } finally {
      probe.without = null;
    }
  });
});

test.each(sitesOf("Cx1Error"))("a case is refused at %s", (site) => {
  expect(REACHED.has(site)).toBe(true);
});
