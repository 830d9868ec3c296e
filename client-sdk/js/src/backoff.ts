/** How long to wait between attempts: full jitter, so that many clients do not come back as one. */

export const BASE_MS = 500;
export const CAP_MS = 30_000;

/**
 * Milliseconds to wait before attempt number `attempt` (from 0): evenly spread between 0 and an
 * upper bound that doubles with each attempt, from 0.5 s up to 30 s.
 */
export function fullJitter(attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt);
}
