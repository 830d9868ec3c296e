/** The server's part in a rehearsal of one run: takes its reports as the server would, and remembers them. */

import { v7 as uuidv7 } from "uuid";

import { localError } from "../errors.js";
import type {
  CommandName,
  Commands,
  Costs,
  Question,
  RunAsk,
  RunCall,
  RunControlKind,
  RunInfo,
  RunOffer,
  RunReply,
  RunUseApproval,
  Schema,
} from "../generated/protocol.js";
import type { Attempt } from "./attempt.js";
import type { Link } from "./link.js";
import { Shelf } from "./shelf.js";
import type { Rehearsed, RehearseOptions } from "./testing.js";
import { faultOf } from "./validation.js";

/** What the server does at a command. */
type Acts = { readonly [N in CommandName]?: (payload: Commands[N]["payload"]) => Commands[N]["reply"] };
type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer I)[] ? I[] : T[K] };
type Told = Writable<Omit<Rehearsed, "questions" | "calls" | "files">>;

/** What is taken of a canceled run. */
const TAKEN: ReadonlySet<CommandName> = new Set<CommandName>([
  "run.accept",
  "run.complete",
  "run.fail",
  "run.release",
]);

export class Stage implements Link {
  readonly files: Shelf;
  readonly #run: RunInfo;
  readonly #output: Schema | undefined;
  readonly #options: RehearseOptions;
  readonly #told: Told;
  readonly #questions: Map<string, Question>;
  readonly #calls = new Map<string, { readonly run: RunInfo; readonly reply: RunReply | null }>();
  #attempt: Attempt | null = null;
  #canceling = false;
  #over = false;

  constructor({ run, fence }: RunOffer, output: Schema | undefined, options: RehearseOptions) {
    this.files = new Shelf(run, options.files ?? {});
    this.#run = run;
    this.#output = output;
    this.#options = options;
    this.#questions = new Map(options.after?.questions.map((question) => [question.key, question]));
    this.#told = {
      state: "stopped",
      attempt: fence,
      result: null,
      summary: "",
      error: null,
      output: "",
      progress: [],
      costs: { tokens: 0, money: 0, seconds: 0 },
      log: [],
      artifacts: [],
      handOff: null,
    };
  }

  /** Names the attempt that is told what comes of questions and calls. */
  tellTo(attempt: Attempt): void {
    this.#attempt = attempt;
  }

  async send<N extends CommandName>(name: N, payload: Commands[N]["payload"]): Promise<Commands[N]["reply"]> {
    // As over the wire: JSON, and not at once.
    const copy = JSON.parse(JSON.stringify(payload)) as Commands[N]["payload"];
    await Promise.resolve();
    const act: Acts[N] = this.#acts[name];
    if (act === undefined) throw localError("unknown_command", `A rehearsal does not know ${name}.`);
    if (this.#over) throw localError("fenced", "The attempt is over.");
    if (this.#canceling && !TAKEN.has(name)) throw localError("run_canceled", "The run was stopped.");
    return act(copy);
  }

  hold(): void {
    // Nobody else is after the run.
  }

  letGo(): void {
    // Nobody else is after the run.
  }

  warn(message: string, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#told.log.push({ level: "error", message: `${message}: ${why}` });
  }

  cancel(): void {
    this.#canceling = true;
    this.#tell("cancel");
  }

  lose(): void {
    this.#over = true;
    this.#tell("lost");
  }

  rehearsed(): Rehearsed {
    const earlier = this.#options.after?.calls ?? [];
    const calls = [...this.#calls.values()].flatMap(({ reply }) => reply ?? []);
    const questions = [...this.#questions.values()];
    return { ...this.#told, questions, calls: [...earlier, ...calls], files: this.files.made };
  }

  readonly #acts: Acts = {
    "run.accept": () => this.#standing(),
    "run.progress": ({ progress = null, note, costs }) => {
      if (costs === undefined || costs === null) this.#told.progress.push({ progress, note: note ?? "" });
      else this.#charge(costs);
      return this.#standing();
    },
    "run.output": ({ text, offset }) => {
      const end = Array.from(this.#told.output).length;
      if (offset !== end) throw localError("conflict", `The output goes on at ${end}.`);
      this.#told.output += text;
      return this.#standing();
    },
    "run.log": ({ level = "info", message }) => {
      this.#told.log.push({ level, message });
      return this.#standing();
    },
    "run.attach": ({ name, text, media_type = "text/plain" }) => {
      const [bytes, created_at] = [Buffer.byteLength(text), now()];
      const artifact = { id: uuidv7(), run_id: this.#run.id, name, media_type, bytes, created_at };
      this.#told.artifacts.push({ ...artifact, text });
      return artifact;
    },
    "run.ask": (asked) => this.#questions.get(asked.key) ?? this.#ask(asked),
    "run.use_approval": (use) => this.#use(use),
    "run.call": (call) => this.#calls.get(call.key)?.run ?? this.#call(call),
    "run.get": ({ run_id }) => this.#details(run_id),
    "run.complete": ({ result = null, summary = "" }) => {
      const fault = this.#canceling ? null : faultOf(this.#output, result);
      if (fault !== null) throw localError("invalid", `result: ${fault}.`);
      return this.#end({ state: this.#canceling ? "canceled" : "completed", result, summary });
    },
    "run.fail": ({ message, cause = "crashed" }) =>
      this.#end({ state: this.#canceling ? "canceled" : "failed", error: { message, cause } }),
    "run.release": () => {
      this.#end({ state: "released" });
      return this.#standing();
    },
    "run.hand_off": ({ capability, agent_id, input, note, result }) =>
      this.#end({
        state: "handed_off",
        handOff: { capability, agent_id: agent_id ?? null, input: input ?? {}, note: note ?? "", result },
        result: result ?? null,
      }),
  };

  #standing(): Commands["run.accept"]["reply"] {
    return { state: "working", canceling: this.#canceling, costs: this.#told.costs };
  }

  #end(how: Partial<Told>): RunInfo {
    this.#over = true;
    Object.assign(this.#told, how);
    return this.#run;
  }

  #tell(kind: RunControlKind, news: { question?: Question; reply?: RunReply } = {}): void {
    const { id, instance_id, attempt } = this.#run;
    this.#attempt?.hear({ instance_id: instance_id ?? "", run_id: id, fence: attempt, kind, ...news });
  }

  #charge({ tokens = 0, money = 0, seconds = 0 }: Costs): void {
    const { costs } = this.#told;
    const sum = {
      tokens: costs.tokens + tokens,
      money: costs.money + money,
      seconds: costs.seconds + seconds,
    };
    this.#told.costs = sum;
    if (sum.money <= (this.#options.budget ?? Infinity)) return;
    const message = "The run's budget is used up.";
    this.#end({ state: "failed", error: { cause: "budget_exhausted", message } });
    throw localError("budget_exhausted", message);
  }

  #ask(asked: RunAsk): Question {
    const question = questionOf(asked, this.#run);
    this.#questions.set(question.key, question);
    void this.#answer(question).then((closed) => {
      this.#questions.set(question.key, closed);
      this.#tell("answer", { question: closed });
    });
    return question;
  }

  /** The question once it is closed: with its answer, or expired. */
  async #answer(question: Question): Promise<Question> {
    try {
      const answer: unknown = await this.#options.answer?.(question);
      if (answer === undefined) return { ...question, state: "expired" };
      const fault = faultOf(answerSchema(question), answer);
      if (fault !== null) throw new Error(`it ${fault}`);
      return { ...question, state: "answered", answer, answered_at: now() };
    } catch (error) {
      this.warn(`the answer to «${question.prompt}» is none`, error);
      return { ...question, state: "expired" };
    }
  }

  #use({ question_id, action, arguments: used, cost = 0 }: RunUseApproval): Question {
    const question = [...this.#questions.values()].find(({ id }) => id === question_id);
    if (question === undefined) throw localError("not_found", "There is no such approval of this run.");
    const fits = question.answer === true && question.action === action && same(question.arguments, used);
    if (!fits) throw localError("forbidden", "Something else was approved, or nothing.");
    if (question.used_at !== null) throw localError("forbidden", "The approval was used already.");
    if (cost > (question.ceiling ?? Infinity))
      throw localError("forbidden", "It costs more than was approved.");
    const after = { ...question, used_at: now() };
    this.#questions.set(question.key, after);
    return after;
  }

  #call({ key, capability, input = {} }: RunCall): RunInfo {
    const run: RunInfo = { ...this.#run, id: uuidv7(), capability, title: capability };
    this.#calls.set(key, { run, reply: null });
    void this.#have(capability, input).then((outcome) => {
      const reply = { run_id: run.id, key, ...outcome };
      this.#calls.set(key, { run: { ...run, state: reply.state, error: reply.error }, reply });
      this.#tell("reply", { reply });
    });
    return run;
  }

  async #have(capability: string, input: RunCall["input"]): Promise<Omit<RunReply, "run_id" | "key">> {
    try {
      const other = this.#options.agents?.[capability];
      if (other === undefined) throw new Error(`The rehearsal has no agent for ${capability}.`);
      return { state: "completed", result: await other(input ?? {}), error: null };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { state: "failed", result: null, error: { cause: "fatal", message } };
    }
  }

  #details(id: string): Commands["run.get"]["reply"] {
    const call = [...this.#calls.values()].find(({ run }) => run.id === id);
    if (call === undefined) throw localError("not_found", "There is no such run.");
    const result = call.reply?.result ?? null;
    const none = { attempts: [], questions: [], artifacts: [], calls: [], files: [] };
    return { id, run: call.run, input: {}, result, ...none };
  }
}

function now(): string {
  return new Date().toISOString();
}

function same(one: unknown, other: unknown): boolean {
  return faultOf({ const: one }, other) === null;
}

/** JSON Schema of what answers a question. */
function answerSchema({ kind, choices, form }: Question): Schema {
  if (kind === "text") return { type: "string", maxLength: 20_000 };
  if (kind === "approval") return { type: "boolean" };
  return kind === "choice" ? { enum: choices } : (form ?? {});
}

function questionOf(asked: RunAsk, run: RunInfo): Question {
  return {
    id: uuidv7(),
    project_id: run.project_id,
    run_id: run.id,
    task_id: run.task_id,
    agent_id: run.agent_id ?? "",
    key: asked.key,
    kind: asked.kind ?? "text",
    prompt: asked.prompt,
    choices: asked.choices ?? [],
    form: asked.form ?? null,
    action: asked.action ?? null,
    arguments: asked.arguments ?? null,
    arguments_hash: null,
    ceiling: asked.ceiling ?? null,
    asked: asked.to ?? [],
    state: "open",
    answer: null,
    comment: "",
    answered_by: null,
    created_at: now(),
    answered_at: null,
    expires_at: asked.expires_at ?? null,
    used_at: null,
  };
}
