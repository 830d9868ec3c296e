/**
 * A sealed room's file on its way to a place of this machine: decrypted as it comes, and there for nobody before
 * all of it was seen and verified.
 *
 * What a download that broke off has left is plaintext that nobody else can read. Encrypting it again brings the
 * stream to where it was; if it was not what it should be, the next chunk says so, and all is fetched anew.
 */

import { download, type Ask, type DownloadOptions } from "../files/download.js";
import { BLOCK, blocksOf, type Landing } from "../files/landing.js";
import { isYmeraError } from "../errors.js";
import { CHUNK, SEALED_CHUNK, type Desk } from "./files.js";
import type { Blob as SealedBlob } from "./rules/files.js";

/** What is to land, and how. */
export interface Flight {
  readonly landing: Landing;
  readonly desk: Desk;
  readonly blob: SealedBlob;
  readonly ask: Ask;
  readonly options: DownloadOptions;
}

/**
 * Brings an object to its place, which has it whole and verified or is left as it was. Throws YmeraError `invalid`,
 * with `data.fault`, if it is not what was sent: then nothing of it is left.
 */
export async function landSealed(flight: Flight): Promise<void> {
  const { landing, blob, options } = flight;
  // The last chunk is marked as such, and is fetched again.
  const last = Math.max(0, Math.ceil(blob.size / CHUNK) - 1);
  const left = Math.floor((await landing.open(blob.object_id, true)) / CHUNK);
  try {
    const chunks = Math.min(left, last);
    if (chunks === 0 || !(await resumed(flight, chunks))) await fetched(flight, 0);
    options.signal?.throwIfAborted();
    await landing.finish();
  } catch (error) {
    if (isYmeraError(error) && "fault" in error.data) await landing.discard();
    throw error;
  } finally {
    await landing.close();
  }
}

/** Goes on behind so many chunks; false if what was left, or what follows it, is not what it should be. */
async function resumed(flight: Flight, chunks: number): Promise<boolean> {
  try {
    await fetched(flight, chunks);
    return true;
  } catch (error) {
    // Nothing can be said yet about what the server has.
    if (!isYmeraError(error) || error.retryable) throw error;
    return false;
  }
}

/** Has everything in its place from the given chunk on, verified from the first one. */
async function fetched({ landing, desk, blob, ask, options }: Flight, chunks: number): Promise<void> {
  await landing.cut(chunks * CHUNK);
  const pass = await desk.begin({ do: "open", blob });
  try {
    await replayed({ landing, desk, blob, options }, pass, chunks * CHUNK);
    const { stream } = await download(ask, options, chunks * SEALED_CHUNK);
    for await (const block of blocksOf(stream)) await landing.write(await desk.take(pass, block, false));
    const outcome = await desk.end(pass);
    if ("rest" in outcome) await landing.write(outcome.rest);
  } catch (error) {
    await desk.drop(pass).catch(() => undefined);
    throw error;
  }
}

/** Brings a pass behind what is there already, by its ciphertext. */
async function replayed(
  { landing, desk, blob, options }: Omit<Flight, "ask">,
  pass: number,
  size: number,
): Promise<void> {
  const { object_id: objectId, key, header } = blob;
  const ticket = { objectId, fileId: "", key, header, digest: null };
  const sealing = await desk.begin({ do: "seal", ticket });
  try {
    for (let at = 0; at < size; at += BLOCK) {
      options.signal?.throwIfAborted();
      const plain = await landing.read(at, Math.min(at + BLOCK, size));
      await desk.take(pass, await desk.take(sealing, plain, false), false);
    }
  } finally {
    await desk.drop(sealing);
  }
}
