/**
 * A ZIP archive, of which no more is inflated than there may be, whatever it claims about sizes.
 *
 * It is read once, from its beginning on. Where it is broken or too large, what came before that is there.
 */

import { Unzip, UnzipInflate } from "fflate";

import { Unreadable } from "./extraction.js";
import { DECLARED, PACKAGES, ZIP } from "./kinds.js";
import { pieces, type Piece } from "./markup.js";

const MAX_ENTRIES = 5_000;
/** Bytes of one part. */
const MAX_PART = 16 * 1024 * 1024;
/** Bytes of all parts that are read. */
const MAX_PARTS = 32 * 1024 * 1024;
/** Texts and tags in them. */
const MAX_PIECES = 1_000_000;
/** Bytes that are inflated at once: they become a thousand times as many at most. */
const BLOCK = 16 * 1024;
/** The parts that are read. */
const PARTS =
  /^(?:mimetype|content\.xml|word\/document\.xml|xl\/(?:workbook|sharedStrings)\.xml|(?:xl\/worksheets|ppt\/slides)\/[^/]*\.xml)$/;

export class Package {
  readonly #names = new Set<string>();
  readonly #parts = new Map<string, string>();
  /** What has ended the reading. */
  #problem: Unreadable | null = null;
  #bytes = MAX_PARTS;
  #pieces = MAX_PIECES;

  constructor(content: Uint8Array) {
    const unzip = new Unzip((file) => {
      if (this.#names.size >= MAX_ENTRIES)
        throw new Unreadable(`The package has more than ${MAX_ENTRIES} entries.`);
      this.#names.add(file.name);
      if (!PARTS.test(file.name) || this.#parts.has(file.name)) return;
      const part = new Part(file.name, Math.min(MAX_PART, this.#bytes));
      file.ondata = (error, bytes, last) => {
        if (error !== null) throw part.broken(error);
        part.take(bytes);
        if (!last) return;
        this.#bytes -= part.length;
        this.#parts.set(file.name, part.text());
      };
      file.start();
    });
    unzip.register(UnzipInflate);
    try {
      for (let at = 0; at < content.length; at += BLOCK)
        unzip.push(content.subarray(at, at + BLOCK), at + BLOCK >= content.length);
    } catch (error) {
      this.#problem = error instanceof Unreadable ? error : new Unreadable("The package is broken.");
    }
  }

  /** What kind of package it is. */
  get mediaType(): string {
    const declared = this.#parts.get("mimetype")?.trim() ?? "";
    if (DECLARED.has(declared)) return declared;
    return PACKAGES.find(([name]) => this.#names.has(name))?.[1] ?? ZIP;
  }

  /** The texts and tags of a part; none if there is none. Throws `Unreadable` where it cannot be read. */
  *pieces(name: string): Generator<Piece> {
    const said = this.#parts.get(name);
    if (said === undefined && this.#problem !== null) throw this.#problem;
    if (said?.slice(0, 10_000).includes("<!DOCTYPE") === true)
      throw new Unreadable(`${name} declares what it is; that is not read.`);
    for (const piece of pieces(said ?? "")) {
      this.#pieces -= 1;
      if (this.#pieces < 0) throw new Unreadable("It has more markup than is read.");
      yield piece;
    }
  }

  /** The parts in a folder whose names end in a number, in their order. */
  numbered(folder: string): readonly string[] {
    const number = (name: string): number => Number(/([0-9]{1,6})\.xml$/.exec(name)?.[1] ?? NaN);
    return [...this.#names]
      .filter((name) => name.startsWith(folder) && PARTS.test(name) && !Number.isNaN(number(name)))
      .sort((one, other) => number(one) - number(other));
  }
}

/** A part as it is inflated. */
class Part {
  length = 0;
  readonly #name: string;
  readonly #most: number;
  readonly #decoder = new TextDecoder();
  readonly #texts: string[] = [];

  constructor(name: string, most: number) {
    this.#name = name;
    this.#most = most;
  }

  take(bytes: Uint8Array): void {
    this.length += bytes.length;
    if (this.length > this.#most) throw new Unreadable(`${this.#name} is too large to be read.`);
    this.#texts.push(this.#decoder.decode(bytes, { stream: true }));
  }

  text(): string {
    return this.#texts.join("") + this.#decoder.decode();
  }

  /** Also what was thrown while it was inflated comes here. */
  broken(error: Error): Unreadable {
    return error instanceof Unreadable ? error : new Unreadable(`${this.#name} is broken.`);
  }
}
