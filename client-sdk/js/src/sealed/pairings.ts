/** The pairings under way on this device. Each is over after five minutes; few are kept at once. */

import { v7 as uuidv7 } from "uuid";

import * as cx1 from "../crypto/index.js";
import { localError } from "../errors.js";
import type { Pairing } from "../generated/protocol.js";
import type { Ending } from "./endings.js";
import { uuidOf } from "./names.js";
import { Comparison, Newcomer, Sponsor, type Flow, type PairingHost, type PairingView } from "./pairing.js";

const MAX_FLOWS = 20;

export class Pairings {
  readonly #host: PairingHost;
  readonly #flows = new Map<string, Flow>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(host: PairingHost) {
    this.#host = host;
  }

  get views(): readonly PairingView[] {
    return [...this.#flows.values()].map((flow) => flow.view);
  }

  /** On a new device. */
  async comeIn(fp: cx1.Hex, mode: "qr" | "digits"): Promise<string> {
    // The keys that they would bring in are given up for new ones.
    for (const flow of this.#flows.values())
      if (flow instanceof Newcomer)
        flow.fail(localError("conflict", "Another pairing was begun on this device."));
    return this.#keep(await Newcomer.begin(this.#host, fp, mode));
  }

  /** On a device that is in the identity: the code of a new one was scanned. */
  async scanned(qr: string): Promise<string> {
    const offer = cx1.scanOffer(qr.trim());
    const id = uuidOf(cx1.toHex(offer.linkId));
    const flow = new Sponsor(this.#host, id, offer);
    this.#keep(flow);
    for (const step of await this.#host.ground.courier("pairing.list", {})) {
      if (step.id === id) await flow.take(step);
    }
    return id;
  }

  /** Begins to compare eight digits with a member. */
  async compare(memberId: string): Promise<string> {
    const fp = await this.#host.ground.directory.find(memberId);
    const flow = new Comparison(this.#host, uuidv7(), memberId, fp, true);
    this.#keep(flow);
    await flow.begin();
    return flow.id;
  }

  /** Takes a step that was sent to this member. */
  async take(pairing: Pairing): Promise<void> {
    const flow = this.#flows.get(pairing.id) ?? (await this.#asked(pairing));
    await flow?.take(pairing);
  }

  /** Takes what was sent while there was no connection; what another run of this device had answered is over. */
  async reconnected(): Promise<void> {
    const steps = await this.#host.ground.courier("pairing.list", {});
    const answered = new Set(steps.filter(({ step }) => step > 0).map(({ id }) => id));
    for (const step of steps) {
      if (this.#flows.has(step.id) || !answered.has(step.id)) await this.take(step);
    }
  }

  async confirm(id: string): Promise<void> {
    await this.#find(id).confirm();
  }

  async end(id: string, ending: Ending): Promise<void> {
    await this.#find(id).end(ending);
  }

  /** Ends all. */
  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#flows.clear();
  }

  /** The other side begins: with digits to link, or to verify. Codes to scan are no affair of who has not. */
  async #asked({ id, purpose, sender, step, body }: Pairing): Promise<Flow | undefined> {
    const { account, keychain, directory } = this.#host.ground;
    if (step !== 0 || !keychain.active) return undefined;
    if (purpose === "verify") {
      if (sender === account) return undefined;
      const flow = new Comparison(this.#host, id, sender, await directory.find(sender), false);
      this.#keep(flow);
      return flow;
    }
    const byDigits = cx1.fromText(body)[0] === 2;
    if (sender !== account || !byDigits) return undefined;
    const flow = new Sponsor(this.#host, id, null);
    this.#keep(flow);
    return flow;
  }

  #find(id: string): Flow {
    const flow = this.#flows.get(id);
    if (flow === undefined) throw localError("not_found", "This pairing is over; begin another.");
    return flow;
  }

  #keep(flow: Flow): string {
    if (this.#flows.size >= MAX_FLOWS) {
      const [oldest] = this.#flows.keys();
      if (oldest !== undefined) this.#forget(oldest);
    }
    this.#flows.set(flow.id, flow);
    const expire = (): void => {
      flow.fail(localError("conflict", "The pairing was not finished within five minutes; begin another."));
    };
    this.#timers.set(flow.id, setTimeout(expire, Number(cx1.LIFETIME_MS)));
    this.#host.changed();
    return flow.id;
  }

  #forget(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#flows.delete(id);
  }
}
