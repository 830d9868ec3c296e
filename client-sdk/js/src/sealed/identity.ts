/** The own identity and its devices, and what is known of those of others: what is asked of the engine about keys. */

import * as cx1 from "../crypto/index.js";
import { localError } from "../errors.js";
import type { SealedDevice, Trust } from "./api.js";
import type { Device } from "./device.js";
import type { Ending } from "./endings.js";
import { pasted } from "./faults.js";
import { cx1Hex } from "./names.js";
import type { Session } from "./session.js";
import { deviceViews } from "./views.js";

export class Identity {
  readonly #session: Session;
  /** What makes this device's keys: one after another, since there is one place for them. */
  #making: Promise<unknown> = Promise.resolve();

  constructor(session: Session) {
    this.#session = session;
  }

  // The own identity

  begin(): Promise<string> {
    return this.#alone(async (device) => {
      if ((await device.ask()) !== null) {
        const message = "You have an identity already; link this device, or recover it with its code.";
        throw localError("conflict", message);
      }
      return this.#began(device, await device.keychain.begin());
    });
  }

  beginAnew(): Promise<string> {
    return this.#alone(async (device) => {
      const lost = await device.ask();
      if (device.keychain.active) {
        const message = "This device is in your identity. Begin anew only where that is lost.";
        throw localError("conflict", message);
      }
      return this.#began(device, await device.keychain.begin(lost));
    });
  }

  /** Makes an identity for this agent, under that of its owner. */
  beginAgent(ownerId: string): Promise<void> {
    return this.#alone(async (device) => {
      await device.keychain.beginAgent(await device.directory.find(ownerId));
      await this.#session.stand();
    });
  }

  unkeptCode(): Promise<string | null> {
    return Promise.resolve(this.#session.device().keychain.unkeptCode);
  }

  async confirmCode(typed: string): Promise<void> {
    await this.#session.device().keychain.confirmCode(typed);
    this.#session.tell();
  }

  /** Also on a device that is in already, and has no backup. */
  recover(code: string): Promise<void> {
    return this.#alone(async (device) => {
      const { keychain, backups } = device;
      const fp = existing(await device.ask());
      const root = keychain.rootOf(code, fp);
      await keychain.forgetOthers(fp);
      // First, since a device that is in asks nobody for the code any more.
      const spoilt = await faultOf(backups.restore(root, fp));
      if (!keychain.active) await keychain.recover(root, fp);
      await keychain.codeShown();
      await this.#session.stand();
      if (spoilt !== null) throw spoilt;
    });
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

  linkNew(mode: "qr" | "digits"): Promise<string> {
    return this.#alone(async (device) => this.#session.pairings().comeIn(existing(await device.ask()), mode));
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

  /** Notes that the number was compared which was asked for last: the server may call another theirs by now. */
  async verify(memberId: string): Promise<void> {
    const device = this.#session.ready();
    const { compared } = this.#session;
    const fp = compared.get(memberId);
    if (fp === undefined) {
      throw localError("conflict", "Open the safety number, and compare it with theirs first.");
    }
    await device.verify(fp);
    compared.delete(memberId);
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

  async #began({ backups }: Device, code: string): Promise<string> {
    await backups.begin();
    await this.#session.stand();
    return code;
  }

  #alone<T>(work: (device: Device) => Promise<T>): Promise<T> {
    const done = this.#making.then(() => work(this.#session.device()));
    this.#making = done.catch(() => undefined);
    return done;
  }
}

/** What is wrong with what the server has given; anything else that fails is thrown. */
async function faultOf(work: Promise<void>): Promise<cx1.Cx1Error | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof cx1.Cx1Error) return error;
    throw error;
  }
}

function existing(fp: cx1.Hex | null): cx1.Hex {
  if (fp !== null) return fp;
  throw localError("not_found", "You have no identity yet; begin one.");
}
