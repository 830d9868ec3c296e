/** Files: their bytes up and down. Everything else about them is a command like any other (`file.*`). */

import type { UrlStorage } from "tus-js-client";

import { localError, type YmeraError } from "../errors.js";
import type { CommandName, Commands, FileLink, FileLinkGet } from "../generated/protocol.js";
import type { Server } from "../server.js";
import { THUMBNAIL } from "../sealed/filed.js";
import { opened } from "../sealed/files.js";
import { landSealed } from "../sealed/landing.js";
import { refused } from "../sealed/local.js";
import type { Blob as SealedBlob } from "../sealed/rules/files.js";
import { inlineReader, type Reader } from "../extraction/reader.js";
import type { Session } from "../session.js";
import type { Uploadable } from "./content.js";
import { download, type Ask, type Download, type DownloadOptions } from "./download.js";
import { land, type Landing } from "./landing.js";
import {
  RunningUpload,
  type FileUpload,
  type SealedWay,
  type UploadHost,
  type UploadOptions,
} from "./upload.js";

/** Where addresses of unfinished uploads are kept, so that they go on after a reload or a restart. */
export type UploadStorage = UrlStorage;

/** Uploads of one client that may be under way at once. */
const MAX_UPLOADS = 10_000;

/** What files need of their client. */
export interface FilesHost {
  readonly server: Server;
  readonly session: Session;
  readonly storage: UploadStorage | undefined;
  command<N extends CommandName>(name: N, payload: Commands[N]["payload"]): Promise<Commands[N]["reply"]>;
  /** Those who have the keys of a room; null if it is not sealed. */
  sealed(room: string): Promise<SealedWay | null>;
  /** Reads what goes into sealed rooms; this thread if left out. */
  readonly reader?: Reader | undefined;
  /** The sealed room that has a file; null if none of those known here has. */
  holderOf(fileId: string): Promise<string | null>;
}

/** Calls of `client.files`. Each throws YmeraError. */
export class Files {
  readonly #host: UploadHost;
  readonly #holderOf: FilesHost["holderOf"];
  readonly #uploads = new Set<RunningUpload>();

  constructor(host: FilesHost) {
    const { origin, prefix } = host.server;
    this.#host = {
      server: host.server,
      session: host.session,
      storage: host.storage,
      scope: `ymera ${origin}${prefix}`,
      command: (name, payload) => host.command(name, payload),
      sealed: (room) => host.sealed(room),
      reader: host.reader ?? inlineReader,
    };
    this.#holderOf = (fileId) => host.holderOf(fileId);
  }

  /**
   * Puts content into a room as a new file, or as a version of one; nothing is sent that the room has already.
   * It goes on over lost connections, and where the content is a file, also after a reload or restart, when
   * the same is uploaded to the same place again.
   */
  upload(room: string, content: Uploadable, options: UploadOptions = {}): FileUpload {
    if (this.#uploads.size >= MAX_UPLOADS)
      throw localError(
        "limit_exceeded",
        `${MAX_UPLOADS} uploads are under way; wait until some are through.`,
      );
    const upload = new RunningUpload(this.#host, room, content, options);
    this.#uploads.add(upload);
    const forget = (): void => {
      this.#uploads.delete(upload);
    };
    upload.done.then(forget, forget);
    return upload;
  }

  /**
   * Begins to download a file, or one of its versions. One of a sealed room is there when all of it has come
   * and was found to be what was sent; `invalid` with `data.fault` if it is not.
   */
  async download(fileId: string, options: DownloadOptions = {}): Promise<Download> {
    const sealed = await this.#sealedVersion(fileId, options.number);
    if (sealed !== null) {
      const { way, version } = sealed;
      const blob = await this.#opened(way, version.object, version.media_type, options);
      return { bytes: blob.size, mediaType: version.media_type, ...given(blob) };
    }
    return download(this.#asking(contentPath(fileId, options.number)), options);
  }

  /**
   * Brings a file, or one of its versions, to a place of this machine, on Node `fileLanding(path)`, in browsers
   * `pickedLanding(handle)`: it has it whole and verified, or is left as it was. However large it is, memory stays
   * flat. On Node what broke off or was aborted goes on where it was when the same is saved to the same place again,
   * also after a restart; in browsers it begins anew.
   */
  async save(fileId: string, landing: Landing, options: DownloadOptions = {}): Promise<void> {
    const sealed = await this.#sealedVersion(fileId, options.number);
    if (sealed !== null) {
      const { way: desk, version } = sealed;
      const { object: blob } = version;
      await landSealed({ landing, desk, blob, ask: this.#asking(objectPath(blob)), options });
      return;
    }
    const wanted = options.number === undefined ? {} : { number: options.number };
    const { version } = await this.#host.command("file.get", { file_id: fileId, ...wanted });
    await land(landing, version, this.#asking(contentPath(fileId, version.number)), options);
  }

  /** The address of a preview for an `img`, in this page only; give it back with `URL.revokeObjectURL`. */
  async previewUrl(
    fileId: string,
    name: string,
    { number, signal }: Pick<DownloadOptions, "number" | "signal"> = {},
  ): Promise<string> {
    const sealed = await this.#sealedVersion(fileId, number);
    if (sealed !== null) {
      const { way, version } = sealed;
      if (version.thumbnail === null || name !== THUMBNAIL)
        throw localError("not_found", "The file has no such picture.");
      const options = signal === undefined ? {} : { signal };
      return URL.createObjectURL(await this.#opened(way, version.thumbnail, "image/webp", options));
    }
    const path = `/api/files/${encodeURIComponent(fileId)}/previews/${encodeURIComponent(name)}`;
    const response = await this.#open(path + numbered(number), signal);
    return URL.createObjectURL(await response.blob());
  }

  /** A link to a file's content or one of its previews, for a while and without signing in. */
  async link(fileId: string, options: Omit<FileLinkGet, "file_id"> = {}): Promise<FileLink> {
    const sealed = await this.#holderOf(fileId);
    if (sealed !== null) throw refused(sealed, "file.link");
    const link = await this.#host.command("file.link", { file_id: fileId, ...options });
    const { server } = this.#host;
    // A server without a public address says no more than the path.
    return link.url.startsWith("/") ? { ...link, url: server.address(link.url) } : link;
  }

  /** Leaves uploads as they are, to go on another time. @internal */
  leave(error: YmeraError): void {
    for (const upload of this.#uploads) upload.leave(error);
  }

  /** Forgets what was kept of unfinished uploads on this machine. @internal */
  async forget(): Promise<void> {
    this.leave(localError("unauthenticated", "You signed out."));
    const storage = this.#host.storage ?? (await import("tus-js-client")).defaultOptions.urlStorage;
    // The library's own for Node, which keeps nothing, lacks what its type promises.
    const kept = "findAllUploads" in storage ? await storage.findAllUploads() : [];
    for (const { urlStorageKey: key } of kept) {
      if (key.startsWith(`tus::${this.#host.scope} `)) await storage.removeUpload(key);
    }
  }

  async #sealedVersion(fileId: string, number: number | undefined) {
    const room = await this.#holderOf(fileId);
    const way = room === null ? null : await this.#host.sealed(room);
    return way === null ? null : { way, version: await way.version(fileId, number ?? null) };
  }

  /** An object of a sealed room, all of it, decrypted and verified. */
  async #opened(
    way: SealedWay,
    object: SealedBlob,
    mediaType: string,
    options: DownloadOptions,
  ): Promise<Blob> {
    const coming = await download(this.#asking(objectPath(object)), options);
    return opened(way, object, coming.stream, mediaType);
  }

  #asking(path: string): Ask {
    return (from, etag, signal) => this.#open(path, signal, rangeOf(from, etag));
  }

  #open(path: string, signal?: AbortSignal, headers: Record<string, string> = {}): Promise<Response> {
    const { server, session } = this.#host;
    return session.use((bearer) => server.open(path, { bearer, headers, ...(signal ? { signal } : {}) }));
  }
}

function given(blob: Blob): Pick<Download, "stream" | "blob"> {
  return {
    get stream() {
      return blob.stream();
    },
    blob: () => Promise.resolve(blob),
  };
}

function contentPath(fileId: string, number: number | undefined): string {
  return `/api/files/${encodeURIComponent(fileId)}/content${numbered(number)}`;
}

function objectPath({ object_id }: SealedBlob): string {
  return `/api/files/objects/${encodeURIComponent(object_id)}/content`;
}

function numbered(number: number | undefined): string {
  return number === undefined ? "" : `?number=${number}`;
}

function rangeOf(from: number, etag: string | null): Record<string, string> {
  if (from === 0) return {};
  return { range: `bytes=${from}-`, ...(etag === null ? {} : { "if-range": etag }) };
}
