/**
 * Where a download is kept until all of it has come and was verified.
 *
 * Invariant: what stands at its destination is a whole file that was verified, or what stood there before.
 */

import { localError } from "../errors.js";
import type { FileVersion } from "../generated/protocol.js";
import { joined } from "./content.js";
import { download, type Ask, type DownloadOptions } from "./download.js";

/** Bytes that are written at once, at least, while there are more. */
export const BLOCK = 1024 * 1024;

/** A place for a file, for `client.files.save`: on Node `fileLanding(path)`, in browsers `pickedLanding(handle)`. */
export interface Landing {
  /**
   * Begins, or goes on with what an earlier download of the same has left; how many bytes are there already. `mark`
   * tells what is to come from anything else. What is secret nobody else on the machine can read meanwhile, where
   * the platform lets one see to that.
   */
  open(mark: string, secret: boolean): Promise<number>;
  /** What is there from `start` to `end`, which is not beyond what `open` has found. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Adds to what is there. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Throws away what is there beyond so many bytes. */
  cut(size: number): Promise<void>;
  /** The SHA-256 of all that is there, in hexadecimal digits. */
  sha256(): Promise<string>;
  /** Puts it where it belongs. */
  finish(): Promise<void>;
  /** Throws it away. */
  discard(): Promise<void>;
  /** Lets go of it; what is there stays for the next time. */
  close(): Promise<void>;
}

/** Brings a version of an open room's file to its place. Throws YmeraError `unavailable` if other bytes came. */
export async function land(
  landing: Landing,
  version: FileVersion,
  ask: Ask,
  options: DownloadOptions,
): Promise<void> {
  const { bytes, sha256 } = version;
  let offset = await landing.open(sha256, false);
  try {
    if (offset > bytes) await landing.cut((offset = 0));
    if (offset < bytes) {
      const { stream } = await download(ask, options, offset);
      for await (const block of blocksOf(stream)) await landing.write(block);
    }
    if ((await landing.sha256()) !== sha256) {
      await landing.discard();
      const message = `What came is not version ${version.number} of ${version.name}. Try again.`;
      throw localError("unavailable", message);
    }
    options.signal?.throwIfAborted();
    await landing.finish();
  } finally {
    await landing.close();
  }
}

/** What a stream gives, in blocks of `BLOCK` bytes or somewhat more; the last may be smaller. */
export async function* blocksOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const reader = stream.getReader();
  let parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (value !== undefined) {
        parts.push(value);
        length += value.length;
      }
      if (length >= BLOCK || (done && length > 0)) {
        yield joined(parts, length);
        [parts, length] = [[], 0];
      }
      if (done) return;
    }
  } finally {
    await reader.cancel();
  }
}
