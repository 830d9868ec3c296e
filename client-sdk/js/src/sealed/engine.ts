/**
 * The engine of one device: its identity, and all the sealed rooms of its member.
 *
 * Invariant: it holds the keys, and nothing that it says to its host is one, but for the recovery code. It runs in
 * a worker of its own in browsers, and in the program itself on Node; the host is its way to the server.
 */

import { v7 as uuidv7 } from "uuid";

import * as cx1 from "../crypto/index.js";
import { isYmeraError, localError } from "../errors.js";
import type { Ephemera, LoggedEvent, RoomRole } from "../generated/protocol.js";
import { Lifetime, pause } from "../lifetime.js";
import type { QueuedCommand } from "../outbox.js";
import type {
  Alarm,
  NewSealedRoom,
  SearchHit,
  SealedDevice,
  SealedInviteOptions,
  SealedPolicy,
  SealedRole,
  SealedState,
  Trust,
} from "./api.js";
import { bodyOf, type Opened, type PairingNotice } from "./channel.js";
import {
  FileDesk,
  holderOf,
  sweep,
  versionIn,
  type Outcome,
  type Ticket,
  type Vault,
  type Work,
} from "./desk.js";
import { Device } from "./device.js";
import type { Ending } from "./endings.js";
import { pasted } from "./faults.js";
import { Following, type Notify } from "./following.js";
import { found } from "./founding.js";
import type { Wish } from "./governing.js";
import { Invites } from "./invites.js";
import { answer, imported, refused, reply, search, subject, type Holding } from "./local.js";
import { meantOf } from "./ledger.js";
import { cx1Hex, openRole, policyWith, roleNumber } from "./names.js";
import type { PairingView } from "./pairing.js";
import { Pairings } from "./pairings.js";
import type { SealedRoom } from "./room.js";
import type { SealedVersion } from "./rules/files.js";
import { entity, type Plain } from "./rules/index.js";
import type { OpenStore } from "./store.js";
import { inTurn } from "./turns.js";
import type { Verifier } from "./verifier.js";
import { deviceViews } from "./views.js";

/** Whom an engine works for. */
export interface EngineHost {
  /** Asks the server. Rejects with YmeraError. */
  request(name: string, payload: object): Promise<unknown>;
  readonly notify: Notify;
}

const MAX_ALARMS = 50;
/** From one look at whether keys are to be renewed to the next. */
const RENEWAL_MS = 24 * 3_600_000;

export class Engine {
  readonly #host: EngineHost;
  readonly #open: OpenStore;
  /** Where the server's pages are, for links. */
  readonly #origin: string;
  readonly #verifier: Verifier | null;
  #device: Device | null = null;
  #following: Following | null = null;
  #pairings: Pairings | null = null;
  #desk: FileDesk | null = null;
  /** How the server has last said that the member stands; undefined before it did. */
  #identity: cx1.Hex | null | undefined;
  #alarms: readonly Alarm[] = [];
  /** Whose safety number a person was shown last, by member: the server may call another theirs by now. */
  readonly #compared = new Map<string, cx1.Hex>();
  /** How long the connection lasts, while there is one. */
  #online: Lifetime | null = null;

  constructor(host: EngineHost, open: OpenStore, origin: string, verifier: Verifier | null = null) {
    this.#host = host;
    this.#open = open;
    this.#origin = origin;
    this.#verifier = verifier;
  }

  /** Opens the device of an account, and gives up the one of another. */
  async start(account: string): Promise<void> {
    if (this.#device?.account === account) return;
    await this.stop();
    const device = await Device.open(account, this.#open, {
      request: (name, payload) => this.#host.request(name, payload),
      verifier: this.#verifier,
      alarm: (alarm) => {
        const told = this.#alarms.some(
          ({ fp, fault, message }) => fp === alarm.fp && fault === alarm.fault && message === alarm.message,
        );
        if (told) return;
        this.#alarms = [...this.#alarms, alarm].slice(-MAX_ALARMS);
        this.#tell();
      },
      learned: () => {
        this.#following?.learned();
        this.#tell();
      },
    });
    device.directory.needed = () => this.#needed(device);
    const invites = new Invites(device, this.#origin);
    this.#device = device;
    this.#following = new Following(device, invites, this.#host.notify);
    this.#pairings = new Pairings({
      ground: device,
      changed: () => {
        this.#host.notify("pairings", this.#pairings?.views.map(noticeOf) ?? []);
      },
      secrets: () => this.#secrets(),
      linked: (content) => this.#linked(content),
      verified: (fp) => device.verify(fp),
    });
    await this.#following.load();
    if (device.keychain.active) this.#following.begin();
    this.#tell();
  }

  /** Gives the device up; it stays in the store. */
  async stop(): Promise<void> {
    const error = localError("unavailable", "The client was closed.");
    this.#pairings?.close();
    this.#following?.close(error);
    await this.#device?.store.close();
    this.#device = this.#following = this.#pairings = this.#desk = null;
    this.#identity = undefined;
    this.#alarms = [];
    this.#compared.clear();
    this.#online?.end();
    this.#online = null;
    this.#verifier?.close();
  }

  /** There is a connection: learns what has come meanwhile. */
  async connected(): Promise<void> {
    this.#online?.end();
    this.#online = new Lifetime();
    void this.#renew(this.#online);
    await this.#stand();
    await this.#pairings?.reconnected();
  }

  disconnected(): Promise<void> {
    this.#online?.end();
    this.#online = null;
    this.#following?.disconnected();
    return Promise.resolve();
  }

  /** The member is in these sealed rooms. */
  async follow(rooms: readonly string[]): Promise<void> {
    await this.#following?.follow(rooms);
  }

  receive(events: readonly LoggedEvent[]): Promise<void> {
    this.#following?.receive(events);
    return Promise.resolve();
  }

  async ephemeral<K extends keyof Ephemera>(name: K, message: Ephemera[K]): Promise<void> {
    if ("pairing" in message) await this.#pairings?.take(message.pairing);
    else if ("identity" in message) await this.#extended(message.identity);
    else await this.#following?.ephemeral(name, message);
  }

  // Identity

  async begin(): Promise<string> {
    const device = this.#opened();
    if ((await device.ask()) !== null) {
      const message = "You have an identity already; link this device, or recover it with its code.";
      throw localError("conflict", message);
    }
    return this.#began(await device.keychain.begin());
  }

  async beginAnew(): Promise<string> {
    const device = this.#opened();
    return this.#began(await device.keychain.begin(await device.ask()));
  }

  /** Makes an identity for this agent, under that of its owner. */
  async beginAgent(ownerId: string): Promise<void> {
    const device = this.#opened();
    await device.keychain.beginAgent(await device.directory.find(ownerId));
    await this.#stand();
  }

  unkeptCode(): Promise<string | null> {
    return Promise.resolve(this.#opened().keychain.unkeptCode);
  }

  async confirmCode(typed: string): Promise<void> {
    await this.#opened().keychain.confirmCode(typed);
    this.#tell();
  }

  async recover(code: string): Promise<void> {
    const device = this.#opened();
    const fp = await device.ask();
    if (fp === null) throw localError("not_found", "You have no identity yet; begin one.");
    const root = await device.keychain.recover(code, fp);
    await device.backups.restore(root);
    await this.#stand();
  }

  async devices(): Promise<readonly SealedDevice[]> {
    const device = this.#opened();
    const fp = device.keychain.fp ?? (await device.ask());
    return fp === null ? [] : deviceViews(cx1.newestState(device.directory.history(fp)), device);
  }

  async revokeDevice(id: string): Promise<void> {
    const { keychain } = this.#ready();
    const known = keychain.history && cx1.activeIds(cx1.newestState(keychain.history));
    if (known?.has(cx1Hex(id)) !== true) throw localError("not_found", "There is no such device in use.");
    await keychain.append({ type: "device_revoke", deviceId: cx1.fromText(id) });
  }

  async endorseAgent(memberId: string): Promise<void> {
    const { keychain, directory } = this.#ready();
    const agentFp = cx1.fromHex(await directory.find(memberId));
    await keychain.append({ type: "agent_endorse", agentFp });
  }

  async trust(memberId: string): Promise<Trust | null> {
    const { directory } = this.#opened();
    const fp = directory.current(memberId) ?? (await directory.refresh([memberId])).get(memberId);
    return fp === undefined ? null : directory.trustOf(fp);
  }

  async safetyNumber(memberId: string): Promise<string> {
    const { directory, keychain } = this.#ready();
    const fp = await directory.find(memberId);
    this.#compared.set(memberId, fp);
    return cx1.safetyNumber(keychain.author.fp, cx1.fromHex(fp));
  }

  async verify(memberId: string): Promise<void> {
    const device = this.#ready();
    const fp = this.#compared.get(memberId) ?? (await device.directory.find(memberId));
    this.#compared.delete(memberId);
    await device.verify(fp);
  }

  // Pairing

  async linkNew(mode: "qr" | "digits"): Promise<string> {
    const fp = await this.#opened().ask();
    if (fp === null) throw localError("not_found", "You have no identity yet; begin one.");
    return this.#paired().comeIn(fp, mode);
  }

  linkScanned(qr: string): Promise<string> {
    this.#ready();
    const words = "This is no code of a new device. Copy all of it there, and paste it here.";
    return pasted(() => this.#paired().scanned(qr), words);
  }

  verifyByDigits(memberId: string): Promise<string> {
    this.#ready();
    return this.#paired().compare(memberId);
  }

  confirmPairing(id: string): Promise<void> {
    return this.#paired().confirm(id);
  }

  endPairing(id: string, ending: Ending): Promise<void> {
    return this.#paired().end(id, ending);
  }

  // Rooms

  async createRoom(room: NewSealedRoom): Promise<string> {
    const device = this.#ready();
    const id = uuidv7();
    const founded = await found(device, id, room);
    const ref = cx1.roomRefOf(cx1.parseCommit(cx1.fromText(founded.genesis)));
    await device.store.write(new Map([[meantOf(id), ref]]));
    await device.courier("sealed.create", founded);
    const made = await this.#followed().include(id);
    const named = room.form === "project" ? { project_id: id } : { room: id };
    const naming = room.form === "project" ? "project.update" : "room.update";
    await made.outgoing.keepOwn(naming, { ...named, name: room.name });
    return id;
  }

  async add(
    id: string,
    members: readonly { readonly memberId: string; readonly role: SealedRole }[],
  ): Promise<void> {
    const { directory } = this.#ready();
    const room = this.#room(id);
    const fps = new Map<cx1.Hex, cx1.Role>();
    for (const { memberId, role } of members) fps.set(await directory.find(memberId), roleNumber(role));
    await this.#govern(room, ({ members: there }) =>
      [...fps].filter(([fp]) => !there.has(fp)).map(([fp, role]) => room.governing.addition(fp, role)),
    );
  }

  async remove(id: string, fps: readonly string[]): Promise<void> {
    const room = this.#room(id);
    const gone = fps.map(cx1Hex);
    await this.#govern(room, ({ members }) =>
      gone.filter((fp) => members.has(fp)).map((fp) => ({ op: "remove", fp: cx1.fromHex(fp) })),
    );
  }

  async setRole(id: string, fp: string, role: SealedRole): Promise<void> {
    await this.#govern(this.#room(id), ({ members }) =>
      members.get(cx1Hex(fp))?.role === roleNumber(role)
        ? []
        : [{ op: "role", fp: cx1.fromText(fp), role: roleNumber(role) }],
    );
  }

  async setPolicy(id: string, changes: Partial<SealedPolicy>): Promise<void> {
    await this.#govern(this.#room(id), ({ policy }) => [policyWith(policy, changes)]);
  }

  async leave(id: string): Promise<void> {
    await this.#govern(this.#room(id), () => [{ op: "leave" }]);
  }

  async rotate(id: string): Promise<void> {
    await this.#govern(this.#room(id), () => [{ op: "rotate" }]);
  }

  retry(id: string): Promise<void> {
    return this.#room(id).retry();
  }

  evidence(id: string): Promise<string | null> {
    return this.#room(id).evidence();
  }

  async invite(id: string, options: SealedInviteOptions): Promise<string> {
    const room = this.#room(id);
    return inTurn(room, this.#online, () => new Invites(this.#ready(), this.#origin).make(room, options));
  }

  async acceptInvite(link: string): Promise<string> {
    const room = await new Invites(this.#ready(), this.#origin).accept(link);
    await this.#followed().remember(room);
    return room;
  }

  whisper(id: string, content: Plain): Promise<void> {
    return this.#room(id).whispers.say(content);
  }

  // Content

  open(id: string): Promise<Opened> {
    const nothing: Opened = { state: null, cursor: 0, current: false, role: null, pending: [] };
    return Promise.resolve(this.#following?.open(id) ?? nothing);
  }

  /** The sealed room that has something of these ids. */
  async locate(ids: readonly string[]): Promise<string | null> {
    const known = this.#following?.sealed.find((id) => ids.includes(id));
    return known ?? (await this.#following?.holding(ids)) ?? null;
  }

  /** Says a command of the plain protocol in a room; its plain result. */
  async call(id: string, command: QueuedCommand): Promise<unknown> {
    const room = this.#room(id);
    const governed = GOVERNED[command.name];
    if (governed !== undefined) return governed(this, room, command.payload);
    const holding = holdingOf(room);
    const before = subject(holding, command.payload);
    let said;
    try {
      said = await room.outgoing.say(command);
    } catch (error) {
      if (isYmeraError(error, "unknown_command")) throw refused(id, command.name);
      throw error;
    }
    if (isYmeraError(said)) throw said.code === "unknown_command" ? refused(id, command.name) : said;
    if (before !== undefined) await sweep(vaultOf(room), room.ground.courier, before);
    const { name: type, payload: data } = command;
    if (type === "task.import") return imported(data, said);
    const named = entity({ type, data });
    return reply(holding.contents, { name: type, payload: data, events: said, entity: named, before });
  }

  // Files

  fileTicket(id: string, identity: string | null, digest: string | null): Promise<Ticket> {
    return this.#files().ticket(id, identity, digest);
  }

  fileForget(id: string, identity: string): Promise<void> {
    return this.#files().forget(id, identity);
  }

  async fileBegin(id: string, work: Work): Promise<number> {
    const room = this.#room(id);
    // A room that is new here is followed first: files are bound to its first commit.
    if (room.ledger.standing === null) await room.do(() => Promise.resolve());
    return this.#files().begin(vaultOf(room), work);
  }

  fileTake(pass: number, bytes: Uint8Array, last: boolean): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.#files().take(pass, bytes, last));
  }

  fileEnd(pass: number): Promise<Outcome> {
    return Promise.resolve(this.#files().end(pass));
  }

  fileDrop(pass: number): Promise<void> {
    this.#files().drop(pass);
    return Promise.resolve();
  }

  fileVersion(id: string, file: string, number: number | null): Promise<SealedVersion> {
    return Promise.resolve(versionIn(vaultOf(this.#room(id)), file, number));
  }

  fileHolder(id: string, object: string): Promise<string | null> {
    return Promise.resolve(holderOf(vaultOf(this.#room(id)), object));
  }

  /** Answers a query of the plain protocol about a room. */
  query(id: string, name: string, payload: Plain): Promise<unknown> {
    const room = this.#room(id);
    if (!room.known) throw localError("unavailable", "Nothing of this room has arrived yet.");
    return Promise.resolve(answer(holdingOf(room), name, payload));
  }

  search(id: string | null, text: string): Promise<readonly SearchHit[]> {
    const rooms = id === null ? this.#followed().all : [this.#room(id)];
    return Promise.resolve(rooms.flatMap((room) => search(holdingOf(room), text)).slice(0, 100));
  }

  // How it stands

  async #began(code: string): Promise<string> {
    await this.#opened().backups.begin();
    await this.#stand();
    return code;
  }

  /** Learns how this device stands, and follows its rooms if it is ready. */
  async #stand(): Promise<void> {
    const device = this.#device;
    if (device === null) return;
    this.#identity = await device.ask();
    this.#tell();
    if (!device.keychain.active || this.#online === null) return;
    await device.keychain.rekeyIfDue();
    this.#following?.connected();
  }

  /** Renews the key for boxes in time on a connection that lasts; on others `connected` does. */
  async #renew(online: Lifetime): Promise<void> {
    for (;;) {
      await pause(RENEWAL_MS, online);
      if (online.ended()) return;
      const keychain = this.#device?.keychain;
      // What fails today is tried again tomorrow, and on the next connection.
      if (keychain?.active === true) await keychain.rekeyIfDue().catch(() => undefined);
    }
  }

  /** The identities that must not be forgotten; null while that is not known. */
  #needed({ keychain: { fp } }: Device): ReadonlySet<cx1.Hex> | null {
    const named = this.#following?.named() ?? null;
    return named === null || fp === null ? null : new Set([...named, fp, ...this.#compared.values()]);
  }

  async #extended(identity: Ephemera["identity.extended"]["identity"]): Promise<void> {
    const device = this.#device;
    if (device === null) return;
    if (identity.id !== device.account && !device.directory.concerns(identity)) return;
    const fp = await device.directory.hear(identity);
    if (identity.id !== device.account) return;
    this.#identity = fp;
    this.#tell();
  }

  #tell(): void {
    const device = this.#device;
    if (device === null) return;
    const { keychain, backups } = device;
    const ready = keychain.active;
    const me = ready
      ? { fp: cx1.toText(keychain.author.fp), deviceId: cx1.toText(keychain.author.deviceId) }
      : null;
    this.#host.notify("status", {
      state: ready ? "ready" : this.#elsewhere(),
      me,
      codeKept: keychain.unkeptCode === null,
      backedUp: ready && backups.exists,
      revoked: keychain.revoked,
      alarms: this.#alarms,
    });
  }

  #elsewhere(): SealedState {
    if (this.#identity === undefined) return "starting";
    return this.#identity === null ? "none" : "elsewhere";
  }

  /** What came of linking: the secrets, and the backup's key. */
  async #linked(content: cx1.Package): Promise<void> {
    const device = this.#opened();
    await device.linked.keep(content.secrets);
    if (!cx1.equal(content.master, cx1.ZERO)) {
      const { ver, master } = await device.courier("backup.get", {});
      const sealed = cx1.toHex(cx1.fromText(master));
      await device.keychain.keepVault({ version: ver, master: cx1.toHex(content.master), sealed });
    }
    await this.#stand();
  }

  /** What a device that is linked is given: of each room the newest epochs first. */
  #secrets(): readonly cx1.RoomSecret[] {
    const all = this.#followed().all.flatMap((room) => {
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

  #opened(): Device {
    if (this.#device !== null) return this.#device;
    throw localError(
      "unavailable",
      "The server was not reached yet, so it is not known whose device this is.",
    );
  }

  #ready(): Device {
    const device = this.#opened();
    if (device.keychain.active) return device;
    const message = "This device is in no identity; begin one, link the device, or recover it with the code.";
    throw localError("e2ee_room", message);
  }

  #followed(): Following {
    this.#ready();
    if (this.#following === null) throw localError("unavailable", "The client was closed.");
    return this.#following;
  }

  #paired(): Pairings {
    if (this.#pairings === null) throw localError("unavailable", "The client was closed.");
    return this.#pairings;
  }

  #files(): FileDesk {
    this.#desk ??= new FileDesk(this.#opened());
    return this.#desk;
  }

  /** Has a room changed as is wished, in its turn. */
  #govern(room: SealedRoom, wish: Wish): Promise<void> {
    return inTurn(room, this.#online, () => room.governing.commit(wish));
  }

  #room(id: string): SealedRoom {
    return this.#followed().room(id);
  }
}

/** Commands of open rooms that are commits in sealed ones. */
const GOVERNED: Readonly<
  Record<string, (engine: Engine, room: SealedRoom, payload: Plain) => Promise<unknown>>
> = {
  "room.leave": async (engine, room) => {
    await engine.leave(room.id);
    return null;
  },
};

function holdingOf(room: SealedRoom): Holding {
  const { id, reading } = room;
  const eventsOf = (thing: string): readonly LoggedEvent[] => reading.eventsOf(thing);
  return { id, contents: reading.contents, openRole: ownRole(room), eventsOf };
}

function ownRole(room: SealedRoom): RoomRole {
  const own = room.ledger.standing?.timeline.room.members.get(cx1.toHex(room.author.fp));
  return openRole(own?.role ?? cx1.Role.reader);
}

function vaultOf(room: SealedRoom): Vault {
  return { id: room.id, ref: room.settled.timeline.room.ref, contents: room.reading.contents };
}

function noticeOf(view: PairingView): PairingNotice {
  const { step } = view;
  return step.step === "failed"
    ? { ...view, step: { step: "failed", error: bodyOf(step.error) } }
    : { ...view, step };
}
