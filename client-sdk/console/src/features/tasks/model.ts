/**
 * What the console knows about tasks without asking: names of states, order, places and filters.
 *
 * Invariant: tasks sort by rank, bytewise, then by id, exactly as on the server.
 */

import { TASK_MOVES, type Priority, type Task, type TaskMove, type TaskStatus } from "@ymera/client";

export const STATUSES: readonly TaskStatus[] = [
  "backlog",
  "todo",
  "in_progress",
  "in_review",
  "done",
  "canceled",
];

export const STATUS_NAMES: Readonly<Record<TaskStatus, string>> = {
  backlog: "Backlog",
  todo: "To do",
  in_progress: "In progress",
  in_review: "In review",
  done: "Done",
  canceled: "Canceled",
};

/** Most pressing first. */
export const PRIORITIES: readonly Priority[] = ["urgent", "high", "medium", "low", "none"];

export const PRIORITY_NAMES: Readonly<Record<Priority, string>> = {
  urgent: "Urgent",
  high: "High",
  medium: "Medium",
  low: "Low",
  none: "No priority",
};

/** Whether work remains on a task. */
export function isOpen(status: TaskStatus): boolean {
  return status !== "done" && status !== "canceled";
}

/** Whether the server lets a task go from one status to the other; staying is always fine. */
export function canMove(from: TaskStatus, to: TaskStatus): boolean {
  return from === to || TASK_MOVES[from].includes(to);
}

export function byRank(a: Pick<Task, "rank" | "id">, b: Pick<Task, "rank" | "id">): number {
  if (a.rank !== b.rank) return a.rank < b.rank ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

export type Columns = Readonly<Record<TaskStatus, readonly Task[]>>;

/** Tasks by status, each in order. */
export function columnsOf(tasks: Iterable<Task>): Columns {
  const columns: Record<TaskStatus, Task[]> = {
    backlog: [],
    todo: [],
    in_progress: [],
    in_review: [],
    done: [],
    canceled: [],
  };
  for (const task of tasks) columns[task.status].push(task);
  for (const status of STATUSES) columns[status].sort(byRank);
  return columns;
}

/** The rank after which new tasks come; null where there are none. */
export function lastRank(tasks: Readonly<Record<string, Task>>): string | null {
  let last: string | null = null;
  for (const { rank } of Object.values(tasks)) if (last === null || rank > last) last = rank;
  return last;
}

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * A rank that sorts between two others, for showing a move before the server has answered with
 * the real one. `null` stands for the start or the end.
 */
export function rankBetween(lower: string | null, upper: string | null): string {
  let rank = "";
  let bound = upper;
  for (let place = 0; ; place++) {
    const low = digitAt(lower, place, 0);
    const high = bound === null ? DIGITS.length : digitAt(bound, place, 0);
    if (high - low > 1) return rank + (DIGITS[(low + high) >> 1] ?? "");
    rank += DIGITS[low] ?? "";
    if (high > low) bound = null;
    if (place > (lower?.length ?? 0) + (upper?.length ?? 0)) return rank;
  }
}

function digitAt(rank: string | null, place: number, otherwise: number): number {
  const char = rank?.[place];
  return char === undefined ? otherwise : Math.max(DIGITS.indexOf(char), 0);
}

export type Place = Pick<TaskMove, "before" | "after"> & { rank: string };

/**
 * Where a task comes to stand as number `index` of an ordered column: the neighbour to name to
 * the server, and a rank to show until it answers. The task itself may be in the column.
 */
export function placeAt(column: readonly Task[], id: string, index: number): Place {
  const others = column.filter((task) => task.id !== id);
  const above = others[index - 1];
  const below = others[index];
  const rank = rankBetween(above?.rank ?? null, below?.rank ?? null);
  if (above) return { after: above.id, rank };
  if (below) return { before: below.id, rank };
  return { rank };
}

/** Whether a task of the same project may become the parent: not itself, nor one of its descendants. */
export function canParent(tasks: Readonly<Record<string, Task>>, child: string, parent: string): boolean {
  const seen = new Set<string>();
  for (let at: string | null = parent; at !== null; at = tasks[at]?.parent_id ?? null) {
    if (at === child || seen.has(at)) return false;
    seen.add(at);
  }
  return true;
}

/** All labels in use, by how often, then by name. */
export function labelsOf(tasks: Iterable<Task>): string[] {
  const counts = new Map<string, number>();
  for (const task of tasks) for (const label of task.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)).map(([label]) => label);
}
