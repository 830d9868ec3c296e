/**
 * The life of a member's device in the engine: opened with an account, connected, following its rooms, given up.
 *
 * Invariant: it holds the keys, and nothing that it says to its host is one.
 */

import * as cx1 from "../crypto/index.js";
import { localError } from "../errors.js";
import type { Ephemera, LoggedEvent } from "../generated/protocol.js";
import { Lifetime, pause } from "../lifetime.js";
import type { Alarm, SealedState } from "./api.js";
import { bodyOf, type PairingNotice } from "./channel.js";
import { FileDesk } from "./desk.js";
import { Device } from "./device.js";
import { Following, type Notify } from "./following.js";
import { Invites } from "./invites.js";
import type { PairingView } from "./pairing.js";
import { Pairings } from "./pairings.js";
import type { SealedRoom } from "./room.js";
import type { OpenStore } from "./store.js";
import type { Verifier } from "./verifier.js";

/** Whom an engine works for. */
export interface EngineHost {
  /** Asks the server. Rejects with YmeraError. */
  request(name: string, payload: object): Promise<unknown>;
  readonly notify: Notify;
}

const MAX_ALARMS = 50;
/** From one look at whether keys are to be renewed to the next. */
const RENEWAL_MS = 24 * 3_600_000;

/** What there is as long as a device is open. */
interface Opened {
  readonly device: Device;
  readonly invites: Invites;
  readonly following: Following;
  readonly pairings: Pairings;
  readonly desk: FileDesk;
}

export class Session {
  readonly #host: EngineHost;
  readonly #open: OpenStore;
  /** Where the server's pages are, for links. */
  readonly #origin: string;
  readonly #verifier: Verifier | null;
  #opened: Opened | null = null;
  /** How the server has last said that the member stands; undefined before it did. */
  #identity: cx1.Hex | null | undefined;
  #alarms: readonly Alarm[] = [];
  /** Whose safety number a person was shown last, by member: the server may call another theirs by now. */
  readonly compared = new Map<string, cx1.Hex>();
  /** How long the connection lasts, while there is one. */
  #online: Lifetime | null = null;
  /** What opens a device or gives it up: one after another. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(host: EngineHost, open: OpenStore, origin: string, verifier: Verifier | null) {
    this.#host = host;
    this.#open = open;
    this.#origin = origin;
    this.#verifier = verifier;
  }

  /** Opens the device of an account, and gives up the one of another. */
  start(account: string): Promise<void> {
    return this.#inTurn(() => this.#start(account));
  }

  /** Gives the device up; it stays in the store. */
  stop(): Promise<void> {
    return this.#inTurn(() => this.#stop());
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #start(account: string): Promise<void> {
    if (this.#opened?.device.account === account) return;
    await this.#stop();
    const device = await Device.open(account, this.#open, {
      request: (name, payload) => this.#host.request(name, payload),
      verifier: this.#verifier,
      alarm: (alarm) => {
        this.#alarmed(alarm);
      },
      learned: () => {
        this.#opened?.following.learned();
        this.tell();
      },
    });
    const opened = this.#around(device);
    this.#opened = opened;
    await opened.following.load();
    if (device.keychain.active) opened.following.begin();
    this.tell();
  }

  async #stop(): Promise<void> {
    this.#opened?.pairings.close();
    this.#opened?.following.close(localError("unavailable", "The client was closed."));
    await this.#opened?.device.store.close();
    this.#opened = null;
    this.#identity = undefined;
    this.#alarms = [];
    this.compared.clear();
    this.#online?.end();
    this.#online = null;
    this.#verifier?.close();
  }

  /** There is a connection: learns what has come meanwhile. */
  async connected(): Promise<void> {
    const opened = this.#opened;
    if (opened === null) return;
    this.#online?.end();
    this.#online = new Lifetime();
    void this.#renew(this.#online);
    await this.stand();
    if (this.#opened === opened) await opened.pairings.reconnected();
  }

  disconnected(): Promise<void> {
    this.#online?.end();
    this.#online = null;
    this.#opened?.following.disconnected();
    return Promise.resolve();
  }

  /** The member is in these sealed rooms. */
  async follow(rooms: readonly string[]): Promise<void> {
    await this.#opened?.following.follow(rooms);
  }

  receive(events: readonly LoggedEvent[]): Promise<void> {
    this.#opened?.following.receive(events);
    return Promise.resolve();
  }

  async ephemeral<K extends keyof Ephemera>(name: K, message: Ephemera[K]): Promise<void> {
    if ("pairing" in message) await this.#opened?.pairings.take(message.pairing);
    else if ("identity" in message) await this.#extended(message.identity);
    else await this.#opened?.following.ephemeral(name, message);
  }

  /** Learns how this device stands, and follows its rooms if it is ready. */
  async stand(): Promise<void> {
    const opened = this.#opened;
    if (opened === null) return;
    const { device, following } = opened;
    this.#identity = await device.ask();
    this.tell();
    if (!device.keychain.active || this.#online === null) return;
    await device.keychain.rekeyIfDue();
    following.connected();
    // What fails is tried again on the next connection.
    if (await device.backups.complete().catch(() => false)) this.tell();
  }

  /** Tells the host how this device stands. */
  tell(): void {
    if (this.#opened === null) return;
    const { keychain, backups } = this.#opened.device;
    const ready = keychain.active;
    const me = ready
      ? { fp: cx1.toText(keychain.author.fp), deviceId: cx1.toText(keychain.author.deviceId) }
      : null;
    this.#host.notify("status", {
      state: ready ? "ready" : this.#elsewhere(),
      me,
      codeKept: keychain.codeKept,
      backedUp: ready && backups.exists,
      revoked: keychain.revoked,
      alarms: this.#alarms,
    });
  }

  /** The connection, while there is one. */
  get online(): Lifetime | null {
    return this.#online;
  }

  /** The rooms, whether or not this device is in an identity; null while no account's is open. */
  get rooms(): Following | null {
    return this.#opened?.following ?? null;
  }

  /** The device, whether or not it is in an identity. */
  device(): Device {
    return this.#whole().device;
  }

  /** The device, which is in an identity. */
  ready(): Device {
    const device = this.device();
    if (device.keychain.active) return device;
    const message = "This device is in no identity; begin one, link the device, or recover it with the code.";
    throw localError("e2ee_room", message);
  }

  pairings(): Pairings {
    return this.#whole().pairings;
  }

  desk(): FileDesk {
    return this.#whole().desk;
  }

  /** Links into rooms, made and followed by a device that is in an identity. */
  invites(): Invites {
    this.ready();
    return this.#whole().invites;
  }

  /** The rooms of a device that is in an identity. */
  following(): Following {
    this.ready();
    return this.#whole().following;
  }

  room(id: string): SealedRoom {
    return this.following().room(id);
  }

  #whole(): Opened {
    if (this.#opened !== null) return this.#opened;
    throw localError(
      "unavailable",
      "The server was not reached yet, so it is not known whose device this is.",
    );
  }

  #around(device: Device): Opened {
    device.directory.needed = () => this.#needed(device);
    const invites = new Invites(device, this.#origin);
    const following = new Following(device, invites, this.#host.notify);
    const pairings: Pairings = new Pairings({
      ground: device,
      changed: () => {
        if (this.#opened?.pairings === pairings) this.#host.notify("pairings", pairings.views.map(noticeOf));
      },
      secrets: () => secretsOf(this.following()),
      handed: (content) => handed(device, content),
      linked: () => this.stand(),
      verified: (fp) => device.verify(fp),
    });
    return { device, invites, following, pairings, desk: new FileDesk(device) };
  }

  #alarmed(alarm: Alarm): void {
    const told = this.#alarms.some(
      ({ fp, fault, message }) => fp === alarm.fp && fault === alarm.fault && message === alarm.message,
    );
    if (told) return;
    this.#alarms = [...this.#alarms, alarm].slice(-MAX_ALARMS);
    this.tell();
  }

  /** Renews the key for boxes in time on a connection that lasts; on others `connected` does. */
  async #renew(online: Lifetime): Promise<void> {
    for (;;) {
      await pause(RENEWAL_MS, online);
      if (online.ended()) return;
      const keychain = this.#opened?.device.keychain;
      // What fails today is tried again tomorrow, and on the next connection.
      if (keychain?.active === true) await keychain.rekeyIfDue().catch(() => undefined);
    }
  }

  /** The identities that must not be forgotten; null while that is not known. */
  #needed({ keychain: { fp } }: Device): ReadonlySet<cx1.Hex> | null {
    const named = this.#opened?.following.named() ?? null;
    return named === null || fp === null ? null : new Set([...named, fp, ...this.compared.values()]);
  }

  async #extended(identity: Ephemera["identity.extended"]["identity"]): Promise<void> {
    const device = this.#opened?.device;
    if (device === undefined) return;
    if (identity.id !== device.account && !device.directory.concerns(identity)) return;
    const fp = await device.directory.hear(identity);
    if (identity.id !== device.account) return;
    this.#identity = fp;
    this.tell();
  }

  #elsewhere(): SealedState {
    if (this.#identity === undefined) return "starting";
    return this.#identity === null ? "none" : "elsewhere";
  }
}

/** Keeps what another device has given this one: secrets, and the backup's key, which `complete` makes whole. */
async function handed({ linked, keychain }: Device, { secrets, master }: cx1.Package): Promise<void> {
  await linked.keep(secrets);
  if (!cx1.equal(master, cx1.ZERO))
    await keychain.keepVault({ version: 0, master: cx1.toHex(master), sealed: "" });
}

/** What a device that is linked is given: of each room the newest epochs first. */
function secretsOf(following: Following): readonly cx1.RoomSecret[] {
  const all = following.all.flatMap((room) => {
    const { standing } = room.ledger;
    if (standing === null) return [];
    const roomRef = standing.timeline.room.ref;
    return Array.from(cx1.secretsOf(standing.ring), ([epoch, secret]) => ({
      roomRef,
      epoch,
      secret,
      of: standing.timeline.room.epoch,
    }));
  });
  return all.sort((one, other) => one.of - one.epoch - (other.of - other.epoch));
}

function noticeOf(view: PairingView): PairingNotice {
  const { step } = view;
  return step.step === "failed"
    ? { ...view, step: { step: "failed", error: bodyOf(step.error) } }
    : { ...view, step };
}
