/** The files of a rehearsal: those that it began with, and those that the run has put there. */

import { writeFile } from "node:fs/promises";

import { v7 as uuidv7 } from "uuid";

import { localError } from "../errors.js";
import { contentOf, type Uploadable } from "../files/content.js";
import { sha256Of } from "../files/digest.js";
import type { DownloadOptions } from "../files/download.js";
import type { UploadOptions } from "../files/upload.js";
import type { FileInfo, FileList, Id, Page, RunInfo } from "../generated/protocol.js";
import type { FileDesk } from "./files.js";

/** A file of a rehearsal, in one of its versions. */
export interface RehearsedFile {
  readonly info: FileInfo;
  readonly content: Uint8Array;
}

export class Shelf implements FileDesk {
  readonly #run: RunInfo;
  readonly #versions: RehearsedFile[] = [];
  /** How many were there before the run. */
  #given = 0;
  readonly #filled: Promise<void>;

  /** Puts these there first, by folder and name. */
  constructor(run: RunInfo, given: Readonly<Record<string, string | Uint8Array>>) {
    this.#run = run;
    this.#filled = this.#fill(given);
  }

  /** What the run has made, oldest first. */
  get made(): readonly RehearsedFile[] {
    return this.#versions.slice(this.#given);
  }

  async upload(_room: Id, content: Uploadable, options: UploadOptions): Promise<FileInfo> {
    await this.#filled;
    return this.#put(content, options, this.#run.id);
  }

  async read(fileId: Id, number: number | undefined): Promise<Uint8Array> {
    await this.#filled;
    const versions = this.#versions.filter(({ info }) => info.id === fileId);
    const found =
      number === undefined ? versions.at(-1) : versions.find(({ info }) => info.number === number);
    if (found === undefined) throw localError("not_found", "There is no such file.");
    return found.content;
  }

  async save(fileId: Id, path: string, { number }: DownloadOptions): Promise<void> {
    await writeFile(path, await this.read(fileId, number));
  }

  async list({ folder, run_id, kind, query }: FileList): Promise<Page<FileInfo>> {
    await this.#filled;
    const items = [...this.#newest().values()].filter(
      (info) =>
        (folder ?? info.folder) === info.folder &&
        (run_id ?? info.run_id) === info.run_id &&
        (kind ?? info.kind) === info.kind &&
        info.name.toLowerCase().includes((query ?? "").toLowerCase()),
    );
    return { items: items.sort((a, b) => (a.name < b.name ? -1 : 1)), next: null };
  }

  async #fill(given: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    for (const [path, content] of Object.entries(given)) {
      const cut = path.lastIndexOf("/");
      const place = { folder: path.slice(0, Math.max(cut, 0)), name: path.slice(cut + 1) };
      await this.#put(typeof content === "string" ? new TextEncoder().encode(content) : content, place, null);
    }
    this.#given = this.#versions.length;
  }

  async #put(content: Uploadable, options: UploadOptions, run_id: Id | null): Promise<FileInfo> {
    const source = contentOf(content);
    const bytes = await source.read(0, source.size ?? Number.MAX_SAFE_INTEGER);
    await source.close();
    const name = options.name ?? source.name;
    if (name === null) throw localError("invalid", "Say what the file is to be called: { name }.");
    const before = this.#before(name, options);
    const sha256 = (await sha256Of(bytes)) ?? "";
    const { folder = "" } = options;
    const place = before ?? { id: uuidv7(), folder, name: this.#free(name, folder), number: 0 };
    const number = place.number + 1;
    const made = { id: place.id, folder: place.folder, name: place.name, number, version: number };
    const info: FileInfo = { ...factsOf(this.#run, run_id), ...made, bytes: bytes.length, sha256 };
    this.#versions.push({ info, content: bytes });
    return info;
  }

  /** The file of which this becomes a version; undefined if it is a new one. */
  #before(name: string, { fileId, folder = "", conflict }: UploadOptions): FileInfo | undefined {
    const newest = this.#newest();
    if (fileId) {
      const file = newest.get(fileId);
      if (file === undefined) throw localError("not_found", "There is no such file.");
      return file;
    }
    const taken = [...newest.values()].find((info) => info.folder === folder && info.name === name);
    if (taken !== undefined && conflict === "refuse")
      throw localError("conflict", `${name} is there already.`);
    return conflict === "version" ? taken : undefined;
  }

  #free(name: string, folder: string): string {
    const names = new Set(
      [...this.#newest().values()].filter((info) => info.folder === folder).map((info) => info.name),
    );
    const [, stem = name, end = ""] = /^(.+?)(\.[^.]*)?$/s.exec(name) ?? [];
    let free = name;
    for (let number = 2; names.has(free); number += 1) free = `${stem} (${number})${end}`;
    return free;
  }

  #newest(): Map<Id, FileInfo> {
    return new Map(this.#versions.map(({ info }) => [info.id, info]));
  }
}

type Made = "id" | "folder" | "name" | "number" | "version" | "bytes" | "sha256";

/** What a file of the run, or one that was there before, is besides its content. */
function factsOf(
  { project_id, task_id, agent_id, requested_by }: RunInfo,
  run_id: Id | null,
): Omit<FileInfo, Made> {
  const at = new Date().toISOString();
  const by = (run_id === null ? requested_by : agent_id) ?? "";
  return {
    room: project_id,
    task_id: run_id === null ? null : task_id,
    run_id,
    media_type: "application/octet-stream",
    kind: "other",
    analysis: "pending",
    quality: null,
    held: "",
    restricted: false,
    created_by: by,
    created_at: at,
    updated_by: by,
    updated_at: at,
    purge_at: null,
  };
}
