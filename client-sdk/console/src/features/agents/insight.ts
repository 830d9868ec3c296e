/** How an agent has done, reckoned from what the server counts by day and capability. */

import type { Insight } from "@ymera/client";

export interface DayFigures {
  /** `2026-03-01`, UTC. */
  day: string;
  runs: number;
  completed: number;
  failed: number;
  canceled: number;
  retries: number;
  questions: number;
  tokens: number;
  money: number;
  /** Of the slowest capability, where there are several. */
  p95: number;
  /** Versions of files that the runs made, and those of them that have a score. */
  files: number;
  scored: number;
  /** All these scores together. */
  points: number;
}

const NOTHING: Omit<DayFigures, "day"> = {
  runs: 0,
  completed: 0,
  failed: 0,
  canceled: 0,
  retries: 0,
  questions: 0,
  tokens: 0,
  money: 0,
  p95: 0,
  files: 0,
  scored: 0,
  points: 0,
};

function added(sum: DayFigures, each: Insight): DayFigures {
  return {
    day: sum.day,
    runs: sum.runs + each.runs,
    completed: sum.completed + each.completed,
    failed: sum.failed + each.failed,
    canceled: sum.canceled + each.canceled,
    retries: sum.retries + each.retries,
    questions: sum.questions + each.questions,
    tokens: sum.tokens + each.tokens,
    money: sum.money + each.money,
    p95: Math.max(sum.p95, each.seconds_p95),
    files: sum.files + each.files,
    scored: sum.scored + each.scored,
    points: sum.points + each.scored * (each.quality_mean ?? 0),
  };
}

/** The figures of all days together. */
export function totalsOf(insights: readonly Insight[]): DayFigures {
  return insights.reduce(added, { day: "", ...NOTHING });
}

/** One entry for each of the last `count` days up to `today`, oldest first; of one capability if it is named. */
export function byDay(
  insights: readonly Insight[],
  count: number,
  today: Date,
  capability: string | null = null,
): DayFigures[] {
  const days = new Map<string, DayFigures>();
  for (let back = count - 1; back >= 0; back--) {
    const day = new Date(today.getTime() - back * 86_400_000).toISOString().slice(0, 10);
    days.set(day, { day, ...NOTHING });
  }
  for (const each of insights) {
    const sum = days.get(each.day);
    if (sum && (capability === null || each.capability === capability)) days.set(each.day, added(sum, each));
  }
  return [...days.values()];
}

/** The share of completed runs among those that completed or failed; null if there were none. */
export function successOf({ completed, failed }: Pick<DayFigures, "completed" | "failed">): number | null {
  return completed + failed === 0 ? null : completed / (completed + failed);
}

/** The mean score of the files that have one, 0 to 100; null if there are none. */
export function qualityOf({ scored, points }: Pick<DayFigures, "scored" | "points">): number | null {
  return scored === 0 ? null : points / scored;
}

/** The figures of each capability, by name. */
export function byCapability(insights: readonly Insight[]): readonly (readonly [string, DayFigures])[] {
  const names = [...new Set(insights.map(({ capability }) => capability))].sort();
  return names.map((name) => [name, totalsOf(insights.filter(({ capability }) => capability === name))]);
}
