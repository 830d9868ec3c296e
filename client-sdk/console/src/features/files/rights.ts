/** What the signed-in member may do with a file, as far as the console can tell; the server decides. */

import type { FileDetails, Member } from "@ymera/client";

export function canEditFile(details: FileDetails | undefined): boolean {
  if (details?.file.purge_at !== null) return false;
  return details.access === "editor" || details.access === "manager";
}

/** Whether one may say who has access to it. */
export function canShareFile(details: FileDetails, me: Pick<Member, "id">): boolean {
  return details.access === "manager" || details.file.created_by === me.id;
}
