import type { Insight } from "@ymera/client";
import { expect, it } from "vitest";

import { byCapability, byDay, qualityOf, successOf, totalsOf } from "./insight";

function insight(day: string, capability: string, figures: Partial<Insight>): Insight {
  const nothing = { runs: 0, completed: 0, failed: 0, canceled: 0, retries: 0, questions: 0 };
  const costs = { seconds_mean: 0, seconds_p95: 0, tokens: 0, money: 0 };
  return { day, capability, ...nothing, ...costs, files: 0, scored: 0, quality_mean: null, ...figures };
}

const INSIGHTS = [
  insight("2026-03-01", "read", { runs: 3, completed: 2, failed: 1, seconds_p95: 4, money: 10 }),
  insight("2026-03-01", "write", { runs: 1, completed: 1, seconds_p95: 9, money: 5 }),
  insight("2026-02-01", "read", { runs: 7, completed: 7 }),
];
const TODAY = new Date("2026-03-02T23:30:00Z");

it("has every day once, also those without runs", () => {
  const days = byDay(INSIGHTS, 3, TODAY);
  expect(days.map(({ day, runs, p95, money }) => [day, runs, p95, money])).toEqual([
    ["2026-02-28", 0, 0, 0],
    ["2026-03-01", 4, 9, 15],
    ["2026-03-02", 0, 0, 0],
  ]);
});

it("keeps to one capability", () => {
  expect(byDay(INSIGHTS, 2, TODAY, "read")[0]).toMatchObject({ runs: 3, p95: 4, money: 10 });
});

it("counts as success what completed, of what completed or failed", () => {
  expect(successOf(totalsOf(INSIGHTS.slice(0, 2)))).toBe(0.75);
  expect(successOf(totalsOf([]))).toBeNull();
});

it("weighs mean scores by the files that have one", () => {
  const days = [
    insight("2026-03-01", "read", { files: 5, scored: 3, quality_mean: 90 }),
    insight("2026-03-02", "read", { files: 1, scored: 1, quality_mean: 50 }),
    insight("2026-03-02", "write", { files: 2 }),
  ];
  expect(qualityOf(totalsOf(days))).toBe(80);
  const by = byCapability(days).map(([name, figures]) => [name, figures.files, qualityOf(figures)]);
  expect(by).toEqual([
    ["read", 6, 80],
    ["write", 2, null],
  ]);
});
