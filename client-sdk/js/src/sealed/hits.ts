/**
 * Files of sealed rooms found by their names and by what they say.
 *
 * What a file says is its author's word: it is looked through, and shown as text, and nothing else.
 */

import { faultError } from "./faults.js";
import { compare } from "./rules/about.js";
import type { SealedFile, SealedVersion } from "./rules/files.js";

/** What stands around what was found. */
const [FOUND, END] = ["\x02", "\x03"];
/** Characters that are shown before it. */
const BEFORE = 60;
/** Characters that are shown in all. */
const SHOWN = 240;
const MAX_WORDS = 20;

/** The page of a file in which most was found, from 1, and what stands there. */
export interface FoundFile {
  readonly file: SealedFile;
  readonly page: number;
  readonly snippet: string;
}

/**
 * Files that have all these words in their name and one of their pages, the newest first; those in the trash are
 * left out. Throws YmeraError `invalid` if there is no word.
 */
export function find(files: readonly SealedFile[], query: string): readonly FoundFile[] {
  const words = query.trim().split(/\s+/).filter(Boolean).slice(0, MAX_WORDS).map(patternOf);
  if (words.length === 0)
    throw faultError("invalid", "query: say at least one word to look for.", { path: "query" });
  return files
    .filter(({ purge_at }) => purge_at === null)
    .flatMap((file) => hitOf(file, words) ?? [])
    .sort(
      (one, other) =>
        compare(other.file.updated_at, one.file.updated_at) || compare(other.file.id, one.file.id),
    );
}

/** What a version says, by pages; nothing if nobody has told. */
export function saidIn({ reading }: SealedVersion): readonly string[] {
  return reading?.texts ?? [];
}

function hitOf(file: SealedFile, words: readonly RegExp[]): FoundFile | null {
  const newest = file.versions.at(-1);
  const inName = words.map((word) => file.name.search(word) >= 0);
  let best: { readonly count: number; readonly page: number; readonly text: string } | null = null;
  for (const [index, text] of (newest === undefined ? [] : saidIn(newest)).entries()) {
    const inText = words.map((word) => text.search(word) >= 0);
    const count = inText.filter(Boolean).length;
    const all = inText.every((here, place) => here || inName[place]);
    if (all && count > (best?.count ?? 0)) best = { count, page: index + 1, text };
  }
  if (best !== null) return { file, page: best.page, snippet: snippetOf(best.text, words) };
  return inName.every(Boolean) ? { file, page: 1, snippet: snippetOf(file.name, words) } : null;
}

/** The place where the first of the words stands, in one line, with what was found set off. */
function snippetOf(text: string, words: readonly RegExp[]): string {
  const first = Math.min(...words.map((word) => text.search(word)).filter((place) => place >= 0));
  const start = Math.max(0, first - BEFORE);
  const shown = text
    .slice(start, start + SHOWN)
    .replace(/[\0-\x20\x7f-\xa0]+/g, " ")
    .trim();
  const marked = shown.replace(
    new RegExp(words.map(({ source }) => source).join("|"), "giu"),
    (found) => FOUND + found + END,
  );
  return (start > 0 ? "…" : "") + marked + (start + SHOWN < text.length ? "…" : "");
}

/** The word as it stands, whatever the case of its letters. */
function patternOf(word: string): RegExp {
  return new RegExp(word.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`), "iu");
}
