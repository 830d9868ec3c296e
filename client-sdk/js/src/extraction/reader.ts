/** Who reads files before they go into encrypted rooms: this thread, or a worker that can be ended. */

import type { Content } from "../files/content.js";
import { bare, type Extraction } from "./extraction.js";
import { OCTETS, wanted } from "./kinds.js";

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
  let running: Worker | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const read: Reader = (content, name, size) =>
    new Promise((resolve) => {
      const at = (running ??= worker());
      const end = (extraction: Extraction, ended: boolean): void => {
        clearTimeout(timer);
        at.onmessage = at.onerror = null;
        if (ended) {
          at.terminate();
          running = null;
        }
        resolve(extraction);
      };
      const timer = setTimeout(() => {
        end(bare(OCTETS, "Reading it took too long."), true);
      }, MAX_MS);
      at.onmessage = ({ data }: MessageEvent<Extraction>) => {
        end(data, false);
      };
      at.onerror = (event) => {
        event.preventDefault();
        end(bare(OCTETS, "Reading it has failed."), true);
      };
      at.postMessage({ content, name, size }, [content.buffer]);
    });
  return async (content, name, size) => {
    if (waiting >= MAX_WAITING) return bare(OCTETS, "Too many files were brought at once.");
    waiting += 1;
    const done = last.then(() => read(content, name, size));
    last = done.finally(() => {
      waiting -= 1;
    });
    return done;
  };
}
