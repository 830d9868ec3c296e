/**
 * Files of sealed rooms, on a page's side: bytes go up and come down encrypted, by way of whoever has the keys.
 *
 * Invariants: nothing of a download is given out before all of it was verified. Memory stays flat on the way up;
 * on the way down what is decrypted goes to a place of this machine (`landing`), or is handed to the platform's
 * blobs, which browsers put onto the disk once there is much of it.
 */

import { joined, type Content } from "../files/content.js";
import { blocksOf } from "../files/landing.js";
import { localError } from "../errors.js";
import type { Outcome, Ticket, Work } from "./desk.js";
import type { Blob as SealedBlob, SealedVersion } from "./rules/files.js";

/** Bytes of a chunk in the clear. */
export const CHUNK = 64 * 1024;
const OVERHEAD = 17;
/** Bytes of a chunk as it is encrypted. */
export const SEALED_CHUNK = CHUNK + OVERHEAD;
/** Bytes that are encrypted at once: whole chunks. */
const BLOCK = 16 * CHUNK;
/** Pixels of a thumbnail's longer side. */
const THUMBNAIL = 320;

/** Whoever has the keys, for one room. */
export interface Desk {
  ticket(identity: string | null, digest: string | null): Promise<Ticket>;
  forget(identity: string): Promise<void>;
  begin(work: Work): Promise<number>;
  take(pass: number, bytes: Uint8Array, last: boolean): Promise<Uint8Array<ArrayBuffer>>;
  end(pass: number): Promise<Outcome>;
  drop(pass: number): Promise<void>;
}

/** The same, and what is said of files. */
export interface RoomFiles extends Desk {
  version(file: string, number: number | null): Promise<SealedVersion>;
  /** The file that has an object already. */
  holder(object: string): Promise<string | null>;
}

/** What tells a content from others, for one that can be read again; null for a stream. */
export async function digestOf(desk: Desk, content: Content): Promise<string | null> {
  if (content.size === null || content.identity === null) return null;
  const pass = await desk.begin({ do: "hash" });
  try {
    for (let at = 0; at < content.size; at += BLOCK) {
      await desk.take(pass, await content.read(at, Math.min(at + BLOCK, content.size)), false);
    }
    const outcome = await desk.end(pass);
    return "digest" in outcome ? outcome.digest : null;
  } catch (error) {
    await desk.drop(pass).catch(() => undefined);
    throw error;
  }
}

/** A content's bytes as they are encrypted: a content itself. Encrypting anew gives the same bytes. */
export class SealedContent implements Content {
  readonly name = null;
  readonly identity: string;
  readonly #desk: Desk;
  readonly #plain: Content;
  readonly #ticket: Ticket;
  #size: number | null;
  #pass: Pass | null = null;
  /** What was read last, to be sent again if need be, and where it begins. */
  #kept: Uint8Array<ArrayBuffer> = new Uint8Array();
  #start = 0;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(desk: Desk, plain: Content, ticket: Ticket) {
    this.#desk = desk;
    this.#plain = plain;
    this.#ticket = ticket;
    this.identity = ticket.objectId;
    this.#size = plain.size === null ? null : sealedSize(plain.size);
  }

  get size(): number | null {
    return this.#size;
  }

  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    // One after the other: a reading that was given up may still be under way.
    const piece = this.#reading.then(() => this.#piece(start, end));
    this.#reading = piece.catch(() => undefined);
    return piece;
  }

  /** What it is, once all of it was read; what was not is read for that. */
  async blob(): Promise<SealedBlob> {
    await this.#reading;
    const pass = await this.#at(Infinity);
    const outcome = await this.#desk.end(pass.id);
    this.#pass = null;
    if (!("blob" in outcome)) throw localError("internal", "What was encrypted has no end.");
    return outcome.blob;
  }

  async close(): Promise<void> {
    if (this.#pass !== null) await this.#desk.drop(this.#pass.id);
    this.#pass = null;
  }

  async #piece(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.#kept.subarray(start - this.#start);
    const parts: Uint8Array[] = start >= this.#start ? [known] : [];
    let length = parts[0]?.length ?? 0;
    if (length < end - start) {
      const pass = await this.#at(start + length);
      while (length < end - start) {
        const more = await pass.take(end - start - length);
        if (more.length === 0) break;
        parts.push(more);
        length += more.length;
      }
      if (pass.ended) this.#size = pass.end;
    }
    this.#kept = joined(parts, length);
    this.#start = start;
    return this.#kept.subarray(0, end - start);
  }

  /** A pass that has come to a place, or to the end if it is beyond that. */
  async #at(place: number): Promise<Pass> {
    let pass = this.#pass;
    this.#pass = null;
    if (pass === null || pass.position > place) {
      if (pass !== null) await this.#desk.drop(pass.id);
      const id = await this.#desk.begin({ do: "seal", ticket: this.#ticket });
      pass = new Pass(this.#desk, this.#plain, id);
    }
    while (pass.position < place && (await pass.take(Math.min(place - pass.position, BLOCK))).length > 0);
    this.#pass = pass;
    return pass;
  }
}

/** One reading from the beginning. */
class Pass {
  readonly id: number;
  /** Of what is taken next, in the ciphertext. */
  position = 0;
  ended = false;
  readonly #desk: Desk;
  readonly #plain: Content;
  #read = 0;
  #ahead: Uint8Array<ArrayBuffer> | null = null;
  #ready: Uint8Array<ArrayBuffer> = new Uint8Array();

  constructor(desk: Desk, plain: Content, id: number) {
    this.#desk = desk;
    this.#plain = plain;
    this.id = id;
  }

  /** Where what was encrypted so far ends. */
  get end(): number {
    return this.position + this.#ready.length;
  }

  /** The next bytes, up to so many; none at the end. */
  async take(most: number): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#ready.length === 0 && !this.ended) await this.#encrypt();
    const taken = this.#ready.subarray(0, most);
    this.#ready = this.#ready.subarray(taken.length);
    this.position += taken.length;
    return taken;
  }

  async #encrypt(): Promise<void> {
    const block = this.#ahead ?? (await this.#next());
    // Which block is the last shows only once there is no other: the last chunk is marked.
    this.#ahead = block.length === BLOCK ? await this.#next() : new Uint8Array();
    this.ended = this.#ahead.length === 0;
    this.#ready = await this.#desk.take(this.id, block, this.ended);
  }

  async #next(): Promise<Uint8Array<ArrayBuffer>> {
    const { size } = this.#plain;
    const end = size === null ? this.#read + BLOCK : Math.min(this.#read + BLOCK, size);
    const block = end > this.#read ? await this.#plain.read(this.#read, end) : new Uint8Array();
    this.#read += block.length;
    // A stream's own memory is not to be posted away.
    return Uint8Array.from(block);
  }
}

/** Everything that an encrypted stream has in it, once all of it was verified. Throws YmeraError if it is not. */
export async function opened(
  desk: Desk,
  sealed: SealedBlob,
  coming: ReadableStream<Uint8Array<ArrayBuffer>>,
  mediaType: string,
): Promise<Blob> {
  const pass = await desk.begin({ do: "open", blob: sealed });
  const parts: Blob[] = [];
  try {
    for await (const block of blocksOf(coming)) {
      // A blob's bytes are the platform's to keep, on the disk if there are many.
      parts.push(new Blob([await desk.take(pass, block, false)]));
    }
    const outcome = await desk.end(pass);
    if ("rest" in outcome) parts.push(new Blob([outcome.rest]));
    return new Blob(parts, { type: mediaType });
  } catch (error) {
    await desk.drop(pass).catch(() => undefined);
    throw error;
  }
}

/** A small picture, where this can be drawn here; null for what is none, or where it cannot. */
export async function pictureOf(
  given: unknown,
): Promise<{ readonly bytes: Blob; readonly width: number; readonly height: number } | null> {
  const draws = typeof createImageBitmap === "function" && typeof OffscreenCanvas === "function";
  if (!draws || !(given instanceof Blob) || !given.type.startsWith("image/")) return null;
  try {
    const image = await createImageBitmap(given);
    const scale = Math.min(1, THUMBNAIL / Math.max(image.width, image.height));
    const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * scale)));
    const canvas = new OffscreenCanvas(width ?? 1, height ?? 1);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const bytes = await canvas.convertToBlob({ type: "image/webp", quality: 0.8 });
    return { bytes, width: canvas.width, height: canvas.height };
  } catch {
    // Not every picture can be drawn; the file goes without one.
    return null;
  }
}

/** How many bytes a file of so many has encrypted. */
export function sealedSize(size: number): number {
  return size + OVERHEAD * Math.max(1, Math.ceil(size / CHUNK));
}
