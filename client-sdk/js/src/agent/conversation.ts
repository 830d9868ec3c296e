/**
 * What a run waits for: people's answers, and the runs that it called.
 *
 * What has an answer from an earlier attempt is not asked again. News can be lost on its way; `lookAgain`
 * finds what has come meanwhile.
 */

import type {
  Question,
  RunAsk,
  RunCall,
  RunControl,
  RunInfo,
  RunOffer,
  RunReply,
} from "../generated/protocol.js";
import { Keys } from "./keys.js";
import type { Fields } from "./narration.js";
import type { Reports } from "./reports.js";

const ENDED = new Set<RunInfo["state"]>(["completed", "failed", "canceled", "rejected"]);

/**
 * Asks whether an answer is there, and for the first time asks for it. `renewed`: the run is to be known as
 * waiting for this one; the server remembers one call at a time, and frees the run's slot meanwhile.
 */
type Look<T> = (renewed: boolean) => Promise<T | null>;

/** A wait for one answer. */
class Wait<T> {
  readonly answer: Promise<T>;
  readonly settle: (answer: T) => void;
  readonly #fail: (error: unknown) => void;
  readonly #look: Look<T>;

  constructor(look: Look<T>) {
    const { promise, resolve, reject } = withResolvers<T>();
    this.answer = promise;
    this.settle = resolve;
    this.#fail = reject;
    this.#look = look;
  }

  look(renewed: boolean): void {
    this.#look(renewed).then((answer) => {
      if (answer !== null) this.settle(answer);
    }, this.#fail);
  }
}

/** Waits by their key; who waits for the same shares one. */
class Waits<T> {
  readonly #open = new Map<string, Wait<T>>();

  get size(): number {
    return this.#open.size;
  }

  async for(key: string, reports: Reports, look: Look<T>): Promise<T> {
    let wait = this.#open.get(key);
    if (wait === undefined) {
      wait = new Wait(look);
      this.#open.set(key, wait);
      wait.look(true);
    }
    try {
      return await reports.orStopped(wait.answer);
    } finally {
      if (this.#open.get(key) === wait) this.#open.delete(key);
    }
  }

  settle(key: string, answer: T): void {
    this.#open.get(key)?.settle(answer);
    this.#open.delete(key);
  }

  /** Has the run known as waiting for one that it still waits for. */
  renew(): void {
    const [first] = this.#open.values();
    first?.look(true);
  }

  lookAgain(): void {
    for (const [n, wait] of [...this.#open.values()].entries()) wait.look(n === 0);
  }
}

export class Conversation {
  readonly #reports: Reports;
  readonly #keys = new Keys();
  readonly #answers: ReadonlyMap<string, Question>;
  readonly #replies: ReadonlyMap<string, RunReply>;
  readonly #questions = new Waits<Question>();
  readonly #calls = new Waits<RunReply>();

  constructor(reports: Reports, { answers, results }: RunOffer) {
    this.#reports = reports;
    // One that was withdrawn is asked again.
    const closed = answers.filter(({ state }) => state !== "withdrawn");
    this.#answers = new Map(closed.map((question) => [question.key, question]));
    this.#replies = new Map(Object.entries(results as Readonly<Record<string, RunReply>>));
  }

  /** Whether anything is waited for. */
  get waiting(): boolean {
    return this.#questions.size + this.#calls.size > 0;
  }

  /** The question, once it is answered, has expired or is withdrawn. */
  async ask(
    question: Omit<Fields<RunAsk>, "key">,
    to: Pick<RunAsk, "to" | "expires_at">,
    key?: string,
  ): Promise<Question> {
    this.#reports.check();
    const own = key ?? this.#keys.next(question);
    const answered = this.#answers.get(own);
    if (answered !== undefined) return answered;
    return this.#questions.for(own, this.#reports, async () => {
      const asked = await this.#reports.sendAfterAll("run.ask", { ...question, ...to, key: own });
      return asked.state === "open" ? null : asked;
    });
  }

  /** How the run ended that was called for. */
  async call(call: Omit<Fields<RunCall>, "key" | "wait">, key?: string): Promise<RunReply> {
    this.#reports.check();
    const own = this.#callKey(call, key);
    const replied = this.#replies.get(own);
    if (replied !== undefined) return replied;
    let run: RunInfo | null = null;
    return this.#calls.for(own, this.#reports, async (renewed) => {
      if (run === null || renewed) run = await this.#reports.sendAfterAll("run.call", { ...call, key: own });
      else run = (await this.#reports.ask("run.get", { run_id: run.id })).run;
      return ENDED.has(run.state) ? this.#reply(run, own) : null;
    });
  }

  /** Calls without waiting for the end. */
  async start(call: Omit<Fields<RunCall>, "key" | "wait">, key?: string): Promise<RunInfo> {
    this.#reports.check();
    return this.#reports.sendAfterAll("run.call", { ...call, key: this.#callKey(call, key), wait: false });
  }

  /** Takes up what the server tells. */
  hear({ question, reply }: RunControl): void {
    if (question !== undefined && question !== null && question.state !== "open") {
      this.#questions.settle(question.key, question);
    }
    if (reply !== undefined && reply !== null) {
      this.#calls.settle(reply.key, reply);
      this.#calls.renew();
    }
  }

  /** Asks for what may have come unheard. */
  lookAgain(): void {
    this.#questions.lookAgain();
    this.#calls.lookAgain();
  }

  #callKey({ capability, agent_id, input }: Omit<Fields<RunCall>, "key">, key: string | undefined): string {
    return key ?? this.#keys.next({ capability, agent_id, input });
  }

  async #reply({ id, state }: RunInfo, key: string): Promise<RunReply> {
    const { run, result } = await this.#reports.ask("run.get", { run_id: id });
    return { run_id: id, key, state, result, error: run.error };
  }
}

/** A promise, and the means to settle it. */
function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  return { promise, resolve, reject };
}
