/**
 * Calls and handovers: an agent's run that has another agent do something, or go on in its place.
 *
 * What a run has called for is known by its key, so an attempt that begins anew asks nothing twice.
 */

import { MAX_CALL_DEPTH, MAX_CALLS, MAX_SAME_CALLS } from "../../generated/protocol.js";
import { taskOf, type About, type Contents, type Fact, type Means, type Plain } from "./about.js";
import { After, changed, conclude, liveRun, updated, type SealedRun } from "./endings.js";
import { invalid, limitExceeded, refusal } from "./refusals.js";
import { attempt, type Report } from "./reports.js";
import { rule } from "./rule.js";
import { begun, chosenAgent, moment, works, type Choosing } from "./runs.js";

interface Named {
  readonly id: string;
  readonly agent_id: string;
  readonly capability: string;
  readonly input: Plain;
}

interface Call extends Report, Named {
  readonly key: string;
  readonly deadline: string | null;
  readonly budget: number | null;
  readonly wait: boolean;
}

/** What nobody says about a run that is called for, or handed over to. */
const NO_ORDER = { not_before: null, attempts: null, review: false } as const;

/** Has another agent do something, and waits for it; the same key is the same run. */
function call(contents: Contents, about: About, data: Call): readonly Fact[] {
  const caller = attempt(contents, about, data);
  const known = caller.calls.find(({ key }) => key === data.key);
  if (known !== undefined) {
    const child = liveRun(contents, known.run_id);
    return child === undefined ? [] : waiting(about, caller, child, data);
  }
  checkAgent(contents, data);
  const root = (caller.root_id === null ? undefined : liveRun(contents, caller.root_id)) ?? caller;
  checkDepth(contents, caller, root, data.capability);
  const { id, agent_id, capability, input, budget } = data;
  const deadline = earlier(data.deadline, caller.deadline);
  const order = { ...NO_ORDER, project_id: about.room, id, agent_id, capability, input, budget, deadline };
  const ties = { parent_id: caller.id, root_id: root.id, depth: caller.depth + 1 };
  const given = { ...order, task_id: null, priority: caller.priority };
  const made = begun(contents, about, given, undefined, ties);
  const calls = [...caller.calls, { key: data.key, run_id: id }];
  const tree = { id: root.id, tree: root.tree + 1 };
  const counted = { type: made.type, data: { ...made.data, caller: { id: caller.id, calls }, root: tree } };
  const calling = { ...caller, calls, ...(root.id === caller.id && tree) };
  return [counted, ...waiting(about, calling, made.data["run"] as SealedRun, data)];
}

/** The caller waits for a run that goes on, if that is wanted and not so already. */
function waiting(about: About, caller: SealedRun, child: SealedRun, { wait }: Call): readonly Fact[] {
  if (!wait || caller.waiting_for === child.id) return [];
  const waits = changed(about, caller, { waiting_for: child.id, heard_at: about.at });
  return [updated(waits, "waiting", `It waits for «${child.title}».`)];
}

interface HandOff extends Report, Named {
  readonly note: string;
  readonly result: unknown;
}

/** Ends a run as completed and has another agent go on with its task. */
function handOff(contents: Contents, about: About, data: HandOff): readonly Fact[] {
  const run = attempt(contents, about, data);
  checkAgent(contents, data);
  const { id, agent_id, capability, input, note, result } = data;
  const task = run.task_id === null ? undefined : taskOf(contents, run.task_id);
  const ended = conclude(contents, about, run, "completed", {
    result,
    note: `Handed over to ${capability}.`,
  });
  const { priority, deadline, review } = run;
  const order = { ...NO_ORDER, project_id: about.room, id, agent_id, capability, input, budget: null };
  const given = { ...order, task_id: task?.id ?? null, priority, deadline, review };
  const handed = { run_id: run.id, agent_id: about.sender, note, result };
  const ties = { requested_by: run.requested_by, previous_id: run.id, handed };
  return [...ended, begun(new After(contents, ended), about, given, task, ties)];
}

function checkAgent(contents: Contents, { agent_id }: Named): void {
  if (!works(contents, agent_id)) {
    throw invalid("agent_id", "this is no agent that may work in the project.");
  }
}

function checkDepth(contents: Contents, caller: SealedRun, root: SealedRun, capability: string): void {
  if (caller.depth + 1 > MAX_CALL_DEPTH) throw limitExceeded("calls under calls", MAX_CALL_DEPTH);
  const same = [...upwards(contents, caller)].filter((run) => run.capability === capability);
  if (same.length >= MAX_SAME_CALLS) {
    throw refusal(
      "limit_exceeded",
      `'${capability}' stands ${MAX_SAME_CALLS} times above this call already: agents call each other in a circle.`,
      { limit: MAX_SAME_CALLS, what: "times that a capability stands above itself" },
    );
  }
  if (root.tree >= MAX_CALLS) throw limitExceeded("calls under one run", MAX_CALLS);
}

/** A run, and those above it: whoever calls goes on, and so do they. */
function* upwards(contents: Contents, from: SealedRun): Iterable<SealedRun> {
  let run: SealedRun | undefined = from;
  for (let depth = 0; run !== undefined && depth <= MAX_CALL_DEPTH; depth += 1) {
    yield run;
    run = liveRun(contents, run.parent_id ?? "");
  }
}

/** The earlier of two times, if there is one. */
function earlier(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

type Asked<D extends Named> = Omit<D, "id" | "agent_id"> & Choosing;

/** An id, an agent, and the time in the one form that it has here. */
function fillCall(contents: Contents, about: About, data: Asked<Call>, means: Means): Call {
  const agent_id = chosenAgent(contents, about, data, means);
  return { ...data, agent_id, id: means.newId(), deadline: moment("deadline", data.deadline) };
}

/** An id and an agent. */
function fillHandOff(contents: Contents, about: About, data: Asked<HandOff>, means: Means): HandOff {
  return { ...data, agent_id: chosenAgent(contents, about, data, means), id: means.newId() };
}

export const RULES = {
  "run.call": rule<Call, Asked<Call>>({ apply: call, entity: "id", fill: fillCall }),
  "run.hand_off": rule<HandOff, Asked<HandOff>>({ apply: handOff, entity: "run_id", fill: fillHandOff }),
};
