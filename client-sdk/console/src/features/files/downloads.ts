/** What this window saves of encrypted rooms. Files of open ones are the browser's own downloads. */

import type { Client } from "@ymera/client";
import { useSyncExternalStore } from "react";

import { useClient } from "#/app/client";

import { type Entry, forEachClient, Queue } from "./queue";
import { type Place, placeFor, Saving, type Source, vacate } from "./saving";

interface Landing {
  readonly source: Source;
  readonly place: Place;
}

/** One download in the tray. */
export type DownloadEntry = Entry<Landing, Saving, void>;

export class Downloads extends Queue<Landing, Saving, void> {
  constructor(client: Client) {
    super(({ source, place }) => new Saving(client, source, place));
  }

  /** Saves a file, unless the person chooses no place for it. To be called within their click. */
  async save(source: Source): Promise<void> {
    const place = await placeFor(source);
    if (place) this.put([{ name: source.name, bytes: source.bytes, job: { source, place } }]);
  }

  /** Tries one that failed again, in the same way: what was picked for it is gone. */
  async retry({ id, job: { source } }: DownloadEntry): Promise<void> {
    const place = await placeFor(source);
    if (place) this.again(id, { source, place });
  }

  override cancel(id: number): void {
    const entry = this.find(id);
    if (entry?.state === "queued") void vacate(entry.job.place);
    super.cancel(id);
  }
}

const downloadsOf = forEachClient((client) => new Downloads(client));

/** The window's downloads. */
export function useDownloads(): Downloads {
  return downloadsOf(useClient());
}

export function useDownloading(): readonly DownloadEntry[] {
  const downloads = useDownloads();
  return useSyncExternalStore(downloads.subscribe, downloads.get);
}
