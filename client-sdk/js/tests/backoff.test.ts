import fc from "fast-check";
import { expect, test } from "vitest";

import { BASE_MS, CAP_MS, fullJitter } from "../src/backoff.js";

const attempt = fc.nat(10_000);

test("a wait is between nothing and a bound that doubles up to the cap", () => {
  fc.assert(
    fc.property(attempt, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (n, chance) => {
      const wait = fullJitter(n, () => chance);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThan(Math.min(CAP_MS, BASE_MS * 2 ** n));
    }),
  );
});

test("the whole range is used: that is what full jitter means", () => {
  expect(fullJitter(3, () => 0)).toBe(0);
  expect(fullJitter(3, () => 0.5)).toBe((BASE_MS * 2 ** 3) / 2);
  expect(fullJitter(50, () => 0.999)).toBeCloseTo(CAP_MS * 0.999);
});
