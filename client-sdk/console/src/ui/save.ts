/** Having the browser save what the page has, among its downloads. */

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
  // The browser has taken it by the next turn.
  setTimeout(() => URL.revokeObjectURL(url));
}
