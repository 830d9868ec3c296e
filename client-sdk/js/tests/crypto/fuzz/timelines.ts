/** Rooms of random deeds, legal and not, all of them signed: what a hostile member could send. */

import * as cx1 from "../../../src/crypto/index.js";
import { Memory, Person, type Chance, type DeviceSecrets } from "../cast.js";
import type { Chains } from "../vectors.js";
import type { Question } from "./peer.js";

const NAMES = ["ann", "bob", "cat", "dan"];
const DEEDS = 30;
const ITEMS = 14;

/** Everybody with devices that came, and some that went. */
const PEOPLE: readonly [Person, ...Person[]] = [person("ann", 0), ...NAMES.slice(1).map(person)];
const DIRECTORY: cx1.Directory = new Map(PEOPLE.map((each) => [cx1.toHex(each.fp), each.history]));
const CHAINS: Chains = Object.fromEntries(
  NAMES.map((name, at) => [name, (PEOPLE[at]?.links ?? []).map(cx1.toHex)] as const),
);

function person(name: string, at: number): Person {
  const made = new Person(`timelines ${name}`);
  const second = made.addDevice();
  if (at % 2 === 1) made.revoke(second);
  made.addDevice();
  return made;
}

/** A timeline whose items are legal, but for the last perhaps. */
export function timeline(chance: Chance): Question {
  const play = new Play(chance);
  for (let left = DEEDS; left > 0 && !play.ended; left--) play.deed();
  const secrets = [...play.secrets].filter(() => chance.below(8) > 0);
  const input = {
    chains: NAMES,
    items: play.items,
    secrets: Object.fromEntries(secrets.map(([number, secret]) => [number, cx1.toHex(secret)])),
    retention: chance.below(4) === 0 ? 1 : 0,
  };
  return { case: { id: "timeline", run: "timeline", input }, chains: CHAINS, total: true };
}

/** A room that is made as it is played. */
class Play {
  readonly items: { readonly what: string; readonly raw: string }[] = [];
  readonly secrets = new Map<number, Uint8Array>();
  ended = false;
  readonly #chance: Chance;
  readonly #memory = new Memory();
  #timeline: cx1.Timeline;

  constructor(chance: Chance) {
    this.#chance = chance;
    const [owner] = PEOPLE;
    const rules = { ...policy(chance), rotateSecs: 86_400 };
    const raw = cx1.writeFirst(owner.author(), owner.history[0].pin, rules, 1n, DIRECTORY);
    this.#timeline = cx1.beginTimeline(raw, DIRECTORY);
    this.#keep("commit", raw);
  }

  deed(): void {
    const chance = this.#chance;
    const { room } = this.#timeline;
    const commits = room.epoch === 0 || room.leavePending || chance.below(2) === 0;
    const { timeline } = { timeline: this.#timeline };
    try {
      if (commits) this.#commit();
      else this.#say();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#timeline = timeline;
      if (chance.below(12) > 0) return;
      this.items.push({ what: error.what, raw: cx1.toHex(error.raw) });
      this.ended = true;
    }
  }

  #commit(): void {
    const chance = this.#chance;
    const { room } = this.#timeline;
    const author = this.#somebody();
    const ops = Array.from({ length: chance.pick([1, 1, 1, 2, 3]) }, () => this.#op());
    const made = this.#section(author, ops);
    const epoch = room.epoch + Number(made.section !== null);
    const head: cx1.CommitHead = {
      roomRef: room.ref,
      cseq: room.cseq + 1,
      prev: room.head,
      epoch,
      seen: cx1.seenAt(this.#timeline),
      ms: BigInt(chance.below(2 ** 40)),
      authorFp: author.fp,
      authorDev: this.#device(author).id,
    };
    const slipped = rarely(chance, head, [
      { cseq: room.cseq },
      { prev: chance.draw(32) },
      { epoch: epoch + 1 },
      { roomRef: chance.draw(32) },
      { authorFp: chance.pick(PEOPLE).fp },
      { seen: { seq: BigInt(chance.below(8)), hash: chance.draw(32) } },
      { seen: { seq: this.#timeline.seq + 1n, hash: chance.draw(32) } },
    ]);
    const signer = author.devices.find((each) => cx1.equal(each.id, slipped.authorDev));
    const { secret } = (signer ?? author.devices[0]).signing;
    const raw = cx1.writeCommit(secret, slipped, ops, made.section);
    this.#take("commit", raw, () =>
      cx1.applyCommit(this.#timeline, this.#timeline.seq + 1n, raw, DIRECTORY, this.#memory),
    );
    if (made.secret !== null) this.secrets.set(this.#timeline.room.epoch, made.secret);
  }

  /** The section that the ops need, mostly; for ops that are not allowed some section or none. */
  #section(
    author: Person,
    ops: readonly cx1.Op[],
  ): { readonly section: cx1.Section | null; readonly secret: Uint8Array | null } {
    const chance = this.#chance;
    const { room } = this.#timeline;
    const draft = this.#draft(author, ops);
    const needed = draft === null || cx1.mustRotate(draft) || room.epoch === 0;
    if (needed === (chance.below(10) === 0)) return { section: null, secret: null };
    const secret = chance.draw(32);
    const epoch = { roomRef: room.ref, number: room.epoch + 1 };
    const members = draft?.members ?? room.members;
    const recipients = cx1.recipientsOf(cx1.speakersOf(members, DIRECTORY));
    const previous = this.secrets.get(room.epoch) ?? chance.draw(32);
    const wraps = draft !== null && cx1.wrapsPrevious(draft);
    const right: cx1.Section = {
      shared: draft !== null && cx1.isShared(draft),
      keyCommit: cx1.keyCommit(secret, epoch),
      prevWrap: wraps ? cx1.wrap(secret, previous, epoch, chance.draw(24)) : new Uint8Array(),
      recipsHash: cx1.recipsHash(recipients),
      boxesHash: chance.draw(32),
    };
    const section = rarely(chance, right, [
      { shared: !right.shared },
      { prevWrap: wraps ? new Uint8Array() : chance.draw(72) },
      { recipsHash: cx1.recipsHash(recipients.slice(1)) },
      { keyCommit: chance.draw(32) },
    ]);
    // A secret that does not fit is no business of the timeline's reader: it is never given out.
    return { section, secret: cx1.equal(section.keyCommit, right.keyCommit) ? secret : null };
  }

  #draft(author: Person, ops: readonly cx1.Op[]): cx1.Draft | null {
    try {
      return cx1.perform(cx1.draftOf(this.#timeline.room, author.fp, DIRECTORY), ops);
    } catch (error) {
      if (error instanceof cx1.Cx1Error) return null;
      throw error;
    }
  }

  #op(): cx1.Op {
    const chance = this.#chance;
    const who = chance.pick(PEOPLE);
    const role = chance.pick([1, 1, 0, 2, 3] as const);
    return chance.pick<() => cx1.Op>([
      () => ({ op: "add", fp: who.fp, role, pin: this.#pin(who) }),
      () => ({ op: "add", fp: who.fp, role, pin: this.#pin(who) }),
      () => ({ op: "remove", fp: who.fp }),
      () => ({ op: "role", fp: who.fp, role }),
      () => ({ op: "leave" }),
      () => ({ op: "devup", fp: who.fp, pin: this.#pin(who) }),
      () => ({ op: "rotate" }),
      () => policy(chance),
    ])();
  }

  #say(): void {
    const chance = this.#chance;
    const timeline = this.#timeline;
    const { room } = timeline;
    const author = this.#somebody();
    const device = this.#device(author);
    const cursor = cx1.cursorOf(timeline, device.id) ?? { epoch: 0, ctr: 0n, prev: cx1.ZERO };
    const kind = chance.pick([1, 1, 1, 2, 3] as const);
    const entity = kind > 1 || chance.below(3) === 0;
    const right: cx1.Header = {
      kind,
      roomRef: room.ref,
      epoch: room.epoch,
      deviceId: device.id,
      ctr: cx1.nextCtr(cursor, room.epoch),
      prev: cursor.prev,
      seen: cx1.seenAt(timeline),
      clientId: chance.draw(16),
      entityId: entity ? chance.draw(16) : cx1.NOTHING,
      baseVersion: kind === 1 && entity ? chance.below(4) : 0,
      sentMs: BigInt(chance.below(2 ** 40)),
    };
    const header = rarely(chance, right, [
      { epoch: room.epoch + 1 },
      { epoch: Math.max(1, room.epoch - 1) },
      { ctr: right.ctr + 1n },
      { ctr: 0n },
      { ctr: (1n << 64n) - 1n },
      { prev: chance.draw(32) },
      { clientId: new Uint8Array(16) },
      { seen: { seq: BigInt(chance.below(12)), hash: chance.draw(32) } },
      { seen: { seq: timeline.seq - 1n, hash: this.#memory.transcript(timeline.seq - 1n) ?? cx1.ZERO } },
      { roomRef: chance.draw(32) },
      { deviceId: chance.draw(16) },
      { kind: cx1.EnvelopeKind.ephemeral, ctr: 0n, prev: cx1.ZERO, baseVersion: 0 },
    ]);
    this.#send(device, header);
  }

  #send(device: DeviceSecrets, header: cx1.Header): void {
    const chance = this.#chance;
    const secret = this.secrets.get(header.epoch) ?? cx1.ZERO;
    const epoch = this.#timeline.room.epochs[header.epoch - 1];
    const chain = epoch === undefined ? null : cx1.firstStrand(epoch, secret, header.deviceId);
    const near = chain !== null && header.ctr < 100n && chance.below(20) > 0;
    const message = near ? cx1.messageKey(cx1.turnTo(chain, header.ctr)) : chance.draw(32);
    const type = chance.below(8) === 0 ? chance.below(4) : header.kind === 1 ? 1 : 2;
    const snapshot = { coversSeq: 1n, stateVector: chance.draw(3), state: chance.draw(9) };
    const said = chance.pick(['{"a":1}', '{"a":1}', "{}", "{}", "[]", "{"]);
    const data = header.kind === 3 ? cx1.encodeSnapshot(snapshot) : cx1.utf8(said);
    const typed = cx1.concat(cx1.u8(type), data);
    const content = chance.below(15) === 0 ? typed : cx1.pad(typed);
    const signing = chance.below(12) === 0 ? chance.pick(PEOPLE).devices[0] : device;
    const keys = { signing: signing.signing.secret, message };
    const raw = cx1.writeEnvelope(keys, header, content, chance.draw(24));
    const stub = chance.below(8) === 0;
    const sent = stub ? cx1.stubOf(cx1.parseEnvelope(raw)) : raw;
    this.#take(stub ? "stub" : "envelope", sent, () =>
      cx1.admit(
        this.#timeline,
        this.#timeline.seq + 1n,
        stub ? cx1.parseStub(sent) : cx1.parseEnvelope(sent),
        this.#memory,
      ),
    );
    this.#memory.clientIds.add(cx1.toHex(header.clientId));
  }

  #take(what: string, raw: Uint8Array, apply: () => cx1.Timeline): void {
    try {
      this.#timeline = apply();
    } catch (error) {
      if (error instanceof cx1.Cx1Error) throw new Refused(what, raw);
      throw error;
    }
    this.#keep(what, raw);
  }

  #keep(what: string, raw: Uint8Array): void {
    this.items.push({ what, raw: cx1.toHex(raw) });
    this.#memory.hashes.set(this.#timeline.seq, this.#timeline.hash);
    this.ended = this.items.length === ITEMS;
  }

  /** A member, mostly. */
  #somebody(): Person {
    const members = PEOPLE.filter((each) => this.#timeline.room.members.has(cx1.toHex(each.fp)));
    const [first = PEOPLE[0], ...others] = this.#chance.below(10) === 0 ? PEOPLE : members;
    return this.#chance.pick([first, ...others]);
  }

  #device(of: Person): DeviceSecrets {
    return this.#chance.below(6) === 0 ? this.#chance.pick(of.devices) : of.devices[0];
  }

  /** A place in somebody's chain, rarely one that is not there. */
  #pin(of: Person): cx1.Pin {
    const state = of.history[this.#chance.below(of.history.length)] ?? of.history[0];
    return this.#chance.below(30) === 0 ? { ...state.pin, seq: state.pin.seq + 1 } : state.pin;
  }
}

/** An item that the timeline does not take. */
class Refused extends Error {
  readonly what: string;
  readonly raw: Uint8Array;

  constructor(what: string, raw: Uint8Array) {
    super(`refused ${what}`);
    this.what = what;
    this.raw = raw;
  }
}

function policy(chance: Chance): cx1.Policy {
  const retention = chance.pick([0, 0, 0, 1] as const);
  return {
    op: "policy",
    history: chance.pick([0, 1]),
    whoAdd: chance.pick([0, 1]),
    retention,
    rotateMsgs: 1 + chance.below(1000),
    rotateSecs: 1 + chance.below(chance.below(20) === 0 ? 200_000 : 86_400),
  };
}

/** The right value, or now and then one with something wrong in it. */
function rarely<T extends object>(
  chance: Chance,
  right: T,
  wrong: readonly [Partial<T>, ...Partial<T>[]],
): T {
  return chance.below(3) === 0 ? { ...right, ...chance.pick(wrong) } : right;
}
