/**
 * The secrets of a room's epochs on this device: where they come from, and to whom they are passed on.
 *
 * Invariant: a secret counts only if the log commits to it, whoever gave it. What is lacking is asked for; what
 * others lack and may read is granted to them, to the own devices first.
 */

import * as cx1 from "../crypto/index.js";
import { isYmeraError } from "../errors.js";
import type { Want } from "../generated/protocol.js";
import { random } from "./ground.js";
import type { RawItem } from "./ledger.js";
import type { SealedRoom } from "./room.js";

/** Wants that are answered at once; what is beyond is asked for again. */
const MAX_WANTS = 200;

export class Secrets {
  readonly #room: SealedRoom;
  readonly #asked = new Set<number>();
  /** Boxes for this device by epoch, as they were last fetched. */
  readonly #boxes = new Map<number, Uint8Array>();
  /** Secrets of epochs that this device has made, which may not stand in the log yet. */
  readonly #expected = new Map<number, Uint8Array>();
  /** Whether boxes may have come that were not looked at. */
  #fresh = true;
  #wants: Want[] = [];
  /** Whether there may be wants that were not heard. */
  #listen = true;

  constructor(room: SealedRoom) {
    this.#room = room;
  }

  /** Boxes or wants may have come that nobody told of. */
  refresh(): void {
    this.#fresh = this.#listen = true;
    this.#asked.clear();
  }

  /** A box has come. */
  granted(): void {
    this.#fresh = true;
    this.#room.wake();
  }

  /** A device lacks secrets. */
  wanted(want: Want): void {
    if (this.#wants.length < MAX_WANTS) this.#wants.push(want);
    else this.#listen = true;
    this.#room.wake();
  }

  /** An epoch that this device is about to make has this secret. */
  expect(epoch: number, secret: Uint8Array): void {
    this.#expected.set(epoch, secret);
  }

  /** The room stands in this epoch: what was expected up to it is held by now, or has not come to be. */
  reached(epoch: number): void {
    for (const number of this.#expected.keys()) if (number <= epoch) this.#expected.delete(number);
  }

  /** Fetches the boxes of the epochs that these items make, so that what follows them is read at once. */
  async foresee(items: readonly RawItem[]): Promise<void> {
    const made = items.flatMap(({ kind, raw }) => (kind === "commit" ? epochMadeBy(raw) : []));
    const first = made.find((epoch) => !this.#boxes.has(epoch) && !this.#expected.has(epoch));
    if (first !== undefined) await this.#fetch(first);
  }

  /** The secret of an epoch, if it is here in whatever form. Whether it is the right one the log says. */
  secretOf(epoch: cx1.Epoch): Uint8Array | undefined {
    const expected = this.#expected.get(epoch.number);
    if (expected !== undefined && isSecretOf(epoch, expected)) return expected;
    const box = this.#boxes.get(epoch.number);
    return (box && this.#open(epoch, box)) ?? this.#room.ground.secretOf(epoch);
  }

  /** Looks for the secrets that are lacking. */
  async gather(): Promise<void> {
    const lacking = this.#lacking();
    const { room } = this.#room.ledger;
    const [first] = lacking;
    if (first === undefined || room === null) return;
    if (this.#fresh) {
      // First, so that a grant that is told of meanwhile is fetched too.
      this.#fresh = false;
      try {
        await this.#fetch(first);
      } catch (error) {
        this.#fresh = true;
        throw error;
      }
    }
    const secrets = new Map<number, Uint8Array>();
    for (const number of lacking) {
      const secret = this.secretOf(cx1.findEpoch(room.epochs, number));
      if (secret !== undefined) secrets.set(number, secret);
    }
    await this.#room.hold(secrets);
  }

  /** Asks for what is lacking, and grants what others lack. */
  async tend(): Promise<void> {
    await this.#ask();
    if (this.#listen) {
      this.#wants = [...(await this.#room.ground.courier("sealed.wants", { room: this.#room.id }))];
      this.#listen = false;
    }
    const wants = this.#wants.splice(0);
    const own = cx1.toText(this.#room.author.fp);
    for (const want of wants.sort((one, other) => Number(other.fp === own) - Number(one.fp === own))) {
      await this.grant({ fp: cx1.fromText(want.fp), deviceId: cx1.fromText(want.device_id) });
    }
  }

  /** Gives a device what it may read: the newest secret of each stretch, from which it walks back. */
  async grant(target: cx1.Recipient): Promise<void> {
    const { ground, author, ledger } = this.#room;
    const { standing } = ledger;
    if (standing === null || cx1.equal(target.deviceId, author.deviceId)) return;
    const { room } = standing.timeline;
    const held = cx1.secretsOf(standing.ring);
    for (const number of tops(room.epochs, held)) {
      const secret = held.get(number);
      if (secret === undefined || !mayRead(room, number, target)) continue;
      const epoch = { roomRef: room.ref, number };
      const seed = random(cx1.KEY);
      const [box] = cx1.sealBoxes(secret, [target], ground.directory.histories, epoch, seed);
      if (box === undefined) continue;
      await this.#send(number, target, box);
    }
  }

  async #send(epoch: number, target: cx1.Recipient, box: Uint8Array): Promise<void> {
    const [fp, device_id] = [cx1.toText(target.fp), cx1.toText(target.deviceId)];
    const payload = { room: this.#room.id, epoch, fp, device_id, box: cx1.toText(box) };
    try {
      await this.#room.ground.courier("sealed.grant", payload);
    } catch (error) {
      // It was removed meanwhile, or has it by now; if the connection is lost it asks again.
      if (!isYmeraError(error)) throw error;
    }
  }

  /** The first epoch whose secret can come to this device. What was said before stays closed to it. */
  get first(): number {
    const { author, ledger } = this.#room;
    const room = ledger.standing?.timeline.room;
    const since = room?.members.get(cx1.toHex(author.fp))?.since;
    if (room === undefined || since === undefined) return 1;
    if (!ledger.ephemeral) return cx1.reach(room.epochs, since);
    const isFor = ({ recipients }: cx1.Epoch): boolean =>
      recipients.some(({ deviceId }) => cx1.equal(deviceId, author.deviceId));
    return room.epochs.find(isFor)?.number ?? room.epoch + 1;
  }

  /** The epochs that this device may read and has no secret of. */
  #lacking(): readonly number[] {
    const { standing } = this.#room.ledger;
    if (standing === null) return [];
    const { room } = standing.timeline;
    const member = room.members.get(cx1.toHex(this.#room.author.fp));
    if (member === undefined || room.epoch === 0) return [];
    const lacking: number[] = [];
    const first = Math.max(cx1.reach(room.epochs, member.since), standing.forgotten + 1);
    for (let number = first; number <= room.epoch; number += 1) {
      if (!standing.ring.has(number)) lacking.push(number);
    }
    return lacking;
  }

  async #fetch(from_epoch: number): Promise<void> {
    const { ground, author, id } = this.#room;
    const payload = { room: id, device_id: cx1.toText(author.deviceId), from_epoch };
    this.#boxes.clear();
    for (const { epoch, box } of await ground.courier("sealed.boxes", payload)) {
      this.#boxes.set(epoch, cx1.fromText(box));
    }
  }

  /** A box that does not open is as none; a right one may still come. */
  #open(epoch: cx1.Epoch, box: Uint8Array): Uint8Array | undefined {
    const { ground, author } = this.#room;
    try {
      const xSecret = ground.keychain.boxSecret(cx1.boxVersion(box));
      return xSecret && cx1.openBox(epoch, box, { id: author.deviceId, xSecret });
    } catch (error) {
      if (error instanceof cx1.Cx1Error) return undefined;
      throw error;
    }
  }

  /** Asks the others for the newest secret that is lacking; they grant what goes with it. */
  async #ask(): Promise<void> {
    const newest = this.#lacking().at(-1);
    const { ledger, author, id, ground } = this.#room;
    if (newest === undefined || ledger.ephemeral || this.#asked.has(newest)) return;
    if (ledger.room?.active.has(cx1.toHex(author.deviceId)) !== true) return;
    this.#asked.add(newest);
    await ground.courier("sealed.want", { room: id, device_id: cx1.toText(author.deviceId), epoch: newest });
  }
}

/** The epoch that a commit makes, if it is one. */
function epochMadeBy(raw: Uint8Array): readonly number[] {
  try {
    const { section, epoch } = cx1.parseCommit(raw);
    return section === null ? [] : [epoch];
  } catch (error) {
    if (error instanceof cx1.Cx1Error) return [];
    throw error;
  }
}

function isSecretOf(epoch: cx1.Epoch, secret: Uint8Array): boolean {
  return cx1.equal(cx1.keyCommit(secret, epoch), epoch.keyCommit);
}

/** Whether the device of a want is who it says, and may read that epoch. */
function mayRead(room: cx1.Room, number: number, target: cx1.Recipient): boolean {
  try {
    cx1.checkGrant(room, number, target);
    return true;
  } catch (error) {
    if (error instanceof cx1.Cx1Error) return false;
    throw error;
  }
}

/** Of the epochs held, those that cannot be walked to from the one after. */
function tops(epochs: readonly cx1.Epoch[], held: ReadonlyMap<number, Uint8Array>): readonly number[] {
  return [...held.keys()]
    .sort((one, other) => other - one)
    .filter((number) => !held.has(number + 1) || (epochs[number]?.prevWrap.length ?? 0) === 0);
}
