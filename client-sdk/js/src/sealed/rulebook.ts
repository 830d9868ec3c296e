/** What the engine asks of the rules of sealed rooms. */

import type { YmeraError } from "../errors.js";
import type { Form } from "../generated/protocol.js";
import type { SealedRole } from "./api.js";

/** An entity, a payload: what JSON has as an object. */
export type Plain = Readonly<Record<string, unknown>>;

/** What an envelope's content is: a command of the plain protocol. */
export interface Saying {
  readonly type: string;
  readonly data: Plain;
}

/** What a room holds at the moment, whole: also the messages that its state no longer shows. */
export interface Contents {
  get(collection: string, id: string): Plain | undefined;
  all(collection: string): readonly Plain[];
}

/** What is known of a command besides its content, the same for every member, but for `newcomer`. */
export interface About {
  readonly sender: string;
  readonly role: SealedRole;
  readonly seq: number;
  readonly at: string;
  readonly room: string;
  readonly form: Form;
  readonly entity: string | null;
  readonly baseVersion: number;
  readonly newcomer: boolean;
}

/** What comes of a command, as an event in the log of an open room would say it. */
export interface Fact {
  readonly type: string;
  readonly data: Plain;
}

export interface Rules {
  interpret(contents: Contents, command: Plain, about: About): readonly Fact[] | YmeraError;
  prepare(contents: Contents, command: Saying, about: About, newId: () => string): Saying;
  entity(command: Plain): string | null;
  erases(contents: Contents, command: Plain): readonly string[];
  erased(contents: Contents, about: About): readonly Fact[];
  handedOver(contents: Contents): readonly Saying[];
  unassigned(contents: Contents, about: About, memberId: string): readonly Fact[];
  timestamp(sentMs: number): string;
}
