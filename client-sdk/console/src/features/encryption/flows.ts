/** Which of the pairings under way a page shows. */

import type { PairingFlow, PairingStep } from "@ymera/client";

/** Whether nothing more comes of it. */
export function isOver({ step }: PairingStep): boolean {
  return step === "done" || step === "failed";
}

/** The pairing to show next. Those that have ended were shown, or did so where somebody else looked. */
export function nextOf(
  pairings: readonly PairingFlow[],
  closed: ReadonlySet<string>,
): PairingFlow | undefined {
  return pairings.find(({ id, state }) => !closed.has(id) && !isOver(state.get()));
}
