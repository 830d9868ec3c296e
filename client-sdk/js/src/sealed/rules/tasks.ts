/** Tasks: making, changing, placing, assigning, discussing and deleting them, and what waits for what. */

import type { Task, TaskStatus } from "../../generated/protocol.js";
import {
  allTasks,
  byId,
  compare,
  distinct,
  omit,
  taskOf,
  type About,
  type Contents,
  type Fact,
  type Means,
} from "./about.js";
import { openProject, task as inProject } from "./access.js";
import {
  apply,
  checkAssignable,
  checkPresent,
  freed,
  Laid,
  newTask,
  waiting,
  type Given,
} from "./changes.js";
import { stopForTasks } from "./endings.js";
import { engage, ordered, type Begun } from "./engaging.js";
import { say, withId } from "./messages.js";
import { beside, isRank, type Beside, type Placed, type Places } from "./ranks.js";
import { invalid, stale } from "./refusals.js";
import { rule } from "./rule.js";

interface Place {
  readonly rank: string;
  readonly ranks: readonly Placed[];
}

interface Create extends Given, Place {
  readonly project_id: string;
  readonly id: string;
  readonly runs: readonly Begun[];
}

/** Adds a task at the place that its author chose, and lets agents begin that it is assigned to. */
function create(contents: Contents, about: About, data: Create): readonly Fact[] {
  checkFields(contents, about, data);
  const { title, description, status, priority, estimate, due, parent_id, external_id } = data;
  const [labels, assignees] = [distinct(data.labels), distinct(data.assignees)];
  const given = {
    title,
    description,
    status,
    priority,
    labels,
    estimate,
    due,
    parent_id,
    assignees,
    external_id,
  };
  const made = newTask(about, data.id, checkedRank(data.rank, "rank"), given);
  return [
    ...respaced(contents, about, data.ranks, made.id),
    ...apply(contents, about, [{ before: null, after: made }]),
    ...engage(contents, about, made, [], data.runs),
  ];
}

/** Refuses a new task that names what the project does not have. */
function checkFields(
  contents: Contents,
  about: About,
  { project_id, assignees, parent_id }: Pick<Create, "project_id" | "assignees" | "parent_id">,
): void {
  openProject(contents, about, project_id);
  checkAssignees(contents, assignees);
  checkPresent(contents, { parent_id });
}

interface Versioned {
  readonly task_id: string;
  readonly version: number | null;
}

type Update = Versioned & Partial<Omit<Given, "assignees" | "external_id">>;

/** Changes the fields that are given. */
function update(contents: Contents, about: About, data: Update): readonly Fact[] {
  const before = current(contents, about, data);
  // What is left of the payload are the fields that are given.
  const fields = omit(data, "task_id", "version");
  checkPresent(contents, { parent_id: fields.parent_id ?? null });
  const labels = fields.labels === undefined ? {} : { labels: distinct(fields.labels) };
  return change(contents, about, before, { ...fields, ...labels });
}

type Move = Versioned & Place & { readonly status: TaskStatus | null };

/** Gives a task another place, and another status if one is named. */
function move(contents: Contents, about: About, data: Move): readonly Fact[] {
  const before = current(contents, about, data);
  const fields = { rank: checkedRank(data.rank, "rank"), status: data.status ?? before.status };
  return [...respaced(contents, about, data.ranks, before.id), ...change(contents, about, before, fields)];
}

type Transition = Versioned & { readonly status: TaskStatus };

/** Moves a task to another status. */
function transition(contents: Contents, about: About, data: Transition): readonly Fact[] {
  return change(contents, about, current(contents, about, data), { status: data.status });
}

type Assign = Versioned & { readonly assignees: readonly string[]; readonly runs: readonly Begun[] };

/** Sets who does a task: agents begin that it was given to, and stop that no longer have it. */
function assign(contents: Contents, about: About, data: Assign): readonly Fact[] {
  const before = current(contents, about, data);
  checkAssignees(contents, data.assignees);
  const after = { ...before, assignees: distinct(data.assignees) };
  return [
    ...apply(contents, about, [{ before, after }]),
    ...engage(contents, about, after, before.assignees, data.runs),
  ];
}

interface Depend {
  readonly task_id: string;
  readonly on: string | readonly string[];
}

/** Lets a task wait for others of its project; `cycle` names the circle it would close. */
function depend(contents: Contents, about: About, data: Depend): readonly Fact[] {
  const before = inProject(contents, about, data.task_id);
  const wanted = named(data.on);
  checkPresent(contents, wanted);
  const depends_on = distinct([...before.depends_on, ...Object.values(wanted)]).toSorted(compare);
  return change(contents, about, before, { depends_on });
}

/** Lets a task no longer wait for others. */
function undepend(contents: Contents, about: About, data: Depend): readonly Fact[] {
  const before = inProject(contents, about, data.task_id);
  const gone = new Set(Object.values(named(data.on)));
  const depends_on = before.depends_on.filter((on) => !gone.has(on)).sort(compare);
  return change(contents, about, before, { depends_on });
}

interface Comment {
  readonly task_id: string;
  readonly text: string;
  readonly id: string;
}

/** Says something about a task. */
function comment(contents: Contents, about: About, { task_id, text, id }: Comment): readonly Fact[] {
  inProject(contents, about, task_id);
  return say(contents, about, { id, text, task_id });
}

/** Deletes a task, frees those that waited for it and hands its subtasks to its parent. */
function remove(contents: Contents, about: About, data: Versioned): readonly Fact[] {
  const gone = current(contents, about, data);
  const waits = waiting(contents, new Set([gone.id]));
  const subtasks = [...allTasks(contents)].filter((task) => task.parent_id === gone.id).sort(byId);
  const touched = new Map([...waits, ...subtasks].map((task) => [task.id, task]));
  const edits = [...touched.values()].map((before) => ({ before, after: without(before, gone) }));
  const after = new Laid(
    contents,
    edits.map((edit) => edit.after),
  );
  return [
    { type: "task.deleted", data: { task_id: gone.id, title: gone.title } },
    ...apply(contents, about, edits),
    ...freed(after, waits),
    ...stopForTasks(contents, about, [gone.id], "Its task was deleted."),
  ];
}

/** Gives the tasks around a place the ranks that its author chose for them; those that are gone, none. */
export function respaced(
  contents: Contents,
  about: About,
  places: readonly Placed[],
  apartFrom: string | null,
): readonly Fact[] {
  const edits = new Map<string, { before: Task; after: Task }>();
  for (const [index, place] of places.entries()) {
    const rank = checkedRank(place.rank, `ranks[${index}].rank`);
    const before = taskOf(contents, place.id);
    if (before !== undefined && place.id !== apartFrom) {
      edits.set(place.id, { before, after: { ...before, rank } });
    }
  }
  return apply(contents, about, [...edits.values()]);
}

/** The rank; `invalid` if no other could be made beside it. */
export function checkedRank(rank: string, path: string): string {
  if (!isRank(rank)) throw invalid(path, "must be a key of fractional indexing in base 62.");
  return rank;
}

/**
 * Labels in the order given, each once; case makes no difference. Only for authors: what is the same but for case
 * depends on the version of Unicode.
 */
export function distinctLabels(labels: readonly string[]): readonly string[] {
  const kept = new Map<string, string>();
  for (const label of labels) {
    // Both ways, since one letter may have several of the other case.
    const folded = label.toUpperCase().toLowerCase();
    if (!kept.has(folded)) kept.set(folded, label);
  }
  return [...kept.values()];
}

function without(task: Task, gone: Task): Task {
  return {
    ...task,
    depends_on: task.depends_on.filter((on) => on !== gone.id),
    parent_id: task.parent_id === gone.id ? gone.parent_id : task.parent_id,
  };
}

function current(contents: Contents, about: About, { task_id, version }: Versioned): Task {
  const found = inProject(contents, about, task_id);
  if (version !== null && version !== found.version) throw stale("task", found);
  return found;
}

function change(contents: Contents, about: About, before: Task, fields: Partial<Task>): readonly Fact[] {
  return apply(contents, about, [{ before, after: { ...before, ...fields } }]);
}

function checkAssignees(contents: Contents, memberIds: readonly string[]): void {
  checkAssignable(contents, Object.fromEntries(memberIds.map((id, place) => [`assignees[${place}]`, id])));
}

/** The ids in `on` by their paths. */
function named(on: string | readonly string[]): Readonly<Record<string, string>> {
  if (typeof on === "string") return { on };
  return Object.fromEntries(on.map((id, place) => [`on[${place}]`, id]));
}

type Asked = Omit<Create, "id" | "runs" | keyof Place> & Beside & { readonly id: string | null };

/** An id, a place, labels of which no two are the same, and the runs that begin. */
function fillCreate(contents: Contents, about: About, data: Asked, means: Means): Create {
  checkFields(contents, about, data);
  const made = { ...withId(contents, about, data, means), labels: distinctLabels(data.labels) };
  const runs = ordered(contents, made, [], means);
  return placed({ ...made, runs }, beside(contents, data));
}

/** The runs that begin. */
function fillAssign(contents: Contents, about: About, data: Omit<Assign, "runs">, means: Means): Assign {
  const before = current(contents, about, data);
  const { assignees } = data;
  return { ...data, runs: ordered(contents, { ...before, assignees }, before.assignees, means) };
}

/** Labels of which no two are the same. */
function fillUpdate(_contents: Contents, _about: About, data: Update): Update {
  return data.labels === undefined ? data : { ...data, labels: distinctLabels(data.labels) };
}

type AskedMove = Omit<Move, keyof Place> & Beside;

/** A place. */
function fillMove(contents: Contents, about: About, data: AskedMove): Move {
  return placed(data, beside(contents, data, current(contents, about, data)));
}

function placed<D extends Beside>(
  data: D,
  { ranks: [rank = ""], respaced }: Places,
): Omit<D, keyof Beside> & Place {
  return { ...omit(data, "before", "after"), rank, ranks: respaced };
}

export const RULES = {
  "task.create": rule<Create, Asked>({ apply: create, entity: "id", fill: fillCreate }),
  "task.update": rule<Update>({ apply: update, entity: "task_id", fill: fillUpdate }),
  "task.move": rule<Move, AskedMove>({ apply: move, entity: "task_id", fill: fillMove }),
  "task.transition": rule<Transition>({ apply: transition, entity: "task_id" }),
  "task.assign": rule<Assign, Omit<Assign, "runs">>({ apply: assign, entity: "task_id", fill: fillAssign }),
  "task.depend": rule<Depend>({ apply: depend, entity: "task_id" }),
  "task.undepend": rule<Depend>({ apply: undepend, entity: "task_id" }),
  "task.comment": rule<Comment, Omit<Comment, "id"> & { readonly id: string | null }>({
    apply: comment,
    entity: "id",
    fill: withId,
  }),
  "task.delete": rule<Versioned>({ apply: remove, entity: "task_id" }),
};
