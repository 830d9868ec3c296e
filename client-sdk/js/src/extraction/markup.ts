/**
 * What is written between the tags of XML and HTML, read from the beginning to the end, once.
 *
 * No document is built, nothing is fetched, and no entity is expanded but those that stand for one character.
 */

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\xa0",
};
/** Elements of HTML that nobody reads. */
const HIDDEN: ReadonlySet<string> = new Set(["script", "style", "template", "noscript"]);
/** Elements of HTML after and before which another line begins. */
const BLOCKS: ReadonlySet<string> = new Set(
  (
    "address article aside blockquote br caption dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 head " +
    "header hr li main nav ol option p pre section table tbody td tfoot th thead title tr ul"
  ).split(" "),
);
/** What is not a tag, by how it begins and ends. */
const SPECIAL = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
  ["<?", "?>"],
] as const;

/** A text, or a tag as it stands between < and >. */
export interface Piece {
  readonly text: string;
  readonly isTag: boolean;
}

/** Texts and tags in their order. What is not closed ends it. */
export function* pieces(said: string): Generator<Piece> {
  for (let at = 0; at < said.length;) {
    const start = said.indexOf("<", at);
    if (start !== at) yield { text: plain(said.slice(at, start < 0 ? undefined : start)), isTag: false };
    if (start < 0) return;
    const [opening, closing] = SPECIAL.find(([begin]) => said.startsWith(begin, start)) ?? ["<", ">"];
    const end = said.indexOf(closing, start + opening.length);
    if (end < 0) return;
    const text = said.slice(start + opening.length, end);
    if (opening === "<![CDATA[") yield { text, isTag: false };
    else if (opening === "<") yield { text, isTag: true };
    at = end + closing.length;
  }
}

/** What a tag is called, with its prefix. */
export function nameOf({ text }: Piece): string {
  return /^\/?([A-Za-z][^\s/>]*)/.exec(text)?.[1] ?? "";
}

/** Whether an element begins with a tag. */
export function begins({ text }: Piece): boolean {
  return !text.startsWith("/");
}

/** Whether one ends with it; it may be the same one. */
export function ends({ text }: Piece): boolean {
  return text.startsWith("/") || text.endsWith("/");
}

/** The value of an attribute; empty if there is none. */
export function attribute({ text }: Piece, name: string): string {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(text);
  return plain(found?.[1] ?? found?.[2] ?? "");
}

/** What a page of HTML says, without markup. */
export function wordsOf(said: string): string {
  const parts: string[] = [];
  let hidden = "";
  for (const piece of pieces(said)) {
    if (!piece.isTag) {
      if (hidden === "") parts.push(piece.text.replaceAll("\n", " "));
      continue;
    }
    const name = nameOf(piece).toLowerCase();
    if (hidden !== "") {
      if (name === hidden && ends(piece)) hidden = "";
    } else if (HIDDEN.has(name) && begins(piece)) hidden = name;
    else if (BLOCKS.has(name)) parts.push("\n");
  }
  return parts
    .join("")
    .replace(/[ \t\xa0]+/g, " ")
    .replace(/ ?\n[ \n]*/g, "\n")
    .trim();
}

/** A text with the characters that its entities stand for. */
function plain(said: string): string {
  if (!said.includes("&")) return said;
  return said.replace(/&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-z]{2,4});/g, (whole, name: string) => {
    if (!name.startsWith("#")) return ENTITIES[name] ?? whole;
    const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
