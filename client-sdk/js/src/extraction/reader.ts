/** Who reads files before they go into encrypted rooms: this thread, or a worker that can be ended. */

import type { Content } from "../files/content.js";
import { bare, Unreadable, type Extraction } from "./extraction.js";
import { binary, OCTETS, wanted } from "./kinds.js";

/** What is in a file of `size` bytes, of which these are those that are to be read. */
export type Reader = (content: Uint8Array<ArrayBuffer>, name: string, size: number) => Promise<Extraction>;

/** Bytes that are read to tell what a file is. */
const HEAD = 1024 * 1024;
/** How long a worker has for one file. */
const MAX_MS = 20_000;
/** Files that wait for the worker; others go unread. */
const MAX_WAITING = 1_000;

/** Reads in this thread, by code that is loaded with the first file. */
export const inlineReader: Reader = async (content, name, size) => {
  const { extract } = await import("./extract.js");
  return extract(content, name, size);
};

/** What is in a content, as far as it can be read again: what passes by once is not read. */
export async function extractionOf(reader: Reader, content: Content, name: string): Promise<Extraction> {
  const { size } = content;
  if (size === null) return bare(OCTETS);
  const head = await content.read(0, Math.min(size, HEAD));
  const whole = wanted(head, size);
  const bytes = whole > head.length ? await content.read(0, whole) : head;
  return reader(bytes, name, size);
}

export interface WorkerReaderOptions {
  /** Begins a worker of the module `@ymera/client/extraction`. */
  readonly worker: () => Worker;
}

/** Reads in a worker, one file after the other; one that takes too long is given up, and the worker with it. */
export function workerReader({ worker }: WorkerReaderOptions): Reader {
  const bench = new Bench(worker);
  return (content, name, size) => bench.read(content, name, size);
}

class Bench {
  readonly #make: () => Worker;
  #worker: Worker | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(make: () => Worker) {
    this.#make = make;
  }

  async read(content: Uint8Array<ArrayBuffer>, name: string, size: number): Promise<Extraction> {
    // What cannot be read has its type all the same.
    const mediaType = binary(content) ?? OCTETS;
    if (this.#waiting >= MAX_WAITING) return bare(mediaType, "Too many files were brought at once.");
    this.#waiting += 1;
    const done = this.#last.then(() => this.#ask(content, name, size));
    const settled = done.catch((error: unknown) => {
      this.#worker?.terminate();
      this.#worker = null;
      return bare(mediaType, error instanceof Unreadable ? error.message : "Reading it has failed.");
    });
    this.#last = settled;
    try {
      return await settled;
    } finally {
      this.#waiting -= 1;
    }
  }

  #ask(content: Uint8Array<ArrayBuffer>, name: string, size: number): Promise<Extraction> {
    return new Promise((resolve, reject) => {
      const worker = (this.#worker ??= this.#make());
      const timer = setTimeout(() => {
        reject(new Unreadable("Reading it took too long."));
      }, MAX_MS);
      worker.onmessage = ({ data }: MessageEvent<Extraction>) => {
        clearTimeout(timer);
        resolve(data);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        clearTimeout(timer);
        reject(new Error(event.message));
      };
      // What whoever uploads has in memory is not to be posted away.
      const copy = content.slice();
      worker.postMessage({ content: copy, name, size }, [copy.buffer]);
    });
  }
}
