/** A run's files: those of its project, put there in the run's name. */

import type { Uploadable } from "../files/content.js";
import type { DownloadOptions } from "../files/download.js";
import { fileContent } from "../files/local.js";
import type { UploadOptions } from "../files/upload.js";
import type { FileInfo, FileList, Id, Page, RunOffer } from "../generated/protocol.js";
import { pages } from "../page.js";
import type { Reports } from "./reports.js";

/** Whoever has a project's files: the server, or a rehearsal's stage. */
export interface FileDesk {
  upload(room: Id, content: Uploadable, options: UploadOptions): Promise<FileInfo>;
  read(fileId: Id, number: number | undefined, signal: AbortSignal): Promise<Uint8Array>;
  save(fileId: Id, path: string, options: DownloadOptions): Promise<void>;
  list(filter: FileList): Promise<Page<FileInfo>>;
}

/** Where a run's file goes. */
export type RunFileOptions = Pick<UploadOptions, "name" | "folder" | "fileId" | "conflict" | "onProgress">;

/** Files of the run's project. Each call throws Stopped once the run is stopped, and YmeraError. */
export class RunFiles {
  readonly #desk: FileDesk;
  readonly #reports: Reports;
  readonly #offer: RunOffer;

  /** @internal */
  constructor(desk: FileDesk, reports: Reports, offer: RunOffer) {
    this.#desk = desk;
    this.#reports = reports;
    this.#offer = offer;
  }

  /**
   * Puts a file into the project, at the run's task and as made by the run: a path of this machine, or content.
   * With `fileId` it is a new version of that file. Resumed over lost connections.
   */
  async upload(content: string | Uploadable, options: RunFileOptions = {}): Promise<FileInfo> {
    this.#reports.check();
    const { run, task } = this.#offer;
    const given = typeof content === "string" ? await fileContent(content) : content;
    const { signal } = this.#reports;
    const whole = { ...options, runId: run.id, taskId: task?.id ?? null, signal };
    return this.#reports.orStopped(this.#desk.upload(run.project_id, given, whole));
  }

  /** The content of a file, or of one of its versions. It has to fit in memory. */
  async read(fileId: Id, { number }: { readonly number?: number } = {}): Promise<Uint8Array> {
    this.#reports.check();
    return this.#reports.orStopped(this.#desk.read(fileId, number, this.#reports.signal));
  }

  /** Brings a file, or one of its versions, to a path of this machine: whole and verified, or not at all. Of any size. */
  async save(fileId: Id, path: string, options: Omit<DownloadOptions, "signal"> = {}): Promise<void> {
    this.#reports.check();
    const { signal } = this.#reports;
    await this.#reports.orStopped(this.#desk.save(fileId, path, { ...options, signal }));
  }

  /** The project's files, by name unless `sort` says otherwise; those in one folder, at one task and so on. */
  list(filter: Omit<FileList, "room" | "cursor" | "command_id"> = {}): AsyncGenerator<FileInfo, void> {
    const room = this.#offer.run.project_id;
    return pages((cursor) => {
      this.#reports.check();
      return this.#reports.orStopped(this.#desk.list({ ...filter, room, cursor }));
    });
  }
}
