/**
 * Runs a capability without a server, for tests: `rehearse` plays the server's part for one run.
 *
 * Input, results and answers are held against their JSON Schemas, which needs the package `ajv` beside this one.
 */

import { v7 as uuidv7 } from "uuid";

import type {
  Artifact,
  HandedOver,
  Json,
  LogLevel,
  Money,
  Question,
  RunError,
  RunHandOff,
  RunInfo,
  RunOffer,
  RunReply,
  TaskBrief,
} from "../generated/protocol.js";
import type { Agent } from "./agent.js";
import { Attempt } from "./attempt.js";
import type { Fields } from "./narration.js";
import type { RehearsedFile } from "./shelf.js";
import { Stage } from "./stage.js";
import { faultOf } from "./validation.js";

export interface RehearseOptions {
  /** Answers questions, approvals with true or false. Undefined: nobody answers, the question expires. */
  readonly answer?: (question: Question) => unknown;
  /** The other agents, by capability: what a call of it gives. One that throws has failed. */
  readonly agents?: Readonly<Record<string, (input: Json) => unknown>>;
  /** What the run may cost, in millionths. */
  readonly budget?: Money;
  readonly task?: TaskBrief;
  readonly handed?: HandedOver;
  /** The project's files, by folder and name: `data/prices.csv`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** The attempt before this one, whose answers and replies this one begins with. */
  readonly after?: Rehearsed;
}

/** How an attempt at a run went. */
export interface Rehearsed {
  /** `released`: handed back. `stopped`: it was taken away, and gave no last report. */
  readonly state: "completed" | "failed" | "canceled" | "released" | "handed_off" | "stopped";
  readonly attempt: number;
  readonly result: unknown;
  readonly summary: string;
  readonly error: RunError | null;
  readonly output: string;
  readonly progress: readonly { readonly progress: number | null; readonly note: string }[];
  readonly costs: { readonly tokens: number; readonly money: number; readonly seconds: number };
  /** With what went wrong in the background. */
  readonly log: readonly { readonly level: LogLevel; readonly message: string }[];
  readonly artifacts: readonly (Artifact & { readonly text: string })[];
  /** Versions of files that it made, oldest first. */
  readonly files: readonly RehearsedFile[];
  readonly questions: readonly Question[];
  readonly calls: readonly RunReply[];
  /** Of a run that handed its task on: to whom, with what. */
  readonly handOff: Fields<RunHandOff> | null;
}

/** A rehearsal under way. */
export interface Rehearsal {
  readonly ended: Promise<Rehearsed>;
  /** Stops the run, as somebody does who sees it. */
  cancel(): void;
  /** Takes the run away, as another attempt does that has begun. */
  lose(): void;
}

/** Has a capability of the agent do a run with this input. Throws if the input does not satisfy its schema. */
export function rehearse(
  agent: Agent,
  capability: string,
  input: Json,
  options: RehearseOptions = {},
): Rehearsal {
  const skill = agent.skill(capability);
  const fault = faultOf(skill.capability.input, input);
  if (fault !== null) throw new Error(`The input ${fault}.`);
  const offer = offerOf(capability, input, options);
  const stage = new Stage(offer, skill.capability.output, options);
  const attempt = new Attempt(offer, skill, stage, (message, error) => {
    stage.warn(message, error);
  });
  stage.tellTo(attempt);
  return {
    ended: attempt.carryOut().then(() => stage.rehearsed()),
    cancel: () => {
      stage.cancel();
    },
    lose: () => {
      stage.lose();
    },
  };
}

function offerOf(capability: string, input: Json, options: RehearseOptions): RunOffer {
  const { task, handed, after } = options;
  const run = runOf(capability, options);
  return {
    run,
    fence: run.attempt,
    input: JSON.parse(JSON.stringify(input)) as Json,
    task: task ?? null,
    handed: handed ?? null,
    answers: after?.questions.filter(({ state }) => state === "answered") ?? [],
    results: Object.fromEntries((after?.calls ?? []).map((reply) => [reply.key, reply])),
  };
}

function runOf(capability: string, { task, handed, after, budget }: RehearseOptions): RunInfo {
  const at = new Date().toISOString();
  const somebody = uuidv7();
  return {
    id: uuidv7(),
    version: 1,
    project_id: uuidv7(),
    task_id: task?.id ?? null,
    title: task?.title ?? capability,
    capability,
    wanted_agent_id: null,
    agent_id: somebody,
    instance_id: somebody,
    requested_by: somebody,
    parent_id: null,
    previous_id: handed?.run_id ?? null,
    trigger_id: null,
    depth: 0,
    state: "submitted",
    waiting_for: null,
    canceling: false,
    stale: false,
    attempt: (after?.attempt ?? 0) + 1,
    attempts: 3,
    priority: task?.priority ?? "none",
    not_before: null,
    deadline: null,
    review: false,
    budget: budget ?? null,
    costs: {},
    progress: null,
    note: "",
    error: after?.error ?? null,
    summary: "",
    created_at: at,
    started_at: null,
    progress_at: null,
    ended_at: null,
    updated_at: at,
  };
}
