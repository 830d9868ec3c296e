/** Codes that people read, type and compare, in pieces that the eye can hold. */

/** The groups of a recovery code, as they are shown. */
export function groupsOf(code: string): string[] {
  return code.split("-");
}

/** Sixty digits in rows of four groups. */
export function rowsOf(safetyNumber: string): string[][] {
  const groups = safetyNumber.split(" ");
  return Array.from({ length: Math.ceil(groups.length / 4) }, (_, row) => groups.slice(4 * row, 4 * row + 4));
}

/** Eight digits in two halves. */
export function halvesOf(digits: string): [string, string] {
  return [digits.slice(0, 4), digits.slice(4)];
}

/** What stands in the file with a recovery code. */
export function codeFile(code: string, name: string, site: string, at: Date): string {
  return [
    `Recovery code of ${name} at ${site}`,
    "",
    code,
    "",
    `Made on ${at.toISOString().slice(0, 10)}. It opens what is encrypted for you, on any device.`,
    "Keep it where only you can find it, and not only on the device that you use every day.",
    "Nobody can make you another one: not the server, and not who runs it.",
    "",
  ].join("\n");
}

/** The link that a page of an invitation was opened by: its secret stands after the #. */
export function inviteLink(origin: string, id: string, secret: string): string {
  return `${origin}/i/${id}#${secret}`;
}

/** The squares of a code as one path, a unit to a square. */
export function pathOf(squares: readonly (readonly boolean[])[]): string {
  return squares.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
}
