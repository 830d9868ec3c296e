/**
 * What a device keeps of its identity and its sealed rooms: bytes under names, changed all or nothing.
 *
 * Invariant: when `write` has resolved, all of its changes survive the program, and before that none may be
 * relied on. One running engine has a store at a time.
 */

/** Bytes to keep under a name; null takes them away. */
export type Changes = ReadonlyMap<string, Uint8Array | null>;

export interface SealedStore {
  get(name: string): Promise<Uint8Array | undefined>;
  /** All whose name begins so, in the order of their names. */
  list(prefix: string): Promise<readonly (readonly [string, Uint8Array])[]>;
  write(changes: Changes): Promise<void>;
  /** Lets go; what is kept stays. */
  close(): Promise<void>;
}

/** Opens the store of an account, the member's id. */
export type OpenStore = (account: string) => Promise<SealedStore>;

/** Keeps everything for as long as the object lives; several engines after one another can use it. */
export class MemoryStore implements SealedStore {
  readonly kept = new Map<string, Uint8Array>();

  get(name: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.kept.get(name));
  }

  list(prefix: string): Promise<readonly (readonly [string, Uint8Array])[]> {
    return Promise.resolve(listed(this.kept, prefix));
  }

  write(changes: Changes): Promise<void> {
    change(this.kept, changes);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Makes the changes to what is held in memory. */
export function change(kept: Map<string, Uint8Array>, changes: Changes): void {
  for (const [name, value] of changes) {
    if (value === null) kept.delete(name);
    else kept.set(name, value);
  }
}

/** What is held in memory, by the beginning of its name, in order. */
export function listed(
  kept: ReadonlyMap<string, Uint8Array>,
  prefix: string,
): readonly (readonly [string, Uint8Array])[] {
  return [...kept]
    .filter(([name]) => name.startsWith(prefix))
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Stores that last as long as the program. */
export function memoryStores(): OpenStore {
  const stores = new Map<string, MemoryStore>();
  return (account) => {
    const store = stores.get(account) ?? new MemoryStore();
    stores.set(account, store);
    return Promise.resolve(store);
  };
}

const TEXT = new TextEncoder();
const READ = new TextDecoder();

/** A value that JSON can carry, as bytes to keep. */
export function pack(value: unknown): Uint8Array {
  return TEXT.encode(JSON.stringify(value));
}

/** What `pack` was given. Only this device has written it, so it is taken for what is asked. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export function unpack<T>(data: Uint8Array): T {
  return JSON.parse(READ.decode(data)) as T;
}
