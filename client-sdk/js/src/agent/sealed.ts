/**
 * An agent's runs in encrypted rooms: found in what this device reads, claimed, and reported sealed.
 *
 * No server gives work out there. Each process looks at the rooms that the agent was added to and claims what is the
 * agent's, under the server's comparison of versions, which lets one of several through. Its lease is what the room
 * says: it gives a sign by itself well before the time that it has named, and gives a run up before others may
 * take it.
 */

import { Client } from "../client.js";
import { isYmeraError, localError, type YmeraError } from "../errors.js";
import type {
  Capability,
  CommandName,
  Id,
  Question,
  RunAccept,
  RunControl,
  RunInfo,
  RunOffer,
  RunReply,
  RunStanding,
} from "../generated/protocol.js";
import { asYmeraError } from "../sealed/faults.js";
import { fileStores, type FileKeysOptions } from "../sealed/file.js";
import { inlineKeys, type KeysLine } from "../sealed/keys.js";
import { cx1Hex, uuidOf } from "../sealed/names.js";
import { compare } from "../sealed/rules/about.js";
import { waits, type SealedRun } from "../sealed/rules/endings.js";
import { lent } from "../sealed/rules/engaging.js";
import { programToken } from "../session.js";
import { memoryStorage } from "../storage/memory.js";
import { Holds } from "./holds.js";
import type { Address } from "./lifeline.js";
import type { Block, Enrolment, Lease, LinkListener } from "./link.js";
import { reportOf } from "./standstill.js";
import { brief, Workplace, type Claim } from "./workplace.js";

/** What a process needs to work in encrypted rooms. */
export interface SealedTerms {
  readonly keys: FileKeysOptions;
  /** How long it may be silent before others take its runs over. */
  readonly leaseSeconds: number;
}

/** Who also hears how the process comes into the agent's identity. */
export interface SealedListener extends LinkListener {
  /** This device is in it. */
  settled(): void;
  warned(message: string, error: YmeraError): void;
}

/** How long to wait before it is tried again to have an identity, and at most before rooms are looked at again. */
const AGAIN_MS = 60_000;

export class SealedWork {
  readonly #client: Client;
  readonly #listener: SealedListener;
  readonly #able: ReadonlyMap<string, Capability>;
  readonly #capacity: number;
  readonly #seconds: number;
  readonly #places = new Map<Id, Workplace>();
  readonly #holds: Holds;
  #line!: KeysLine;
  /** This process's name in rooms: that of its device, so that it knows its own after a restart. */
  #instance: Id | null = null;
  #beginning = false;
  /** Whether it was said that the device is not in the identity. */
  #missed = false;
  #woken = false;
  #stopped = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #signs: ReturnType<typeof setInterval> | undefined;

  constructor(
    { url, token }: Address,
    { keys, leaseSeconds }: SealedTerms,
    { capabilities, capacity }: Enrolment,
    listener: SealedListener,
  ) {
    this.#listener = listener;
    this.#holds = new Holds(this.#places, listener);
    this.#able = new Map(capabilities.map((each) => [each.name, each]));
    this.#capacity = capacity;
    this.#seconds = leaseSeconds;
    const open = fileStores(keys);
    const inline = inlineKeys((account) => open(account).catch((error: unknown) => this.#refuse(error)));
    this.#client = new Client({
      url,
      credentials: programToken(token),
      storage: memoryStorage(),
      keys: { attach: (host) => (this.#line = inline.attach(host)) },
    });
  }

  /** Whether it has no run. */
  get idle(): boolean {
    return this.#holds.size === 0;
  }

  start(): void {
    const look = (): void => {
      this.#wake();
    };
    this.#client.sealed.status.subscribe(look);
    this.#client.on("event", ({ type, data }) => {
      if (type === "question.closed") this.#answered(data["question"] as Question);
      if (type === "run.ended") this.#replied(data["run"] as SealedRun);
    });
    this.#client.on("fault", (error) => {
      if (!isYmeraError(error) || !error.retryable)
        this.#listener.warned("Something failed in encrypted rooms.", asYmeraError(error));
    });
    this.#client.connect().then(
      () => {
        this.#client.inbox?.subscribe(look);
        this.#wake();
      },
      (error: unknown) => {
        this.#listener.ended(asYmeraError(error));
      },
    );
    this.#signs = setInterval(
      () => {
        this.#holds.tend(this.#seconds, (lease) => this.#giveSign(lease));
      },
      (1_000 * this.#seconds) / 12,
    );
  }

  /** Carries out a command as the agent: sealed where it is about an encrypted room. Rejects with YmeraError. */
  send(name: string, payload: object): Promise<unknown> {
    if (name === "run.accept") return this.#accept(payload as RunAccept);
    return this.#client.call(name as CommandName, payload, { wait: true });
  }

  /** Whoever has the keys of this device. */
  get keys(): KeysLine {
    return this.#line;
  }

  hold(lease: Lease): void {
    this.#holds.accept(lease);
    this.#wake();
  }

  letGo(lease: Lease): void {
    this.#holds.remove(lease);
    this.#wake();
  }

  /**
   * Says in the log of a run of these that its handler holds up the event loop, once. False if that was said of it
   * before.
   */
  block({ lease, stack }: Block): boolean {
    const whose = lease === null ? "other" : this.#holds.blame(lease);
    if (lease !== null && whose === "news")
      this.send("run.log", reportOf(lease, stack)).catch(() => undefined);
    return whose !== "known";
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#signs);
    await this.#client.close();
  }

  #refuse(error: unknown): never {
    this.#listener.ended(asYmeraError(error));
    throw error;
  }

  /** Looks at the rooms, once for all that changes meanwhile. */
  #wake(): void {
    if (this.#woken) return;
    this.#woken = true;
    setImmediate(() => {
      this.#woken = false;
      if (!this.#stopped) this.#look();
    });
  }

  /** Acts on what the rooms say, and comes back when a run may be begun that may not now. */
  #look(): void {
    clearTimeout(this.#timer);
    const next = this.#acted() ?? AGAIN_MS;
    this.#timer = setTimeout(
      () => {
        this.#wake();
      },
      Math.min(next, AGAIN_MS),
    );
  }

  /** In how many milliseconds there is something to do again, if nothing happens before; null if there is not. */
  #acted(): number | null {
    const me = this.#client.me?.id;
    const instance = me === undefined ? null : this.#belongs(me);
    if (me === undefined || instance === null) return null;
    this.#enter(me);
    this.#holds.attend(instance);
    const places = [...this.#places.values()].filter((place) => place.current);
    const runs = places.flatMap((place) => place.runs.map((run) => ({ place, run })));
    this.#take(runs);
    return soonest(runs.map(({ run }) => run));
  }

  /** This process's name in rooms; null while its device is not in the agent's identity. The first one begins it. */
  #belongs(me: Id): Id | null {
    const { state, me: own } = this.#client.sealed.status.get();
    if (own !== null) {
      if (this.#instance === null) this.#listener.settled();
      return (this.#instance = uuidOf(cx1Hex(own.deviceId)));
    }
    if (this.#beginning) return null;
    if (state === "none") void this.#begin(me);
    if (state === "elsewhere" && !this.#missed) {
      this.#missed = true;
      const way = "Link this process's device, or recover it by its owner's code.";
      const message = "This process's device is not in the agent's identity.";
      this.#listener.warned(message, localError("e2ee_room", way));
    }
    return null;
  }

  async #begin(me: Id): Promise<void> {
    this.#beginning = true;
    try {
      const { agent } = await this.#client.call("agent.get", { agent_id: me }, { wait: true });
      await this.#client.sealed.beginAgent(agent.owner_id);
    } catch (error) {
      this.#listener.warned("The agent has no identity for encrypted rooms yet.", asYmeraError(error));
    } finally {
      this.#beginning = false;
    }
  }

  /** Goes into the encrypted rooms that the agent is in, and out of the others. */
  #enter(me: Id): void {
    const memberships = Object.values(this.#client.inbox?.state.memberships ?? {});
    const ids = new Set(memberships.filter(({ kind }) => kind === "sealed").map(({ id }) => id));
    for (const [id, place] of this.#places) {
      if (ids.has(id)) continue;
      place.close();
      this.#places.delete(id);
    }
    for (const id of ids) {
      if (this.#places.has(id)) continue;
      const place = new Workplace(this.#client, id, me, () => {
        this.#wake();
      });
      this.#places.set(id, place);
    }
  }

  #answered(question: Question): void {
    const lease = this.#holds.leaseOf(question.run_id);
    if (lease === undefined) return;
    this.#tell(lease, { kind: "answer", question });
  }

  /** Tells who has called for a run that it has ended. */
  #replied({ id, project_id, parent_id, state, result, error }: SealedRun): void {
    const lease = parent_id === null ? undefined : this.#holds.leaseOf(parent_id);
    const calls = this.#places.get(project_id)?.run(parent_id ?? "")?.calls;
    const key = calls?.find(({ run_id }) => run_id === id)?.key;
    if (lease === undefined || key === undefined) return;
    this.#tell(lease, { kind: "reply", reply: { run_id: id, key, state, result, error } });
  }

  #tell({ run_id, fence }: Lease, news: Pick<RunControl, "kind" | "question" | "reply">): void {
    this.#listener.control({ instance_id: this.#instance ?? "", run_id, fence, ...news });
  }

  /** Claims what is free, as far as there is capacity, the oldest first. */
  #take(runs: readonly { readonly place: Workplace; readonly run: SealedRun }[]): void {
    const busy = new Map<string, number>();
    const count = (name: string): unknown => busy.set(name, (busy.get(name) ?? 0) + 1);
    for (const { run } of runs) if (this.#isAtWork(run)) count(run.capability);
    for (const { capability } of this.#holds.offered) count(capability);
    let left = this.#capacity - this.#holds.atWork;
    for (const { place, run } of [...runs].sort(oldestFirst)) {
      const able = this.#able.get(run.capability);
      if (left <= 0 || able === undefined || this.#holds.covers(run)) continue;
      if ((busy.get(able.name) ?? 0) >= (able.concurrency ?? 1)) continue;
      if (!place.wouldStand(this.#claim(run))) continue;
      count(able.name);
      left -= 1;
      void this.#offer(place, run, able);
    }
  }

  /** Whether some process does it; what this one had before it was started anew, nobody does. */
  #isAtWork(run: SealedRun): boolean {
    const left = run.instance_id === this.#instance && !this.#holds.covers(run);
    return run.state === "working" && !waits(run) && endOf(run) >= Date.now() && !left;
  }

  #claim({ project_id, id }: RunInfo): Claim {
    return { project_id, run_id: id, instance_id: this.#instance ?? "", lease_seconds: this.#seconds };
  }

  /** Offers a run to this process's handlers, as a server does. It is claimed when they accept it. */
  async #offer(place: Workplace, run: SealedRun, able: Capability): Promise<void> {
    const fence = run.attempt + 1;
    const lease = { run_id: run.id, fence, project_id: run.project_id, capability: run.capability };
    this.#holds.offer(lease);
    try {
      const [answers, results] =
        run.attempt === 0 ? [[], {}] : [await this.#answers(run), await this.#results(run)];
      const task = place.task(run);
      const input = { ...(task === null ? {} : lent(able.input ?? {}, task)), ...run.input };
      const offered: RunInfo = { ...run, state: "submitted", attempt: fence };
      const { handed } = run;
      const offer = { run: offered, fence, input, task: task && brief(task), handed, answers, results };
      this.#listener.offers([offer]);
    } catch (error) {
      this.letGo(lease);
      this.#listener.warned(`Run ${run.id} could not be offered.`, asYmeraError(error));
    }
  }

  async #answers({ project_id, id }: SealedRun): Promise<RunOffer["answers"]> {
    const answers: Question[] = [];
    const all = this.#client.page("question.list", { project_id, run_id: id, open: false });
    for await (const question of all) if (question.state === "answered") answers.push(question);
    return answers;
  }

  /** How the runs have ended that earlier attempts called for, by their keys. */
  async #results({ calls }: SealedRun): Promise<RunOffer["results"]> {
    const results: Record<string, RunReply> = {};
    for (const { key, run_id } of calls) {
      const { run, result } = await this.#client.call("run.get", { run_id });
      const { state, error, ended_at } = run;
      if (ended_at !== null) results[key] = { run_id, key, state, result, error };
    }
    return results;
  }

  /** Claims what was offered. Rejects with YmeraError if it is another's by now. */
  async #accept({ project_id, run_id, fence }: RunAccept): Promise<RunStanding> {
    try {
      const run = this.#places.get(project_id)?.run(run_id);
      if (run === undefined) throw gone();
      const { run: taken } = await this.#client.call("run.claim", this.#claim(run));
      if (taken.attempt !== fence || taken.instance_id !== this.#instance) throw gone();
      const { state, canceling, costs } = taken;
      return { state, canceling, costs };
    } catch (error) {
      this.#holds.remove({ run_id, fence });
      this.#wake();
      throw error;
    }
  }

  /** Says that a run goes on. If that is refused, the room says why. */
  async #giveSign({ project_id, run_id, fence }: Lease): Promise<void> {
    await this.send("run.progress", { project_id, run_id, fence }).catch(() => undefined);
  }
}

function gone(): YmeraError {
  return localError("fenced", "The run is not to be had any more.");
}

/** When others may take a run over, in milliseconds since 1970; 0 if it is nobody's. */
function endOf({ instance_id, heard_at, lease_seconds }: SealedRun): number {
  return instance_id === null || heard_at === null ? 0 : Date.parse(heard_at) + 1_000 * lease_seconds;
}

/** In how many milliseconds one of these runs may be begun that may not now; null if none will by itself. */
function soonest(runs: readonly SealedRun[]): number | null {
  const now = Date.now();
  const moments = runs
    .flatMap((run) => [endOf(run), run.not_before === null ? 0 : Date.parse(run.not_before)])
    .filter((moment) => moment >= now);
  return moments.length === 0 ? null : Math.min(...moments) - now + 1;
}

function oldestFirst({ run: one }: { run: SealedRun }, { run: other }: { run: SealedRun }): number {
  return compare(one.created_at, other.created_at) || compare(one.id, other.id);
}
