import { type Client, type FileInfo, isYmeraError } from "@ymera/client";

import { act } from "#/app/errors";

/**
 * Has the browser save a file, or one of its versions: by a link, so that it is its own download. One of an
 * encrypted room is decrypted here first.
 */
export function saveFile(client: Client, file: Pick<FileInfo, "id" | "name">, number?: number): void {
  const begin = async () => {
    const url = await addressOf(client, file.id, { ...(number && { number }) });
    const link = document.createElement("a");
    link.href = url;
    link.download = file.name;
    link.click();
    // The browser has taken it by the next turn. Addresses of the server are left as they are.
    setTimeout(() => URL.revokeObjectURL(url));
  };
  act(begin(), `${file.name} could not be downloaded`);
}

async function addressOf(client: Client, id: string, options: { number?: number }): Promise<string> {
  try {
    return (await client.files.link(id, options)).url;
  } catch (error) {
    if (!isYmeraError(error, "e2ee_room")) throw error;
    const coming = await client.files.download(id, options);
    return URL.createObjectURL(await coming.blob());
  }
}
