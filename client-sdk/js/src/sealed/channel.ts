/**
 * What goes between a page and the engine that holds its keys: questions with answers, and notices.
 *
 * Invariant: only what structured cloning carries goes over it; errors go as bodies and come out as YmeraError.
 */

import { isErrorBody, localError, YmeraError } from "../errors.js";
import type { ErrorBody, LoggedEvent } from "../generated/protocol.js";
import type { RoomState } from "../fold.js";
import type { QueuedCommand } from "../outbox.js";
import type { SealedRole, SealedRoomView, SealedStatus } from "./api.js";
import { asYmeraError } from "./faults.js";
import type { RoomFiles } from "./files.js";
import type { KeysLine } from "./keys.js";
import type { PairingView } from "./pairing.js";

/** What the engine tells. */
export interface Notices {
  status: SealedStatus;
  pairings: readonly PairingNotice[];
  /** The ids of all sealed rooms that this account is in. */
  rooms: readonly string[];
  view: { readonly room: string; readonly view: SealedRoomView };
  shown: Shown;
  /** A command that an earlier run had queued has its answer; `error` if it was refused. */
  settled: { readonly command: QueuedCommand; readonly error: ErrorBody | null };
  /** An ephemeral envelope, opened. */
  whispered: Whisper;
}

/** What was said in passing in a room. */
export interface Whisper {
  readonly room: string;
  readonly memberId: string | null;
  readonly fp: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** Events that were applied to a room in use. With a `state` it is another one, and begins anew. */
export interface Shown {
  readonly room: string;
  /** The seq up to which the room had to be shown before. */
  readonly after: number;
  readonly cursor: number;
  readonly events: readonly LoggedEvent[];
  readonly state: RoomState | null;
  /** Whether it is all that is known to be there. */
  readonly current: boolean;
}

/** A room as it is to be shown from now on. */
export interface Opened {
  /** Null if this device cannot read it. */
  readonly state: RoomState | null;
  readonly cursor: number;
  readonly current: boolean;
  readonly role: SealedRole | null;
  /** Commands that wait to be said. */
  readonly pending: readonly QueuedCommand[];
}

export type PairingNotice = Omit<PairingView, "step"> & {
  readonly step:
    Exclude<PairingView["step"], { step: "failed" }> | { readonly step: "failed"; readonly error: ErrorBody };
};

export type Message =
  | { readonly kind: "ask"; readonly id: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly kind: "answer"; readonly id: number; readonly result: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly error: ErrorBody }
  | { readonly kind: "notice"; readonly name: string; readonly value: unknown };

/** One end of a line: a MessagePort, a worker, the other end in the same program. */
export interface Line {
  post(message: Message): void;
}

/** Who answers the questions of the other end. */
export interface Answering {
  ask(method: string, args: readonly unknown[]): Promise<unknown>;
  notice(name: string, value: unknown): void;
}

interface Asked {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: YmeraError) => void;
}

/** One end: asks the other, and answers it. */
export class End {
  readonly #line: Line;
  readonly #answering: Answering;
  readonly #asked = new Map<number, Asked>();
  #next = 0;

  constructor(line: Line, answering: Answering) {
    this.#line = line;
    this.#answering = answering;
  }

  /** Asks the other end. Rejects with YmeraError. */
  ask(method: string, ...args: readonly unknown[]): Promise<unknown> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#line.post({ kind: "ask", id, method, args });
    });
  }

  notify(name: string, value: unknown): void {
    this.#line.post({ kind: "notice", name, value });
  }

  /** Takes what the other end has posted. */
  take(message: Message): void {
    if (message.kind === "notice") this.#answering.notice(message.name, message.value);
    else if (message.kind === "ask") void this.#answer(message.id, message.method, message.args);
    else {
      const asked = this.#asked.get(message.id);
      this.#asked.delete(message.id);
      if (message.kind === "answer") asked?.resolve(message.result);
      else asked?.reject(new YmeraError(message.error));
    }
  }

  /** The other end is gone: what was asked has no answer. */
  close(error: YmeraError): void {
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }

  async #answer(id: number, method: string, args: readonly unknown[]): Promise<void> {
    try {
      const result = await this.#answering.ask(method, args);
      this.#line.post({ kind: "answer", id, result });
    } catch (error) {
      this.#line.post({ kind: "failure", id, error: bodyOf(asYmeraError(error)) });
    }
  }
}

/** The files of a room, by way of whoever has its keys. */
export function roomFiles(room: string, able: () => Promise<Pick<KeysLine, "ask">>): RoomFiles {
  return {
    ticket: async (identity, digest) => (await able()).ask("files.ticket", room, identity, digest),
    forget: async (identity) => (await able()).ask("files.forget", room, identity),
    begin: async (work) => (await able()).ask("files.begin", room, work),
    take: async (pass, bytes, last) => (await able()).ask("files.take", pass, bytes, last),
    end: async (pass) => (await able()).ask("files.end", pass),
    drop: async (pass) => (await able()).ask("files.drop", pass),
    version: async (file, number) => (await able()).ask("files.version", room, file, number),
    holder: async (object) => (await able()).ask("files.holder", room, object),
  };
}

/** An error as it can be posted; what a program needs of it, without its cause. */
export function bodyOf({ code, message, retryable, data, correlationId }: YmeraError): ErrorBody {
  return { code, message, retryable, data: { ...data }, correlation_id: correlationId };
}

/** And back. */
export function errorOf(body: unknown): YmeraError {
  return isErrorBody(body) ? new YmeraError(body) : localError("internal", "The engine failed.");
}
