import { saveBlob } from "#/ui/save";

/** Has the browser save a text that was made here as a file. */
export function saveText(name: string, text: string, type: "text/plain" | "application/json"): void {
  saveBlob(new Blob([text], { type }), name);
}
