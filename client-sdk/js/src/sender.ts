/**
 * Sends commands: keeps each one safe first, shows what it will probably do, sends it in its
 * turn until there is a final answer, and tells the caller.
 */

import { fullJitter } from "./backoff.js";
import { isYmeraError, localError, retryAfter, type YmeraError } from "./errors.js";
import { MAX_AGE_MS, MAX_QUEUED, Outbox, type QueuedCommand } from "./outbox.js";
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
  readonly #storage: Promise<CommandStorage>;
  readonly #host: SenderHost;
  readonly #callers = new Map<string, Caller>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  /** Commands that others keep and send. */
  #elsewhere = 0;
  /** Those of them that an earlier run has called, or that are accompanied. */
  readonly #adopted = new Set<string>();
  #waking: ReturnType<typeof setTimeout> | undefined;
  #account: string | null = null;
  /** Whether the storage is being asked for what earlier runs left. */
  #claiming = false;
  /** For each claim under way the commands answered since it began, which it may still find. */
  readonly #claims = new Set<Set<string>>();
  /** The commands that waited when the connection was made. */
  readonly #backlog = new Set<string>();

  constructor(storage: CommandStorage | Promise<CommandStorage>, host: SenderHost) {
    this.#storage = Promise.resolve(storage);
    // Each use of it tells of the failure.
    this.#storage.catch(() => undefined);
    this.#host = host;
  }

  /** The member whose commands these are; null before the first sign-in. */
  get account(): string | null {
    return this.#account;
  }

  /** Commands without a final answer. */
  get queued(): number {
    return this.#outbox.size + this.#elsewhere;
  }

  /** Whether everything that waited when the connection was made has its answer. */
  get caughtUp(): boolean {
    return !this.#claiming && this.#backlog.size === 0;
  }

  /** Takes a command. Resolves with its result; rejects with YmeraError when it is refused for good. */
  call(command: QueuedCommand): Promise<unknown> {
    if (this.#outbox.size >= MAX_QUEUED) {
      const message = `${MAX_QUEUED} commands wait to be sent; wait until some are through.`;
      return Promise.reject(localError("limit_exceeded", message));
    }
    if (this.#outbox.has(command.id)) {
      return Promise.reject(localError("conflict", `The command ${command.id} is queued already.`));
    }
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#callers.set(command.id, { resolve, reject });
    });
    this.#outbox.add(command, false);
    this.#host.changed(this.overlays.add(command.id, command.optimistic));
    this.#host.counted();
    this.#keep(command).then(
      () => {
        this.#outbox.saved(command.id);
        this.pump();
      },
      (error: unknown) => {
        this.#reject(command, localError("internal", "The command could not be stored.", error));
      },
    );
    return answer;
  }

  /** Shows what a command that is kept and sent elsewhere will probably do, until it is answered there. */
  async accompany(command: QueuedCommand, answer: Promise<unknown>): Promise<unknown> {
    this.#host.changed(this.overlays.add(command.id, command.optimistic));
    this.overlays.sent(command.id, (room) => this.#host.cursorOf(room));
    this.#elsewhere += 1;
    this.#adopted.add(command.id);
    this.#host.counted();
    try {
      const result = await answer;
      this.#shown(command);
      return result;
    } catch (caught) {
      const error = isYmeraError(caught) ? caught : localError("internal", "The client failed.", caught);
      this.#host.changed(this.overlays.remove(command.id));
      const { name, payload } = command;
      this.#host.rejected({ name, payload, error, recovered: false });
      throw error;
    } finally {
      this.#elsewhere -= 1;
      this.#adopted.delete(command.id);
      this.#host.counted();
    }
  }

  /** Shows what commands of an earlier run, which others keep and send, will probably do. */
  adopt(commands: readonly QueuedCommand[]): void {
    for (const command of commands) {
      if (this.#adopted.has(command.id)) continue;
      this.#adopted.add(command.id);
      this.#host.changed(this.overlays.add(command.id, command.optimistic));
      this.overlays.sent(command.id, (room) => this.#host.cursorOf(room));
    }
  }

  /** Such a command has its answer. */
  settled(command: QueuedCommand, error: YmeraError | null): void {
    this.#adopted.delete(command.id);
    if (error === null) this.#shown(command);
    else {
      this.#host.changed(this.overlays.remove(command.id));
      const { name, payload } = command;
      this.#host.rejected({ name, payload, error, recovered: true });
    }
  }

  /** The client is connected as this member: takes up what waits in the storage, and sends. */
  async connected(account: string): Promise<void> {
    if (this.#account !== null && this.#account !== account) {
      const message = "Someone else has signed in; the command waits for its own account.";
      this.#desert(localError("unauthenticated", message));
    }
    this.#account = account;
    for (const command of this.#outbox.commands()) this.#backlog.add(command.id);
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
    const answered = new Set<string>();
    this.#claims.add(answered);
    try {
      const left = await (await this.#storage).claim(account, () => void this.claim());
      const isNew = ({ id }: QueuedCommand): boolean => !this.#outbox.has(id) && !answered.has(id);
      if (account === this.#account) this.#take(left.filter(isNew));
    } catch (error) {
      this.#host.faulted(error);
    } finally {
      this.#claims.delete(answered);
    }
  }

  /** Sends what may go out, gives up what is too old, and comes back when the next is due. */
  pump(): void {
    const now = Date.now();
    for (let old; (old = this.#outbox.expired(now)).length > 0;) {
      for (const command of old) this.#reject(command, expired());
    }
    clearTimeout(this.#waking);
    if (!this.#host.connected() || this.#account === null) return;
    for (const command of this.#outbox.take(now)) void this.#deliver(command);
    const wakeAt = this.#outbox.wakeAt(now);
    if (wakeAt === null) return;
    this.#waking = setTimeout(() => {
      this.pump();
    }, wakeAt - now);
  }

  /** Signs out: nothing of this account stays on this machine. */
  async forget(): Promise<void> {
    this.#desert(localError("unauthenticated", "You signed out before the command was answered."));
    this.#account = null;
    await (await this.#storage).clear();
  }

  /** Stops; what is queued stays in the storage. */
  async close(): Promise<void> {
    this.#desert(localError("unavailable", "The client was closed before the command was answered."));
    await (await this.#storage).close();
  }

  #take(left: readonly QueuedCommand[]): void {
    const rooms = new Set<string>();
    for (const command of left) {
      this.#outbox.add(command, true);
      this.#backlog.add(command.id);
      for (const room of this.overlays.add(command.id, command.optimistic)) rooms.add(room);
    }
    this.#host.changed(rooms);
    this.#host.counted();
    this.pump();
  }

  async #deliver(command: QueuedCommand): Promise<void> {
    this.overlays.sent(command.id, (room) => this.#host.cursorOf(room));
    try {
      const payload = { ...command.payload, command_id: command.id };
      this.#accept(command, await this.#host.request(command.name, payload));
    } catch (caught) {
      const error = isYmeraError(caught) ? caught : localError("internal", "The client failed.", caught);
      if (this.#outbox.has(command.id)) this.#failed(command, error);
    }
    this.pump();
  }

  #accept(command: QueuedCommand, result: unknown): void {
    this.#settle(command);
    this.#shown(command);
    this.#callers.get(command.id)?.resolve(result);
    this.#callers.delete(command.id);
  }

  /** A command was carried out: its layer goes when its event has come, or after a while. */
  #shown(command: QueuedCommand): void {
    this.#host.changed(this.overlays.acknowledged(command.id));
    if (command.optimistic.length === 0) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#host.changed(this.overlays.remove(command.id));
    }, LINGER_MS);
    this.#timers.add(timer);
  }

  #failed(command: QueuedCommand, error: YmeraError): void {
    if (!error.retryable) {
      this.#reject(command, error);
      return;
    }
    // A lost connection is no failure of the command: it goes out again over the next one.
    const failures = this.#outbox.retry(command.id, this.#host.connected());
    if (!this.#host.connected()) return;
    if (error.code === "internal" && failures >= MAX_FAULTS) {
      this.#reject(command, error);
      return;
    }
    const wait = fullJitter(failures - 1) + 1_000 * (retryAfter(error) ?? 0);
    this.#outbox.postpone(command.id, Date.now() + wait);
  }

  #reject(command: QueuedCommand, error: YmeraError): void {
    const caller = this.#callers.get(command.id);
    this.#callers.delete(command.id);
    this.#settle(command);
    this.#host.changed(this.overlays.remove(command.id));
    caller?.reject(error);
    const { name, payload } = command;
    this.#host.rejected({ name, payload, error, recovered: caller === undefined });
  }

  #settle(command: QueuedCommand): void {
    this.#outbox.settle(command.id);
    this.#backlog.delete(command.id);
    for (const answered of this.#claims) answered.add(command.id);
    this.#host.counted();
    // If this fails the command goes out once more after a restart, and is answered alike.
    this.#storage
      .then((storage) => storage.remove(command.id))
      .catch((error: unknown) => {
        this.#host.faulted(error);
      });
  }

  async #keep(command: QueuedCommand): Promise<void> {
    await (await this.#storage).add(command);
  }

  /** Leaves everything as it is in the storage and tells the callers why. */
  #desert(error: YmeraError): void {
    clearTimeout(this.#waking);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const callers = [...this.#callers.values()];
    this.#callers.clear();
    this.#outbox.clear();
    this.#backlog.clear();
    this.overlays.clear();
    for (const caller of callers) caller.reject(error);
    this.#host.counted();
  }
}

function expired(): YmeraError {
  const days = MAX_AGE_MS / 86_400_000;
  return localError("deadline_exceeded", `The command could not be sent for ${days} days.`);
}
