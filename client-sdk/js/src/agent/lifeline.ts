/**
 * An agent's connection: reports, heartbeats, and what the server has for the process.
 *
 * After each reconnect the process names the runs that it has, before anything else is sent. It shares no
 * thread with the handlers, so that none of them can hold up a heartbeat.
 */

import { v7 as uuidv7 } from "uuid";

import { fullJitter } from "../backoff.js";
import { Connection, type ConnectionListener } from "../connection.js";
import { isYmeraError, localError, retryAfter, type YmeraError } from "../errors.js";
import type { AgentBeat, AgentConnected, HeldRun, Id } from "../generated/protocol.js";
import { Lifetime, pause } from "../lifetime.js";
import { Sender } from "../sender.js";
import { Server } from "../server.js";
import { programToken, Session } from "../session.js";
import { memoryStorage } from "../storage/memory.js";
import type { Wire } from "../wire.js";
import type { Block, Enrolment, Lease, LinkListener } from "./link.js";
import { reportOf } from "./standstill.js";

export interface Address {
  readonly url: string;
  readonly token: string;
}

export class Lifeline {
  readonly #enrolment: Enrolment;
  readonly #listener: LinkListener;
  readonly #connection: Connection;
  readonly #sender: Sender;
  readonly #leases = new Map<string, Lease>();
  /** Of those, the ones whose handlers have held up the event loop. */
  readonly #blamed = new Set<string>();
  /** The connection over which the process is known; null while there is none. */
  #known: Wire | null = null;
  #blocked = false;
  /** It takes no more runs, and says so after a reconnect too. */
  #draining = false;
  /** Ends the wait for the next heartbeat. */
  #resting: Lifetime | null = null;

  constructor({ url, token }: Address, enrolment: Enrolment, listener: LinkListener) {
    const server = new Server(url);
    this.#enrolment = enrolment;
    this.#listener = listener;
    this.#connection = new Connection(server, new Session(server, programToken(token)), this.#connected());
    this.#sender = new Sender(memoryStorage(), {
      request: (name, payload) => this.#connection.request(name, payload),
      connected: () => this.#known !== null,
      cursorOf: () => 0,
      changed: () => undefined,
      counted: () => undefined,
      rejected: () => undefined,
      faulted: () => undefined,
    });
  }

  start(): void {
    this.#connection.start();
  }

  /** Sends a command until its final answer, after those of its lane. Rejects with YmeraError. */
  send(name: string, payload: object, lane: string | null): Promise<unknown> {
    if (name === "agent.drain") this.#draining = true;
    const id = uuidv7();
    const { account } = this.#sender;
    const own = { id, account, calledAt: Date.now(), optimistic: [] };
    return this.#sender.call({ ...own, name, payload: { ...payload }, lane: lane ?? id });
  }

  hold(lease: Lease): void {
    this.#leases.set(key(lease), lease);
  }

  letGo(lease: Lease): void {
    this.#leases.delete(key(lease));
    this.#blamed.delete(key(lease));
  }

  /**
   * Tells that the handlers' event loop stands still, and why in the log of the run at fault, once. False if that
   * was said of the run before. `alone`: the process has no other runs than these.
   */
  block({ lease, stack }: Block, alone: boolean): boolean {
    this.#blocked = true;
    this.#resting?.end();
    const [only, ...others] = this.#leases.values();
    const held = lease ?? (alone && others.length === 0 ? only : undefined);
    if (held === undefined || !this.#leases.has(key(held))) return true;
    if (this.#blamed.has(key(held))) return false;
    this.#blamed.add(key(held));
    this.send("run.log", reportOf(held, stack), null).catch(() => undefined);
    return true;
  }

  /** The event loop turns again. */
  unblock(): void {
    this.#blocked = false;
    this.#resting?.end();
  }

  async stop(): Promise<void> {
    this.#connection.stop();
    await this.#sender.close();
  }

  #connected(): ConnectionListener {
    return {
      opened: (wire) => {
        void this.#enrol(wire);
      },
      lost: (error, final) => {
        this.#known = null;
        if (final) this.#listener.ended(error);
      },
      events: () => undefined,
      ephemeral: (_name, message) => {
        if ("offers" in message) this.#listener.offers(message.offers);
        else if ("fence" in message) this.#listener.control(message);
      },
    };
  }

  /** Makes the process known on a new connection, then sends what waits and gives signs. */
  async #enrol(wire: Wire): Promise<void> {
    for (let failures = 0; !wire.lifetime.ended(); failures += 1) {
      try {
        const named = this.#named();
        const capacity = this.#draining ? 0 : this.#enrolment.capacity;
        const request = { ...this.#enrolment, capacity, runs: [...named.values()].map(held) };
        const reply = (await wire.request("agent.connect", request)) as AgentConnected;
        this.#listener.lost(those(reply.lost, named));
        this.#listener.offers(reply.runs);
        this.#known = wire;
        await this.#sender.connected(wire.ready.me.id);
        await this.#giveSigns(wire, 1_000 * reply.heartbeat_seconds);
        return;
      } catch (error) {
        const problem = isYmeraError(error) ? error : localError("internal", "The client failed.", error);
        if (wire.lifetime.ended()) return;
        if (!problem.retryable) {
          this.#refuse(problem);
          return;
        }
        await pause(fullJitter(failures) + 1_000 * (retryAfter(problem) ?? 0), wire.lifetime);
      }
    }
  }

  #refuse(problem: YmeraError): void {
    this.#known = null;
    this.#connection.stop();
    this.#listener.ended(problem);
  }

  async #giveSigns(wire: Wire, every: number): Promise<void> {
    let due = Date.now() + every;
    while (!wire.lifetime.ended()) {
      await this.#rest(due - Date.now(), wire);
      due = Date.now() + every;
      if (!wire.lifetime.ended()) void this.#giveSign(wire, every);
    }
  }

  async #rest(ms: number, wire: Wire): Promise<void> {
    const resting = new Lifetime();
    const forget = wire.lifetime.onEnd(() => {
      resting.end();
    });
    this.#resting = resting;
    await pause(ms, resting);
    forget();
  }

  async #giveSign(wire: Wire, every: number): Promise<void> {
    const named = this.#named();
    const sign = {
      instance_id: this.#enrolment.instance_id,
      runs: [...named.values()].map(held),
      blocked: this.#blocked,
    };
    const sentAt = Date.now();
    try {
      const beat = (await wire.request("agent.heartbeat", sign, every)) as AgentBeat;
      this.#listener.lost(those(beat.lost, named));
      this.#listener.canceling(those(beat.canceling, named));
      this.#listener.answered(those(beat.answered, named));
      this.#listener.offers(beat.runs);
    } catch (error) {
      // Another connection is in order where this one is dead, or the server does not know the process.
      const silent = isYmeraError(error, "deadline_exceeded") && wire.heardAt < sentAt;
      if (silent || (isYmeraError(error) && !error.retryable)) wire.close();
    }
  }

  #named(): Map<Id, Lease> {
    return new Map([...this.#leases.values()].map((lease) => [lease.run_id, lease]));
  }
}

function key({ run_id, fence }: HeldRun): string {
  return `${run_id}:${fence}`;
}

function held({ run_id, fence }: HeldRun): HeldRun {
  return { run_id, fence };
}

/** Of the runs that were named, those of these ids. */
function those(ids: readonly Id[], named: ReadonlyMap<Id, Lease>): Lease[] {
  return ids.flatMap((id) => named.get(id) ?? []);
}
