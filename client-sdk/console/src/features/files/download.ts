import type { Client, FileInfo } from "@ymera/client";

import { act } from "#/app/errors";

/** Has the browser save a file, or one of its versions: by a link, so that it is its own download. */
export function saveFile(client: Client, file: Pick<FileInfo, "id" | "name">, number?: number): void {
  const begin = async () => {
    const { url } = await client.files.link(file.id, { ...(number && { number }) });
    const link = document.createElement("a");
    link.href = url;
    link.download = file.name;
    link.click();
  };
  act(begin(), `${file.name} could not be downloaded`);
}
