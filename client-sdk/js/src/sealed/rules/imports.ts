/** Importing: many tasks made or changed in one go, by the rules that hold for one. */

import type { ImportedTask, Task } from "../../generated/protocol.js";
import { allTasks, compare, distinct, type About, type Contents, type Fact, type Means } from "./about.js";
import { openProject } from "./access.js";
import { apply, checkAssignable, Laid, newTask, type Edit } from "./changes.js";
import { atEnd, type Placed } from "./ranks.js";
import { invalid } from "./refusals.js";
import { rule } from "./rule.js";
import { checkedRank, distinctLabels, respaced } from "./tasks.js";

type Item = ImportedTask & Placed;

interface Asked {
  readonly project_id: string;
  readonly tasks: readonly ImportedTask[];
}

interface Import extends Asked {
  readonly tasks: readonly Item[];
  readonly ranks: readonly Placed[];
}

/** Makes the tasks that the project does not have, and changes those that differ. */
function importTasks(contents: Contents, about: About, data: Import): readonly Fact[] {
  openProject(contents, about, data.project_id);
  checkDistinct(data.tasks);
  const shifted = respaced(contents, about, data.ranks, null);
  const after = new Laid(
    contents,
    shifted.map((fact) => fact.data["task"] as Task),
  );
  const known = imported(after);
  checkAssignees(after, data.tasks, known);
  const ids = new Map([
    ...data.tasks.map((item) => [item.external_id, item.id] as const),
    ...[...known].map(([name, task]) => [name, task.id] as const),
  ]);
  const edits = data.tasks.map((item, index): Edit => {
    const path = `tasks[${index}]`;
    const before = known.get(item.external_id) ?? null;
    const started = before ?? newItem(about, item, checkedRank(item.rank, `${path}.rank`));
    return { before, after: filled(started, item, ids, path) };
  });
  return [...shifted, ...apply(after, about, edits)];
}

function checkDistinct(items: readonly Item[]): void {
  const seen = new Map<string, number>();
  for (const [index, { external_id }] of items.entries()) {
    const first = seen.get(external_id);
    if (first !== undefined) {
      throw invalid(`tasks[${index}].external_id`, `tasks[${first}] has the same; name each task once.`);
    }
    seen.set(external_id, index);
  }
}

/** The tasks of the project that have an external id, by that. */
function imported(contents: Contents): ReadonlyMap<string, Task> {
  const found = new Map<string, Task>();
  for (const task of allTasks(contents)) {
    if (task.external_id !== null) found.set(task.external_id, task);
  }
  return found;
}

function checkAssignees(contents: Contents, items: readonly Item[], known: ReadonlyMap<string, Task>): void {
  const added = items.flatMap((item, index) =>
    (item.assignees ?? []).map((id, place) => [`tasks[${index}].assignees[${place}]`, id, item] as const),
  );
  const unknown = added.filter(
    ([, id, item]) => known.get(item.external_id)?.assignees.includes(id) !== true,
  );
  checkAssignable(contents, Object.fromEntries(unknown.map(([path, id]) => [path, id])));
}

/** A new task, before its fields are filled in. */
function newItem(about: About, item: Item, rank: string): Task {
  return newTask(about, item.id, rank, {
    external_id: item.external_id,
    title: "",
    description: "",
    status: "todo",
    priority: "none",
    labels: [],
    estimate: null,
    due: null,
    parent_id: null,
    assignees: [],
  });
}

/** The task with the fields that are given; `ids` are those of tasks by external id. */
function filled(task: Task, item: Item, ids: ReadonlyMap<string, string>, path: string): Task {
  const { title, description, status, priority, estimate, due, labels, assignees, parent, depends_on } = item;
  const plain = Object.entries({ title, description, status, priority, estimate, due });
  const given: Partial<Task> = Object.fromEntries(plain.filter(([, value]) => value !== undefined));
  const after = {
    ...task,
    ...given,
    ...(labels !== undefined && { labels: distinct(labels) }),
    ...(assignees !== undefined && { assignees: distinct(assignees) }),
    ...(parent !== undefined && { parent_id: parent === null ? null : idOf(ids, parent, `${path}.parent`) }),
    ...(depends_on !== undefined && { depends_on: waits(ids, depends_on, path) }),
  };
  if (after.title === "") throw invalid(`${path}.title`, "a new task needs one.");
  return after;
}

function waits(ids: ReadonlyMap<string, string>, names: readonly string[], path: string): readonly string[] {
  return distinct(names.map((name, place) => idOf(ids, name, `${path}.depends_on[${place}]`))).toSorted(
    compare,
  );
}

function idOf(ids: ReadonlyMap<string, string>, externalId: string, path: string): string {
  const id = ids.get(externalId);
  if (id === undefined) {
    throw invalid(path, `neither the project nor this import has a task «${externalId}».`);
  }
  return id;
}

/** An id and a rank for each, in case that the project does not have it by then; labels each once. */
function fill(contents: Contents, about: About, data: Asked, { newId }: Means): Import {
  openProject(contents, about, data.project_id);
  const known = imported(contents);
  const places = atEnd(contents, data.tasks.length);
  const names = data.tasks.map((item) => item.external_id);
  // Those that are new now come first.
  const order = distinct([...names.filter((name) => !known.has(name)), ...names]);
  const given = new Map(order.map((name, place) => [name, places.ranks[place] ?? ""]));
  const tasks = data.tasks.map((item) => ({
    ...item,
    ...(item.labels !== undefined && { labels: distinctLabels(item.labels) }),
    id: newId(),
    rank: given.get(item.external_id) ?? "",
  }));
  return { ...data, tasks, ranks: places.respaced };
}

export const RULES = { "task.import": rule<Import, Asked>({ apply: importTasks, fill }) };
