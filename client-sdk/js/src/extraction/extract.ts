/**
 * What is in a file, found out by whoever has its bytes: for encrypted rooms, whose files no server reads.
 *
 * Invariants: whatever a file is, reading it takes bounded time and memory, and ends with an `Extraction`. Its type goes
 * by its content; its name only tells texts apart. The Python SDK finds the same, which the cases in
 * client-sdk/vectors/extraction hold both to.
 */

import { bare, found, type Extraction } from "./extraction.js";
import { binary, HTML, MAX_FILE, MAX_TEXT, OCTETS, textual, ZIP } from "./kinds.js";
import { wordsOf } from "./markup.js";
import { pagesOf } from "./office.js";
import { Package } from "./package.js";

/** What a file of `size` bytes is and says, of which `content` has as many as are `wanted`. */
export function extract(content: Uint8Array, name: string, size: number): Extraction {
  const mediaType = binary(content);
  if (mediaType === null) return text(content.subarray(0, MAX_TEXT), name, size <= MAX_TEXT);
  if (mediaType !== ZIP) return bare(mediaType);
  if (content.length < size) return bare(mediaType, `It has more than ${MAX_FILE} bytes.`);
  const given = new Package(content);
  return found(given.mediaType, pagesOf(given, given.mediaType));
}

function text(content: Uint8Array, name: string, whole: boolean): Extraction {
  const said = decoded(content);
  if (said === null) return bare(OCTETS);
  const mediaType = textual(said, name);
  return found(mediaType, [mediaType === HTML ? wordsOf(said) : said], whole);
}

/** A text, whose last character may be cut off; null if it is none. */
function decoded(content: Uint8Array): string | null {
  const [first, second] = content;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(content, { stream: true });
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(content, { stream: true });
  const marked = first === 0xef && second === 0xbb && content[2] === 0xbf;
  if (marked) return new TextDecoder().decode(content, { stream: true });
  if (content.some(isControl)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content, { stream: true });
  } catch {
    return new TextDecoder("windows-1252").decode(content);
  }
}

/** Whether no text has this byte. */
function isControl(byte: number): boolean {
  return byte < 0x20 && byte !== 0x1b && (byte < 0x09 || byte > 0x0d);
}
