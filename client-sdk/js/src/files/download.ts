/** Downloads, whole or in error: what breaks off goes on from there, and what is too short is no file. */

import { fullJitter } from "../backoff.js";
import { isYmeraError, localError } from "../errors.js";
import { Pace, type Progress } from "./pace.js";

/** Times that a download without any progress is taken up again. */
const ATTEMPTS = 6;

export interface DownloadOptions {
  /** Which version; if left out, the newest. */
  readonly number?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** A file's content, to be read once. */
export interface Download {
  readonly bytes: number;
  readonly mediaType: string;
  /** Errors with YmeraError unless all bytes come. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  blob(): Promise<Blob>;
}

/** Asks for the bytes from `from` on, of the version with that tag. Throws YmeraError. */
export type Ask = (from: number, etag: string | null) => Promise<Response>;

/** Begins a download. Throws YmeraError if it is refused. */
export async function download(ask: Ask, { signal, onProgress }: DownloadOptions): Promise<Download> {
  const first = await ask(0, null);
  const bytes = Number(first.headers.get("content-length") ?? NaN);
  if (!Number.isSafeInteger(bytes))
    throw localError("internal", "The server did not say how large the file is.");
  const mediaType = first.headers.get("content-type") ?? "application/octet-stream";
  const reading = new Reading(ask, first, bytes, signal);
  const pace = new Pace();
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: async (controller) => {
      const chunk = await reading.next();
      pace.reach(reading.received);
      onProgress?.(pace.progress(bytes));
      if (chunk === null) controller.close();
      else controller.enqueue(chunk);
    },
    cancel: () => reading.cancel(),
  });
  return {
    bytes,
    mediaType,
    stream,
    blob: async () => await new Response(stream, { headers: { "content-type": mediaType } }).blob(),
  };
}

type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

class Reading {
  received = 0;
  readonly #ask: Ask;
  readonly #etag: string | null;
  readonly #bytes: number;
  readonly #signal: AbortSignal | undefined;
  #reader: Reader | null;
  #failures = 0;

  constructor(ask: Ask, first: Response, bytes: number, signal: AbortSignal | undefined) {
    this.#ask = ask;
    this.#etag = first.headers.get("etag");
    this.#bytes = bytes;
    this.#signal = signal;
    this.#reader = readerOf(first);
  }

  /** What comes next; null at the end. */
  async next(): Promise<Uint8Array<ArrayBuffer> | null> {
    for (;;) {
      try {
        this.#reader ??= await this.#again();
        const { done, value } = await this.#reader.read();
        if (!done) return this.#took(value);
        if (this.received === this.#bytes) return null;
        throw localError("unavailable", `The download ended at ${this.received} of ${this.#bytes} bytes.`);
      } catch (error) {
        await this.#wait(error);
      }
    }
  }

  async cancel(): Promise<void> {
    await this.#reader?.cancel();
  }

  #took(value: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    this.received += value.length;
    if (value.length > 0) this.#failures = 0;
    return value;
  }

  async #again(): Promise<Reader> {
    const response = await this.#ask(this.received, this.#etag);
    if (response.status !== 206 && this.received > 0)
      throw localError("conflict", "The file was changed while it was downloaded; download it anew.");
    return readerOf(response);
  }

  /** Waits before another attempt; throws if there shall be none. */
  async #wait(error: unknown): Promise<void> {
    this.#signal?.throwIfAborted();
    const final = isYmeraError(error) && !error.retryable;
    this.#failures += 1;
    if (final || this.#failures > ATTEMPTS) throw error;
    this.#reader = null;
    await new Promise((resolve) => setTimeout(resolve, fullJitter(this.#failures)));
  }
}

function readerOf({ body }: Response): Reader {
  if (body === null) throw localError("internal", "The server sent no content.");
  return body.getReader();
}
