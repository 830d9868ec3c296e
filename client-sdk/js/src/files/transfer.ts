/**
 * Moves a content's bytes to the server by tus, in as many requests and over as many interruptions as it takes.
 *
 * Where the content can be told from others, the upload's address is kept, and a later transfer of the same to
 * the same place goes on where this one stopped. At most one of tus-js-client's uploads is at work at a time;
 * whatever an earlier one still does reaches neither server nor caller.
 */

import type { DetailedError, HttpRequest, Upload, UploadOptions, UrlStorage } from "tus-js-client";

import { fullJitter } from "../backoff.js";
import { isYmeraError, localError, type YmeraError } from "../errors.js";
import { refusalOf, type Server } from "../server.js";
import { isSignedOut, type Session } from "../session.js";
import type { Content } from "./content.js";
import { stackOn, unfailing } from "./stack.js";

export const UPLOADS_PATH = "/api/files/uploads";
/** Bytes of one request, at most: after a failure fewer, so that also a bad connection gets some through. */
const CHUNK = 8 * 1024 * 1024;
const SMALLEST_CHUNK = 256 * 1024;
/** Attempts without any progress before a transfer has failed: some twenty minutes. */
const ATTEMPTS = 80;
/** Another request had the upload, the offset was another, or bytes were spoilt on their way. */
const PASSING = new Set([409, 423, 460]);
const FILE_HEADER = "YMERA-File";

/** What the transfer belongs to. */
export interface Way {
  readonly server: Server;
  readonly session: Session;
  /** Where addresses of unfinished uploads are kept; undefined: where tus-js-client does by default. */
  readonly storage: UrlStorage | undefined;
}

export interface TransferListener {
  /** So many bytes have been sent. */
  sent(bytes: number): void;
  /** It did not work, and will be tried again. */
  stumbled(error: YmeraError): void;
  succeeded(fileId: string): void;
  failed(error: YmeraError): void;
}

export class Transfer {
  readonly #way: Way;
  readonly #content: Content;
  readonly #metadata: Record<string, string>;
  readonly #key: string | null;
  readonly #checked: boolean;
  readonly #listener: TransferListener;
  #current: Upload | null = null;
  #url: string | null = null;
  #token = "";

  /** `key` tells the transfer from others, over restarts; null if nothing does. */
  constructor(
    way: Way,
    content: Content,
    metadata: Record<string, string>,
    key: string | null,
    listener: TransferListener,
  ) {
    this.#way = way;
    this.#content = content;
    this.#metadata = metadata;
    this.#key = key;
    // With the hash of the whole there is no need to check each piece.
    this.#checked = metadata["sha256"] === undefined;
    this.#listener = listener;
  }

  /** Begins, or goes on. */
  async start(): Promise<void> {
    const tus = await import("tus-js-client");
    const upload: Upload = new tus.Upload(new Blob(), {
      ...this.#options(() => this.#current === upload),
      httpStack: stackOn(tus.defaultOptions.httpStack, this.#checked),
      urlStorage: unfailing(this.#way.storage ?? tus.defaultOptions.urlStorage, (error) => {
        if (this.#current !== upload) return;
        this.stop();
        this.#listener.failed(localError("internal", "An upload's address could not be kept.", error));
      }),
      onUploadUrlAvailable: () => {
        this.#url = upload.url;
      },
    });
    this.#current = upload;
    const [before] = this.#key === null ? [] : await upload.findPreviousUploads();
    if (before !== undefined) upload.resumeFromPreviousUpload(before);
    else if (this.#url !== null) upload.options.uploadUrl = this.#url;
    if (this.#current === upload) upload.start();
  }

  /** Stops; what has arrived stays there. */
  stop(): void {
    const upload = this.#current;
    this.#current = null;
    upload?.abort().catch(() => undefined);
  }

  /** Stops, and has the server forget what has arrived. */
  async abandon(): Promise<void> {
    const upload = this.#current;
    this.stop();
    if (this.#url === null || upload === null) return;
    const { Upload, defaultOptions } = await import("tus-js-client");
    const kept = this.#key === null ? [] : await upload.findPreviousUploads();
    for (const { urlStorageKey } of kept) await upload.options.urlStorage?.removeUpload(urlStorageKey);
    await Upload.terminate(this.#url, {
      httpStack: stackOn(defaultOptions.httpStack, false),
      onBeforeRequest: (request) => this.#authorise(request),
      retryDelays: delays(5),
    });
  }

  #options(isCurrent: () => boolean): UploadOptions {
    const { server } = this.#way;
    return {
      endpoint: server.address(UPLOADS_PATH),
      metadata: this.#metadata,
      chunkSize: CHUNK,
      uploadLengthDeferred: this.#content.size === null,
      retryDelays: delays(ATTEMPTS),
      fileReader: { openFile: () => Promise.resolve(sourceOf(this.#content)) },
      fingerprint: () => Promise.resolve(this.#key as string),
      storeFingerprintForResuming: this.#key !== null,
      removeFingerprintOnSuccess: true,
      onBeforeRequest: async (request) => {
        await this.#authorise(request);
        if (!isCurrent()) throw localError("unavailable", "The transfer was stopped.");
      },
      onProgress: (bytes) => {
        if (isCurrent()) this.#listener.sent(bytes);
      },
      onChunkComplete: () => {
        this.#resize(2);
      },
      onShouldRetry: (error) => isCurrent() && this.#mayPass(error),
      onSuccess: ({ lastResponse }) => {
        if (isCurrent()) this.#succeed(lastResponse.getHeader(FILE_HEADER));
      },
      onError: (error) => {
        if (isCurrent()) this.#listener.failed(this.#errorOf(error));
      },
    };
  }

  async #authorise(request: HttpRequest): Promise<void> {
    this.#token = await this.#way.session.token();
    request.setHeader("Authorization", `Bearer ${this.#token}`);
  }

  #resize(factor: number): void {
    const options = this.#current?.options;
    if (options === undefined) return;
    const size = (options.chunkSize ?? CHUNK) * factor;
    options.chunkSize = Math.min(CHUNK, Math.max(SMALLEST_CHUNK, size));
  }

  #succeed(fileId: string | undefined): void {
    // Browsers give null for a header that is not there.
    if (fileId) this.#listener.succeeded(fileId);
    else this.#listener.failed(localError("internal", "The server did not say what the upload became."));
  }

  /** Whether trying again may help; says so then. */
  #mayPass(failure: DetailedError): boolean {
    const error = this.#errorOf(failure);
    if (error.code === "token_expired") this.#way.session.refused(this.#token);
    else if (isSignedOut(error)) return false;
    if (!error.retryable && !PASSING.has(failure.originalResponse?.getStatus() ?? 0)) return false;
    this.#resize(0.5);
    this.#listener.stumbled(error);
    return true;
  }

  #errorOf(error: Error): YmeraError {
    const { originalRequest, originalResponse, causingError } = error as Partial<DetailedError>;
    if (isYmeraError(causingError)) return causingError;
    if (isYmeraError(error)) return error;
    if (originalResponse) return refusalOf(originalResponse.getStatus(), originalResponse.getBody());
    if (originalRequest)
      return localError("unavailable", `The server at ${this.#way.server.origin} does not answer.`, error);
    return localError("invalid", `What is uploaded could not be read: ${error.message}`, error);
  }
}

function delays(attempts: number): number[] {
  return Array.from({ length: attempts }, (_, attempt) => Math.round(fullJitter(attempt)));
}

/** A content as tus-js-client reads it. */
function sourceOf(content: Content) {
  return {
    // Unknown sizes are told apart by `uploadLengthDeferred`.
    size: content.size ?? 0,
    slice: async (start: number, end: number) => {
      const bytes = await content.read(start, end);
      if (content.size === null && bytes.length === 0) return { value: null, done: true };
      // Its HTTP stacks look for the size under this name.
      const value = Object.assign(bytes, { size: bytes.length });
      return { value, done: content.size !== null && start + bytes.length >= content.size };
    },
    // The content is closed by whoever has opened it, since a transfer can go on after this.
    close: () => undefined,
  };
}
