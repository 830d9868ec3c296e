/** What rules work on and with: the room's content, what is known of a command besides it, and facts. */

import type { Capability, Form, Message, Project, Room, Task } from "../../generated/protocol.js";

/** An entity, or a payload, as JSON values. It may be shared: it is never changed. */
export type Plain = Readonly<Record<string, unknown>>;

export type Role = "reader" | "member" | "admin" | "owner";

/** What an author's client completes a command by, besides what the room holds. */
export interface Means {
  /** Gives a fresh UUID in lower case. */
  readonly newId: () => string;
  /** What an agent can do, by its id: the capabilities that it has declared to the server. */
  readonly able: (agentId: string) => readonly Capability[];
}

/**
 * What a room holds at the moment, whole: also the messages that its state no longer shows.
 * Collections are those of open rooms, with `files` besides.
 */
export interface Contents {
  /** The entity with that id, if there is one. */
  get(collection: string, id: string): Plain | undefined;
  /** Every entity of a collection, in any order. */
  all(collection: string): Iterable<Plain>;
  /** How many there are. */
  count(collection: string): number;
}

/** Contents out of a folded state; what that does not show is looked up. */
export class Folded implements Contents {
  readonly #collections: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly #lookup: (collection: string, id: string) => Plain | undefined;

  constructor(
    collections: Readonly<Record<string, Readonly<Record<string, object>>>>,
    lookup: (collection: string, id: string) => Plain | undefined = () => undefined,
  ) {
    this.#collections = collections;
    this.#lookup = lookup;
  }

  get(collection: string, id: string): Plain | undefined {
    const table = this.#table(collection);
    return Object.hasOwn(table, id) ? (table[id] as Plain) : this.#lookup(collection, id);
  }

  all(collection: string): readonly Plain[] {
    return Object.values(this.#table(collection)) as Plain[];
  }

  count(collection: string): number {
    return Object.keys(this.#table(collection)).length;
  }

  #table(collection: string): Readonly<Record<string, object>> {
    return this.#collections[collection] ?? {};
  }
}

/** What is known of a command besides its content, the same for every member, but for `newcomer`. */
export interface About {
  /** The id of the member who says it. */
  readonly sender: string;
  /** Theirs, after the commits up to there. */
  readonly role: Role;
  readonly seq: number;
  /** When its sender says that it was said; see `timestamp`. */
  readonly at: string;
  readonly room: string;
  readonly form: Form;
  /** The id that its header names; null for zeros. */
  readonly entity: string | null;
  /** As in its header. */
  readonly baseVersion: number;
  /**
   * Whether who reads it has no part in what was before, and was added by the sender: then `sealed.state` counts.
   */
  readonly newcomer: boolean;
}

/** What comes of a command, as an event in the log of an open room would say it. */
export interface Fact {
  readonly type: string;
  readonly data: Plain;
}

/** The end of the year 9999. */
const LAST_MS = 253_402_300_799_999;

/** The `at` of what was sent then: `2026-03-01T09:30:00.000Z`, and never past the year 9999. */
export function timestamp(sentMs: number | bigint): string {
  return new Date(Math.min(Number(sentMs), LAST_MS)).toISOString();
}

/** The next version of an entity. That of the header's does not stay behind the server's count. */
export function raised(about: About, entity: { readonly id: string; readonly version: number }): number {
  const counted = entity.id === about.entity ? about.baseVersion : 0;
  return Math.max(entity.version, counted) + 1;
}

export function messageOf(contents: Contents, id: string): Message | undefined {
  return contents.get("messages", id) as Message | undefined;
}

export function taskOf(contents: Contents, id: string): Task | undefined {
  return contents.get("tasks", id) as Task | undefined;
}

export function roomOf(contents: Contents, id: string): Room | undefined {
  return contents.get("rooms", id) as Room | undefined;
}

export function projectOf(contents: Contents, id: string): Project | undefined {
  return contents.get("projects", id) as Project | undefined;
}

export function allTasks(contents: Contents): Iterable<Task> {
  return contents.all("tasks") as Iterable<Task>;
}

/** Orders entities by id. */
export function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return compare(one.id, other.id);
}

/** Orders texts of ASCII characters bytewise. */
export function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** An object without some of its fields. */
export function omit<D extends object, K extends keyof D & string>(
  of: D,
  ...names: readonly K[]
): Omit<D, K> {
  const kept = Object.entries(of).filter(([name]) => !(names as readonly string[]).includes(name));
  return Object.fromEntries(kept) as Omit<D, K>;
}

/** Values in the order given, each once. */
export function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
