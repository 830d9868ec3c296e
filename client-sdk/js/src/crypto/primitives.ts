/**
 * The few cryptographic functions that cx1 is made of, all of libsodium, each under a label of its own.
 *
 * Invariants: labels end in a zero byte, so that no two uses of a key or a hash can be taken for one another;
 * nothing here draws random bytes. Who imports this waits until libsodium is ready.
 */

import sodium from "libsodium-wrappers-sumo";

import { check, Cx1Error, type Fault } from "./errors.js";
import { concat, utf8 } from "./wire.js";

await sodium.ready;

export const HASH = 32;
export const KEY = 32;
export const FP = 32;
export const SIGNATURE = 64;
export const NONCE = 24;
export const TAG = 16;
/** Bytes that a sealed box is longer than what is in it. */
export const SEAL = 48;
export const PAD = 64;
export const ZERO = new Uint8Array(32);

/** A pair of keys for signatures; the secret one has 64 bytes. */
export interface SigningPair {
  readonly publicKey: Uint8Array;
  readonly secret: Uint8Array;
}

/** H: BLAKE2b-256 of the label and the parts. */
export function digest(label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return sodium.crypto_generichash(HASH, labelled(label, parts), null);
}

/** KDF: BLAKE2b-256 keyed with `key`. */
export function derive(key: Uint8Array, label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return sodium.crypto_generichash(HASH, labelled(label, parts), key);
}

/** BLAKE2b-512 of the label and the parts, for numbers that people read. */
export function longDigest(label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return sodium.crypto_generichash(64, labelled(label, parts), null);
}

/** H of what comes piece by piece. */
export class Digest {
  readonly #state: ReturnType<typeof sodium.crypto_generichash_init>;
  #ended: Uint8Array | null = null;

  constructor(label: string) {
    this.#state = sodium.crypto_generichash_init(null, HASH);
    this.add(labelled(label, []));
  }

  /** Throws once the hash was asked for: libsodium has freed the state then. */
  add(part: Uint8Array): void {
    if (this.#ended !== null) throw new Error("Nothing can be added behind the end of what is hashed.");
    sodium.crypto_generichash_update(this.#state, part);
  }

  /** The hash, which ends it. */
  end(): Uint8Array {
    this.#ended ??= sodium.crypto_generichash_final(this.#state, HASH);
    return this.#ended;
  }
}

/** Whether two byte strings are the same, in a time that does not depend on what is in them. */
export function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && sodium.memcmp(one, other);
}

/** The Ed25519 keys of a 32-byte seed. */
export function signingPair(seed: Uint8Array): SigningPair {
  const pair = sodium.crypto_sign_seed_keypair(seed);
  return { publicKey: pair.publicKey, secret: pair.privateKey };
}

/** The X25519 public key of a secret one. */
export function boxPublic(secret: Uint8Array): Uint8Array {
  return sodium.crypto_scalarmult_base(secret);
}

/** SIG: Ed25519, detached. */
export function sign(secret: Uint8Array, label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return sodium.crypto_sign_detached(labelled(label, parts), secret);
}

/**
 * Whether a signature holds; as libsodium, false for points of low order and non-canonical encodings, and for
 * bytes of another length than keys and signatures have.
 */
export function verify(
  publicKey: Uint8Array,
  signature: Uint8Array,
  label: string,
  ...parts: readonly Uint8Array[]
): boolean {
  if (publicKey.length !== KEY || signature.length !== SIGNATURE) return false;
  return sodium.crypto_sign_verify_detached(signature, labelled(label, parts), publicKey);
}

/** X25519; refuses a point of low order, which would give every secret key the same result. */
export function agree(secret: Uint8Array, publicKey: Uint8Array): Uint8Array {
  check(publicKey.length === KEY, "value", `an X25519 key has ${KEY} bytes`);
  return attempt("low_order", "the X25519 key is a point of low order", () =>
    sodium.crypto_scalarmult(secret, publicKey),
  );
}

/** Refuses an X25519 public key of low order. */
export function requireUsable(publicKey: Uint8Array): void {
  agree(new Uint8Array(KEY).fill(1), publicKey);
}

/** XChaCha20-Poly1305; the nonce must be 24 fresh random bytes. */
export function encrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  ad: Uint8Array,
): Uint8Array {
  return sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, ad, null, nonce, key);
}

/** Undoes `encrypt`, or refuses with `fault`. */
export function decrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  ad: Uint8Array,
  fault: Fault,
): Uint8Array {
  check(ciphertext.length >= TAG, fault, "the ciphertext is shorter than its tag");
  return attempt(fault, "the ciphertext does not authenticate under this key", () =>
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, ciphertext, ad, nonce, key),
  );
}

/** The nonce with the ciphertext behind it. */
export function encryptFramed(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  ad: Uint8Array,
): Uint8Array {
  return concat(nonce, encrypt(key, nonce, plaintext, ad));
}

/** Undoes `encryptFramed`, or refuses with `fault`. */
export function decryptFramed(key: Uint8Array, framed: Uint8Array, ad: Uint8Array, fault: Fault): Uint8Array {
  return decrypt(key, framed.subarray(0, NONCE), framed.subarray(NONCE), ad, fault);
}

/** `crypto_box_seal`, with the ephemeral secret key (32 fresh random bytes) as an argument. */
export function seal(publicKey: Uint8Array, seed: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const ephemeral = boxPublic(seed);
  const nonce = sodium.crypto_generichash(NONCE, concat(ephemeral, publicKey), null);
  return concat(ephemeral, sodium.crypto_box_easy(plaintext, nonce, publicKey, seed));
}

/** Undoes `seal`, or refuses with `fault`. */
export function unseal(secret: Uint8Array, sealed: Uint8Array, fault: Fault): Uint8Array {
  check(sealed.length >= SEAL, fault, "the box is shorter than an empty one");
  return attempt(fault, "the box does not open with this key", () =>
    sodium.crypto_box_seal_open(sealed, boxPublic(secret), secret),
  );
}

/** Lengthens to a multiple of 64 bytes, by at least one (ISO/IEC 7816-4). */
export function pad(data: Uint8Array): Uint8Array {
  return sodium.pad(data, PAD);
}

/** Undoes `pad`, or refuses. */
export function unpad(padded: Uint8Array): Uint8Array {
  check(padded.length > 0 && padded.length % PAD === 0, "padding", "the length is no multiple of 64");
  return attempt("padding", "the padding is not ISO/IEC 7816-4", () => sodium.unpad(padded, PAD));
}

export const STREAM_HEADER = 24;
/** The mark of a stream's last chunk. */
export const FINAL = 3;
/** The mark of every other. */
export const MESSAGE = 0;

/** secretstream, from a header that is given: reading and writing begin in the same state. */
export class Stream {
  readonly #state: ReturnType<typeof sodium.crypto_secretstream_xchacha20poly1305_init_pull>;

  /** The header must be 24 fresh random bytes. */
  constructor(key: Uint8Array, header: Uint8Array) {
    this.#state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(header, key);
  }

  push(chunk: Uint8Array, ad: Uint8Array, tag: number): Uint8Array {
    return sodium.crypto_secretstream_xchacha20poly1305_push(this.#state, chunk, ad, tag);
  }

  /** Undoes `push`, or refuses with `fault`. */
  pull(
    chunk: Uint8Array,
    ad: Uint8Array,
    fault: Fault,
  ): { readonly message: Uint8Array; readonly tag: number } {
    const pulled = sodium.crypto_secretstream_xchacha20poly1305_pull(this.#state, chunk, ad);
    if (pulled === false) throw new Cx1Error(fault, "the chunk does not authenticate here");
    return pulled;
  }
}

/** Argon2id version 1.3; the salt has 16 bytes. */
export function stretchPassword(
  password: Uint8Array,
  salt: Uint8Array,
  cost: { readonly ops: number; readonly memory: number },
): Uint8Array {
  const algorithm = sodium.crypto_pwhash_ALG_ARGON2ID13;
  return sodium.crypto_pwhash(KEY, password, salt, cost.ops, cost.memory, algorithm);
}

/** The labels that were used, in bytes: cx1 has few, and making them anew costs as much as a short hash. */
const LABELS = new Map<string, Uint8Array>();

function labelled(label: string, parts: readonly Uint8Array[]): Uint8Array {
  let front = LABELS.get(label);
  if (front === undefined) LABELS.set(label, (front = utf8(`${label}\0`)));
  return concat(front, ...parts);
}

/** Runs something of libsodium whose failure is a fault; a wrong length is the caller's mistake and none. */
function attempt<T>(fault: Fault, detail: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Error && !(error instanceof TypeError)) throw new Cx1Error(fault, detail);
    throw error;
  }
}
