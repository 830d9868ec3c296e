/** Text as the server takes it: well-formed Unicode without NUL, counted in characters. */

const UNFIT = /\p{Surrogate}|\0/gu;

/** The text with a replacement character for everything that cannot be kept. */
export function fit(text: string): string {
  return text.replace(UNFIT, "\ufffd");
}

/** The first `most` characters of a text, and how many they are. */
export function split(text: string, most: number): { head: string; length: number } {
  let end = 0;
  let length = 0;
  for (const character of text) {
    if (length === most) break;
    end += character.length;
    length += 1;
  }
  return { head: text.slice(0, end), length };
}

/** A text of at most `most` characters, with a sign at its end if some are left out. */
export function shorten(text: string, most: number): string {
  if (split(text, most).head === text) return text;
  return `${split(text, most - 1).head}…`;
}
