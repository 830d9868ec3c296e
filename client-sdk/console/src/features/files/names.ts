/** Files in words: kinds, places, how good, how long. */

import type { ContentKind, FileSort, NameConflict } from "@ymera/client";

export const KIND_NAMES: Record<ContentKind, string> = {
  image: "Images",
  document: "Documents",
  text: "Texts",
  table: "Tables",
  code: "Code",
  archive: "Archives",
  audio: "Audio",
  video: "Video",
  other: "Other",
};

export const KINDS = Object.keys(KIND_NAMES) as ContentKind[];

export const SORT_NAMES: Record<FileSort, string> = {
  name: "Name",
  updated_at: "Changed",
  bytes: "Size",
  quality: "Quality",
};

export const CONFLICT_NAMES: Record<NameConflict, string> = {
  version: "Make it a new version",
  rename: "Keep both, with a number",
  refuse: "Do not upload it",
};

/** A folder and its parents, from the outermost. */
export function pathOf(folder: string): { name: string; path: string }[] {
  if (folder === "") return [];
  const names = folder.split("/");
  return names.map((name, index) => ({ name, path: names.slice(0, index + 1).join("/") }));
}

/** A folder's own name. */
export function folderName(folder: string): string {
  return folder.slice(folder.lastIndexOf("/") + 1);
}

/** A folder in another one. */
export function within(parent: string, folder: string): string {
  return [parent, folder].filter(Boolean).join("/");
}

/** The part of a name before its last ending, which people change when they rename. */
export function stemLength(name: string): number {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? dot : name.length;
}

export function qualityTone(score: number): "good" | "warn" | "danger" {
  return score >= 75 ? "good" : score >= 45 ? "warn" : "danger";
}

/** `3 days`, `1 day`, `today`. */
export function daysLeft(until: string, now: number = Date.now()): string {
  const days = Math.ceil((Date.parse(until) - now) / 86_400_000);
  return days <= 0 ? "today" : days === 1 ? "1 day" : `${days} days`;
}

/** What stands around what a search has found, in its snippets. */
const FOUND = "\u0002";
const END = "\u0003";

/** A snippet in parts: what was found, and what stands around it. */
export function marksOf(snippet: string): { text: string; marked: boolean }[] {
  const [first = "", ...found] = snippet.split(FOUND);
  const parts = found.flatMap((each) => {
    const [text = "", ...rest] = each.split(END);
    return [
      { text, marked: true },
      { text: rest.join(""), marked: false },
    ];
  });
  return [{ text: first, marked: false }, ...parts].filter(({ text }) => text !== "");
}

/** Pictures that browsers show by themselves. */
export const PICTURES = new Set([
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/avif",
  "image/bmp",
  "image/svg+xml",
]);
/** Larger ones are shown by their preview. */
export const MAX_PICTURE = 30 * 1024 * 1024;
