/**
 * What an assignment begins and ends: runs of the agents that a task was given to, or taken from.
 *
 * The author's client asks the server what they can do and names the runs; whether each begins, all decide alike by
 * what the room then holds. An agent begins whose capability needs nothing but what the task itself says; another
 * one waits to be told more, with `run.create`. Only the top of its schema is looked at, and its process has the
 * last word on what it takes.
 */

import { MAX_ASSIGNEES, type Capability, type Task } from "../../generated/protocol.js";
import { byId, distinct, type About, type Contents, type Fact, type Means, type Plain } from "./about.js";
import { isOpen } from "./changes.js";
import { liveRuns, stop } from "./endings.js";
import { taken } from "./refusals.js";
import { begun, works } from "./runs.js";

/** What a run can take from its task, where its capability's schema has such a property. */
const FROM_TASK = ["title", "description", "priority", "labels", "due"] as const;
type TaskField = (typeof FROM_TASK)[number];

/** What names an agent, or leaves it to be found by the capability. */
const CHOOSING: ReadonlySet<string> = new Set(["run.create", "run.call", "run.hand_off"]);

/** What nobody has said about a run that begins by itself. */
const NO_ORDER = {
  priority: null,
  not_before: null,
  deadline: null,
  attempts: null,
  budget: null,
  review: false,
} as const;

/** A run that begins with an assignment, unless its agent has one for the task by then. */
export interface Begun {
  readonly id: string;
  readonly agent_id: string;
  readonly capability: string;
  readonly takes: readonly TaskField[];
}

/**
 * Stops the runs of those that a task was taken from, and begins `orders` for those it was given to. One that
 * has a run for the task already begins no second one.
 */
export function engage(
  contents: Contents,
  about: About,
  task: Task,
  before: readonly string[],
  orders: readonly Begun[],
): readonly Fact[] {
  const own = [...liveRuns(contents)].filter((run) => run.task_id === task.id).sort(byId);
  const isGone = (id: string | null): boolean =>
    id !== null && before.includes(id) && !task.assignees.includes(id);
  const stopped = own
    .filter((run) => isGone(run.wanted_agent_id))
    .flatMap((run) => stop(contents, about, run, "The task was given to others."));
  const engaged = new Set([...own.map((run) => run.wanted_agent_id), ...before]);
  const made = new Map<string, Fact>();
  for (const { id, agent_id, capability, takes } of isOpen(task) ? orders : []) {
    if (engaged.has(agent_id) || !task.assignees.includes(agent_id) || !works(contents, agent_id)) continue;
    engaged.add(agent_id);
    if (made.has(id)) throw taken();
    const input = given(task, (name) => takes.includes(name));
    const order = { ...NO_ORDER, project_id: about.room, id, task_id: task.id, agent_id, capability, input };
    made.set(id, begun(contents, about, order, task, { beside: made.size }));
  }
  return [...stopped, ...made.values()];
}

/** A command as it is asked for. */
interface Asking {
  readonly type: string;
  readonly data: Plain;
}

/** Whether a command looks for an agent that can do it. */
export function looks({ type, data }: Asking): boolean {
  return CHOOSING.has(type) && data["agent_id"] == null;
}

/** The agents that a command gives a task to: what they can do has a say in it. */
export function workers(contents: Contents, { type, data }: Asking): readonly string[] {
  const named = type === "task.create" || type === "task.assign" ? data["assignees"] : [];
  const members = Array.isArray(named) ? named.filter((each) => typeof each === "string") : [];
  return distinct(members)
    .filter((id) => works(contents, id))
    .slice(0, MAX_ASSIGNEES);
}

/** What of a task runs can take. */
type Giving = Pick<Task, TaskField | "assignees">;

/** The runs that an author names with an assignment. */
export function ordered(
  contents: Contents,
  task: Giving,
  before: readonly string[],
  { newId, able }: Means,
): readonly Begun[] {
  return distinct(task.assignees)
    .filter((id) => !before.includes(id) && works(contents, id))
    .flatMap((agent_id) => {
      const found = firstSatisfied(able(agent_id), task);
      return found === null ? [] : [{ id: newId(), agent_id, ...found }];
    });
}

function firstSatisfied(
  capabilities: readonly Capability[],
  task: Giving,
): Pick<Begun, "capability" | "takes"> | null {
  for (const { name, input = {} } of capabilities) {
    const takes = Object.keys(lent(input, task)) as TaskField[];
    const { required } = input;
    // As the server says, which may say anything.
    const needed: readonly unknown[] = Array.isArray(required) ? required : [];
    if (needed.every((field) => (takes as readonly unknown[]).includes(field)))
      return { capability: name, takes };
  }
  return null;
}

/** What a task lends the input of its run, where the input's schema has such a property. */
export function lent({ properties }: Plain, task: Omit<Giving, "assignees">): Plain {
  const known = typeof properties === "object" ? properties : null;
  return given(task, (name) => Object.hasOwn(known ?? {}, name));
}

/** What a task says of the fields for which this holds. */
function given(task: Omit<Giving, "assignees">, wanted: (name: TaskField) => boolean): Plain {
  const names = FROM_TASK.filter((name) => wanted(name) && task[name] !== null);
  return Object.fromEntries(names.map((name) => [name, task[name]]));
}
