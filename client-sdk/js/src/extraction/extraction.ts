/** What was found in a file, within the bounds of what its author tells everybody. */

import { MAX_SAID, MAX_SAID_PAGES } from "../generated/shapes.js";

/** Characters of a page; longer ones are divided. */
const MAX_PAGE = 20_000;
/** Characters that are looked at, and whose words are counted. */
const MAX_READ = 2_000_000;
const MAX_ERROR = 200;

const UNSAYABLE =
  /[\x00-\x08\x0b-\x1f\x7f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** What a file is, and what it says. */
export interface Extraction {
  readonly media_type: string;
  /** By pages, sheets or slides, from the first one on; at most `MAX_SAID` characters in all. */
  readonly texts: readonly string[];
  /** How many there are in all, as far as the file was read. */
  readonly pages: number;
  readonly words: number;
  /** Whether `texts` is all that the file says. */
  readonly whole: boolean;
  /** Why it could not be read. */
  readonly error: string;
}

/** A file is broken or beyond a bound; the message says which, as a sentence. */
export class Unreadable extends Error {}

/** What is made of a file of which no more is known than this. */
export function bare(media_type: string, problem = ""): Extraction {
  const error = problem.slice(0, MAX_ERROR);
  return { media_type, texts: [], pages: 0, words: 0, whole: error === "", error };
}

/**
 * What is made of a file that says this, of which no more is taken than can be told. What the pages throw ends them:
 * what came before it counts, and `Unreadable` says why that is not all.
 */
export function found(media_type: string, pages: Iterable<string>, complete = true): Extraction {
  const texts: string[] = [];
  let [count, words, read, left, whole, error] = [0, 0, 0, MAX_SAID, complete, ""];
  try {
    for (const page of pages) {
      for (const text of divided(page.slice(0, MAX_READ - read))) {
        count += 1;
        words += wordsIn(text);
        if (left > 0 && texts.length < MAX_SAID_PAGES) texts.push(cut(text, left));
        whole &&= text.length <= left && texts.length === count;
        left -= Math.min(left, text.length);
      }
      read += page.length;
      if (read >= MAX_READ) {
        whole &&= read === MAX_READ;
        break;
      }
    }
  } catch (problem) {
    if (!(problem instanceof Unreadable)) throw problem;
    [whole, error] = [false, problem.message.slice(0, MAX_ERROR)];
  }
  if (texts.every((text) => text.trim() === "")) return { ...bare(media_type), words, whole, error };
  return { media_type, texts, pages: count, words, whole, error };
}

/** A page in parts that are not too long, without characters that only machines write. */
function* divided(page: string): Generator<string> {
  const said = page.replace(/\r\n?/g, "\n").replace(UNSAYABLE, " ");
  let at = 0;
  do {
    const text = cut(said.slice(at, at + MAX_PAGE), MAX_PAGE);
    yield text;
    at += text.length;
  } while (at < said.length);
}

/** The beginning of a text, in which no character is halved. */
function cut(text: string, most: number): string {
  const taken = text.slice(0, most);
  return /[\ud800-\udbff]$/.test(taken) ? taken.slice(0, -1) : taken;
}

function wordsIn(text: string): number {
  const word = /\S+/g;
  let count = 0;
  while (word.exec(text) !== null) count += 1;
  return count;
}
