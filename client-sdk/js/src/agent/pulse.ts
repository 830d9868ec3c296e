/**
 * Whether another thread's event loop turns: it counts up in shared memory, and this one looks.
 *
 * Turns are held against turns, not against the clock, so that a machine that slept is not taken for a blocked
 * program.
 */

const BEAT_MS = 250;
/** Looks in a row without a change after which the other thread counts as blocked: it has stood for a second. */
const MISSES = 4;

export function newPulse(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** Counts up as long as this thread's event loop turns. Returns the way to stop it. */
export function beat(pulse: Int32Array): () => void {
  const timer = setInterval(() => {
    Atomics.add(pulse, 0, 1);
  }, BEAT_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

/** Calls `changed` when the other thread stands still, and when it turns again. Returns the way to stop it. */
export function watch(pulse: Int32Array, changed: (blocked: boolean) => void): () => void {
  let seen = Atomics.load(pulse, 0);
  let misses = 0;
  const timer = setInterval(() => {
    const now = Atomics.load(pulse, 0);
    if (now === seen) {
      misses += 1;
      if (misses === MISSES) changed(true);
      return;
    }
    if (misses >= MISSES) changed(false);
    seen = now;
    misses = 0;
  }, BEAT_MS);
  return () => {
    clearInterval(timer);
  };
}
