import type { FileInfo } from "@ymera/client";

import { useClient, useMe, useRoom } from "#/app/client";
import { act } from "#/app/errors";
import { hand } from "#/ui/save";

import { useDownloads } from "./downloads";

type Saved = Pick<FileInfo, "id" | "name" | "bytes">;

/**
 * Gives the way to save a room's file, or one of its versions, in a person's click: by a link, so that it is the
 * browser's own download. One of an encrypted room is decrypted here, and stands in the tray meanwhile.
 */
export function useSave(): (room: string, file: Saved, number?: number) => void {
  const client = useClient();
  const downloads = useDownloads();
  const { memberships } = useRoom(useMe().id).state;
  return (room, { id, name, bytes }, number) => {
    const which = number === undefined ? {} : { number };
    const begin = async () => {
      if (memberships[room]?.kind === "sealed") await downloads.save({ fileId: id, name, bytes, ...which });
      else hand((await client.files.link(id, which)).url, name);
    };
    act(begin(), `${name} could not be downloaded`);
  };
}
