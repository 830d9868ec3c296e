/** Listeners: typed by event name, or to one value. A listener that throws does not disturb the others. */

type Listener<T> = (value: T) => void;

/** Listeners of one thing. Each `add` counts by itself, even of the same function. */
export class Listeners<T> {
  readonly #all = new Set<{ readonly call: Listener<T> }>();

  /** Returns the way to remove it. */
  add(call: Listener<T>): () => void {
    const own = { call };
    this.#all.add(own);
    return () => {
      this.#all.delete(own);
    };
  }

  notify(value: T): void {
    for (const { call } of [...this.#all]) {
      try {
        call(value);
      } catch (error) {
        // Their fault, to be reported as uncaught; not a reason to stop half way through an event.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

/** Listeners by event name. */
export class Emitter<M extends object> {
  readonly #listeners: { [K in keyof M]?: Listeners<M[K]> } = {};

  /** Calls `listener` at each `name`. Returns the way to stop it. */
  on<K extends keyof M>(name: K, listener: Listener<M[K]>): () => void {
    const listeners = (this.#listeners[name] ??= new Listeners<M[K]>());
    return listeners.add(listener);
  }

  emit<K extends keyof M>(name: K, value: M[K]): void {
    this.#listeners[name]?.notify(value);
  }
}

/** A value that changes, to look at and to listen to; fits React's `useSyncExternalStore`. */
export interface Readable<T> {
  readonly get: () => T;
  /** Calls `listener` after each change. Returns the way to stop it. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** A Readable and the means to change it. */
export class Cell<T> implements Readable<T> {
  #value: T;
  readonly #listeners = new Listeners<undefined>();

  constructor(value: T) {
    this.#value = value;
  }

  readonly get = (): T => this.#value;

  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener);

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    this.#listeners.notify(undefined);
  }
}
