/**
 * What a sealed room's log amounts to: commands run by the rules, and their facts folded as in an open room.
 *
 * Invariant: everybody who has read the same makes the same of it; nothing here depends on a clock, or on when it
 * is read. What changes nothing has a mark that says why.
 */

import * as cx1 from "../crypto/index.js";
import { isYmeraError, type YmeraError } from "../errors.js";
import { EMPTY_STATE, foldEvents, type RoomState } from "../fold.js";
import type { Form, LoggedEvent } from "../generated/protocol.js";
import type { Mark, SealedChange } from "./api.js";
import { changesOf, MAX_CHANGES, type Turn } from "./changes.js";
import type { Directory } from "./directory.js";
import type { Entry } from "./entries.js";
import { markOf, voided } from "./marks.js";
import { openRole, roleName, uuidOf } from "./names.js";
import { Naming, strangerId } from "./naming.js";
import {
  erased,
  erases,
  FOLDS,
  interpret,
  timestamp,
  unassigned,
  type About,
  type Contents,
  type Fact,
  type Plain,
} from "./rules/index.js";

/** Marks that are kept of a room: the newest. */
export const MAX_MARKS = 500;

/** Everything that a room holds, also what its state no longer shows. */
export class Collected implements Contents {
  readonly #collections = new Map<string, Map<string, Plain>>();

  get(collection: string, id: string): Plain | undefined {
    return this.#collections.get(collection)?.get(id);
  }

  all(collection: string): readonly Plain[] {
    return [...(this.#collections.get(collection)?.values() ?? [])];
  }

  count(collection: string): number {
    return this.#collections.get(collection)?.size ?? 0;
  }

  /** Takes in what an event says. */
  fold({ type, data }: Fact): void {
    for (const { step, collection, field } of FOLDS[type] ?? []) {
      const value = data[field];
      if (step === "put") this.#put(collection, value);
      else if (step === "drop" && typeof value === "string") this.#table(collection).delete(value);
      else if (step === "patch" && isPlain(value)) {
        const before = this.get(collection, value["id"]);
        if (before !== undefined) this.#put(collection, { ...before, ...value });
      }
    }
  }

  #put(collection: string, value: unknown): void {
    if (isPlain(value)) this.#table(collection).set(value["id"], value);
  }

  #table(collection: string): Map<string, Plain> {
    let table = this.#collections.get(collection);
    if (table === undefined) this.#collections.set(collection, (table = new Map<string, Plain>()));
    return table;
  }
}

/** What a room is by its first name: the commands that give it, and the events in which it has it. */
const GIVEN: Readonly<Record<string, Form>> = { "room.update": "conversation", "project.update": "project" };
const NAMED: Readonly<Record<string, Form>> = {
  "room.created": "conversation",
  "project.created": "project",
};

/** What came of an own command: the events, or what the rules refuse it with. */
export type Said = readonly LoggedEvent[] | YmeraError;

export class Reading {
  readonly contents = new Collected();
  /** Who is who, as far as the log was read. */
  readonly naming: Naming;
  state: RoomState = EMPTY_STATE;
  /** The last seq read. */
  seq = 0;
  /** What commits have changed, oldest first. */
  changes: readonly SealedChange[] = [];
  readonly #room: string;
  #form: Form;
  #named = false;
  readonly #own: cx1.Hex;
  readonly #directory: Directory;
  readonly #marks = new Map<number, Mark>();
  readonly #waiting = new Map<number, number>();
  /** The epoch in force where it was read. */
  #epoch = 0;
  /** Who has added this identity, in a room of whose past it has no part. */
  #adder: cx1.Hex | null = null;
  readonly #erase: string[] = [];
  readonly #said = new Map<cx1.Hex, Said>();
  /** What was said of each run, and of each task. */
  readonly #told = new Map<string, LoggedEvent[]>();

  /** `own` is the fp of this device's identity; `form` is the server's word, until the log says it. */
  constructor(room: string, form: Form, own: cx1.Hex, directory: Directory) {
    this.#room = room;
    this.#form = form;
    this.#own = own;
    this.#directory = directory;
    this.naming = new Naming(directory);
  }

  /** What the room is: what its first name makes of it, and the server's word before that. */
  get form(): Form {
    return this.#form;
  }

  /** What is not shown like the rest, oldest first. */
  get marks(): readonly Mark[] {
    return [...this.#marks.values()].sort((one, other) => one.seq - other.seq).slice(-MAX_MARKS);
  }

  /** What waits for the secret of its epoch, by seq. */
  get waiting(): ReadonlyMap<number, number> {
    return this.#waiting;
  }

  /** Whether what stands there has been told. */
  hasShown(seq: number): boolean {
    return seq <= this.seq && !this.#waiting.has(seq);
  }

  /** The entities of which nothing is to be kept, since the last time that was asked. */
  toErase(): readonly string[] {
    return this.#erase.splice(0);
  }

  /** What came of an own command, once. */
  outcome(clientId: cx1.Hex): Said {
    const said = this.#said.get(clientId) ?? [];
    this.#said.delete(clientId);
    return said;
  }

  /** What was said of a run or a task, oldest first. */
  eventsOf(id: string): readonly LoggedEvent[] {
    return this.#told.get(id) ?? [];
  }

  /**
   * Reads what stands at the next seqs; what it changes, as the events of an open room. What comes of commands
   * with the client ids of `own` is kept for `outcome`.
   */
  take(entries: readonly Entry[], own: { has(clientId: cx1.Hex): boolean }): readonly LoggedEvent[] {
    const all: LoggedEvent[] = [];
    for (const entry of entries) {
      this.seq = entry.seq;
      const said = this.#read(entry);
      if (own.has(entry.clientId)) this.#said.set(entry.clientId, said);
      if (Array.isArray(said)) all.push(...(said as readonly LoggedEvent[]));
    }
    this.state = foldEvents(this.state, all);
    return all;
  }

  /** What the rules are told of a command besides its content. */
  about(entry: Pick<Entry, "fp" | "role" | "seq" | "ms" | "entity" | "version">): About {
    return {
      sender: this.naming.idOf(entry.fp),
      role: roleName(entry.role),
      seq: entry.seq,
      at: timestamp(entry.ms),
      room: this.#room,
      form: this.#form,
      entity: entry.entity === "" ? null : uuidOf(entry.entity),
      baseVersion: Math.max(0, entry.version - 1),
      newcomer: this.#adder !== null && entry.fp === this.#adder,
    };
  }

  #read(entry: Entry): Said {
    this.#waiting.delete(entry.seq);
    this.#marks.delete(entry.seq);
    if (entry.sort === "commit") return this.#committed(entry);
    if (entry.sort !== "opened") return this.#unread(entry);
    if (entry.kind !== cx1.EnvelopeKind.event || entry.content === undefined) return [];
    const command = JSON.parse(entry.content) as Plain;
    try {
      const form = (this.#named ? undefined : GIVEN[command["type"] as string]) ?? this.#form;
      const facts = interpret(this.contents, command, { ...this.about(entry), form });
      this.#erase.push(...erases(this.contents, command));
      return this.#logged(entry, facts);
    } catch (error) {
      if (!isYmeraError(error)) throw error;
      this.#mark(voided(entry, error, this.naming));
      return error;
    }
  }

  #committed(entry: Entry): Said {
    const by = this.naming.idOf(entry.fp);
    const turns: Turn[] = [];
    const events = this.#logged(entry, this.#membership(entry, turns));
    const renewed = this.#epoch > 0 && entry.epoch > this.#epoch;
    this.#epoch = entry.epoch;
    const changes = changesOf(entry, by, turns, (fp) => this.naming.idOf(fp), renewed);
    this.changes = [...this.changes, ...changes].slice(-MAX_CHANGES);
    return events;
  }

  /** What cannot be read has a mark; of an erased message its place is known. */
  #unread(entry: Entry): Said {
    if (entry.sort === "waiting") this.#waiting.set(entry.seq, entry.epoch);
    const mark = markOf(entry, this.naming);
    if (mark !== null) this.#mark(mark);
    if (entry.sort !== "erased") return [];
    return this.#logged(entry, erased(this.contents, this.about(entry)));
  }

  #logged(entry: Entry, facts: Iterable<Fact>): readonly LoggedEvent[] {
    const actor = this.naming.idOf(entry.fp);
    const at = timestamp(entry.ms);
    const { seq } = entry;
    const events: LoggedEvent[] = [];
    for (const { type, data } of facts) {
      const event = { room: this.#room, seq, type, at, actor, data };
      this.contents.fold(event);
      this.#keepForm(event);
      this.#keepTold(event);
      events.push(event);
    }
    return events;
  }

  #keepForm({ type }: LoggedEvent): void {
    const form = this.#named ? undefined : NAMED[type];
    if (form === undefined) return;
    this.#form = form;
    this.#named = true;
  }

  #keepTold(event: LoggedEvent): void {
    const about = toldOf(event);
    if (about === null) return;
    const kept = this.#told.get(about);
    if (kept === undefined) this.#told.set(about, [event]);
    else kept.push(event);
  }

  /** What a commit changes, noted in `turns`. Each fact is made after those before it were folded. */
  *#membership(entry: Entry, turns: Turn[]): Generator<Fact> {
    const changes = entry.changes ?? [];
    if (entry.shared === false && changes.some(({ joined, fp }) => joined && fp === this.#own)) {
      this.#adder = entry.fp === this.#own ? null : entry.fp;
    }
    for (const change of changes) {
      const { fp, role } = change;
      if (role !== null) this.naming.enter(fp, role);
      turns.push({ change, memberId: this.naming.idOf(fp) });
      if (role === null) yield* this.#gone(entry, fp);
      else yield this.#participant(fp, entry.ms);
    }
  }

  /** Somebody is out; who was a stranger because of them is known from now on. */
  *#gone(entry: Entry, fp: cx1.Hex): Generator<Fact> {
    yield* this.#removed(entry, this.naming.idOf(fp));
    const next = this.naming.leave(fp);
    if (next === null) return;
    yield* this.#removed(entry, strangerId(next));
    yield this.#participant(next, entry.ms);
  }

  *#removed(entry: Entry, memberId: string): Generator<Fact> {
    yield { type: "participant.removed", data: { member_id: memberId } };
    yield* unassigned(this.contents, this.about(entry), memberId);
  }

  #participant(fp: cx1.Hex, ms: number): Fact {
    const id = this.naming.idOf(fp);
    const before = this.contents.get("participants", id);
    const history = this.#directory.histories.get(fp);
    const agent = history !== undefined && cx1.newestState(history).kind === cx1.Kind.agent;
    const participant = {
      id,
      name: this.naming.nameOf(fp),
      kind: agent ? "agent" : "person",
      role: openRole(this.naming.roleOf(fp)),
      joined_at: before?.["joined_at"] ?? timestamp(ms),
      until: null,
      task_id: null,
    };
    return { type: "participant.added", data: { participant } };
  }

  #mark(mark: Mark): void {
    this.#marks.set(mark.seq, mark);
    if (this.#marks.size > 2 * MAX_MARKS) {
      for (const seq of [...this.#marks.keys()].sort((a, b) => a - b).slice(0, MAX_MARKS))
        this.#marks.delete(seq);
    }
  }
}

function isPlain(value: unknown): value is Plain & { readonly id: string } {
  return typeof value === "object" && value !== null && "id" in value && typeof value.id === "string";
}

/** The run or the task that an event is about. */
function toldOf({ type, data }: LoggedEvent): string | null {
  const about = aboutOf(type.split(".", 1)[0], data);
  if (!isPlain(about)) return null;
  return typeof about["run_id"] === "string" ? about["run_id"] : about.id;
}

function aboutOf(noun: string | undefined, data: LoggedEvent["data"]): unknown {
  switch (noun) {
    case "task":
      return data["task"] ?? { id: data["task_id"] };
    case "run":
      return data["run"] ?? data["artifact"];
    case "question":
    case "approval":
      return data["question"];
    default:
      return undefined;
  }
}
