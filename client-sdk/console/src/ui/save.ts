/** Having the browser save what the page has, among its downloads. */

/** How long content made here stays to be had: not every browser takes it at once. */
const KEPT_MS = 60_000;

/** Has the browser download what is at an address. */
export function hand(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

/** Has it save content that was made here. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  hand(url, name);
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
