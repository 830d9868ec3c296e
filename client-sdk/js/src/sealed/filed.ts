/** What a client is asked about the files of sealed rooms, answered by what this device has read. */

import type { FileDetails, FileHits, FileInfo, FileText, Folders, RoomRole } from "../generated/protocol.js";
import { faultError } from "./faults.js";
import { find, saidIn } from "./hits.js";
import { paged } from "./paging.js";
import { allFiles, fileOf, lengthOf, type Said, type SealedFile, type SealedVersion } from "./rules/files.js";
import { compare, omit, type Contents, type Plain } from "./rules/about.js";

/** A room, as far as it is asked about its files. */
export interface Filing {
  readonly contents: Contents;
  /** The own role, as open rooms call it. */
  readonly openRole: RoomRole;
}

type Answer = (room: Filing, payload: Plain) => unknown;

/** What a file's picture is called. */
export const THUMBNAIL = "thumbnail";
const MAX_FOLDERS = 1_000;
const HITS = 20;

/** A file as an open room's is, without its objects. */
export function infoOf(file: SealedFile): FileInfo {
  return omit(file, "versions");
}

function shown(version: SealedVersion) {
  return omit(version, "object", "thumbnail", "reading");
}

function details(room: Filing, payload: Plain): FileDetails {
  const file = found(room, payload);
  const number = payload["number"] ?? file.number;
  const version = file.versions.find((each) => each.number === number);
  if (version === undefined) throw missing("version");
  const { media_type, kind, thumbnail, reading } = version;
  const texts = saidIn(version);
  const previews =
    thumbnail === null ? [] : [{ name: THUMBNAIL, width: thumbnail.width, height: thumbnail.height }];
  const said = {
    pages: texts.length || null,
    characters: texts.reduce((sum, text) => sum + lengthOf(text), 0),
    metadata: reading === null || texts.length === 0 ? {} : counts(reading),
    error: reading?.error ?? "",
  };
  return {
    file: infoOf(file),
    version: shown(version),
    access: room.openRole,
    description: { media_type, kind, language: null, quality: null, findings: [], previews, ...said },
    grants: [],
  };
}

/** How much a version says; `page_count` is that of all pages, of which not all may have been told. */
function counts({ words, pages, whole }: Said): Plain {
  return { word_count: words, page_count: pages, ...(whole ? {} : { truncated: true }) };
}

function text(room: Filing, payload: Plain): FileText {
  const file = found(room, payload);
  const number = payload["number"] ?? file.number;
  const version = file.versions.find((each) => each.number === number);
  if (version === undefined) throw missing("version");
  const texts = saidIn(version);
  const page = Number(payload["page"] ?? 1);
  const said = texts[page - 1];
  if (said === undefined) throw missing("page");
  return { page, pages: texts.length, text: said };
}

function versions(room: Filing, payload: Plain): unknown {
  return paged([...found(room, payload).versions].reverse().map(shown), payload);
}

function list({ contents }: Filing, payload: Plain): unknown {
  const { folder, task_id, run_id, kind, query, trash = false, sort, descending } = payload;
  const files = allFiles(contents).filter(
    (file) =>
      (file.purge_at !== null) === trash &&
      (folder == null || file.folder === folder) &&
      (task_id == null || file.task_id === task_id) &&
      (run_id == null || file.versions.some((version) => version.run_id === run_id)) &&
      (kind == null || file.kind === kind) &&
      (typeof query !== "string" || folded(file.name).includes(folded(query))),
  );
  const field = (sort ?? "name") as keyof FileInfo;
  const sorted = files.map(infoOf).sort((one, other) => ordered(one, other, field));
  return paged(descending === true ? sorted.reverse() : sorted, payload);
}

function ordered(one: FileInfo, other: FileInfo, field: keyof FileInfo): number {
  const [first, second] = [one[field], other[field]];
  const numbers = typeof first === "number" && typeof second === "number";
  const by = numbers ? first - second : compare(folded(String(first)), folded(String(second)));
  return by || compare(one.id, other.id);
}

function folders({ contents }: Filing, { folder }: Plain): Folders {
  const above = typeof folder === "string" && folder !== "" ? `${folder}/` : "";
  const found = new Map<string, { path: string; files: number; bytes: number; updated_at: string }>();
  for (const file of allFiles(contents)) {
    const inside = file.folder.length > above.length && file.folder.startsWith(above);
    if (file.purge_at !== null || !inside) continue;
    const path = above + (file.folder.slice(above.length).split("/", 1)[0] ?? "");
    const entry = found.get(path) ?? { path, files: 0, bytes: 0, updated_at: "" };
    const updated_at = file.updated_at > entry.updated_at ? file.updated_at : entry.updated_at;
    found.set(path, { path, files: entry.files + 1, bytes: entry.bytes + file.bytes, updated_at });
  }
  const sorted = [...found.values()].sort((one, other) => compare(folded(one.path), folded(other.path)));
  return { folders: sorted.slice(0, MAX_FOLDERS) };
}

function search({ contents }: Filing, { query, kind, limit }: Plain): FileHits {
  const files = allFiles(contents).filter((file) => kind == null || file.kind === kind);
  const hits = find(files, String(query)).slice(0, Number(limit ?? HITS));
  return { hits: hits.map(({ file, page, snippet }) => ({ file: infoOf(file), page, snippet })) };
}

function found({ contents }: Filing, { file_id }: Plain): SealedFile {
  const file = fileOf(contents, String(file_id));
  if (file === undefined) throw missing("file");
  return file;
}

function missing(noun: string): Error {
  return faultError("not_found", `There is no such ${noun} in the room.`, { noun });
}

function folded(text: string): string {
  return text.toLowerCase();
}

export const ANSWERS: Readonly<Record<string, Answer>> = {
  "file.list": list,
  "file.folders": folders,
  "file.get": details,
  "file.versions": versions,
  "file.search": search,
  "file.text": text,
};
