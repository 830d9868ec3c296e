/**
 * Sends commands: keeps each one safe first, shows what it will probably do, sends it in its
 * turn until there is a final answer, and tells the caller.
 */

import { fullJitter } from "./backoff.js";
import { isYmeraError, localError, retryAfter, type YmeraError } from "./errors.js";
import { MAX_AGE_MS, MAX_QUEUED, Outbox, type Entry } from "./outbox.js";
import { LINGER_MS, Overlays } from "./overlay.js";
import type { CommandStorage } from "./storage/storage.js";

/** Attempts after which a command that makes the server fail is given up, so that others may pass. */
export const MAX_FAULTS = 10;

/** A command that was refused. */
export interface Rejection {
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly error: YmeraError;
  /** True: it was called before this program started, so that nobody else hears of it. */
  readonly recovered: boolean;
}

/** What sending needs from the client. */
export interface SenderHost {
  connected(): boolean;
  request(name: string, payload: object): Promise<unknown>;
  cursorOf(room: string): number;
  /** What is pending in these rooms has changed. */
  changed(rooms: Iterable<string>): void;
  /** The number of queued commands has changed. */
  counted(): void;
  rejected(rejection: Rejection): void;
  /** The storage failed where no caller waits. */
  faulted(error: unknown): void;
}

interface Caller {
  resolve(result: unknown): void;
  reject(error: YmeraError): void;
}

export class Sender {
  readonly overlays = new Overlays();
  readonly #outbox = new Outbox();
  readonly #storage: CommandStorage;
  readonly #host: SenderHost;
  readonly #callers = new Map<string, Caller>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #waking: ReturnType<typeof setTimeout> | undefined;
  #account: string | null = null;
  /** Whether the storage is being asked for what earlier runs left. */
  #claiming = false;
  /** The commands that waited when the connection was made. */
  readonly #backlog = new Set<string>();

  constructor(storage: CommandStorage, host: SenderHost) {
    this.#storage = storage;
    this.#host = host;
  }

  /** The member whose commands these are; null before the first sign-in. */
  get account(): string | null {
    return this.#account;
  }

  /** Commands without a final answer. */
  get queued(): number {
    return this.#outbox.size;
  }

  /** Whether everything that waited when the connection was made has its answer. */
  get caughtUp(): boolean {
    return !this.#claiming && this.#backlog.size === 0;
  }

  /** Takes a command. Resolves with its result; rejects with YmeraError when it is refused for good. */
  call(entry: Entry): Promise<unknown> {
    if (this.#outbox.size >= MAX_QUEUED) {
      const message = `${MAX_QUEUED} commands wait to be sent; wait until some are through.`;
      return Promise.reject(localError("limit_exceeded", message));
    }
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#callers.set(entry.id, { resolve, reject });
    });
    this.#outbox.add(entry, false);
    this.#host.changed(this.overlays.add(entry.id, entry.optimistic));
    this.#host.counted();
    this.#storage.add(entry).then(
      () => {
        this.#outbox.saved(entry.id);
        this.pump();
      },
      (error: unknown) => {
        this.#reject(entry, localError("internal", "The command could not be stored.", error));
      },
    );
    return answer;
  }

  /** The client is connected as this member: takes up what waits in the storage, and sends. */
  async connected(account: string): Promise<void> {
    if (this.#account !== null && this.#account !== account) {
      this.#desert("Someone else has signed in; the command waits for its own account.");
    }
    this.#account = account;
    for (const entry of this.#outbox.entries()) this.#backlog.add(entry.id);
    this.#claiming = true;
    await this.claim();
    this.#claiming = false;
    this.#host.counted();
    this.pump();
  }

  /** Takes up commands that other clients of this account have left behind. */
  async claim(): Promise<void> {
    const account = this.#account;
    if (account === null) return;
    try {
      const left = await this.#storage.claim(account);
      if (account === this.#account) this.#take(left.filter((entry) => !this.#outbox.has(entry.id)));
    } catch (error) {
      this.#host.faulted(error);
    }
  }

  /** Sends what may go out, gives up what is too old, and comes back when the next is due. */
  pump(): void {
    const now = Date.now();
    for (let old; (old = this.#outbox.expired(now)).length > 0;) {
      for (const entry of old) this.#reject(entry, expired());
    }
    clearTimeout(this.#waking);
    if (!this.#host.connected() || this.#account === null) return;
    for (const entry of this.#outbox.take(now)) void this.#deliver(entry);
    const wakeAt = this.#outbox.wakeAt(now);
    if (wakeAt === null) return;
    this.#waking = setTimeout(() => {
      this.pump();
    }, wakeAt - now);
  }

  /** Signs out: nothing of this account stays on this machine. */
  async forget(): Promise<void> {
    this.#desert("You signed out before the command was sent.");
    this.#account = null;
    await this.#storage.clear();
  }

  /** Stops; what is queued stays in the storage. */
  async close(): Promise<void> {
    this.#desert("The client was closed before the command was answered.");
    await this.#storage.close();
  }

  #take(left: readonly Entry[]): void {
    const rooms = new Set<string>();
    for (const entry of left) {
      this.#outbox.add(entry, true);
      this.#backlog.add(entry.id);
      for (const room of this.overlays.add(entry.id, entry.optimistic)) rooms.add(room);
    }
    this.#host.changed(rooms);
    this.#host.counted();
    this.pump();
  }

  async #deliver(entry: Entry): Promise<void> {
    this.overlays.sent(entry.id, (room) => this.#host.cursorOf(room));
    try {
      const payload = { ...entry.payload, command_id: entry.id };
      this.#accept(entry, await this.#host.request(entry.name, payload));
    } catch (caught) {
      const error = isYmeraError(caught) ? caught : localError("internal", "The client failed.", caught);
      if (this.#outbox.has(entry.id)) this.#failed(entry, error);
    }
    this.pump();
  }

  #accept(entry: Entry, result: unknown): void {
    this.#settle(entry);
    this.#host.changed(this.overlays.acknowledged(entry.id));
    if (entry.optimistic.length > 0) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.#host.changed(this.overlays.remove(entry.id));
      }, LINGER_MS);
      this.#timers.add(timer);
    }
    this.#callers.get(entry.id)?.resolve(result);
    this.#callers.delete(entry.id);
  }

  #failed(entry: Entry, error: YmeraError): void {
    if (!error.retryable) {
      this.#reject(entry, error);
      return;
    }
    // A lost connection is no failure of the command: it goes out again over the next one.
    const failures = this.#outbox.retry(entry.id, this.#host.connected());
    if (!this.#host.connected()) return;
    if (error.code === "internal" && failures >= MAX_FAULTS) {
      this.#reject(entry, error);
      return;
    }
    const wait = fullJitter(failures - 1) + 1_000 * (retryAfter(error) ?? 0);
    this.#outbox.postpone(entry.id, Date.now() + wait);
  }

  #reject(entry: Entry, error: YmeraError): void {
    const caller = this.#callers.get(entry.id);
    this.#callers.delete(entry.id);
    this.#settle(entry);
    this.#host.changed(this.overlays.remove(entry.id));
    caller?.reject(error);
    const { name, payload } = entry;
    this.#host.rejected({ name, payload, error, recovered: caller === undefined });
  }

  #settle(entry: Entry): void {
    this.#outbox.settle(entry.id);
    this.#backlog.delete(entry.id);
    this.#host.counted();
    // If this fails the command goes out once more after a restart, and is answered alike.
    this.#storage.remove(entry.id).catch((error: unknown) => {
      this.#host.faulted(error);
    });
  }

  /** Leaves everything as it is in the storage and tells the callers why. */
  #desert(message: string): void {
    clearTimeout(this.#waking);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const callers = [...this.#callers.values()];
    this.#callers.clear();
    this.#outbox.clear();
    this.#backlog.clear();
    this.overlays.clear();
    for (const caller of callers) caller.reject(localError("unauthenticated", message));
    this.#host.counted();
  }
}

function expired(): YmeraError {
  const days = MAX_AGE_MS / 86_400_000;
  return localError("deadline_exceeded", `The command could not be sent for ${days} days.`);
}
