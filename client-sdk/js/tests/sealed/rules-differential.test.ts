/**
 * The Python and the TypeScript rules make the same of anything that people may say.
 *
 * `YMERA_DIFFERENTIAL_CASES` says how many scripts, and `YMERA_RULES_SEED` which.
 */

import fc from "fast-check";
import { expect, test } from "vitest";

import { played } from "./rules/playing.js";
import { Peer } from "./rules/peer.js";
import { script } from "./rules/random.js";

const SCRIPTS = Number(process.env["YMERA_DIFFERENTIAL_CASES"] ?? 100);
const SEED = Number(process.env["YMERA_RULES_SEED"] ?? 1);
const MS_EACH = 1_000;

test(
  `${SCRIPTS} scripts`,
  async () => {
    const peer = new Peer();
    const ended = { events: 0, refusal: 0 };
    try {
      await fc.assert(
        fc.asyncProperty(script, async (said) => {
          const ours = JSON.parse(JSON.stringify(played(said))) as object[];
          expect(ours).toEqual(await peer.played(said));
          for (const came of ours) ended["events" in came ? "events" : "refusal"] += 1;
        }),
        { numRuns: SCRIPTS, seed: SEED },
      );
    } finally {
      await peer.end();
    }
    // Neither end is rare, or nothing was compared.
    expect(ended.events).toBeGreaterThan(ended.refusal / 10);
    expect(ended.refusal).toBeGreaterThan(ended.events / 10);
  },
  MS_EACH * SCRIPTS,
);
