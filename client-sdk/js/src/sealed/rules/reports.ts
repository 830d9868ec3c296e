/**
 * What agents say about their runs, from the claim to the last report; the counterpart of the server's.
 *
 * Each report names the attempt that it is of: one that is over, or another's, is refused with `fenced` and changes
 * nothing. The server lets one claim of several through, since it compares the run's version.
 */

import {
  MAX_ARTIFACTS,
  MAX_LOG_LINES,
  MAX_OUTPUT,
  type Costs,
  type ErrorClass,
  type LogLevel,
  type RunError,
  type TaskStatus,
} from "../../generated/protocol.js";
import { taskOf, type About, type Contents, type Fact, type Plain } from "./about.js";
import { openProject } from "./access.js";
import { apply } from "./changes.js";
import {
  After,
  anyRun,
  ASKING,
  changed,
  conclude,
  hasEarlier,
  isSilent,
  liveRun,
  liveRuns,
  park,
  requeue,
  stop,
  summed,
  updated,
  waits,
  type SealedRun,
} from "./endings.js";
import { invalid, limitExceeded, notFound, refusal, taken } from "./refusals.js";
import { rule } from "./rule.js";
import { fresh } from "./runs.js";

const NOT_BEGUN: readonly TaskStatus[] = ["backlog", "todo"];

/** What every report begins with. */
export interface Report {
  readonly project_id: string;
  readonly run_id: string;
  readonly fence: number;
}

/**
 * The run that a report is about, if its attempt is the sender's and goes on. `last` reports are accepted of a run
 * that is being canceled too. Others' runs are `not_found`, an attempt that is over is `fenced`.
 */
export function attempt(contents: Contents, about: About, report: Report, last = false): SealedRun {
  const run = anyRun(contents, report.run_id);
  if (run === undefined || report.project_id !== about.room || run.agent_id !== about.sender) {
    throw notFound("run");
  }
  if (run.instance_id === null || run.attempt !== report.fence) {
    const state = run.ended_at === null ? `is at attempt ${run.attempt}` : `has ${run.state}`;
    const message = `This attempt is over: the run ${state}. Stop working on it.`;
    throw refusal("fenced", message, { fence: run.attempt });
  }
  if (run.canceling && !last) {
    const message = "The run was stopped; report once more, with run.complete or run.fail.";
    throw refusal("run_canceled", message);
  }
  return run;
}

interface Claim {
  readonly project_id: string;
  readonly instance_id: string;
  readonly run_id: string;
  readonly lease_seconds: number;
}

/**
 * Takes a run and begins, or takes it over from a process that has been silent for too long. A process that comes
 * back takes its own over at once. One whose time is over ends instead.
 */
function claim(contents: Contents, about: About, data: Claim): readonly Fact[] {
  openProject(contents, about, data.project_id);
  const run = liveRun(contents, data.run_id);
  if (run?.wanted_agent_id !== about.sender) throw notFound("run");
  const held = run.instance_id !== null;
  if (held && run.instance_id !== data.instance_id && !isSilent(about, run)) {
    throw refusal("conflict", "Another process has this run.", { current: run });
  }
  if (run.canceling) return stop(contents, about, { ...run, instance_id: null }, "It was stopped.");
  checkReady(contents, about, run);
  if (run.deadline !== null && run.deadline < about.at) {
    return failed(contents, about, run, {
      cause: "deadline_exceeded",
      message: "Its deadline has passed.",
    });
  }
  const lost: RunError = { cause: "lost", message: "The agent's process gave no more signs." };
  if (held && run.attempt - run.spared >= run.attempts) return failed(contents, about, run, lost);
  return begun(contents, about, held ? { ...run, error: lost } : run, data);
}

function failed(contents: Contents, about: About, run: SealedRun, error: RunError): readonly Fact[] {
  return conclude(contents, about, run, "failed", { error, note: error.message });
}

function checkReady(contents: Contents, about: About, run: SealedRun): void {
  const conflict = (message: string): Error => refusal("conflict", message, { current: run });
  if (ASKING.has(run.state)) throw conflict("The run waits for an answer.");
  if (run.waiting_for !== null) throw conflict("The run waits for another one.");
  if (run.not_before !== null && about.at < run.not_before) {
    throw conflict(`The run is not to begin before ${run.not_before}.`);
  }
  if (run.task_id !== null && taskOf(contents, run.task_id)?.blocked === true) {
    throw conflict("The run's task waits for others.");
  }
  if (hasEarlier(run, liveRuns(contents))) throw conflict("An earlier run for its task goes on.");
}

function begun(contents: Contents, about: About, run: SealedRun, data: Claim): readonly Fact[] {
  const working = changed(about, run, {
    state: "working",
    agent_id: about.sender,
    instance_id: data.instance_id,
    attempt: run.attempt + 1,
    lease_seconds: data.lease_seconds,
    started_at: run.started_at ?? about.at,
    progress: null,
    note: "",
    output_end: 0,
    progress_at: about.at,
    heard_at: about.at,
  });
  return [updated(working, "started"), ...moved(contents, about, run, NOT_BEGUN, "in_progress")];
}

interface Progress extends Report {
  readonly progress: number | null;
  readonly note: string | null;
  readonly costs: Required<Costs> | null;
}

/** How far a run is, and what it used up; or, without anything, only that it goes on. */
function progress(contents: Contents, about: About, data: Progress): readonly Fact[] {
  const before = attempt(contents, about, data);
  const silent = data.progress === null && data.note === null && data.costs === null;
  const run = silent ? before : counted(before);
  const costs = summed(run.costs, data.costs);
  if (run.budget !== null && costs.money > run.budget) {
    const message = "The run's budget does not bear the costs.";
    return failed(contents, about, { ...run, costs }, { cause: "budget_exhausted", message });
  }
  const told = changed(about, run, {
    progress: data.progress ?? run.progress,
    note: data.note ?? run.note,
    costs,
    progress_at: about.at,
  });
  const { id, version, note, stale, progress_at, updated_at, reports } = told;
  const shown = { id, version, progress: told.progress, note, costs, stale, progress_at, updated_at };
  return [{ type: "run.progressed", data: { run: { ...shown, heard_at: about.at, reports } } }];
}

interface Output extends Report {
  readonly text: string;
  readonly offset: number;
}

/** More of a run's output, kept up to the limit. */
function output(contents: Contents, about: About, data: Output): readonly Fact[] {
  const { id, output_end: end } = attempt(contents, about, data);
  if (data.offset !== end) throw refusal("conflict", `The output goes on at ${end}.`, { current: end });
  const room = MAX_OUTPUT - end;
  if (room <= 0) throw limitExceeded("characters of output; attach what is larger", MAX_OUTPUT);
  const text = Array.from(data.text);
  const kept = text.slice(0, room);
  const alive = { id, stale: false, progress_at: about.at, heard_at: about.at };
  const run = { ...alive, output_end: end + kept.length };
  const more = { fence: data.fence, offset: end, text: kept.join(""), truncated: text.length >= room };
  return [{ type: "run.outputted", data: { run_id: id, run, ...more } }];
}

interface Line extends Report {
  readonly message: string;
  readonly level: LogLevel;
  readonly data: Plain | null;
}

/** A line in a run's log. */
function log(contents: Contents, about: About, line: Line): readonly Fact[] {
  const { id, reports } = counted(attempt(contents, about, line));
  const { fence, level, message, data } = line;
  return [{ type: "run.logged", data: { run_id: id, run: { id, reports }, fence, level, message, data } }];
}

interface Attach extends Report {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly media_type: string;
}

/** Something that a run made, with what is in it. */
function attach(contents: Contents, about: About, data: Attach): readonly Fact[] {
  const run = attempt(contents, about, data);
  if (contents.get("artifacts", data.id) !== undefined) throw taken();
  const made = [...contents.all("artifacts")].filter((each) => each["run_id"] === run.id);
  if (made.length >= MAX_ARTIFACTS) throw limitExceeded("artifacts of a run", MAX_ARTIFACTS);
  const { id, run_id, name, media_type, text } = data;
  const bytes = new TextEncoder().encode(text).length;
  const artifact = { id, run_id, name, media_type, text, bytes, created_at: about.at };
  return [{ type: "run.attached", data: { artifact } }];
}

interface Complete extends Report {
  readonly result: unknown;
  readonly summary: string;
  readonly costs: Required<Costs> | null;
}

/** The run is done, and so is its task, unless that is to be reviewed or more is done for it. */
function complete(contents: Contents, about: About, data: Complete): readonly Fact[] {
  const run = charged(attempt(contents, about, data, true), data.costs);
  const { result, summary } = data;
  if (run.canceling) {
    const error = { cause: "canceled", message: "It was stopped." } as const;
    return conclude(contents, about, run, "canceled", { error, result });
  }
  const ended = conclude(contents, about, run, "completed", { result, summary });
  const rest = new After(contents, ended);
  if ([...liveRuns(rest)].some((other) => other.task_id === run.task_id)) return ended;
  const status = run.review ? "in_review" : "done";
  return [...ended, ...moved(rest, about, run, [...NOT_BEGUN, "in_progress"], status)];
}

interface Fail extends Report {
  readonly message: string;
  readonly cause: ErrorClass;
  readonly costs: Required<Costs> | null;
}

/** The attempt came to nothing; the run has another, or has failed. */
function fail(contents: Contents, about: About, data: Fail): readonly Fact[] {
  const run = charged(attempt(contents, about, data, true), data.costs);
  const error = { cause: data.cause, message: data.message };
  if (run.canceling) return conclude(contents, about, run, "canceled", { error });
  return requeue(contents, about, run, { error, note: data.message });
}

interface Release extends Report {
  readonly reason: string;
}

/** Hands a run back, for another process to do. */
function release(contents: Contents, about: About, data: Release): readonly Fact[] {
  const run = attempt(contents, about, data, true);
  const note = data.reason || "Its process handed it back.";
  if (run.canceling) {
    const error = { cause: "canceled", message: note } as const;
    return conclude(contents, about, run, "canceled", { note, error });
  }
  if (waits(run)) return park(about, run, note);
  return requeue(contents, about, run, { note, counts: false });
}

type AskedClaim = Omit<Claim, "run_id"> & { readonly run_id: string | null };

/** Which run it is; there is none for a task that nobody has ordered. */
function fillClaim(_contents: Contents, _about: About, data: AskedClaim): Claim {
  const { project_id, instance_id, run_id, lease_seconds } = data;
  if (run_id === null) {
    throw invalid("run_id", "name a run; in an encrypted room agents do what they are given.");
  }
  return { project_id, instance_id, run_id, lease_seconds };
}

function charged(run: SealedRun, costs: Required<Costs> | null): SealedRun {
  return { ...run, costs: summed(run.costs, costs) };
}

function counted(run: SealedRun): SealedRun {
  if (run.reports >= MAX_LOG_LINES) {
    throw limitExceeded("log lines and progress reports of a run", MAX_LOG_LINES);
  }
  return { ...run, reports: run.reports + 1 };
}

/** A run's task moved on, unless people have moved it already. */
function moved(
  contents: Contents,
  about: About,
  run: SealedRun,
  from: readonly TaskStatus[],
  status: TaskStatus,
): readonly Fact[] {
  const before = run.task_id === null ? undefined : taskOf(contents, run.task_id);
  if (before === undefined || !from.includes(before.status)) return [];
  return apply(contents, about, [{ before, after: { ...before, status } }]);
}

export const RULES = {
  "run.claim": rule<Claim, AskedClaim>({ apply: claim, entity: "run_id", fill: fillClaim }),
  "run.progress": rule<Progress>({ apply: progress }),
  "run.output": rule<Output>({ apply: output }),
  "run.log": rule<Line>({ apply: log }),
  "run.attach": rule<Attach, Omit<Attach, "id">>({ apply: attach, fill: fresh }),
  "run.complete": rule<Complete>({ apply: complete, entity: "run_id" }),
  "run.fail": rule<Fail>({ apply: fail, entity: "run_id" }),
  "run.release": rule<Release>({ apply: release, entity: "run_id" }),
};
