/**
 * The recovery code, what follows from it, and the backup that it opens.
 *
 * A code is 30 random Crockford characters and two that catch every single wrong character and every swap of two
 * neighbours. Invariant: there is no other way in, no passphrase of a person's choosing.
 */

import { acceptSecret, contextOf, type Epoch } from "./epochs.js";
import { check } from "./errors.js";
import { encodePin, readPin, type Pin } from "./links.js";
import { decryptFramed, derive, encryptFramed, KEY, stretchPassword } from "./primitives.js";
import { concat, Reader, toNumber, u32, u8, utf8 } from "./wire.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const DATA = 30;
const CHECK = 2;
const CODE = DATA + CHECK;
const PRIME = 1021n;
/** Bytes that `makeCode` takes; it uses 150 bits of them. */
export const ENTROPY = 19;
const ARGON = { ops: 3, memory: 64 * 1024 * 1024 };
const LOOK_ALIKES: Readonly<Record<string, string>> = { O: "0", I: "1", L: "1" };

/** Whose backup it is, its version, and the master key, 32 random bytes. */
export interface Backup {
  readonly fp: Uint8Array;
  readonly version: number;
  readonly master: Uint8Array;
}

/** What is known of another identity: how far its chain was seen, and whether a person has verified it. */
export interface Trust {
  readonly fp: Uint8Array;
  readonly pin: Pin;
  readonly verified: boolean;
}

/** The code of 19 random bytes, normalised. */
export function makeCode(entropy: Uint8Array): string {
  if (entropy.length !== ENTROPY) throw new RangeError(`A code is made of ${ENTROPY} random bytes.`);
  const number = toNumber(entropy) >> BigInt(8 * ENTROPY - 5 * DATA);
  return spell(number, DATA) + spell(number % PRIME, CHECK);
}

/** A normalised code in groups of four, for people. */
export function showCode(code: string): string {
  return code.replace(/.{4}(?=.)/g, "$&-");
}

/** The 32 characters of a code as somebody has typed it, or what is wrong with it. */
export function normaliseCode(typed: string): string {
  const spelt = typed.replace(/[ \t\n\r\f\v-]+/g, "").toUpperCase();
  const characters = Array.from(spelt, (each) => LOOK_ALIKES[each] ?? each);
  check(
    characters.length === CODE,
    "code_length",
    `a recovery code has ${CODE} characters, here are ${characters.length}`,
  );
  check(
    characters.every((each) => ALPHABET.includes(each)),
    "code_character",
    "a character is none that codes have",
  );
  const code = characters.join("");
  check(
    count(code.slice(0, DATA)) % PRIME === count(code.slice(DATA)),
    "code_checksum",
    "a character is wrong, or two are swapped",
  );
  return code;
}

/** R: 32 bytes of a normalised code, by Argon2id with 64 MiB; the salt has 16 bytes. */
export function stretch(code: string, salt: Uint8Array): Uint8Array {
  return stretchPassword(utf8(code), salt, ARGON);
}

/** The seed of the recovery key pair. */
export function recoverySeed(root: Uint8Array): Uint8Array {
  return derive(root, "cx1/recovery-sign");
}

/** The master key under the recovery code. */
export function sealMaster(root: Uint8Array, backup: Backup, nonce: Uint8Array): Uint8Array {
  return encryptFramed(wrapKey(root), nonce, backup.master, about(backup, "cx1/bm"));
}

/** The backup that a code opens. `least` is the newest version that this device knows of. */
export function openMaster(
  root: Uint8Array,
  sealed: Uint8Array,
  which: { readonly fp: Uint8Array; readonly version: number; readonly least?: number },
): Backup {
  const { fp, version, least = 0 } = which;
  check(version >= least, "backup_old", "an older backup than the newest was served", { least });
  const master = decryptFramed(wrapKey(root), sealed, about(which, "cx1/bm"), "backup_master");
  check(master.length === KEY, "backup_master", `a master key has ${KEY} bytes`);
  return { fp, version, master };
}

/** The secret of an epoch in the backup. */
export function sealEntry(backup: Backup, epoch: Epoch, secret: Uint8Array, nonce: Uint8Array): Uint8Array {
  return encryptFramed(entryKey(backup), nonce, secret, entryName(backup, epoch));
}

/** The secret of an epoch from the backup; it counts only if it fits the log. */
export function openEntry(backup: Backup, epoch: Epoch, sealed: Uint8Array): Uint8Array {
  const secret = decryptFramed(entryKey(backup), sealed, entryName(backup, epoch), "backup_entry");
  return acceptSecret(epoch, secret);
}

/** What is known of an identity in the backup. */
export function sealTrust(backup: Backup, trust: Trust, nonce: Uint8Array): Uint8Array {
  const plaintext = concat(u8(Number(trust.verified)), encodePin(trust.pin));
  return encryptFramed(entryKey(backup), nonce, plaintext, trustName(backup, trust.fp));
}

/** What the backup knows of an identity. */
export function openTrust(backup: Backup, fp: Uint8Array, sealed: Uint8Array): Trust {
  const opened = decryptFramed(entryKey(backup), sealed, trustName(backup, fp), "backup_entry");
  const reader = new Reader(opened);
  const trust = { fp, verified: reader.flag("verified"), pin: readPin(reader) };
  reader.end();
  return trust;
}

/** Of the master key. */
function wrapKey(root: Uint8Array): Uint8Array {
  return derive(root, "cx1/backup-wrap");
}

/** Of all entries. */
function entryKey(backup: Backup): Uint8Array {
  return derive(backup.master, "cx1/backup-entry");
}

/** What something of a backup is bound to. */
function about(backup: Pick<Backup, "fp" | "version">, label: string): Uint8Array {
  return concat(utf8(`${label}\0`), backup.fp, u32(backup.version));
}

function entryName(backup: Backup, epoch: Epoch): Uint8Array {
  return concat(about(backup, "cx1/be"), contextOf(epoch));
}

function trustName(backup: Backup, fp: Uint8Array): Uint8Array {
  return concat(about(backup, "cx1/bt"), fp);
}

function spell(number: bigint, size: number): string {
  return Array.from({ length: size }, (_, place) =>
    ALPHABET.charAt(Number((number >> BigInt(5 * (size - 1 - place))) & 31n)),
  ).join("");
}

function count(characters: string): bigint {
  return Array.from(characters).reduce((number, each) => (number << 5n) | BigInt(ALPHABET.indexOf(each)), 0n);
}
