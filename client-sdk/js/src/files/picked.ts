/**
 * Files that a person has picked in a browser, as places for what is downloaded (File System Access API).
 *
 * Invariant: bytes go into a file of the browser's own, which takes the picked one's place once it is closed; and it
 * is closed only after all of it was verified. Given up, it is gone, so there is nothing to go on with later.
 */

import { localError, type YmeraError } from "../errors.js";
import type { ErrorCode } from "../generated/protocol.js";
import type { Landing } from "./landing.js";

class PickedLanding implements Landing {
  readonly #handle: FileSystemFileHandle;
  #writable: FileSystemWritableFileStream | null = null;
  #hash: Hash | null = null;

  constructor(handle: FileSystemFileHandle) {
    this.#handle = handle;
  }

  /** Always begins anew. Who can read it meanwhile is up to the browser. */
  async open(_mark: string, secret: boolean): Promise<number> {
    // What is secret is verified as it is decrypted, and no hash of it is asked for.
    this.#hash = secret ? null : await newHash();
    this.#writable = await this.#told(this.#handle.createWritable());
    return 0;
  }

  /** Nothing can be read back, and nothing has to be where nothing was left. */
  read(): Promise<never> {
    return Promise.reject(localError("internal", "What is written to a picked file cannot be read yet."));
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#told(this.#opened.write(bytes));
    this.#hash?.add(bytes);
  }

  /** Only to nothing: what was hashed cannot be taken back in part. */
  async cut(size: number): Promise<void> {
    if (size !== 0) throw localError("internal", "A picked file can only be begun anew.");
    await this.#told(this.#opened.truncate(0));
    if (this.#hash !== null) this.#hash = await newHash();
  }

  /** Once, of what an open room has; its hash is not kept otherwise. */
  sha256(): Promise<string> {
    const digest = this.#hash?.end();
    this.#hash = null;
    if (digest === undefined)
      throw localError("internal", "A picked file is hashed once, and not if secret.");
    return Promise.resolve(digest);
  }

  async finish(): Promise<void> {
    await this.#told(this.#opened.close());
    this.#writable = null;
  }

  async discard(): Promise<void> {
    const writable = this.#writable;
    this.#writable = null;
    await writable?.abort();
  }

  /** What was not finished is thrown away. */
  async close(): Promise<void> {
    await this.discard();
  }

  get #opened(): FileSystemWritableFileStream {
    if (this.#writable === null) throw localError("internal", "A landing was not opened.");
    return this.#writable;
  }

  /** What comes of work with the file. */
  async #told<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw refusal(this.#handle.name, error);
    }
  }
}

/** By the name of the browser's error: the code, and what to do. */
const REFUSALS: Readonly<Record<string, readonly [code: ErrorCode, way: string]>> = {
  QuotaExceededError: ["limit_exceeded", "there is no room left for it. Make some, and save it again."],
  NotAllowedError: ["forbidden", "the browser may not write there any more. Choose its place again."],
  NotFoundError: ["not_found", "its place is not there any more. Choose another."],
  NoModificationAllowedError: [
    "conflict",
    "something else is writing it. Wait for that, or choose another place.",
  ],
};

/** What the browser has against writing a file, as the error that programs see. */
function refusal(name: string, error: unknown): YmeraError {
  const { name: kind, message } = error as Partial<Error>;
  const [code, way] = REFUSALS[kind ?? ""] ?? ["forbidden", `the browser has refused it: ${message ?? ""}`];
  return localError(code, `${name} could not be saved: ${way}`, error);
}

/** SHA-256 of what comes piece by piece. */
interface Hash {
  add(bytes: Uint8Array): void;
  /** In hexadecimal digits. */
  end(): string;
}

/** Of libsodium, for the platform hashes only what is there as a whole; loaded when there is something to hash. */
async function newHash(): Promise<Hash> {
  const { default: sodium } = await import("libsodium-wrappers-sumo");
  await sodium.ready;
  const state = sodium.crypto_hash_sha256_init();
  return {
    add: (bytes) => {
      sodium.crypto_hash_sha256_update(state, bytes);
    },
    end: () => sodium.crypto_hash_sha256_final(state, "hex"),
  };
}

/**
 * A file that a person has picked (`showSaveFilePicker`), or one of the origin's own, for `client.files.save`: there
 * whole and verified, or as it was. Saving it cannot go on where it broke off. `save` throws YmeraError
 * `limit_exceeded` once there is no room left, `forbidden` where the browser does not let it be written (any more),
 * `not_found` if its place is gone and `conflict` if something else has it.
 */
export function pickedLanding(handle: FileSystemFileHandle): Landing {
  return new PickedLanding(handle);
}
