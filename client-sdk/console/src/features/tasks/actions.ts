/**
 * Changing tasks: each shows at once, goes out when it can, and rolls back if it is refused.
 *
 * A task's version is counted on in the shown state, so that a second change made before the
 * first is answered, or while offline, names the version that the first will have made.
 */

import {
  type Client,
  isYmeraError,
  type OptimisticChange,
  type Task,
  type TaskCreate,
  type TaskMove,
  type TaskStatus,
  type TaskUpdate,
} from "@ymera/client";

import { rankBetween } from "./model";

export type Changes = Omit<TaskUpdate, "command_id" | "task_id" | "version">;

function patch(task: Task, fields: Partial<Task>): OptimisticChange[] {
  return [
    {
      room: task.project_id,
      collection: "tasks",
      patch: { id: task.id, version: task.version + 1, ...fields },
    },
  ];
}

/**
 * Changes fields of a task. If somebody else changed other fields meanwhile, it is tried again
 * on theirs; if they changed these, it fails with `conflict` and nothing of theirs is lost.
 */
export async function updateTask(client: Client, task: Task, changes: Changes): Promise<Task> {
  const send = (base: Task) =>
    client.call(
      "task.update",
      { task_id: task.id, version: base.version, ...changes },
      { optimistic: patch(base, changes) },
    );
  try {
    return await send(task);
  } catch (error) {
    const current = currentOf(error);
    if (!current || !untouched(task, current, changes)) throw error;
    return send(current);
  }
}

/** The newest task that a refusal for an old version carries. */
export function currentOf(error: unknown): Task | null {
  const current = isYmeraError(error, "conflict") ? error.data["current"] : null;
  return typeof current === "object" && current !== null && "version" in current ? (current as Task) : null;
}

function untouched(before: Task, current: Task, changes: Changes): boolean {
  return (Object.keys(changes) as (keyof Changes)[]).every(
    (field) => JSON.stringify(before[field]) === JSON.stringify(current[field]),
  );
}

export function assignTask(client: Client, task: Task, assignees: string[]): Promise<Task> {
  return client.call(
    "task.assign",
    { task_id: task.id, assignees },
    { optimistic: patch(task, { assignees }) },
  );
}

/** Puts a task in another place, and with `status` into another column. */
export function moveTask(
  client: Client,
  task: Task,
  place: Pick<TaskMove, "before" | "after" | "status"> & { rank: string },
): Promise<Task> {
  const { rank, ...where } = place;
  const status = place.status ?? task.status;
  return client.call(
    "task.move",
    { task_id: task.id, ...where },
    { optimistic: patch(task, { rank, status }) },
  );
}

/** Gives a task another status; it keeps its place in the order. */
export function transitionTask(client: Client, task: Task, status: TaskStatus): Promise<Task> {
  return client.call(
    "task.transition",
    { task_id: task.id, status },
    { optimistic: patch(task, { status }) },
  );
}

export function createTask(
  client: Client,
  id: string,
  lastRank: string | null,
  me: string,
  fields: Omit<TaskCreate, "id" | "command_id">,
): Promise<Task> {
  const now = new Date().toISOString();
  const entity: Task = {
    description: "",
    status: "todo",
    priority: "none",
    labels: [],
    estimate: null,
    due: null,
    parent_id: null,
    assignees: [],
    external_id: null,
    ...fields,
    id,
    version: 1,
    rank: rankBetween(lastRank, null),
    depends_on: [],
    blocked: false,
    comment_count: 0,
    created_by: me,
    created_at: now,
    updated_at: now,
    completed_at: null,
  };
  return client.call(
    "task.create",
    { id, ...fields },
    { optimistic: [{ room: fields.project_id, collection: "tasks", entity }] },
  );
}

export function deleteTask(client: Client, task: Task): Promise<Task> {
  return client.call(
    "task.delete",
    { task_id: task.id },
    { optimistic: [{ room: task.project_id, collection: "tasks", drop: task.id }] },
  );
}

/** Lets a task wait for another. Not shown before the server agrees: it alone knows of cycles. */
export function addDependency(client: Client, task: Task, on: string): Promise<Task> {
  return client.call("task.depend", { task_id: task.id, on });
}

export function removeDependency(client: Client, task: Task, on: string): Promise<Task> {
  return client.call(
    "task.undepend",
    { task_id: task.id, on },
    { optimistic: patch(task, { depends_on: task.depends_on.filter((id) => id !== on) }) },
  );
}

/** The tasks of a refused dependency's circle, by title, in order; null for other errors. */
export function cycleOf(error: unknown, tasks: Readonly<Record<string, Task>>): string[] | null {
  if (!isYmeraError(error, "cycle")) return null;
  const cycle = error.data["cycle"];
  if (!Array.isArray(cycle)) return null;
  return cycle.map((link: unknown) => {
    if (typeof link === "string") return tasks[link]?.title ?? link;
    const titled = link as { id?: string; title?: string };
    return titled.title ?? tasks[titled.id ?? ""]?.title ?? "an unknown task";
  });
}
