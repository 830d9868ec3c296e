/** The uploads of this window. */

import { type Client, type FileInfo, type FileUpload, isYmeraError, type NameConflict } from "@ymera/client";
import { useSyncExternalStore } from "react";

import { useClient } from "#/app/client";

import type { Picked } from "./dropped";
import { within } from "./names";
import { type Entry, forEachClient, Queue } from "./queue";

const CONFLICT_KEY = "ymera-name-conflict";

export interface Target {
  room: string;
  folder?: string;
  taskId?: string;
  /** Of which file it becomes a new version. */
  fileId?: string;
  /** If left out, what was chosen last. */
  conflict?: NameConflict;
}

interface Sending {
  readonly file: File;
  readonly target: Target;
}

/** One upload in the tray. */
export type UploadEntry = Entry<Sending, FileUpload, FileInfo>;

export class Tray extends Queue<Sending, FileUpload, FileInfo> {
  constructor(client: Client) {
    super(({ file, target: { room, ...options } }) => client.files.upload(room, file, options));
  }

  /** Takes files in. Returns their entries' ids. */
  add(picked: readonly Picked[], target: Target): number[] {
    const conflict = target.conflict ?? lastConflict();
    return this.put(
      picked.map(({ file, folder }) => {
        const place = { ...target, conflict, folder: within(target.folder ?? "", folder) };
        return { name: file.name, bytes: file.size, job: { file, target: place } };
      }),
    );
  }

  /** Tries one that failed again, with another choice about its name if so wished. */
  retry(id: number, conflict?: NameConflict): void {
    const job = this.find(id)?.job;
    if (job) this.again(id, conflict ? { ...job, target: { ...job.target, conflict } } : job);
  }
}

/** Whether its name was taken, and nothing was to become of it then. */
export function isNameTaken({ error }: UploadEntry): boolean {
  return isYmeraError(error, "conflict");
}

/** What is to become of files whose name is taken, as chosen last in this browser. */
export function lastConflict(): NameConflict {
  const kept = localStorage.getItem(CONFLICT_KEY);
  return kept === "rename" || kept === "refuse" ? kept : "version";
}

export function keepConflict(conflict: NameConflict): void {
  localStorage.setItem(CONFLICT_KEY, conflict);
}

const trayOf = forEachClient((client) => new Tray(client));

/** The window's tray. */
export function useTray(): Tray {
  return trayOf(useClient());
}

export function useUploads(): readonly UploadEntry[] {
  const tray = useTray();
  return useSyncExternalStore(tray.subscribe, tray.get);
}
