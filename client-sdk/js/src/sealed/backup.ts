/**
 * The backup that the recovery code opens: the secrets of epochs, and what is known of others.
 *
 * Entries are kept under names that follow from the master key, so that the server cannot tell what they are of.
 * Invariant: what is restored counts only if it fits a room's log, or a chain that was verified.
 */

import * as cx1 from "../crypto/index.js";
import { isYmeraError } from "../errors.js";
import type { Backup as Part, BackupEntry } from "../generated/protocol.js";
import { random, type Ground } from "./ground.js";
import type { Keychain } from "./keychain.js";
import { pack, unpack } from "./store.js";

/** Entries sent at once. */
const BATCH = 500;

export class Backups {
  readonly #ground: Ground;
  readonly #keychain: Keychain;
  /** Entries that a recovery code has opened, by name: base64url. */
  #restored: ReadonlyMap<string, string> = new Map();

  constructor(ground: Ground, keychain: Keychain) {
    this.#ground = ground;
    this.#keychain = keychain;
  }

  /** Takes up what the store has. */
  async load(): Promise<void> {
    const kept = await this.#ground.store.get("restored");
    if (kept !== undefined) this.#restored = new Map(Object.entries(unpack<Record<string, string>>(kept)));
  }

  /** Whether there is one. */
  get exists(): boolean {
    return this.#backup !== null;
  }

  /** Has the server keep the master key, as the recovery code seals it. */
  async begin(): Promise<void> {
    await this.#put([]);
  }

  /** Opens the backup of an identity with what its recovery code gave, before this device has to be in it. */
  async restore(root: Uint8Array, fp: cx1.Hex): Promise<void> {
    const parts = await this.#fetch();
    const [first] = parts;
    if (first === undefined) return;
    const sealed = cx1.fromText(first.master);
    const least = this.#keychain.vault?.version ?? 0;
    const which = { fp: cx1.fromHex(fp), version: first.ver, least };
    const { master } = cx1.openMaster(root, sealed, which);
    await this.#keepRestored(parts);
    await this.#keychain.keepVault({
      version: first.ver,
      master: cx1.toHex(master),
      sealed: cx1.toHex(sealed),
    });
  }

  /** Where another device has given the master key: asks the server for what belongs to it. Whether it was so. */
  async complete(): Promise<boolean> {
    const { vault } = this.#keychain;
    if (vault?.sealed !== "") return false;
    const { ver, master } = await this.#ground.courier("backup.get", {});
    await this.#keychain.keepVault({ ...vault, version: ver, sealed: cx1.toHex(cx1.fromText(master)) });
    return true;
  }

  /** The secret of an epoch, if it was restored. */
  secretOf(epoch: cx1.Epoch): Uint8Array | undefined {
    const backup = this.#backup;
    if (backup === null) return undefined;
    const sealed = this.#restored.get(entryName(backup, epoch));
    return sealed === undefined
      ? undefined
      : ifOpen(() => cx1.openEntry(backup, epoch, cx1.fromText(sealed)));
  }

  /** What was known of an identity, if it was restored. */
  trustIn(fp: Uint8Array): cx1.Trust | undefined {
    const backup = this.#backup;
    if (backup === null) return undefined;
    const sealed = this.#restored.get(trustName(backup, fp));
    return sealed === undefined ? undefined : ifOpen(() => cx1.openTrust(backup, fp, cx1.fromText(sealed)));
  }

  /** Backs up secrets of epochs; nothing happens without a backup. */
  async keepSecrets(secrets: readonly (readonly [cx1.Epoch, Uint8Array])[]): Promise<void> {
    const backup = this.#backup;
    if (backup === null || secrets.length === 0) return;
    await this.#put(
      secrets.map(([epoch, secret]) => ({
        key: entryName(backup, epoch),
        body: cx1.toText(cx1.sealEntry(backup, epoch, secret, random(cx1.NONCE))),
      })),
    );
  }

  /** Backs up what is known of an identity. */
  async keepTrust(chain: cx1.Chain, verified: boolean): Promise<void> {
    const backup = this.#backup;
    if (backup === null) return;
    const { fp, pin } = chain;
    const body = cx1.toText(cx1.sealTrust(backup, { fp, pin, verified }, random(cx1.NONCE)));
    await this.#put([{ key: trustName(backup, fp), body }]);
  }

  get #backup(): cx1.Backup | null {
    const { vault, fp } = this.#keychain;
    if (vault === null || vault.sealed === "" || fp === null) return null;
    return { fp: cx1.fromHex(fp), version: vault.version, master: cx1.fromHex(vault.master) };
  }

  async #put(entries: readonly BackupEntry[]): Promise<void> {
    const { vault } = this.#keychain;
    if (vault === null || vault.sealed === "") return;
    const master = cx1.toText(cx1.fromHex(vault.sealed));
    for (let at = 0; at === 0 || at < entries.length; at += BATCH) {
      const some = entries.slice(at, at + BATCH);
      await this.#ground.courier("backup.put", { ver: vault.version, master, entries: some });
    }
  }

  async #fetch(): Promise<readonly Part[]> {
    const parts: Part[] = [];
    try {
      for (let after: string | null = null; ;) {
        const part: Part = await this.#ground.courier("backup.get", { after });
        parts.push(part);
        if ((after = part.next) === null) return parts;
      }
    } catch (error) {
      if (isYmeraError(error, "not_found")) return [];
      throw error;
    }
  }

  async #keepRestored(parts: readonly Part[]): Promise<void> {
    const entries = parts.flatMap((part) => part.entries.map(({ key, body }) => [key, body] as const));
    await this.#ground.store.write(new Map([["restored", pack(Object.fromEntries(entries))]]));
    this.#restored = new Map(entries);
  }
}

function entryName(backup: cx1.Backup, epoch: cx1.EpochName): string {
  return cx1.toText(cx1.derive(backup.master, "cx1/bename", epoch.roomRef, cx1.u32(epoch.number)));
}

function trustName(backup: cx1.Backup, fp: Uint8Array): string {
  return cx1.toText(cx1.derive(backup.master, "cx1/btname", fp));
}

/** What does not open is as not there: the server has spoilt it, or it is of an older version. */
function ifOpen<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof cx1.Cx1Error) return undefined;
    throw error;
  }
}
