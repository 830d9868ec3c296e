/** Downloads, whole or in error: what breaks off goes on from there, and what is too short is no file. */

import { fullJitter } from "../backoff.js";
import { isYmeraError, localError } from "../errors.js";
import { Pace, type Progress } from "./pace.js";
import { fallenSilent, orAborted, SILENCE_MS } from "./silence.js";

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

/** Asks for the bytes from `from` on, of the version with that tag. Throws YmeraError, or why `signal` was aborted. */
export type Ask = (from: number, etag: string | null, signal: AbortSignal) => Promise<Response>;

/** Begins a download, of all or of what comes after so many bytes. Throws YmeraError if it is refused. */
export async function download(
  ask: Ask,
  { signal, onProgress }: DownloadOptions,
  from = 0,
): Promise<Download> {
  const reading = new Reading(ask, from, signal);
  const { bytes, mediaType } = await reading.begin();
  const pace = new Pace();
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: async (controller) => {
      const chunk = await reading.next();
      pace.reach(reading.received);
      onProgress?.(pace.progress(bytes));
      if (chunk === null) controller.close();
      else controller.enqueue(chunk);
    },
    cancel: () => {
      reading.cancel();
    },
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
  received: number;
  readonly #ask: Ask;
  readonly #signal: AbortSignal | undefined;
  #etag: string | null = null;
  #bytes = 0;
  #reader: Reader | null = null;
  /** Ends the request that is under way. */
  #ending = new AbortController();
  #failures = 0;

  constructor(ask: Ask, from: number, signal: AbortSignal | undefined) {
    this.#ask = ask;
    this.received = from;
    this.#signal = signal;
    if (signal?.aborted === true) this.#abort();
    signal?.addEventListener("abort", this.#abort);
  }

  /** The first request: how many bytes there are, from the file's beginning on, and of which type. */
  async begin(): Promise<Pick<Download, "bytes" | "mediaType">> {
    const from = this.received;
    try {
      const { headers, body } = await this.#timely(() => this.#asked());
      const left = Number(headers.get("content-length") ?? NaN);
      if (!Number.isSafeInteger(left))
        throw localError("internal", "The server did not say how large the file is.");
      this.#etag = headers.get("etag");
      this.#bytes = from + left;
      this.#reader = readerOf(body);
      return { bytes: this.#bytes, mediaType: headers.get("content-type") ?? "application/octet-stream" };
    } catch (error) {
      this.#end(error);
      throw error;
    }
  }

  /** What comes next; null at the end. */
  async next(): Promise<Uint8Array<ArrayBuffer> | null> {
    for (;;) {
      try {
        const { done, value } = await this.#timely(() => this.#read());
        if (!done) return this.#took(value);
        if (this.received === this.#bytes) {
          this.#end(null);
          return null;
        }
        throw localError("unavailable", `The download ended at ${this.received} of ${this.#bytes} bytes.`);
      } catch (error) {
        await this.#wait(error);
      }
    }
  }

  /** Wants no more. */
  cancel(): void {
    this.#end(new DOMException("The download was given up.", "AbortError"));
  }

  /** Ends the request with this reason, and heeds the caller's signal no more. */
  #end(reason: unknown): void {
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#ending.abort(reason);
  }

  readonly #abort = (): void => {
    this.#ending.abort(this.#signal?.reason);
  };

  #took(value: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    this.received += value.length;
    if (value.length > 0) this.#failures = 0;
    return value;
  }

  async #read(): Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>> {
    this.#reader ??= readerOf((await this.#asked()).body);
    return this.#reader.read();
  }

  async #asked(): Promise<Response> {
    const response = await this.#ask(this.received, this.#etag, this.#ending.signal);
    if (response.status !== 206 && this.received > 0)
      throw localError("conflict", "The file was changed while it was downloaded; download it anew.");
    return response;
  }

  /** What comes of work with the server, which is ended if the server is silent or the caller wants no more. */
  async #timely<T>(work: () => Promise<T>): Promise<T> {
    const ending = this.#ending;
    const timer = setTimeout(() => {
      ending.abort(fallenSilent());
    }, SILENCE_MS);
    try {
      return await orAborted(work(), ending.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits before another attempt; throws if there shall be none. */
  async #wait(error: unknown): Promise<void> {
    const unwanted = this.#signal?.aborted === true;
    const final = unwanted || (isYmeraError(error) && !error.retryable);
    const reason = unwanted ? (this.#signal.reason as Error) : error;
    this.#failures += 1;
    if (final || this.#failures > ATTEMPTS) {
      this.#end(reason);
      throw reason;
    }
    this.#ending.abort(error);
    this.#reader = null;
    this.#ending = new AbortController();
    const pause = new Promise<void>((resolve) => setTimeout(resolve, fullJitter(this.#failures)));
    await orAborted(pause, this.#ending.signal);
  }
}

function readerOf(body: Response["body"]): Reader {
  if (body === null) throw localError("internal", "The server sent no content.");
  return body.getReader();
}
