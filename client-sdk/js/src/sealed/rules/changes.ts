/**
 * Changing tasks: the one way by which all commands write them, one or hundreds.
 *
 * Here stand the rules that every change must keep, and what a change of some tasks says, of them and of those
 * that wait for them. As on the server; what is derived comes from the contents and the changes laid over them.
 */

import {
  MAX_DEPENDENCIES,
  MAX_TASKS,
  TASK_MOVES,
  type Change,
  type Task,
  type TaskStatus,
} from "../../generated/protocol.js";
import { allTasks, byId, raised, taskOf, type About, type Contents, type Fact, type Plain } from "./about.js";
import { admitted } from "./access.js";
import { stopForTasks, withdrawn } from "./endings.js";
import { checkParents, checkWaits } from "./graph.js";
import { invalid, limitExceeded, refusal, taken } from "./refusals.js";

/** The fields whose steps a task's history shows. */
const TRACKED = [
  ...([
    "title",
    "description",
    "status",
    "priority",
    "rank",
    "labels",
    "estimate",
    "due",
    "parent_id",
  ] as const),
  ...(["assignees", "depends_on", "blocked", "completed_at"] as const),
] as const;
const STATUSES = Object.keys(TASK_MOVES) as readonly TaskStatus[];

/** A task as it was, or null for a new one, and as it shall be. */
export interface Edit {
  readonly before: Task | null;
  readonly after: Task;
}

/** Contents with tasks laid over them. */
export class Laid implements Contents {
  readonly tasks: ReadonlyMap<string, Task>;
  readonly #under: Contents;

  constructor(under: Contents, tasks: readonly Task[]) {
    this.#under = under;
    this.tasks = new Map(tasks.map((task) => [task.id, task]));
  }

  get(collection: string, id: string): Plain | undefined {
    const laid = collection === "tasks" ? this.tasks.get(id) : undefined;
    return (laid as Plain | undefined) ?? this.#under.get(collection, id);
  }

  *all(collection: string): Iterable<Plain> {
    for (const entity of this.#under.all(collection)) {
      if (collection !== "tasks" || !this.tasks.has(String(entity["id"]))) yield entity;
    }
    if (collection === "tasks") yield* this.tasks.values() as Iterable<unknown> as Iterable<Plain>;
  }

  count(collection: string): number {
    const made = collection === "tasks" ? [...this.tasks.keys()] : [];
    const added = made.filter((id) => this.#under.get(collection, id) === undefined);
    return this.#under.count(collection) + added.length;
  }
}

/** What an author gives of a new task. */
export type Given = Pick<
  Task,
  "title" | "description" | "status" | "priority" | "labels" | "estimate" | "due"
> &
  Pick<Task, "parent_id" | "assignees" | "external_id">;

/** A task that waits for nothing, to be written by `apply`. */
export function newTask(about: About, id: string, rank: string, given: Given): Task {
  return {
    ...given,
    id,
    version: 0,
    project_id: about.room,
    rank,
    depends_on: [],
    blocked: false,
    comment_count: 0,
    created_by: about.sender,
    created_at: about.at,
    updated_at: about.at,
    completed_at: null,
  };
}

/** What these edits come to. An edit that moves nothing is no edit; refused where a rule is broken. */
export function apply(contents: Contents, about: About, edits: readonly Edit[]): readonly Fact[] {
  const moved = edits.filter((edit) => edit.before === null || differs(edit.before, edit.after));
  moved.forEach(check);
  const made = moved.filter((edit) => edit.before === null);
  if (made.length > 0) {
    checkNew(
      contents,
      made.map((edit) => edit.after),
    );
  }
  const after = new Laid(
    contents,
    moved.map((edit) => edit.after),
  );
  checkWaits(after, moved);
  checkParents(after, moved);
  const turns = moved.filter(hasTurned).map((edit) => edit.after);
  const turned = new Set(turns.map((task) => task.id));
  const ended = turns.filter((task) => !isOpen(task)).map((task) => task.id);
  return [
    ...moved.map((edit) => told(edit.before, stamped(after, about, edit))),
    ...freed(
      after,
      waiting(contents, turned).filter((task) => !after.tasks.has(task.id)),
    ),
    ...stopForTasks(contents, about, ended, "Its task has ended."),
  ];
}

/** The tasks that wait for any of these, by id. */
export function waiting(contents: Contents, ids: ReadonlySet<string>): readonly Task[] {
  if (ids.size === 0) return [];
  return [...allTasks(contents)].filter((task) => task.depends_on.some((on) => ids.has(on))).sort(byId);
}

/** What the tasks that wait for others are told, if these have freed or blocked them. */
export function freed(after: Contents, tasks: readonly Task[]): readonly Fact[] {
  return tasks
    .filter((task) => task.blocked !== isBlocked(after, taskOf(after, task.id) ?? task))
    .map(({ id, blocked }) => ({ type: "task.blocked", data: { task: { id, blocked: !blocked } } }));
}

/** What comes of a member's going, by a commit: it is taken off all tasks, and an agent's runs end. */
export function unassigned(contents: Contents, about: About, memberId: string): readonly Fact[] {
  const assigned = [...allTasks(contents)].filter((task) => task.assignees.includes(memberId)).sort(byId);
  const edits = assigned.map((task) => ({
    before: task,
    after: { ...task, assignees: task.assignees.filter((other) => other !== memberId) },
  }));
  return [...apply(contents, about, edits), ...withdrawn(contents, about, memberId)];
}

/** `invalid` names the path among `references` whose member is not in the room. */
export function checkAssignable(contents: Contents, references: Readonly<Record<string, string>>): void {
  for (const [path, memberId] of Object.entries(references)) {
    if (admitted(contents, [memberId]).length === 0) {
      throw invalid(path, "this is nobody in the project; add them to it first.");
    }
  }
}

/** `invalid` names the path among `references` whose task the project does not have. */
export function checkPresent(contents: Contents, references: Readonly<Record<string, string | null>>): void {
  for (const [path, id] of Object.entries(references)) {
    if (id !== null && taskOf(contents, id) === undefined) {
      throw invalid(path, "the project has no task with this id.");
    }
  }
}

/** What moved between two states of an entity, field by field. */
export function changed<E extends object>(
  before: E,
  after: E,
  fields: readonly (keyof E & string)[],
): readonly Change[] {
  return fields
    .filter((field) => !same(before[field], after[field]))
    .map((field) => ({ field, before: before[field], after: after[field] }) as Change);
}

/** Whether two values of a field are the same: texts, numbers, or lists of texts. */
function same(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((each, place) => each === other[place]);
}

function differs(before: Task, after: Task): boolean {
  return changed(before, after, Object.keys(after) as (keyof Task)[]).length > 0;
}

function check({ before, after }: Edit): void {
  if (after.depends_on.length > MAX_DEPENDENCIES) {
    throw limitExceeded(`tasks that «${after.title}» waits for`, MAX_DEPENDENCIES);
  }
  if (before === null || before.status === after.status) return;
  const moves = TASK_MOVES[before.status];
  if (moves.includes(after.status)) return;
  const allowed = STATUSES.filter((status) => moves.includes(status));
  const problem = `«${before.title}» is ${before.status} and cannot become ${after.status}`;
  const message = `${problem}; it can become ${allowed.join(", ")}.`;
  throw refusal("illegal_transition", message, { allowed, current: before });
}

function checkNew(contents: Contents, made: readonly Task[]): void {
  if (contents.count("tasks") + made.length > MAX_TASKS) throw limitExceeded("tasks in a project", MAX_TASKS);
  const ids = new Set(made.map((task) => task.id));
  if (ids.size < made.length || made.some((task) => taskOf(contents, task.id) !== undefined)) throw taken();
  const names = new Set(made.flatMap((task) => task.external_id ?? []));
  if (names.size === 0) return;
  for (const { external_id } of allTasks(contents)) {
    if (external_id !== null && names.has(external_id)) {
      throw refusal("conflict", "The project already has a task with this external id.");
    }
  }
}

/** Whether work remains. */
export function isOpen(task: Task): boolean {
  return task.status !== "done" && task.status !== "canceled";
}

/** Whether the task ends or reopens, which those that wait for it must know. */
function hasTurned({ before, after }: Edit): boolean {
  return before !== null && isOpen(before) !== isOpen(after);
}

/** Whether one that the task waits for is still open. */
function isBlocked(contents: Contents, task: Task): boolean {
  return task.depends_on.some((id) => {
    const other = taskOf(contents, id);
    return other !== undefined && isOpen(other);
  });
}

function stamped(after: Contents, about: About, edit: Edit): Task {
  const done = edit.after.status === "done";
  return {
    ...edit.after,
    version: raised(about, edit.before ?? edit.after),
    updated_at: about.at,
    completed_at: done ? (edit.before?.completed_at ?? about.at) : null,
    blocked: isBlocked(after, edit.after),
  };
}

function told(before: Task | null, task: Task): Fact {
  if (before === null) return { type: "task.created", data: { task } };
  return { type: "task.updated", data: { task, changes: changed(before, task, TRACKED) } };
}
