/** The look of things that have an id and a name but no picture: stable hues and initials. */

/** A hue in degrees, the same for an id everywhere. */
export function hueOf(id: string): number {
  let hash = 2_166_136_261;
  for (const char of id) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619);
  return (((hash >>> 0) * 137.508) % 360) | 0;
}

/** One or two letters for a name. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const last = words.length > 1 ? first(words.at(-1)) : "";
  return ((first(words[0]) || "?") + last).toUpperCase();
}

function first(word = ""): string {
  const point = word.codePointAt(0);
  return point === undefined ? "" : String.fromCodePoint(point);
}
