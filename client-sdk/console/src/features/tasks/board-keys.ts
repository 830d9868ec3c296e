/**
 * The board by keyboard: walking between cards with the arrow keys, and carrying one.
 *
 * Invariant: the focus stays on a task through every step, however the list around it changes.
 */

import type { Task, TaskStatus } from "@ymera/client";
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useRef, useState } from "react";

import { announce } from "#/ui/announcer";

import { canMove, type Columns, STATUS_NAMES, STATUSES } from "./model";

/** A picked-up task and where it would be put down. */
export interface Carry {
  id: string;
  status: TaskStatus;
  index: number;
}

type Scroll = (index: number) => void;

export function useBoardKeys(
  ground: RefObject<HTMLElement | null>,
  columns: Columns,
  editable: boolean,
  move: (task: Task, status: TaskStatus, index: number) => void,
) {
  const [carry, setCarry] = useState<Carry | null>(null);
  const scrollers = useRef(new Map<TaskStatus, Scroll>());
  const setScroller = useCallback((status: TaskStatus, scroll: Scroll | null) => {
    if (scroll) scrollers.current.set(status, scroll);
    else scrollers.current.delete(status);
  }, []);
  const focus = useCallback(
    (id: string, status: TaskStatus, index: number) => {
      const find = () => ground.current?.querySelector<HTMLElement>(`[data-task="${id}"]`);
      scrollers.current.get(status)?.(index);
      requestAnimationFrame(() => {
        const card = find();
        card?.focus({ preventScroll: true });
        card?.closest("section")?.scrollIntoView({ block: "nearest", inline: "nearest" });
      });
    },
    [ground],
  );
  useEffect(() => {
    if (carry) focus(carry.id, carry.status, carry.index);
  }, [carry, focus]);
  useEffect(() => {
    if (!carry) return;
    const drop = () => setCarry(null);
    window.addEventListener("pointerdown", drop);
    return () => window.removeEventListener("pointerdown", drop);
  }, [carry]);

  const walk = (task: Task, step: Step) => {
    const from = { status: task.status, index: columns[task.status].findIndex(({ id }) => id === task.id) };
    const to = stepFrom(columns, from, step);
    const next = to && columns[to.status][to.index];
    if (to && next) focus(next.id, to.status, to.index);
  };
  const lift = (task: Task) => {
    const index = columns[task.status].findIndex(({ id }) => id === task.id);
    setCarry({ id: task.id, status: task.status, index });
    announce(
      `Picked up ${task.title}, number ${index + 1} of ${columns[task.status].length} in ${STATUS_NAMES[task.status]}. Carry it with the arrow keys, put it down with Space, or press Escape to leave it.`,
    );
  };
  const carryOn = (task: Task, from: Carry, step: Step) => {
    const next = carryStep(columns, task, from, step);
    if (!next) return;
    setCarry({ id: task.id, ...next });
    const others = columns[next.status].filter(({ id }) => id !== task.id).length;
    announce(`${STATUS_NAMES[next.status]}, number ${next.index + 1} of ${others + 1}.`);
  };
  const putDown = (task: Task, at: Carry) => {
    setCarry(null);
    const before = columns[at.status].findIndex(({ id }) => id === task.id);
    if (at.status === task.status && before === at.index) announce(`${task.title} stays where it was.`);
    else move(task, at.status, at.index);
    focus(task.id, at.status, at.index);
  };
  const onKey = (event: KeyboardEvent, task: Task) => {
    const step = STEPS[event.key];
    const carried = carry?.id === task.id ? carry : null;
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === " " && editable) {
      if (carried) putDown(task, carried);
      else lift(task);
    } else if (carried && event.key === "Enter") {
      putDown(task, carried);
    } else if (carried && event.key === "Escape") {
      setCarry(null);
      announce(`${task.title} stays where it was.`);
      focus(task.id, task.status, 0);
    } else if (step) {
      if (carried) carryOn(task, carried, step);
      else walk(task, step);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const enter = () => {
    const status = STATUSES.find((each) => columns[each].length > 0);
    const first = status && columns[status][0];
    if (first && !ground.current?.contains(document.activeElement)) focus(first.id, status, 0);
  };
  const focusedColumn = (): TaskStatus | null => {
    const id = document.activeElement?.getAttribute("data-task");
    return STATUSES.find((status) => columns[status].some((task) => task.id === id)) ?? null;
  };
  return { carry, onKey, setScroller, enter, focusedColumn };
}

export interface Step {
  columns: -1 | 0 | 1;
  rows: -1 | 0 | 1;
}

const STEPS: Readonly<Record<string, Step>> = {
  ArrowUp: { columns: 0, rows: -1 },
  ArrowDown: { columns: 0, rows: 1 },
  ArrowLeft: { columns: -1, rows: 0 },
  ArrowRight: { columns: 1, rows: 0 },
};

interface Spot {
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
