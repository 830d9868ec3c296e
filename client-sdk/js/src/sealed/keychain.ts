/**
 * The own identity on this device: its keys, and the links that it signs.
 *
 * Invariant: keys are stored before any link that names them is sent, so a device is never in a chain without
 * having its keys. One store is one device.
 */

import * as cx1 from "../crypto/index.js";
import { isYmeraError, localError } from "../errors.js";
import type { Directory } from "./directory.js";
import { faultError } from "./faults.js";
import { random, type Ground } from "./ground.js";
import { pack, unpack } from "./store.js";

/** One of the device's secret keys for boxes, and when it was made. */
interface BoxKey {
  readonly version: number;
  readonly secret: cx1.Hex;
  readonly madeMs: number;
}

/** What is kept of the device: its signing seed, and the identity that it is in. */
interface Device {
  readonly seed: cx1.Hex;
  readonly boxes: readonly BoxKey[];
  /** Empty until this device is in an identity. */
  readonly fp: cx1.Hex;
  /** The identity that it was to come into, once that was proven; empty before. */
  readonly meant: cx1.Hex;
}

/**
 * The backup's master key, its version, and the master key as the recovery code seals it: empty until the server has
 * told that to a device which another has given the master key.
 */
export interface Vault {
  readonly version: number;
  readonly master: cx1.Hex;
  readonly sealed: cx1.Hex;
}

/** The public keys of a device that is to come in, and the way to prove that it has the signing key. */
export interface Candidate extends cx1.DeviceKeys {
  readonly secret: Uint8Array;
}

const SALT = 16;
/** How often a link is signed anew because others were faster. */
const TRIES = 5;

export class Keychain {
  vault: Vault | null = null;
  readonly #ground: Ground;
  readonly #directory: Directory;
  #device: Device | null = null;
  /** The recovery code, until the person has shown that it has it. */
  #code: string | null = null;
  /** Whether the person has shown on this device that it has the code. */
  #shown = false;
  /** The last link that is being signed: one after another. */
  #signing: Promise<unknown> = Promise.resolve();

  constructor(ground: Ground, directory: Directory) {
    this.#ground = ground;
    this.#directory = directory;
  }

  /** Takes up what the store has. */
  async load(): Promise<void> {
    const { store } = this.#ground;
    const [device, vault, code, shown] = [
      await store.get("device"),
      await store.get("vault"),
      await store.get("code"),
      await store.get("code-shown"),
    ];
    this.#device = device === undefined ? null : unpack<Device>(device);
    this.vault = vault === undefined ? null : unpack<Vault>(vault);
    this.#code = code === undefined ? null : unpack<string>(code);
    this.#shown = shown !== undefined;
  }

  /** The own identity; null while this device is in none. */
  get fp(): cx1.Hex | null {
    return this.#device?.fp === undefined || this.#device.fp === "" ? null : this.#device.fp;
  }

  get history(): cx1.History | null {
    return this.fp === null ? null : (this.#directory.histories.get(this.fp) ?? null);
  }

  /** Whether this device is in use in the own chain. */
  get active(): boolean {
    return this.history !== null && this.#own?.active === true;
  }

  /** Whether this device was put out. */
  get revoked(): boolean {
    return this.#own?.active === false;
  }

  /** This device, as it signs. Only where there is an identity. */
  get author(): cx1.Author {
    const { seed, fp } = this.#kept();
    if (fp === "") throw localError("internal", "This device is in no identity.");
    const pair = cx1.signingPair(cx1.fromHex(seed));
    const owner = cx1.fromHex(fp);
    return { fp: owner, deviceId: cx1.deviceId(owner, pair.publicKey), secret: pair.secret };
  }

  /** The secret key of that version for boxes; undefined if it is gone. */
  boxSecret(version: number): Uint8Array | undefined {
    const box = this.#device?.boxes.find((each) => each.version === version);
    return box === undefined ? undefined : cx1.fromHex(box.secret);
  }

  /** Makes a new identity with this device in it. Its recovery code, for people. */
  async begin(replaces: cx1.Hex | null = null): Promise<string> {
    const code = cx1.makeCode(random(cx1.ENTROPY));
    const salt = random(SALT);
    const root = cx1.stretch(code, salt);
    const keys = this.#fresh(replaces !== null);
    const { publicKey: recoveryPk } = cx1.signingPair(cx1.recoverySeed(root));
    const raw = this.#genesis(keys, { kind: cx1.Kind.human, recoveryPk, salt, ownerFp: cx1.ZERO });
    const [{ fp }] = cx1.verifyChain([raw]);
    const device = { ...keys, meant: cx1.toHex(fp) };
    const backup = { fp, version: 1, master: random(cx1.KEY) };
    const sealed = cx1.sealMaster(root, backup, random(cx1.NONCE));
    const vault: Vault = { version: 1, master: cx1.toHex(backup.master), sealed: cx1.toHex(sealed) };
    await this.#ground.store.write(
      new Map([
        ["device", pack(device)],
        ["vault", pack(vault)],
        ["code", pack(code)],
        ["code-shown", null],
      ]),
    );
    [this.#device, this.vault, this.#code, this.#shown] = [device, vault, code, false];
    await this.#publishGenesis(raw, fp, replaces);
    return cx1.showCode(code);
  }

  /** Makes an identity for an agent, under its owner's recovery key. The owner has to endorse it. */
  async beginAgent(ownerFp: cx1.Hex): Promise<void> {
    const { recoveryPk, salt, fp } = cx1.newestState(this.#directory.history(ownerFp));
    const device = this.#fresh(false);
    const raw = this.#genesis(device, { kind: cx1.Kind.agent, recoveryPk, salt, ownerFp: fp });
    const own = cx1.verifyChain([raw])[0].fp;
    await this.#keepDevice({ ...device, meant: cx1.toHex(own) });
    await this.#publishGenesis(raw, own, null);
  }

  /** The root that a recovery code gives, if it is that of this identity, which this device may be in. */
  rootOf(typed: string, fp: cx1.Hex): Uint8Array {
    if (this.fp !== fp) this.#assertFree();
    const code = cx1.normaliseCode(typed);
    const newest = cx1.newestState(this.#directory.history(fp));
    const root = cx1.stretch(code, newest.salt);
    if (cx1.equal(cx1.signingPair(cx1.recoverySeed(root)).publicKey, newest.recoveryPk)) return root;
    const message = "This is the recovery code of another identity.";
    throw faultError("invalid", message, { path: "code", fault: "recovery_only" });
  }

  /** Brings this device in by the root that the recovery code has given. */
  async recover(root: Uint8Array, fp: cx1.Hex): Promise<void> {
    const { secret } = cx1.signingPair(cx1.recoverySeed(root));
    const candidate = await this.#newcomer();
    await this.mean(fp);
    const add = (history: cx1.History): cx1.DeviceAdd =>
      cx1.newDevice(history, candidate.secret, keysOf(candidate));
    await this.#sign(add, { id: cx1.RECOVERY, secret }, fp);
    await this.joined(fp);
  }

  /** Makes and keeps the keys of a device that another is to bring into an identity. */
  async candidate(fp: cx1.Hex): Promise<Candidate> {
    await this.forgetOthers(fp);
    return this.#newcomer();
  }

  /** Forgets the recovery code and the backup's key of another identity: one that was given up, or never came to be. */
  async forgetOthers(fp: cx1.Hex): Promise<void> {
    if (this.fp === fp || (this.#code === null && this.vault === null)) return;
    await this.#ground.store.write(
      new Map([
        ["code", null],
        ["vault", null],
      ]),
    );
    this.#code = this.vault = null;
  }

  async #newcomer(): Promise<Candidate> {
    const device = this.#fresh(false);
    await this.#keepDevice(device);
    const { publicKey, secret } = cx1.signingPair(cx1.fromHex(device.seed));
    return { edPk: publicKey, xPk: boxPublicOf(device), secret };
  }

  /** This device is to come into this identity, as a code or a person has shown. */
  async mean(fp: cx1.Hex): Promise<void> {
    await this.#keepDevice({ ...this.#kept(), meant: fp });
  }

  /** Throws `conflict` if this candidate's keys were given up for others. */
  assertKept({ edPk }: Candidate): void {
    const { publicKey } = cx1.signingPair(cx1.fromHex(this.#kept().seed));
    if (cx1.equal(publicKey, edPk)) return;
    throw localError("conflict", "This device has begun something else meanwhile; begin another pairing.");
  }

  /** This device is in this identity from now on. */
  async joined(fp: cx1.Hex): Promise<void> {
    await this.#keepDevice({ ...this.#kept(), fp });
  }

  /**
   * Whether a chain has this device, so that only the word of it was lost: then it is in this identity. Only in one
   * that the device was meant for: the server could put it into a chain of its own making.
   */
  async adopt(fp: cx1.Hex): Promise<void> {
    if (this.#device?.meant !== fp || this.fp !== null) return;
    const { publicKey } = cx1.signingPair(cx1.fromHex(this.#device.seed));
    const { devices } = cx1.newestState(this.#directory.history(fp));
    const own = devices.get(cx1.toHex(cx1.deviceId(cx1.fromHex(fp), publicKey)));
    if (own?.active === true) await this.joined(fp);
  }

  async keepVault(vault: Vault): Promise<void> {
    await this.#ground.store.write(new Map([["vault", pack(vault)]]));
    this.vault = vault;
  }

  /** Whether the person has the code: true or false if that is known here, null if another device knows. */
  get codeKept(): boolean | null {
    return this.#code === null ? this.#shown || null : false;
  }

  /** The recovery code for people, until the person has shown that it has it. */
  get unkeptCode(): string | null {
    return this.#code === null ? null : cx1.showCode(this.#code);
  }

  /** The person shows that it has the code. Throws `invalid` if it is another. */
  async confirmCode(typed: string): Promise<void> {
    if (this.#code === null) return;
    if (!cx1.equal(cx1.utf8(cx1.normaliseCode(typed)), cx1.utf8(this.#code))) {
      throw faultError("invalid", "This is not the recovery code that was shown.", { path: "code" });
    }
    await this.codeShown();
  }

  /** The person has the code; the device forgets it. */
  async codeShown(): Promise<void> {
    await this.#ground.store.write(
      new Map([
        ["code", null],
        ["code-shown", pack(true)],
      ]),
    );
    [this.#code, this.#shown] = [null, true];
  }

  /** Signs a link as this device. */
  async add(payload: (history: cx1.History) => cx1.Payload): Promise<void> {
    const { deviceId, secret, fp } = this.author;
    await this.#sign(payload, { id: deviceId, secret }, cx1.toHex(fp));
  }

  /** Appends a link that another device has prepared, as it is. */
  async append(payload: cx1.Payload): Promise<void> {
    await this.add(() => payload);
  }

  /** Makes a new key for boxes once a week, and forgets those that were replaced a month ago. */
  async rekeyIfDue(): Promise<void> {
    const device = this.#kept();
    const now = this.#ground.now();
    const newest = device.boxes.at(-1);
    const own = this.#own;
    if (newest === undefined || own === undefined) return;
    if (newest.version === own.version && now - newest.madeMs < 1_000 * cx1.REKEY_SECS) return;
    let next = newest;
    if (newest.version === own.version) {
      next = { version: own.version + 1, secret: cx1.toHex(random(cx1.KEY)), madeMs: now };
      await this.#keepDevice({ ...device, boxes: [...unexpired(device.boxes, now), next] });
    }
    const { version } = next;
    const xPk = cx1.boxPublic(cx1.fromHex(next.secret));
    await this.add(() => ({ type: "device_rekey", deviceId: this.author.deviceId, version, xPk }));
  }

  get #own(): cx1.Device | undefined {
    const history = this.history;
    if (history === null) return undefined;
    return cx1.newestState(history).devices.get(cx1.toHex(this.author.deviceId));
  }

  #kept(): Device {
    if (this.#device === null) throw localError("internal", "This device has no keys.");
    return this.#device;
  }

  #sign(payload: (history: cx1.History) => cx1.Payload, signer: cx1.Signer, fp: cx1.Hex): Promise<void> {
    const signed = this.#signing.then(() => this.#publish(payload, signer, fp));
    this.#signing = signed.catch(() => undefined);
    return signed;
  }

  /** Appends a link, again at the chain's new end where another was faster. */
  async #publish(
    payload: (history: cx1.History) => cx1.Payload,
    signer: cx1.Signer,
    fp: cx1.Hex,
  ): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const history = this.#directory.history(fp);
      const raw = cx1.appendLink(history, payload(history), signer, BigInt(this.#ground.now()));
      try {
        await this.#directory.hear(
          await this.#ground.courier("identity.publish", { links: [cx1.toText(raw)] }),
        );
        return;
      } catch (error) {
        if (attempt === TRIES || !isYmeraError(error, "commit_conflict")) throw error;
        await this.#directory.fetch(fp);
      }
    }
  }

  #genesis(device: Device, about: Pick<cx1.Genesis, "kind" | "recoveryPk" | "salt" | "ownerFp">): Uint8Array {
    const { publicKey: edPk, secret } = cx1.signingPair(cx1.fromHex(device.seed));
    const payload: cx1.Genesis = { type: "genesis", ...about, edPk, xPk: boxPublicOf(device) };
    return cx1.writeGenesis(secret, payload, BigInt(this.#ground.now()));
  }

  async #publishGenesis(raw: Uint8Array, fp: Uint8Array, replaces: cx1.Hex | null): Promise<void> {
    const named = replaces === null ? {} : { replaces: cx1.toText(cx1.fromHex(replaces)) };
    const identity = await this.#ground.courier("identity.publish", { links: [cx1.toText(raw)], ...named });
    await this.#directory.hear(identity);
    await this.joined(cx1.toHex(fp));
  }

  #assertFree(): void {
    if (this.fp !== null && !this.revoked)
      throw localError("conflict", "This device is in an identity already.");
  }

  #fresh(anew: boolean): Device {
    if (!anew) this.#assertFree();
    const box = { version: 0, secret: cx1.toHex(random(cx1.KEY)), madeMs: this.#ground.now() };
    return { seed: cx1.toHex(random(cx1.KEY)), boxes: [box], fp: "", meant: "" };
  }

  async #keepDevice(device: Device): Promise<void> {
    await this.#ground.store.write(new Map([["device", pack(device)]]));
    this.#device = device;
  }
}

/** The public keys alone. */
export function keysOf({ edPk, xPk }: cx1.DeviceKeys): cx1.DeviceKeys {
  return { edPk, xPk };
}

function boxPublicOf(device: Device): Uint8Array {
  const newest = device.boxes.at(-1);
  if (newest === undefined) throw localError("internal", "This device has no key for boxes.");
  return cx1.boxPublic(cx1.fromHex(newest.secret));
}

/** Without the keys whose successor was made a month ago. */
function unexpired(boxes: readonly BoxKey[], now: number): readonly BoxKey[] {
  return boxes.filter((_, at) => now - (boxes[at + 1]?.madeMs ?? now) < 1_000 * cx1.KEEP_OLD_KEY_SECS);
}
