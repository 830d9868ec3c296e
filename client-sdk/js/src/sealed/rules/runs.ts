/**
 * Runs, as those who give work to agents see them: making, stopping and repeating them.
 *
 * Each names the agent that is to do it: no server gives work out, so an agent takes what is its own. There are no
 * schemas of capabilities here either; its process checks the input.
 */

import {
  MAX_LIVE_RUNS,
  type Participant,
  type Priority,
  type RunState,
  type Task,
} from "../../generated/protocol.js";
import {
  compare,
  raised,
  timestamp,
  type About,
  type Contents,
  type Fact,
  type Means,
  type Plain,
} from "./about.js";
import { openProject, task as inProject } from "./access.js";
import { isOpen } from "./changes.js";
import { anyRun, stop, type SealedRun } from "./endings.js";
import { withId } from "./messages.js";
import { invalid, limitExceeded, notFound, refusal, taken } from "./refusals.js";
import { rule } from "./rule.js";

const ENDED: ReadonlySet<RunState> = new Set(["completed", "failed", "canceled", "rejected"]);
/** How often a run is tried, where nobody says. */
const ATTEMPTS = 3;
const NO_COSTS = { tokens: 0, money: 0, seconds: 0 };
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

export interface Order {
  readonly project_id: string;
  readonly id: string;
  readonly task_id: string | null;
  readonly agent_id: string;
  readonly capability: string;
  readonly input: Plain;
  readonly priority: Priority | null;
  readonly not_before: string | null;
  readonly deadline: string | null;
  readonly attempts: number | null;
  readonly budget: number | null;
  readonly review: boolean;
}

/** Gives work to an agent of the room. */
function create(contents: Contents, about: About, order: Order): readonly Fact[] {
  openProject(contents, about, order.project_id);
  if (!works(contents, order.agent_id)) {
    throw invalid("agent_id", "this is no agent that may work in the project.");
  }
  const task = order.task_id === null ? undefined : inProject(contents, about, order.task_id);
  if (task !== undefined && !isOpen(task)) {
    throw refusal("conflict", `The task is ${task.status}; reopen it first.`, { current: task });
  }
  return [begun(contents, about, order, task)];
}

/** Whether this is an agent that may work in the project. */
export function works(contents: Contents, memberId: string): boolean {
  const member = contents.get("participants", memberId) as Participant | undefined;
  return member?.kind === "agent" && member.role !== "viewer";
}

/** A new run, with its `ties` to others; `beside` are those that begin with the same command. */
export function begun(
  contents: Contents,
  about: About,
  order: Order,
  task: Task | undefined,
  { beside = 0, ...ties }: Partial<SealedRun> & { readonly beside?: number } = {},
): Fact {
  if (anyRun(contents, order.id) !== undefined) throw taken();
  if (contents.count("runs") + beside >= MAX_LIVE_RUNS) {
    throw limitExceeded("runs that have not ended", MAX_LIVE_RUNS);
  }
  const run = { ...newRun(about, order, task), ...ties };
  return { type: "run.created", data: { run: { ...run, version: raised(about, run) } } };
}

interface Cancel {
  readonly run_id: string;
  readonly reason: string;
}

/** Stops a run. */
function cancel(contents: Contents, about: About, { run_id, reason }: Cancel): readonly Fact[] {
  const run = found(contents, about, run_id);
  if (ENDED.has(run.state)) {
    throw refusal("illegal_transition", `The run has ${run.state} already.`, { allowed: [], current: run });
  }
  return stop(contents, about, run, reason || "Somebody stopped it.");
}

interface Retry {
  readonly run_id: string;
  readonly input: Plain | null;
  readonly id: string;
}

/** Runs again what came to nothing, as a new run. */
function retry(contents: Contents, about: About, data: Retry): readonly Fact[] {
  const run = found(contents, about, data.run_id);
  if (!ENDED.has(run.state) || run.state === "completed") {
    throw refusal(
      "illegal_transition",
      `The run is ${run.state}; only what failed, was canceled or rejected is run again.`,
      { allowed: [], current: run },
    );
  }
  const { project_id, task_id, capability, priority, attempts, budget, review } = run;
  const kept = { project_id, task_id, capability, priority, attempts, budget, review };
  const agent_id = run.wanted_agent_id ?? "";
  const input = data.input ?? run.input;
  return create(contents, about, {
    ...kept,
    id: data.id,
    agent_id,
    input,
    not_before: null,
    deadline: null,
  });
}

function found(contents: Contents, about: About, id: string): SealedRun {
  const run = anyRun(contents, id);
  if (run === undefined || about.form !== "project") throw notFound("run");
  return run;
}

function newRun(about: About, order: Order, task: Task | undefined): SealedRun {
  return {
    id: order.id,
    version: 0,
    project_id: about.room,
    task_id: order.task_id,
    title: task === undefined ? order.capability : task.title,
    capability: order.capability,
    wanted_agent_id: order.agent_id,
    agent_id: null,
    instance_id: null,
    requested_by: about.sender,
    parent_id: null,
    previous_id: null,
    trigger_id: null,
    depth: 0,
    state: "submitted",
    waiting_for: null,
    canceling: false,
    stale: false,
    attempt: 0,
    attempts: order.attempts ?? ATTEMPTS,
    priority: order.priority ?? task?.priority ?? "none",
    not_before: order.not_before,
    deadline: order.deadline,
    review: order.review,
    budget: order.budget,
    costs: NO_COSTS,
    progress: null,
    note: "",
    error: null,
    summary: "",
    created_at: about.at,
    started_at: null,
    progress_at: null,
    ended_at: null,
    updated_at: about.at,
    input: order.input,
    result: null,
    heard_at: null,
    lease_seconds: 0,
    output_end: 0,
    reports: 0,
    spared: 0,
    handed: null,
    calls: [],
    root_id: null,
    tree: 0,
  };
}

type Asked = Omit<Order, "id" | "agent_id"> & { readonly id: string | null } & Choosing;

/** An id, an agent, and times in the one form that they have here. */
function fillCreate(contents: Contents, about: About, data: Asked, means: Means): Order {
  const chosen = { ...data, agent_id: chosenAgent(contents, about, data, means) };
  const not_before = moment("not_before", data.not_before);
  const deadline = moment("deadline", data.deadline);
  return { ...withId(contents, about, chosen, means), not_before, deadline };
}

/** What is made gets an id, which nobody asks for. */
export function fresh<D extends object>(
  _contents: Contents,
  _about: About,
  data: D,
  { newId }: Means,
): D & { readonly id: string } {
  return { ...data, id: newId() };
}

/** What names an agent, or leaves it to be found by what it can do. */
export interface Choosing {
  readonly agent_id: string | null;
  readonly capability: string;
}

/** Who is to do it, where nobody was named: an agent of the room that can, the sender last. */
export function chosenAgent(
  contents: Contents,
  { sender }: About,
  { agent_id, capability }: Choosing,
  { able }: Means,
): string {
  if (agent_id !== null) return agent_id;
  const all = agents(contents);
  const others = [...all.filter((id) => id !== sender), ...all.filter((id) => id === sender)];
  const found = others.find((id) => able(id).some(({ name }) => name === capability));
  if (found === undefined) throw invalid("capability", `no agent of the project has '${capability}'.`);
  return found;
}

/** The agents that may work in the project, by id. */
export function agents(contents: Contents): readonly string[] {
  const members = [...contents.all("participants")].map((each) => each["id"] as string);
  return members.filter((id) => works(contents, id)).sort(compare);
}

/** A time in the one form that it has here. */
export function moment(name: string, given: string | null): string | null {
  if (given === null) return null;
  const ms = MOMENT.test(given) ? Date.parse(given) : NaN;
  if (Number.isNaN(ms)) {
    throw invalid(name, "must be a time with its offset such as 2026-03-01T09:30:00Z.");
  }
  return timestamp(ms);
}

export const RULES = {
  "run.create": rule<Order, Asked>({ apply: create, entity: "id", fill: fillCreate }),
  "run.cancel": rule<Cancel>({ apply: cancel, entity: "run_id" }),
  "run.retry": rule<Retry, Omit<Retry, "id">>({ apply: retry, entity: "id", fill: fresh }),
};
