/** Pairings under way, as a page shows and steers them. */

import { Cell, type Readable } from "../emitter.js";
import { localError } from "../errors.js";
import type { PairingFlow, PairingStep } from "./api.js";
import { errorOf, type PairingNotice } from "./channel.js";
import { Ending } from "./endings.js";
import type { KeysLine } from "./keys.js";

export class PairingFlows {
  readonly #keys: () => KeysLine;
  readonly #all = new Cell<readonly PairingFlow[]>([]);
  readonly #steps = new Map<string, Cell<PairingStep>>();

  constructor(keys: () => KeysLine) {
    this.#keys = keys;
  }

  get all(): Readable<readonly PairingFlow[]> {
    return this.#all;
  }

  get(id: string): PairingFlow {
    const flow = this.#all.get().find((each) => each.id === id);
    if (flow === undefined) throw localError("not_found", "This pairing is over; begin another.");
    return flow;
  }

  /** What the engine has said of all that there are. */
  take(notices: readonly PairingNotice[]): void {
    for (const { id, step } of notices) {
      const shown: PairingStep = step.step === "failed" ? { ...step, error: errorOf(step.error) } : step;
      const cell = this.#steps.get(id);
      if (cell === undefined) this.#steps.set(id, new Cell<PairingStep>(shown));
      else if (JSON.stringify(cell.get()) !== JSON.stringify(shown)) cell.set(shown);
    }
    const known = new Map(this.#all.get().map((flow) => [flow.id, flow]));
    this.#all.set(notices.map((notice) => known.get(notice.id) ?? this.#new(notice)));
    for (const id of this.#steps.keys())
      if (!notices.some((notice) => notice.id === id)) this.#steps.delete(id);
  }

  #new({ id, purpose, memberId }: PairingNotice): PairingFlow {
    const state = this.#steps.get(id) ?? new Cell<PairingStep>({ step: "waiting" });
    const confirm = (): Promise<void> => this.#keys().ask("identity.confirmPairing", id);
    const end = (ending: Ending): Promise<void> => this.#keys().ask("identity.endPairing", id, ending);
    const cancel = (): Promise<void> => end(Ending.calledOff);
    const differ = (): Promise<void> => end(Ending.differ);
    return { id, purpose, memberId, state, confirm, differ, cancel };
  }
}
