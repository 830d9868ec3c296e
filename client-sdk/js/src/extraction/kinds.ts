/** What a file is: by its first bytes, in a package by what is in it, and among texts also by its name. */

export const OCTETS = "application/octet-stream";
export const PDF = "application/pdf";
export const ZIP = "application/zip";
export const HTML = "text/html";
export const WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
export const SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
export const SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation";

/** By how files begin, with a character for each byte. */
const SIGNATURES: readonly (readonly [string, RegExp])[] = [
  ["image/png", /^(?:\x89PNG\r\n\x1a\n)/s],
  ["image/jpeg", /^(?:\xff\xd8\xff)/s],
  ["image/gif", /^(?:GIF8[79]a)/s],
  ["image/tiff", /^(?:II\*\0|MM\0\*)/s],
  ["image/webp", /^(?:RIFF....WEBP)/s],
  ["image/bmp", /^(?:BM....\0\0\0\0)/s],
  ["image/avif", /^(?:....ftypavi[fs])/s],
  ["image/heic", /^(?:....ftyphei[cx])/s],
  [PDF, /^(?:%PDF-)/s],
  ["application/rtf", /^(?:\{\\rtf)/s],
  [ZIP, /^(?:PK(\x03\x04|\x05\x06))/s],
  ["application/gzip", /^(?:\x1f\x8b\x08)/s],
  ["application/x-bzip2", /^(?:BZh[1-9](1AY&SY|\x17rE8P\x90))/s],
  ["application/x-xz", /^(?:\xfd7zXZ\0)/s],
  ["application/zstd", /^(?:\x28\xb5\x2f\xfd)/s],
  ["application/x-7z-compressed", /^(?:7z\xbc\xaf\x27\x1c)/s],
  ["application/vnd.rar", /^(?:Rar!\x1a\x07)/s],
  ["application/x-tar", /^(?:.{257}ustar)/s],
  ["audio/wav", /^(?:RIFF....WAVE)/s],
  ["audio/flac", /^(?:fLaC\0)/s],
  ["audio/mpeg", /^(?:ID3[\x02-\x04]|\xff[\xfb\xfa\xf3\xf2][^\xff])/s],
  ["audio/ogg", /^(?:OggS\0)/s],
  ["audio/mp4", /^(?:....ftypM4[AB] )/s],
  ["video/quicktime", /^(?:....ftypqt  )/s],
  ["video/mp4", /^(?:....ftyp)/s],
  ["video/webm", /^(?:\x1a\x45\xdf\xa3.{0,60}webm)/s],
  ["video/x-matroska", /^(?:\x1a\x45\xdf\xa3)/s],
];
/** What is a ZIP archive too, by an entry that it has. */
export const PACKAGES: readonly (readonly [string, string])[] = [
  ["word/document.xml", WORD],
  ["xl/workbook.xml", SHEETS],
  ["ppt/presentation.xml", SLIDES],
];
/** What is a ZIP archive too, and says so in an entry `mimetype`. */
export const DECLARED: ReadonlySet<string> = new Set([
  "application/vnd.oasis.opendocument.text",
  "application/vnd.oasis.opendocument.presentation",
  "application/vnd.oasis.opendocument.spreadsheet",
]);
/** Texts that only their names tell apart, by what these end in. */
const NAMED: Readonly<Record<string, string>> = {
  bash: "text/x-shellscript",
  c: "text/x-c",
  cc: "text/x-c++",
  cjs: "text/javascript",
  cpp: "text/x-c++",
  cs: "text/x-csharp",
  css: "text/css",
  csv: "text/csv",
  dart: "text/x-dart",
  go: "text/x-go",
  h: "text/x-c",
  hpp: "text/x-c++",
  java: "text/x-java",
  js: "text/javascript",
  jsx: "text/javascript",
  kt: "text/x-kotlin",
  lua: "text/x-lua",
  markdown: "text/markdown",
  md: "text/markdown",
  mjs: "text/javascript",
  php: "text/x-php",
  pl: "text/x-perl",
  py: "text/x-python",
  pyi: "text/x-python",
  r: "text/x-r",
  rb: "text/x-ruby",
  rs: "text/x-rust",
  rst: "text/x-rst",
  scala: "text/x-scala",
  sh: "text/x-shellscript",
  sql: "application/sql",
  swift: "text/x-swift",
  tex: "text/x-tex",
  toml: "application/toml",
  ts: "text/x-typescript",
  tsv: "text/tab-separated-values",
  tsx: "text/x-typescript",
  vue: "text/x-vue",
  yaml: "application/yaml",
  yml: "application/yaml",
};
/** Bytes by which a signature is told. */
const HEAD = 300;
/** Bytes of a file that is read; of a text the beginning is read however large it is. */
export const MAX_FILE = 32 * 1024 * 1024;
/** Bytes of a text that are read. */
export const MAX_TEXT = 1024 * 1024;
/** What can only be read as a whole. */
const WHOLE: ReadonlySet<string | null> = new Set([ZIP]);

/** What begins like this, if that tells; ZIP for all that is one. */
export function binary(head: Uint8Array): string | null {
  const beginning = String.fromCharCode(...head.subarray(0, HEAD));
  return SIGNATURES.find(([, signature]) => signature.test(beginning))?.[0] ?? null;
}

/** Which kind of text this is the beginning of. */
export function textual(said: string, name: string): string {
  const ending = /.\.([^./]+)$/.exec(name.toLowerCase())?.[1] ?? "";
  const start = said.slice(0, 1_000).trimStart();
  if (Object.hasOwn(NAMED, ending)) return NAMED[ending] ?? OCTETS;
  if (/^(<\?xml[^>]*>\s*)?<svg[\s>]/i.test(start)) return "image/svg+xml";
  if (/^<(!doctype html|html|head|body)[\s>]/i.test(start)) return HTML;
  if (start.startsWith("<?xml")) return "application/xml";
  return /^(\{\s*["}]|\[\s*[[{"\]])/.test(start) ? "application/json" : "text/plain";
}

/** How many bytes of a file of that size, which begins like this, are to be read. */
export function wanted(head: Uint8Array, size: number): number {
  return WHOLE.has(binary(head)) && size <= MAX_FILE ? size : Math.min(size, MAX_TEXT);
}
