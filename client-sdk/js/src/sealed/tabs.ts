/**
 * Keys in a worker, of which all tabs of a browser share one.
 *
 * Invariant: the tab that holds a Web Lock runs the worker, and it alone; so nothing is ever sealed twice with the
 * same number. The others ask it over a BroadcastChannel, and one of them takes over when it goes.
 */

import { v7 as uuidv7 } from "uuid";

import { localError, YmeraError, type YmeraError as Refusal } from "../errors.js";
import type { ErrorBody } from "../generated/protocol.js";
import { bodyOf, End, type Message, type Notices } from "./channel.js";
import { asYmeraError } from "./faults.js";
import type { Callable } from "./engine.js";
import type { Keys, KeysHost, KeysLine } from "./keys.js";

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
  #worker: { readonly thread: Worker; readonly end: End } | null = null;
  #letGo: () => void = () => undefined;
  #waiting = new AbortController();
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
    this.#leave();
    await this.#resign();
    const error = localError("unavailable", "The client was closed.");
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  /** Notes what concerns this tab's connection; the leader's is the engine's. */
  async #own(method: Callable, args: readonly unknown[]): Promise<unknown> {
    if (method === "session.start") await this.#join(args[0] as string);
    else if (method === "session.connected") this.#online = true;
    else if (method === "session.disconnected") this.#online = false;
    else if (method === "session.follow") this.#rooms = args[0] as readonly string[];
    return this.#worker?.end.ask(method, ...args);
  }

  /** Joins the tabs of an account. */
  async #join(account: string): Promise<void> {
    if (account === this.#account || this.#closed) return;
    this.#leave();
    await this.#resign();
    requireSecure();
    this.#account = account;
    const place = `${this.#name} ${account}`;
    const channel = new BroadcastChannel(place);
    this.#channel = channel;
    channel.onmessage = ({ data }: MessageEvent<Said>) => {
      this.#hear(data);
    };
    this.#heard = false;
    this.#say({ kind: "hello" });
    this.#waiting = new AbortController();
    const lead = async (): Promise<void> => {
      const resigned = new Promise<void>((resolve) => {
        this.#letGo = resolve;
      });
      await this.#lead(account);
      await resigned;
    };
    navigator.locks.request(place, { signal: this.#waiting.signal }, lead).catch((error: unknown) => {
      // Called off, because this tab has left; whatever else it is, no other tab can do better.
      if (!this.#closed && this.#account === account) this.#fail(asYmeraError(error));
    });
  }

  /** This tab has the lock: runs the engine for all. */
  async #lead(account: string): Promise<void> {
    // Browsers that are short of space drop what nobody has asked them to keep.
    await navigator.storage.persist().catch(() => false);
    const thread = this.#make();
    let awake: (value: unknown) => void = () => undefined;
    const awoken = new Promise((resolve) => {
      awake = resolve;
    });
    const end = new End(
      {
        post: (message) => {
          thread.postMessage(message);
        },
      },
      {
        ask: (_method, [name, payload]) => this.#host.request(name as string, payload as object),
        notice: (name, value) => {
          if (name === "awake") awake(value);
          else this.#told({ kind: "notice", name: name as keyof Notices, value });
        },
      },
    );
    thread.onmessage = ({ data }: MessageEvent<Message>) => {
      end.take(data);
    };
    thread.onerror = () => {
      this.#fail(localError("internal", "The worker for encrypted rooms has failed; load the page anew."));
    };
    await awoken;
    await end.ask("configure", this.#name, this.#host.origin);
    try {
      await end.ask("session.start", account);
      this.#worker = { thread, end };
      this.#say({ kind: "leading" });
      this.#renew();
      if (this.#rooms !== null) await end.ask("session.follow", this.#rooms);
      if (this.#online) await end.ask("session.connected");
    } catch (error) {
      // The next connection tries again.
      if (asYmeraError(error).code !== "unavailable") this.#fail(asYmeraError(error));
    }
  }

  #hear(said: Said): void {
    this.#heard = true;
    switch (said.kind) {
      case "hello":
        if (this.#worker !== null) for (const latest of this.#latest.values()) this.#say(latest);
        break;
      case "leading":
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
    if (this.#worker === null) return;
    try {
      const result = await this.#worker.end.ask(method, ...args);
      this.#say({ kind: "answer", to, id, result });
    } catch (error) {
      this.#say({ kind: "failure", to, id, error: bodyOf(asYmeraError(error)) });
    }
  }

  #forward(method: Callable, args: readonly unknown[]): Promise<unknown> {
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
    if (this.#worker === null) {
      if (this.#channel !== null) pending.asked = true;
      this.#say({ kind: "ask", from: this.#id, id, method, args });
      return;
    }
    pending.asked = true;
    this.#worker.end.ask(method, ...args).then(
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

  #fail(error: Refusal): void {
    this.#host.failed(error);
    for (const id of [...this.#pending.keys()]) {
      this.#settle(id, ({ reject }) => {
        reject(error);
      });
    }
  }

  #say(said: Said): void {
    this.#channel?.postMessage(said);
  }

  /** Is no tab of the account any more. */
  #leave(): void {
    this.#waiting.abort();
    this.#channel?.close();
    this.#channel = null;
    this.#account = null;
  }

  /** Leads no more: stops the engine, and only then lets another begin. */
  async #resign(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#latest.clear();
    if (worker !== null) {
      await worker.end.ask("session.stop").catch(() => undefined);
      worker.end.close(localError("unavailable", "The client was closed."));
      worker.thread.terminate();
    }
    this.#letGo();
  }
}

/** Notices that whoever comes later has to know. */
const LASTING: ReadonlySet<keyof Notices> = new Set<keyof Notices>(["status", "pairings", "rooms"]);

/** Browsers have what keys need only where nobody can have changed the page on its way. */
function requireSecure(): void {
  if (globalThis.isSecureContext && "locks" in navigator) return;
  throw localError("unavailable", "Encrypted rooms need a page that was loaded by https.");
}
