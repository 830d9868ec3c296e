/**
 * The uploads of this window: a few at a time, the others in turn, until they are cleared away.
 *
 * They belong to the client, not to a page: they go on while one looks at something else.
 */

import { type Client, type FileInfo, type FileUpload, isYmeraError, type NameConflict } from "@ymera/client";
import { useSyncExternalStore } from "react";

import { useClient } from "#/app/client";

import type { Picked } from "./dropped";
import { within } from "./names";

/** Uploads at work at once; more would only share the line. */
const AT_ONCE = 3;
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

export type EntryState = "queued" | "running" | "done" | "failed";

/** One upload in the tray. Replaced at each change but those of its progress. */
export interface Entry {
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  readonly target: Target;
  readonly file: File;
  readonly state: EntryState;
  readonly upload: FileUpload | null;
  /** What it has become. */
  readonly made: FileInfo | null;
  readonly error: unknown;
}

export class Tray {
  readonly #client: Client;
  readonly #listeners = new Set<() => void>();
  #entries: readonly Entry[] = [];
  #next = 1;

  constructor(client: Client) {
    this.#client = client;
  }

  readonly get = (): readonly Entry[] => this.#entries;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes files in. Returns their entries' ids. */
  add(picked: readonly Picked[], target: Target): number[] {
    const conflict = target.conflict ?? lastConflict();
    const entries = picked.map(({ file, folder }): Entry => {
      const place = { ...target, conflict, folder: within(target.folder ?? "", folder) };
      const id = this.#next++;
      const fresh = { state: "queued", upload: null, made: null, error: null } as const;
      return { id, name: file.name, bytes: file.size, file, target: place, ...fresh };
    });
    this.#publish([...this.#entries, ...entries]);
    this.#advance();
    return entries.map(({ id }) => id);
  }

  /** Ends an upload and takes it out of the tray. */
  cancel(id: number): void {
    this.#find(id)?.upload?.abort();
    this.#publish(this.#entries.filter((entry) => entry.id !== id));
    this.#advance();
  }

  /** Tries one that failed again, with another choice about its name if so wished. */
  retry(id: number, conflict?: NameConflict): void {
    const entry = this.#find(id);
    if (!entry) return;
    const target = conflict ? { ...entry.target, conflict } : entry.target;
    this.#change(id, { state: "queued", upload: null, error: null, target });
    this.#advance();
  }

  /** Takes out what has ended. */
  clear(): void {
    this.#publish(this.#entries.filter(isOpen));
  }

  #advance(): void {
    const running = this.#entries.filter(({ state }) => state === "running").length;
    const waiting = this.#entries.filter(({ state }) => state === "queued");
    for (const entry of waiting.slice(0, Math.max(0, AT_ONCE - running))) this.#start(entry);
  }

  #start({ id, file, target: { room, ...options } }: Entry): void {
    try {
      const upload = this.#client.files.upload(room, file, options);
      this.#change(id, { state: "running", upload });
      upload.done.then(
        (made) => this.#ended(id, { state: "done", made }),
        (error: unknown) => this.#ended(id, { state: "failed", error }),
      );
    } catch (error) {
      this.#change(id, { state: "failed", error });
    }
  }

  #ended(id: number, change: Partial<Entry>): void {
    this.#change(id, change);
    this.#advance();
  }

  #find(id: number): Entry | undefined {
    return this.#entries.find((entry) => entry.id === id);
  }

  #change(id: number, change: Partial<Entry>): void {
    this.#publish(this.#entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)));
  }

  #publish(entries: readonly Entry[]): void {
    this.#entries = entries;
    for (const listener of this.#listeners) listener();
  }
}

/** Whether an upload has yet to end. */
export function isOpen({ state }: Entry): boolean {
  return state === "queued" || state === "running";
}

/** Whether its name was taken, and nothing was to become of it then. */
export function isNameTaken({ error }: Entry): boolean {
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

const trays = new WeakMap<Client, Tray>();

/** The window's tray. */
export function useTray(): Tray {
  const client = useClient();
  let tray = trays.get(client);
  if (!tray) {
    trays.set(client, (tray = new Tray(client)));
    warnBeforeLeaving(tray);
  }
  return tray;
}

/** What is under way would have to be chosen again, which is not what one expects of closing a window. */
function warnBeforeLeaving(tray: Tray): void {
  window.addEventListener("beforeunload", (event) => {
    if (tray.get().some(isOpen)) event.preventDefault();
  });
}

export function useEntries(): readonly Entry[] {
  const tray = useTray();
  return useSyncExternalStore(tray.subscribe, tray.get);
}
