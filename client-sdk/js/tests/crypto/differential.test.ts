/**
 * Both implementations make the same of anything: of vectors with something changed, of chains and rooms that
 * hostile members have signed, and of texts that are nearly right.
 *
 * `YMERA_DIFFERENTIAL_CASES` says how many, and `YMERA_DIFFERENTIAL_SEED` which.
 */

import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";

import { Chance } from "./cast.js";
import { chain } from "./fuzz/chains.js";
import { mutated } from "./fuzz/mutations.js";
import { Peer, type Question } from "./fuzz/peer.js";
import { code, content } from "./fuzz/texts.js";
import { timeline } from "./fuzz/timelines.js";
import { play } from "./vectors.js";

const CASES = Number(process.env["YMERA_DIFFERENTIAL_CASES"] ?? 600);
const SEED = process.env["YMERA_DIFFERENTIAL_SEED"] ?? "cx1";
const BATCH = 50;
const MS_EACH = 250;
const MAKERS = [mutated, mutated, mutated, timeline, timeline, chain, content, content, code] as const;

test(
  `${CASES} cases`,
  async () => {
    const chance = new Chance(SEED);
    const peer = new Peer();
    try {
      for (let done = 0; done < CASES; done += BATCH) {
        const questions = Array.from({ length: Math.min(BATCH, CASES - done) }, () =>
          chance.pick<(chance: Chance) => Question>([...MAKERS])(chance),
        );
        const answers = await peer.answers(questions);
        for (const [index, question] of questions.entries()) compare(question, answers[index]);
      }
    } finally {
      await peer.end();
    }
  },
  MS_EACH * CASES,
);

function compare(question: Question, theirs: unknown): void {
  const ours = answered(question);
  const crashed = [ours, theirs].map((each) => typeof each === "object" && each !== null && "crash" in each);
  const same = isDeepStrictEqual(ours, theirs) || (!question.total && crashed.every(Boolean));
  expect(same && !(question.total && crashed.some(Boolean)), report(question, ours, theirs)).toBe(true);
}

function answered(question: Question): unknown {
  try {
    return play(question);
  } catch (error) {
    return { crash: String(error) };
  }
}

function report(question: Question, ours: unknown, theirs: unknown): string {
  return [ours, theirs, question.case, question.chains].map((each) => JSON.stringify(each)).join("\n");
}
