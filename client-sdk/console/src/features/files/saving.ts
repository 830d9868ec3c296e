/**
 * One file of an encrypted room on its way onto this machine, decrypted and verified here.
 *
 * Invariant: what fails or is given up leaves nothing behind, not even the empty file that the browser's dialog makes.
 */

import {
  type Client,
  type DownloadOptions,
  pickedLanding,
  type Progress,
  type Readable,
} from "@ymera/client";

import { saveBlob } from "#/ui/save";

/**
 * Bytes from which on a person is asked for the place. Smaller ones fit in memory several times over, and a dialog
 * for each would be a nuisance; of larger ones the browser would have to keep all of it until the last byte has come.
 */
const LARGE = 32 * 1024 * 1024;
/** Milliseconds between signs of progress: nobody reads faster. */
const SHOWN_MS = 100;

/** What is to be saved: a file, or one of its versions. */
export interface Source {
  readonly fileId: string;
  readonly name: string;
  readonly bytes: number;
  readonly number?: number;
}

/** Where it goes: a file that was picked, or wherever the browser puts what it downloads. */
export type Place = FileSystemFileHandle | "downloads";

/** What Chromium alone has, so that TypeScript's library does not name it. */
interface Chromium {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
}

/** Where a file shall go; null: nowhere after all. To be called within a person's click, for a dialog may be shown. */
export async function placeFor({ name, bytes }: Source): Promise<Place | null> {
  const chromium = window as Chromium;
  if (bytes < LARGE || !chromium.showSaveFilePicker) return "downloads";
  try {
    return await chromium.showSaveFilePicker({ suggestedName: name });
  } catch (error) {
    // Where no dialog may be shown, as in a frame of another site, there is still the other way.
    return error instanceof DOMException && error.name === "AbortError" ? null : "downloads";
  }
}

/** Removes the file that the dialog has made, or emptied, as far as the browser can. */
export async function vacate(place: Place): Promise<void> {
  if (place === "downloads") return;
  const handle: FileSystemFileHandle & { remove?: () => Promise<void> } = place;
  try {
    if ((await handle.getFile()).size === 0) await handle.remove?.();
  } catch {
    // It is not there any more, or not to be written: whoever saw to that has it in hand.
  }
}

export class Saving {
  /** Rejects with YmeraError, or with an AbortError if it was given up. */
  readonly done: Promise<void>;
  readonly #progress = new Shown();
  readonly #ending = new AbortController();

  constructor(client: Client, source: Source, place: Place) {
    const { signal } = this.#ending;
    const number = source.number === undefined ? {} : { number: source.number };
    this.done = bring(client, source, place, { ...number, signal, onProgress: this.#progress.report });
  }

  /** How much has come; null before anything has. */
  get progress(): Readable<Progress | null> {
    return this.#progress;
  }

  abort(): void {
    this.#ending.abort();
  }
}

async function bring(
  client: Client,
  { fileId, name }: Source,
  place: Place,
  options: DownloadOptions,
): Promise<void> {
  if (place === "downloads") {
    const blob = await (await client.files.download(fileId, options)).blob();
    options.signal?.throwIfAborted();
    saveBlob(blob, name);
    return;
  }
  try {
    await client.files.save(fileId, pickedLanding(place), options);
  } catch (error) {
    await vacate(place);
    throw error;
  }
}

/** Progress, no more often than it can be seen. */
class Shown implements Readable<Progress | null> {
  #progress: Progress | null = null;
  #at = -Infinity;
  readonly #listeners = new Set<() => void>();

  readonly get = (): Progress | null => this.#progress;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly report = (progress: Progress): void => {
    const now = performance.now();
    if (now - this.#at < SHOWN_MS && progress.bytes !== progress.total) return;
    this.#at = now;
    this.#progress = progress;
    for (const listener of this.#listeners) listener();
  };
}
