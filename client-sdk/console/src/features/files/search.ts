import type { ContentKind, FileSort } from "@ymera/client";

import { KINDS, SORT_NAMES } from "./names";

/** What a page of files shows, as its address says it. */
export interface FilesSearch {
  folder?: string | undefined;
  kind?: ContentKind | undefined;
  q?: string | undefined;
  sort?: FileSort | undefined;
  down?: true | undefined;
  trash?: true | undefined;
  /** The file that is open beside. */
  file?: string | undefined;
}

/** Reads it from an address, and leaves out what it does not know. */
export function parseFilesSearch(search: Record<string, unknown>): FilesSearch {
  const { folder, kind, q, sort, down, trash, file } = search;
  return {
    ...(isText(folder, 1_000) && { folder }),
    ...(KINDS.includes(kind as ContentKind) && { kind: kind as ContentKind }),
    ...(isText(q, 200) && { q }),
    ...(typeof sort === "string" && sort in SORT_NAMES && { sort: sort as FileSort }),
    ...(down === true && { down }),
    ...(trash === true && { trash }),
    ...(isText(file, 100) && { file }),
  };
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= longest;
}
