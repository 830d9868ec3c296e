/** One upload: what is known of it beforehand, its transfer, and how far it is. */

import { Cell, type Readable } from "../emitter.js";
import { isYmeraError, localError, type YmeraError } from "../errors.js";
import type {
  CommandName,
  Commands,
  FileInfo,
  NameConflict,
  Page,
  UploadTarget,
} from "../generated/protocol.js";
import { contentOf, type Content, type Uploadable } from "./content.js";
import { sha256Of } from "./digest.js";
import { Pace, type Progress } from "./pace.js";
import type { Extraction } from "../extraction/extraction.js";
import { extractionOf, type Reader } from "../extraction/reader.js";
import { digestOf, pictureOf, SealedContent, type RoomFiles } from "../sealed/files.js";
import type { Blob as SealedBlob, Thumbnail } from "../sealed/rules/files.js";
import { Transfer, type Way } from "./transfer.js";

/** Bytes of the largest content that is hashed as a whole beforehand, for which it has to fit in memory. */
const MAX_HASHED = 64 * 1024 * 1024;
/** Bytes from which on it is worth asking whether the room has the content already. */
const ADOPT_FROM = 1024 * 1024;

/** Where an upload goes, and how to follow it. */
export interface UploadOptions {
  /** What to call it; if left out, what it is called where it comes from. */
  readonly name?: string;
  /** Folders with / between them. */
  readonly folder?: string;
  readonly taskId?: string | null;
  /** As an agent: the run, at work with it, that made the file. */
  readonly runId?: string | null;
  /** Of which file it is a new version. */
  readonly fileId?: string | null;
  /** What becomes of it if its name is taken; if left out, it gets a number. */
  readonly conflict?: NameConflict;
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Aborts the upload. */
  readonly signal?: AbortSignal;
}

/**
 * How an upload stands: `preparing` (it is hashed, and looked for in the room), `sending`, `waiting` (something
 * failed and is tried again), `paused`, `done` or `failed`.
 */
export type UploadPhase = "preparing" | "sending" | "waiting" | "paused" | "done" | "failed";

export interface UploadProgress extends Progress {
  readonly phase: UploadPhase;
  /** Why it waits or has failed. */
  readonly error: YmeraError | null;
}

/** An upload under way. */
export interface FileUpload {
  /** The file that it has become. Rejects with YmeraError, or with an AbortError if it was aborted. */
  readonly done: Promise<FileInfo>;
  readonly progress: Readable<UploadProgress>;
  /** Stops for now. What has arrived stays there for as long as the server keeps unfinished uploads. */
  pause(): void;
  resume(): void;
  /** Ends it, and has the server forget what has arrived. */
  abort(): void;
}

/** What an upload needs of its client. */
export interface UploadHost extends Way {
  /** Names the server, for keys of what is kept between runs. */
  readonly scope: string;
  /** Carries out a command, over reconnects. */
  command<N extends CommandName>(name: N, payload: Commands[N]["payload"]): Promise<Commands[N]["reply"]>;
  /** Those who have the keys of a room; null if it is not sealed. */
  sealed(room: string): Promise<SealedWay | null>;
  /** Reads what goes into one. */
  readonly reader: Reader;
}

/** What an upload to a sealed room needs besides. */
export interface SealedWay extends RoomFiles {
  /** Says a command in the room; its plain result. */
  say(name: string, payload: object): Promise<unknown>;
  query<N extends CommandName>(name: N, payload: Commands[N]["payload"]): Promise<Commands[N]["reply"]>;
}

export class RunningUpload implements FileUpload {
  readonly done: Promise<FileInfo>;
  readonly #host: UploadHost;
  readonly #content: Content;
  /** What was given, for a picture of it. */
  readonly #given: Uploadable;
  readonly #target: UploadTarget;
  readonly #progress = new Cell<UploadProgress>({
    phase: "preparing",
    bytes: 0,
    total: null,
    rate: 0,
    secondsLeft: null,
    error: null,
  });
  readonly #pace = new Pace();
  readonly #ending = new AbortController();
  #transfer: Transfer | null = null;
  #paused = false;

  /** Begins at once. Throws YmeraError `invalid` for what cannot be uploaded. */
  constructor(host: UploadHost, room: string, given: Uploadable, options: UploadOptions) {
    this.#host = host;
    this.#given = given;
    this.#content = contentOf(given);
    this.#target = targetOf(room, this.#content, options);
    const { onProgress, signal } = options;
    if (onProgress !== undefined) {
      this.#progress.subscribe(() => {
        onProgress(this.#progress.get());
      });
    }
    const abort = (): void => {
      this.#end(signal?.reason);
    };
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort, { once: true });
    this.done = this.#carryOut().finally(() => {
      signal?.removeEventListener("abort", abort);
      this.#content.close().catch(() => undefined);
    });
    // Whoever only watches the progress shall not be told twice.
    this.done.catch(() => undefined);
  }

  get progress(): Readable<UploadProgress> {
    return this.#progress;
  }

  pause(): void {
    if (this.#over || this.#paused) return;
    this.#paused = true;
    this.#transfer?.stop();
    this.#pace.rest();
    this.#show("paused");
  }

  resume(): void {
    if (this.#over || !this.#paused) return;
    this.#paused = false;
    this.#show(this.#transfer === null ? "preparing" : "sending");
    void this.#transfer?.start();
  }

  abort(): void {
    this.#end(new DOMException("The upload was aborted.", "AbortError"));
  }

  /** Stops without a word to the server, so that it can go on another time. */
  leave(error: YmeraError): void {
    this.#transfer?.stop();
    this.#transfer = null;
    this.#end(error);
  }

  get #over(): boolean {
    const { phase } = this.#progress.get();
    return phase === "done" || phase === "failed" || this.#ending.signal.aborted;
  }

  #end(reason: unknown): void {
    if (this.#over) return;
    this.#ending.abort(reason);
    this.#transfer?.abandon().catch(() => undefined);
  }

  async #carryOut(): Promise<FileInfo> {
    try {
      const file = await this.#orEnded(this.#become());
      this.#pace.reach(file.bytes);
      this.#show("done", file.bytes);
      return file;
    } catch (error) {
      const known = isYmeraError(error)
        ? error
        : localError("run_canceled", "The upload was aborted.", error);
      this.#show("failed", this.#content.size, known);
      throw error;
    }
  }

  /** The file, whether it had to be sent or not. */
  async #become(): Promise<FileInfo> {
    const sealed = await this.#host.sealed(this.#target.room);
    if (sealed !== null) return this.#sealed(sealed);
    const { size } = this.#content;
    const small = size !== null && size <= MAX_HASHED;
    const sha256 = small ? await sha256Of(await this.#content.read(0, size)) : null;
    this.#ending.signal.throwIfAborted();
    if (sha256 !== null && size !== null && size >= ADOPT_FROM) {
      const file = await this.#adopted(sha256);
      if (file !== null) return file;
    }
    this.#ending.signal.throwIfAborted();
    const target = { ...this.#target, ...(sha256 === null ? {} : { sha256 }) };
    const file_id = await this.#sent(this.#content, metadataOf(target), this.#key(target));
    return (await this.#host.command("file.get", { file_id })).file;
  }

  /** The file, if the room has the content already. */
  async #adopted(sha256: string): Promise<FileInfo | null> {
    try {
      return await this.#host.command("file.adopt", { ...this.#target, sha256 });
    } catch (error) {
      if (isYmeraError(error, "not_found")) return null;
      throw error;
    }
  }

  /** The file of a sealed room: its bytes are an object, and what there is to say of it is said there. */
  async #sealed(way: SealedWay): Promise<FileInfo> {
    const { room } = this.#target;
    const { identity } = this.#content;
    const ticket = await way.ticket(identity, await digestOf(way, this.#content));
    this.#ending.signal.throwIfAborted();
    const content = new SealedContent(way, this.#content, ticket);
    const key = identity === null ? null : `${this.#host.scope} ${ticket.objectId}`;
    const extraction = await extractionOf(this.#host.reader, this.#content, this.#target.name);
    this.#ending.signal.throwIfAborted();
    await this.#sent(content, { room, object_id: ticket.objectId }, key);
    const object = await content.blob();
    const thumbnail = await this.#pictured(way);
    const file = await said(way, this.#target, { ticket, object, thumbnail, extraction });
    if (identity !== null) await way.forget(identity);
    return file;
  }

  /** A picture of what is uploaded, as an object of its own; null where there is none. */
  async #pictured(way: SealedWay): Promise<Thumbnail | null> {
    const picture = await pictureOf(this.#given);
    if (picture === null) return null;
    const ticket = await way.ticket(null, null);
    const content = new SealedContent(way, contentOf(picture.bytes), ticket);
    await this.#sent(content, { room: this.#target.room, object_id: ticket.objectId }, null);
    return { ...(await content.blob()), width: picture.width, height: picture.height };
  }

  #sent(content: Content, metadata: Record<string, string>, key: string | null): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#transfer = new Transfer(this.#host, content, metadata, key, {
        sent: (bytes) => {
          this.#pace.reach(bytes);
          this.#show("sending");
        },
        stumbled: (error) => {
          this.#pace.rest();
          this.#show("waiting", this.#content.size, error);
        },
        succeeded: resolve,
        failed: reject,
      });
      if (this.#paused) return;
      this.#show("sending");
      this.#transfer.start().catch(reject);
    });
  }

  /** Names what goes where, so that it can go on after a restart. */
  #key(target: UploadTarget): string | null {
    const identity = target.sha256 ?? this.#content.identity;
    return identity === null ? null : `${this.#host.scope} ${identity} ${JSON.stringify(target)}`;
  }

  #show(phase: UploadPhase, total = this.#content.size, error: YmeraError | null = null): void {
    this.#progress.set({ ...this.#pace.progress(total), phase, error });
  }

  #orEnded<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.#ending;
    return new Promise<T>((resolve, reject) => {
      const end = (): void => {
        reject(signal.reason as Error);
      };
      if (signal.aborted) end();
      signal.addEventListener("abort", end, { once: true });
      work.then(resolve, reject);
    });
  }
}

interface Made {
  readonly ticket: { readonly fileId: string };
  readonly object: SealedBlob;
  readonly thumbnail: Thumbnail | null;
  readonly extraction: Extraction;
}

/** Says what has become of an upload to a sealed room, unless an earlier run has. */
async function said(way: SealedWay, target: UploadTarget, made: Made): Promise<FileInfo> {
  const { ticket, object, thumbnail, extraction } = made;
  let file_id = await way.holder(object.object_id);
  if (file_id === null) {
    const { media_type } = extraction;
    const bytes = { object, media_type, thumbnail, run_id: target.run_id ?? null };
    const replaced = target.file_id ?? (target.conflict === "version" ? await named(way, target) : null);
    const { room, name, folder = "", task_id = null, conflict = "rename" } = target;
    if (replaced !== null) await way.say("file.revise", { file_id: replaced, ...bytes });
    else await way.say("file.add", { id: ticket.fileId, room, name, folder, task_id, conflict, ...bytes });
    file_id = replaced ?? ticket.fileId;
  }
  await described(way, file_id, object, extraction);
  return (await way.query("file.get", { file_id })).file;
}

/** Tells the room's members what is in a version, which they have without that too. */
async function described(
  way: SealedWay,
  file_id: string,
  object: SealedBlob,
  extraction: Extraction,
): Promise<void> {
  const { texts, pages, words, whole, error } = extraction;
  if (texts.length === 0 && error === "") return;
  const version = await way.version(file_id, null);
  if (version.object.object_id !== object.object_id) return;
  const told = { file_id, number: version.number, texts, pages, words, whole, error };
  await way.say("file.describe", told).catch(() => undefined);
}

/** The file that has this name in its folder. */
async function named(way: SealedWay, { room, name, folder = "" }: UploadTarget): Promise<string | null> {
  const same = (other: string): boolean => asciiLower(other) === asciiLower(name);
  let cursor: string | null = null;
  do {
    const page: Page<FileInfo> = await way.query("file.list", { room, folder, limit: 200, cursor });
    const found = page.items.find((file) => same(file.name));
    if (found !== undefined) return found.id;
    cursor = page.next;
  } while (cursor !== null);
  return null;
}

function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function targetOf(room: string, content: Content, options: UploadOptions): UploadTarget {
  const { name = content.name, folder, taskId, runId, fileId, conflict } = options;
  if (name === null) throw localError("invalid", "Say what the file is to be called: { name }.");
  return {
    room,
    name,
    ...(folder ? { folder } : {}),
    ...(taskId ? { task_id: taskId } : {}),
    ...(runId ? { run_id: runId } : {}),
    ...(fileId ? { file_id: fileId } : {}),
    ...(conflict === undefined ? {} : { conflict }),
  };
}

/** What an upload becomes, as tus says it. */
function metadataOf({ name, ...rest }: UploadTarget): Record<string, string> {
  return { filename: name, ...(rest as Record<string, string>) };
}
