/** What a client is asked about the runs of sealed rooms, answered by what this device has read. */

import type {
  Artifact,
  Attempt,
  AttemptOutcome,
  LoggedEvent,
  Page,
  Question,
  RunDetails,
  RunReply,
} from "../generated/protocol.js";
import { faultError } from "./faults.js";
import { paged } from "./paging.js";
import { compare, omit } from "./rules/about.js";
import type { SealedRun } from "./rules/endings.js";
import type { Contents, Plain } from "./rules/index.js";
import { asked } from "./rules/questions.js";

/** A room, as far as it is asked about its runs. */
export interface Working {
  readonly contents: Contents;
  /** What the log says of a run, oldest first. */
  eventsOf(id: string): readonly LoggedEvent[];
}

type Answer = (room: Working, payload: Plain) => unknown;

/** How an attempt has ended that left its run to another, by the cause of the event. */
const OUTCOMES: Readonly<Record<string, AttemptOutcome>> = {
  requeued: "released",
  restarted: "restarted",
  waiting: "released",
};
/** What is answered with the run. */
const RUNS: ReadonlySet<string> = new Set(["run.complete", "run.fail", "run.cancel"]);
/** What makes runs, and is answered like whatever makes something. */
const ORDERS: ReadonlySet<string> = new Set(["run.create", "run.retry"]);

/** Whether a command is a report on a run, or an answer to one. */
export function isReport(name: string): boolean {
  return name.startsWith("run.") && !ORDERS.has(name);
}

/** The plain result of a report or an answer, once it was carried out. */
export function reported(
  contents: Contents,
  name: string,
  data: Plain,
  events: readonly LoggedEvent[],
): unknown {
  if (name === "run.attach") return shown(events.at(-1)?.data["artifact"] as SealedArtifact);
  if (name === "run.ask") return asked(contents, textOf(data["run_id"]), textOf(data["key"]));
  if (name === "run.hand_off") return events.find(({ type }) => type === "run.created")?.data["run"];
  if ("question_id" in data) return contents.get("closed_questions", textOf(data["question_id"]));
  const run = found(contents, data);
  if (name === "run.claim") return offered(contents, run);
  if (name === "run.call") return called(contents, run).find(({ key }) => key === data["key"])?.child;
  if (RUNS.has(name)) return run;
  const { state, canceling, costs } = run;
  return { state, canceling, costs };
}

/** The run that is named, also one that has ended. */
function found(contents: Contents, { run_id }: Plain): SealedRun {
  const id = textOf(run_id);
  const run = contents.get("runs", id) ?? contents.get("ended_runs", id);
  if (run === undefined) throw missing("run");
  return run as unknown as SealedRun;
}

/** A run as a server would offer it for its newest attempt. */
function offered(contents: Contents, run: SealedRun): Plain {
  const task = run.task_id === null ? undefined : contents.get("tasks", run.task_id);
  const answers = questionsOf(contents, run.id).filter((question) => question.state === "answered");
  const results = Object.fromEntries(replies(contents, run).map((reply) => [reply.key, reply]));
  const { attempt: fence, input, handed } = run;
  const offer = { run, fence, input, handed, answers, results };
  if (task === undefined) return { ...offer, task: null };
  const { id, title, description, priority, labels } = task;
  return { ...offer, task: { id, title, description, priority, labels } };
}

/** How the runs have ended that a run called for. */
export function replies(contents: Contents, run: SealedRun): readonly RunReply[] {
  return called(contents, run)
    .filter(({ child }) => child.ended_at !== null)
    .map(({ key, child: { id, state, result, error } }) => ({ run_id: id, key, state, result, error }));
}

/** The runs that a run called for, with their keys, oldest first. */
function called(
  contents: Contents,
  { calls }: SealedRun,
): readonly { readonly key: string; readonly child: SealedRun }[] {
  return calls.map(({ key, run_id }) => ({ key, child: found(contents, { run_id }) }));
}

function details(room: Working, payload: Plain): RunDetails {
  const { contents } = room;
  const run = found(contents, payload);
  const versions = [...contents.all("files")].flatMap((file) => file["versions"] as readonly Plain[]);
  const made = versions.filter((version) => version["run_id"] === run.id);
  return {
    id: run.id,
    run,
    input: run.input,
    result: run.result,
    attempts: attempts(room.eventsOf(run.id)),
    questions: questionsOf(contents, run.id),
    artifacts: (ofRun(contents, "artifacts", run.id) as unknown as SealedArtifact[]).map(shown),
    calls: called(contents, run).map(({ child }) => child),
    files: made
      .map((version) => omit(version, "object", "thumbnail"))
      .sort(oldestFirst) as unknown as RunDetails["files"],
  };
}

/** The attempts at a run, by the events of the log. */
function attempts(events: readonly LoggedEvent[]): readonly Attempt[] {
  const made: Attempt[] = [];
  for (const { type, data } of events) {
    const run = data["run"] as SealedRun;
    const cause = type === "run.updated" ? textOf(data["cause"]) : "";
    const over = type === "run.ended" || cause === "started" || cause in OUTCOMES;
    const last = made.at(-1);
    if (over && last?.ended_at === null && !(cause === "waiting" && run.instance_id !== null)) {
      made[made.length - 1] = { ...last, ...ending(type, cause, run) };
    }
    if (cause === "started") made.push(beginning(run));
  }
  return made;
}

function beginning({ attempt, agent_id, instance_id, updated_at }: SealedRun): Attempt {
  const who = { fence: attempt, agent_id: agent_id ?? "", instance_id: instance_id ?? "", host: "" };
  const begun = { offered_at: updated_at, started_at: updated_at };
  return { ...who, ...begun, ended_at: null, outcome: null, error: null };
}

function ending(type: string, cause: string, run: SealedRun): Partial<Attempt> {
  const error = cause === "waiting" ? null : run.error;
  const ended_at = run.updated_at;
  if (type === "run.ended") return { ended_at, outcome: run.state as AttemptOutcome, error };
  const failed = cause === "requeued" && error !== null;
  return { ended_at, outcome: failed ? "failed" : (OUTCOMES[cause] ?? "failed"), error };
}

const FILTERS: Readonly<Record<string, (run: SealedRun, wanted: unknown) => boolean>> = {
  task_id: (run, wanted) => run.task_id === wanted,
  agent_id: (run, wanted) => run.agent_id === wanted || run.wanted_agent_id === wanted,
  capability: (run, wanted) => run.capability === wanted,
  state: (run, wanted) => Array.isArray(wanted) && wanted.includes(run.state),
  dead: (run, wanted) => wanted !== true || run.state === "failed",
};

function list({ contents }: Working, payload: Plain): Page<SealedRun> {
  const all = [...contents.all("runs"), ...contents.all("ended_runs")] as unknown as SealedRun[];
  const fits = (run: SealedRun): boolean =>
    Object.entries(FILTERS).every(([name, check]) => payload[name] == null || check(run, payload[name]));
  return paged(all.filter(fits).sort(oldestFirst).reverse(), payload);
}

function history(room: Working, payload: Plain): Page<LoggedEvent> {
  return paged(room.eventsOf(found(room.contents, payload).id), payload);
}

function artifact({ contents }: Working, { artifact_id }: Plain): Plain {
  const kept = contents.get("artifacts", textOf(artifact_id)) as unknown as SealedArtifact | undefined;
  if (kept === undefined) throw missing("artifact");
  return { artifact: shown(kept), text: kept.text };
}

function question({ contents }: Working, { question_id }: Plain): Plain {
  const id = textOf(question_id);
  const kept = contents.get("questions", id) ?? contents.get("closed_questions", id);
  if (kept === undefined) throw missing("question");
  return kept;
}

function questions({ contents }: Working, { run_id, open, ...payload }: Plain): Page<Plain> {
  const closed = open === false ? [...contents.all("closed_questions")] : [];
  const all = [...contents.all("questions"), ...closed];
  const kept = all.filter((each) => run_id == null || each["run_id"] === run_id);
  return paged(kept.sort(oldestFirst).reverse(), payload);
}

function questionsOf(contents: Contents, run: string): readonly Question[] {
  const names = ["questions", "closed_questions"];
  const kept = names.flatMap((name) => ofRun(contents, name, run));
  return kept.sort(oldestFirst) as unknown as Question[];
}

function ofRun(contents: Contents, collection: string, run: string): readonly Plain[] {
  const kept = [...contents.all(collection)].filter((each) => each["run_id"] === run);
  return kept.sort(oldestFirst);
}

type SealedArtifact = Artifact & { readonly text: string };

function shown(artifact: SealedArtifact): Artifact {
  return omit(artifact, "text");
}

function oldestFirst(one: object, other: object): number {
  const [left, right] = [one as Plain, other as Plain];
  const byTime = compare(textOf(left["created_at"]), textOf(right["created_at"]));
  return byTime || compare(textOf(left["id"]), textOf(right["id"]));
}

function missing(noun: string): Error {
  return faultError("not_found", `There is no such ${noun} in the room.`, { noun });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export const ANSWERS: Readonly<Record<string, Answer>> = {
  "run.get": details,
  "run.list": list,
  "run.history": history,
  "run.artifact": artifact,
  "question.get": question,
  "question.list": questions,
};
