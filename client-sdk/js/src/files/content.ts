/**
 * What is uploaded: something of which pieces can be read, some of them again.
 *
 * Invariant: a piece is never larger than what was asked for, and only the last is smaller.
 */

import { localError } from "../errors.js";

/** Bytes to upload. */
export interface Content {
  /** What it is called where it comes from; null if it has no name. */
  readonly name: string | null;
  /** Null if that is known only at the end. */
  readonly size: number | null;
  /** Tells it from other content, over reloads and restarts; null if nothing does. */
  readonly identity: string | null;
  /** The bytes from `start` to `end`, fewer if it ends before. No earlier ones are asked for later. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** What can be uploaded; on Node also `fileContent(path)` and readable streams. */
export type Uploadable = Content | Blob | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** Throws YmeraError `invalid` for what cannot be uploaded. */
export function contentOf(given: Uploadable): Content {
  if (given instanceof Blob) return new BlobContent(given);
  if (given instanceof Uint8Array) return new BlobContent(new Blob([Uint8Array.from(given)]));
  if (typeof given === "object") {
    if ("read" in given && "identity" in given) return given;
    if ("getReader" in given) return new StreamContent(chunksOf(given));
    if (Symbol.asyncIterator in given) return new StreamContent(given[Symbol.asyncIterator]());
  }
  throw localError("invalid", "Upload a Blob, a File, bytes or a stream of bytes.");
}

class BlobContent implements Content {
  readonly name: string | null;
  readonly size: number;
  readonly identity: string | null;
  readonly #blob: Blob;

  constructor(blob: Blob) {
    const file = typeof File !== "undefined" && blob instanceof File ? blob : null;
    this.#blob = blob;
    this.name = file?.name ?? null;
    this.size = blob.size;
    this.identity = file === null ? null : `${file.name} ${file.size} ${file.lastModified}`;
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.#blob.slice(start, end).arrayBuffer());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A stream is read once. The piece that was read last is kept, to be sent again if need be. */
class StreamContent implements Content {
  readonly name = null;
  readonly size = null;
  readonly identity = null;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #kept = new Uint8Array();
  /** Where what is kept begins. */
  #start = 0;
  #ended = false;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.#chunks = chunks;
  }

  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    // One after the other: a reading that was given up may still be under way.
    const piece = this.#reading.then(() => this.#piece(start, end));
    this.#reading = piece.catch(() => undefined);
    return piece;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #piece(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    if (start < this.#start) throw localError("invalid", "What a stream has given cannot be read again.");
    const parts: Uint8Array[] = [this.#kept.subarray(start - this.#start)];
    let length = parts[0]?.length ?? 0;
    while (!this.#ended && length < end - start) {
      const next = await this.#chunks.next();
      if (next.done === true) this.#ended = true;
      else {
        parts.push(next.value);
        length += next.value.length;
      }
    }
    this.#kept = joined(parts, length);
    this.#start = start;
    return this.#kept.subarray(0, end - start);
  }
}

/** Parts, `length` bytes together, in one. */
export function joined(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Not every browser can iterate over a stream. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}
