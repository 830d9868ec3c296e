/** How fast bytes move, smoothed, so that what is said of the time left does not jump about. */

/** How far something that has bytes to move is. */
export interface Progress {
  readonly bytes: number;
  /** Null while nobody knows how many there are. */
  readonly total: number | null;
  /** Bytes a second, over the last few seconds. */
  readonly rate: number;
  /** Null while that cannot be told. */
  readonly secondsLeft: number | null;
}

/** Over how long a change of speed shows, in milliseconds. */
const SMOOTHING_MS = 3_000;
/** Signs that come closer together than this are taken as one. */
const SAMPLE_MS = 200;

export class Pace {
  readonly #now: () => number;
  #bytes = 0;
  #rate: number | null = null;
  /** What was moved when the speed was last looked at; null at the start and after a rest. */
  #mark: { readonly bytes: number; readonly at: number } | null = null;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** So many bytes are through, of all. Fewer than before, if some have to be moved again. */
  reach(bytes: number): void {
    const at = this.#now();
    this.#bytes = bytes;
    if (this.#mark === null || bytes < this.#mark.bytes) {
      this.#mark = { bytes, at };
      return;
    }
    const passed = at - this.#mark.at;
    if (passed < SAMPLE_MS) return;
    const rate = ((bytes - this.#mark.bytes) * 1_000) / passed;
    const share = 1 - Math.exp(-passed / SMOOTHING_MS);
    this.#rate = this.#rate === null ? rate : this.#rate + share * (rate - this.#rate);
    this.#mark = { bytes, at };
  }

  /** Nothing moves for a while, which is not to count as slowness. */
  rest(): void {
    this.#mark = null;
    this.#rate = null;
  }

  progress(total: number | null): Progress {
    const rate = this.#rate ?? 0;
    const left = total === null ? null : Math.max(0, total - this.#bytes);
    const secondsLeft = left === null || (rate === 0 && left > 0) ? null : left === 0 ? 0 : left / rate;
    return { bytes: this.#bytes, total, rate, secondsLeft };
  }
}
