/** Which tasks of a project are shown. Filters live in the address, so a view can be shared. */

import type { Priority, Task } from "@ymera/client";

import { PRIORITIES } from "./model";

/** Stands for «nobody» among assignees. */
export const NOBODY = "none";

/** Filters are joined by «and», the values of one by «or». */
export interface Filters {
  assignee?: string[] | undefined;
  label?: string[] | undefined;
  priority?: Priority[] | undefined;
  blocked?: boolean | undefined;
  q?: string | undefined;
}

export const NO_FILTERS: Filters = {
  assignee: undefined,
  label: undefined,
  priority: undefined,
  blocked: undefined,
  q: undefined,
};

const MAX_VALUES = 20;

/** The filters that an address holds; whatever does not fit is left out. */
export function parseFilters(search: Readonly<Record<string, unknown>>): Filters {
  const assignee = strings(search["assignee"]);
  const label = strings(search["label"]);
  const priority = strings(search["priority"]).filter((value): value is Priority =>
    PRIORITIES.some((known) => known === value),
  );
  const q = search["q"];
  return {
    ...(assignee.length > 0 && { assignee }),
    ...(label.length > 0 && { label }),
    ...(priority.length > 0 && { priority }),
    ...(typeof search["blocked"] === "boolean" && { blocked: search["blocked"] }),
    ...((typeof q === "string" || typeof q === "number") &&
      String(q) !== "" && { q: String(q).slice(0, 200) }),
  };
}

export function isFiltered(filters: Filters): boolean {
  return Object.values(filters).some((value) => value !== undefined);
}

export function matches(task: Task, filters: Filters): boolean {
  const { assignee, label, priority, blocked, q } = filters;
  if (
    assignee &&
    !assignee.some((id) => (id === NOBODY ? task.assignees.length === 0 : task.assignees.includes(id)))
  )
    return false;
  if (label && !label.some((name) => task.labels.includes(name))) return false;
  if (priority && !priority.includes(task.priority)) return false;
  if (blocked !== undefined && task.blocked !== blocked) return false;
  return !q || task.title.toLowerCase().includes(q.toLowerCase());
}

/** The values with one added, or taken out if it was there; undefined when none is left. */
export function toggled<T>(values: readonly T[] | undefined, value: T): T[] | undefined {
  const next = values?.includes(value)
    ? values.filter((other) => other !== value)
    : [...(values ?? []), value];
  return next.length > 0 ? next : undefined;
}

function strings(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item): item is string => typeof item === "string").slice(0, MAX_VALUES);
}
