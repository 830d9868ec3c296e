/**
 * Where a task goes: ranks between its neighbours', chosen by the author of a command.
 *
 * Two authors who do not know of each other may choose the same rank; ids then decide. Between such tasks, and
 * where ranks would get too long, the ranks around are given anew. What others could not build on is no rank.
 */

import { generateNKeysBetween } from "fractional-indexing";

import type { Task } from "../../generated/protocol.js";
import { MAX_RESPACED } from "../../generated/shapes.js";
import { allTasks, byId, compare, type Contents } from "./about.js";
import { invalid, limitExceeded } from "./refusals.js";

/** Characters. */
const MAX_RANK = 100;
/** What the ranks that are given anew do not exceed, if a longer stretch can help that. */
const SPREAD_RANK = 50;
/** Tasks on each side that get new ranks first; twice as many while that does not suffice. */
const WINDOW = 32;

/** A task that gets another rank. */
export interface Placed {
  readonly id: string;
  readonly rank: string;
}

/** Ranks for tasks that come next to each other, and the ranks that others get to make room. */
export interface Places {
  readonly ranks: readonly string[];
  readonly respaced: readonly Placed[];
}

/** What a task is to stand next to. */
export interface Beside {
  readonly before: string | null;
  readonly after: string | null;
}

/** Whether it is a key of fractional indexing in base 62, beside which others can be made. */
export function isRank(text: string): boolean {
  const head = text.charCodeAt(0);
  const whole = head >= 97 ? head - 97 + 2 : 90 - head + 2;
  return !text.startsWith("A") && (text.length === whole || (text.length > whole && !text.endsWith("0")));
}

/** The next `count` ranks at the end of a project. */
export function atEnd(contents: Contents, count: number): Places {
  const row = rowOf(contents, null);
  return places(row, row.length, count);
}

/**
 * The rank right after the task `after`, else right before the task `before`, else at the end. A task that is
 * `moving` and stands there already keeps its rank. `invalid` names the neighbour that the project does not have,
 * or that is on the wrong side of the other.
 */
export function beside(contents: Contents, { before, after }: Beside, moving: Task | null = null): Places {
  const neighbours = Object.entries({ before, after });
  for (const [path, neighbour] of neighbours) {
    if (neighbour !== null && neighbour === moving?.id) {
      throw invalid(path, "a task cannot stand next to itself.");
    }
  }
  const row = rowOf(contents, moving);
  const found = new Map(row.map((task, place) => [task.id, place]));
  for (const [path, neighbour] of neighbours) {
    if (neighbour !== null && !found.has(neighbour)) {
      throw invalid(path, "the project has no task with this id.");
    }
  }
  const upper = before === null ? undefined : found.get(before);
  const lower = after === null ? undefined : found.get(after);
  if (upper !== undefined && lower !== undefined && upper <= lower) {
    throw invalid("before", "this task does not stand below the one in `after`.");
  }
  const gap = lower === undefined ? (upper ?? row.length) : lower + 1;
  if (moving !== null && standsAt(row, gap, moving)) return { ranks: [moving.rank], respaced: [] };
  return places(row, gap, 1);
}

function rowOf(contents: Contents, apartFrom: Task | null): readonly Task[] {
  return [...allTasks(contents)].filter((task) => task.id !== apartFrom?.id).sort(byPlace);
}

function byPlace(one: Task, other: Task): number {
  return compare(one.rank, other.rank) || byId(one, other);
}

function standsAt(row: readonly Task[], gap: number, task: Task): boolean {
  const [above, below] = [row[gap - 1], row[gap]];
  return (
    (above === undefined || byPlace(above, task) < 0) && (below === undefined || byPlace(task, below) < 0)
  );
}

/** Ranks for `count` tasks before the one at `gap`, and for as few around as will do. */
function places(row: readonly Task[], gap: number, count: number): Places {
  for (let reach = 0; ; reach = Math.min(MAX_RESPACED / 2, Math.max(WINDOW, 2 * reach))) {
    const [start, end] = [Math.max(0, gap - reach), Math.min(row.length, gap + reach)];
    const last = end - start === row.length || 2 * reach >= MAX_RESPACED;
    const ranks = between(row, start, end, count);
    const longest = Math.max(0, ...ranks.map((rank) => rank.length));
    if (ranks.length > 0 && longest <= (last || reach === 0 ? MAX_RANK : SPREAD_RANK)) {
      return shared(row.slice(start, end), ranks, gap - start, count);
    }
    if (last) {
      throw limitExceeded("characters of a rank; move the tasks around elsewhere first", MAX_RANK);
    }
  }
}

/** Ranks for a stretch of the row and `count` more, none where there are no good ones. */
function between(row: readonly Task[], start: number, end: number, count: number): readonly string[] {
  const [lower, upper] = [row[start - 1]?.rank ?? null, row[end]?.rank ?? null];
  if (lower !== null && upper !== null && lower >= upper) return [];
  try {
    const ranks = generateNKeysBetween(lower, upper, end - start + count);
    return ranks.every(isRank) ? ranks : [];
  } catch {
    // There are no more in that direction.
    return [];
  }
}

function shared(stretch: readonly Task[], ranks: readonly string[], gap: number, count: number): Places {
  const others = [...ranks.slice(0, gap), ...ranks.slice(gap + count)];
  const respaced = stretch.flatMap(({ id, rank: old }, place) => {
    const rank = others[place] ?? old;
    return rank === old ? [] : [{ id, rank }];
  });
  return { ranks: ranks.slice(gap, gap + count), respaced };
}
