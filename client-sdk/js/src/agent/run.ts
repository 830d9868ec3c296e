/** A run as its handler sees it. */

import type {
  Artifact,
  Costs,
  HandedOver,
  Id,
  Json,
  LogLevel,
  Money,
  Question,
  RunAsk,
  RunInfo,
  RunOffer,
  Schema,
  TaskBrief,
} from "../generated/protocol.js";
import { isYmeraError } from "../errors.js";
import { Conversation } from "./conversation.js";
import { CallFailed, Denied, Unanswered } from "./errors.js";
import type { RunFiles } from "./files.js";
import type { Fields } from "./narration.js";
import type { Reports } from "./reports.js";
import { fit, shorten } from "./text.js";

const MAX_NOTE = 500;
const MAX_LINE = 2_000;

export interface AskOptions {
  /** The question's name: asked again with the same it is the same. If left out, what is asked names it. */
  readonly key?: string;
  /** Whom to ask; if left out, who gave the run, if that is a person, else everybody who may edit. */
  readonly to?: readonly Id[];
  /** Until when; then the question ends with Unanswered. */
  readonly expiresAt?: Date;
}

export interface ApproveOptions extends AskOptions {
  /** What people read; if left out, the action. */
  readonly prompt?: string;
  /** Most that the action may cost, in millionths. */
  readonly ceiling?: Money;
}

export interface CallOptions {
  /** The call's name: called again with the same it is the same run. If left out, what is called for names it. */
  readonly key?: string;
  /** The agent that is to do it; if left out, whichever has the capability. */
  readonly agentId?: Id;
  readonly deadline?: Date;
  /** Most that it may cost, in millionths. */
  readonly budget?: Money;
}

export interface HandOffOptions {
  readonly agentId?: Id;
  readonly input?: Json;
  /** What the next should know. */
  readonly note?: string;
  /** This run's result, which the next is given too. */
  readonly result?: unknown;
}

type Write = (message: string, data?: Readonly<Record<string, unknown>>) => void;

/** Lines in the run's log, which everybody sees who sees the run. */
export type RunLogger = Readonly<Record<LogLevel, Write>>;

/** What people have allowed. It serves once. */
export interface Approval {
  readonly question: Question;
  /**
   * Makes use of it, right before the action. Throws Denied unless it is of exactly these arguments, has not
   * expired or been used, and bears the cost (in millionths).
   */
  use(args: Json, cost?: Money): Promise<void>;
}

/**
 * A run at work. Whatever it is asked for throws Stopped once the run is stopped; `signal` is aborted then.
 */
export class Run {
  readonly id: Id;
  readonly projectId: Id;
  readonly capability: string;
  /** The task that it is done for, as it was at the start; null for calls and runs of triggers. */
  readonly task: TaskBrief | null;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** What the run before has left, if it handed over to this one. */
  readonly handed: HandedOver | null;
  /** All about the run, as it was at the start. */
  readonly info: RunInfo;
  /** Aborted when the run is to be stopped; pass it on to whatever takes one. */
  readonly signal: AbortSignal;
  readonly log: RunLogger;
  /** Files of the run's project. */
  readonly files: RunFiles;
  /** The result in a line, for people; given with the end. */
  summary = "";
  readonly #reports: Reports;
  readonly #conversation: Conversation;

  /** @internal */
  constructor(offer: RunOffer, reports: Reports, conversation: Conversation, files: RunFiles) {
    this.info = offer.run;
    this.id = offer.run.id;
    this.projectId = offer.run.project_id;
    this.capability = offer.run.capability;
    this.task = offer.task;
    this.attempt = offer.fence;
    this.handed = offer.handed;
    this.signal = reports.signal;
    this.#reports = reports;
    this.#conversation = conversation;
    this.files = files;
    const at =
      (level: LogLevel): Write =>
      (message, data) => {
        this.#write(level, message, data);
      };
    this.log = { debug: at("debug"), info: at("info"), warning: at("warning"), error: at("error") };
  }

  /** Shows how far it is, from 0 to 1 (null: as before), and what it is at. At most four times a second the newest is sent. */
  progress(share: number | null, note?: string): void {
    this.#reports.check();
    if (share !== null && !(share >= 0 && share <= 1)) {
      throw new RangeError(`progress is a share from 0 to 1, not ${share}`);
    }
    this.#reports.narration.progress({
      ...(share === null ? {} : { progress: share }),
      ...(note === undefined ? {} : { note: shorten(fit(note), MAX_NOTE) }),
    });
  }

  /** Adds to the output that people watch; sent at most four times a second. The server keeps a million characters. */
  output(text: string): void {
    this.#reports.check();
    this.#reports.narration.output(text);
  }

  /** Says what was used up since the last time. Throws Stopped if a budget does not bear it: the run has failed. */
  async cost(costs: Costs): Promise<void> {
    await this.#reports.send("run.progress", { costs });
  }

  /** Asks a person, and waits, days if need be. Throws Unanswered if nobody answers in time. */
  ask(prompt: string, options?: AskOptions): Promise<string>;
  ask<C extends string>(prompt: string, options: AskOptions & { readonly choices: readonly C[] }): Promise<C>;
  ask<T = Json>(prompt: string, options: AskOptions & { readonly form: Schema }): Promise<T>;
  async ask(
    prompt: string,
    { choices, form, ...options }: AskOptions & { choices?: readonly string[]; form?: Schema } = {},
  ): Promise<unknown> {
    const kind = form !== undefined ? "form" : choices !== undefined ? "choice" : "text";
    const of = { ...(choices === undefined ? {} : { choices }), ...(form === undefined ? {} : { form }) };
    return (await this.#ask({ kind, prompt, ...of }, options)).answer;
  }

  /** Asks whether an action may be done with exactly these arguments. Throws Denied if not. */
  async approve(action: string, args: Json, options: ApproveOptions = {}): Promise<Approval> {
    const { prompt = action, ceiling, ...to } = options;
    const of = { kind: "approval", prompt, action, arguments: args } as const;
    const question = await this.#ask({ ...of, ...(ceiling === undefined ? {} : { ceiling }) }, to);
    if (question.answer !== true) throw new Denied(`Not allowed: ${question.comment || prompt}`);
    return { question, use: (used, cost = 0) => this.#use(question, action, used, cost) };
  }

  /** Has another agent do something, and waits for its result. Throws CallFailed if it does not complete. */
  async call<R = unknown>(capability: string, input: Json = {}, options: CallOptions = {}): Promise<R> {
    const reply = await this.#conversation.call(toCall(capability, input, options), options.key);
    if (reply.state !== "completed") throw new CallFailed(capability, reply);
    return reply.result as R;
  }

  /** Has another agent do something, without waiting for it; a `call` of the same `key` waits. */
  start(capability: string, input: Json = {}, options: CallOptions = {}): Promise<RunInfo> {
    return this.#conversation.start(toCall(capability, input, options), options.key);
  }

  /** Ends this run as completed, and has another agent go on with its task. What the handler returns does not count. */
  async handOff(capability: string, options: HandOffOptions = {}): Promise<RunInfo> {
    this.#reports.check();
    await this.#reports.orStopped(this.#reports.narration.flush());
    const { agentId, input, note, result } = options;
    return this.#reports.last("run.hand_off", {
      capability,
      ...(agentId === undefined ? {} : { agent_id: agentId }),
      ...(input === undefined ? {} : { input }),
      ...(note === undefined ? {} : { note: fit(note) }),
      ...(result === undefined ? {} : { result }),
    });
  }

  /** Adds a text of at most 256 KiB that the run has made. */
  attach(name: string, text: string, mediaType = "text/plain"): Promise<Artifact> {
    return this.#reports.sendAfterAll("run.attach", { name, text: fit(text), media_type: mediaType });
  }

  #write(level: LogLevel, message: string, data: Readonly<Record<string, unknown>> | undefined): void {
    this.#reports.check();
    const text = shorten(fit(message), MAX_LINE);
    this.#reports.narration.log(level, text === "" ? "(empty)" : text, data ?? null);
  }

  async #ask(question: Omit<Fields<RunAsk>, "key">, { key, to, expiresAt }: AskOptions): Promise<Question> {
    const who = {
      ...(to === undefined ? {} : { to }),
      ...(expiresAt === undefined ? {} : { expires_at: expiresAt.toISOString() }),
    };
    const closed = await this.#conversation.ask(question, who, key);
    if (closed.state !== "answered") throw new Unanswered(closed);
    return closed;
  }

  async #use({ id }: Question, action: string, args: Json, cost: Money): Promise<void> {
    try {
      await this.#reports.send("run.use_approval", { question_id: id, action, arguments: args, cost });
    } catch (error) {
      if (isYmeraError(error, "forbidden")) throw new Denied(error.message, { cause: error });
      throw error;
    }
  }
}

function toCall(capability: string, input: Json, { agentId, deadline, budget }: CallOptions) {
  return {
    capability,
    input,
    ...(agentId === undefined ? {} : { agent_id: agentId }),
    ...(deadline === undefined ? {} : { deadline: deadline.toISOString() }),
    ...(budget === undefined ? {} : { budget }),
  };
}
