/**
 * Bringing a second device in: by a QR code, or by a key that both have agreed on by eight digits.
 *
 * Invariants: the new device shows a hash of its keys, so the old one adds those and no others; the package with
 * the secrets can be read only with what was shown, within five minutes, once.
 */

import { check } from "./errors.js";
import { deviceId, newestState, type History } from "./identity.js";
import { decryptFramed, derive, digest, encryptFramed, equal, FP, HASH, KEY } from "./primitives.js";
import { concat, fromText, Reader, toHex, toText, u32 } from "./wire.js";

const LINK_ID = 16;
/** How long an offer lasts, in milliseconds. */
export const LIFETIME_MS = 5n * 60_000n;

/** What the new device shows: an id, a secret of 32 random bytes, and the hash of its keys. */
export interface Offer {
  readonly linkId: Uint8Array;
  readonly secret: Uint8Array;
  readonly keysHash: Uint8Array;
}

/** The secret of one epoch of one room. */
export interface RoomSecret {
  readonly roomRef: Uint8Array;
  readonly epoch: number;
  readonly secret: Uint8Array;
}

/** What the old device hands to the new one. */
export interface Package {
  readonly fp: Uint8Array;
  /** Of the chain, with the new device in it. */
  readonly head: Uint8Array;
  /** The backup's key; zero if there is no backup. */
  readonly master: Uint8Array;
  readonly secrets: readonly RoomSecret[];
}

/** The public keys of a device. */
export interface DeviceKeys {
  readonly edPk: Uint8Array;
  readonly xPk: Uint8Array;
}

/** What commits the new device to its keys. */
export function keysHash(keys: DeviceKeys): Uint8Array {
  return digest("cx1/linkcommit", keys.edPk, keys.xPk);
}

/** What the QR code holds. */
export function showOffer(offer: Offer): string {
  return toText(concat(offer.linkId, offer.secret, offer.keysHash));
}

/** Reads a QR code. */
export function scanOffer(text: string): Offer {
  const reader = new Reader(fromText(text));
  const offer = {
    linkId: reader.fixed(LINK_ID),
    secret: reader.fixed(KEY),
    keysHash: reader.fixed(HASH),
  };
  reader.end();
  return offer;
}

/** Refuses keys that are not those that the new device showed, or that it showed too long ago. */
export function checkOffer(
  offer: Offer,
  keys: DeviceKeys,
  times: { readonly shownMs: bigint; readonly nowMs: bigint },
): void {
  const age = times.nowMs - times.shownMs;
  check(age >= 0n && age <= LIFETIME_MS, "link_expired", "an offer to link lasts five minutes");
  check(keys.edPk.length === KEY && keys.xPk.length === KEY, "link_keys", `a key has ${KEY} bytes`);
  check(
    equal(keysHash(keys), offer.keysHash),
    "link_keys",
    "the keys are not those of the device that showed the code",
  );
}

/** The key of the package, from the QR code's secret or from what was agreed on by digits. */
export function packageKey(shared: Uint8Array, linkId: Uint8Array): Uint8Array {
  return derive(shared, "cx1/link", linkId);
}

/** Encrypts a package. */
export function sealPackage(
  key: Uint8Array,
  linkId: Uint8Array,
  content: Package,
  nonce: Uint8Array,
): Uint8Array {
  const secrets = content.secrets.flatMap((each) => [each.roomRef, u32(each.epoch), each.secret]);
  return encryptFramed(key, nonce, concat(content.fp, content.head, content.master, ...secrets), linkId);
}

/** Decrypts a package. Its secrets count only as far as the rooms' logs commit to them. */
export function openPackage(key: Uint8Array, linkId: Uint8Array, sealed: Uint8Array): Package {
  const reader = new Reader(decryptFramed(key, sealed, linkId, "link_package"));
  const whose = { fp: reader.fixed(FP), head: reader.fixed(HASH), master: reader.fixed(KEY) };
  const secrets: RoomSecret[] = [];
  while (reader.left > 0) {
    secrets.push({ roomRef: reader.fixed(HASH), epoch: reader.u32(), secret: reader.fixed(KEY) });
  }
  return { ...whose, secrets };
}

/** Refuses a chain that is not the one of the package, or that the new device is not active in. */
export function checkLinked(content: Package, history: History, edPk: Uint8Array): void {
  const chain = newestState(history);
  check(equal(chain.fp, content.fp), "link_chain", "the chain is of another identity");
  check(
    history.some((state) => equal(state.pin.head, content.head)),
    "link_chain",
    "the chain does not hold what the old device had seen",
  );
  const own = chain.devices.get(toHex(deviceId(chain.fp, edPk)));
  check(own?.active === true, "link_chain", "this device is not active in the chain");
}
