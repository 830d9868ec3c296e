/** One member's device, opened: its store, its keys, and the identities that it knows. */

import { v7 as uuidv7 } from "uuid";

import * as cx1 from "../crypto/index.js";
import { WRITES } from "../generated/protocol.js";
import type { Alarm } from "./api.js";
import { Backups } from "./backup.js";
import { Directory } from "./directory.js";
import type { Courier, RoomGround } from "./ground.js";
import { Keychain } from "./keychain.js";
import { Linked } from "./linked.js";
import type { OpenStore, SealedStore } from "./store.js";
import type { Verifier } from "./verifier.js";

/** What a device needs from its engine. */
export interface DeviceHost {
  request(name: string, payload: object): Promise<unknown>;
  readonly alarm: (alarm: Alarm) => void;
  readonly verifier: Verifier | null;
  /** A chain has grown, or more is known of somebody. */
  learned(): void;
}

export class Device implements RoomGround {
  readonly account: string;
  readonly store: SealedStore;
  readonly courier: Courier;
  readonly directory: Directory;
  readonly keychain: Keychain;
  readonly backups: Backups;
  readonly linked: Linked;
  readonly now = Date.now;
  readonly alarm: (alarm: Alarm) => void;
  readonly verifier: Verifier | null;

  private constructor(account: string, store: SealedStore, host: DeviceHost) {
    this.account = account;
    this.store = store;
    this.alarm = host.alarm;
    this.verifier = host.verifier;
    this.courier = courierOf(host);
    this.directory = new Directory(
      this,
      () => {
        host.learned();
      },
      (fp) => this.backups.trustIn(fp),
    );
    this.keychain = new Keychain(this, this.directory);
    this.backups = new Backups(this, this.keychain);
    this.linked = new Linked(this);
  }

  /** Opens the device of an account, with what it has kept. */
  static async open(account: string, open: OpenStore, host: DeviceHost): Promise<Device> {
    const device = new Device(account, await open(account), host);
    await device.directory.load();
    await device.keychain.load();
    await device.backups.load();
    await device.linked.load();
    return device;
  }

  secretOf(epoch: cx1.Epoch): Uint8Array | undefined {
    return this.linked.secretOf(epoch) ?? this.backups.secretOf(epoch);
  }

  /** Learns how the server says that the member stands. The fp of its present identity, if it has one. */
  async ask(): Promise<cx1.Hex | null> {
    const fp = (await this.directory.refresh([this.account])).get(this.account) ?? null;
    if (fp !== null) await this.keychain.adopt(fp);
    return fp;
  }

  /** Notes that a person has verified an identity, on this device and in the backup. */
  async verify(fp: cx1.Hex): Promise<void> {
    await this.directory.verify(fp);
    await this.backups.keepTrust(cx1.newestState(this.directory.history(fp)), true);
  }
}

function courierOf(host: DeviceHost): Courier {
  const ask = (name: string, payload: object): Promise<unknown> =>
    host.request(name, WRITES.has(name) ? { command_id: uuidv7(), ...payload } : payload);
  return ask as Courier;
}
