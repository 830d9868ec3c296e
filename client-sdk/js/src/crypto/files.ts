/**
 * Files: each under a key of its own, in chunks that can be neither cut, swapped nor moved between files.
 *
 * A file of n bytes is max(1, ceil(n / 65536)) chunks, of which only the last is marked final; each is 17 bytes
 * longer than what is in it. Invariant: nothing that was decrypted counts before both hashes have been verified.
 */

import { check, Cx1Error } from "./errors.js";
import { Digest, equal, FINAL, KEY, MESSAGE, STREAM_HEADER, Stream } from "./primitives.js";
import { concat, u32 } from "./wire.js";

export const CHUNK = 64 * 1024;
/** Bytes that a chunk is longer than what is in it. */
export const OVERHEAD = 17;

/** What a file is encrypted under: 32 and 24 fresh random bytes, and where it belongs. */
export interface FileKey {
  readonly key: Uint8Array;
  readonly header: Uint8Array;
  readonly roomRef: Uint8Array;
  readonly fileId: Uint8Array;
}

/** What a file must be, encrypted and in the clear; `size` in bytes is that in the clear. */
export interface Sums {
  readonly size: number;
  readonly ctHash: Uint8Array;
  readonly ptHash: Uint8Array;
}

/** How many bytes a file of `size` bytes has encrypted. */
export function encryptedSize(size: number): number {
  return size + OVERHEAD * chunkCount(size);
}

/** How many chunks a file of `size` bytes has. */
export function chunkCount(size: number): number {
  return Math.max(1, Math.ceil(size / CHUNK));
}

/** Encrypts a file chunk by chunk; after the last, `sums` says what it was and has become. */
export class Sealer {
  readonly #stream: Chunks;
  readonly #tally = new Tally();

  constructor(key: FileKey) {
    this.#stream = new Chunks(key);
  }

  /** Encrypts the next chunk: of 65,536 bytes, but for the last. */
  push(chunk: Uint8Array, final: boolean): Uint8Array {
    if (chunk.length > CHUNK || (chunk.length < CHUNK && !final)) {
      throw new RangeError(`Every chunk but the last has ${CHUNK} bytes.`);
    }
    const sealed = this.#stream.push(chunk, final);
    this.#tally.add(sealed, chunk);
    return sealed;
  }

  /** Of all that was pushed, which ends it. */
  sums(): Sums {
    return this.#tally.end();
  }
}

/** Decrypts a file chunk by chunk. Release nothing of it before `finish` has returned. */
export class Opener {
  readonly #stream: Chunks;
  readonly #expected: Sums;
  readonly #tally = new Tally();
  #first = true;
  #ended = false;

  constructor(key: FileKey, expected: Sums) {
    this.#stream = new Chunks(key);
    this.#expected = expected;
  }

  /** Decrypts the next chunk as it stands in the ciphertext: 65,553 bytes, but for the last. */
  pull(chunk: Uint8Array): Uint8Array {
    check(!this.#ended, "file_trailing", "bytes follow the last chunk");
    check(chunk.length >= OVERHEAD, "file_chunk", "the chunk is shorter than its tag");
    check(chunk.length <= CHUNK + OVERHEAD, "file_chunk", "the chunk is longer than one can be");
    const { plain, final } = this.#stream.pull(chunk);
    this.#ended = final;
    check(final || plain.length === CHUNK, "file_chunk", "only the last chunk may be short");
    check(plain.length > 0 || this.#first, "file_chunk", "only an empty file has an empty chunk");
    this.#first = false;
    this.#tally.add(chunk, plain);
    return plain;
  }

  /** Refuses the file unless it is whole and what the message says. */
  finish(): void {
    check(this.#ended, "file_truncated", "the file ends before its last chunk");
    const sums = this.#tally.end();
    const expected = this.#expected;
    check(sums.size === expected.size, "file_size", "the file has another size than was said");
    check(equal(sums.ctHash, expected.ctHash), "file_ciphertext", "this is another ciphertext");
    check(equal(sums.ptHash, expected.ptHash), "file_plaintext", "this is another plaintext");
  }
}

/** Encrypts a file that is in memory. */
export function sealFile(
  key: FileKey,
  data: Uint8Array,
): { readonly sealed: Uint8Array; readonly sums: Sums } {
  const sealer = new Sealer(key);
  const last = chunkCount(data.length) - 1;
  const chunks = cut(data, CHUNK).map((chunk, index) => sealer.push(chunk, index === last));
  return { sealed: concat(...chunks), sums: sealer.sums() };
}

/** Decrypts a file that is in memory, or refuses it. */
export function openFile(key: FileKey, ciphertext: Uint8Array, expected: Sums): Uint8Array {
  const opener = new Opener(key, expected);
  const pieces = cut(ciphertext, CHUNK + OVERHEAD).filter((piece) => piece.length > 0);
  const plain = pieces.map((piece) => opener.pull(piece));
  opener.finish();
  return concat(...plain);
}

/** The pieces of a byte string; an empty one has one, empty. */
export function cut(data: Uint8Array, size: number): readonly Uint8Array[] {
  const count = Math.max(1, Math.ceil(data.length / size));
  return Array.from({ length: count }, (_, index) => data.subarray(index * size, (index + 1) * size));
}

/** The chunks of a file, whatever their sizes, each bound to its place. One goes one way only. */
export class Chunks {
  readonly #key: FileKey;
  readonly #stream: Stream;
  #index = 0;

  constructor(key: FileKey) {
    if (key.key.length !== KEY || key.header.length !== STREAM_HEADER) {
      throw new Cx1Error("file_chunk", `a file's key has ${KEY} bytes and its header ${STREAM_HEADER}`);
    }
    this.#key = key;
    this.#stream = new Stream(key.key, key.header);
  }

  /** Encrypts the next chunk. */
  push(chunk: Uint8Array, final: boolean): Uint8Array {
    return this.#stream.push(chunk, this.#about(), final ? FINAL : MESSAGE);
  }

  /** Decrypts the next chunk, or refuses it. */
  pull(chunk: Uint8Array): { readonly plain: Uint8Array; readonly final: boolean } {
    const { message, tag } = this.#stream.pull(chunk, this.#about(), "file_chunk");
    return { plain: message, final: tag === FINAL };
  }

  /** What the next chunk is bound to. */
  #about(): Uint8Array {
    const place = u32(this.#index);
    this.#index += 1;
    return concat(this.#key.roomRef, this.#key.fileId, place);
  }
}

/** Counts and hashes what goes by, encrypted and in the clear. */
class Tally {
  #size = 0;
  readonly #sealed = new Digest("cx1/filect");
  readonly #plain = new Digest("cx1/filept");

  add(sealed: Uint8Array, plain: Uint8Array): void {
    this.#size += plain.length;
    this.#sealed.add(sealed);
    this.#plain.add(plain);
  }

  end(): Sums {
    return { size: this.#size, ctHash: this.#sealed.end(), ptHash: this.#plain.end() };
  }
}
