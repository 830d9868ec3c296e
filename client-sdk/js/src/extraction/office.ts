/** Documents of offices, OOXML and OpenDocument: what they say, by pages, sheets or slides. */

import { DECLARED, SHEETS, SLIDES, WORD } from "./kinds.js";
import { attribute, begins, ends, nameOf, type Piece } from "./markup.js";
import type { Package } from "./package.js";

/** Characters of a sheet, and of what is said in one cell. */
const MAX_SHEET = 16 * 1024 * 1024;
const MAX_CELL = 50_000;
const MAX_COLUMNS = 200;

/** What a document says. Throws `Unreadable` where it is broken. */
export function* pagesOf(given: Package, mediaType: string): Generator<string> {
  if (mediaType === WORD) yield* split(runs(given.pieces("word/document.xml")));
  else if (mediaType === SLIDES)
    for (const name of given.numbered("ppt/slides/")) yield [...runs(given.pieces(name))].join("");
  else if (mediaType === SHEETS) yield* sheets(given);
  else if (DECLARED.has(mediaType)) yield* openDocument(given.pieces("content.xml"));
}

/** The texts of OOXML, with the ends of paragraphs, and form feeds where a page ended when it was shown last. */
function* runs(said: Iterable<Piece>): Generator<string> {
  let within = false;
  for (const piece of said) {
    if (!piece.isTag) {
      if (within) yield piece.text;
      continue;
    }
    const name = nameOf(piece).replace(/^[^:]*:?/, "");
    if (name === "t") within = !ends(piece);
    else if (name === "tab" && begins(piece)) yield "\t";
    else if ((name === "p" && ends(piece)) || name === "br" || name === "cr") yield "\n";
    else if (name === "lastRenderedPageBreak") yield "\f";
  }
}

/** Pages, between which there are form feeds. */
function* split(parts: Iterable<string>): Generator<string> {
  let page: string[] = [];
  for (const part of parts) {
    if (part === "\f") {
      yield page.join("");
      page = [];
    } else page.push(part);
  }
  yield page.join("");
}

/** Each sheet's name in the first line, then its rows with tabs between their cells. */
function* sheets(given: Package): Generator<string> {
  const names: string[] = [];
  for (const piece of given.pieces("xl/workbook.xml"))
    if (piece.isTag && begins(piece) && nameOf(piece).endsWith("sheet")) names.push(attribute(piece, "name"));
  const shared = [...sharedOf(given.pieces("xl/sharedStrings.xml"))];
  for (const [place, part] of given.numbered("xl/worksheets/").entries()) {
    const lines = [names[place] ?? part];
    let length = 0;
    // Few strings may be in many cells, so a sheet comes line by line and is counted as it comes.
    for (const row of rows(given.pieces(part), shared)) {
      lines.push(row);
      length += row.length;
      if (length > MAX_SHEET) break;
    }
    yield lines.join("\n");
  }
}

function* sharedOf(said: Iterable<Piece>): Generator<string> {
  let parts: string[] = [];
  for (const piece of said) {
    if (!piece.isTag) parts.push(piece.text);
    else if (nameOf(piece) === "si") {
      if (begins(piece)) parts = [];
      if (ends(piece)) yield cell(parts);
    }
  }
}

function* rows(said: Iterable<Piece>, shared: readonly string[]): Generator<string> {
  let row: string[] = [];
  let parts: string[] = [];
  let kind = "";
  for (const piece of said) {
    const name = piece.isTag ? nameOf(piece) : "";
    if (!piece.isTag) parts.push(piece.text);
    else if (name === "c" && begins(piece)) {
      kind = attribute(piece, "t");
      parts = [];
      const place = Math.min(columnOf(attribute(piece, "r")), MAX_COLUMNS);
      while (row.length < place) row.push("");
    } else if (name === "c" && ends(piece)) {
      const value = cell(parts);
      row.push(kind === "s" ? (/^[0-9]{1,8}$/.test(value) && shared[Number(value)]) || "" : value);
    } else if (name === "row" && ends(piece)) {
      yield row.slice(0, MAX_COLUMNS).join("\t").replace(/\t+$/, "");
      row = [];
    }
  }
}

function cell(parts: readonly string[]): string {
  return parts.join("").slice(0, MAX_CELL).trim().replace(/\s+/g, " ");
}

/** The place of a cell in its row, from 0, by a name such as `AB12`; 0 where there is none. */
function columnOf(reference: string): number {
  const letters = /^[A-Z]{1,3}/.exec(reference)?.[0] ?? "A";
  return Array.from(letters).reduce((place, letter) => place * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

/** Slides and sheets are pages; a text is one. */
function* openDocument(said: Iterable<Piece>): Generator<string> {
  let first = true;
  for (const page of split(spoken(said))) {
    if (!first || page.trim() !== "") yield page;
    first = false;
  }
}

function* spoken(said: Iterable<Piece>): Generator<string> {
  let [body, cell] = [false, false];
  for (const piece of said) {
    if (!piece.isTag) {
      if (body) yield piece.text;
      continue;
    }
    const name = nameOf(piece);
    if (name === "office:body") body = begins(piece);
    else if (name === "table:table-cell") {
      cell = !ends(piece);
      if (!cell) yield "\t";
    } else if (name === "draw:page" && begins(piece)) yield "\f";
    else if (name === "table:table" && begins(piece)) yield* ["\f", `${attribute(piece, "table:name")}\n`];
    else if (ENDING.has(name) && ends(piece)) yield cell ? " " : "\n";
    else if (name === "text:tab" && begins(piece)) yield "\t";
    else if (name === "text:s" && begins(piece)) yield " ";
  }
}

/** Elements after which another line begins. */
const ENDING: ReadonlySet<string> = new Set(["text:p", "text:h", "table:table-row"]);
