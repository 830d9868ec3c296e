/**
 * The board by keyboard: walking between cards with the arrow keys, and carrying one.
 *
 * Invariant: the focus stays on a task through every step, however the list around it changes.
 */

import type { Task, TaskStatus } from "@ymera/client";
import {
  type KeyboardEvent as CardKey,
  type RefObject,
  useCallback,
  useEffect,
  useRef,
  useState,
} from "react";

import { announce } from "#/ui/announcer";
import { useStable } from "#/ui/use-stable";

import { carryStep, type Spot, type Step, stepFrom, STEPS } from "./board-steps";
import { type Columns, STATUS_NAMES, STATUSES } from "./model";

/** A picked-up task and where it would be put down. */
export interface Carry extends Spot {
  task: Task;
}

type Scroll = (index: number) => void;

export function useBoardKeys(
  ground: RefObject<HTMLElement | null>,
  columns: Columns,
  editable: boolean,
  move: (task: Task, status: TaskStatus, index: number) => void,
) {
  const { focus, setScroller } = useCardFocus(ground);
  const { carry, lift } = useCarry(columns, move, focus);
  const walk = (task: Task, step: Step) => {
    const to = stepFrom(columns, spotOf(columns, task), step);
    const next = to && columns[to.status][to.index];
    if (to && next) focus(next.id, to);
  };
  const onKey = useStable((event: CardKey, task: Task) => {
    const step = STEPS[event.key];
    if (carry || event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === " " && editable) lift(task);
    else if (step) walk(task, step);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const enter = () => {
    const status = STATUSES.find((each) => columns[each].length > 0);
    const first = status && columns[status][0];
    if (first && !ground.current?.contains(document.activeElement)) focus(first.id, { status, index: 0 });
  };
  const focusedColumn = (): TaskStatus | null => {
    const id = document.activeElement?.getAttribute("data-task");
    return STATUSES.find((status) => columns[status].some((task) => task.id === id)) ?? null;
  };
  return { carry, onKey, setScroller, enter, focusedColumn };
}

/** Focuses cards, those that are not rendered yet because they are out of sight included. */
function useCardFocus(ground: RefObject<HTMLElement | null>) {
  const scrollers = useRef(new Map<TaskStatus, Scroll>());
  const setScroller = useCallback((status: TaskStatus, scroll: Scroll | null) => {
    if (scroll) scrollers.current.set(status, scroll);
    else scrollers.current.delete(status);
  }, []);
  const focus = useCallback(
    (id: string, { status, index }: Spot) => {
      scrollers.current.get(status)?.(index);
      requestAnimationFrame(() => {
        const card = ground.current?.querySelector<HTMLElement>(`[data-task="${id}"]`);
        card?.focus({ preventScroll: true });
        card?.closest("section")?.scrollIntoView({ block: "nearest", inline: "nearest" });
      });
    },
    [ground],
  );
  return { focus, setScroller };
}

/** Carrying: while a task is picked up, the keys are its own, wherever the focus is for a moment. */
function useCarry(
  columns: Columns,
  move: (task: Task, status: TaskStatus, index: number) => void,
  focus: (id: string, spot: Spot) => void,
) {
  const [carry, setCarry] = useState<Carry | null>(null);
  const lift = (task: Task) => {
    const spot = spotOf(columns, task);
    setCarry({ task, ...spot });
    announce(
      `Picked up ${task.title}, number ${spot.index + 1} of ${columns[task.status].length} in ${STATUS_NAMES[task.status]}. ` +
        "Carry it with the arrow keys, put it down with Space, or press Escape to leave it.",
    );
  };
  const leave = ({ task }: Carry) => {
    setCarry(null);
    announce(`${task.title} stays where it was.`);
    focus(task.id, spotOf(columns, task));
  };
  const putDown = (at: Carry) => {
    const from = spotOf(columns, at.task);
    if (from.status === at.status && from.index === at.index) {
      leave(at);
      return;
    }
    setCarry(null);
    move(at.task, at.status, at.index);
    focus(at.task.id, at);
  };
  const carryOn = (at: Carry, step: Step) => {
    const next = carryStep(columns, at.task, at, step);
    if (!next) return;
    setCarry({ task: at.task, ...next });
    focus(at.task.id, next);
    const others = columns[next.status].filter(({ id }) => id !== at.task.id).length;
    announce(`${STATUS_NAMES[next.status]}, number ${next.index + 1} of ${others + 1}.`);
  };
  const onKeyDown = useStable((event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (!carry) return;
    if (event.key === " " || event.key === "Enter") putDown(carry);
    else if (event.key === "Escape" || event.key === "Tab") leave(carry);
    else if (step) carryOn(carry, step);
    event.preventDefault();
    event.stopPropagation();
  });
  const carrying = carry !== null;
  useEffect(() => {
    if (!carrying) return;
    const drop = () => setCarry(null);
    window.addEventListener("keydown", onKeyDown, { capture: true });
    window.addEventListener("pointerdown", drop);
    return () => {
      window.removeEventListener("keydown", onKeyDown, { capture: true });
      window.removeEventListener("pointerdown", drop);
    };
  }, [carrying, onKeyDown]);
  return { carry, lift };
}

function spotOf(columns: Columns, task: Task): Spot {
  const status = STATUSES.find((each) => columns[each].some(({ id }) => id === task.id)) ?? task.status;
  return {
    status,
    index: Math.max(
      0,
      columns[status].findIndex(({ id }) => id === task.id),
    ),
  };
}
