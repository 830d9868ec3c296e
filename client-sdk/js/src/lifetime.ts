/** How long something lasts, so that what waits on its behalf ends with it. */

export class Lifetime {
  #ended = false;
  readonly #endings = new Set<() => void>();

  ended(): boolean {
    return this.#ended;
  }

  /** Calls `ending` when it ends; at once if it has. Returns the way to call it off. */
  onEnd(ending: () => void): () => void {
    if (this.#ended) ending();
    else this.#endings.add(ending);
    return () => {
      this.#endings.delete(ending);
    };
  }

  end(): void {
    this.#ended = true;
    for (const ending of [...this.#endings]) ending();
    this.#endings.clear();
  }
}

/** The longest that a timer can be set for, in milliseconds: 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** Waits some milliseconds (24 days at most), or until the lifetime ends if that is sooner. */
export function pause(ms: number, lifetime: Lifetime): Promise<void> {
  if (lifetime.ended()) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      forget();
      resolve();
    };
    const timer = setTimeout(finish, Math.min(ms, LONGEST_MS));
    const forget = lifetime.onEnd(finish);
  });
}
