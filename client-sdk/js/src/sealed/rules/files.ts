/**
 * Files: adding, changing, moving and deleting them. Their bytes are objects; here is what there is to say.
 *
 * A file has its versions with it, each with its object, newest last. As in open rooms no two files in a folder
 * have the same name, but beyond ASCII upper and lower case count as different, since languages do not agree on
 * them. In place of SHA-256 stands `pt_hash`, by which members tell contents apart.
 */

import { fromText, toHex } from "../../crypto/wire.js";
import {
  MAX_FILES,
  MAX_VERSIONS,
  type ContentKind,
  type FileInfo,
  type FileVersion,
  type Fold,
  type NameConflict,
} from "../../generated/protocol.js";
import { MAX_SAID } from "../../generated/shapes.js";
import { omit, raised, timestamp, type About, type Contents, type Fact } from "./about.js";
import { may, talk } from "./access.js";
import { checkPresent } from "./changes.js";
import { invalid, limitExceeded, notFound, refusal, stale, taken } from "./refusals.js";
import { rule } from "./rule.js";

/** An object of the room: where its bytes are, what opens them, and what they must be. Bytes are base64url. */
export interface Blob {
  readonly object_id: string;
  readonly key: string;
  readonly header: string;
  readonly size: number;
  readonly ct_hash: string;
  readonly pt_hash: string;
}

/** A small picture of a file, which its author has made. */
export interface Thumbnail extends Blob {
  readonly width: number;
  readonly height: number;
}

/** What is in a version of a file. */
export interface FileBytes {
  readonly object: Blob;
  readonly media_type: string;
  readonly thumbnail: Thumbnail | null;
  readonly run_id: string | null;
}

/** What the author of a version has read in it. */
export interface Said {
  /** Its text by pages, sheets or slides, from the first one on. */
  readonly texts: readonly string[];
  /** How many there are in all; 0 where there is no text. */
  readonly pages: number;
  /** Of what was read. */
  readonly words: number;
  /** Whether `texts` is all of it. */
  readonly whole: boolean;
  /** Why it could not be read. */
  readonly error: string;
}

/** A version of a file, with where its bytes are, and what they say once its author has told. */
export type SealedVersion = FileVersion &
  Pick<FileBytes, "object" | "thumbnail"> & { readonly reading: Said | null };

/** A file, with its versions. */
export type SealedFile = FileInfo & { readonly versions: readonly SealedVersion[] };

/** How long a deleted file is said to stay, which is for the members to do. */
const TRASH_MS = 30 * 24 * 3_600_000;
const MAX_NAME = 255;

/** What a file is by the type that its author says; the first that fits counts. */
const KINDS: readonly (readonly [ContentKind, RegExp])[] = [
  [
    "document",
    /^(application\/(pdf|msword|rtf|epub\+zip|vnd\.oasis\.opendocument\.(text|presentation)|vnd\.openxmlformats-officedocument\.(wordprocessingml|presentationml)\..*)|message\/rfc822)$/u,
  ],
  [
    "table",
    /^(text\/(csv|tab-separated-values)|application\/(vnd\.ms-excel|vnd\.oasis\.opendocument\.spreadsheet|vnd\.openxmlformats-officedocument\.spreadsheetml\..*))$/u,
  ],
  ["code", /^(application\/(json|javascript|xml|x-sh|toml|yaml)|text\/(javascript|css|x-[a-z0-9.+-]+))$/u],
  ["archive", /^application\/(zip|gzip|x-tar|x-7z-compressed|x-bzip2|x-xz|zstd|vnd\.rar)$/u],
  ["image", /^image\/.*$/u],
  ["audio", /^audio\/.*$/u],
  ["video", /^video\/.*$/u],
  ["text", /^text\/.*$/u],
];

interface FileAdd extends FileBytes {
  readonly room: string;
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  readonly task_id: string | null;
  readonly conflict: NameConflict;
}

/** What a file has of its newest version. */
type Newest =
  "number" | "bytes" | "sha256" | "media_type" | "kind" | "analysis" | "quality" | "held" | "run_id";

/** What a file has besides. */
type Bare = Omit<SealedFile, Newest | "updated_by" | "updated_at">;

/** Adds a file. Where its name is taken it gets a number, unless that is to be refused. */
function add(contents: Contents, about: About, data: FileAdd): readonly Fact[] {
  talk(contents, about, data.room);
  checkPresent(contents, { task_id: data.task_id });
  if (fileOf(contents, data.id) !== undefined) throw taken();
  if (contents.count("files") >= MAX_FILES) throw limitExceeded("files in a room", MAX_FILES);
  if (data.conflict === "refuse") refuseTaken(contents, data.folder, data.name);
  const file: Bare = {
    id: data.id,
    version: 0,
    room: about.room,
    task_id: data.task_id,
    folder: data.folder,
    name: freeName(contents, data.folder, data.name),
    restricted: false,
    created_by: about.sender,
    created_at: about.at,
    purge_at: null,
    versions: [],
  };
  const made = having(about, file, versionOf(about, file, 1, data));
  return [{ type: "file.created", data: { file: stamped(about, made) } }];
}

interface FileRevise extends FileBytes {
  readonly file_id: string;
}

/** Gives a file another content; beyond the most there can be the oldest version goes. */
function revise(contents: Contents, about: About, data: FileRevise): readonly Fact[] {
  const file = open(contents, about, data.file_id);
  if (digestOf(data.object) === file.sha256) return [];
  return told(about, having(about, file, versionOf(about, file, file.number + 1, data)), "uploaded");
}

/** Makes an old version the newest again, as a version of its own. */
function restore(
  contents: Contents,
  about: About,
  data: { readonly file_id: string; readonly number: number },
): readonly Fact[] {
  const file = open(contents, about, data.file_id);
  const old = file.versions.find((each) => each.number === data.number);
  if (old === undefined) throw notFound("version");
  if (old.sha256 === file.sha256) return [];
  const version = versionOf(about, file, file.number + 1, { ...old, run_id: null }, old.number);
  return told(about, having(about, file, { ...version, reading: old.reading }), "restored");
}

interface FileDescribe extends Said {
  readonly file_id: string;
  readonly number: number;
}

/** Says what a version says, which whoever has brought it has read. The first word about it counts. */
function describe(contents: Contents, about: About, data: FileDescribe): readonly Fact[] {
  const file = open(contents, about, data.file_id);
  const version = file.versions.find((each) => each.number === data.number);
  if (version === undefined) throw notFound("version");
  if (version.created_by !== about.sender) {
    throw refusal("forbidden", "Only whoever has brought a version tells what is in it.");
  }
  if (data.texts.reduce((sum, text) => sum + lengthOf(text), 0) > MAX_SAID) {
    throw invalid("texts", `must have at most ${MAX_SAID} characters in all.`);
  }
  if (version.reading !== null) return [];
  const reading = omit(data, "file_id", "number");
  const versions = file.versions.map((each) => (each === version ? { ...each, reading } : each));
  const changed = { ...file, versions, version: raised(about, file) };
  return [{ type: "file.updated", data: { file: changed, cause: "analyzed" } }];
}

/** Gives a file another name. */
function rename(
  contents: Contents,
  about: About,
  data: { readonly file_id: string; readonly name: string; readonly version: number | null },
): readonly Fact[] {
  const file = current(open(contents, about, data.file_id), data.version);
  if (data.name === file.name) return [];
  refuseTaken(contents, file.folder, data.name, file.id);
  return told(about, { ...file, name: data.name }, "renamed");
}

interface FileMove {
  readonly file_id: string;
  readonly folder: string;
  readonly task_id: string | null;
  readonly version: number | null;
}

/** Puts a file into another folder, or at another task. */
function move(contents: Contents, about: About, data: FileMove): readonly Fact[] {
  const file = current(open(contents, about, data.file_id), data.version);
  if (data.folder === file.folder && data.task_id === file.task_id) return [];
  if (data.task_id !== file.task_id) checkPresent(contents, { task_id: data.task_id });
  if (data.folder !== file.folder) refuseTaken(contents, data.folder, file.name, file.id);
  return told(about, { ...file, folder: data.folder, task_id: data.task_id }, "moved");
}

/** Puts a file into the trash, or removes it for good, which is for managers and whoever made it. */
function remove(
  contents: Contents,
  about: About,
  data: { readonly file_id: string; readonly forever: boolean },
): readonly Fact[] {
  const file = found(contents, about, data.file_id);
  if (data.forever) {
    if (file.created_by !== about.sender && !may(about, "admin")) {
      throw refusal("forbidden", "Only managers and whoever made a file remove it for good.");
    }
    return [{ type: "file.removed", data: { file_id: file.id } }];
  }
  if (file.purge_at !== null) return [];
  return told(about, { ...file, purge_at: timestamp(Date.parse(about.at) + TRASH_MS) }, "deleted");
}

/** Takes a file out of the trash; it gets a number if its name was taken meanwhile. */
function undelete(contents: Contents, about: About, data: { readonly file_id: string }): readonly Fact[] {
  const file = found(contents, about, data.file_id);
  if (file.purge_at === null) return [];
  const name = freeName(contents, file.folder, file.name);
  return told(about, { ...file, purge_at: null, name }, "undeleted");
}

export function fileOf(contents: Contents, id: string): SealedFile | undefined {
  return contents.get("files", id) as SealedFile | undefined;
}

export function allFiles(contents: Contents): readonly SealedFile[] {
  return [...contents.all("files")] as unknown as readonly SealedFile[];
}

/** The file that has this name in a folder. */
export function namedFile(contents: Contents, folder: string, name: string): SealedFile | undefined {
  const wanted = same(name);
  return allFiles(contents).find((file) => liesIn(file, folder) && same(file.name) === wanted);
}

/** The ids of the objects that a file needs, thumbnails included. */
export function objectsOf(file: SealedFile | undefined): ReadonlySet<string> {
  const blobs = (file?.versions ?? []).flatMap(({ object, thumbnail }) => [object, thumbnail ?? object]);
  return new Set(blobs.map((blob) => blob.object_id));
}

/** The name, with a number if it is taken in the folder, as in `report (2).pdf`. */
function freeName(contents: Contents, folder: string, name: string): string {
  const files = allFiles(contents).filter((file) => liesIn(file, folder));
  const names = new Set(files.map((file) => same(file.name)));
  const [stem, ending] = stemOf(name);
  let tried = name;
  for (let number = 2; names.has(same(tried)); number += 1) {
    const suffix = ` (${number})${ending}`;
    tried = stem.slice(0, MAX_NAME - suffix.length).join("") + suffix;
  }
  return tried;
}

/** A name without its number, by characters, and its ending. */
function stemOf(name: string): readonly [readonly string[], string] {
  const [, stem = name, ending = ""] = /^(.+?)((?:\.[A-Za-z0-9]{1,10}){0,2})$/su.exec(name) ?? [];
  return [Array.from(stem.replace(/ \([0-9]{1,6}\)$/u, "") || stem), ending];
}

function found(contents: Contents, about: About, id: string): SealedFile {
  const file = fileOf(contents, id);
  if (file === undefined) throw notFound("file");
  talk(contents, about, file.room, "file");
  return file;
}

function open(contents: Contents, about: About, id: string): SealedFile {
  const file = found(contents, about, id);
  if (file.purge_at !== null) throw notFound("file");
  return file;
}

function current(file: SealedFile, version: number | null): SealedFile {
  if (version !== null && version !== file.version) throw stale("file", file);
  return file;
}

function versionOf(
  about: About,
  file: Bare,
  number: number,
  { object, media_type, thumbnail, run_id }: FileBytes,
  restored_from: number | null = null,
): SealedVersion {
  return {
    file_id: file.id,
    number,
    name: file.name,
    bytes: object.size,
    sha256: digestOf(object),
    media_type,
    kind: KINDS.find(([, types]) => types.test(media_type))?.[0] ?? "other",
    analysis: "done",
    quality: null,
    held: "",
    label: "",
    restored_from,
    run_id,
    created_by: about.sender,
    created_at: about.at,
    object,
    thumbnail,
    reading: null,
  };
}

/** A file with one more version, which it is as from now on. */
function having(about: About, file: Bare, version: SealedVersion): SealedFile {
  const { number, bytes, sha256, media_type, kind, analysis, quality, held, run_id } = version;
  return {
    ...file,
    ...{ number, bytes, sha256, media_type, kind, analysis, quality, held, run_id },
    versions: [...file.versions, version].slice(-MAX_VERSIONS),
    updated_by: about.sender,
    updated_at: about.at,
  };
}

function told(about: About, file: SealedFile, cause: string): readonly Fact[] {
  return [{ type: "file.updated", data: { file: stamped(about, file), cause } }];
}

function stamped(about: About, file: SealedFile): SealedFile {
  return { ...file, version: raised(about, file), updated_by: about.sender, updated_at: about.at };
}

function refuseTaken(contents: Contents, folder: string, name: string, own?: string): void {
  const other = namedFile(contents, folder, name);
  if (other === undefined || other.id === own) return;
  throw refusal("conflict", `There is already a file «${name}» in that folder.`, { file_id: other.id });
}

function liesIn(file: SealedFile, folder: string): boolean {
  return file.folder === folder && file.purge_at === null;
}

/** Characters of a text, each once, however many halves it has. */
export function lengthOf(text: string): number {
  return text.replace(/[\u{10000}-\u{10ffff}]/gu, " ").length;
}

/** What is the same of names that count as one: letters of ASCII in either case. */
function same(name: string): string {
  return name.replace(/[A-Z]/gu, (letter) => letter.toLowerCase());
}

function digestOf(blob: Blob): string {
  return toHex(fromText(blob.pt_hash));
}

/** A step of an event's fold into all that a room holds. */
export type ContentFold = Omit<Fold, "collection"> & { readonly collection: string };

/** What events do to the files that a sealed room holds; the state of an open one has none. */
export const FOLDS: Readonly<Record<string, readonly ContentFold[]>> = {
  "file.created": [{ step: "put", collection: "files", field: "file" }],
  "file.updated": [{ step: "put", collection: "files", field: "file" }],
  "file.removed": [{ step: "drop", collection: "files", field: "file_id" }],
};

export const RULES = {
  "file.add": rule<FileAdd>({ apply: add, entity: "id" }),
  "file.revise": rule<FileRevise>({ apply: revise, entity: "file_id" }),
  "file.describe": rule<FileDescribe>({ apply: describe }),
  "file.rename": rule({ apply: rename, entity: "file_id" }),
  "file.move": rule<FileMove>({ apply: move, entity: "file_id" }),
  "file.restore": rule({ apply: restore, entity: "file_id" }),
  "file.delete": rule({ apply: remove, entity: "file_id" }),
  "file.undelete": rule({ apply: undelete, entity: "file_id" }),
};
