/** People, devices and a room for the tests, all of them made from a seed. */

import * as cx1 from "../../src/crypto/index.js";

const BEGIN_MS = 1_767_225_600_000n;

/** Bytes that look random and are always the same. */
export class Chance {
  readonly #seed: Uint8Array;
  #drawn = 0;

  constructor(seed: string) {
    this.#seed = cx1.utf8(seed);
  }

  draw(size: number): Uint8Array {
    const blocks = Array.from({ length: Math.ceil(size / 32) }, () =>
      cx1.digest("tests", this.#seed, cx1.u32(this.#drawn++)),
    );
    return cx1.concat(...blocks).slice(0, size);
  }

  /** A number from 0 to below `end`. */
  below(end: number): number {
    return Number(cx1.toNumber(this.draw(6)) % BigInt(end));
  }

  /** One of several. */
  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }
}

/** What one device holds. */
export interface DeviceSecrets {
  readonly id: Uint8Array;
  readonly seed: Uint8Array;
  readonly signing: cx1.SigningPair;
  readonly xSecret: Uint8Array;
}

/** A human with devices, and the chain that says so. The first device signs. */
export class Person {
  readonly recovery: cx1.SigningPair;
  readonly devices: [DeviceSecrets, ...DeviceSecrets[]];
  readonly links: Uint8Array[];
  history: cx1.History;
  readonly #chance: Chance;

  constructor(name: string) {
    this.#chance = new Chance(name);
    this.recovery = cx1.signingPair(this.#chance.draw(32));
    const keys = this.#keys();
    const genesis: cx1.Genesis = {
      type: "genesis",
      kind: cx1.Kind.human,
      recoveryPk: this.recovery.publicKey,
      salt: this.#chance.draw(16),
      edPk: keys.signing.publicKey,
      xPk: cx1.boxPublic(keys.xSecret),
      ownerFp: cx1.ZERO,
    };
    this.links = [cx1.writeGenesis(keys.signing.secret, genesis, BEGIN_MS)];
    this.history = cx1.verifyChain(this.links);
    this.devices = [{ ...keys, id: cx1.deviceId(this.fp, keys.signing.publicKey) }];
  }

  get fp(): Uint8Array {
    return this.history[0].fp;
  }

  get pin(): cx1.Pin {
    return cx1.newestState(this.history).pin;
  }

  author(device: DeviceSecrets = this.devices[0]): cx1.Author {
    return { fp: this.fp, deviceId: device.id, secret: device.signing.secret };
  }

  addDevice(): DeviceSecrets {
    const keys = this.#keys();
    const publics = { edPk: keys.signing.publicKey, xPk: cx1.boxPublic(keys.xSecret) };
    this.append(cx1.newDevice(this.history, keys.signing.secret, publics));
    const device = { ...keys, id: cx1.deviceId(this.fp, publics.edPk) };
    this.devices.push(device);
    return device;
  }

  revoke(device: DeviceSecrets): void {
    const signer = { id: cx1.RECOVERY, secret: this.recovery.secret };
    this.append({ type: "device_revoke", deviceId: device.id }, signer);
  }

  append(payload: cx1.Payload, signer: cx1.Signer = this.#signer()): void {
    const ms = BEGIN_MS + BigInt(this.links.length);
    const raw = cx1.appendLink(this.history, payload, signer, ms);
    this.links.push(raw);
    this.history = cx1.extendChain(this.history, [raw]);
  }

  #signer(): cx1.Signer {
    return { id: this.devices[0].id, secret: this.devices[0].signing.secret };
  }

  #keys(): Omit<DeviceSecrets, "id"> {
    const seed = this.#chance.draw(32);
    return { seed, signing: cx1.signingPair(seed), xSecret: this.#chance.draw(32) };
  }
}

/** A store's past, in memory. */
export class Memory implements cx1.Past {
  readonly hashes = new Map<bigint, Uint8Array>();
  readonly clientIds = new Set<cx1.Hex>();

  transcript(seq: bigint): Uint8Array | undefined {
    return this.hashes.get(seq);
  }

  hasClientId(clientId: Uint8Array): boolean {
    return this.clientIds.has(cx1.toHex(clientId));
  }
}

/** A room whose every item is made by a member, with the state that everybody must come to. */
export class Stage {
  readonly chance: Chance;
  readonly people: Person[];
  readonly items: { readonly what: "commit" | "envelope"; readonly raw: Uint8Array }[] = [];
  readonly secrets = new Map<number, Uint8Array>();
  readonly memory = new Memory();
  timeline: cx1.Timeline;
  ring = cx1.EMPTY_RING;

  constructor(owner: Person, others: readonly Person[], policy: cx1.Policy = cx1.DEFAULT_POLICY) {
    this.chance = new Chance("room");
    this.people = [owner, ...others];
    const raw = cx1.writeFirst(owner.author(), owner.pin, policy, BEGIN_MS, this.directory);
    this.timeline = cx1.beginTimeline(raw, this.directory);
    this.#keep("commit", raw);
    const adds = others.map(({ fp, pin }) => ({ op: "add", fp, role: cx1.Role.member, pin }) as const);
    this.commit(owner, adds.length > 0 ? adds : [{ op: "rotate" }]);
  }

  get directory(): cx1.Directory {
    return new Map(this.people.map((person) => [cx1.toHex(person.fp), person.history]));
  }

  get room(): cx1.Room {
    return this.timeline.room;
  }

  get ephemeral(): boolean {
    return this.room.policy.retention === cx1.Retention.ephemeral;
  }

  get nextSeq(): bigint {
    return this.timeline.seq + 1n;
  }

  /** A commit that fits, with an epoch unless it needs none; it is not applied. */
  write(by: Person, ops: readonly cx1.Op[]): { readonly raw: Uint8Array; readonly secret: Uint8Array } {
    const { chance, timeline } = this;
    const secret = chance.draw(32);
    const fresh = { secret, wrapNonce: chance.draw(24), boxSeed: chance.draw(32) };
    const previous = this.secrets.get(this.room.epoch);
    const rotates = cx1.needsEpoch(this.room, by.fp, ops, this.directory);
    const occasion = {
      seen: cx1.seenAt(timeline),
      ms: BEGIN_MS + timeline.seq,
      ...(rotates && { fresh }),
      ...(previous && { previous }),
    };
    return { raw: cx1.writeNext(this.room, by.author(), ops, this.directory, occasion).raw, secret };
  }

  commit(by: Person, ops: readonly cx1.Op[]): void {
    const { raw, secret } = this.write(by, ops);
    const before = this.room.epoch;
    this.timeline = cx1.applyCommit(this.timeline, this.nextSeq, raw, this.directory, this.memory);
    this.#keep("commit", raw);
    const made = this.room.epochs[before];
    if (made === undefined) return;
    this.secrets.set(made.number, secret);
    this.ring = cx1.holdSecret(this.ring, made, secret, { ephemeral: this.ephemeral });
  }

  message(text: string): cx1.Message {
    const data = cx1.utf8(JSON.stringify({ text }));
    const content = { type: cx1.ContentType.json, data };
    return { content, clientId: this.chance.draw(16), sentMs: BEGIN_MS + this.timeline.seq };
  }

  /** An envelope that fits; it is not applied. */
  seal(by: Person, message: cx1.Message): Uint8Array {
    const place = { nonce: this.chance.draw(24) };
    return cx1.sealMessage(this.timeline, this.ring, by.author(), message, place).raw;
  }

  say(by: Person, text: string): Uint8Array {
    const raw = this.seal(by, this.message(text));
    this.receive(raw);
    return raw;
  }

  receive(raw: Uint8Array): cx1.Outcome {
    const { outcome, timeline, ring } = cx1.receive(this.timeline, this.ring, this.nextSeq, raw, this.memory);
    this.timeline = timeline;
    this.ring = ring;
    this.memory.clientIds.add(cx1.toHex(cx1.parseEnvelope(raw).header.clientId));
    this.#keep("envelope", raw);
    return outcome;
  }

  #keep(what: "commit" | "envelope", raw: Uint8Array): void {
    this.items.push({ what, raw });
    this.memory.hashes.set(this.timeline.seq, this.timeline.hash);
  }
}

/** The fault of what must be refused. */
export function refusal(run: () => unknown): cx1.Cx1Error {
  try {
    run();
  } catch (error) {
    if (error instanceof cx1.Cx1Error) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
