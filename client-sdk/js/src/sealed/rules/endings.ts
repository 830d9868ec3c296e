/**
 * How runs end, and attempts at them, with all that follows from it, as on the server.
 *
 * A run has besides what an open room shows of it: its `input` and `result`, what it called for and what was handed
 * over to it, the process's word for how long it may be silent, and what counts its reports. Which attempt holds it
 * follows from the log and from what senders say of the time, so everybody knows the same of it.
 */

import type { Costs, HandedOver, Question, RunError, RunInfo, RunState } from "../../generated/protocol.js";
import {
  byId,
  compare,
  raised,
  timestamp,
  type About,
  type Contents,
  type Fact,
  type Plain,
} from "./about.js";
import type { ContentFold } from "./files.js";

/** A run with what an open room does not show. */
export type SealedRun = Omit<RunInfo, "costs"> & {
  readonly costs: Required<Costs>;
  readonly input: Plain;
  readonly result: unknown;
  readonly heard_at: string | null;
  readonly lease_seconds: number;
  readonly output_end: number;
  readonly reports: number;
  readonly spared: number;
  readonly handed: HandedOver | null;
  /** What it called for, oldest first. */
  readonly calls: readonly { readonly key: string; readonly run_id: string }[];
  /** The run at the top of the calls that it was made by; null if it is that itself. */
  readonly root_id: string | null;
  /** How many runs were called for beneath it, if it is at the top. */
  readonly tree: number;
};

/** The states of runs that have open questions. */
export const ASKING: ReadonlySet<RunState> = new Set(["input-required", "auth-required"]);
const AT_ONCE: ReadonlySet<string> = new Set(["lost", "unresponsive"]);
/** Before the second attempt, by why the first one failed; doubled for each further one. */
const LATER_MS: Readonly<Record<string, number>> = { transient: 2_000, crashed: 2_000, rate_limited: 30_000 };
const LONGEST_PAUSE_MS = 3_600_000;
const MOST_DOUBLINGS = 20;
/** How often a run is handed back before there is a pause each time, of up to a minute. */
const UNHURRIED = 3;
const NOTE = 500;
/** What costs add up to, at most. */
const MOST = Number.MAX_SAFE_INTEGER;

/** What events do to what a sealed room holds besides the state of an open one. */
export const FOLDS: Readonly<Record<string, readonly ContentFold[]>> = {
  "run.created": [
    { step: "put", collection: "runs", field: "run" },
    { step: "patch", collection: "runs", field: "caller" },
    { step: "patch", collection: "runs", field: "root" },
  ],
  "question.closed": [
    { step: "drop", collection: "questions", field: "question_id" },
    { step: "put", collection: "closed_questions", field: "question" },
  ],
  "approval.used": [{ step: "put", collection: "closed_questions", field: "question" }],
  "run.logged": [{ step: "patch", collection: "runs", field: "run" }],
  "run.attached": [{ step: "put", collection: "artifacts", field: "artifact" }],
};

/** Contents after what has come of some runs. */
export class After implements Contents {
  readonly #under: Contents;
  readonly #runs = new Map<string, SealedRun | null>();

  constructor(under: Contents, facts: readonly Fact[] = []) {
    this.#under = under;
    this.take(facts);
  }

  /** What else has come of them. */
  take(facts: readonly Fact[]): void {
    for (const { type, data } of facts) {
      if (type !== "run.updated" && type !== "run.ended") continue;
      const run = data["run"] as SealedRun;
      this.#runs.set(run.id, type === "run.updated" ? run : null);
    }
  }

  get(collection: string, id: string): Plain | undefined {
    const run = collection === "runs" ? this.#runs.get(id) : undefined;
    return run === undefined ? this.#under.get(collection, id) : (run ?? undefined);
  }

  *all(collection: string): Iterable<Plain> {
    for (const entity of this.#under.all(collection)) {
      if (collection !== "runs" || !this.#runs.has(entity["id"] as string)) yield entity;
    }
    if (collection !== "runs") return;
    for (const run of this.#runs.values()) if (run !== null) yield run;
  }

  count(collection: string): number {
    return collection === "runs" ? [...this.all(collection)].length : this.#under.count(collection);
  }
}

/** How a run has ended. */
export interface End {
  readonly note?: string;
  readonly error?: RunError;
  readonly result?: unknown;
  readonly summary?: string;
}

/** Ends a run for good: its questions and what it called for end with it, and its caller goes on. */
export function conclude(
  contents: Contents,
  about: About,
  run: SealedRun,
  state: RunState,
  { note = "", error, result = null, summary = "" }: End = {},
): readonly Fact[] {
  const ended = changed(about, run, {
    state,
    waiting_for: null,
    canceling: false,
    instance_id: null,
    error: error ?? run.error,
    result,
    summary,
    ended_at: about.at,
  });
  const told = { type: "run.ended", data: { run_id: run.id, run: ended, note: brief(note) } };
  const facts: Fact[] = [...withdrawQuestions(contents, run), told];
  const rest = new After(contents, facts);
  facts.push(...stopCalls(rest, about, run, "The run that called for it has ended."));
  const caller = liveRun(rest, run.parent_id ?? "");
  if (caller?.waiting_for === run.id) {
    facts.push(resume(about, caller, `«${run.title}» has ${state}.`, { answered: false }));
  }
  return facts;
}

/**
 * Ends an attempt and has another one, unless this was the last; then the run has failed. One that does not count
 * was handed back, and is tried again whatever the limit.
 */
export function requeue(
  contents: Contents,
  about: About,
  run: SealedRun,
  { note = "", error, counts = true }: Pick<End, "note" | "error"> & { readonly counts?: boolean },
): readonly Fact[] {
  const spared = run.spared + (counts ? 0 : 1);
  const made = run.attempt - spared;
  if (counts && (made >= run.attempts || (error !== undefined && !isTriedAgain(error.cause)))) {
    return conclude(contents, about, run, "failed", { note, ...(error !== undefined && { error }) });
  }
  const queued = changed(about, run, {
    state: "submitted",
    instance_id: null,
    waiting_for: null,
    not_before: notBefore(about, run, { spared, made, counts, cause: error?.cause ?? "" }),
    error: error ?? run.error,
    spared,
  });
  return [...withdrawQuestions(contents, run), updated(queued, "requeued", note)];
}

interface Tries {
  readonly spared: number;
  readonly made: number;
  readonly counts: boolean;
  readonly cause: string;
}

function notBefore(about: About, run: SealedRun, { spared, made, counts, cause }: Tries): string | null {
  const pause = LATER_MS[cause];
  if (pause !== undefined) return later(about.at, Math.min(LONGEST_PAUSE_MS, doubled(pause, made - 1)));
  if (counts || spared <= UNHURRIED) return run.not_before;
  return later(about.at, Math.min(60_000, doubled(1_000, spared - UNHURRIED)));
}

/** Lets a run that waits go on waiting without a process; what it waits for has it done anew. */
export function park(about: About, run: SealedRun, note: string): readonly Fact[] {
  const parked = changed(about, run, { instance_id: null, spared: run.spared + 1 });
  return [updated(parked, "waiting", note)];
}

/** Stops a run: at once, or where a process is at work on it with time for one last report. */
export function stop(contents: Contents, about: About, run: SealedRun, reason: string): readonly Fact[] {
  if (run.instance_id === null || (run.canceling && isSilent(about, run))) {
    const error = { cause: "canceled", message: reason || "Somebody stopped it." } as const;
    return conclude(contents, about, run, "canceled", { note: reason, error });
  }
  if (run.canceling) return [];
  const stopping = changed(about, run, { canceling: true, heard_at: about.at });
  const facts = [updated(stopping, "canceling", reason), ...withdrawQuestions(contents, run)];
  return [...facts, ...stopCalls(new After(contents, facts), about, stopping, reason)];
}

/** Stops what a run has called for; `rest` is what the room holds, then and after it. */
function stopCalls(rest: After, about: About, { calls }: SealedRun, reason: string): readonly Fact[] {
  return calls.flatMap(({ run_id }) => {
    const child = liveRun(rest, run_id);
    const news = child === undefined ? [] : stop(rest, about, child, reason);
    rest.take(news);
    return news;
  });
}

/**
 * Lets a run go on: with its process, or to be claimed anew where that has gone. Its questions are `answered`, or the
 * run that it called for has ended. It may wait for both, and then goes on waiting for the other.
 */
export function resume(
  about: About,
  run: SealedRun,
  note: string,
  { answered }: { readonly answered: boolean },
): Fact {
  const asking = ASKING.has(run.state) && !answered;
  const waiting_for = answered ? run.waiting_for : null;
  const waiting = asking || waiting_for !== null;
  const state = run.instance_id === null && !waiting ? "submitted" : "working";
  const going = changed(about, run, {
    state: asking ? run.state : state,
    waiting_for,
    progress_at: waiting ? run.progress_at : about.at,
    heard_at: about.at,
  });
  return updated(going, waiting ? "waiting" : "resumed", note);
}

/** Stops whatever is done for tasks. */
export function stopForTasks(
  contents: Contents,
  about: About,
  tasks: readonly string[],
  reason: string,
): readonly Fact[] {
  if (tasks.length === 0) return [];
  const affected = live(contents, (run) => run.task_id !== null && tasks.includes(run.task_id));
  return affected.flatMap((run) => stop(contents, about, run, reason));
}

/** What comes of a member's going, by a commit: if it is an agent, its runs end. */
export function withdrawn(contents: Contents, about: About, memberId: string): readonly Fact[] {
  const note = "The agent has no access to the project any more.";
  const error = { cause: "canceled", message: note } as const;
  const rest = new After(contents);
  return live(contents, (run) => run.wanted_agent_id === memberId).flatMap(({ id }) => {
    // What another one of them has called for has ended with that.
    const run = liveRun(rest, id);
    const news = run === undefined ? [] : conclude(rest, about, run, "canceled", { note, error });
    rest.take(news);
    return news;
  });
}

/** The run that goes on with that id. */
export function liveRun(contents: Contents, id: string): SealedRun | undefined {
  return contents.get("runs", id) as SealedRun | undefined;
}

/** A run with that id, also one that has ended. */
export function anyRun(contents: Contents, id: string): SealedRun | undefined {
  return liveRun(contents, id) ?? (contents.get("ended_runs", id) as SealedRun | undefined);
}

/** Every run that goes on. */
export function liveRuns(contents: Contents): Iterable<SealedRun> {
  return contents.all("runs") as Iterable<SealedRun>;
}

/** What a run has asked and nobody has answered, by id. */
export function openQuestions(contents: Contents, runId: string): readonly Question[] {
  const open = [...contents.all("questions")].filter((each) => each["run_id"] === runId);
  return (open as unknown as Question[]).sort(byId);
}

/** A question that is settled. */
export function closed(question: Question, fields: Partial<Question>): Fact {
  const data = { question_id: question.id, question: { ...question, ...fields } };
  return { type: "question.closed", data };
}

/** A run that goes on, and stands elsewhere. */
export function updated(run: SealedRun, cause: string, note = ""): Fact {
  return { type: "run.updated", data: { run, cause, note: brief(note) } };
}

/** A run with other fields, and as a new version of it. */
export function changed(about: About, run: SealedRun, fields: Partial<SealedRun>): SealedRun {
  return { ...run, version: raised(about, run), updated_at: about.at, ...fields };
}

/** Whether it waits for people or another run: nobody takes it over then, and it need not report. */
export function waits({ state, waiting_for }: SealedRun): boolean {
  return ASKING.has(state) || waiting_for !== null;
}

/** Whether the process that has a run has been silent for longer than it said it would be. */
export function isSilent(about: About, run: SealedRun): boolean {
  return Date.parse(about.at) > Date.parse(run.heard_at ?? "") + 1_000 * run.lease_seconds;
}

/** Costs with more of them. */
export function summed(costs: Required<Costs>, more: Required<Costs> | null): Required<Costs> {
  if (more === null) return costs;
  return {
    tokens: Math.min(MOST, costs.tokens + more.tokens),
    money: Math.min(MOST, costs.money + more.money),
    seconds: Math.min(MOST, costs.seconds + more.seconds),
  };
}

/** Whether another run for the same task was ordered before this one. */
export function hasEarlier(run: SealedRun, others: Iterable<SealedRun>): boolean {
  if (run.task_id === null) return false;
  for (const other of others) {
    const order = compare(other.created_at, run.created_at) || compare(other.id, run.id);
    if (other.task_id === run.task_id && order < 0) return true;
  }
  return false;
}

function live(contents: Contents, where: (run: SealedRun) => boolean): readonly SealedRun[] {
  return [...liveRuns(contents)].filter(where).sort(byId);
}

function withdrawQuestions(contents: Contents, run: SealedRun): readonly Fact[] {
  return openQuestions(contents, run.id).map((question) => closed(question, { state: "withdrawn" }));
}

function isTriedAgain(cause: string): boolean {
  return AT_ONCE.has(cause) || Object.hasOwn(LATER_MS, cause);
}

function doubled(ms: number, times: number): number {
  return ms * 2 ** Math.min(Math.max(0, times), MOST_DOUBLINGS);
}

function later(at: string, ms: number): string {
  return timestamp(Date.parse(at) + ms);
}

function brief(note: string): string {
  return Array.from(note).slice(0, NOTE).join("");
}
