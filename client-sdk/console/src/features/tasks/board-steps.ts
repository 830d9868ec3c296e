/** Where the arrow keys lead on the board. */

import type { Task, TaskStatus } from "@ymera/client";

import { canMove, type Columns, STATUSES } from "./model";

export interface Step {
  columns: -1 | 0 | 1;
  rows: -1 | 0 | 1;
}

/** What the arrow keys mean. */
export const STEPS: Readonly<Record<string, Step>> = {
  ArrowUp: { columns: 0, rows: -1 },
  ArrowDown: { columns: 0, rows: 1 },
  ArrowLeft: { columns: -1, rows: 0 },
  ArrowRight: { columns: 1, rows: 0 },
};

/** A place on the board. */
export interface Spot {
  status: TaskStatus;
  index: number;
}

/** The next card in a direction: the neighbour in the column, or the same height in the next column that has cards. */
export function stepFrom(columns: Columns, from: Spot, step: Step): Spot | null {
  if (step.rows !== 0) {
    const index = from.index + step.rows;
    return columns[from.status][index] ? { status: from.status, index } : null;
  }
  for (let at = STATUSES.indexOf(from.status) + step.columns; ; at += step.columns) {
    const status = STATUSES[at];
    if (!status) return null;
    if (columns[status].length > 0)
      return { status, index: Math.min(from.index, columns[status].length - 1) };
  }
}

/** Where a carried task goes next: past a neighbour, or into the next column that may have it. */
export function carryStep(columns: Columns, task: Task, from: Spot, step: Step): Spot | null {
  const room = (status: TaskStatus) => columns[status].filter(({ id }) => id !== task.id).length;
  if (step.rows !== 0) {
    const index = from.index + step.rows;
    return index >= 0 && index <= room(from.status) ? { status: from.status, index } : null;
  }
  for (let at = STATUSES.indexOf(from.status) + step.columns; ; at += step.columns) {
    const status = STATUSES[at];
    if (!status) return null;
    if (canMove(task.status, status)) return { status, index: Math.min(from.index, room(status)) };
  }
}
