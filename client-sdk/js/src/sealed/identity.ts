/** The own identity and its devices, and what is known of those of others: what is asked of the engine about keys. */

import * as cx1 from "../crypto/index.js";
import { localError } from "../errors.js";
import type { SealedDevice, Trust } from "./api.js";
import type { Ending } from "./endings.js";
import { pasted } from "./faults.js";
import { cx1Hex } from "./names.js";
import type { Session } from "./session.js";
import { deviceViews } from "./views.js";

export class Identity {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  // The own identity

  async begin(): Promise<string> {
    const device = this.#session.device();
    if ((await device.ask()) !== null) {
      const message = "You have an identity already; link this device, or recover it with its code.";
      throw localError("conflict", message);
    }
    return this.#began(await device.keychain.begin());
  }

  async beginAnew(): Promise<string> {
    const device = this.#session.device();
    return this.#began(await device.keychain.begin(await device.ask()));
  }

  /** Makes an identity for this agent, under that of its owner. */
  async beginAgent(ownerId: string): Promise<void> {
    const device = this.#session.device();
    await device.keychain.beginAgent(await device.directory.find(ownerId));
    await this.#session.stand();
  }

  unkeptCode(): Promise<string | null> {
    return Promise.resolve(this.#session.device().keychain.unkeptCode);
  }

  async confirmCode(typed: string): Promise<void> {
    await this.#session.device().keychain.confirmCode(typed);
    this.#session.tell();
  }

  async recover(code: string): Promise<void> {
    const device = this.#session.device();
    const root = await device.keychain.recover(code, existing(await device.ask()));
    await device.backups.restore(root);
    await this.#session.stand();
  }

  // Its devices

  async devices(): Promise<readonly SealedDevice[]> {
    const device = this.#session.device();
    const fp = device.keychain.fp ?? (await device.ask());
    return fp === null ? [] : deviceViews(cx1.newestState(device.directory.history(fp)), device);
  }

  async revokeDevice(id: string): Promise<void> {
    const { keychain } = this.#session.ready();
    const known = keychain.history && cx1.activeIds(cx1.newestState(keychain.history));
    if (known?.has(cx1Hex(id)) !== true) throw localError("not_found", "There is no such device in use.");
    await keychain.append({ type: "device_revoke", deviceId: cx1.fromText(id) });
  }

  async linkNew(mode: "qr" | "digits"): Promise<string> {
    const fp = existing(await this.#session.device().ask());
    return this.#session.pairings().comeIn(fp, mode);
  }

  linkScanned(qr: string): Promise<string> {
    this.#session.ready();
    const words = "This is no code of a new device. Copy all of it there, and paste it here.";
    return pasted(() => this.#session.pairings().scanned(qr), words);
  }

  // Others

  async endorseAgent(memberId: string): Promise<void> {
    const { keychain, directory } = this.#session.ready();
    const agentFp = cx1.fromHex(await directory.find(memberId));
    await keychain.append({ type: "agent_endorse", agentFp });
  }

  async trust(memberId: string): Promise<Trust | null> {
    const { directory } = this.#session.device();
    const fp = directory.current(memberId) ?? (await directory.refresh([memberId])).get(memberId);
    return fp === undefined ? null : directory.trustOf(fp);
  }

  async safetyNumber(memberId: string): Promise<string> {
    const { directory, keychain } = this.#session.ready();
    const fp = await directory.find(memberId);
    this.#session.compared.set(memberId, fp);
    return cx1.safetyNumber(keychain.author.fp, cx1.fromHex(fp));
  }

  async verify(memberId: string): Promise<void> {
    const device = this.#session.ready();
    const { compared } = this.#session;
    const fp = compared.get(memberId) ?? (await device.directory.find(memberId));
    compared.delete(memberId);
    await device.verify(fp);
  }

  verifyByDigits(memberId: string): Promise<string> {
    this.#session.ready();
    return this.#session.pairings().compare(memberId);
  }

  // Pairings of either kind

  confirmPairing(id: string): Promise<void> {
    return this.#session.pairings().confirm(id);
  }

  endPairing(id: string, ending: Ending): Promise<void> {
    return this.#session.pairings().end(id, ending);
  }

  async #began(code: string): Promise<string> {
    await this.#session.device().backups.begin();
    await this.#session.stand();
    return code;
  }
}

function existing(fp: cx1.Hex | null): cx1.Hex {
  if (fp !== null) return fp;
  throw localError("not_found", "You have no identity yet; begin one.");
}
