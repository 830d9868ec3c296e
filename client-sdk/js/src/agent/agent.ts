/** An agent's process: what it can do, the runs it has, and how it comes and goes. */

import { hostname } from "node:os";
import { v7 as uuidv7 } from "uuid";

import { localError, type YmeraError } from "../errors.js";
import {
  MAX_CAPABILITIES,
  MAX_LIVE_RUNS,
  type Capability,
  type CommandName,
  type Commands,
  type CostClass,
  type HeldRun,
  type Id,
  type Json,
  type Money,
  type RunControl,
  type RunOffer,
  type Schema,
  type SecondRun,
} from "../generated/protocol.js";
import { Attempt, type Skill } from "./attempt.js";
import type { StopReason } from "./errors.js";
import type { FileKeys } from "../sealed/file.js";
import type { Block, Enrolment, Lease, Side } from "./link.js";
import type { Warn } from "./reports.js";
import type { Run } from "./run.js";
import type { SealedTerms } from "./sealed.js";
import { ConnectionThread, type ThreadListener } from "./thread.js";

/** How long a process that is told to stop lets its runs go on, in milliseconds. */
const GRACE_MS = 20_000;
/** How long saying goodbye may take, in milliseconds. */
const GOODBYE_MS = 5_000;
const MAX_CAPACITY = 10_000;
/** How long a process may be silent in encrypted rooms, in seconds, if nobody says. */
const LEASE_SECONDS = 60;
const MAX_LEASE_SECONDS = 3_600;

export interface AgentOptions {
  /** The server's address; if left out, `YMERA_URL`. */
  readonly url?: string;
  /** The agent's token; if left out, `YMERA_TOKEN`. */
  readonly token?: string;
  /** Runs that this process does at once; if left out, as many as its capabilities together. */
  readonly capacity?: number;
  /** The version of the program, for people to see. */
  readonly version?: string;
  /** Milliseconds that runs have to end when the process is told to stop; then they are handed back. */
  readonly grace?: number;
  /**
   * Where this process keeps its keys, `fileKeys(…)` of `@ymera/client/node`, without which it does nothing in
   * encrypted rooms. No two processes share them.
   */
  readonly keys?: FileKeys;
  /** Seconds, from 1 to 3,600, of silence in encrypted rooms after which another process takes a run over; 60 if left out. */
  readonly leaseSeconds?: number;
  /** Where faults go that no handler hears of; if left out, to `console.error`. */
  readonly warn?: Warn;
}

export interface CapabilityOptions {
  readonly description?: string;
  /** Runs that the agent does at once, over all its processes; if left out, 1. */
  readonly concurrency?: number;
  /** JSON Schema 2020-12 of the input; the server lets nothing else through. */
  readonly input?: Schema;
  /** JSON Schema 2020-12 of the result. */
  readonly output?: Schema;
  readonly cost?: CostClass;
  /** What happens to a second run for a task while the first goes on; if left out, it waits. */
  readonly second?: SecondRun;
  /** What a run is expected to cost, in millionths. */
  readonly estimate?: Money;
  /** Most runs a minute that start. */
  readonly rate?: number;
  /** Attempts before a run is given up; if left out, 3. */
  readonly attempts?: number;
  /** Seconds without progress after which a run is shown as stale. */
  readonly staleAfter?: number;
}

/** Does a run, and returns its result, which JSON must be able to carry. */
export type Handler<I, O> = (run: Run, input: I) => O | Promise<O>;

export class Agent {
  /** This process's id, kept over reconnects. */
  readonly instanceId: Id = uuidv7();
  /** Resolves once this process, which has keys, can be in encrypted rooms. */
  readonly settled: Promise<void>;
  readonly #options: AgentOptions;
  readonly #skills = new Map<string, Skill>();
  readonly #attempts = new Map<Id, Attempt>();
  readonly #working = new Set<Promise<void>>();
  readonly #warn: Warn;
  #thread: ConnectionThread | null = null;
  #settle: () => void = () => undefined;
  /** What holds runs of encrypted rooms to their schemas, since no server can. */
  #checked: (skill: Skill) => Skill = (skill) => skill;
  #started = false;
  #draining: Promise<void> | null = null;

  constructor(options: AgentOptions = {}) {
    const { leaseSeconds = LEASE_SECONDS } = options;
    if (!Number.isInteger(leaseSeconds) || leaseSeconds < 1 || leaseSeconds > MAX_LEASE_SECONDS) {
      throw new RangeError(`leaseSeconds goes from 1 to ${MAX_LEASE_SECONDS}, not to ${leaseSeconds}`);
    }
    this.settled = new Promise((resolve) => (this.#settle = resolve));
    this.#options = options;
    this.#warn =
      options.warn ??
      ((message, error) => {
        console.error(message, error);
      });
  }

  /** Declares something that the agent can do. All capabilities are declared before `run`. */
  capability<I extends object = Json, O = unknown>(
    name: string,
    options: CapabilityOptions,
    handler: Handler<I, O>,
  ): this {
    if (this.#thread !== null) throw new Error("Declare all capabilities before the agent runs.");
    if (this.#skills.has(name)) throw new Error(`The capability ${name} is declared already.`);
    if (this.#skills.size >= MAX_CAPABILITIES) {
      throw new Error(`An agent has at most ${MAX_CAPABILITIES} capabilities.`);
    }
    const { staleAfter, ...rest } = options;
    const capability = { name, ...rest, ...(staleAfter === undefined ? {} : { stale_after: staleAfter }) };
    this.#skills.set(name, { capability, handler });
    return this;
  }

  /** What is declared under that name. */
  skill(name: string): Skill {
    const skill = this.#skills.get(name);
    if (skill !== undefined) return skill;
    const known = [...this.#skills.keys()].join(", ") || "none";
    throw new Error(`The agent has no capability ${name}; it has ${known}.`);
  }

  /**
   * Connects, and does runs until `drain`, or a SIGTERM or SIGINT unless `signals` is false: then no more are
   * taken, and those at work may end. A second signal ends the process at once. Rejects with YmeraError if the
   * server refuses the agent for good.
   */
  async run({ signals = true }: { readonly signals?: boolean } = {}): Promise<void> {
    if (this.#started) throw new Error("An agent runs once; make another.");
    if (this.#skills.size === 0) throw new Error("Declare a capability before the agent runs.");
    this.#started = true;
    const address = this.#address();
    const terms = await this.#terms();
    const forget = signals ? this.#heedSignals() : (): void => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const thread = ConnectionThread.open(address, this.#enrolment(), terms, this.#listener(reject));
        this.#thread = thread;
        void thread.closed.then(resolve);
      });
    } finally {
      forget();
      this.#stopAll("lost");
    }
  }

  /**
   * Takes no more runs, lets those at work end, hands back those that have not after the grace, and ends `run`.
   * Those that wait for people or other runs are handed back at once, and go on elsewhere.
   */
  drain(): Promise<void> {
    const thread = this.#thread;
    if (thread === null) return Promise.resolve();
    this.#draining ??= this.#leave(thread);
    return this.#draining;
  }

  /** Carries out any other command as the agent, over its connection, also if that has to be made again first. */
  call<N extends CommandName>(name: N, payload: Commands[N]["payload"]): Promise<Commands[N]["reply"]> {
    if (this.#thread === null) return Promise.reject(localError("unavailable", "The agent does not run."));
    const { open, sealed } = this.#thread.sides;
    // Who has the keys knows what must not be sent in plain.
    return (this.#options.keys === undefined ? open : sealed).send(name, payload);
  }

  #address(): { url: string; token: string } {
    const url = this.#options.url ?? process.env["YMERA_URL"];
    const token = this.#options.token ?? process.env["YMERA_TOKEN"];
    if (url === undefined || url === "") throw unset("YMERA_URL to the server's address");
    if (token === undefined || token === "") throw unset("YMERA_TOKEN to the agent's token");
    return { url, token };
  }

  /** What it needs in encrypted rooms; null without keys. */
  async #terms(): Promise<SealedTerms | null> {
    const { keys, leaseSeconds = LEASE_SECONDS } = this.#options;
    if (keys === undefined) return null;
    const skills = [...this.#skills.values()];
    if (skills.some(({ capability }) => capability.input !== undefined || capability.output !== undefined)) {
      this.#checked = (await import("./validation.js")).checked;
    }
    return { keys: keys.options, leaseSeconds };
  }

  #enrolment(): Enrolment {
    const capabilities: Capability[] = [...this.#skills.values()].map((skill) => skill.capability);
    const together = capabilities.reduce((sum, { concurrency = 1 }) => sum + concurrency, 0);
    return {
      instance_id: this.instanceId,
      host: hostname().slice(0, 200),
      software: (this.#options.version ?? "").slice(0, 100),
      capacity: this.#options.capacity ?? Math.min(together, MAX_CAPACITY),
      capabilities,
    };
  }

  #listener(end: (error: YmeraError) => void): ThreadListener {
    const each = (act: (attempt: Attempt) => void) => (leases: readonly Lease[]) => {
      for (const lease of leases) {
        const attempt = this.#find(lease);
        if (attempt !== null) act(attempt);
      }
    };
    return {
      offers: (offers, side) => {
        for (const offer of offers) this.#take(offer, side);
      },
      control: (control: RunControl) => {
        this.#find(control)?.hear(control);
      },
      lost: each((attempt) => {
        attempt.stop("lost");
      }),
      canceling: each((attempt) => {
        attempt.stop("canceled");
      }),
      answered: each((attempt) => {
        attempt.lookAgain();
      }),
      blocked: (block) => {
        this.#blocked(block);
      },
      settled: this.#settle,
      warned: this.#warn,
      ended: end,
    };
  }

  #find({ run_id, fence }: HeldRun): Attempt | null {
    const attempt = this.#attempts.get(run_id);
    return attempt?.lease.fence === fence ? attempt : null;
  }

  /** Begins what is offered, unless it has begun, another process is to do it, or nobody here can. */
  #take(offer: RunOffer, side: Side): void {
    const link = this.#thread?.sides[side];
    const { run, fence } = offer;
    const held = this.#attempts.get(run.id);
    if (link === undefined || this.#draining !== null || (held !== undefined && held.lease.fence >= fence))
      return;
    if (this.#attempts.size >= MAX_LIVE_RUNS) return;
    held?.stop("lost");
    const skill = this.#skills.get(run.capability);
    const attempt = { project_id: run.project_id, run_id: run.id, fence };
    if (skill === undefined) {
      const reason = `This process has no capability ${run.capability}.`;
      this.#inform(link.send("run.reject", { ...attempt, reason }, run.id));
    } else if (run.state !== "submitted") {
      this.#inform(link.send("run.release", { ...attempt, reason: "Its process has given it up." }, run.id));
    } else {
      this.#begin(new Attempt(offer, side === "sealed" ? this.#checked(skill) : skill, link, this.#warn));
    }
  }

  #begin(attempt: Attempt): void {
    const { run_id } = attempt.lease;
    this.#attempts.set(run_id, attempt);
    const work = attempt.carryOut().finally(() => {
      this.#working.delete(work);
      if (this.#attempts.get(run_id) === attempt) this.#attempts.delete(run_id);
    });
    this.#working.add(work);
  }

  /** For what nobody waits for, and the server may refuse if it is late. */
  #inform(sending: Promise<unknown>): void {
    sending.catch(() => undefined);
  }

  #blocked({ lease, stack }: Block): void {
    const who = lease === null ? "Something" : `The handler of ${lease.capability} (run ${lease.run_id})`;
    const where = stack.length === 0 ? "" : `\n    at ${stack.join("\n    at ")}`;
    process.emitWarning(`${who} held up the event loop for over a second.${where}`, "EventLoopBlocked");
  }

  async #leave(thread: ConnectionThread): Promise<void> {
    const { open } = thread.sides;
    const self = { instance_id: this.instanceId };
    await within(open.send("agent.drain", self), GOODBYE_MS);
    for (const attempt of this.#attempts.values()) if (attempt.waiting) attempt.stop("released");
    await within(this.#allDone(), this.#options.grace ?? GRACE_MS);
    this.#stopAll("released");
    await within(this.#allDone(), GOODBYE_MS);
    await within(open.send("agent.drain", { ...self, leave: true }), GOODBYE_MS);
    await thread.close();
  }

  #stopAll(reason: StopReason): void {
    for (const attempt of this.#attempts.values()) attempt.stop(reason);
  }

  async #allDone(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working);
  }

  #heedSignals(): () => void {
    const names = ["SIGTERM", "SIGINT"] as const;
    const forget = (): void => {
      for (const name of names) process.off(name, heed);
    };
    let heeded = false;
    const heed = (signal: NodeJS.Signals): void => {
      if (heeded) {
        forget();
        process.kill(process.pid, signal);
      }
      heeded = true;
      void this.drain();
    };
    for (const name of names) process.on(name, heed);
    return forget;
  }
}

function unset(what: string): YmeraError {
  return localError("invalid", `Set ${what}.`);
}

/** Waits for `work`, which may fail, but no longer than `ms`. */
function within(work: Promise<unknown>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void work
      .catch(() => undefined)
      .then(() => {
        clearTimeout(timer);
        resolve();
      });
  });
}
