/**
 * A room's state as a fold over its events, by the contract's generated table.
 *
 * States are immutable: a fold returns a new state that shares with the old one every
 * collection and entity that did not change, and the same state if nothing did.
 */

import {
  COLLECTIONS,
  FOLDS,
  type CollectionName,
  type Collections,
  type Fold,
  type LoggedEvent,
} from "./generated/protocol.js";

/** What a room holds: entities by id, by collection. */
export type RoomState = {
  readonly [C in CollectionName]: Readonly<Record<string, Collections[C]>>;
};

/** A snapshot as the server sends it: entities by collection. */
export type Snapshot = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

type Stored = Record<string, unknown> & { id: string };
type Table = Record<string, Stored>;

const NAMES = Object.keys(COLLECTIONS) as CollectionName[];

/** A state with nothing in it. */
export const EMPTY_STATE: RoomState = Object.freeze(
  Object.fromEntries(NAMES.map((name) => [name, Object.freeze({})])),
) as unknown as RoomState;

/**
 * A state under change. Each collection is copied once, at its first change, however many follow;
 * the state that it started from stays as it is.
 */
export class Draft {
  readonly #base: RoomState;
  readonly #copies = new Map<CollectionName, Table>();
  /** Of collections with a window: what is in it, oldest first, as long as things are only added at its end. */
  readonly #queues = new Map<CollectionName, Stored[]>();

  constructor(base: RoomState) {
    this.#base = base;
  }

  put(collection: CollectionName, entity: object): void {
    if (!isStored(entity)) return;
    const table = this.#writable(collection);
    if (Object.hasOwn(table, entity.id)) this.#queues.delete(collection);
    table[entity.id] = entity;
    this.#trim(collection, table, entity);
  }

  patch(collection: CollectionName, change: object): void {
    if (!isStored(change)) return;
    const table = this.#readable(collection);
    if (!Object.hasOwn(table, change.id)) return;
    this.#queues.delete(collection);
    this.#writable(collection)[change.id] = { ...table[change.id], ...change };
  }

  drop(collection: CollectionName, id: string): void {
    if (!Object.hasOwn(this.#readable(collection), id)) return;
    this.#queues.delete(collection);
    Reflect.deleteProperty(this.#writable(collection), id);
  }

  /** The changed state; the one that it started from if nothing changed. */
  finish(): RoomState {
    if (this.#copies.size === 0) return this.#base;
    return { ...this.#base, ...Object.fromEntries(this.#copies) };
  }

  /** Keeps the newest `window` entities by (`order`, `id`) of a collection that has a window. */
  #trim(collection: CollectionName, table: Table, added: Stored): void {
    const { window, order } = COLLECTIONS[collection];
    if (window === null || order === null) return;
    const inOrder = (a: Stored, b: Stored): number => compare(a[order], b[order]) || compare(a.id, b.id);
    let queue = this.#queues.get(collection);
    const last = queue?.at(-1);
    if (queue !== undefined && last !== undefined && inOrder(last, added) < 0) queue.push(added);
    else this.#queues.set(collection, (queue = Object.values(table).sort(inOrder)));
    for (const { id } of queue.splice(0, queue.length - window)) Reflect.deleteProperty(table, id);
  }

  #readable(collection: CollectionName): Readonly<Table> {
    return this.#copies.get(collection) ?? (this.#base[collection] as unknown as Table);
  }

  #writable(collection: CollectionName): Table {
    let table = this.#copies.get(collection);
    if (table === undefined) {
      table = { ...(this.#base[collection] as unknown as Table) };
      this.#copies.set(collection, table);
    }
    return table;
  }
}

/** The state after these events, which must follow on it in order. Unknown types leave it as it is. */
export function foldEvents(state: RoomState, events: readonly LoggedEvent[]): RoomState {
  const draft = new Draft(state);
  for (const event of events) {
    if (!Object.hasOwn(FOLDS, event.type)) continue;
    for (const fold of FOLDS[event.type] ?? []) applyFold(draft, fold, event.data[fold.field]);
  }
  return draft.finish();
}

/** The state that a snapshot holds. Unknown collections are ignored. */
export function foldSnapshot(snapshot: Snapshot): RoomState {
  const draft = new Draft(EMPTY_STATE);
  for (const name of NAMES) {
    for (const entity of snapshot[name] ?? []) draft.put(name, entity);
  }
  return draft.finish();
}

function applyFold(draft: Draft, fold: Fold, value: unknown): void {
  if (fold.step === "drop") {
    if (typeof value === "string") draft.drop(fold.collection, value);
  } else if (typeof value === "object" && value !== null) {
    draft[fold.step](fold.collection, value);
  }
}

/** Whether it can be kept under its id, which must not be the one name that objects do not hold. */
function isStored(entity: object): entity is Stored {
  return "id" in entity && typeof entity.id === "string" && entity.id !== "__proto__";
}

function compare(a: unknown, b: unknown): number {
  if ((typeof a === "number" && typeof b === "number") || (typeof a === "string" && typeof b === "string")) {
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return 0;
}
