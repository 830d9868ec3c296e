/**
 * Files' bytes where the keys are: what a page reads is encrypted here, and what comes is decrypted.
 *
 * Invariants: under one key and header there is one plaintext, for which an upload's ticket names the hash of what
 * it was for; it is kept, encrypted, before the first byte goes out. Whoever asks for the end of what is opened is
 * told whether all of it was what had been sent; before that nothing of it counts.
 */

import * as cx1 from "../crypto/index.js";
import { localError } from "../errors.js";
import { v4 as uuidv4, v7 as uuidv7 } from "uuid";

import { faultError, raised } from "./faults.js";
import { random, type Courier, type Ground } from "./ground.js";
import { uuidBytes } from "./names.js";
import {
  fileOf,
  objectsOf,
  type Blob,
  type SealedFile,
  type SealedVersion,
  type Thumbnail,
} from "./rules/files.js";
import type { Contents, Plain } from "./rules/index.js";
import { pack, unpack } from "./store.js";

/** Files that are under way at once. */
const MAX_PASSES = 10_000;
const SEALED_CHUNK = cx1.CHUNK + cx1.OVERHEAD;

/** A room, as far as its files' bytes need it. */
export interface Vault {
  readonly id: string;
  readonly ref: Uint8Array;
  readonly contents: Contents;
}

/** An upload that a later run can go on with. */
export interface Ticket {
  readonly objectId: string;
  /** Of the file that is to be made of it. */
  readonly fileId: string;
  readonly key: string;
  readonly header: string;
  /** Of what is uploaded; null of what cannot be read again. */
  readonly digest: string | null;
}

/** What is begun: to hash something, to encrypt it under its ticket, or to open an object. */
export type Work =
  | { readonly do: "hash" }
  | { readonly do: "seal"; readonly ticket: Ticket }
  | { readonly do: "open"; readonly blob: Blob };

/** What came of it. */
export type Outcome =
  { readonly digest: string } | { readonly blob: Blob } | { readonly rest: Uint8Array<ArrayBuffer> };

interface Pass {
  take(bytes: Uint8Array, last: boolean): Uint8Array<ArrayBuffer>;
  end(): Outcome;
}

export class FileDesk {
  readonly #ground: Ground;
  readonly #passes = new Map<number, Pass>();
  #next = 0;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** The ticket of an upload of this content to a room: an earlier one's, or a new one. */
  async ticket(room: string, identity: string | null, digest: string | null): Promise<Ticket> {
    const fresh = {
      objectId: uuidv4(),
      fileId: uuidv7(),
      key: cx1.toText(random(cx1.KEY)),
      header: cx1.toText(random(cx1.STREAM_HEADER)),
      digest,
    };
    if (identity === null || digest === null) return fresh;
    const name = nameOf(room, identity);
    const kept = await this.#ground.store.get(name);
    const left = kept === undefined ? null : unpack<Ticket>(kept);
    if (left?.digest === digest) return left;
    await this.#ground.store.write(new Map([[name, pack(fresh)]]));
    return fresh;
  }

  /** An upload is over. */
  async forget(room: string, identity: string): Promise<void> {
    await this.#ground.store.write(new Map([[nameOf(room, identity), null]]));
  }

  /** Begins a pass over bytes, which `take` and `end` go on with. */
  begin(vault: Vault, work: Work): number {
    if (this.#passes.size >= MAX_PASSES) {
      throw localError("limit_exceeded", `${MAX_PASSES} files are under way; wait until some are through.`);
    }
    const id = this.#next++;
    this.#passes.set(id, passOf(vault, work));
    return id;
  }

  /** What becomes of the next bytes; of those that are sealed all but the last are whole chunks. */
  take(id: number, bytes: Uint8Array, last: boolean): Uint8Array<ArrayBuffer> {
    return caught(() => this.#pass(id).take(bytes, last));
  }

  /** The end of a pass. Throws if what was opened is not what was sent. */
  end(id: number): Outcome {
    const pass = this.#pass(id);
    this.#passes.delete(id);
    return caught(() => pass.end());
  }

  /** Gives a pass up. */
  drop(id: number): void {
    this.#passes.delete(id);
  }

  #pass(id: number): Pass {
    const pass = this.#passes.get(id);
    if (pass === undefined) throw localError("unavailable", "The engine has begun anew; try again.");
    return pass;
  }
}

/** A version of a file, or the thumbnail of one, as it is to be opened. */
export function versionIn({ contents }: Vault, fileId: string, number: number | null): SealedVersion {
  const file = fileOf(contents, fileId);
  const version = file?.versions.find((each) => each.number === (number ?? file.number));
  if (version === undefined) throw faultError("not_found", "The room has no such file.", { noun: "file" });
  return version;
}

/** The file that has an object already. */
export function holderOf({ contents }: Vault, objectId: string): string | null {
  for (const file of contents.all("files")) {
    const versions = file["versions"] as readonly SealedVersion[];
    if (versions.some(({ object }) => object.object_id === objectId)) return file["id"] as string;
  }
  return null;
}

/** Discards the objects that a file needs no more, as far as one may. */
export async function sweep({ id, contents }: Vault, courier: Courier, before: Plain): Promise<void> {
  if (!Array.isArray(before["versions"])) return;
  const file = before as unknown as SealedFile;
  const kept = objectsOf(fileOf(contents, file.id));
  for (const object_id of objectsOf(file)) {
    if (kept.has(object_id)) continue;
    // Whoever may not, leaves it to those who may.
    await courier("sealed.discard", { room: id, object_id }).catch(() => undefined);
  }
}

/** A blob without what a thumbnail has besides. */
export function bare({ object_id, key, header, size, ct_hash, pt_hash }: Blob | Thumbnail): Blob {
  return { object_id, key, header, size, ct_hash, pt_hash };
}

function passOf(vault: Vault, work: Work): Pass {
  if (work.do === "hash") return new Hashing();
  if (work.do === "seal") return new Sealing(keyOf(vault, work.ticket.objectId, work.ticket), work.ticket);
  return new Opening(keyOf(vault, work.blob.object_id, work.blob), work.blob);
}

class Hashing implements Pass {
  readonly #digest = new cx1.Digest("cx1/filept");

  take(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    this.#digest.add(bytes);
    return new Uint8Array();
  }

  end(): Outcome {
    return { digest: cx1.toHex(this.#digest.end()) };
  }
}

class Sealing implements Pass {
  readonly #sealer: cx1.Sealer;
  readonly #ticket: Ticket;

  constructor(key: cx1.FileKey, ticket: Ticket) {
    this.#sealer = new cx1.Sealer(key);
    this.#ticket = ticket;
  }

  take(bytes: Uint8Array, last: boolean): Uint8Array<ArrayBuffer> {
    const chunks = cx1.cut(bytes, cx1.CHUNK);
    const sealed = chunks.map((chunk, place) =>
      this.#sealer.push(chunk, last && place === chunks.length - 1),
    );
    return Uint8Array.from(cx1.joined(sealed));
  }

  end(): Outcome {
    const { size, ctHash, ptHash } = this.#sealer.sums();
    const { objectId: object_id, key, header } = this.#ticket;
    const hashes = { ct_hash: cx1.toText(ctHash), pt_hash: cx1.toText(ptHash) };
    return { blob: { object_id, key, header, size, ...hashes } };
  }
}

class Opening implements Pass {
  readonly #opener: cx1.Opener;
  #coming: Uint8Array = new Uint8Array();

  constructor(key: cx1.FileKey, blob: Blob) {
    const hashes = { ctHash: cx1.fromText(blob.ct_hash), ptHash: cx1.fromText(blob.pt_hash) };
    this.#opener = new cx1.Opener(key, { size: blob.size, ...hashes });
  }

  take(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const all = cx1.concat(this.#coming, bytes);
    const whole = all.length - (all.length % SEALED_CHUNK);
    this.#coming = all.slice(whole);
    if (whole === 0) return new Uint8Array();
    const chunks = cx1.cut(all.subarray(0, whole), SEALED_CHUNK);
    return Uint8Array.from(cx1.joined(chunks.map((chunk) => this.#opener.pull(chunk))));
  }

  end(): Outcome {
    const rest = this.#coming.length > 0 ? this.#opener.pull(this.#coming) : new Uint8Array();
    this.#opener.finish();
    return { rest: Uint8Array.from(rest) };
  }
}

function keyOf(
  { ref }: Vault,
  objectId: string,
  { key, header }: { readonly key: string; readonly header: string },
): cx1.FileKey {
  return {
    key: cx1.fromText(key),
    header: cx1.fromText(header),
    roomRef: ref,
    fileId: uuidBytes(objectId),
  };
}

/** What is wrong with bytes, as the error that programs see. */
function caught<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof cx1.Cx1Error) throw raised(error);
    throw error;
  }
}

function nameOf(room: string, identity: string): string {
  return `upload/${cx1.toHex(cx1.digest("ymera/upload", cx1.utf8(`${room} ${identity}`)))}`;
}
