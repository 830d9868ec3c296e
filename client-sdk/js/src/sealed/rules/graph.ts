/**
 * What waits for what, and what is part of what: neither ever closes a circle.
 *
 * Which circle a refusal names is the same in every language: ways are tried in the order of ids.
 */

import type { YmeraError } from "../../errors.js";
import { MAX_SUBTASK_DEPTH, type Task } from "../../generated/protocol.js";
import { allTasks, compare, taskOf, type Contents } from "./about.js";
import { limitExceeded, refusal } from "./refusals.js";

/** A task before, if there was one, and after. */
interface Step {
  readonly before: Task | null;
  readonly after: Task;
}

/** Tasks that the refusal of a longer circle names. */
const NAMED_IN_CYCLE = 100;
const SHOWN_IN_CYCLE = 5;

/** Refuses a circle of tasks that would wait for each other. `after` shows the tasks as they would be. */
export function checkWaits(after: Contents, steps: readonly Step[]): void {
  const added = steps.flatMap((step) => newWaits(step).map((on) => [step.after.id, on] as const));
  for (const [id, on] of added) {
    if (id === on) throw cycle(after, [id], "A task cannot wait for itself");
  }
  const found = ring(
    after,
    added.map(([id]) => id),
  );
  const [first] = found;
  if (first === undefined) return;
  const follows = new Map(found.map((id, place) => [id, found[place + 1] ?? first]));
  const [id, on] = added.find(([id, on]) => follows.get(id) === on) ?? [first, follows.get(first) ?? first];
  throw cycle(after, [id, ...way(after, on, id)], "These tasks would wait for each other");
}

/** Refuses a circle of subtasks, and too many levels of them. */
export function checkParents(after: Contents, steps: readonly Step[]): void {
  const placed = steps.filter(isPlaced);
  const ways = new Map(placed.map((step) => [step.after.id, ancestors(after, step.after)]));
  for (const [id, above] of ways) {
    const place = above.indexOf(id);
    if (place >= 0) {
      throw cycle(after, [id, ...above.slice(0, place)], "These tasks would be subtasks of each other");
    }
  }
  const below = heights(
    after,
    placed.filter((step) => step.before !== null).map((step) => step.after.id),
  );
  for (const [id, above] of ways) {
    if (above.length + (below.get(id) ?? 0) > MAX_SUBTASK_DEPTH) {
      throw limitExceeded("levels of subtasks", MAX_SUBTASK_DEPTH);
    }
  }
}

function newWaits({ before, after }: Step): readonly string[] {
  const old = new Set(before?.depends_on ?? []);
  return [...new Set(after.depends_on)].filter((on) => !old.has(on)).sort(compare);
}

function isPlaced({ before, after }: Step): boolean {
  return after.parent_id !== null && before?.parent_id !== after.parent_id;
}

function waitsFor(contents: Contents, id: string): readonly string[] {
  return [...(taskOf(contents, id)?.depends_on ?? [])].sort(compare);
}

/** Tasks, of which each waits for the next and the last for the first, on a way from these; else none. */
function ring(contents: Contents, starts: readonly string[]): readonly string[] {
  const done = new Set<string>();
  for (const start of starts) {
    if (done.has(start)) continue;
    const path: { readonly id: string; readonly rest: string[] }[] = [];
    const onPath = new Set<string>();
    const enter = (id: string): void => {
      path.push({ id, rest: [...waitsFor(contents, id)].reverse() });
      onPath.add(id);
    };
    enter(start);
    for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
      const there = here.rest.pop();
      if (there === undefined) {
        done.add(here.id);
        onPath.delete(here.id);
        path.pop();
      } else if (onPath.has(there)) {
        const ids = path.map(({ id }) => id);
        return ids.slice(ids.indexOf(there));
      } else if (!done.has(there)) {
        enter(there);
      }
    }
  }
  return [];
}

/** A shortest way from `start` to just before `end`, to which there is one. */
function way(contents: Contents, start: string, end: string): readonly string[] {
  const cameFrom = new Map([[start, start]]);
  const queue = [start];
  for (const here of queue) {
    if (cameFrom.has(end)) break;
    for (const there of waitsFor(contents, here)) {
      if (cameFrom.has(there)) continue;
      cameFrom.set(there, here);
      queue.push(there);
    }
  }
  const back: string[] = [];
  let here = cameFrom.get(end) ?? start;
  while (here !== start) {
    back.push(here);
    here = cameFrom.get(here) ?? start;
  }
  return [start, ...back.reverse()];
}

/** The way up, nearest first; as far as is needed to find a circle, or too many levels. */
function ancestors(contents: Contents, task: Task): readonly string[] {
  const above: string[] = [];
  let parent = task.parent_id;
  while (parent !== null && above.length < 2 * MAX_SUBTASK_DEPTH) {
    above.push(parent);
    parent = taskOf(contents, parent)?.parent_id ?? null;
  }
  return above;
}

/** How many levels of subtasks each of these has, as far as that can matter. */
function heights(contents: Contents, ids: readonly string[]): ReadonlyMap<string, number> {
  const children = new Map<string, string[]>();
  if (ids.length > 0) {
    for (const { id, parent_id } of allTasks(contents)) {
      if (parent_id !== null) children.set(parent_id, [...(children.get(parent_id) ?? []), id]);
    }
  }
  return new Map(ids.map((id) => [id, height(children, id)]));
}

function height(children: ReadonlyMap<string, readonly string[]>, id: string): number {
  let levels = 0;
  let level = children.get(id) ?? [];
  while (level.length > 0 && levels <= MAX_SUBTASK_DEPTH) {
    levels += 1;
    level = level.flatMap((parent) => children.get(parent) ?? []);
  }
  return levels;
}

function cycle(contents: Contents, circle: readonly string[], problem: string): YmeraError {
  const named = circle
    .slice(0, NAMED_IN_CYCLE)
    .map((id) => ({ id, title: taskOf(contents, id)?.title ?? "" }));
  const shown = named.slice(0, SHOWN_IN_CYCLE).map(({ title }) => `«${title}»`);
  const more = circle.length > shown.length ? ["…"] : [];
  const around = [...shown, ...more, ...shown.slice(0, 1)].join(" → ");
  return refusal("cycle", `${problem}: ${around}.`, { cycle: named, length: circle.length });
}
