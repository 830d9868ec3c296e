/**
 * Two devices that come together, step by step: a new device with one that is in the identity, or the devices of
 * two people that compare a number. The server hands the steps on and reads nothing that matters.
 *
 * Invariant: nothing is added to a chain, and nobody is called verified, before the QR code's hash or a person has
 * said that the keys are the right ones. The steps by their numbers:
 *
 *     link by QR      0 new: 1 ‖ ed_pk ‖ x_pk      1 old: place     2 new: pop      3 old: package
 *     link by digits  0 new: 2 ‖ c ‖ keys hash     1 old: eB ‖ nB   2 new: eA ‖ nA ‖ ed_pk ‖ x_pk
 *                     3 old: place                 4 new: pop       5 old: package
 *     verify          0 A: c                       1 B: eB ‖ nB     2 A: eA ‖ nA
 *
 * `place` is the pin of the chain's last link, behind which the new device's is to stand. In place of any step but
 * the first, either side may send an `Ending`.
 */

import * as cx1 from "../crypto/index.js";
import { isYmeraError, localError, type YmeraError } from "../errors.js";
import type { Pairing } from "../generated/protocol.js";
import type { PairingStep } from "./api.js";
import { endingOf, ENDINGS, LAST_STEP, OWN_WORDS, THEIR_WORDS, type Ending } from "./endings.js";
import { asYmeraError } from "./faults.js";
import { random, type RoomGround } from "./ground.js";
import { keysOf, type Candidate } from "./keychain.js";
import { uuidBytes, uuidOf } from "./names.js";

/** A step as pages have it; the error as what it is made of. */
export interface PairingView {
  readonly id: string;
  readonly purpose: "link" | "verify";
  readonly memberId: string;
  readonly step: PairingStep;
}

/** What pairings need beside the ground. */
export interface PairingHost {
  readonly ground: RoomGround;
  /** What is shown of a pairing has changed. */
  changed(): void;
  /** The secrets of rooms, for a new device, newest epochs first. */
  secrets(): readonly cx1.RoomSecret[];
  /** Keeps what another device has given this one. */
  handed(content: cx1.Package): Promise<void>;
  /** This device is in the identity now. */
  linked(): Promise<void>;
  /** The identity of a member was verified. */
  verified(fp: cx1.Hex): Promise<void>;
}

const Mode = { qr: 1, digits: 2 } as const;
const FIELD = 32;
/** Secrets that are handed over at once, which fit into one step; the rest comes by grants. */
const MAX_SECRETS = 3_000;

/** One key and nonce for eight digits. */
interface Half {
  readonly secret: Uint8Array;
  readonly party: cx1.Party;
}

/** One pairing, as one of its sides sees it. */
export abstract class Flow {
  readonly id: string;
  readonly memberId: string;
  abstract readonly purpose: "link" | "verify";
  step: PairingStep = { step: "waiting" };
  protected readonly host: PairingHost;
  /** The step that this side waits for. */
  protected awaited: number;
  readonly #startedMs: number;

  constructor(host: PairingHost, id: string, memberId: string, awaited: number) {
    this.host = host;
    this.id = id;
    this.memberId = memberId;
    this.awaited = awaited;
    this.#startedMs = host.ground.now();
  }

  get view(): PairingView {
    return { id: this.id, purpose: this.purpose, memberId: this.memberId, step: this.step };
  }

  get over(): boolean {
    return this.step.step === "done" || this.step.step === "failed";
  }

  get startedMs(): number {
    return this.#startedMs;
  }

  /** Takes a step of the other side. */
  async take({ step, sender, body }: Pairing): Promise<void> {
    const ending = step > 0 && sender === this.memberId ? endingOf(body) : undefined;
    if (ending !== undefined) this.fail(localError("conflict", THEIR_WORDS[ending]));
    else if (step > 0 && this.step.step === "asked") this.fail(answeredElsewhere());
    if (this.over || step !== this.awaited) return;
    await this.guarded(() => this.receive(step, cx1.fromText(body)));
  }

  async confirm(): Promise<void> {
    await this.guarded(() => this.agreed());
  }

  /** Ends it at both sides. If the other cannot be told now, it waits in vain. */
  async end(ending: Ending): Promise<void> {
    if (this.over) return;
    // What is only asked for here may be under way on another device of the same member: that goes on.
    const last = this.step.step === "asked" ? 1 : LAST_STEP;
    this.fail(localError("conflict", OWN_WORDS[ending]));
    // The number that comes next is not known for sure: the other side may be a step further.
    for (let step = Math.max(1, this.awaited - 1); step <= last; step += 1) {
      try {
        await this.#post(step, ENDINGS[ending]);
        return;
      } catch (error) {
        if (!isYmeraError(error, "conflict")) return;
      }
    }
  }

  /** Ends it on this side alone. */
  fail(error: YmeraError): void {
    if (!this.over) this.show({ step: "failed", error });
  }

  /** What the other side's step has to say. */
  protected abstract receive(step: number, body: Uint8Array): Promise<void>;
  /** The person has said yes. */
  protected abstract agreed(): Promise<void>;

  protected show(step: PairingStep): void {
    this.step = step;
    this.host.changed();
  }

  /** Sends a step, and waits for the one behind it. */
  async send(step: number, ...parts: readonly Uint8Array[]): Promise<void> {
    this.awaited = step + 1;
    await this.#post(step, cx1.toText(cx1.joined(parts)));
  }

  protected get linkId(): Uint8Array {
    return uuidBytes(this.id);
  }

  /** Has whatever goes wrong end the pairing. */
  protected async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.fail(asYmeraError(error));
      throw error;
    }
  }

  async #post(step: number, body: string): Promise<void> {
    const { id, purpose, memberId: to } = this;
    await this.host.ground.courier("pairing.send", { id, purpose, to, step, body });
  }
}

/** The new device: shows a QR code, or compares digits, and comes in. */
export class Newcomer extends Flow {
  readonly purpose = "link";
  readonly #candidate: Candidate;
  /** From the QR code, or agreed on with digits. */
  #shared: Uint8Array;
  readonly #half: Half | null;
  #fp: cx1.Hex;

  private constructor(host: PairingHost, id: string, fp: cx1.Hex, candidate: Candidate, half: Half | null) {
    super(host, id, host.ground.account, 1);
    this.#candidate = candidate;
    this.#shared = random(cx1.KEY);
    this.#half = half;
    this.#fp = fp;
  }

  static async begin(host: PairingHost, fp: cx1.Hex, mode: "qr" | "digits"): Promise<Newcomer> {
    const candidate = await host.ground.keychain.candidate(fp);
    const linkId = random(cx1.ID);
    const keysHash = cx1.keysHash(keysOf(candidate));
    const half = mode === "qr" ? null : halfOf(keysHash);
    const flow = new Newcomer(host, uuidOf(cx1.toHex(linkId)), fp, candidate, half);
    if (half === null) {
      const { edPk, xPk } = candidate;
      await flow.send(0, cx1.u8(Mode.qr), edPk, xPk);
      const qr = cx1.showOffer({ linkId, secret: flow.#shared, keysHash });
      flow.show({ step: "offered", qr, expiresAt: flow.startedMs + Number(cx1.LIFETIME_MS) });
    } else await flow.send(0, cx1.u8(Mode.digits), cx1.commitment(half.party), keysHash);
    return flow;
  }

  protected async receive(step: number, body: Uint8Array): Promise<void> {
    const reader = new cx1.Reader(body);
    if (this.#half !== null && step === 1) await this.#reveal(reader, this.#half);
    else if (step === (this.#half === null ? 1 : 3)) await this.#prove(reader);
    else await this.#enter(body);
  }

  protected async agreed(): Promise<void> {
    if (this.step.step !== "compare") return;
    await this.host.ground.keychain.mean(this.#fp);
    this.show({ step: "waiting" });
    if (this.proof !== null) await this.send(4, this.proof);
  }

  /** The proof of possession that waits for the person to have compared the digits. */
  private proof: Uint8Array | null = null;

  async #reveal(reader: cx1.Reader, { secret, party }: Half): Promise<void> {
    const other = readParty(reader, cx1.fromHex(this.#fp));
    reader.end();
    this.#shared = cx1.sharedSecret(secret, other.ePk, party.ePk);
    const { edPk, xPk } = this.#candidate;
    await this.send(2, party.ePk, party.nonce, edPk, xPk);
    const digits = cx1.digits(this.#shared, this.linkId, cx1.Purpose.link, party, other);
    this.show({ step: "compare", digits });
  }

  /** The old device says where in the chain this one is to stand. */
  async #prove(reader: cx1.Reader): Promise<void> {
    const pin = cx1.readPin(reader);
    reader.end();
    const { secret, ...keys } = this.#candidate;
    const place = { fp: cx1.fromHex(this.#fp), seq: pin.seq + 1, prev: pin.head };
    const proof = cx1.provePossession(secret, place, keysOf(keys));
    if (this.#half === null) {
      this.show({ step: "waiting" });
      await this.send(2, proof);
    } else if (this.step.step === "compare") {
      this.proof = proof;
      this.awaited = 5;
    } else await this.send(4, proof);
  }

  async #enter(body: Uint8Array): Promise<void> {
    const content = cx1.openPackage(cx1.packageKey(this.#shared, this.linkId), this.linkId, body);
    const fp = cx1.toHex(content.fp);
    const { directory, keychain } = this.host.ground;
    await directory.fetch(fp);
    cx1.checkLinked(content, directory.history(fp), this.#candidate.edPk);
    keychain.assertKept(this.#candidate);
    // First, since nobody gives it to a device that is in.
    await this.host.handed(content);
    await keychain.joined(fp);
    await this.host.linked();
    this.show({ step: "done" });
  }
}

/** The device that is in the identity: scans, or compares digits, and lets the new one in. */
export class Sponsor extends Flow {
  readonly purpose = "link";
  readonly #offer: cx1.Offer | null;
  #shared: Uint8Array | null = null;
  #half: Half | null = null;
  #committed: Uint8Array | null = null;
  #keysHash: Uint8Array | null = null;
  #keys: cx1.DeviceKeys | null = null;

  /** By the scanned code, or null for digits. */
  constructor(host: PairingHost, id: string, offer: cx1.Offer | null) {
    super(host, id, host.ground.account, 0);
    this.#offer = offer;
  }

  protected async receive(step: number, body: Uint8Array): Promise<void> {
    const reader = new cx1.Reader(body);
    if (step === 0) await this.#asked(reader);
    else if (this.#offer === null && step === 2) this.#compare(reader);
    else await this.#letIn(reader.fixed(cx1.SIGNATURE));
  }

  protected async agreed(): Promise<void> {
    if (this.step.step === "asked" && this.#keysHash !== null) {
      this.#half = halfOf(cx1.fromHex(this.host.ground.keychain.fp ?? ""));
      this.show({ step: "waiting" });
      await this.send(1, this.#half.party.ePk, this.#half.party.nonce);
    } else if (this.step.step === "compare") {
      this.show({ step: "waiting" });
      await this.#place(3);
    }
  }

  async #asked(reader: cx1.Reader): Promise<void> {
    const mode = reader.choice(Mode, "the way of linking");
    if (mode === Mode.digits) {
      this.#committed = reader.fixed(FIELD);
      this.#keysHash = reader.fixed(FIELD);
      reader.end();
      this.show({ step: "asked" });
      return;
    }
    const keys = { edPk: reader.fixed(FIELD), xPk: reader.fixed(FIELD) };
    reader.end();
    if (this.#offer === null) throw new cx1.Cx1Error("link_keys", "this code was not scanned");
    const nowMs = BigInt(this.host.ground.now());
    cx1.checkOffer(this.#offer, keys, { shownMs: BigInt(this.startedMs), nowMs });
    this.#shared = this.#offer.secret;
    this.#keys = keys;
    await this.#place(1);
  }

  #compare(reader: cx1.Reader): void {
    if (this.#half === null || this.#committed === null || this.#keysHash === null) return;
    const other = readParty(reader, this.#keysHash);
    const keys = { edPk: reader.fixed(FIELD), xPk: reader.fixed(FIELD) };
    reader.end();
    cx1.checkCommitment(this.#committed, other);
    if (!cx1.equal(cx1.keysHash(keys), this.#keysHash)) {
      throw new cx1.Cx1Error("link_keys", "the keys are not those of the device that has asked");
    }
    this.#keys = keys;
    this.#shared = cx1.sharedSecret(this.#half.secret, other.ePk, this.#half.party.ePk);
    const digits = cx1.digits(this.#shared, this.linkId, cx1.Purpose.link, other, this.#half.party);
    this.show({ step: "compare", digits });
  }

  async #place(step: number): Promise<void> {
    const { directory, keychain } = this.host.ground;
    const fp = keychain.fp ?? "";
    await directory.fetch(fp);
    await this.send(step, cx1.encodePin(cx1.newestState(directory.history(fp)).pin));
  }

  async #letIn(possession: Uint8Array): Promise<void> {
    if (this.#keys === null || this.#shared === null) return;
    const { keychain, directory } = this.host.ground;
    await keychain.append({ type: "device_add", ...this.#keys, possession });
    const fp = cx1.fromHex(keychain.fp ?? "");
    const content: cx1.Package = {
      fp,
      head: cx1.newestState(directory.history(keychain.fp ?? "")).pin.head,
      master: keychain.vault === null ? cx1.ZERO : cx1.fromHex(keychain.vault.master),
      secrets: this.host.secrets().slice(0, MAX_SECRETS),
    };
    const key = cx1.packageKey(this.#shared, this.linkId);
    await this.send(
      this.#offer === null ? 5 : 3,
      cx1.sealPackage(key, this.linkId, content, random(cx1.NONCE)),
    );
    this.show({ step: "done" });
  }
}

/** One of two people who compare eight digits. */
export class Comparison extends Flow {
  readonly purpose = "verify";
  readonly #half: Half;
  readonly #theirFp: cx1.Hex;
  readonly #first: boolean;
  #committed: Uint8Array | null = null;

  /** `theirFp` is what the directory has of the other member; `first`: this side has begun. */
  constructor(host: PairingHost, id: string, memberId: string, theirFp: cx1.Hex, first: boolean) {
    super(host, id, memberId, first ? 1 : 0);
    this.#half = halfOf(cx1.fromHex(host.ground.keychain.fp ?? ""));
    this.#theirFp = theirFp;
    this.#first = first;
  }

  async begin(): Promise<void> {
    await this.send(0, cx1.commitment(this.#half.party));
  }

  protected async receive(step: number, body: Uint8Array): Promise<void> {
    const reader = new cx1.Reader(body);
    if (step === 0) {
      this.#committed = reader.fixed(FIELD);
      reader.end();
      this.show({ step: "asked" });
      return;
    }
    const other = readParty(reader, cx1.fromHex(this.#theirFp));
    reader.end();
    const { party, secret } = this.#half;
    if (this.#first) await this.send(2, party.ePk, party.nonce);
    else if (this.#committed !== null) cx1.checkCommitment(this.#committed, other);
    const shared = cx1.sharedSecret(secret, other.ePk, party.ePk);
    const [a, b] = this.#first ? [party, other] : [other, party];
    this.show({ step: "compare", digits: cx1.digits(shared, this.linkId, cx1.Purpose.verify, a, b) });
  }

  protected async agreed(): Promise<void> {
    if (this.step.step === "asked") {
      this.show({ step: "waiting" });
      await this.send(1, this.#half.party.ePk, this.#half.party.nonce);
    } else if (this.step.step === "compare") {
      await this.host.verified(this.#theirFp);
      this.show({ step: "done" });
    }
  }
}

/** All devices of a member are asked, and one of them goes on. */
function answeredElsewhere(): YmeraError {
  return localError("conflict", "This was answered on another device of yours.");
}

function halfOf(id: Uint8Array): Half {
  const secret = random(cx1.KEY);
  return { secret, party: { id, ePk: cx1.boxPublic(secret), nonce: random(FIELD) } };
}

function readParty(reader: cx1.Reader, id: Uint8Array): cx1.Party {
  return { id, ePk: reader.fixed(FIELD), nonce: reader.fixed(FIELD) };
}
