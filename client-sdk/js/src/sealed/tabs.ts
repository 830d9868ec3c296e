/**
 * Keys in a worker, of which all tabs of a browser share one.
 *
 * Invariant: the tab that holds a Web Lock runs the worker, and it alone; so nothing is ever sealed twice with the
 * same number. The others ask it over a BroadcastChannel, and one of them takes over when it goes or cannot lead.
 */

import { v7 as uuidv7 } from "uuid";

import { fullJitter } from "../backoff.js";
import { localError, YmeraError, type YmeraError as Refusal } from "../errors.js";
import type { ErrorBody } from "../generated/protocol.js";
import { Lifetime, pause } from "../lifetime.js";
import { bodyOf, type Notices } from "./channel.js";
import { asYmeraError } from "./faults.js";
import type { Callable } from "./engine.js";
import type { Keys, KeysHost, KeysLine } from "./keys.js";
import { EngineThread } from "./thread.js";

export interface WorkerKeysOptions {
  /** Makes a module worker of `@ymera/client/worker`. */
  readonly worker: () => Worker;
  /** Tells apart what different servers have in one browser; `ymera keys` if left out. */
  readonly name?: string;
}

/** Keys of a browser: in IndexedDB, used by a worker, by one for all tabs. */
export function workerKeys({ worker, name = "ymera keys" }: WorkerKeysOptions): Keys {
  return { attach: (host) => new Tab(host, worker, name) };
}

/** What tabs say to one another. */
type Said =
  | { readonly kind: "hello" }
  | { readonly kind: "leading" }
  | { readonly kind: "notice"; readonly name: keyof Notices; readonly value: unknown }
  | {
      readonly kind: "ask";
      readonly from: string;
      readonly id: number;
      readonly method: Callable;
      readonly args: readonly unknown[];
    }
  | { readonly kind: "answer"; readonly to: string; readonly id: number; readonly result: unknown }
  | { readonly kind: "failure"; readonly to: string; readonly id: number; readonly error: ErrorBody };

interface Pending {
  readonly method: Callable;
  readonly args: readonly unknown[];
  /** Whether it may have been begun by a leader that is gone. */
  asked: boolean;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Refusal) => void;
}

/** What concerns each tab's own connection, and only the leader's counts. */
const OWN: ReadonlySet<Callable> = new Set<Callable>([
  "session.start",
  "session.stop",
  "session.connected",
  "session.disconnected",
  "session.follow",
  "session.receive",
  "session.ephemeral",
]);
/** What can be asked once more of another leader. */
const REPEATABLE: ReadonlySet<Callable> = new Set<Callable>([
  "commands.call",
  "identity.devices",
  "membership.evidence",
  "commands.locate",
  "commands.open",
  "commands.query",
  "identity.safetyNumber",
  "commands.search",
  "identity.trust",
  "identity.unkeptCode",
]);

class Tab implements KeysLine {
  readonly #id = uuidv7();
  readonly #host: KeysHost;
  readonly #make: () => Worker;
  readonly #name: string;
  readonly #pending = new Map<number, Pending>();
  /** The last of what is to be known by whoever comes later. */
  readonly #latest = new Map<string, Said>();
  #next = 0;
  #channel: BroadcastChannel | null = null;
  /** The engine, while this tab leads. */
  #thread: EngineThread | null = null;
  /** How long this tab is among those of its account. */
  #stay = new Lifetime();
  /** Resolves once nothing of the last stay is left. */
  #standing: Promise<void> = Promise.resolve();
  /** How often it could not lead, one after another, and the pause before it tries again. */
  #failures = 0;
  #rest = new Lifetime();
  /** Why nothing can be asked for now. */
  #refusal: Refusal | null = null;
  #closed = false;
  /** Whether another tab was ever heard; to nobody nothing is told. */
  #heard = false;
  // What this tab's own connection has said, for when it leads.
  #account: string | null = null;
  #online = false;
  #rooms: readonly string[] | null = null;

  constructor(host: KeysHost, make: () => Worker, name: string) {
    this.#host = host;
    this.#make = make;
    this.#name = name;
  }

  readonly ask: KeysLine["ask"] = (method, ...args) =>
    (OWN.has(method) ? this.#own(method, args) : this.#forward(method, args)) as never;

  async close(): Promise<void> {
    this.#closed = true;
    await this.#leave();
    this.#refuse(localError("unavailable", "The client was closed."));
  }

  /** Notes what concerns this tab's connection; the leader's is the engine's. */
  async #own(method: Callable, args: readonly unknown[]): Promise<unknown> {
    if (method === "session.start") await this.#join(args[0] as string);
    else if (method === "session.connected") this.#online = true;
    else if (method === "session.disconnected") this.#online = false;
    else if (method === "session.follow") this.#rooms = args[0] as readonly string[];
    return this.#thread?.ask(method, ...args);
  }

  /** Joins the tabs of an account. */
  async #join(account: string): Promise<void> {
    if (this.#closed) return;
    if (account === this.#account) {
      this.#rest.end();
      return;
    }
    requireSecure();
    const left = this.#leave();
    this.#account = account;
    const stay = (this.#stay = new Lifetime());
    await left;
    if (stay.ended()) return;
    const place = `${this.#name} ${account}`;
    this.#channel = new BroadcastChannel(place);
    this.#channel.onmessage = ({ data }: MessageEvent<Said>) => {
      this.#hear(data);
    };
    this.#heard = false;
    this.#refusal = null;
    this.#say({ kind: "hello" });
    this.#standing = this.#stand(place, account, stay);
  }

  /** Leads as soon as no other tab does. Where it cannot, it lets others try, and tries again later. */
  async #stand(place: string, account: string, stay: Lifetime): Promise<void> {
    const row = new AbortController();
    stay.onEnd(() => {
      row.abort();
    });
    while (!stay.ended()) {
      try {
        await navigator.locks.request(place, { signal: row.signal }, () => this.#lead(account, stay));
      } catch (error) {
        if (!stay.ended()) this.#fail(error);
      }
      if (stay.ended()) return;
      this.#rest = new Lifetime();
      await pause(fullJitter(this.#failures++), this.#rest);
    }
  }

  /** This tab has the lock: runs the engine for all, until it leaves or the engine fails. */
  async #lead(account: string, stay: Lifetime): Promise<void> {
    const left = new Promise<void>((resolve) => stay.onEnd(resolve));
    let thread: EngineThread | null = null;
    try {
      thread = new EngineThread(this.#make(), this.#host, (name, value) => {
        if (!stay.ended()) this.#told({ kind: "notice", name: name as keyof Notices, value });
      });
      await Promise.race([thread.start(this.#name, this.#host.origin, account), thread.failure, left]);
      if (stay.ended()) return;
      this.#begin(thread);
      await Promise.race([thread.failure, left]);
      await thread.stop();
    } catch (error) {
      if (!stay.ended()) this.#fail(error);
    } finally {
      this.#thread = null;
      this.#latest.clear();
      thread?.terminate();
    }
  }

  /** The engine runs: tells all, and it what this tab's connection has said. */
  #begin(thread: EngineThread): void {
    this.#thread = thread;
    this.#failures = 0;
    this.#refusal = null;
    this.#say({ kind: "leading" });
    this.#renew();
    void this.#inform(thread);
    // Browsers that are short of space drop what nobody has asked them to keep. Some ask the person, who may wait.
    navigator.storage.persist().catch(() => false);
  }

  async #inform(thread: EngineThread): Promise<void> {
    try {
      if (this.#rooms !== null) await thread.ask("session.follow", this.#rooms);
      if (this.#online) await thread.ask("session.connected");
    } catch (error) {
      // The next connection tries again.
      if (asYmeraError(error).code !== "unavailable") this.#host.failed(error);
    }
  }

  #hear(said: Said): void {
    this.#heard = true;
    switch (said.kind) {
      case "hello":
        if (this.#thread !== null) for (const latest of this.#latest.values()) this.#say(latest);
        break;
      case "leading":
        this.#refusal = null;
        this.#say({ kind: "hello" });
        this.#renew();
        break;
      case "notice":
        this.#host.notice(said.name, said.value as never);
        break;
      case "ask":
        void this.#serve(said);
        break;
      case "answer":
        if (said.to === this.#id)
          this.#settle(said.id, (pending) => {
            pending.resolve(said.result);
          });
        break;
      case "failure":
        if (said.to === this.#id)
          this.#settle(said.id, (pending) => {
            pending.reject(new YmeraError(said.error));
          });
        break;
    }
  }

  /** The engine has said something: tells this tab's client and the other tabs. */
  #told(notice: Said & { readonly kind: "notice" }): void {
    if (LASTING.has(notice.name)) this.#latest.set(notice.name, notice);
    this.#host.notice(notice.name, notice.value as never);
    if (this.#heard) this.#say(notice);
  }

  /** Asks the engine on behalf of another tab. */
  async #serve({ from: to, id, method, args }: Said & { readonly kind: "ask" }): Promise<void> {
    if (this.#thread === null) return;
    try {
      const result = await this.#thread.ask(method, ...args);
      this.#say({ kind: "answer", to, id, result });
    } catch (error) {
      this.#say({ kind: "failure", to, id, error: bodyOf(asYmeraError(error)) });
    }
  }

  #forward(method: Callable, args: readonly unknown[]): Promise<unknown> {
    if (this.#refusal !== null) return Promise.reject(this.#refusal);
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#pending.set(id, { method, args, asked: false, resolve, reject });
      this.#deliver(id);
    });
  }

  /** Asks whoever leads. If nobody does, it is asked again once somebody does. */
  #deliver(id: number): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    const { method, args } = pending;
    if (this.#thread === null) {
      if (this.#channel !== null) pending.asked = true;
      this.#say({ kind: "ask", from: this.#id, id, method, args });
      return;
    }
    pending.asked = true;
    this.#thread.ask(method, ...args).then(
      (result) => {
        this.#settle(id, ({ resolve }) => {
          resolve(result);
        });
      },
      (error: unknown) => {
        this.#settle(id, ({ reject }) => {
          reject(asYmeraError(error));
        });
      },
    );
  }

  #settle(id: number, how: (pending: Pending) => void): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (pending !== undefined) how(pending);
  }

  /** There is another leader: what can be asked again is, and what was open is opened anew. */
  #renew(): void {
    for (const [id, { method, asked }] of this.#pending) {
      if (!asked || REPEATABLE.has(method)) this.#deliver(id);
      else {
        const message = "The tab that was to do this was closed; look whether it was done, and try again.";
        this.#settle(id, ({ reject }) => {
          reject(localError("unavailable", message));
        });
      }
    }
    this.#host.renewed();
  }

  /** This tab cannot lead for now. */
  #fail(error: unknown): void {
    const refusal = refusalOf(error);
    this.#host.failed(refusal);
    this.#refuse(refusal);
  }

  /** Whatever is asked is refused until there is a leader. */
  #refuse(error: Refusal): void {
    this.#refusal = error;
    for (const id of [...this.#pending.keys()]) {
      this.#settle(id, ({ reject }) => {
        reject(error);
      });
    }
  }

  #say(said: Said): void {
    this.#channel?.postMessage(said);
  }

  /** Is no tab of the account any more; resolves once its engine has let go, if it was the one that led. */
  async #leave(): Promise<void> {
    this.#stay.end();
    this.#rest.end();
    this.#channel?.close();
    this.#channel = null;
    this.#account = null;
    this.#rooms = null;
    this.#thread = null;
    await this.#standing;
  }
}

/** Notices that whoever comes later has to know. */
const LASTING: ReadonlySet<keyof Notices> = new Set<keyof Notices>(["status", "pairings", "rooms"]);

/** Browsers have what keys need only where nobody can have changed the page on its way. */
function requireSecure(): void {
  if (globalThis.isSecureContext && "locks" in navigator) return;
  throw localError("unavailable", "Encrypted rooms need a page that was loaded by https.");
}

/** Why nothing can be asked of this tab, in words for people. */
function refusalOf(error: unknown): Refusal {
  const known = asYmeraError(error);
  if (known.code !== "internal") return known;
  const message = "Encrypted rooms could not be opened in this browser. It is tried again by itself.";
  return localError("unavailable", message, error);
}
