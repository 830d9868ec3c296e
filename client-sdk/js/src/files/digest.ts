/** SHA-256 where the platform has it: not in a page that came over plain HTTP from another machine. */

const subtle = (globalThis.crypto as Partial<Crypto> | undefined)?.subtle;

/** In hexadecimal digits; null where the platform has none. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  if (subtle === undefined) return null;
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** As the header `Upload-Checksum` holds it; null where the platform has none. */
export async function checksumOf(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  if (subtle === undefined) return null;
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return `sha256 ${btoa(String.fromCharCode(...digest))}`;
}
